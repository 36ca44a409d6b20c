/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/replay_print.h"

#include "base/arena.h"
#include "base/json_text.h"
#include "lang/report_form.h"

#include <inttypes.h>

enum { TEXT_MAX = 1 << 27 }; /* more than a line holds */

static const struct dvara_str result_names[] = {
    [REPLAY_SAME] = DVARA_STR_INIT("same"),
    [REPLAY_CHANGED] = DVARA_STR_INIT("changed"),
    [REPLAY_UNKNOWN] = DVARA_STR_INIT("unknown"),
};

/* Why an aspect could not be told though every atom was tried. */
static const char *const unsure_words[] = {
    [ASPECT_VERDICT] = "the verdict, which turns on the gateway's own providers",
    [ASPECT_RULES] = "the rules, which turn on the gateway's own providers",
    [ASPECT_REDACTION] = "what the detectors redacted now would have found",
    [ASPECT_MODEL] = "a model that is set to what the client sent",
    [ASPECT_MAX_TOKENS] = "a bound that is made of what the client sent",
    [ASPECT_SET] = "what is set, which turns on what the client sent",
    [ASPECT_ROUTE] = "the route, which turns on the gateway's own providers",
    [ASPECT_TARGETS] = "the order of the targets, or the gateway's own providers",
    [ASPECT_EXCLUDED] = "the targets left out, which turn on the gateway's own providers",
    [ASPECT_TAGS] = "a tag that is made of what the client sent",
};

struct dvara_str replay_result_name(enum replay_result result)
{
    return result_names[result];
}

/* ---- counting ---- */

static bool has(struct dvara_strs list, struct dvara_str name)
{
    for (size_t i = 0; i < list.n; i++) {
        if (dvara_str_eq(list.v[i], name))
            return true;
    }
    return false;
}

static struct replay_name *name_of(struct replay_tally *tally, struct dvara_str name)
{
    for (size_t i = 0; i < tally->n_names; i++) {
        if (dvara_str_eq(tally->names[i].name, name))
            return &tally->names[i];
    }
    struct dvara_str kept =
        tally->n_names < REPLAY_NAMES ? arena_copy(tally->arena, name) : (struct dvara_str){0};
    if (!kept.p)
        return NULL;
    tally->names[tally->n_names] = (struct replay_name){.name = kept};
    return &tally->names[tally->n_names++];
}

static void count_rules(struct replay_tally *tally, struct dvara_strs then, struct dvara_strs now)
{
    for (size_t i = 0; i < then.n; i++) {
        if (has(now, then.v[i]))
            continue;
        struct replay_name *name = name_of(tally, then.v[i]);
        if (name)
            name->lost++;
        else
            tally->uncounted++;
    }
    for (size_t i = 0; i < now.n; i++) {
        if (has(then, now.v[i]))
            continue;
        struct replay_name *name = name_of(tally, now.v[i]);
        if (name)
            name->gained++;
        else
            tally->uncounted++;
    }
}

void replay_tally_add(struct replay_tally *tally, const struct record *record,
                      const struct replayed *replayed)
{
    tally->results[replayed->result]++;
    tally->lacking += replayed->lacks_inputs;
    tally->gave_up += replayed->gave_up;
    if (replayed->result == REPLAY_CHANGED)
        count_rules(tally, record->rules, replayed->rules);
    for (int i = 0; i < ASPECT_COUNT; i++) {
        tally->aspects[i] += replayed->result == REPLAY_CHANGED && replayed->differs & 1u << i;
        tally->unsure[i] += replayed->result == REPLAY_UNKNOWN && replayed->unsure & 1u << i;
    }
    for (size_t i = 0; replayed->result == REPLAY_UNKNOWN && i < replayed->n_atoms; i++)
        tally->atoms[replayed->atoms[i]]++;
}

/* ---- places ---- */

static struct dvara_rule_info place_of(const struct replay_print *print, uint32_t atom)
{
    uint32_t rule = dvara_bundle_atom_rule(print->bundle, atom);
    return rule == UINT32_MAX ? (struct dvara_rule_info){.line = 0}
                              : dvara_bundle_rule(print->bundle, rule);
}

static void print_atom(const struct replay_print *print, uint32_t atom, struct buf *out)
{
    struct dvara_rule_info rule = place_of(print, atom);
    buf_printf(out, "`%.*s`", DVARA_STR_ARG(dvara_bundle_atom(print->bundle, atom).text));
    if (rule.line)
        buf_printf(out, " (%.*s:%u, rule %.*s)", DVARA_STR_ARG(rule.file), rule.line,
                   DVARA_STR_ARG(rule.name));
}

/* ---- for people ---- */

/* Clients choose models and what tags are made of: none may look like a line of ours. */
static void print_changes(const struct record *record, const struct replayed *replayed,
                          struct buf *out)
{
    struct buf old;
    bool first = true;
    buf_init(&old, TEXT_MAX);
    for (int i = 0; i < ASPECT_COUNT; i++) {
        if (replayed->becomes.n == 0 || replayed->becomes.v[i].n == 0)
            continue;
        struct dvara_str name = aspect_name((enum aspect)i);
        buf_printf(out, "%s%.*s ", first ? "" : "; ", DVARA_STR_ARG(name));
        buf_reset(&old);
        outcome_print_old(record, (enum aspect)i, &old);
        report_visible(out, buf_str(&old));
        BUF_LIT(out, " -> ");
        report_visible(out, replayed->becomes.v[i]);
        first = false;
    }
    buf_clear(&old);
}

static void print_unknown(const struct replay_print *print, const struct replayed *replayed,
                          struct buf *out)
{
    bool first = true;
    if (replayed->lacks_inputs)
        BUF_LIT(out, "the record holds no inputs");
    for (size_t i = 0; i < replayed->n_atoms; i++) {
        buf_append(out, first ? DVARA_STR("turns on ") : DVARA_STR(", "));
        print_atom(print, replayed->atoms[i], out);
        first = false;
    }
    for (int i = 0; i < ASPECT_COUNT; i++) {
        if (!(replayed->unsure & 1u << i))
            continue;
        buf_printf(out, "%s%s", first ? "" : ", ", unsure_words[i]);
        first = false;
    }
    if (replayed->gave_up)
        BUF_LIT(out, " (more than are tried)");
}

static void print_line(const struct replay_print *print, const struct record *record,
                       const struct replayed *replayed, struct buf *out)
{
    report_visible(out, record->chain);
    buf_printf(out, ":%" PRId64 " ", record->seq);
    report_visible(out, record->time);
    buf_byte(out, ' ');
    report_visible(out, record->id);
    buf_printf(out, " %.*s", DVARA_STR_ARG(result_names[replayed->result]));
    if (replayed->result != REPLAY_SAME)
        BUF_LIT(out, ": ");
    if (replayed->result == REPLAY_CHANGED)
        print_changes(record, replayed, out);
    else if (replayed->result == REPLAY_UNKNOWN)
        print_unknown(print, replayed, out);
    buf_byte(out, '\n');
}

/* ---- for programs ---- */

static void put_atom(const struct replay_print *print, uint32_t atom, struct buf *out)
{
    struct dvara_rule_info rule = place_of(print, atom);
    buf_byte(out, '{');
    json_write_member(out, "text", dvara_bundle_atom(print->bundle, atom).text);
    buf_byte(out, ',');
    json_write_member(out, "rule", rule.name);
    buf_byte(out, ',');
    json_write_member(out, "file", rule.file);
    buf_printf(out, ",\"line\":%u}", rule.line);
}

static void put_changes(const struct record *record, const struct replayed *replayed,
                        struct buf *out)
{
    struct buf old;
    bool first = true;
    buf_init(&old, TEXT_MAX);
    BUF_LIT(out, ",\"changes\":{");
    for (int i = 0; i < ASPECT_COUNT; i++) {
        if (replayed->becomes.n == 0 || replayed->becomes.v[i].n == 0)
            continue;
        struct dvara_str name = aspect_name((enum aspect)i);
        buf_reset(&old);
        outcome_print_old(record, (enum aspect)i, &old);
        buf_printf(out, "%s\"%.*s\":[", first ? "" : ",", DVARA_STR_ARG(name));
        json_write_string(out, buf_str(&old));
        buf_byte(out, ',');
        json_write_string(out, replayed->becomes.v[i]);
        buf_byte(out, ']');
        first = false;
    }
    buf_byte(out, '}');
    buf_clear(&old);
}

static void put_unknown(const struct replay_print *print, const struct replayed *replayed,
                        struct buf *out)
{
    BUF_LIT(out, ",\"atoms\":[");
    for (size_t i = 0; i < replayed->n_atoms; i++) {
        if (i > 0)
            buf_byte(out, ',');
        put_atom(print, replayed->atoms[i], out);
    }
    BUF_LIT(out, "],\"unsure\":[");
    bool first = true;
    for (int i = 0; i < ASPECT_COUNT; i++) {
        if (!(replayed->unsure & 1u << i))
            continue;
        if (!first)
            buf_byte(out, ',');
        json_write_string(out, aspect_name((enum aspect)i));
        first = false;
    }
    buf_printf(out, "],\"lacks_inputs\":%s,\"gave_up\":%s",
               replayed->lacks_inputs ? "true" : "false", replayed->gave_up ? "true" : "false");
}

static void put_line(const struct replay_print *print, const struct record *record,
                     const struct replayed *replayed, struct buf *out)
{
    buf_byte(out, '{');
    json_write_member(out, "result", result_names[replayed->result]);
    buf_byte(out, ',');
    json_write_member(out, "chain", record->chain);
    buf_printf(out, ",\"seq\":%" PRId64 ",", record->seq);
    json_write_member(out, "id", record->id);
    buf_byte(out, ',');
    json_write_member(out, "time", record->time);
    if (replayed->result == REPLAY_CHANGED)
        put_changes(record, replayed, out);
    else if (replayed->result == REPLAY_UNKNOWN)
        put_unknown(print, replayed, out);
    BUF_LIT(out, "}\n");
}

void replay_print_one(const struct replay_print *print, const struct record *record,
                      const struct replayed *replayed, struct buf *out)
{
    if (print->json)
        put_line(print, record, replayed, out);
    else
        print_line(print, record, replayed, out);
}

/* ---- the summary ---- */

static void print_summary(const struct replay_print *print, const struct replay_tally *t,
                          struct buf *out)
{
    buf_printf(out, "same %" PRIu64 ", changed %" PRIu64 ", unknown %" PRIu64 "\n",
               t->results[REPLAY_SAME], t->results[REPLAY_CHANGED], t->results[REPLAY_UNKNOWN]);
    for (int i = 0; i < ASPECT_COUNT; i++) {
        struct dvara_str name = aspect_name((enum aspect)i);
        if (t->aspects[i])
            buf_printf(out, "  %.*s changed: %" PRIu64 "\n", DVARA_STR_ARG(name), t->aspects[i]);
    }
    for (size_t i = 0; i < t->n_names; i++) {
        const struct replay_name *rule = &t->names[i];
        BUF_LIT(out, "  rule ");
        report_visible(out, rule->name);
        buf_printf(out, ": stands in %" PRIu64 " more, %" PRIu64 " fewer\n", rule->gained,
                   rule->lost);
    }
    if (t->uncounted)
        buf_printf(out, "  other rules: %" PRIu64 " more or fewer\n", t->uncounted);
    for (uint32_t i = 0; i < dvara_bundle_atoms(print->bundle); i++) {
        if (!t->atoms[i])
            continue;
        buf_printf(out, "  %" PRIu64 " unknown turn on ", t->atoms[i]);
        print_atom(print, i, out);
        buf_byte(out, '\n');
    }
    for (int i = 0; i < ASPECT_COUNT; i++) {
        if (t->unsure[i])
            buf_printf(out, "  %" PRIu64 " unknown turn on %s\n", t->unsure[i], unsure_words[i]);
    }
    if (t->lacking)
        buf_printf(out, "  %" PRIu64 " unknown hold no inputs\n", t->lacking);
}

static void put_summary(const struct replay_tally *t, struct buf *out)
{
    bool first = true;
    buf_printf(out,
               "{\"summary\":{\"same\":%" PRIu64 ",\"changed\":%" PRIu64 ",\"unknown\":%" PRIu64
               ",\"other_types\":%" PRIu64 ",\"bad_lines\":%" PRIu64 ",\"torn\":%" PRIu64
               ",\"rules\":{",
               t->results[REPLAY_SAME], t->results[REPLAY_CHANGED], t->results[REPLAY_UNKNOWN],
               t->other, t->bad, t->torn);
    for (size_t i = 0; i < t->n_names; i++) {
        if (!first)
            buf_byte(out, ',');
        json_write_string(out, t->names[i].name);
        buf_printf(out, ":{\"more\":%" PRIu64 ",\"fewer\":%" PRIu64 "}", t->names[i].gained,
                   t->names[i].lost);
        first = false;
    }
    buf_printf(out, "},\"uncounted_rules\":%" PRIu64 "}}\n", t->uncounted);
}

void replay_print_summary(const struct replay_print *print, const struct replay_tally *tally,
                          struct buf *out)
{
    if (print->json)
        put_summary(tally, out);
    else
        print_summary(print, tally, out);
}
