/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/regex.h"

unsigned regex_pattern_flags(const struct regex *regex)
{
    return (regex->flags & REGEX_I ? PATTERN_CASELESS : 0u) |
           (regex->flags & REGEX_S ? PATTERN_DOTALL : 0u) |
           (regex->flags & REGEX_X ? PATTERN_EXTENDED : 0u);
}

enum dvara_status regex_check(const struct regex *regex, struct pattern_facts *ret_facts,
                              struct pattern_build_error *ret_error)
{
    struct pattern_source source = {.source = regex->text};
    if (regex->facts && regex->facts->known) {
        *ret_facts = regex->facts->facts;
        return DVARA_OK;
    }
    source.flags = regex_pattern_flags(regex);
    enum dvara_status status =
        pattern_check_within(PATTERN_LIMITS_ONE, &source, ret_facts, ret_error);
    if (status == DVARA_OK && regex->facts)
        *regex->facts = (struct regex_facts){.known = true, .facts = *ret_facts};
    return status;
}
