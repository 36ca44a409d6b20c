/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/prefix.h"

#include "unit/suite.h"

#include <stdio.h>

static const char *list(const char *source, uint32_t flags, char room[256])
{
    struct pattern_source pattern = {.source = dvara_str_from_cstr(source), .flags = flags};
    struct prefix v[PREFIX_MAX];
    size_t n = prefix_list(&pattern, v);
    size_t at = 0;
    room[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(room + at, 256 - at, "%s%.*s", i ? " " : "", (int)v[i].n, v[i].p);
    return room;
}

TEST(a_pattern_begins_with_its_literals)
{
    char room[256];
    ck_assert_str_eq(list("\\bghp_[0-9A-Za-z]{36}\\b", 0, room), "ghp_");
    ck_assert_str_eq(list("\\bSG\\.[0-9A-Za-z_-]{22}", 0, room), "SG.");
    ck_assert_str_eq(list("(?:sk|pk)_live_x", 0, room), "sk_live_ pk_live_");
    ck_assert_str_eq(list("[rs]k_live_", 0, room), "rk_live_ sk_live_");
    ck_assert_str_eq(list("-----BEGIN", 0, room), "-----BEG");
    ck_assert_str_eq(list("AKIA?", 0, room), "AKI");
    ck_assert_str_eq(list("Bearer x", PATTERN_CASELESS, room), "bearer x");
    ck_assert_str_eq(list("ab(?:c|d)?e", 0, room), "ab");
    ck_assert_str_eq(list("(?:jan(?:uary)?|june?|may) [0-9]", 0, room), "jan jun may");
    ck_assert_str_eq(list("(?:api_?-?key|pwd|pass(?:word|[wd]))x", 0, room), "api pwd pass");
    ck_assert_str_eq(list("(?:s?ftps?|ssh)://", 0, room), "sftp ftp ssh");
    ck_assert_str_eq(list("(?:connection|x[|)]y)z", 0, room), "");
    ck_assert_str_eq(list("(?:connection|xz[|)]y)z", 0, room), "connecti xz");
    ck_assert_str_eq(list("a(?:bcd|bcde)f", 0, room), "abcdf abcdef");
    ck_assert_str_eq(list("éa", 0, room), "éa");
    ck_assert_str_eq(list("(?:Пароль|hasło|ö?xz|mañé?)y", 0, room), "Паро hasło öxz xz mañ");
}
END_TEST

TEST(where_it_cannot_be_read_off_it_is_not_known)
{
    char room[256];
    static const char *const sources[] = {"[0-9a-f]{32}", "ab|cd", "a+b", ".ab", "(?<=x)ab",
                                          "(?:ab|c+)d",   "[^a]b", "x",   "",    "(?i)ab",
                                          "[éè]bc"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        ck_assert_msg(list(sources[i], 0, room)[0] == '\0', "%s: %s", sources[i], room);
    ck_assert_str_eq(list("éa", PATTERN_CASELESS, room), "");
    ck_assert_str_eq(list("aéb", PATTERN_CASELESS, room), "");
}
END_TEST

SUITE(a_pattern_begins_with_its_literals, where_it_cannot_be_read_off_it_is_not_known)
