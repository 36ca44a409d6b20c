/* SPDX-License-Identifier: Apache-2.0 */
/* The process's log: one JSON object a line on standard error, written with one write(2). Callers
 * pass names, numbers and sentences; never prompts, keys or credentials. */
#ifndef GATEWAY_LOG_H
#define GATEWAY_LOG_H

#include "dvara/str.h"

#include <stdint.h>

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

struct log_field {
    const char *name_cstr;
    struct dvara_str text; /* absent: the number */
    int64_t number;
};

#define LOG_TEXT(name, str)     ((struct log_field){(name), (str), 0})
#define LOG_CSTR(name, cstr)    ((struct log_field){(name), dvara_str_from_cstr(cstr), 0})
#define LOG_NUMBER(name, value) ((struct log_field){(name), {NULL, 0}, (int64_t)(value)})

void log_line(enum log_level level, const char *message_cstr, const struct log_field *fields,
              size_t count);

/* log_event(LOG_LEVEL_INFO, "listening", LOG_NUMBER("port", 8080)); at least one field. */
#define log_event(level, message, ...)                                                             \
    log_line((level), (message), (const struct log_field[]){__VA_ARGS__},                          \
             sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

#endif
