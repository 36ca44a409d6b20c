/* SPDX-License-Identifier: Apache-2.0 */
/* bench_decide [--samples N] [--kind NAME] [--write FOLDER]: nanoseconds of one decision (request
 * phase, prepared facts) on policies of 1000 and 10 000 rules of one kind each (of equality also of
 * 1, 10 and 100), how long they take to compile and to load, and how often memory was asked for
 * while deciding. One line of JSON a figure; with --write, the policies go to a folder instead. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/time.h"
#include "dvara/engine.h"
#include "lang/compile.h"
#include "lang/emit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MEMORY = 1 << 30,
    SOURCE_MAX = 16 << 20,
    SAMPLES_MAX = 1 << 20,
    TEXT_MAX = 32,
    BATCH = 16,
    PROMPT = 1024
};

/* ---- allocations are counted: this program's malloc stands before the system's ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static uint64_t *allocations(void)
{
    static uint64_t count;
    return &count;
}

void *malloc(size_t size)
{
    ++*allocations();
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    ++*allocations();
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    ++*allocations();
    return __libc_realloc(p, size);
}

/* ---- kinds of rules ---- */

/* Facts that only rule `i` holds for; UINT32_MAX: none does. `text` is the caller's room. */
typedef void request_maker(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts);

/* A format with %u, %05u or several of them: the numbers are put in order. */
static struct dvara_str text_of(char *text, size_t room, const char *format, uint32_t a, uint32_t b)
{
    size_t n = 0;
    uint32_t numbers[2] = {a, b}, k = 0;
    while (*format && n + 12 < room) {
        bool wide = strncmp(format, "%05u", 4) == 0;
        if (!wide && strncmp(format, "%u", 2) != 0) {
            text[n++] = *format++;
            continue;
        }
        n += (size_t)snprintf(text + n, room - n, wide ? "%05u" : "%u", numbers[k++ % 2]);
        format += wide ? 4 : 2;
    }
    return dvara_str_from(text, n);
}

static void set_model(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    facts->request.model =
        i == UINT32_MAX ? DVARA_STR("gpt-4o") : text_of(text, TEXT_MAX, "model-%u", i, 0);
}

static void set_prefixed(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    facts->request.model =
        i == UINT32_MAX ? DVARA_STR("gpt-4o") : text_of(text, TEXT_MAX, "model-%05u-mini", i, 0);
}

static void set_suffixed(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    facts->request.model =
        i == UINT32_MAX ? DVARA_STR("gpt-4o") : text_of(text, TEXT_MAX, "model-%05u", i, 0);
}

static void set_tokens(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    (void)text;
    facts->request.prompt_tokens = i == UINT32_MAX ? 7 : (int64_t)i * 10 + 1005;
}

static void set_ip(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    facts->request.ip = i == UINT32_MAX ? DVARA_STR("192.0.2.7")
                                        : text_of(text, TEXT_MAX, "10.%u.%u.77", i >> 8, i & 255);
}

static void set_tags(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    static struct dvara_str tags[4] = {{"eu", 2}, {"gold", 4}, {"beta", 4}, {"none", 4}};
    if (i != UINT32_MAX)
        tags[3] = text_of(text, TEXT_MAX, "team-%u", i, 0);
    facts->tenant.tags = (struct dvara_strs){tags, i == UINT32_MAX ? 3 : 4};
}

static void set_sum(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    (void)text;
    facts->request.prompt_tokens = 7;
    facts->session.requests = i == UINT32_MAX ? -14 : (int64_t)i - 13;
}

static void set_product(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    (void)text;
    facts->session.requests = 1000003;
    facts->request.prompt_tokens = i == UINT32_MAX ? 7 : 1000003 * ((int64_t)i + 1);
}

/* A kilobyte of prose with one word of the policies in it, or with none. */
static void set_prompt(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    static char prompt[PROMPT];
    static const char sentence[] =
        "The words of a prompt are many, and few of them are forbidden. ";
    if (!prompt[0]) {
        for (size_t k = 0; k < sizeof prompt; k++)
            prompt[k] = sentence[k % (sizeof sentence - 1)];
    }
    struct dvara_str word =
        i == UINT32_MAX ? DVARA_STR("word-none!;") : text_of(text, TEXT_MAX, "word-%05u;", i, 0);
    memcpy(prompt + PROMPT / 2, word.p, word.n);
    facts->request.text = dvara_str_from(prompt, sizeof prompt);
}

static void set_models(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    static struct dvara_str models[] = {{"gpt-4o", 6}, {"gpt-5", 5}};
    (void)i, (void)text;
    facts->tenant.models = (struct dvara_strs){models, 2};
}

static void set_floats(uint32_t i, char text[TEXT_MAX], struct dvara_facts *facts)
{
    (void)text;
    facts->request.temperature = (struct dvara_opt_float){true, 1.5};
    facts->request.top_p = (struct dvara_opt_float){true, i == UINT32_MAX ? 0.25 : 1.5 - i};
}

static const struct kind {
    const char *name;
    const char *condition; /* %u: the rule's number; then, where there is one, a second number */
    uint32_t by, plus;     /* the numbers: i * by + plus, and 9 more; by 0: i / 256 and i % 256 */
    request_maker *make;
    bool only_misses; /* what one rule holds for, others do too */
    bool has_patterns;
    bool has_small; /* measured with few rules too */
} kinds[] = {
    {"equality", "request.model == \"model-%u\"", 1, 0, set_model, false, false, true},
    {"range", "tokens >= %u and tokens <= %u", 10, 1000, set_tokens, false, false, false},
    {"cidr", "request.ip within \"10.%u.%u.0/24\"", 0, 0, set_ip, false, false, false},
    {"glob", "request.model glob \"model-%05u-*\"", 1, 0, set_prefixed, false, false, false},
    {"tags", "\"team-%u\" in tenant.tags", 1, 0, set_tags, false, false, false},
    {"suffix", "request.model ends_with \"-%05u\"", 1, 0, set_suffixed, false, false, false},
    {"substring", "request.model contains \"-%05u\"", 1, 0, set_suffixed, false, false, false},
    {"sum", "tokens * 3 + session.requests == tokens + %u", 1, 1, set_sum, false, false, false},
    {"product", "session.requests * %u == tokens", 1, 1, set_product, false, false, false},
    {"content", "request.text contains \"word-%05u;\"", 1, 0, set_prompt, false, false, false},
    {"regex", "request.text matches /word-%05u[;,]/", 1, 0, set_prompt, false, true, false},
    {"lists", "request.model not in [\"gpt-4o\", \"model-%u\"]", 1, 0, set_models, true, false,
     false},
    {"shared", "request.model not in tenant.models", 1, 0, set_models, true, false, false},
    {"code", "(request.top_p ?? 1.0) + %u.0 == heat", 1, 0, set_floats, false, false, false},
};

static void write_policy(const struct kind *kind, uint32_t rules, struct buf *out)
{
    char condition[128];
    BUF_LIT(out, "dvp 1\ndefault allow\nlet tokens = request.prompt_tokens\n"
                 "let heat = request.temperature ?? 1.0\n");
    for (uint32_t i = 0; i < rules; i++) {
        uint32_t first = kind->by ? i * kind->by + kind->plus : i >> 8;
        uint32_t second = kind->by ? first + 9 : i & 255;
        struct dvara_str when =
            text_of(condition, sizeof condition, kind->condition, first, second);
        buf_printf(out, "rule r%05u { on request when %.*s deny code \"c%u\" }\n", i,
                   DVARA_STR_ARG(when), i);
    }
}

/* ---- compile and load ---- */

static void fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench_decide: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void compile(struct dvara_str text, struct buf *bytes)
{
    struct codegen_options options = {.compiler = DVARA_STR("bench")};
    struct compile_options none = {.n_paths = 0};
    struct dvara_bundle_error error = {.text = ""};
    struct arena arena;
    struct diags diags;
    arena_init(&arena, MEMORY);
    if (!diags_init(&diags, &arena))
        fail("compile", "no memory");
    struct program *program =
        closure_from_text(&arena, DVARA_STR("bench.dvp"), text, &none, &diags);
    bind_names(program, &diags);
    check(program, &diags);
    fold(program, &diags);
    if (diags_has_errors(&diags))
        fail("compile", arena_printf(&arena, "%.*s", DVARA_STR_ARG(diags.v[0]->text)).p);
    if (emit_bundle(program, &options, &diags, &error, bytes) != DVARA_OK)
        fail("compile", error.text);
    arena_clear(&arena);
}

static struct dvara_bundle *make(const struct kind *kind, uint32_t rules)
{
    struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {.text = ""};
    struct dvara_bundle *bundle = NULL;
    struct buf text, bytes;
    buf_init(&text, SOURCE_MAX);
    buf_init(&bytes, 256 << 20);
    write_policy(kind, rules, &text);
    uint64_t start = time_monotonic_ns();
    compile(buf_str(&text), &bytes);
    uint64_t middle = time_monotonic_ns();
    if (dvara_bundle_load(buf_str(&bytes), &trust, &error, &bundle) != DVARA_OK)
        fail("load", error.text);
    uint64_t end = time_monotonic_ns();
    (void)printf("{\"kind\":\"%s\",\"rules\":%u,\"compile_ms\":%.1f,\"load_ms\":%.1f,"
                 "\"bundle_bytes\":%zu}\n",
                 kind->name, rules, (double)(middle - start) / 1e6, (double)(end - middle) / 1e6,
                 bytes.n);
    buf_clear(&text);
    buf_clear(&bytes);
    return bundle;
}

/* ---- deciding ---- */

struct bench {
    struct dvara_vm *vm;
    struct arena arena; /* keeps its first block, as an exchange's does */
    uint64_t *samples;
    uint32_t n_samples;
    uint64_t clock; /* nanoseconds of reading the clock */
    uint64_t denied;
};

static void decide(struct bench *b, struct dvara_facts facts)
{
    arena_reset(&b->arena);
    struct dvara_run *run = dvara_run_new(b->vm, &facts, &b->arena);
    dvara_run_request(run);
    b->denied += dvara_run_decision(run)->verdict == DVARA_VERDICT_DENY;
}

static int compare_samples(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static uint64_t percentile(const struct bench *b, double share)
{
    uint64_t at = b->samples[(size_t)(share * (double)(b->n_samples - 1))];
    return at > b->clock ? at - b->clock : 0;
}

static void measure_clock(struct bench *b)
{
    for (uint32_t i = 0; i < b->n_samples; i++) {
        uint64_t start = time_monotonic_ns();
        b->samples[i] = time_monotonic_ns() - start;
    }
    qsort(b->samples, b->n_samples, sizeof *b->samples, compare_samples);
    b->clock = 0;
    b->clock = percentile(b, 0.5);
}

enum { MISS, FIRST, LAST, ANY_RULE };
static const char *const case_names[] = {"miss", "hit-first", "hit-last", "hit-any"};

/* Facts that lead where the case says; `any` walks over the rules. */
static struct dvara_facts facts_for(const struct kind *kind, int which, uint32_t rules,
                                    uint32_t any, char text[TEXT_MAX])
{
    struct dvara_facts facts = {.request = {.endpoint = DVARA_STR("chat"),
                                            .model = DVARA_STR("gpt-4o"),
                                            .ip = DVARA_STR("192.0.2.7"),
                                            .size = 1024},
                                .tenant = {.id = DVARA_STR("t")}};
    uint32_t i = which == MISS ? UINT32_MAX : which == FIRST ? 0 : which == LAST ? rules - 1 : any;
    kind->make(i, text, &facts);
    return facts;
}

static void measure(struct bench *b, const struct kind *kind, int which, uint32_t rules)
{
    char text[TEXT_MAX];
    struct dvara_facts facts = facts_for(kind, which, rules, 0, text);
    for (int i = 0; i < 100; i++)
        decide(b, facts);
    b->denied = 0;
    uint64_t asked = *allocations(), sum = 0;
    for (uint32_t i = 0; i < b->n_samples; i++) {
        if (which == ANY_RULE) /* another rule each time: nothing of it lies in the cache */
            facts = facts_for(kind, which, rules, i * 7919 % rules, text);
        uint64_t start = time_monotonic_ns();
        decide(b, facts);
        b->samples[i] = time_monotonic_ns() - start;
        sum += b->samples[i];
    }
    asked = *allocations() - asked;
    bool good = b->denied == (which == MISS ? 0 : b->n_samples);
    qsort(b->samples, b->n_samples, sizeof *b->samples, compare_samples);
    (void)printf("{\"kind\":\"%s\",\"rules\":%u,\"case\":\"%s\",\"p50_ns\":%" PRIu64
                 ",\"p99_ns\":%" PRIu64 ",\"mean_ns\":%.0f,\"allocations\":%" PRIu64 "}\n",
                 kind->name, rules, case_names[which], percentile(b, 0.5), percentile(b, 0.99),
                 (double)sum / b->n_samples - (double)b->clock, asked);
    if (!good)
        fail(kind->name, "the decisions are not the expected ones");
}

static void run_kind(struct bench *b, const struct kind *kind)
{
    static const uint32_t sizes[] = {1, 10, 100, 1000, 10000};
    enum { SMALL = 3 };
    size_t n = sizeof sizes / sizeof *sizes - kind->has_patterns;
    for (size_t s = kind->has_small ? 0 : SMALL; s < n; s++) {
        struct dvara_bundle *bundle = make(kind, sizes[s]);
        if (dvara_vm_new(bundle, &b->vm) != DVARA_OK)
            fail("vm", "no memory");
        for (int which = MISS; which <= (kind->only_misses ? MISS : ANY_RULE); which++)
            measure(b, kind, which, sizes[s]);
        dvara_vm_free(b->vm);
        dvara_bundle_free(bundle);
    }
}

static void write_policies(const char *folder)
{
    char path[512];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct buf text;
        buf_init(&text, SOURCE_MAX);
        write_policy(&kinds[i], 1000, &text);
        (void)snprintf(path, sizeof path, "%s/%s.dvp", folder, kinds[i].name);
        FILE *file = fopen(path, "w");
        if (!file || fwrite(text.p, 1, text.n, file) != text.n || fclose(file) != 0)
            fail(path, "cannot be written");
        buf_clear(&text);
    }
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    struct bench b = {.n_samples = 20000};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--samples") == 0)
            b.n_samples = (uint32_t)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--kind") == 0)
            only = argv[i + 1];
        else if (strcmp(argv[i], "--write") == 0) {
            write_policies(argv[i + 1]);
            return EXIT_SUCCESS;
        }
    }
    if (b.n_samples < BATCH || b.n_samples > SAMPLES_MAX)
        fail("--samples", "16 to 1048576");
    b.samples = calloc(b.n_samples, sizeof *b.samples);
    if (!b.samples)
        fail("samples", "no memory");
    arena_init(&b.arena, MEMORY);
    measure_clock(&b);
    (void)printf("{\"clock_ns\":%" PRIu64 "}\n", b.clock);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!only || strcmp(only, kinds[i].name) == 0)
            run_kind(&b, &kinds[i]);
    }
    arena_clear(&b.arena);
    free(b.samples);
    return EXIT_SUCCESS;
}
