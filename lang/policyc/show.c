/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/show.h"

#include "base/buf.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 1 << 30 };

int show_bytes(struct dvara_str bytes, struct arena *arena, show_print *print)
{
    struct bundle_file *file = ARENA_NEW(arena, struct bundle_file);
    struct bundle_program program;
    struct dvara_bundle_error error = {.text = "out of memory"};
    struct buf out;
    enum dvara_status status = file ? bundle_read_file(bytes, &error, file) : DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = bundle_read_program(file, arena, &error, &program);
    if (status != DVARA_OK) {
        (void)fprintf(stderr, "dvara-policyc: %s: %s\n", dvara_status_name(status), error.text);
        return EXIT_DIAGNOSTICS;
    }
    buf_init(&out, TEXT_MAX);
    print(file, &program, &out);
    bool good = file_print(&out);
    buf_clear(&out);
    return good ? EXIT_CLEAN : EXIT_USAGE;
}

int show(int argc, char **argv, show_print *print)
{
    struct front *front = malloc(sizeof *front);
    struct buf bytes;
    if (!front)
        return EXIT_INTERNAL;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    front_init(front);
    int code = front_arguments(front, argc, argv, NULL, 0);
    bool bundle = code == EXIT_CLEAN && front->operands.n == 1 &&
                  dvara_str_ends_with(front->operands.v[0], DVARA_STR(".dvb"));
    if (bundle)
        code = file_read(front->operands.v[0], &bytes) ? EXIT_CLEAN : EXIT_USAGE;
    else if (code == EXIT_CLEAN)
        code = bundle_bytes(front, &bytes);
    if (code == EXIT_CLEAN)
        code = show_bytes(buf_str(&bytes), &front->arena, print);
    buf_clear(&bytes);
    front_clear(front);
    free(front);
    return code;
}
