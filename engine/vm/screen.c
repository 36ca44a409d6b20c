/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/screen.h"

#include "dvara/limits.h"
#include "vm/scan.h"

#include <string.h>

/* Each atom by its code; it is kept, so that what many rules want is run once. */
static void by_code(struct dvara_run *run, const struct index_screen *screen,
                    struct index_sink *sink)
{
    for (uint32_t i = 0; i < screen->n; i++) {
        struct value v = run_atom(run, screen->blocks[i]);
        if (value_is_error(v) || v.i == screen->wanted[i])
            index_sink_add(sink, screen->led[i].v, screen->led[i].n);
    }
}

/* The value, or one that is absent or an error: the atoms' code knows what that means. */
static struct value leaf_value(struct dvara_run *run, const struct form_leaf *leaf)
{
    struct value v;
    if (leaf->block == BUNDLE_ABSENT)
        run_attribute(run, leaf->attribute, leaf->imm, &v);
    else
        v = run_let(run, leaf->block);
    if (v.state == VALUE_ABSENT && leaf->fallback != BUNDLE_ABSENT)
        v = run->bundle->constants[leaf->fallback];
    if (v.state == VALUE_PRESENT && leaf->is_count)
        v.i = (int64_t)v.l.n;
    return v;
}

/* A record of the decision tells what was asked of the content (dvara/trace.h). Without memory it
 * tells less. */
static void keep(struct dvara_run *run, const struct index_screen *screen, const void *asked,
                 size_t n)
{
    if (screen->kept == INDEX_UNKEPT)
        return;
    if (!run->kept)
        run->kept = ARENA_ARRAY(run->arena, run->bundle->index.n_kept, const void *);
    void *copy = run->kept ? arena_alloc(run->arena, n) : NULL;
    if (copy)
        run->kept[screen->kept] = memcpy(copy, asked, n);
}

static bool by_sums(struct dvara_run *run, const struct index_screen *screen, uint8_t *truths,
                    struct index_sink *sink)
{
    int64_t leaves[FORM_LEAVES] = {0, 0};
    for (uint32_t i = 0; i < screen->n_leaves; i++) {
        struct value v = leaf_value(run, &screen->leaves[i]);
        if (v.state != VALUE_PRESENT || v.i > screen->limit || v.i < -screen->limit)
            return false;
        leaves[i] = v.i;
    }
    index_screen_sum(screen, leaves, truths, sink);
    keep(run, screen, leaves, sizeof leaves);
    return true;
}

/* What holds is judged next: its atom need not be asked again. */
static void keep_found(struct dvara_run *run, const struct index_screen *screen,
                       const uint8_t *truths)
{
    const uint8_t *at = truths, *end = truths + screen->n;
    while ((at = memchr(at, 1, (size_t)(end - at))) != NULL)
        run_keep_atom(run, screen->blocks[at++ - truths], true);
}

static bool by_patterns(struct dvara_run *run, const struct index_screen *screen,
                        struct dvara_str text, uint8_t *truths)
{
    const uint8_t *matched = scan_patterns(run, text);
    for (uint32_t i = 0; matched && i < screen->n; i++)
        truths[i] = matched[screen->numbers[i]];
    return matched != NULL;
}

static bool by_text(struct dvara_run *run, const struct index_screen *screen, uint8_t *truths)
{
    struct value v = leaf_value(run, &screen->leaves[0]);
    if (screen->n_leaves != 1 || v.state != VALUE_PRESENT ||
        !run_charge(run, v.s.n / DVARA_STEP_TEXT_BYTES))
        return false;
    if (screen->kind == FORM_MATCH) {
        if (!by_patterns(run, screen, v.s, truths))
            return false;
    } else {
        index_screen_text(screen, v.s, truths);
    }
    keep(run, screen, truths, screen->n);
    if (screen->kind != FORM_SET)
        keep_found(run, screen, truths);
    return true;
}

static void add_all(const struct index_screen *screen, struct index_sink *sink)
{
    for (uint32_t i = 0; i < screen->n; i++)
        index_sink_add(sink, screen->led[i].v, screen->led[i].n);
}

static void ask(struct dvara_run *run, const struct index_screen *screen, struct index_sink *sink)
{
    uint8_t *truths = run->vm->truths;
    bool done = false;
    if (screen->kind != FORM_CODE && !run->trace && !run->facts->faults)
        done = screen->kind == FORM_LINEAR ? by_sums(run, screen, truths, sink)
                                           : by_text(run, screen, truths);
    if (done)
        index_screen_lead(screen, truths, sink);
    else
        by_code(run, screen, sink);
}

void screen_atoms(struct dvara_run *run, const struct index_atoms *atoms, struct index_sink *sink)
{
    for (uint32_t i = 0; i < atoms->n_screens; i++) {
        if (run->windowed || run->replay)
            add_all(&atoms->screens[i], sink);
        else
            ask(run, &atoms->screens[i], sink);
    }
}
