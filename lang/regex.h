/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions of the source, as the pattern compiler takes them. */
#ifndef LANG_REGEX_H
#define LANG_REGEX_H

#include "lang/expr.h"
#include "pattern/build/limited.h"

/* What the pattern compiler says of it. INVALID or TOO_LARGE: ret_error has the reason. */
DVARA_MUST_CHECK enum dvara_status regex_check(const struct regex *regex,
                                               struct pattern_facts *ret_facts,
                                               struct pattern_build_error *ret_error);

#endif
