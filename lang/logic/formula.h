/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions with three values (language.md section 6) as two formulas: it is true, it errs. Never
 * both. The connectives agree with
 * engine/vm/kleene.def row by row (tests/unit/lang/logic/test_formula.c). */
#ifndef LANG_LOGIC_FORMULA_H
#define LANG_LOGIC_FORMULA_H

#include "lang/logic/script.h"

struct formula {
    struct dvara_str holds, errs;
};

struct formula formula_of(bool value);
/* True where `holds`, unless it errs. */
struct formula formula_make(struct script *script, struct dvara_str holds, struct dvara_str errs);
struct formula formula_and(struct script *script, struct formula a, struct formula b);
struct formula formula_or(struct script *script, struct formula a, struct formula b);
struct formula formula_not(struct script *script, struct formula a);
/* It is neither true nor an error. */
struct dvara_str formula_fails(struct script *script, struct formula a);
/* It is true or errs: where what applies on an error applies. */
struct dvara_str formula_applies(struct script *script, struct formula a);

#endif
