/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/bundle_input.h"

#include "base/buf.h"
#include "bundle/format.h"
#include "lang/emit.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>

static int refuse(const char *what, const struct dvara_bundle_error *error,
                  enum dvara_status status)
{
    (void)fprintf(stderr, "dvara-policyc: %s: %s\n", what,
                  error->text[0] ? error->text : dvara_status_sentence(status));
    return status == DVARA_NO_MEMORY || status == DVARA_CORRUPT ? EXIT_INTERNAL : EXIT_USAGE;
}

int bundle_compile(struct front *front, const struct codegen_options *options, struct buf *out)
{
    int code = front_compile(front);
    return code == EXIT_CLEAN ? bundle_emit(front, options, out) : code;
}

int bundle_emit(struct front *front, const struct codegen_options *options, struct buf *out)
{
    struct dvara_bundle_error error;
    if (diags_has_errors(&front->diags))
        return front_report(front) == EXIT_USAGE ? EXIT_USAGE : EXIT_DIAGNOSTICS;
    enum dvara_status status = emit_bundle(front->program, options, &front->diags, &error, out);
    if (diags_has_errors(&front->diags)) {
        (void)front_report(front);
        return EXIT_DIAGNOSTICS;
    }
    if (status == DVARA_INVALID)
        (void)refuse("a pattern does not compile", &error, status);
    if (status == DVARA_INVALID)
        return EXIT_DIAGNOSTICS;
    return status == DVARA_OK ? EXIT_CLEAN : refuse("compile", &error, status);
}

static bool is_bundle(struct dvara_str bytes)
{
    struct dvara_str magic = dvara_str_from((const char *)format_magic, sizeof format_magic);
    return dvara_str_starts_with(bytes, magic);
}

/* True: the one operand is a bundle, and its bytes are in `out`. */
static bool read_bundle(struct front *front, struct buf *out)
{
    if (front->operands.n != 1 || !dvara_str_ends_with(front->operands.v[0], DVARA_STR(".dvb")))
        return false;
    return file_read(front->operands.v[0], out) && is_bundle(buf_str(out));
}

int bundle_bytes(struct front *front, struct buf *out)
{
    struct codegen_options options = {.compiler = DVARA_STR("dvara-policyc " DVARA_VERSION)};
    struct dvara_bundle_error error = {.text = ""};
    struct buf bytes;
    if (front->operands.n != 1 || !dvara_str_ends_with(front->operands.v[0], DVARA_STR(".dvb")))
        return bundle_compile(front, &options, out);
    buf_init(&bytes, POLICYC_FILE_MAX);
    int code = EXIT_CLEAN;
    if (!read_bundle(front, &bytes)) {
        (void)fprintf(stderr, "dvara-policyc: %.*s is not a bundle\n",
                      DVARA_STR_ARG(front->operands.v[0]));
        code = EXIT_USAGE;
    } else {
        enum dvara_status status = emit_databases(buf_str(&bytes), &error, out);
        code = status == DVARA_OK ? EXIT_CLEAN : refuse("the bundle is refused", &error, status);
        code = status == DVARA_CORRUPT ? EXIT_DIAGNOSTICS : code;
    }
    buf_clear(&bytes);
    return code;
}

int bundle_open(struct dvara_str bytes, struct dvara_bundle **ret_bundle)
{
    struct dvara_bundle_error error;
    struct dvara_bundle_options options = {.trust_databases = true};
    enum dvara_status status = dvara_bundle_load(bytes, &options, &error, ret_bundle);
    if (status == DVARA_OK)
        return EXIT_CLEAN;
    (void)refuse("the bundle is refused", &error, status);
    return status == DVARA_NO_MEMORY ? EXIT_INTERNAL : EXIT_DIAGNOSTICS;
}
