/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/emit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "bundle/load_patterns.h"
#include "bundle/sign.h"
#include "bundle/verify.h"
#include "bundle/write.h"
#include "pattern/build/limited.h"
#include "trial/bundle_tests.h"

#include <stdlib.h>

enum { VERIFY_MEMORY = 1 << 30 };

/* What the loader does, on our own bytes. */
static enum dvara_status verify(struct dvara_str bytes, struct dvara_bundle_error *error)
{
    struct bundle_file *file = malloc(sizeof *file);
    struct bundle_program program;
    struct arena arena;
    uint32_t detectors = 0, patterns = 0;
    arena_init(&arena, VERIFY_MEMORY);
    enum dvara_status status = file ? bundle_read_file(bytes, error, file) : DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = bundle_read_program(file, &arena, error, &program);
    if (status == DVARA_OK)
        status = load_pattern_counts(file, &arena, error, &detectors, &patterns);
    if (status == DVARA_OK)
        status = bundle_verify(&program, detectors, patterns, error);
    if (status == DVARA_OK)
        status = bundle_tests_verify(bundle_file_section(file, SECTION_TESTS), error);
    arena_clear(&arena);
    free(file);
    return status == DVARA_OK || status == DVARA_NO_MEMORY ? status : DVARA_CORRUPT;
}

enum dvara_status emit_databases(struct dvara_str bytes, struct dvara_bundle_error *ret_error,
                                 struct buf *out)
{
    struct bundle_file *file = malloc(sizeof *file);
    struct pattern_build_error build = {.text = ""};
    struct buf databases;
    buf_init(&databases, FORMAT_MAX_BUNDLE);
    enum dvara_status status = file ? bundle_read_file(bytes, ret_error, file) : DVARA_NO_MEMORY;
    if (status == DVARA_OK) {
        struct dvara_str detectors = bundle_file_section(file, SECTION_DETECTORS);
        struct dvara_str patterns = bundle_file_section(file, SECTION_PATTERNS);
        if (detectors.n || patterns.n)
            status = pattern_databases_build_within(PATTERN_LIMITS, PATTERN_LIMITS_ONE, patterns,
                                                    detectors, &databases, &build);
        if (status != DVARA_OK)
            bundle_refuse(ret_error, status, "pattern %zu: %s", build.pattern, build.text);
    }
    if (status == DVARA_OK)
        status = bundle_with_databases(bytes, buf_str(&databases), ret_error, out);
    buf_clear(&databases);
    free(file);
    return status;
}

/* Makes the bundle without databases. */
static enum dvara_status emit_plain(const struct program *program,
                                    const struct codegen_options *options, struct diags *diags,
                                    struct dvara_bundle_error *error, struct buf *out)
{
    struct bundle_writer *writer = bundle_writer_new();
    error->text[0] = 0;
    enum dvara_status status = DVARA_NO_MEMORY;
    if (writer) {
        codegen(program, options, writer, diags);
        status = diags_has_errors(diags)              ? DVARA_INVALID
                 : arena_is_exhausted(program->arena) ? DVARA_NO_MEMORY
                                                      : bundle_write(writer, out);
    }
    if (status == DVARA_OK)
        status = verify(buf_str(out), error);
    bundle_writer_free(writer);
    return status;
}

enum dvara_status emit_bundle(const struct program *program, const struct codegen_options *options,
                              struct diags *diags, struct dvara_bundle_error *ret_error,
                              struct buf *out)
{
    struct buf bytes;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    enum dvara_status status = emit_plain(program, options, diags, ret_error, &bytes);
    if (status == DVARA_OK)
        status = emit_databases(buf_str(&bytes), ret_error, out);
    buf_clear(&bytes);
    return status;
}

/* NOT_FOUND: the detectors or patterns differ. */
static enum dvara_status borrow_databases(struct dvara_str bytes, const struct bundle_file *like,
                                          struct dvara_bundle_error *error, struct buf *out)
{
    static const uint32_t kinds[] = {SECTION_DETECTORS, SECTION_PATTERNS};
    struct bundle_file *file = malloc(sizeof *file);
    enum dvara_status status = file ? bundle_read_file(bytes, error, file) : DVARA_NO_MEMORY;
    for (size_t i = 0; status == DVARA_OK && i < sizeof kinds / sizeof *kinds; i++) {
        if (!dvara_str_eq(bundle_file_section(file, kinds[i]), bundle_file_section(like, kinds[i])))
            status = DVARA_NOT_FOUND;
    }
    if (status == DVARA_OK)
        status =
            bundle_with_databases(bytes, bundle_file_section(like, SECTION_DATABASES), error, out);
    free(file);
    return status;
}

enum dvara_status emit_bundle_like(const struct program *program,
                                   const struct codegen_options *options, struct dvara_str like,
                                   struct diags *diags, struct dvara_bundle_error *ret_error,
                                   struct buf *out)
{
    struct bundle_file *file = malloc(sizeof *file);
    struct codegen_options same = *options;
    struct buf bytes;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    enum dvara_status status = file ? bundle_read_file(like, ret_error, file) : DVARA_NO_MEMORY;
    if (status == DVARA_OK) {
        same.patterns = bundle_file_section(file, SECTION_PATTERNS);
        status = emit_plain(program, &same, diags, ret_error, &bytes);
    }
    if (status == DVARA_OK)
        status = borrow_databases(buf_str(&bytes), file, ret_error, out);
    if (status == DVARA_NOT_FOUND)
        status = emit_databases(buf_str(&bytes), ret_error, out);
    buf_clear(&bytes);
    free(file);
    return status;
}
