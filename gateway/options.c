/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/options.h"

#include "gateway/config.h"

#include <stddef.h>

/* offsetof's first argument by the scope's word. */
#define SCOPE_ROOT     struct config
#define SCOPE_PROVIDER struct config_provider
#define SCOPE_TENANT   struct config_tenant
#define SCOPE_KEY      struct config_key

static const struct config_option options[] = {
#define RELOAD  OPTION_RELOAD
#define RESTART OPTION_RESTART
#define OPTION(scope_, path_, type_, member, fallback_, limits_, reload_, doc_)                    \
    {.scope = OPTION_SCOPE_##scope_,                                                               \
     .path = DVARA_STR_INIT(path_),                                                                \
     .type = OPTION_TYPE_##type_,                                                                  \
     .offset = offsetof(SCOPE_##scope_, member),                                                   \
     .fallback = DVARA_STR_INIT(fallback_),                                                        \
     .limits = DVARA_STR_INIT(limits_),                                                            \
     .reload = reload_,                                                                            \
     .doc = DVARA_STR_INIT(doc_)},
#include "gateway/options.def"
#undef RELOAD
#undef RESTART
};

static const struct dvara_str expected[] = {
#define OPTION_TYPE(id, function, shown, text) [OPTION_TYPE_##id] = DVARA_STR_INIT(text),
#include "gateway/option_types.def"
};

enum shown { HIDDEN, SHOWN };

static const bool is_shown[] = {
#define OPTION_TYPE(id, function, shown, text) [OPTION_TYPE_##id] = (shown) == SHOWN,
#include "gateway/option_types.def"
};

static const struct dvara_str type_names[] = {
#define OPTION_TYPE(id, function, shown, text) [OPTION_TYPE_##id] = DVARA_STR_INIT(#function),
#include "gateway/option_types.def"
};

static const struct {
    struct dvara_str path, why;
} not_built[] = {
#define NOT_BUILT(path_, why_) {DVARA_STR_INIT(path_), DVARA_STR_INIT(why_)},
#include "gateway/not_built.def"
};

size_t option_count(void)
{
    return sizeof options / sizeof *options;
}

const struct config_option *option_at(size_t index)
{
    return &options[index];
}

struct dvara_str option_scope_prefix(enum option_scope scope)
{
    static const struct dvara_str prefixes[OPTION_SCOPE_COUNT] = {
        [OPTION_SCOPE_ROOT] = {"", 0},
        [OPTION_SCOPE_PROVIDER] = DVARA_STR_INIT("providers.*."),
        [OPTION_SCOPE_TENANT] = DVARA_STR_INIT("tenants[]."),
        [OPTION_SCOPE_KEY] = DVARA_STR_INIT("keys[]."),
    };
    return prefixes[scope];
}

struct dvara_str option_type_expected(enum option_type type)
{
    return expected[type];
}

bool option_type_is_shown(enum option_type type)
{
    return is_shown[type];
}

struct dvara_str option_not_built(struct dvara_str path)
{
    for (size_t i = 0; i < sizeof not_built / sizeof *not_built; i++)
        if (dvara_str_eq(not_built[i].path, path))
            return not_built[i].why;
    return (struct dvara_str){NULL, 0};
}

/* "one of active, suspended", "a duration", … and the range. */
static void write_type(const struct config_option *option, struct buf *out)
{
    if (option->type == OPTION_TYPE_WORD) {
        for (size_t i = 0; i < option->limits.n; i++)
            if (option->limits.p[i] == '|')
                BUF_LIT(out, ", ");
            else
                buf_byte(out, option->limits.p[i]);
        return;
    }
    buf_append(out, type_names[option->type]);
    if (option->limits.n != 0) {
        buf_byte(out, ' ');
        buf_append(out, option->limits);
    }
}

static struct dvara_str fallback_shown(const struct config_option *option)
{
    if (dvara_str_eq(option->fallback, DVARA_STR("!")))
        return DVARA_STR("required");
    return option->fallback.n != 0 ? option->fallback : DVARA_STR("none");
}

void option_write_help(struct buf *out)
{
    for (size_t i = 0; i < option_count(); i++) {
        const struct config_option *option = option_at(i);
        struct dvara_str prefix = option_scope_prefix(option->scope);
        buf_printf(out, "  %.*s%.*s  (", DVARA_STR_ARG(prefix), DVARA_STR_ARG(option->path));
        write_type(option, out);
        buf_printf(out, "; default %.*s)\n      %.*s\n", DVARA_STR_ARG(fallback_shown(option)),
                   DVARA_STR_ARG(option->doc));
    }
}

void option_write_markdown(struct buf *out)
{
    BUF_LIT(out, "| key | value | default | taken at | meaning |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < option_count(); i++) {
        const struct config_option *option = option_at(i);
        struct dvara_str prefix = option_scope_prefix(option->scope);
        buf_printf(out, "| `%.*s%.*s` | ", DVARA_STR_ARG(prefix), DVARA_STR_ARG(option->path));
        write_type(option, out);
        buf_printf(out, " | %.*s | %s | %.*s |\n", DVARA_STR_ARG(fallback_shown(option)),
                   option->reload == OPTION_RELOAD ? "reload" : "start",
                   DVARA_STR_ARG(option->doc));
    }
}
