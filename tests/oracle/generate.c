/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/generate.h"

static const char *const modes[] = {"", "", "", "", "  mode report\n", "  mode shadow\n"};
static const char *const templates[] = {"plain", "model {request.model}", "{tenant.id} {{x}}",
                                        "{len(tenant.tags)} tags, {request.size}",
                                        "{request.prompt_tokens} {session.cost} {session.age}"};
static const char *const targets[] = {"openai/gpt-4o", "azure_eu/gpt-4o", "local/llama",
                                      "openai/gpt-4o-mini"};
static const char *const strategies[] = {
#define STRATEGY(id, spelling, what) spelling,
#include "dvara/words.def"
};

static void add(struct pieces *pieces, struct arena *arena, struct buf *text)
{
    pieces->v[pieces->n++] = arena_copy(arena, buf_str(text));
    buf_reset(text);
}

static void when(struct dice *dice, enum dvara_phase phase, struct buf *out)
{
    if (dice_below(dice, 12) == 0)
        return;
    BUF_LIT(out, "  when ");
    generate_condition(dice, phase, (int)dice_below(dice, 3), out);
    BUF_LIT(out, "\n");
}

static void extras(struct dice *dice, struct buf *out)
{
    if (dice_below(dice, 3) == 0)
        buf_printf(out, "  priority %d\n", (int)dice_below(dice, 5) - 2);
    if (dice_below(dice, 2) == 0)
        buf_printf(out, "  reason \"%s\"\n", PICK(dice, templates));
    if (dice_below(dice, 3) == 0)
        buf_printf(out, "  warn \"%s\"\n", PICK(dice, templates));
    if (dice_below(dice, 3) == 0)
        buf_printf(out, "  tag \"k%u\" \"%s\"\n", dice_below(dice, 2), PICK(dice, templates));
    buf_append(out, dvara_str_from_cstr(PICK(dice, modes)));
}

static void rewrite(struct dice *dice, struct buf *out)
{
    static const char *const effects[] = {
        "set model \"gpt-4o-mini\"",
        "set model \"t1\"",
        "set temperature 0.25",
        "cap max_tokens 100",
        "cap max_tokens len(request.text) - 5",
        "cap max_tokens (request.max_tokens ?? 1) * 4_000_000_000_000_000_000",
        "set user tenant.id",
        "set header \"x-a\" \"v {tenant.id}\"",
        "set header \"x-b\" \"w\"",
        "use route second",
        "set model lower(request.text)"};
    uint32_t n = 1 + dice_below(dice, 2);
    uint32_t at = dice_below(dice, 11);
    for (uint32_t i = 0; i < n; i++)
        buf_printf(out, "  %s\n", effects[(at + i * 4) % 11]);
}

static const char *const caches[] = {"cache 5m", "cache 5m any", "cache 90s any", "cache 1h",
                                     "no cache"};

static void approval(struct dice *dice, enum dvara_phase phase, struct buf *out)
{
    static const char *const groups[] = {"ops", "finance", "legal"};
    static const char *const times[] = {"90s", "15m", "1h30m"};
    static const char *const binds[] = {"request.model",
                                        "tenant.id",
                                        "request.prompt_tokens",
                                        "session.cost, request.size",
                                        "budget.used(\"spend\")",
                                        "request.stream",
                                        "(request.max_tokens ?? 1) * 4_000_000_000_000_000_000"};
    buf_printf(out, "  require approval by \"%s\"", PICK(dice, groups));
    if (dice_below(dice, 3) == 0)
        buf_printf(out, " quorum %u", 1 + dice_below(dice, 3));
    if (dice_below(dice, 2))
        buf_printf(out, " ttl %s", PICK(dice, times));
    if (dice_below(dice, 2))
        buf_printf(out, " bind %s",
                   phase == DVARA_PHASE_TOOL && dice_below(dice, 2) ? "tool.name, tool.args"
                                                                    : PICK(dice, binds));
    if (dice_below(dice, 3) == 0)
        buf_printf(out, " hold %s", PICK(dice, times));
    if (dice_below(dice, 2))
        buf_append(out,
                   dice_below(dice, 3) ? DVARA_STR(" grant session") : DVARA_STR(" grant once"));
    BUF_LIT(out, "\n");
}

static void redact(struct dice *dice, struct buf *out)
{
    static const char *const groups[] = {"digits", "team", "nested", "all_of_them"};
    static const char *const styles[] = {"",           " with remove", " with mask",
                                         " with hash", " with token",  " with label"};
    buf_printf(out, "  redact %s%s\n", PICK(dice, groups), PICK(dice, styles));
}

static void request_decision(struct dice *dice, struct buf *out)
{
    static const char *const effects[] = {
        "deny",  "deny code \"c1\"", "deny code \"c2\" status 402", "allow",
        "allow", "warn \"w\"",       "tag \"seen\" \"yes\""};
    uint32_t kind = dice_below(dice, 10);
    if (kind == 0)
        approval(dice, DVARA_PHASE_REQUEST, out);
    else if (kind == 1)
        buf_printf(out, "  %s\n", PICK(dice, caches));
    else if (kind == 2)
        redact(dice, out);
    else
        buf_printf(out, "  %s\n", PICK(dice, effects));
    if (dice_below(dice, 8) == 0)
        buf_printf(out, "  %s\n", PICK(dice, caches));
    if (dice_below(dice, 6) == 0)
        BUF_LIT(out, "  once\n");
    if (kind == 2 && dice_below(dice, 3) == 0)
        buf_append(out, dice_below(dice, 2) ? DVARA_STR("  opaque deny\n")
                                            : DVARA_STR("  opaque allow\n"));
}

static void rule(struct dice *dice, uint32_t number, struct buf *out)
{
    uint32_t kind = dice_below(dice, 12);
    buf_printf(out, "rule r%u {\n", number);
    if (kind < 5) {
        BUF_LIT(out, "  on request\n");
        when(dice, DVARA_PHASE_REQUEST, out);
        request_decision(dice, out);
    } else if (kind < 7) {
        BUF_LIT(out, "  on request\n");
        when(dice, DVARA_PHASE_REQUEST, out);
        rewrite(dice, out);
    } else if (kind == 7) {
        BUF_LIT(out, "  on target\n");
        when(dice, DVARA_PHASE_TARGET, out);
        buf_printf(out, "  exclude\n%s  reason \"x\"\n}\n", PICK(dice, modes));
        return;
    } else if (kind == 8) {
        BUF_LIT(out, "  on tool\n");
        when(dice, DVARA_PHASE_TOOL, out);
        if (dice_below(dice, 3) == 0)
            approval(dice, DVARA_PHASE_TOOL, out);
        else
            BUF_LIT(out, "  deny code \"tool\"\n");
    } else if (kind == 9) {
        BUF_LIT(out, "  on response\n");
        when(dice, DVARA_PHASE_RESPONSE, out);
        BUF_LIT(out, "  deny code \"answer\"\n");
    } else if (kind == 10) {
        BUF_LIT(out, "  on request, tool, response\n");
        when(dice, DVARA_PHASE_REQUEST, out);
        redact(dice, out);
        if (dice_below(dice, 2))
            redact(dice, out);
    } else {
        BUF_LIT(out, "  on request, tool\n");
        when(dice, DVARA_PHASE_REQUEST, out);
        approval(dice, DVARA_PHASE_REQUEST, out);
    }
    extras(dice, out);
    BUF_LIT(out, "}\n");
}

static void route(struct dice *dice, const char *name, const char *fallback, struct buf *out)
{
    buf_printf(out, "route %s {\n", name);
    if (dice_below(dice, 4)) {
        BUF_LIT(out, "  match ");
        generate_condition(dice, DVARA_PHASE_REQUEST, 1, out);
        BUF_LIT(out, "\n");
    }
    uint32_t strategy = dice_below(dice, DVARA_STRATEGY_COUNT + 1);
    bool canary = strategy == DVARA_STRATEGY_CANARY;
    if (strategy < DVARA_STRATEGY_COUNT)
        buf_printf(out, "  strategy %s", strategies[strategy]);
    if (strategy == DVARA_STRATEGY_LATENCY && dice_below(dice, 2))
        buf_printf(out, " window 1m explore %u%%", 10 * dice_below(dice, 11));
    BUF_LIT(out, "\n");
    uint32_t n = 1 + dice_below(dice, 4);
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(out, "  target \"%s\"", targets[i]);
        if (strategy == DVARA_STRATEGY_WEIGHTED && dice_below(dice, 2))
            buf_printf(out, " weight %u", dice_below(dice, 10) + (i == 0));
        if (canary && (i == 0 || dice_below(dice, 3) == 0))
            buf_printf(out, " as canary %u%%", 10 * dice_below(dice, 6));
        else if (canary && dice_below(dice, 2))
            BUF_LIT(out, " as stable");
        BUF_LIT(out, "\n");
    }
    if (canary && dice_below(dice, 2))
        BUF_LIT(out, "  abort when errors > 5% or p95 > 200% or p50 > 2s over 5m min 50\n");
    if (dice_below(dice, 8) == 0)
        BUF_LIT(out, "  mirror \"local/llama\" 1%\n");
    if (dice_below(dice, 3) == 0)
        BUF_LIT(out, "  sticky by tenant.id\n");
    if (fallback)
        buf_printf(out, "  fallback %s\n", fallback);
    if (dice_below(dice, 3) == 0)
        buf_printf(out, "  priority %u\n", dice_below(dice, 3));
    BUF_LIT(out, "}\n");
}

static void fixed_pieces(struct pieces *pieces, struct arena *arena, struct buf *text)
{
    static const char *const fixed[] = {
        "provider openai { zone \"us\" }\n",
        "provider azure_eu { zone \"eu\" region \"west\" }\n",
        "provider local { zone \"onprem\" }\n",
        "model \"openai/gpt-4o\" { input $2.50 output $10.00 supports tools, vision image $0.01 "
        "}\n",
        "model \"local/llama\" { input $0.10 output $0.40 max_output 16 request $0.001 supports "
        "json_schema, tools }\n",
        "model \"openai/gpt-4o-mini\" { input $0.15 output $0.60 tier \"priority\" 200% }\n",
        "budget spend { per tenant.id amount $10 per month soft 80% }\n",
        "limit rate { when request.stream per key.id, tenant.id requests 5 per 1m burst 2 }\n",
        "invariant stays { when is_eu never target.zone != \"eu\" }\n",
        "invariant hides { always redact nested }\n",
        "runtime list suspended = [\"t2\", \"a\"]\n",
        "let is_eu = (tenant.region ?? \"eu\") == \"eu\" or \"gdpr\" in tenant.tags\n",
        "detector digits { pattern /[0-9]{2,4}/ context \"card\" score 40% to 90% }\n",
        "detector team { pattern /t[0-9]/ score 60% }\n",
        "group nested = digits at 30%, team at 70%\n",
        "group all_of_them = nested, team\n",
        "let small = request.prompt_tokens < 10\n"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        buf_append(text, dvara_str_from_cstr(fixed[i]));
        add(pieces, arena, text);
    }
}

void generate_program(struct dice *dice, struct arena *arena, struct pieces *ret_pieces)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    ret_pieces->n = 0;
    fixed_pieces(ret_pieces, arena, &text);
    if (dice_below(dice, 4)) {
        buf_append(&text, dice_below(dice, 3) ? DVARA_STR("default allow\n")
                                              : DVARA_STR("default deny\n"));
        add(ret_pieces, arena, &text);
    }
    uint32_t n = 1 + dice_below(dice, 12);
    for (uint32_t i = 0; i < n; i++) {
        rule(dice, i, &text);
        add(ret_pieces, arena, &text);
    }
    route(dice, "first", dice_below(dice, 2) ? "second" : NULL, &text);
    add(ret_pieces, arena, &text);
    route(dice, "second", NULL, &text);
    add(ret_pieces, arena, &text);
    buf_clear(&text);
}

void generate_print(struct dice *dice, bool shuffle, struct pieces *pieces, struct buf *out)
{
    for (size_t i = pieces->n; shuffle && i > 1; i--) {
        size_t j = dice_below(dice, (uint32_t)i);
        struct dvara_str other = pieces->v[j];
        pieces->v[j] = pieces->v[i - 1];
        pieces->v[i - 1] = other;
    }
    BUF_LIT(out, "dvp 1\n");
    for (size_t i = 0; i < pieces->n; i++)
        buf_append(out, pieces->v[i]);
}
