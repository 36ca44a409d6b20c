/* SPDX-License-Identifier: Apache-2.0 */
/* What a solver printed: a verdict and, after `sat`, a value for each term that was asked for, in
 * that order. Whatever else it prints is no answer. */
#ifndef LANG_LOGIC_ANSWER_H
#define LANG_LOGIC_ANSWER_H

#include "lang/address_set.h"
#include "lang/logic/script.h"

enum verdict { VERDICT_UNKNOWN, VERDICT_SAT, VERDICT_UNSAT };

struct answer_value {
    bool known; /* false: it does not fit its sort here, such as an int over 64 bits */
    bool boolean;
    int64_t i;
    double f;
    struct dvara_str s; /* UTF-8 */
    struct address address;
    struct dvara_str text; /* as printed: a term that the solver reads back */
};

struct answer {
    enum verdict verdict;
    struct answer_value *values; /* one for each of the script's `asked`; NULL unless SAT */
    bool *atoms;                 /* ABSTRACT and SAT: the truth of each of the script's atoms */
    bool has_core;
    bool *core; /* CORE and UNSAT: which of the atoms' truths are to blame */
};

/* Never fails: a SAT whose values do not parse is UNKNOWN. A core that does not parse is none. The
 * values live in the arena. */
struct answer answer_read(struct arena *arena, const struct script *script, enum script_form form,
                          struct dvara_str text);

#endif
