/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/example.h"

#include "base/arena.h"
#include "lang/logic/example_time.h"
#include "lang/logic/sample.h"

#include <arpa/inet.h>

enum { LIST_MADE_MAX = 64, SPANS_MADE_MAX = 32 };

static const struct dvara_str fault_names[] = {
#define ERROR_KIND(id, spelling, what) DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};

struct example {
    struct arena *arena;
    const struct script *script;
    const struct answer *answer;
    struct samples *samples;
    struct expr *root;
    struct dvara_str text[DVARA_WHERE_COUNT]; /* what detectors shall find, to be added */
};

/* ---- looking into the model ---- */

static const struct answer_value *value_of_term(const struct example *e, struct dvara_str term)
{
    for (size_t i = 0; i < e->script->n_asked; i++)
        if (dvara_str_eq(e->script->asked[i].term, term))
            return &e->answer->values[i];
    return NULL;
}

static bool is_present(const struct example *e, const struct asked *asked)
{
    for (size_t i = 0; i < e->script->n_asked; i++) {
        const struct asked *other = &e->script->asked[i];
        if (other->kind == ASKED_PRESENT && other->attribute == asked->attribute &&
            dvara_str_eq(other->arg, asked->arg))
            return e->answer->values[i].boolean;
    }
    return true;
}

static struct dvara_str join(struct arena *arena, struct dvara_str a, struct dvara_str b)
{
    return a.n == 0 ? b : b.n == 0 ? a : arena_join(arena, a, ' ', b);
}

static struct dvara_str address_text(struct arena *arena, struct address a)
{
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(a.high >> (56 - 8 * i));
        bytes[i + 8] = (unsigned char)(a.low >> (56 - 8 * i));
    }
    bool v4 = a.high == 0 && a.low >> 32 == 0xffff;
    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + 12 : bytes, text, sizeof text))
        return DVARA_STR("");
    return arena_copy(arena, dvara_str_from_cstr(text));
}

/* A text as the model gives it, and made to be what functions of it are said to be: an address, or
 * something that a regular expression is found in. */
static struct dvara_str text_value(struct example *e, const struct asked *asked,
                                   struct dvara_str text)
{
    for (size_t i = 0; i < e->script->n_asked; i++) {
        const struct asked *other = &e->script->asked[i];
        const struct answer_value *value = &e->answer->values[i];
        if (!dvara_str_eq(other->of, asked->term))
            continue;
        const struct answer_value *bad = NULL;
        struct address_range own;
        if (other->kind == ASKED_ADDRESS) {
            for (size_t k = 0; k < e->script->n_asked; k++)
                if (e->script->asked[k].kind == ASKED_FAULT &&
                    dvara_str_eq(e->script->asked[k].of, asked->term))
                    bad = &e->answer->values[k];
            bool same =
                address_range_of(text, &own) && address_compare(own.first, value->address) == 0;
            if (!(bad && bad->boolean) && !same)
                text = address_text(e->arena, value->address);
        }
        if (other->kind == ASKED_MATCH && value->boolean)
            text = join(e->arena, text, sample_of_regex(e->arena, other->regex));
    }
    return text;
}

/* ---- attributes ---- */

static struct expr *scalar(struct example *e, const struct asked *asked,
                           const struct answer_value *value)
{
    uint8_t base = attribute_row(asked->attribute)->type.base;
    if (asked->sort == SORT_STRING)
        return record_string(e->arena, text_value(e, asked, value->s));
    if (asked->sort == SORT_REAL)
        return record_float(e->arena, value->f);
    return record_number(e->arena, (enum dvara_type)base,
                         asked->sort == SORT_BOOL ? value->boolean : value->i);
}

/* "/a/b" as records in one another. */
static void put_body(struct example *e, struct expr *request, struct dvara_str pointer,
                     struct expr *value)
{
    struct expr *at = record_under(e->arena, request, DVARA_STR("body"));
    for (size_t i = 1; i <= pointer.n;) {
        size_t end = i;
        while (end < pointer.n && pointer.p[end] != '/')
            end++;
        struct dvara_str key = dvara_str_slice(pointer, i, end);
        if (end == pointer.n)
            record_put(e->arena, at, key, value);
        else
            at = record_under(e->arena, at, key);
        i = end + 1;
    }
}

static void put_target(struct example *e, struct dvara_str key, struct expr *value)
{
    struct dvara_str provider = {NULL, 0}, model = {NULL, 0};
    for (size_t i = 0; i < e->script->n_asked; i++) {
        if (e->script->asked[i].kind == ASKED_VALUE &&
            e->script->asked[i].attribute == DVARA_ATTR_TARGET_PROVIDER)
            provider = e->answer->values[i].s;
        if (e->script->asked[i].kind == ASKED_VALUE &&
            e->script->asked[i].attribute == DVARA_ATTR_TARGET_MODEL)
            model = e->answer->values[i].s;
    }
    struct expr *targets = record_under(e->arena, e->root, DVARA_STR("targets"));
    struct expr *target =
        record_under(e->arena, targets, arena_join(e->arena, provider, '/', model));
    record_put(e->arena, target, key, value);
}

/* The model as the client sends it, with the provider it is pinned to. */
static struct expr *with_pin(struct example *e, const struct asked *asked, struct expr *value)
{
    for (size_t i = 0; i < e->script->n_asked; i++) {
        const struct asked *pin = &e->script->asked[i];
        int64_t number = e->answer->values[i].i;
        if (pin->kind == ASKED_PIN && dvara_str_eq(pin->arg, asked->arg) && number > 0 &&
            number <= pin->number)
            return record_string(e->arena,
                                 arena_join(e->arena, pin->names[number - 1], '/', value->string));
    }
    return value;
}

/* Where values with an argument stand. */
static bool put_special(struct example *e, const struct asked *asked, struct expr *value)
{
    struct expr *request = record_under(e->arena, e->root, DVARA_STR("request"));
    switch (asked->attribute) {
    case DVARA_ATTR_REQUEST_ASKED_MODEL:
        record_put(e->arena, request, DVARA_STR("model"), with_pin(e, asked, value));
        return true;
    case DVARA_ATTR_REQUEST_TEXT:
        e->text[DVARA_WHERE_PROMPT] = join(e->arena, value->string, e->text[DVARA_WHERE_PROMPT]);
        return true;
    case DVARA_ATTR_REQUEST_TIME:
    case DVARA_ATTR_TARGET_PROVIDER:
    case DVARA_ATTR_TARGET_MODEL:
        return true;
    case DVARA_ATTR_TARGET_HEALTHY:
        put_target(e, DVARA_STR("healthy"), value);
        return true;
    case DVARA_ATTR_TARGET_LATENCY_P50:
        put_target(e, DVARA_STR("latency_p50"), value);
        return true;
    case DVARA_ATTR_REQUEST_HEADER:
        record_put(e->arena, record_under(e->arena, request, DVARA_STR("headers")), asked->arg,
                   value);
        return true;
    case DVARA_ATTR_REQUEST_METADATA:
        record_put(e->arena, record_under(e->arena, request, DVARA_STR("metadata")), asked->arg,
                   value);
        return true;
    case DVARA_ATTR_REQUEST_BODY:
        put_body(e, request, asked->arg, value);
        return true;
    case DVARA_ATTR_TENANT_ATTR: {
        struct expr *tenant = record_under(e->arena, e->root, DVARA_STR("tenant"));
        record_put(e->arena, record_under(e->arena, tenant, DVARA_STR("attrs")), asked->arg, value);
        return true;
    }
    case DVARA_ATTR_BUDGET_USED:
    case DVARA_ATTR_BUDGET_LEFT: {
        struct expr *budget = record_under(e->arena, e->root, DVARA_STR("budget"));
        record_put(e->arena, record_under(e->arena, budget, asked->arg),
                   asked->attribute == DVARA_ATTR_BUDGET_USED ? DVARA_STR("used")
                                                              : DVARA_STR("left"),
                   value);
        return true;
    }
    default:
        return false;
    }
}

/* "tenant.tags": the record of the section, and the key in it. */
static struct expr *section_of(struct example *e, enum dvara_attribute id,
                               struct dvara_str *ret_key)
{
    struct dvara_str path = attribute_row(id)->path;
    size_t dot = 0;
    while (dot < path.n && path.p[dot] != '.')
        dot++;
    *ret_key = dvara_str_slice(path, dot + 1, path.n);
    return record_under(e->arena, e->root, dvara_str_slice(path, 0, dot));
}

static void put_value(struct example *e, const struct asked *asked,
                      const struct answer_value *value)
{
    struct dvara_str key;
    if (!value->known || !is_present(e, asked))
        return;
    struct expr *made = scalar(e, asked, value);
    if (!made || put_special(e, asked, made))
        return;
    struct expr *section = section_of(e, asked->attribute, &key);
    record_put(e->arena, section, key, made);
}

/* ---- lists ---- */

static struct expr *list_place(struct example *e, const struct asked *asked,
                               struct dvara_str *ret_key)
{
    if (!asked->decl)
        return section_of(e, asked->attribute, ret_key);
    *ret_key = asked->arg;
    return record_under(e->arena, e->root, DVARA_STR("lists"));
}

static void put_member(struct example *e, const struct asked *asked,
                       const struct answer_value *value)
{
    struct dvara_str key;
    const struct answer_value *element = value_of_term(e, asked->of);
    if (!value->boolean || !element || !element->known)
        return;
    struct expr *place = list_place(e, asked, &key);
    struct expr *list = record_find(place, key);
    for (size_t i = 0; list && i < list->items.n; i++)
        if (dvara_str_eq(list->items.v[i]->string, element->s))
            return;
    record_push(e->arena, place, key, record_string(e->arena, element->s));
}

static struct expr *filler(struct example *e, const struct asked *asked, size_t i)
{
    if (!asked->decl && asked->attribute == DVARA_ATTR_REQUEST_MESSAGES) {
        struct expr *message = record_new(e->arena);
        record_put(e->arena, message, DVARA_STR("role"),
                   record_string(e->arena, DVARA_STR("assistant")));
        record_put(e->arena, message, DVARA_STR("text"), record_string(e->arena, DVARA_STR("")));
        return message;
    }
    struct dvara_str name = arena_printf(e->arena, "other-%zu", i);
    if (asked->decl || asked->attribute != DVARA_ATTR_REQUEST_TOOLS)
        return record_string(e->arena, name);
    struct expr *tool = record_new(e->arena);
    record_put(e->arena, tool, DVARA_STR("name"), record_string(e->arena, name));
    return tool;
}

static void fill_list(struct example *e, const struct asked *asked,
                      const struct answer_value *value)
{
    struct dvara_str key;
    struct expr *place = list_place(e, asked, &key);
    struct expr *list = record_find(place, key);
    size_t n = list ? list->items.n : 0;
    if (asked->decl && !list)
        record_push(e->arena, place, key, NULL); /* empty, whatever is declared */
    for (; (int64_t)n < value->i && n < LIST_MADE_MAX; n++)
        record_push(e->arena, place, key, filler(e, asked, n));
}

/* ---- detectors ---- */

static int64_t spans_wanted(const struct example *e, const struct asked *asked)
{
    int64_t most = 1;
    for (size_t i = 0; i < e->script->n_asked; i++) {
        const struct asked *other = &e->script->asked[i];
        if (other->kind == ASKED_COUNT && other->decl == asked->decl &&
            other->where == asked->where && e->answer->values[i].i > most)
            most = e->answer->values[i].i;
    }
    return most < SPANS_MADE_MAX ? most : SPANS_MADE_MAX;
}

/* One message a text, so that what is not needed can be left away. */
static void put_message(struct example *e, struct dvara_str text)
{
    struct expr *request = record_under(e->arena, e->root, DVARA_STR("request"));
    struct expr *message = record_new(e->arena);
    if (!message)
        return;
    record_put(e->arena, message, DVARA_STR("role"), record_string(e->arena, DVARA_STR("user")));
    record_put(e->arena, message, DVARA_STR("text"), record_string(e->arena, text));
    record_push(e->arena, request, DVARA_STR("messages"), message);
}

static void put_score(struct example *e, const struct asked *asked,
                      const struct answer_value *value)
{
    if (value->i <= 0 || !e->samples)
        return;
    struct dvara_str sample = sample_of_detector(e->samples, asked->decl, (uint32_t)value->i);
    if (!sample.p) /* of a score that the detector never gives, the nearest it does */
        sample = sample_of_detector(e->samples, asked->decl, 1);
    int64_t n = spans_wanted(e, asked);
    for (int64_t i = 0; sample.p && i < n; i++)
        if (asked->where == DVARA_WHERE_PROMPT)
            put_message(e, sample);
        else
            e->text[asked->where] = join(e->arena, e->text[asked->where], sample);
}

static void put_texts(struct example *e)
{
    if (e->text[DVARA_WHERE_PROMPT].n)
        put_message(e, e->text[DVARA_WHERE_PROMPT]);
    if (e->text[DVARA_WHERE_RESPONSE].n)
        record_put(e->arena, record_under(e->arena, e->root, DVARA_STR("response")),
                   DVARA_STR("text"), record_string(e->arena, e->text[DVARA_WHERE_RESPONSE]));
    if (e->text[DVARA_WHERE_TOOLS].n)
        record_put(e->arena, record_under(e->arena, e->root, DVARA_STR("tool")), DVARA_STR("args"),
                   record_string(e->arena, e->text[DVARA_WHERE_TOOLS]));
}

/* ---- the whole ---- */

static void put_fault(struct example *e, const struct asked *asked,
                      const struct answer_value *value)
{
    if (!value->boolean || asked->of.n)
        return;
    struct expr *list = record_find(e->root, DVARA_STR("faults"));
    for (size_t i = 0; list && i < list->items.n; i++)
        if (dvara_str_eq(list->items.v[i]->string, fault_names[asked->number]))
            return;
    record_push(e->arena, e->root, DVARA_STR("faults"),
                record_string(e->arena, fault_names[asked->number]));
}

static void put(struct example *e, const struct asked *asked, const struct answer_value *value)
{
    switch (asked->kind) {
    case ASKED_VALUE:
        put_value(e, asked, value);
        return;
    case ASKED_MEMBER:
        put_member(e, asked, value);
        return;
    case ASKED_SCORE:
        put_score(e, asked, value);
        return;
    case ASKED_FAULT:
        put_fault(e, asked, value);
        return;
    case ASKED_PIN:
    case ASKED_LENGTH: /* when all members stand */
    case ASKED_PRESENT:
    case ASKED_COUNT:
    case ASKED_CLOCK:
    case ASKED_WEEKDAY:
    case ASKED_DATE:
    case ASKED_ADDRESS:
    case ASKED_MATCH:
    case ASKED_TERM:
    case ASKED_FREE:
        return;
    }
}

struct expr *example_of(struct arena *arena, const struct script *script,
                        const struct answer *answer, struct samples *samples)
{
    struct example e = {.arena = arena, .script = script, .answer = answer, .samples = samples};
    e.root = record_new(arena);
    if (!e.root)
        return NULL;
    for (size_t i = 0; i < script->n_asked; i++)
        put(&e, &script->asked[i], &answer->values[i]);
    for (size_t i = 0; i < script->n_asked; i++)
        if (script->asked[i].kind == ASKED_LENGTH)
            fill_list(&e, &script->asked[i], &answer->values[i]);
    struct dvara_str time = example_time(arena, script, answer);
    if (time.p)
        record_put(arena, e.root, DVARA_STR("time"), record_string(arena, time));
    put_texts(&e);
    return arena_is_exhausted(arena) ? NULL : e.root;
}
