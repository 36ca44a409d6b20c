/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/log.h"

#include "base/buf.h"
#include "base/json_text.h"
#include "base/time.h"
#include "base/utf8.h"

#include <unistd.h>

enum { LOG_LINE_BYTES = 16 * 1024, LOG_VALUE_BYTES = 4 * 1024 };

static void write_text(struct buf *line, struct dvara_str text)
{
    text = dvara_str_slice(text, 0, LOG_VALUE_BYTES);
    size_t valid;
    if (!utf8_validate(text, &valid))
        text = dvara_str_slice(text, 0, valid);
    json_write_string(line, text);
}

void log_line(enum log_level level, const char *message_cstr, const struct log_field *fields,
              size_t count)
{
    static const char *const levels[] = {"info", "warn", "error"};
    struct buf line;
    buf_init(&line, LOG_LINE_BYTES * 8);
    BUF_LIT(&line, "{\"time\":\"");
    time_append(&line, time_wall_ns(), 3);
    buf_printf(&line, "\",\"level\":\"%s\",\"message\":", levels[level]);
    write_text(&line, dvara_str_from_cstr(message_cstr));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&line, ",\"%s\":", fields[i].name_cstr);
        if (dvara_str_is_absent(fields[i].text))
            buf_int(&line, fields[i].number);
        else
            write_text(&line, fields[i].text);
    }
    BUF_LIT(&line, "}\n");
    if (!buf_failed(&line)) {
        ssize_t written = write(STDERR_FILENO, line.p, line.n);
        (void)written; /* there is nowhere to say that the log is gone */
    }
    buf_clear(&line);
}
