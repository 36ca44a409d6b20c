/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/tables.h"

#include <assert.h>
#include <string.h>

#define BUNDLE_COLUMN_OF(row, member, kind, ref)                                                   \
    {#member, (uint16_t)offsetof(struct row, member), BUNDLE_COLUMN_##kind, (uint32_t)(ref)},

/* One array of columns a table. */
#define C_MANIFEST(m, k, r)  BUNDLE_COLUMN_OF(bundle_manifest, m, k, r)
#define C_SOURCE(m, k, r)    BUNDLE_COLUMN_OF(bundle_source, m, k, r)
#define C_CONST(m, k, r)     BUNDLE_COLUMN_OF(bundle_const, m, k, r)
#define C_ELEMENT(m, k, r)   BUNDLE_COLUMN_OF(bundle_element, m, k, r)
#define C_LIST(m, k, r)      BUNDLE_COLUMN_OF(bundle_list, m, k, r)
#define C_RUNTIME(m, k, r)   BUNDLE_COLUMN_OF(bundle_runtime, m, k, r)
#define C_PATTERN(m, k, r)   BUNDLE_COLUMN_OF(bundle_pattern, m, k, r)
#define C_GLOBS(m, k, r)     BUNDLE_COLUMN_OF(bundle_globs, m, k, r)
#define C_NET(m, k, r)       BUNDLE_COLUMN_OF(bundle_net, m, k, r)
#define C_NETS(m, k, r)      BUNDLE_COLUMN_OF(bundle_nets, m, k, r)
#define C_SHIFT(m, k, r)     BUNDLE_COLUMN_OF(bundle_shift, m, k, r)
#define C_ZONE(m, k, r)      BUNDLE_COLUMN_OF(bundle_zone, m, k, r)
#define C_PERIOD(m, k, r)    BUNDLE_COLUMN_OF(bundle_period, m, k, r)
#define C_REGEX(m, k, r)     BUNDLE_COLUMN_OF(bundle_regex, m, k, r)
#define C_BLOCK(m, k, r)     BUNDLE_COLUMN_OF(bundle_block, m, k, r)
#define C_PART(m, k, r)      BUNDLE_COLUMN_OF(bundle_part, m, k, r)
#define C_TEMPLATE(m, k, r)  BUNDLE_COLUMN_OF(bundle_template, m, k, r)
#define C_MEMBER(m, k, r)    BUNDLE_COLUMN_OF(bundle_member, m, k, r)
#define C_GROUP(m, k, r)     BUNDLE_COLUMN_OF(bundle_group, m, k, r)
#define C_PROVIDER(m, k, r)  BUNDLE_COLUMN_OF(bundle_provider, m, k, r)
#define C_ALIAS(m, k, r)     BUNDLE_COLUMN_OF(bundle_alias, m, k, r)
#define C_MODEL(m, k, r)     BUNDLE_COLUMN_OF(bundle_model, m, k, r)
#define C_TARGET(m, k, r)    BUNDLE_COLUMN_OF(bundle_target, m, k, r)
#define C_RETRY(m, k, r)     BUNDLE_COLUMN_OF(bundle_retry, m, k, r)
#define C_ROUTE(m, k, r)     BUNDLE_COLUMN_OF(bundle_route, m, k, r)
#define C_META(m, k, r)      BUNDLE_COLUMN_OF(bundle_meta, m, k, r)
#define C_EFFECT(m, k, r)    BUNDLE_COLUMN_OF(bundle_effect, m, k, r)
#define C_KEY(m, k, r)       BUNDLE_COLUMN_OF(bundle_key, m, k, r)
#define C_SUBJECT(m, k, r)   BUNDLE_COLUMN_OF(bundle_subject, m, k, r)
#define C_RULE(m, k, r)      BUNDLE_COLUMN_OF(bundle_rule, m, k, r)
#define C_NAMED(m, k, r)     BUNDLE_COLUMN_OF(bundle_named, m, k, r)
#define C_TIER(m, k, r)      BUNDLE_COLUMN_OF(bundle_tier, m, k, r)
#define C_ABORT(m, k, r)     BUNDLE_COLUMN_OF(bundle_abort, m, k, r)
#define C_BIND(m, k, r)      BUNDLE_COLUMN_OF(bundle_bind, m, k, r)
#define C_LIMIT(m, k, r)     BUNDLE_COLUMN_OF(bundle_limit, m, k, r)
#define C_BUDGET(m, k, r)    BUNDLE_COLUMN_OF(bundle_budget, m, k, r)
#define C_INVARIANT(m, k, r) BUNDLE_COLUMN_OF(bundle_invariant, m, k, r)

#define BUNDLE_T(ID, row, rows)                                                                    \
    static const struct bundle_column columns_##row[] = {BUNDLE_##ID##_COLUMNS(C_##ID)};
BUNDLE_TABLES(BUNDLE_T)
#undef BUNDLE_T

#define SIZE_STR                  4
#define SIZE_U32                  4
#define SIZE_I64                  8
#define SIZE_ENUM                 4
#define SIZE_BITS                 4
#define SIZE_REF                  4
#define SIZE_OREF                 4
#define SIZE_FIRST                4
#define SIZE_COUNT                4
#define C_SIZE(member, kind, ref) +SIZE_##kind

static const struct bundle_layout layouts[] = {
#define BUNDLE_T(ID, row, rows)                                                                    \
    [BUNDLE_TABLE_##ID] = {#rows, sizeof(struct bundle_##row), 0 BUNDLE_##ID##_COLUMNS(C_SIZE),    \
                           columns_##row, sizeof columns_##row / sizeof *columns_##row},
    BUNDLE_TABLES(BUNDLE_T)
#undef BUNDLE_T
};

static const struct bundle_key_row key_rows[] = {
#define KEY(id, spelling, reach, reads, what)                                                      \
    [BUNDLE_KEY_##id] = {spelling, BUNDLE_REACH_##reach, BUNDLE_READS_##reads},
#include "bundle/keys.def"
};

const struct bundle_key_row *bundle_key_row(uint32_t kind)
{
    assert(kind < BUNDLE_KEY_COUNT);
    return &key_rows[kind];
}

bool bundle_rule_is_reached(const struct bundle_rule *rule, const struct bundle_key *keys)
{
    bool reached = (rule->flags & BUNDLE_RULE_INDEXED) != 0;
    for (uint32_t i = 0; i < rule->key_count; i++)
        reached = reached && bundle_key_row(keys[i].kind)->reach != BUNDLE_REACH_ASK;
    return reached;
}

struct place {
    size_t rows, n; /* offsets in struct bundle_tables */
};

static const struct place places[] = {
#define BUNDLE_T(ID, row, rows)                                                                    \
    [BUNDLE_TABLE_##                                                                               \
        ID] = {offsetof(struct bundle_tables, rows), offsetof(struct bundle_tables, n_##rows)},
    BUNDLE_TABLES(BUNDLE_T)
#undef BUNDLE_T
};

const struct bundle_layout *bundle_layout(enum bundle_table table)
{
    assert(table < BUNDLE_TABLE_COUNT);
    return &layouts[table];
}

void *bundle_rows(const struct bundle_tables *tables, enum bundle_table table, uint32_t *ret_n)
{
    const char *base = (const char *)tables;
    void *rows;
    memcpy(&rows, base + places[table].rows, sizeof rows);
    memcpy(ret_n, base + places[table].n, sizeof *ret_n);
    return rows;
}

void bundle_set_rows(struct bundle_tables *tables, enum bundle_table table, void *rows, uint32_t n)
{
    char *base = (char *)tables;
    memcpy(base + places[table].rows, &rows, sizeof rows);
    memcpy(base + places[table].n, &n, sizeof n);
}
