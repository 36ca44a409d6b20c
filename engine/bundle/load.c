/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/bundle.h"

#include "base/bytes.h"
#include "bundle/atoms.h"
#include "bundle/load_patterns.h"
#include "bundle/loaded.h"
#include "bundle/models.h"
#include "bundle/needs.h"
#include "bundle/sign.h"
#include "bundle/verify.h"
#include "trial/bundle_tests.h"
#include "vm/attribute.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BUNDLE_MEMORY = 1 << 30 };

static enum dvara_status check_signature(const struct bundle_file *file,
                                         const struct dvara_bundle_options *options,
                                         struct dvara_bundle_error *error,
                                         struct dvara_bundle *bundle, bool *ret_databases)
{
    bool is_forged = false;
    const struct dvara_trusted_key *key =
        sign_verify(file, options->keys, options->n_keys, ret_databases, &is_forged);
    if (is_forged)
        return bundle_refuse(error, DVARA_UNTRUSTED,
                             "a signature in the name of a trusted key does not hold");
    if (!key && options->require_signature)
        return bundle_refuse(error, DVARA_UNTRUSTED, "%s",
                             file->header.n_signatures ? "no signature is by a trusted key"
                                                       : "the bundle is not signed");
    if (key) {
        unsigned char id[FORMAT_KEY_ID];
        sign_key_id(key->public_key, id);
        for (size_t i = 0; i < FORMAT_KEY_ID; i++) {
            bundle->signed_by[2 * i] = "0123456789abcdef"[id[i] >> 4];
            bundle->signed_by[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
        }
    }
    return DVARA_OK;
}

static enum dvara_status check_manifest(const struct dvara_bundle *bundle,
                                        const struct dvara_bundle_options *options,
                                        struct dvara_bundle_error *error)
{
    const struct bundle_manifest *manifest = bundle->program.tables.manifests;
    struct dvara_str name = bundle_text(bundle, manifest->name);
    if (!dvara_str_is_absent(options->name) && !dvara_str_eq(name, options->name))
        return bundle_refuse(error, DVARA_UNTRUSTED, "the bundle is named `%.*s`, not `%.*s`",
                             DVARA_STR_ARG(name), DVARA_STR_ARG(options->name));
    if ((uint64_t)manifest->sequence < options->lowest_sequence)
        return bundle_refuse(error, DVARA_STALE, "sequence %" PRId64 " is lower than %" PRIu64,
                             manifest->sequence, options->lowest_sequence);
    if (manifest->not_after && options->now > manifest->not_after)
        return bundle_refuse(error, DVARA_STALE, "the bundle is past its not_after");
    return DVARA_OK;
}

static enum dvara_status build_constants(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    bundle->constants = ARENA_ARRAY(&bundle->arena, t->n_consts, struct value);
    for (uint32_t i = 0; bundle->constants && i < t->n_consts; i++)
        bundle->constants[i] = t->consts[i].type == DVARA_TYPE_STRING
                                   ? value_str(bundle->program.strings[t->consts[i].bits])
                                   : value_int(t->consts[i].bits); /* or a double's bits */
    return bundle->constants ? DVARA_OK : DVARA_NO_MEMORY;
}

static enum dvara_status build_lists(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    bundle->lists = ARENA_ARRAY(&bundle->arena, t->n_lists, struct const_list);
    for (uint32_t i = 0; bundle->lists && i < t->n_lists; i++) {
        const struct bundle_list *row = &t->lists[i];
        struct const_list *list = &bundle->lists[i];
        bool strings = row->type == DVARA_TYPE_STRING;
        char *values = arena_array(&bundle->arena, row->count,
                                   strings ? sizeof(struct dvara_str) : sizeof(int64_t));
        if (!values)
            return DVARA_NO_MEMORY;
        list->type = (uint8_t)row->type;
        list->values = (struct value_list){values, row->count};
        for (uint32_t e = 0; e < row->count; e++) {
            int64_t bits = t->consts[t->elements[row->first + e].constant].bits;
            if (strings)
                ((struct dvara_str *)(void *)values)[e] = bundle->program.strings[bits];
            else
                memcpy(values + e * sizeof bits, &bits, sizeof bits);
        }
        if (!set_build(list, &bundle->arena))
            return DVARA_NO_MEMORY;
    }
    return bundle->lists ? DVARA_OK : DVARA_NO_MEMORY;
}

static enum dvara_status number_blocks(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    bundle->memo = ARENA_ARRAY(&bundle->arena, t->n_blocks, uint32_t);
    if (!bundle->memo)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        if (t->blocks[i].kind == BUNDLE_BLOCK_ATOM)
            bundle->memo[i] = bundle->n_atoms++;
        else if (t->blocks[i].kind == BUNDLE_BLOCK_LET)
            bundle->memo[i] = bundle->n_lets++;
    }
    return DVARA_OK;
}

static void note_reads(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    for (uint32_t i = 0; i < bundle->program.n_code; i++) {
        const struct instruction *at = &bundle->program.code[i];
        if (at->op == OP_LOAD && at->b < DVARA_ATTR_COUNT)
            bundle->reads[at->b] = true;
    }
    for (uint32_t i = 0; i < t->n_subjects; i++)
        bundle->reads[t->subjects[i].attribute] = true;
    for (uint32_t i = 0; i < t->n_rules; i++)
        bundle->phases |= (uint8_t)t->rules[i].phases;
}

static enum dvara_status order_routes(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    uint32_t *order = ARENA_ARRAY(&bundle->arena, t->n_routes, uint32_t);
    if (!order)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < t->n_routes; i++) {
        if (t->routes[i].match == BUNDLE_ABSENT)
            continue;
        uint32_t at = bundle->n_route_order++;
        for (; at > 0 && t->routes[order[at - 1]].priority < t->routes[i].priority; at--)
            order[at] = order[at - 1];
        order[at] = i; /* rows stand in the order of names */
    }
    bundle->route_order = order;
    return DVARA_OK;
}

static enum dvara_status prepare(struct dvara_bundle *bundle)
{
    enum dvara_status status = build_constants(bundle);
    if (status == DVARA_OK)
        status = build_lists(bundle);
    if (status == DVARA_OK)
        status = number_blocks(bundle);
    if (status == DVARA_OK && !atoms_build(bundle))
        status = DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = order_routes(bundle);
    if (status == DVARA_OK && !index_build(&bundle->program, &bundle->arena, &bundle->index))
        status = DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = needs_note(bundle);
    if (status == DVARA_OK)
        status = models_index(bundle);
    note_reads(bundle);
    return status;
}

/* An operator tries a bundle out: no rule is enforced, and the default, which has no mode of its
 * own, refuses nobody. */
static void lower_modes(struct bundle_tables *tables, enum dvara_mode most)
{
    if (most == DVARA_MODE_ENFORCE)
        return;
    for (uint32_t i = 0; i < tables->n_rules; i++) {
        if (tables->rules[i].mode < most)
            tables->rules[i].mode = most;
    }
    tables->manifests->fallback = BUNDLE_DEFAULT_ALLOW;
}

static enum dvara_status load_file(const struct bundle_file *file,
                                   const struct dvara_bundle_options *options,
                                   struct dvara_bundle_error *error, struct dvara_bundle *bundle)
{
    bool databases = false;
    memcpy(bundle->digest, file->header.digest, FORMAT_DIGEST);
    enum dvara_status status = check_signature(file, options, error, bundle, &databases);
    if (status == DVARA_OK)
        status = bundle_read_program(file, &bundle->arena, error, &bundle->program);
    if (status == DVARA_OK)
        status = load_pattern_counts(file, &bundle->arena, error, &bundle->n_detectors,
                                     &bundle->n_patterns);
    if (status == DVARA_OK)
        status = bundle_verify(&bundle->program, bundle->n_detectors, bundle->n_patterns, error);
    if (status == DVARA_OK)
        status = check_manifest(bundle, options, error);
    if (status == DVARA_OK)
        lower_modes(&bundle->program.tables, options->mode);
    bundle->tests = bundle_file_section(file, SECTION_TESTS);
    if (status == DVARA_OK)
        status = bundle_tests_verify(bundle->tests, error);
    if (status == DVARA_OK)
        status = prepare(bundle);
    if (status == DVARA_OK)
        status = load_patterns(file, databases || options->trust_databases, bundle, error);
    if (status == DVARA_OK && !atoms_mark(file, bundle))
        status = DVARA_NO_MEMORY;
    return status;
}

enum dvara_status dvara_bundle_load(struct dvara_str bytes,
                                    const struct dvara_bundle_options *options,
                                    struct dvara_bundle_error *ret_error,
                                    struct dvara_bundle **ret_bundle)
{
    struct bundle_file *file = malloc(sizeof *file);
    struct dvara_bundle *bundle = calloc(1, sizeof *bundle);
    enum dvara_status status = DVARA_NO_MEMORY;
    ret_error->text[0] = 0;
    if (file && bundle) {
        arena_init(&bundle->arena, BUNDLE_MEMORY);
        struct dvara_str copy = arena_copy(&bundle->arena, bytes.p ? bytes : DVARA_STR(""));
        if (!dvara_str_is_absent(copy))
            status = bundle_read_file(copy, ret_error, file);
        if (status == DVARA_OK)
            status = load_file(file, options, ret_error, bundle);
    }
    free(file);
    if (status == DVARA_OK) {
        *ret_bundle = bundle;
        return DVARA_OK;
    }
    if (!ret_error->text[0])
        bundle_refuse(ret_error, status, "%s", dvara_status_sentence(status));
    dvara_bundle_free(bundle);
    return status;
}

void dvara_bundle_free(struct dvara_bundle *bundle)
{
    if (!bundle)
        return;
    load_patterns_free(bundle);
    arena_clear(&bundle->arena);
    free(bundle);
}
