/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/bundle_state.h"

#include "gateway/config_values.h"
#include "gateway/secret_file.h"

#include <limits.h>
#include <stdio.h>

/* "sequences" holds one line a bundle name: "12 acme.prod\n". */
enum { SEQUENCES_BYTES = 1024 * 1024 };

static enum dvara_status state_path(const struct config *config, const char *name_cstr,
                                    char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/%s", config->store_folder_cstr, name_cstr);
    return n > 0 && n < PATH_MAX ? DVARA_OK : DVARA_IO;
}

static enum dvara_status read_sequences(const struct config *config, struct buf *ret_text)
{
    char path[PATH_MAX];
    buf_init(ret_text, SEQUENCES_BYTES);
    enum dvara_status status = state_path(config, "sequences", path);
    if (status == DVARA_OK)
        status = file_read(path, ret_text);
    return status == DVARA_NOT_FOUND ? DVARA_OK : status;
}

/* The next line and its parts; false at the end. */
static bool next_line(struct dvara_str *text, struct dvara_str *ret_line,
                      struct dvara_str *ret_number, struct dvara_str *ret_name)
{
    const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
    if (end == NULL)
        return false;
    size_t n = (size_t)(end - text->p);
    *ret_line = dvara_str_slice(*text, 0, n + 1);
    const char *space = memchr(text->p, ' ', n);
    size_t split = space ? (size_t)(space - text->p) : n;
    *ret_number = dvara_str_slice(*text, 0, split);
    *ret_name = dvara_str_slice(*text, split + (space != NULL), n);
    *text = dvara_str_slice(*text, n + 1, text->n);
    return true;
}

enum dvara_status bundle_state_sequence(const struct config *config, struct dvara_str name,
                                        uint64_t *ret_sequence)
{
    struct buf text;
    struct dvara_str line, number, line_name;
    enum dvara_status status = read_sequences(config, &text);
    struct dvara_str rest = buf_str(&text);
    *ret_sequence = 0;
    while (status == DVARA_OK && next_line(&rest, &line, &number, &line_name))
        if (dvara_str_eq(line_name, name))
            status = config_read_count(number, ret_sequence);
    buf_clear(&text);
    return status;
}

enum dvara_status bundle_state_write_sequence(const struct config *config, struct dvara_str name,
                                              uint64_t sequence)
{
    struct buf text, out;
    char path[PATH_MAX];
    struct dvara_str line, number, line_name;
    buf_init(&out, SEQUENCES_BYTES);
    enum dvara_status status = read_sequences(config, &text);
    struct dvara_str rest = buf_str(&text);
    while (status == DVARA_OK && next_line(&rest, &line, &number, &line_name))
        if (!dvara_str_eq(line_name, name))
            buf_append(&out, line);
    buf_printf(&out, "%llu %.*s\n", (unsigned long long)sequence, DVARA_STR_ARG(name));
    if (status == DVARA_OK)
        status = buf_failed(&out) ? DVARA_TOO_LARGE : state_path(config, "sequences", path);
    if (status == DVARA_OK && !dvara_str_eq(buf_str(&out), buf_str(&text)))
        status = file_replace(path, buf_str(&out));
    buf_clear(&text);
    buf_clear(&out);
    return status;
}

enum dvara_status bundle_state_read_last(const struct config *config, struct buf *ret_bytes)
{
    char path[PATH_MAX];
    enum dvara_status status = state_path(config, "last-good.dvb", path);
    return status == DVARA_OK ? file_read(path, ret_bytes) : status;
}

enum dvara_status bundle_state_write_last(const struct config *config, struct dvara_str bytes)
{
    char path[PATH_MAX];
    enum dvara_status status = state_path(config, "last-good.dvb", path);
    return status == DVARA_OK ? file_replace(path, bytes) : status;
}
