/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/metrics.h"

#include "base/hash.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };

struct metric_row {
    enum metric_kind kind;
    struct dvara_str name, label_a, label_b;
    double scale;
    struct dvara_str help;
};

static const struct metric_row rows[METRIC_COUNT] = {
#define METRIC(id, kind_, name_, label_a_, label_b_, scale_, help_)                                \
    [METRIC_##id] = {.kind = kind_,                                                                \
                     .name = DVARA_STR_INIT(name_),                                                \
                     .label_a = DVARA_STR_INIT(label_a_),                                          \
                     .label_b = DVARA_STR_INIT(label_b_),                                          \
                     .scale = scale_,                                                              \
                     .help = DVARA_STR_INIT(help_)},
#include "gateway/metrics.def"
};

static const uint64_t bounds[] = {
#define BOUND(ns, text) ns,
#include "gateway/metrics_bounds.def"
};
static const char *const bound_texts[] = {
#define BOUND(ns, text) text,
#include "gateway/metrics_bounds.def"
};

enum {
    BOUND_COUNT = sizeof bounds / sizeof *bounds,
    LABEL_BYTES = 96,
    SERIES_PER_METRIC = 200,
    TABLE_SIZE = 8192,
    /* Those with labels have so many and "other", those without have one. */
    SERIES_MAX = 0
#define METRIC(id, kind, name, label_a, label_b, scale, help)                                      \
    +(sizeof(label_a) > 1 ? SERIES_PER_METRIC + 1 : 1)
#include "gateway/metrics.def"
};
_Static_assert(TABLE_SIZE > 2 * SERIES_MAX, "the table stays half empty");

/* One line of /metrics, or one histogram. Written by the owner, read by anyone. */
struct series {
    enum metric metric;
    uint8_t label_a_length, label_b_length;
    char label_a[LABEL_BYTES], label_b[LABEL_BYTES];
    _Atomic uint64_t value;     /* a histogram's sum */
    _Atomic uint64_t buckets[]; /* histograms: BOUND_COUNT + 1, not cumulative */
};

struct metrics {
    struct hash_key key;
    unsigned counts[METRIC_COUNT]; /* series of each */
    /* The owner's last of each: most requests count where the one before them did. */
    struct series *last[METRIC_COUNT];
    _Atomic(struct series *) table[TABLE_SIZE];
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (metrics != NULL)
        metrics->key = hash_key_random();
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < TABLE_SIZE; i++)
        free(atomic_load_explicit(&metrics->table[i], memory_order_relaxed));
    free(metrics);
}

static struct dvara_str label_a_of(const struct series *series)
{
    return dvara_str_from(series->label_a, series->label_a_length);
}

static struct dvara_str label_b_of(const struct series *series)
{
    return dvara_str_from(series->label_b, series->label_b_length);
}

static bool is_series(const struct series *series, enum metric metric, struct dvara_str a,
                      struct dvara_str b)
{
    return series->metric == metric && dvara_str_eq(label_a_of(series), a) &&
           dvara_str_eq(label_b_of(series), b);
}

static struct series *series_new(enum metric metric, struct dvara_str a, struct dvara_str b)
{
    size_t buckets = rows[metric].kind == HISTOGRAM ? BOUND_COUNT + 1 : 0;
    struct series *series = calloc(1, sizeof *series + buckets * sizeof *series->buckets);
    if (series == NULL)
        return NULL;
    series->metric = metric;
    series->label_a_length = (uint8_t)a.n;
    series->label_b_length = (uint8_t)b.n;
    if (a.n != 0)
        memcpy(series->label_a, a.p, a.n);
    if (b.n != 0)
        memcpy(series->label_b, b.p, b.n);
    return series;
}

/* The slot of the series, or the empty one where it belongs. */
static size_t slot_of(const struct metrics *metrics, enum metric metric, struct dvara_str a,
                      struct dvara_str b)
{
    struct hash_state state;
    unsigned char number = (unsigned char)metric;
    hash_init(&state, &metrics->key);
    hash_update(&state, dvara_str_from((const char *)&number, 1));
    hash_update(&state, a);
    hash_update(&state, dvara_str_from("\0", 1));
    hash_update(&state, b);
    size_t slot = (size_t)hash_end(&state) % TABLE_SIZE;
    for (;; slot = (slot + 1) % TABLE_SIZE) {
        const struct series *series =
            atomic_load_explicit(&metrics->table[slot], memory_order_acquire);
        if (series == NULL || is_series(series, metric, a, b))
            return slot;
    }
}

/* From any thread; NULL when this worker never counted it. */
static struct series *peek(const struct metrics *metrics, const struct series *like)
{
    size_t slot = slot_of(metrics, like->metric, label_a_of(like), label_b_of(like));
    return atomic_load_explicit(&metrics->table[slot], memory_order_acquire);
}

static struct series *look_up(struct metrics *metrics, enum metric metric, struct dvara_str a,
                              struct dvara_str b)
{
    size_t slot = slot_of(metrics, metric, a, b);
    struct series *series = atomic_load_explicit(&metrics->table[slot], memory_order_relaxed);
    if (series != NULL)
        return series;
    if (metrics->counts[metric] >= SERIES_PER_METRIC) {
        a = rows[metric].label_a.n ? DVARA_STR("other") : DVARA_STR("");
        b = rows[metric].label_b.n ? DVARA_STR("other") : DVARA_STR("");
        slot = slot_of(metrics, metric, a, b);
        series = atomic_load_explicit(&metrics->table[slot], memory_order_relaxed);
        if (series != NULL)
            return series;
    }
    series = series_new(metric, a, b);
    if (series == NULL)
        return NULL;
    metrics->counts[metric]++;
    atomic_store_explicit(&metrics->table[slot], series, memory_order_release);
    return series;
}

static struct series *find_series(struct metrics *metrics, enum metric metric, struct dvara_str a,
                                  struct dvara_str b)
{
    struct series *last = metrics->last[metric];
    if (last == NULL || !is_series(last, metric, a, b))
        last = metrics->last[metric] = look_up(metrics, metric, a, b);
    return last;
}

static void add_to(_Atomic uint64_t *cell, uint64_t amount)
{
    /* One writer: a plain add, made visible whole. */
    atomic_store_explicit(cell, atomic_load_explicit(cell, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

static struct dvara_str cut(struct dvara_str label)
{
    return dvara_str_slice(label, 0, LABEL_BYTES);
}

void metrics_add(struct metrics *metrics, enum metric metric, struct dvara_str label_a,
                 struct dvara_str label_b, uint64_t amount)
{
    struct series *series =
        metrics ? find_series(metrics, metric, cut(label_a), cut(label_b)) : NULL;
    if (series == NULL)
        return;
    switch (rows[metric].kind) {
    case COUNTER:
        add_to(&series->value, amount);
        break;
    case GAUGE:
        atomic_store_explicit(&series->value, amount, memory_order_relaxed);
        break;
    case HISTOGRAM: {
        size_t bucket = 0;
        while (bucket < BOUND_COUNT && amount > bounds[bucket])
            bucket++;
        add_to(&series->buckets[bucket], 1);
        add_to(&series->value, amount);
        break;
    }
    }
}

/* The sums over all workers of one series. */
struct total {
    uint64_t value;
    uint64_t buckets[BOUND_COUNT + 1];
};

static void sum_up(struct metrics *const *all, size_t count, const struct series *like,
                   struct total *ret_total)
{
    *ret_total = (struct total){0};
    for (size_t i = 0; i < count; i++) {
        struct series *series = peek(all[i], like);
        if (series == NULL)
            continue;
        ret_total->value += atomic_load_explicit(&series->value, memory_order_relaxed);
        for (size_t b = 0; rows[like->metric].kind == HISTOGRAM && b <= BOUND_COUNT; b++)
            ret_total->buckets[b] +=
                atomic_load_explicit(&series->buckets[b], memory_order_relaxed);
    }
}

static void write_label(struct buf *out, struct dvara_str name, struct dvara_str value, char before)
{
    if (name.n == 0)
        return;
    buf_byte(out, before);
    buf_append(out, name);
    BUF_LIT(out, "=\"");
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c == '\\' || c == '"')
            buf_byte(out, '\\');
        buf_byte(out, c < ' ' ? '?' : (char)c);
    }
    buf_byte(out, '"');
}

/* `{a="x",b="y",le="…"}`, or nothing. */
static void write_labels(struct buf *out, const struct series *series, const char *bound_cstr)
{
    const struct metric_row *row = &rows[series->metric];
    bool has_a = row->label_a.n != 0, has_b = row->label_b.n != 0;
    if (!has_a && !has_b && bound_cstr == NULL)
        return;
    write_label(out, row->label_a, label_a_of(series), '{');
    write_label(out, row->label_b, label_b_of(series), has_a ? ',' : '{');
    if (bound_cstr != NULL)
        buf_printf(out, "%cle=\"%s\"", has_a || has_b ? ',' : '{', bound_cstr);
    buf_byte(out, '}');
}

static void write_value(struct buf *out, const struct metric_row *row, uint64_t value)
{
    if (row->scale > 1)
        buf_printf(out, " %.9g\n", (double)value / row->scale);
    else
        buf_printf(out, " %llu\n", (unsigned long long)value);
}

static void write_series(struct buf *out, const struct series *series, const struct total *total)
{
    const struct metric_row *row = &rows[series->metric];
    uint64_t seen = 0;
    for (size_t b = 0; row->kind == HISTOGRAM && b <= BOUND_COUNT; b++) {
        seen += total->buckets[b];
        buf_printf(out, "%.*s_bucket", DVARA_STR_ARG(row->name));
        write_labels(out, series, b < BOUND_COUNT ? bound_texts[b] : "+Inf");
        buf_printf(out, " %llu\n", (unsigned long long)seen);
    }
    buf_append(out, row->name);
    if (row->kind == HISTOGRAM)
        BUF_LIT(out, "_sum");
    write_labels(out, series, NULL);
    write_value(out, row, total->value);
    if (row->kind == HISTOGRAM) {
        buf_printf(out, "%.*s_count", DVARA_STR_ARG(row->name));
        write_labels(out, series, NULL);
        buf_printf(out, " %llu\n", (unsigned long long)seen);
    }
}

/* Some worker before `index` has it: then it was written. */
static bool was_written(struct metrics *const *all, size_t index, const struct series *series)
{
    for (size_t i = 0; i < index; i++)
        if (peek(all[i], series) != NULL)
            return true;
    return false;
}

static void write_metric(struct metrics *const *all, size_t count, enum metric metric,
                         struct buf *out)
{
    static const char *const kinds[] = {
        [COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};
    buf_printf(out, "# HELP %.*s %.*s\n# TYPE %.*s %s\n", DVARA_STR_ARG(rows[metric].name),
               DVARA_STR_ARG(rows[metric].help), DVARA_STR_ARG(rows[metric].name),
               kinds[rows[metric].kind]);
    for (size_t i = 0; i < count; i++)
        for (size_t slot = 0; slot < TABLE_SIZE; slot++) {
            const struct series *series =
                atomic_load_explicit(&all[i]->table[slot], memory_order_acquire);
            if (series == NULL || series->metric != metric || was_written(all, i, series))
                continue;
            struct total total;
            sum_up(all, count, series, &total);
            write_series(out, series, &total);
        }
}

void metrics_write(struct metrics *const *all, size_t count, struct buf *out)
{
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        write_metric(all, count, (enum metric)metric, out);
}
