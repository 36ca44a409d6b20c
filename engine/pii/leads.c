/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/leads.h"

#include "pattern/text.h"

bool leads_init(struct leads *leads, size_t n, struct arena *arena)
{
    leads->v = ARENA_ARRAY(arena, n, struct lead);
    return leads->v != NULL;
}

void leads_add(struct leads *leads, const struct prefix *prefix,
               const struct pattern_source *source, uint32_t use)
{
    uint32_t *bucket = &leads->buckets[leads_bucket(prefix->p[0], prefix->p[1])];
    uint32_t *first = &leads->firsts[(unsigned char)text_fold(prefix->p[0])];
    leads->v[leads->n++] = (struct lead){.prefix = *prefix,
                                         .use = use,
                                         .next = *bucket,
                                         .next_first = *first,
                                         .caseless = source->flags & PATTERN_CASELESS,
                                         .bounded = prefix_is_bounded(source) &&
                                                    text_is_alnum((unsigned char)prefix->p[0])};
    struct lead *lead = &leads->v[leads->n - 1];
    memcpy(&lead->want, prefix->p, prefix->n);
    memset(&lead->mask, 0xFF, prefix->n);
    lead->fold = lead->caseless ? LEAD_FOLD : 0;
    lead->want = (lead->want | lead->fold) & lead->mask;
    *bucket = (uint32_t)leads->n;
    triples_add(&leads->triples, dvara_str_from(prefix->p, prefix->n));
    *first = (uint32_t)leads->n;
}

bool lead_stands(const struct lead *lead, struct dvara_str text, size_t at, bool *ret_cut)
{
    size_t left = text.n - at;
    size_t n = left < lead->prefix.n ? left : lead->prefix.n;
    for (size_t i = 0; i < n; i++) {
        char c = lead->caseless ? text_fold(text.p[at + i]) : text.p[at + i];
        if (c != lead->prefix.p[i])
            return false;
    }
    *ret_cut = left < lead->prefix.n;
    return !(lead->bounded && at &&
             (text.p[at - 1] == '_' || text_is_alnum((unsigned char)text.p[at - 1])));
}
