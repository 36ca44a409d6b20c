/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions of the source, as the pattern compiler takes them. */
#ifndef LANG_REGEX_H
#define LANG_REGEX_H

#include "lang/expr.h"
#include "pattern/build/limited.h"

/* Asked once of each regular expression: a check and several lints want to know, and asking takes
 * milliseconds. */
struct regex_facts {
    bool known;
    struct pattern_facts facts;
};

/* Its flags as the pattern compiler spells them. */
unsigned regex_pattern_flags(const struct regex *regex);

/* What the pattern compiler says of it. INVALID or TOO_LARGE: ret_error has the reason. */
DVARA_MUST_CHECK enum dvara_status regex_check(const struct regex *regex,
                                               struct pattern_facts *ret_facts,
                                               struct pattern_build_error *ret_error);

#endif
