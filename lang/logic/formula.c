/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/formula.h"

struct formula formula_of(bool value)
{
    return (struct formula){value ? SCRIPT_TRUE : SCRIPT_FALSE, SCRIPT_FALSE};
}

struct formula formula_make(struct script *script, struct dvara_str holds, struct dvara_str errs)
{
    return (struct formula){script_and(script, holds, script_not(script, errs)), errs};
}

struct dvara_str formula_fails(struct script *script, struct formula a)
{
    return script_and(script, script_not(script, a.holds), script_not(script, a.errs));
}

struct dvara_str formula_applies(struct script *script, struct formula a)
{
    return script_or(script, a.holds, a.errs);
}

/* Both hold; it errs where one errs and neither is false. */
struct formula formula_and(struct script *script, struct formula a, struct formula b)
{
    struct dvara_str errs = script_or(script, a.errs, b.errs);
    errs = script_and(script, errs, formula_applies(script, a));
    errs = script_and(script, errs, formula_applies(script, b));
    return (struct formula){script_and(script, a.holds, b.holds), errs};
}

/* One holds; it errs where one errs and neither is true. */
struct formula formula_or(struct script *script, struct formula a, struct formula b)
{
    struct dvara_str errs = script_or(script, a.errs, b.errs);
    errs = script_and(script, errs, script_not(script, a.holds));
    errs = script_and(script, errs, script_not(script, b.holds));
    return (struct formula){script_or(script, a.holds, b.holds), errs};
}

struct formula formula_not(struct script *script, struct formula a)
{
    return (struct formula){formula_fails(script, a), a.errs};
}
