/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/leads.h"

#include "base/arena.h"
#include "unit/suite.h"

static struct lead lead_of(const char *pattern, unsigned flags, const char *prefix_cstr)
{
    struct pattern_source source = {.source = dvara_str_from_cstr(pattern), .flags = flags};
    struct prefix prefix = {.n = strlen(prefix_cstr)};
    struct leads *leads = calloc(1, sizeof *leads);
    struct lead lead;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    memcpy(prefix.p, prefix_cstr, prefix.n);
    ck_assert(leads && leads_init(leads, 1, &arena));
    leads_add(leads, &prefix, &source, 0);
    lead = leads->v[0];
    arena_clear(&arena);
    free(leads);
    return lead;
}

/* The quick look passes what stands, and of a lead with a case nothing else. */
static void compare_at(const struct lead *lead, struct dvara_str text, size_t at, bool exact)
{
    bool cut;
    struct lead_place place = lead_place(text, at);
    bool stands = lead_stands(lead, text, at, &cut);
    bool may = lead_may_stand(lead, &place);
    ck_assert_msg(may || !stands, "%.*s at %zu of %.*s", (int)lead->prefix.n, lead->prefix.p, at,
                  (int)text.n, text.p);
    ck_assert_msg(!exact || stands == may, "%.*s at %zu of %.*s", (int)lead->prefix.n,
                  lead->prefix.p, at, (int)text.n, text.p);
}

TEST(a_quick_look_passes_what_stands_whole_cut_or_inside_a_word)
{
    const struct lead leads[] = {
        lead_of("\\bghp_[a-z]{36}", 0, "ghp_"), lead_of("AKIA[A-Z]{16}", 0, "AKIA"),
        lead_of("\\bpassword=", PATTERN_CASELESS, "password"), lead_of("\\$2[aby]", 0, "$2")};
    struct dvara_str text =
        DVARA_STR("ghp_a xghp_ _ghp_ GHP_ AKIA xAKIA akia PassWord PassworD $2 \x04"
                  "2 gh AKI");
    for (size_t n = 1; n <= text.n; n++) {
        for (size_t at = 0; at < n; at++) {
            for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
                compare_at(&leads[i], dvara_str_slice(text, 0, n), at, !leads[i].caseless);
        }
    }
}
END_TEST

TEST(a_quick_look_rules_out_other_cases_and_places_inside_words)
{
    const struct lead key = lead_of("\\bghp_[a-z]{36}", 0, "ghp_");
    struct lead_place place = lead_place(DVARA_STR("GHP_abcd"), 0);
    ck_assert(!lead_may_stand(&key, &place));
    place = lead_place(DVARA_STR("xghp_abcd"), 1);
    ck_assert(!lead_may_stand(&key, &place));
    place = lead_place(DVARA_STR("-ghp_abcd"), 1);
    ck_assert(lead_may_stand(&key, &place));
    place = lead_place(DVARA_STR("-gh"), 1);
    ck_assert(lead_may_stand(&key, &place));
}
END_TEST

SUITE(a_quick_look_passes_what_stands_whole_cut_or_inside_a_word,
      a_quick_look_rules_out_other_cases_and_places_inside_words)
