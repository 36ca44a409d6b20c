/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions: small pools of values, so that comparisons hold often enough to matter. */
#include "oracle/generate.h"

uint32_t dice_below(struct dice *dice, uint32_t n)
{
    /* xorshift64*, Vigna 2014 */
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (uint32_t)((dice->state * 2685821657736338717u) >> 33) % n;
}

static const char *const strings_request[] = {"request.model",
                                              "request.endpoint",
                                              "request.asked_model",
                                              "request.text",
                                              "tenant.id",
                                              "key.name",
                                              "request.id",
                                              "lower(request.text)",
                                              "upper(tenant.id)",
                                              "trim(request.text)",
                                              "(request.user ?? \"u1\")",
                                              "(tenant.region ?? \"eu\")",
                                              "(request.header(\"x-team\") ?? \"none\")",
                                              "(request.metadata(\"k\") ?? \"a\")",
                                              "(tenant.attr(\"tier\") ?? \"free\")",
                                              "(first(tenant.tags) ?? \"none\")",
                                              "date(\"Europe/Berlin\")",
                                              "weekday(\"UTC\")"};
static const char *const strings_target[] = {"target.provider", "target.model", "target.zone",
                                             "target.region", "request.model"};
static const char *const strings_tool[] = {"tool.name", "(json(tool.args, \"/amount\") ?? \"0\")",
                                           "tool.args", "request.model"};
static const char *const strings_response[] = {"response.text", "response.finish_reason",
                                               "lower(response.text)"};
static const char *const words[] = {
    "a",  "b",    "gpt-4o", "gpt-4o-mini", "eu",  "us", "t1",   "t2",     "chat",  "",   "none",
    "u1", "free", "AB ab",  "fs_read",     "pay", "10", "stop", "openai", "local", "mon"};
static const char *const globs[] = {"gpt-*",  "*",     "?",     "[a-c]*",       "{gpt-4o,t1}",
                                    "*-mini", "t[12]", "[!a]*", "a{b,c{d,e}}*", "fs_*"};
static const char *const regexes[] = {"/gpt-4o/", "/^t[0-9]$/", "/a.*b/i", "/(chat|stop)/",
                                      "/[0-9]+/"};
static const char *const lists_request[] = {"tenant.tags", "tenant.models", "key.tags",
                                            "request.features", "suspended"};
static const char *const ints_request[] = {
    "(request.max_tokens ?? 16)",
    "len(request.text)",
    "len(tenant.tags)",
    "request.prompt_tokens",
    "len(request.messages)",
    "bucket(request.id, 10)",
    "hour(\"America/New_York\")",
    "(count t in request.tools { t.name starts_with \"fs_\" })",
    "session.requests",
    "min(request.prompt_tokens, 5)",
    "max((request.n ?? 1), 2)",
    "abs(request.prompt_tokens - 7)",
    "(request.prompt_tokens * 1_000_000_000_000)",
    "(9_223_372_036_854_775_000 + request.prompt_tokens)"};
static const char *const ints_response[] = {"response.completion_tokens", "len(response.text)"};
static const char *const groups[] = {"digits", "team", "nested", "all_of_them"};
static const char *const comparisons[] = {"==", "!=", "<", "<=", ">", ">="};
static const char *const fixed[] = {
    "request.stream",
    "has request.user",
    "has request.temperature and request.temperature > 0.5",
    "not has tenant.region or tenant.region == \"eu\"",
    "request.size > 1KB",
    "request.size <= 512B",
    "any m in request.messages { m.role == \"user\" and m.text contains \"a\" }",
    "all m in request.messages { m.role != \"system\" or m.text starts_with \"a\" }",
    "none t in request.tools { t.name glob \"fs_*\" }",
    "any x in tenant.tags { x in key.tags }",
    "any m in request.messages { m.has_image }",
    "any x in tenant.tags { any y in key.tags { x == y } }",
    "request.ip within \"10.0.0.0/8\"",
    "request.ip within [\"10.1.0.0/16\", \"2001:db8::/32\"]",
    "between(09:00, 18:00, \"Europe/Berlin\")",
    "between(22:30, 06:15, \"UTC\")",
    "(json(request.text, \"/a\") ?? \"x\") == \"1\"",
    "has request.body(\"/x\")",
    "is_eu",
    "small and not is_eu",
    "true",
    "session.cost > $1.50",
    "session.age < 1h",
    "len(first(tenant.tags) ?? \"\") == 2",
    "budget.used(\"spend\") > 50%",
    "budget.left(\"spend\") < $5 or request.stream",
    "session.repeats >= 2",
    "(session.id ?? \"none\") == \"s1\"",
    "\"image\" in request.opaque"};
static const char *const fixed_target[] = {"target.healthy", "target.input_price > $1",
                                           "target.latency_p50 < 1ms",
                                           "target.output_price <= $0.40"};

static void string_value(struct dice *dice, enum dvara_phase phase, struct buf *out)
{
    const char *s = PICK(dice, strings_request);
    if (phase == DVARA_PHASE_TARGET && dice_below(dice, 3))
        s = PICK(dice, strings_target);
    if (phase == DVARA_PHASE_TOOL && dice_below(dice, 3))
        s = PICK(dice, strings_tool);
    if (phase == DVARA_PHASE_RESPONSE && dice_below(dice, 3))
        s = PICK(dice, strings_response);
    buf_append(out, dvara_str_from_cstr(s));
}

static void word_list(struct dice *dice, struct buf *out)
{
    uint32_t n = dice_below(dice, 12);
    BUF_LIT(out, "[\"gpt-4o\"");
    for (uint32_t i = 0; i < n; i++)
        buf_printf(out, ", \"%s\"", PICK(dice, words));
    BUF_LIT(out, "]");
}

static void string_test(struct dice *dice, enum dvara_phase phase, struct buf *out)
{
    string_value(dice, phase, out);
    switch (dice_below(dice, 9)) {
    case 0:
    case 1:
        buf_printf(out, " == \"%s\"", PICK(dice, words));
        return;
    case 2:
        buf_printf(out, " %s \"%s\"", PICK(dice, comparisons), PICK(dice, words));
        return;
    case 3:
        buf_append(out, dice_below(dice, 2) ? DVARA_STR(" in ") : DVARA_STR(" not in "));
        word_list(dice, out);
        return;
    case 4:
        buf_printf(out, " contains \"%s\"", PICK(dice, words));
        return;
    case 5:
        buf_printf(out, " starts_with \"%s\"", PICK(dice, words));
        return;
    case 6:
        buf_printf(out, " ends_with \"%s\"", PICK(dice, words));
        return;
    case 7:
        buf_printf(out, " glob \"%s\"", PICK(dice, globs));
        return;
    default:
        buf_printf(out, " matches %s", PICK(dice, regexes));
        return;
    }
}

static void personal(struct dice *dice, struct buf *out)
{
    const char *from = dice_below(dice, 3) ? "pii" : "prompt_pii";
    const char *group = PICK(dice, groups);
    uint32_t form = dice_below(dice, 4);
    if (form < 2)
        buf_printf(out, "%s.found(%s)", from, group);
    else if (form == 2)
        buf_printf(out, "%s.count(%s) %s %u", from, group, PICK(dice, comparisons),
                   dice_below(dice, 4));
    else
        buf_printf(out, "%s.score(%s) %s %u%%", from, group, PICK(dice, comparisons),
                   10 * dice_below(dice, 10));
}

static void leaf(struct dice *dice, enum dvara_phase phase, struct buf *out)
{
    switch (dice_below(dice, 9)) {
    case 8:
        personal(dice, out);
        return;
    case 0:
    case 1:
    case 2:
    case 3:
        string_test(dice, phase, out);
        return;
    case 4:
        if (phase == DVARA_PHASE_RESPONSE)
            buf_append(out, dvara_str_from_cstr(PICK(dice, ints_response)));
        else
            buf_append(out, dvara_str_from_cstr(PICK(dice, ints_request)));
        buf_printf(out, " %s %u", PICK(dice, comparisons), dice_below(dice, 20));
        return;
    case 5:
        if (dice_below(dice, 2))
            buf_printf(out, "\"%s\" in %s", PICK(dice, words), PICK(dice, lists_request));
        else
            buf_printf(out, "%s contains request.model", PICK(dice, lists_request));
        return;
    default:
        if (phase == DVARA_PHASE_TARGET && dice_below(dice, 3) == 0)
            buf_append(out, dvara_str_from_cstr(PICK(dice, fixed_target)));
        else
            buf_append(out, dvara_str_from_cstr(PICK(dice, fixed)));
        return;
    }
}

void generate_condition(struct dice *dice, enum dvara_phase phase, int depth, struct buf *out)
{
    uint32_t form = depth > 0 ? dice_below(dice, 6) : 5;
    BUF_LIT(out, "(");
    if (form <= 3) {
        generate_condition(dice, phase, depth - 1, out);
        buf_append(out, form <= 1 ? DVARA_STR(" and ") : DVARA_STR(" or "));
        generate_condition(dice, phase, depth - 1, out);
    } else if (form == 4) {
        BUF_LIT(out, "not ");
        generate_condition(dice, phase, depth - 1, out);
    } else {
        leaf(dice, phase, out);
    }
    BUF_LIT(out, ")");
}
