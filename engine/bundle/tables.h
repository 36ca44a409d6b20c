/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a bundle. One list per table, C(member, kind, ref), gives the row's struct, its
 * encoding, the range checks of the loader, and what `inspect` prints. Every column is one
 * little-endian word of 32 bits, I64 two. Kinds and what ref means: STR    a string (ref 0), or
 * BUNDLE_ABSENT where ref is 1 U32    any value up to ref I64    any value at all (ref 0) or not
 * negative (ref 1) ENUM   less than ref BITS   no bit outside ref REF    a row of table ref OREF
 * the same, or BUNDLE_ABSENT FIRST  first of a run of rows of table ref; the next column must be
 * its COUNT  length Append only: the number of a table is its section's kind, the place of a column
 * its offset. */
#ifndef BUNDLE_TABLES_H
#define BUNDLE_TABLES_H

#include "dvara/limits.h"
#include "dvara/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUNDLE_ABSENT UINT32_MAX
#define BUNDLE_ANY    UINT32_MAX

enum bundle_block_kind {
    BUNDLE_BLOCK_ATOM, /* an atomic predicate, or a boolean let: bool, kept once known */
    BUNDLE_BLOCK_LET,  /* a let of another type, kept once known */
    BUNDLE_BLOCK_CODE, /* a condition or an expression: run each time */
    BUNDLE_BLOCK_COUNT
};

/* What a block's value depends on beside the request as sent: kept results are forgotten when it
 * changes. */
enum {
    BUNDLE_DEPENDS_REWRITE = 1, /* request.model, max_tokens, temperature, user, headers */
    BUNDLE_DEPENDS_TARGET = 2,
    BUNDLE_DEPENDS_TOOL = 4,
    BUNDLE_DEPENDS_RESPONSE = 8,
    BUNDLE_DEPENDS_PHASE = 16, /* pii.*: another text in each phase */
    BUNDLE_DEPENDS_MODEL = 32, /* request.model: judged again per target */
    BUNDLE_DEPENDS_ALL = 63
};

enum bundle_key_kind {
#define KEY(id, spelling, reach, reads, what) BUNDLE_KEY_##id,
#include "bundle/keys.def"
    BUNDLE_KEY_COUNT
};

enum { BUNDLE_EACH_VALUE, BUNDLE_EACH_ELEMENT, BUNDLE_EACH_FIELD }; /* + enum dvara_field */
enum bundle_key_reach { BUNDLE_REACH_INDEX, BUNDLE_REACH_TEST, BUNDLE_REACH_ASK };
enum bundle_key_reads {
    BUNDLE_READS_NOTHING,
    BUNDLE_READS_TEXT,
    BUNDLE_READS_RANGE,
    BUNDLE_READS_NET,
    BUNDLE_READS_TRUTH
};

enum bundle_opaque {
    BUNDLE_OPAQUE_NONE,
    BUNDLE_OPAQUE_TOKENS,
    BUNDLE_OPAQUE_ALL,
    BUNDLE_OPAQUE_COUNT
};

/* How a rule of the response phase is judged on a stream (language.md section 5). */
enum bundle_stream {
    BUNDLE_STREAM_EARLY,       /* known before the first byte */
    BUNDLE_STREAM_INCREMENTAL, /* on the hold-back window */
    BUNDLE_STREAM_BUFFER,      /* on the whole answer, which therefore waits */
    BUNDLE_STREAM_NOTIFY,      /* on the whole answer, after it went out */
    BUNDLE_STREAM_COUNT
};

enum {
    BUNDLE_RULE_ONCE = 1,
    BUNDLE_RULE_REWRITE = 2,
    BUNDLE_RULE_REJUDGED = 4,
    BUNDLE_RULE_INDEXED = 8 /* has keys: a candidate only where one of them leads to it */
};
enum { BUNDLE_RESTORE_TOOLS = 1, BUNDLE_RESTORE_URLS = 2 };
enum { BUNDLE_DEFAULT_DENY, BUNDLE_DEFAULT_ALLOW, BUNDLE_DEFAULT_COUNT };

#define BUNDLE_MANIFEST_COLUMNS(C)                                                                 \
    C(name, STR, 0)                                                                                \
    C(package, STR, 0)                                                                             \
    C(compiler, STR, 0)                                                                            \
    C(sequence, I64, 1)                                                                            \
    C(not_after, I64, 1)                                                                           \
    C(fallback, ENUM, BUNDLE_DEFAULT_COUNT)
/* A file the bundle was made from. */
#define BUNDLE_SOURCE_COLUMNS(C)                                                                   \
    C(path, STR, 0)                                                                                \
    C(digest, STR, 0)
/* `bits`: the member `i` of the type, a double's bits, or a string's number. */
#define BUNDLE_CONST_COLUMNS(C)                                                                    \
    C(type, ENUM, DVARA_TYPE_MESSAGE)                                                              \
    C(bits, I64, 0)
#define BUNDLE_ELEMENT_COLUMNS(C) C(constant, REF, BUNDLE_TABLE_CONST)
/* A constant list; as a set it is hashed at load. */
#define BUNDLE_LIST_COLUMNS(C)                                                                     \
    C(type, ENUM, DVARA_TYPE_MESSAGE)                                                              \
    C(first, FIRST, BUNDLE_TABLE_ELEMENT)                                                          \
    C(count, COUNT, BUNDLE_TABLE_ELEMENT)
#define BUNDLE_RUNTIME_COLUMNS(C)                                                                  \
    C(name, STR, 0)                                                                                \
    C(list, REF, BUNDLE_TABLE_LIST)
#define BUNDLE_PATTERN_COLUMNS(C) C(text, STR, 0)
/* Globs of which one must match. */
#define BUNDLE_GLOBS_COLUMNS(C)                                                                    \
    C(first, FIRST, BUNDLE_TABLE_PATTERN)                                                          \
    C(count, COUNT, BUNDLE_TABLE_PATTERN)
/* An IPv6 prefix (IPv4 as mapped), four words in network order. */
#define BUNDLE_NET_COLUMNS(C)                                                                      \
    C(word0, U32, BUNDLE_ANY)                                                                      \
    C(word1, U32, BUNDLE_ANY)                                                                      \
    C(word2, U32, BUNDLE_ANY)                                                                      \
    C(word3, U32, BUNDLE_ANY)                                                                      \
    C(bits, U32, 128)
#define BUNDLE_NETS_COLUMNS(C)                                                                     \
    C(first, FIRST, BUNDLE_TABLE_NET)                                                              \
    C(count, COUNT, BUNDLE_TABLE_NET)
/* From `at` (seconds since the epoch) on, a zone is `offset` seconds east of UTC. */
#define BUNDLE_SHIFT_COLUMNS(C)                                                                    \
    C(at, I64, 0)                                                                                  \
    C(offset, I64, 0)
#define BUNDLE_ZONE_COLUMNS(C)                                                                     \
    C(name, STR, 0)                                                                                \
    C(first, FIRST, BUNDLE_TABLE_SHIFT)                                                            \
    C(count, COUNT, BUNDLE_TABLE_SHIFT)
#define BUNDLE_PERIOD_COLUMNS(C)                                                                   \
    C(from, U32, 1439)                                                                             \
    C(to, U32, 1439)                                                                               \
    C(zone, REF, BUNDLE_TABLE_ZONE)
/* The row's number is the pattern's in the pattern sections. */
#define BUNDLE_REGEX_COLUMNS(C) C(source, STR, 0)
#define BUNDLE_BLOCK_COLUMNS(C)                                                                    \
    C(kind, ENUM, BUNDLE_BLOCK_COUNT)                                                              \
    C(type, ENUM, DVARA_TYPE_COUNT)                                                                \
    C(shape, ENUM, DVARA_SHAPE_COUNT)                                                              \
    C(code_first, U32, BUNDLE_ANY)                                                                 \
    C(code_count, U32, BUNDLE_ANY)                                                                 \
    C(registers, U32, 128)                                                                         \
    C(depends, BITS, BUNDLE_DEPENDS_ALL)                                                           \
    C(text, STR, 1)
#define BUNDLE_PART_COLUMNS(C)                                                                     \
    C(text, STR, 1)                                                                                \
    C(block, OREF, BUNDLE_TABLE_BLOCK)                                                             \
    C(client, ENUM, 2)
#define BUNDLE_TEMPLATE_COLUMNS(C)                                                                 \
    C(first, FIRST, BUNDLE_TABLE_PART)                                                             \
    C(count, COUNT, BUNDLE_TABLE_PART)
#define BUNDLE_MEMBER_COLUMNS(C)                                                                   \
    C(detector, U32, BUNDLE_ANY)                                                                   \
    C(threshold, U32, 1000000)
#define BUNDLE_GROUP_COLUMNS(C)                                                                    \
    C(name, STR, 0)                                                                                \
    C(first, FIRST, BUNDLE_TABLE_MEMBER)                                                           \
    C(count, COUNT, BUNDLE_TABLE_MEMBER)
#define BUNDLE_PROVIDER_COLUMNS(C)                                                                 \
    C(name, STR, 0)                                                                                \
    C(zone, STR, 0)                                                                                \
    C(region, STR, 0)
#define BUNDLE_ALIAS_COLUMNS(C) C(name, STR, 0)
/* A price tier: parts per million of the price. */
#define BUNDLE_TIER_COLUMNS(C)                                                                     \
    C(name, STR, 0)                                                                                \
    C(share, I64, 1)
/* Prices in micro-dollars and sizes in tokens; -1: not declared. */
#define BUNDLE_MODEL_COLUMNS(C)                                                                    \
    C(provider, STR, 0)                                                                            \
    C(model, STR, 0)                                                                               \
    C(input, I64, 0)                                                                               \
    C(output, I64, 0)                                                                              \
    C(cached, I64, 0)                                                                              \
    C(cache_write, I64, 0)                                                                         \
    C(request, I64, 0)                                                                             \
    C(image, I64, 0)                                                                               \
    C(image_tokens, I64, 0)                                                                        \
    C(context, I64, 0)                                                                             \
    C(max_output, I64, 0)                                                                          \
    C(supports_first, FIRST, BUNDLE_TABLE_ALIAS)                                                   \
    C(supports_count, COUNT, BUNDLE_TABLE_ALIAS)                                                   \
    C(first, FIRST, BUNDLE_TABLE_ALIAS)                                                            \
    C(count, COUNT, BUNDLE_TABLE_ALIAS)                                                            \
    C(tier_first, FIRST, BUNDLE_TABLE_TIER)                                                        \
    C(tier_count, COUNT, BUNDLE_TABLE_TIER)
/* `share`: of a canary or a mirror, in parts per million. */
#define BUNDLE_TARGET_COLUMNS(C)                                                                   \
    C(provider, STR, 0)                                                                            \
    C(model, STR, 0)                                                                               \
    C(weight, U32, 1000)                                                                           \
    C(arm, ENUM, DVARA_ARM_COUNT)                                                                  \
    C(share, U32, 1000000)
/* A condition that ends a canary: `value` in nanoseconds, or in parts per million: for `errors` of
 * the requests, else, if relative, of what the stable arm takes. */
#define BUNDLE_ABORT_COLUMNS(C)                                                                    \
    C(measure, ENUM, DVARA_MEASURE_COUNT)                                                          \
    C(relative, ENUM, 2)                                                                           \
    C(value, I64, 1)
#define BUNDLE_RETRY_COLUMNS(C) C(status, U32, 599)
#define BUNDLE_ROUTE_COLUMNS(C)                                                                    \
    C(name, STR, 0)                                                                                \
    C(match, OREF, BUNDLE_TABLE_BLOCK)                                                             \
    C(priority, I64, 0)                                                                            \
    C(strategy, ENUM, DVARA_STRATEGY_COUNT)                                                        \
    C(sticky, OREF, BUNDLE_TABLE_BLOCK)                                                            \
    C(fallback, OREF, BUNDLE_TABLE_ROUTE)                                                          \
    C(first, FIRST, BUNDLE_TABLE_TARGET)                                                           \
    C(count, COUNT, BUNDLE_TABLE_TARGET)                                                           \
    C(has_retry, ENUM, 2)                                                                          \
    C(retries, U32, 1000)                                                                          \
    C(retry_on, BITS, (1 << DVARA_RETRY_COUNT) - 1)                                                \
    C(retry_first, FIRST, BUNDLE_TABLE_RETRY)                                                      \
    C(retry_count, COUNT, BUNDLE_TABLE_RETRY)                                                      \
    C(backoff_low, I64, 1)                                                                         \
    C(backoff_high, I64, 1)                                                                        \
    C(timeout, I64, 1)                                                                             \
    C(connect, I64, 1)                                                                             \
    C(first_byte, I64, 1)                                                                          \
    C(idle, I64, 1)                                                                                \
    C(window, I64, 1)                                                                              \
    C(explore, U32, 1000000)                                                                       \
    C(mirror, OREF, BUNDLE_TABLE_TARGET)                                                           \
    C(abort_first, FIRST, BUNDLE_TABLE_ABORT)                                                      \
    C(abort_count, COUNT, BUNDLE_TABLE_ABORT)                                                      \
    C(abort_over, I64, 1)                                                                          \
    C(abort_min, I64, 1)
#define BUNDLE_META_COLUMNS(C)                                                                     \
    C(key, STR, 0)                                                                                 \
    C(value, STR, 0)
/* A value that an approval binds, or that a limit or budget is kept per; `text` is its source. */
#define BUNDLE_BIND_COLUMNS(C)                                                                     \
    C(text, STR, 0)                                                                                \
    C(block, REF, BUNDLE_TABLE_BLOCK)
/* `name`: the code of a denial, a header's name, a tag's key, who approves. `ttl`: of an approval
 * (0: none), or how long an answer is kept. `option`: an approval serves the session; the cache is
 * used for any key and kind of request. No binds: the whole request. */
#define BUNDLE_EFFECT_COLUMNS(C)                                                                   \
    C(kind, ENUM, DVARA_EFFECT_COUNT)                                                              \
    C(name, STR, 1)                                                                                \
    C(status, U32, 499)                                                                            \
    C(value, OREF, BUNDLE_TABLE_BLOCK)                                                             \
    C(text, OREF, BUNDLE_TABLE_TEMPLATE)                                                           \
    C(group, OREF, BUNDLE_TABLE_GROUP)                                                             \
    C(style, ENUM, DVARA_STYLE_COUNT)                                                              \
    C(where, BITS, (1 << DVARA_WHERE_COUNT) - 1)                                                   \
    C(restore, BITS, 3)                                                                            \
    C(route, OREF, BUNDLE_TABLE_ROUTE)                                                             \
    C(quorum, U32, BUNDLE_ANY)                                                                     \
    C(ttl, I64, 1)                                                                                 \
    C(hold, I64, 1)                                                                                \
    C(option, ENUM, 2)                                                                             \
    C(bind_first, FIRST, BUNDLE_TABLE_BIND)                                                        \
    C(bind_count, COUNT, BUNDLE_TABLE_BIND)
/* What keys ask: the value of a block that is kept (kind LET, or ATOM, of which only its truth is
 * asked), or without one an attribute that takes no argument. `each`: 0 its value; of a list, 1
 * every element, or 2 and a field's number that field of every record. */
#define BUNDLE_SUBJECT_COLUMNS(C)                                                                  \
    C(attribute, ENUM, DVARA_ATTR_COUNT)                                                           \
    C(block, OREF, BUNDLE_TABLE_BLOCK)                                                             \
    C(each, U32, DVARA_FIELD_COUNT + 1)                                                            \
    C(text, STR, 0)
/* The rule can hold only if one of its keys does (or a subject of them errs). */
#define BUNDLE_KEY_COLUMNS(C)                                                                      \
    C(subject, REF, BUNDLE_TABLE_SUBJECT)                                                          \
    C(kind, ENUM, BUNDLE_KEY_COUNT)                                                                \
    C(text, STR, 1)                                                                                \
    C(low, I64, 0)                                                                                 \
    C(high, I64, 0)                                                                                \
    C(net, OREF, BUNDLE_TABLE_NET)
#define BUNDLE_RULE_COLUMNS(C)                                                                     \
    C(name, STR, 0)                                                                                \
    C(file, STR, 0)                                                                                \
    C(line, U32, BUNDLE_ANY)                                                                       \
    C(doc, STR, 1)                                                                                 \
    C(priority, I64, 0)                                                                            \
    C(mode, ENUM, DVARA_MODE_COUNT)                                                                \
    C(phases, BITS, DVARA_PHASES_ALL)                                                              \
    C(flags, BITS, 15)                                                                             \
    C(when, OREF, BUNDLE_TABLE_BLOCK)                                                              \
    C(opaque, ENUM, BUNDLE_OPAQUE_COUNT)                                                           \
    C(opaque_when, OREF, BUNDLE_TABLE_BLOCK)                                                       \
    C(stream, ENUM, BUNDLE_STREAM_COUNT)                                                           \
    C(reason, OREF, BUNDLE_TABLE_TEMPLATE)                                                         \
    C(first, FIRST, BUNDLE_TABLE_EFFECT)                                                           \
    C(count, COUNT, BUNDLE_TABLE_EFFECT)                                                           \
    C(key_first, FIRST, BUNDLE_TABLE_KEY)                                                          \
    C(key_count, COUNT, BUNDLE_TABLE_KEY)                                                          \
    C(meta_first, FIRST, BUNDLE_TABLE_META)                                                        \
    C(meta_count, COUNT, BUNDLE_TABLE_META)
/* Model names that rules and routes compare with by equality (G31). */
#define BUNDLE_NAMED_COLUMNS(C) C(name, STR, 0)
/* Amounts are 0 where the clause is not given; times in nanoseconds. */
#define BUNDLE_LIMIT_COLUMNS(C)                                                                    \
    C(name, STR, 0)                                                                                \
    C(file, STR, 0)                                                                                \
    C(line, U32, BUNDLE_ANY)                                                                       \
    C(doc, STR, 1)                                                                                 \
    C(when, OREF, BUNDLE_TABLE_BLOCK)                                                              \
    C(per_first, FIRST, BUNDLE_TABLE_BIND)                                                         \
    C(per_count, COUNT, BUNDLE_TABLE_BIND)                                                         \
    C(requests, I64, 1)                                                                            \
    C(requests_per, I64, 1)                                                                        \
    C(requests_burst, I64, 1)                                                                      \
    C(tokens, I64, 1)                                                                              \
    C(tokens_per, I64, 1)                                                                          \
    C(tokens_burst, I64, 1)                                                                        \
    C(concurrent, I64, 1)                                                                          \
    C(on_store_failure, ENUM, DVARA_ON_STORE_FAILURE_COUNT)
/* `zone` absent: UTC. `soft`: parts per million, -1 when not given. */
#define BUNDLE_BUDGET_COLUMNS(C)                                                                   \
    C(name, STR, 0)                                                                                \
    C(file, STR, 0)                                                                                \
    C(line, U32, BUNDLE_ANY)                                                                       \
    C(doc, STR, 1)                                                                                 \
    C(when, OREF, BUNDLE_TABLE_BLOCK)                                                              \
    C(per_first, FIRST, BUNDLE_TABLE_BIND)                                                         \
    C(per_count, COUNT, BUNDLE_TABLE_BIND)                                                         \
    C(amount, I64, 1)                                                                              \
    C(window, ENUM, DVARA_CALENDAR_COUNT)                                                          \
    C(zone, OREF, BUNDLE_TABLE_ZONE)                                                               \
    C(soft, I64, 0)                                                                                \
    C(on_store_failure, ENUM, DVARA_ON_STORE_FAILURE_COUNT)
/* What `prove` shows; `never` and `group` by claim. */
#define BUNDLE_INVARIANT_COLUMNS(C)                                                                \
    C(name, STR, 0)                                                                                \
    C(file, STR, 0)                                                                                \
    C(line, U32, BUNDLE_ANY)                                                                       \
    C(doc, STR, 1)                                                                                 \
    C(when, OREF, BUNDLE_TABLE_BLOCK)                                                              \
    C(claim, ENUM, DVARA_INVARIANT_COUNT)                                                          \
    C(never, OREF, BUNDLE_TABLE_BLOCK)                                                             \
    C(group, OREF, BUNDLE_TABLE_GROUP)

/* T(ID, row, rows): struct bundle_row, the member `rows` of struct bundle_tables. */
#define BUNDLE_TABLES(T)                                                                           \
    T(MANIFEST, manifest, manifests)                                                               \
    T(SOURCE, source, sources)                                                                     \
    T(CONST, const, consts)                                                                        \
    T(ELEMENT, element, elements)                                                                  \
    T(LIST, list, lists)                                                                           \
    T(RUNTIME, runtime, runtimes)                                                                  \
    T(PATTERN, pattern, patterns)                                                                  \
    T(GLOBS, globs, globs)                                                                         \
    T(NET, net, nets)                                                                              \
    T(NETS, nets, netses)                                                                          \
    T(SHIFT, shift, shifts)                                                                        \
    T(ZONE, zone, zones)                                                                           \
    T(PERIOD, period, periods)                                                                     \
    T(REGEX, regex, regexes)                                                                       \
    T(BLOCK, block, blocks)                                                                        \
    T(PART, part, parts)                                                                           \
    T(TEMPLATE, template, templates)                                                               \
    T(MEMBER, member, members)                                                                     \
    T(GROUP, group, groups)                                                                        \
    T(PROVIDER, provider, providers)                                                               \
    T(ALIAS, alias, aliases)                                                                       \
    T(MODEL, model, models)                                                                        \
    T(TARGET, target, targets)                                                                     \
    T(RETRY, retry, retries)                                                                       \
    T(ROUTE, route, routes)                                                                        \
    T(META, meta, metas)                                                                           \
    T(EFFECT, effect, effects)                                                                     \
    T(KEY, key, keys)                                                                              \
    T(RULE, rule, rules)                                                                           \
    T(NAMED, named, nameds)                                                                        \
    T(SUBJECT, subject, subjects)                                                                  \
    T(TIER, tier, tiers)                                                                           \
    T(ABORT, abort, aborts)                                                                        \
    T(BIND, bind, binds)                                                                           \
    T(LIMIT, limit, limits)                                                                        \
    T(BUDGET, budget, budgets)                                                                     \
    T(INVARIANT, invariant, invariants)

enum bundle_table {
#define BUNDLE_T(ID, row, rows) BUNDLE_TABLE_##ID,
    BUNDLE_TABLES(BUNDLE_T)
#undef BUNDLE_T
        BUNDLE_TABLE_COUNT
};

#define BUNDLE_TYPE_STR   uint32_t
#define BUNDLE_TYPE_U32   uint32_t
#define BUNDLE_TYPE_I64   int64_t
#define BUNDLE_TYPE_ENUM  uint32_t
#define BUNDLE_TYPE_BITS  uint32_t
#define BUNDLE_TYPE_REF   uint32_t
#define BUNDLE_TYPE_OREF  uint32_t
#define BUNDLE_TYPE_FIRST uint32_t
#define BUNDLE_TYPE_COUNT uint32_t

#define BUNDLE_C(member, kind, ref) BUNDLE_TYPE_##kind member;
#define BUNDLE_T(ID, row, rows)                                                                    \
    struct bundle_##row {                                                                          \
        BUNDLE_##ID##_COLUMNS(BUNDLE_C)                                                            \
    };
BUNDLE_TABLES(BUNDLE_T)
#undef BUNDLE_T
#undef BUNDLE_C

enum bundle_column_kind {
    BUNDLE_COLUMN_STR,
    BUNDLE_COLUMN_U32,
    BUNDLE_COLUMN_I64,
    BUNDLE_COLUMN_ENUM,
    BUNDLE_COLUMN_BITS,
    BUNDLE_COLUMN_REF,
    BUNDLE_COLUMN_OREF,
    BUNDLE_COLUMN_FIRST,
    BUNDLE_COLUMN_COUNT
};

struct bundle_column {
    const char *name;
    uint16_t offset; /* in the row's struct */
    uint8_t kind;    /* enum bundle_column_kind */
    uint32_t ref;
};

struct bundle_layout {
    const char *name;
    size_t size;    /* of the row's struct */
    size_t encoded; /* bytes of a row in a bundle */
    const struct bundle_column *columns;
    size_t n_columns;
};

/* A row of keys.def. */
struct bundle_key_row {
    const char *spelling;
    uint8_t reach, reads; /* enum bundle_key_reach, enum bundle_key_reads */
};
/* kind < BUNDLE_KEY_COUNT */
const struct bundle_key_row *bundle_key_row(uint32_t kind);

/* table < BUNDLE_TABLE_COUNT */
const struct bundle_layout *bundle_layout(enum bundle_table table);

/* The decoded tables of one bundle; arrays in the owner's arena. */
struct bundle_tables {
#define BUNDLE_T(ID, row, rows)                                                                    \
    struct bundle_##row *rows;                                                                     \
    uint32_t n_##rows;
    BUNDLE_TABLES(BUNDLE_T)
#undef BUNDLE_T
};

/* Is the rule found by look-ups and tests alone, without asking a predicate? `keys` are the rule's.
 */
bool bundle_rule_is_reached(const struct bundle_rule *rule, const struct bundle_key *keys);

/* One table as untyped rows. */
void *bundle_rows(const struct bundle_tables *tables, enum bundle_table table, uint32_t *ret_n);
void bundle_set_rows(struct bundle_tables *tables, enum bundle_table table, void *rows, uint32_t n);

#endif
