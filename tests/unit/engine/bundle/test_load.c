/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/bundle.h"

#include "bundle/sign.h"
#include "unit/engine/made_bundle.h"
#include "unit/suite.h"

/* A bundle with one rule: deny when the model is "bad". */
static void make(struct made *made, int64_t sequence, int64_t not_after)
{
    made_init(made);
    struct bundle_manifest *manifest = bundle_row(made->writer, BUNDLE_TABLE_MANIFEST, 0);
    manifest->sequence = sequence;
    manifest->not_after = not_after;
    uint32_t bad =
        made_const(made, DVARA_TYPE_STRING, bundle_string(made->writer, DVARA_STR("bad")));
    const struct instruction code[] = {{OP_LOAD, 0, DVARA_ATTR_REQUEST_MODEL, 0, 0},
                                       {OP_CONST, 1, 0, 0, bad},
                                       {OP_EQ, 0, 0, 1, 0},
                                       {OP_RETURN, 0, 0, 0, 0}};
    uint32_t when =
        made_block(made,
                   (struct bundle_block){.kind = BUNDLE_BLOCK_CODE,
                                         .type = DVARA_TYPE_BOOL,
                                         .registers = 2,
                                         .depends = BUNDLE_DEPENDS_MODEL | BUNDLE_DEPENDS_REWRITE},
                   code, 4);
    struct bundle_rule rule = made_rule(made, "no_bad_model", when);
    bundle_add(made->writer, BUNDLE_TABLE_RULE, &rule);
    ck_assert_int_eq(bundle_write(made->writer, &made->bytes), DVARA_OK);
}

static enum dvara_status load(struct dvara_str bytes, struct dvara_bundle_options options)
{
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    enum dvara_status status = dvara_bundle_load(bytes, &options, &error, &bundle);
    if (status != DVARA_OK)
        ck_assert_int_ne(error.text[0], 0);
    dvara_bundle_free(bundle);
    return status;
}

TEST(a_bundle_with_any_flipped_bit_is_refused)
{
    struct made made;
    make(&made, 0, 0);
    for (size_t i = 0; i < made.bytes.n * 8; i++) {
        made.bytes.p[i / 8] = (char)(made.bytes.p[i / 8] ^ (1 << i % 8));
        ck_assert_msg(load(buf_str(&made.bytes), (struct dvara_bundle_options){.now = 1}) !=
                          DVARA_OK,
                      "bit %zu", i);
        made.bytes.p[i / 8] = (char)(made.bytes.p[i / 8] ^ (1 << i % 8));
    }
    ck_assert_int_eq(load(buf_str(&made.bytes), (struct dvara_bundle_options){.now = 1}), DVARA_OK);
    made_clear(&made);
}

TEST(a_bundle_cut_anywhere_is_refused)
{
    struct made made;
    make(&made, 0, 0);
    for (size_t n = 0; n < made.bytes.n; n++)
        ck_assert_int_ne(
            load(dvara_str_from(made.bytes.p, n), (struct dvara_bundle_options){.now = 1}),
            DVARA_OK);
    made_clear(&made);
}

TEST(a_lower_sequence_is_stale)
{
    struct made made;
    make(&made, 7, 0);
    ck_assert_int_eq(
        load(buf_str(&made.bytes), (struct dvara_bundle_options){.lowest_sequence = 8}),
        DVARA_STALE);
    ck_assert_int_eq(
        load(buf_str(&made.bytes), (struct dvara_bundle_options){.lowest_sequence = 7}), DVARA_OK);
    made_clear(&made);
}

TEST(a_bundle_past_its_end_is_stale)
{
    struct made made;
    make(&made, 0, 100);
    ck_assert_int_eq(load(buf_str(&made.bytes), (struct dvara_bundle_options){.now = 101}),
                     DVARA_STALE);
    ck_assert_int_eq(load(buf_str(&made.bytes), (struct dvara_bundle_options){.now = 100}),
                     DVARA_OK);
    made_clear(&made);
}

TEST(a_bundle_of_another_name_is_untrusted)
{
    struct made made;
    make(&made, 0, 0);
    ck_assert_int_eq(
        load(buf_str(&made.bytes), (struct dvara_bundle_options){.name = DVARA_STR("other")}),
        DVARA_UNTRUSTED);
    made_clear(&made);
}

struct keys {
    unsigned char private_key[SIGN_KEY];
    struct dvara_trusted_key trusted;
};

static struct keys keygen(void)
{
    struct buf private_pem, public_pem;
    struct keys keys;
    buf_init(&private_pem, 1 << 16);
    buf_init(&public_pem, 1 << 16);
    ck_assert_int_eq(sign_keygen(&private_pem, &public_pem), DVARA_OK);
    ck_assert_int_eq(sign_read_private(buf_str(&private_pem), keys.private_key), DVARA_OK);
    ck_assert_int_eq(sign_read_public(buf_str(&public_pem), keys.trusted.public_key), DVARA_OK);
    buf_clear(&private_pem);
    buf_clear(&public_pem);
    return keys;
}

static struct dvara_bundle_options trusting(const struct keys *keys)
{
    return (struct dvara_bundle_options){
        .keys = &keys->trusted, .n_keys = 1, .require_signature = true};
}

TEST(a_signature_is_required_where_options_say_so)
{
    struct made made;
    struct keys mine = keygen(), other = keygen();
    struct dvara_bundle_error error;
    struct buf signed_bytes;
    make(&made, 0, 0);
    buf_init(&signed_bytes, FORMAT_MAX_BUNDLE);
    ck_assert_int_eq(load(buf_str(&made.bytes), trusting(&mine)), DVARA_UNTRUSTED);
    ck_assert_int_eq(sign_bundle(buf_str(&made.bytes), mine.private_key, &error, &signed_bytes),
                     DVARA_OK);
    ck_assert_int_eq(load(buf_str(&signed_bytes), trusting(&mine)), DVARA_OK);
    ck_assert_int_eq(load(buf_str(&signed_bytes), trusting(&other)), DVARA_UNTRUSTED);
    buf_clear(&signed_bytes);
    made_clear(&made);
}

TEST(a_signature_does_not_carry_over_to_another_policy)
{
    struct made made, altered;
    struct keys mine = keygen();
    struct dvara_bundle_error error;
    struct buf signed_bytes;
    make(&made, 1, 0);
    make(&altered, 2, 0);
    buf_init(&signed_bytes, FORMAT_MAX_BUNDLE);
    ck_assert_int_eq(sign_bundle(buf_str(&altered.bytes), mine.private_key, &error, &signed_bytes),
                     DVARA_OK);
    struct bundle_file *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    struct dvara_str parts[SECTION_END];
    struct buf forged;
    buf_init(&forged, FORMAT_MAX_BUNDLE);
    ck_assert_int_eq(bundle_read_file(buf_str(&made.bytes), &error, a), DVARA_OK);
    ck_assert_int_eq(bundle_read_file(buf_str(&signed_bytes), &error, b), DVARA_OK);
    for (uint32_t i = 0; i < a->header.n_sections; i++)
        parts[i] = bundle_file_section(a, a->sections[i].kind);
    struct bundle_parts whole = {.sections = a->sections,
                                 .bytes = parts,
                                 .n_sections = a->header.n_sections,
                                 .signatures = b->signatures,
                                 .n_signatures = 1};
    ck_assert_int_eq(bundle_assemble(&whole, &forged), DVARA_OK);
    struct dvara_bundle_options options = trusting(&mine);
    ck_assert_int_eq(load(buf_str(&forged), options), DVARA_UNTRUSTED);
    options.require_signature = false; /* a forgery is no unsigned bundle */
    ck_assert_int_eq(load(buf_str(&forged), options), DVARA_UNTRUSTED);
    free(a);
    free(b);
    buf_clear(&forged);
    buf_clear(&signed_bytes);
    made_clear(&made);
    made_clear(&altered);
}

TEST(exchanged_databases_lose_the_signature_that_vouched_for_them)
{
    struct made made;
    struct keys mine = keygen();
    struct dvara_bundle_error error;
    struct buf with, signed_bytes, swapped;
    bool databases, is_forged;
    make(&made, 0, 0);
    buf_init(&with, FORMAT_MAX_BUNDLE);
    buf_init(&signed_bytes, FORMAT_MAX_BUNDLE);
    buf_init(&swapped, FORMAT_MAX_BUNDLE);
    ck_assert_int_eq(
        bundle_with_databases(buf_str(&made.bytes), DVARA_STR("native"), &error, &with), DVARA_OK);
    ck_assert_int_eq(sign_bundle(buf_str(&with), mine.private_key, &error, &signed_bytes),
                     DVARA_OK);
    struct bundle_file *file = malloc(sizeof *file);
    ck_assert_int_eq(bundle_read_file(buf_str(&signed_bytes), &error, file), DVARA_OK);
    ck_assert_ptr_nonnull(sign_verify(file, &mine.trusted, 1, &databases, &is_forged));
    ck_assert(databases);
    struct signature kept = file->signatures[0];
    ck_assert_int_eq(
        bundle_with_databases(buf_str(&signed_bytes), DVARA_STR("nativX"), &error, &swapped),
        DVARA_OK);
    ck_assert_int_eq(bundle_read_file(buf_str(&swapped), &error, file), DVARA_OK);
    ck_assert_ptr_nonnull(sign_verify(file, &mine.trusted, 1, &databases, &is_forged));
    ck_assert(!databases);
    file->signatures[0] = kept; /* the old second signature put back */
    ck_assert_ptr_null(sign_verify(file, &mine.trusted, 1, &databases, &is_forged));
    ck_assert(!databases && is_forged);
    free(file);
    buf_clear(&with);
    buf_clear(&signed_bytes);
    buf_clear(&swapped);
    made_clear(&made);
}

TEST(a_bundle_knows_what_it_reads_and_when)
{
    struct made made;
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    make(&made, 0, 0);
    const struct dvara_bundle_options options = {.now = 1};
    ck_assert_int_eq(dvara_bundle_load(buf_str(&made.bytes), &options, &error, &bundle), DVARA_OK);
    ck_assert(dvara_bundle_reads(bundle, DVARA_ATTR_REQUEST_MODEL));
    ck_assert(!dvara_bundle_reads(bundle, DVARA_ATTR_REQUEST_HEADER));
    ck_assert_uint_eq(dvara_bundle_phases(bundle), DVARA_PHASES_REQUEST);
    dvara_bundle_free(bundle);
    made_clear(&made);
}

static enum dvara_mode loaded_mode(enum dvara_mode own, enum dvara_mode most)
{
    struct made made;
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    make(&made, 0, 0);
    struct bundle_rule *rule = bundle_row(made.writer, BUNDLE_TABLE_RULE, 0);
    rule->mode = own;
    buf_reset(&made.bytes);
    ck_assert_int_eq(bundle_write(made.writer, &made.bytes), DVARA_OK);
    const struct dvara_bundle_options options = {.mode = most};
    ck_assert_int_eq(dvara_bundle_load(buf_str(&made.bytes), &options, &error, &bundle), DVARA_OK);
    enum dvara_mode mode = (enum dvara_mode)dvara_bundle_rule(bundle, 0).mode;
    dvara_bundle_free(bundle);
    made_clear(&made);
    return mode;
}

TEST(a_bundle_may_be_lowered_and_never_raised)
{
    for (int own = 0; own < DVARA_MODE_COUNT; own++) {
        for (int most = 0; most < DVARA_MODE_COUNT; most++)
            ck_assert_int_eq(loaded_mode((enum dvara_mode)own, (enum dvara_mode)most),
                             own > most ? own : most);
    }
}

TEST(the_same_rows_give_the_same_bytes)
{
    struct made a, b;
    make(&a, 3, 0);
    make(&b, 3, 0);
    ck_assert(dvara_str_eq(buf_str(&a.bytes), buf_str(&b.bytes)));
    made_clear(&a);
    made_clear(&b);
}

SUITE(a_bundle_may_be_lowered_and_never_raised, a_bundle_knows_what_it_reads_and_when,
      a_bundle_with_any_flipped_bit_is_refused, a_bundle_cut_anywhere_is_refused,
      a_lower_sequence_is_stale, a_bundle_past_its_end_is_stale,
      a_bundle_of_another_name_is_untrusted, a_signature_is_required_where_options_say_so,
      a_signature_does_not_carry_over_to_another_policy,
      exchanged_databases_lose_the_signature_that_vouched_for_them,
      the_same_rows_give_the_same_bytes)
