/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of options.def as data: what reads a config, what prints the help. */
#ifndef GATEWAY_OPTIONS_H
#define GATEWAY_OPTIONS_H

#include "base/buf.h"
#include "dvara/str.h"

enum option_scope {
    OPTION_SCOPE_ROOT,
    OPTION_SCOPE_PROVIDER,
    OPTION_SCOPE_TENANT,
    OPTION_SCOPE_KEY,
    OPTION_SCOPE_COUNT
};

enum option_type {
#define OPTION_TYPE(id, function, shown, expected) OPTION_TYPE_##id,
#include "gateway/option_types.def"
    OPTION_TYPE_END
};

enum option_reload { OPTION_RELOAD, OPTION_RESTART };

struct config_option {
    enum option_scope scope;
    struct dvara_str path;
    enum option_type type;
    size_t offset; /* into struct config or the scope's struct */
    struct dvara_str fallback;
    struct dvara_str limits;
    enum option_reload reload;
    struct dvara_str doc;
};

size_t option_count(void);
const struct config_option *option_at(size_t index);

/* "providers.*." for PROVIDER; "" for ROOT. */
struct dvara_str option_scope_prefix(enum option_scope scope);
struct dvara_str option_type_expected(enum option_type type);
/* May a wrong value of this type be repeated where it is told? */
bool option_type_is_shown(enum option_type type);

/* Why a path of the design is refused; absent when it is not one of not_built.def. */
struct dvara_str option_not_built(struct dvara_str path);

/* The table for --help, and the same as Markdown for docs/operate/config.md. */
void option_write_help(struct buf *out);
void option_write_markdown(struct buf *out);

#endif
