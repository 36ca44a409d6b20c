/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/generate.h"

static const char *const modes[] = {"", "", "", "", "  mode report\n", "  mode shadow\n"};
static const char *const templates[] = {"plain", "model {request.model}", "{tenant.id} {{x}}",
                                        "{len(tenant.tags)} tags, {request.size}",
                                        "{request.prompt_tokens} {session.cost} {session.age}"};
static const char *const targets[] = {"openai/gpt-4o", "azure_eu/gpt-4o", "local/llama",
                                      "openai/gpt-4o-mini"};

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

static void request_decision(struct dice *dice, struct buf *out)
{
    static const char *const effects[] = {
        "deny",  "deny code \"c1\"", "deny code \"c2\" status 402", "allow",
        "allow", "warn \"w\"",       "tag \"seen\" \"yes\""};
    buf_printf(out, "  %s\n", PICK(dice, effects));
    if (dice_below(dice, 6) == 0)
        BUF_LIT(out, "  once\n");
}

static void rule(struct dice *dice, uint32_t number, struct buf *out)
{
    uint32_t kind = dice_below(dice, 10);
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
        BUF_LIT(out, "  deny code \"tool\"\n");
    } else {
        BUF_LIT(out, "  on response\n");
        when(dice, DVARA_PHASE_RESPONSE, out);
        BUF_LIT(out, "  deny code \"answer\"\n");
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
    bool weighted = dice_below(dice, 2);
    buf_append(out,
               weighted ? DVARA_STR("  strategy weighted\n") : DVARA_STR("  strategy failover\n"));
    uint32_t n = 1 + dice_below(dice, 4);
    for (uint32_t i = 0; i < n; i++) {
        buf_printf(out, "  target \"%s\"", targets[i]);
        if (weighted && dice_below(dice, 2))
            buf_printf(out, " weight %u", dice_below(dice, 10) + (i == 0));
        BUF_LIT(out, "\n");
    }
    if (weighted && dice_below(dice, 3) == 0)
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
        "model \"openai/gpt-4o\" { input $2.50 output $10.00 }\n",
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
