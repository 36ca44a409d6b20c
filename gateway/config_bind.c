/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/config_bind.h"

#include "base/time.h"
#include "gateway/config_values.h"
#include "gateway/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 160, SHOWN_BYTES = 60, OPTIONS_MAX = 128, SUGGEST_BYTES = 40 };

struct binder {
    const char *name_cstr;
    const char *folder_cstr;
    struct arena *arena;
    struct config *config;
    struct config_problems *problems;
};

/* Where values of a scope go: one struct config, one provider … */
struct place {
    enum option_scope scope;
    char *base;
    bool seen[OPTIONS_MAX];
};

struct collection {
    enum option_scope scope;
    struct dvara_str path;
    enum config_node_kind kind;
    size_t size;               /* of an element */
    size_t items_at, count_at; /* into struct config */
    size_t name_at;            /* MAP: where the key goes */
};

static const struct collection collections[] = {
    {OPTION_SCOPE_PROVIDER, DVARA_STR_INIT("providers"), CONFIG_NODE_MAP,
     sizeof(struct config_provider), offsetof(struct config, providers),
     offsetof(struct config, n_providers), offsetof(struct config_provider, name)},
    {OPTION_SCOPE_TENANT, DVARA_STR_INIT("tenants"), CONFIG_NODE_LIST, sizeof(struct config_tenant),
     offsetof(struct config, tenants), offsetof(struct config, n_tenants), 0},
    {OPTION_SCOPE_KEY, DVARA_STR_INIT("keys"), CONFIG_NODE_LIST, sizeof(struct config_key),
     offsetof(struct config, keys), offsetof(struct config, n_keys), 0},
};

typedef enum dvara_status (*value_reader)(struct binder *binder, const struct config_option *option,
                                          const struct config_node *node, void *member);

static enum dvara_status read_string(struct binder *binder, const struct config_option *option,
                                     const struct config_node *node, void *member)
{
    (void)binder, (void)option;
    *(struct dvara_str *)member = node->text;
    return DVARA_OK;
}

static bool is_name_byte(char c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == ':';
}

static bool is_name(struct dvara_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_name_byte(text.p[i]))
            return false;
    return text.n != 0 && text.n <= 128;
}

static enum dvara_status read_name(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    if (!is_name(node->text))
        return DVARA_INVALID;
    return read_string(binder, option, node, member);
}

static enum dvara_status read_variable(struct binder *binder, const struct config_option *option,
                                       const struct config_node *node, void *member)
{
    for (size_t i = 0; i < node->text.n; i++) {
        char c = node->text.p[i];
        if (!is_name_byte(c) || c == '.' || c == '-' || c == ':')
            return DVARA_INVALID;
    }
    return node->text.n == 0 ? DVARA_INVALID : read_string(binder, option, node, member);
}

static struct dvara_str full_path(struct binder *binder, struct dvara_str text)
{
    if (text.n == 0 || text.p[0] == '/')
        return arena_copy(binder->arena, text);
    return arena_printf(binder->arena, "%s/%.*s", binder->folder_cstr, DVARA_STR_ARG(text));
}

static enum dvara_status read_file(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    (void)option;
    if (node->text.n == 0)
        return DVARA_INVALID;
    *(const char **)member = full_path(binder, node->text).p;
    return DVARA_OK;
}

/* A list of texts, or one text for a list of one. */
static enum dvara_status read_list(struct binder *binder, const struct config_node *node,
                                   bool are_files, struct dvara_strs *ret_list)
{
    bool is_one = node->kind == CONFIG_NODE_SCALAR;
    size_t count = is_one ? 1 : node->count;
    struct dvara_str *items = ARENA_ARRAY(binder->arena, count, struct dvara_str);
    if (items == NULL)
        return DVARA_NO_MEMORY;
    const struct config_node *item = is_one ? node : node->child;
    for (size_t i = 0; i < count; i++, item = item->next) {
        if (item->kind != CONFIG_NODE_SCALAR || item->is_null)
            return DVARA_INVALID;
        items[i] = are_files ? full_path(binder, item->text) : item->text;
    }
    *ret_list = (struct dvara_strs){items, count};
    return DVARA_OK;
}

static enum dvara_status read_strings(struct binder *binder, const struct config_option *option,
                                      const struct config_node *node, void *member)
{
    (void)option;
    return read_list(binder, node, false, member);
}

static enum dvara_status read_files(struct binder *binder, const struct config_option *option,
                                    const struct config_node *node, void *member)
{
    (void)option;
    return read_list(binder, node, true, member);
}

static enum dvara_status read_pairs(struct binder *binder, const struct config_option *option,
                                    const struct config_node *node, void *member)
{
    (void)option;
    struct dvara_pair *pairs = ARENA_ARRAY(binder->arena, node->count, struct dvara_pair);
    if (pairs == NULL)
        return DVARA_NO_MEMORY;
    size_t n = 0;
    for (const struct config_node *item = node->child; item != NULL; item = item->next) {
        if (item->kind != CONFIG_NODE_SCALAR || item->is_null)
            return DVARA_INVALID;
        pairs[n++] = (struct dvara_pair){item->key, item->text};
    }
    *(struct dvara_pairs *)member = (struct dvara_pairs){pairs, n};
    return DVARA_OK;
}

static enum dvara_status read_url(struct binder *binder, const struct config_option *option,
                                  const struct config_node *node, void *member)
{
    struct config_url url;
    enum dvara_status status = config_read_url(node->text, &url);
    return status != DVARA_OK ? status : read_string(binder, option, node, member);
}

static enum dvara_status read_bool(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    (void)binder, (void)option;
    bool is_true = dvara_str_eq(node->text, DVARA_STR("true"));
    if (!is_true && !dvara_str_eq(node->text, DVARA_STR("false")))
        return DVARA_INVALID;
    *(bool *)member = is_true;
    return DVARA_OK;
}

typedef enum dvara_status (*number_reader)(struct dvara_str text, uint64_t *ret_number);

/* A number within the option's "least..most", which are spelled like the value. TOO_LARGE: outside.
 */
static enum dvara_status read_number(const struct config_option *option,
                                     const struct config_node *node, number_reader read,
                                     uint64_t *ret_number)
{
    uint64_t number, least = 0, most = UINT64_MAX;
    enum dvara_status status = read(node->text, &number);
    if (status != DVARA_OK)
        return status;
    const char *dots =
        option->limits.n ? memmem(option->limits.p, option->limits.n, "..", 2) : NULL;
    if (dots != NULL) {
        size_t split = (size_t)(dots - option->limits.p);
        status = read(dvara_str_slice(option->limits, 0, split), &least);
        if (status == DVARA_OK)
            status = read(dvara_str_slice(option->limits, split + 2, option->limits.n), &most);
        if (status != DVARA_OK)
            return status;
    }
    if (number < least || number > most)
        return DVARA_TOO_LARGE;
    *ret_number = number;
    return DVARA_OK;
}

static enum dvara_status read_count(struct binder *binder, const struct config_option *option,
                                    const struct config_node *node, void *member)
{
    (void)binder;
    return read_number(option, node, config_read_count, member);
}

static enum dvara_status read_duration(struct binder *binder, const struct config_option *option,
                                       const struct config_node *node, void *member)
{
    (void)binder;
    return read_number(option, node, config_read_duration, member);
}

static enum dvara_status read_size(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    (void)binder;
    return read_number(option, node, config_read_size, member);
}

static enum dvara_status read_percent_number(struct dvara_str text, uint64_t *ret_number)
{
    uint32_t ppm;
    enum dvara_status status = config_read_percent(text, &ppm);
    if (status == DVARA_OK)
        *ret_number = ppm;
    return status;
}

static enum dvara_status read_percent(struct binder *binder, const struct config_option *option,
                                      const struct config_node *node, void *member)
{
    (void)binder;
    uint64_t ppm;
    enum dvara_status status = read_number(option, node, read_percent_number, &ppm);
    if (status == DVARA_OK)
        *(uint32_t *)member = (uint32_t)ppm;
    return status;
}

struct dvara_str config_word(struct dvara_str words, int index)
{
    size_t from = 0;
    for (size_t i = 0; i <= words.n; i++) {
        if (i < words.n && words.p[i] != '|')
            continue;
        if (index-- == 0)
            return dvara_str_slice(words, from, i);
        from = i + 1;
    }
    return (struct dvara_str){NULL, 0};
}

static enum dvara_status read_word(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    (void)binder;
    struct dvara_str word;
    for (int i = 0; word = config_word(option->limits, i), !dvara_str_is_absent(word); i++)
        if (dvara_str_eq(word, node->text)) {
            *(int *)member = i;
            return DVARA_OK;
        }
    return DVARA_INVALID;
}

static enum dvara_status read_address(struct binder *binder, const struct config_option *option,
                                      const struct config_node *node, void *member)
{
    (void)option;
    return config_read_address(node->text, binder->arena, member);
}

static enum dvara_status read_hash(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    (void)binder, (void)option;
    return config_read_hash(node->text, member);
}

static enum dvara_status read_time(struct binder *binder, const struct config_option *option,
                                   const struct config_node *node, void *member)
{
    (void)binder, (void)option;
    return time_parse(node->text, member);
}

static enum dvara_status read_networks(struct binder *binder, const struct config_option *option,
                                       const struct config_node *node, void *member)
{
    (void)option;
    struct dvara_strs texts;
    enum dvara_status status = read_list(binder, node, false, &texts);
    if (status != DVARA_OK)
        return status;
    struct config_network *networks = ARENA_ARRAY(binder->arena, texts.n, struct config_network);
    if (networks == NULL)
        return DVARA_NO_MEMORY;
    for (size_t i = 0; i < texts.n && status == DVARA_OK; i++)
        status = config_read_network(texts.v[i], &networks[i]);
    *(struct config_networks *)member = (struct config_networks){networks, texts.n};
    return status;
}

static const value_reader readers[] = {
#define OPTION_TYPE(id, function, shown, expected) [OPTION_TYPE_##id] = read_##function,
#include "gateway/option_types.def"
};

static bool kind_fits(const struct config_option *option, const struct config_node *node)
{
    switch (option->type) {
    case OPTION_TYPE_PAIRS:
        return node->kind == CONFIG_NODE_MAP;
    case OPTION_TYPE_STRINGS:
    case OPTION_TYPE_FILES:
    case OPTION_TYPE_NETWORKS:
        return node->kind == CONFIG_NODE_LIST ||
               (node->kind == CONFIG_NODE_SCALAR && !node->is_null);
    default: /* the rest are scalars */
        return node->kind == CONFIG_NODE_SCALAR && !node->is_null;
    }
}

static void bad_value(struct binder *binder, const struct config_option *option,
                      const struct config_node *node, enum dvara_status status)
{
    struct dvara_str prefix = option_scope_prefix(option->scope);
    struct dvara_str expected =
        option->type == OPTION_TYPE_WORD ? option->limits : option_type_expected(option->type);
    char shown[SHOWN_BYTES + 8] = "";
    if (node->kind == CONFIG_NODE_SCALAR && node->raw.n != 0 && option_type_is_shown(option->type))
        snprintf(shown, sizeof shown, ", not `%.*s`",
                 (int)(node->raw.n < SHOWN_BYTES - 8 ? node->raw.n : SHOWN_BYTES - 8), node->raw.p);
    if (status == DVARA_TOO_LARGE)
        config_problem(binder->problems, binder->name_cstr, node->line, node->column,
                       "%.*s%.*s must lie within %.*s%s", DVARA_STR_ARG(prefix),
                       DVARA_STR_ARG(option->path), DVARA_STR_ARG(option->limits), shown);
    else
        config_problem(binder->problems, binder->name_cstr, node->line, node->column,
                       "%.*s%.*s must be %.*s%s", DVARA_STR_ARG(prefix),
                       DVARA_STR_ARG(option->path), DVARA_STR_ARG(expected), shown);
}

static void bind_value(struct binder *binder, const struct config_option *option,
                       const struct config_node *node, struct place *place)
{
    enum dvara_status status = DVARA_INVALID;
    if (kind_fits(option, node))
        status = readers[option->type](binder, option, node, place->base + option->offset);
    if (status != DVARA_OK)
        bad_value(binder, option, node, status);
}

static const struct config_option *find_option(const struct place *place, struct dvara_str path,
                                               size_t *ret_index)
{
    for (size_t i = 0; i < option_count(); i++) {
        const struct config_option *option = option_at(i);
        if (option->scope == place->scope && dvara_str_eq(option->path, path)) {
            *ret_index = i;
            return option;
        }
    }
    return NULL;
}

/* Some option of the scope lies below path. */
static bool is_section(enum option_scope scope, struct dvara_str path)
{
    for (size_t i = 0; i < option_count(); i++) {
        const struct config_option *option = option_at(i);
        if (option->scope == scope && dvara_str_starts_with(option->path, path) &&
            option->path.n > path.n && option->path.p[path.n] == '.')
            return true;
    }
    return false;
}

static const struct collection *find_collection(enum option_scope scope, struct dvara_str path)
{
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        if (scope == OPTION_SCOPE_ROOT && dvara_str_eq(collections[i].path, path))
            return &collections[i];
    return NULL;
}

/* Levenshtein's distance of short words; large when one is long. */
static size_t distance(struct dvara_str a, struct dvara_str b)
{
    size_t row[SUGGEST_BYTES + 1];
    if (a.n > SUGGEST_BYTES || b.n > SUGGEST_BYTES)
        return SUGGEST_BYTES;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = diagonal + (a.p[i - 1] != b.p[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.n];
}

/* The key at this level that is nearest to `key`; absent when none is near. */
static struct dvara_str suggest(enum option_scope scope, struct dvara_str prefix,
                                struct dvara_str key)
{
    size_t best = key.n / 3 + 1;
    struct dvara_str found = {NULL, 0};
    for (size_t i = 0; i < option_count() + sizeof collections / sizeof *collections; i++) {
        bool is_option = i < option_count();
        struct dvara_str path =
            is_option ? option_at(i)->path : collections[i - option_count()].path;
        enum option_scope at = is_option ? option_at(i)->scope : OPTION_SCOPE_ROOT;
        if (at != scope || !dvara_str_starts_with(path, prefix))
            continue;
        struct dvara_str rest = dvara_str_slice(path, prefix.n, path.n);
        const char *dot = rest.n ? memchr(rest.p, '.', rest.n) : NULL;
        if (dot != NULL)
            rest = dvara_str_slice(rest, 0, (size_t)(dot - rest.p));
        size_t d = distance(key, rest);
        if (d < best || (d == best && dvara_str_is_absent(found))) {
            best = d;
            found = rest;
        }
    }
    return found;
}

static void unknown_key(struct binder *binder, const struct config_node *node,
                        enum option_scope scope, struct dvara_str prefix, struct dvara_str path)
{
    struct dvara_str scope_prefix = option_scope_prefix(scope);
    char full[PATH_BYTES * 2];
    int length =
        snprintf(full, sizeof full, "%.*s%.*s", DVARA_STR_ARG(scope_prefix), DVARA_STR_ARG(path));
    struct dvara_str why = option_not_built(dvara_str_from(full, length > 0 ? (size_t)length : 0));
    if (!dvara_str_is_absent(why)) {
        config_problem(binder->problems, binder->name_cstr, node->key_line, node->key_column,
                       "`%s` is not taken: %.*s", full, DVARA_STR_ARG(why));
        return;
    }
    struct dvara_str near = suggest(scope, prefix, node->key);
    if (dvara_str_is_absent(near))
        config_problem(binder->problems, binder->name_cstr, node->key_line, node->key_column,
                       "unknown key `%s`; dvara-gateway --help lists them all", full);
    else
        config_problem(binder->problems, binder->name_cstr, node->key_line, node->key_column,
                       "unknown key `%s`: did you mean `%.*s`?", full, DVARA_STR_ARG(near));
}

static void bind_map(struct binder *binder, const struct config_node *map, struct dvara_str prefix,
                     struct place *place);

static void bind_element(struct binder *binder, const struct collection *collection,
                         const struct config_node *node, char *base)
{
    struct place place = {.scope = collection->scope, .base = base};
    if (collection->kind == CONFIG_NODE_MAP) {
        if (!is_name(node->key))
            config_problem(binder->problems, binder->name_cstr, node->key_line, node->key_column,
                           "a name of %.*s is letters, digits, `.`, `_`, `-` and `:`",
                           DVARA_STR_ARG(collection->path));
        *(struct dvara_str *)(void *)(base + collection->name_at) = node->key;
    }
    if (node->kind != CONFIG_NODE_MAP) {
        config_problem(binder->problems, binder->name_cstr, node->line, node->column,
                       "each of %.*s is a map", DVARA_STR_ARG(collection->path));
        return;
    }
    bind_map(binder, node, DVARA_STR(""), &place);
}

static void bind_collection(struct binder *binder, const struct collection *collection,
                            const struct config_node *node)
{
    if (node->kind == CONFIG_NODE_SCALAR && node->is_null)
        return;
    if (node->kind != collection->kind) {
        config_problem(binder->problems, binder->name_cstr, node->line, node->column,
                       "`%.*s` must be %s", DVARA_STR_ARG(collection->path),
                       collection->kind == CONFIG_NODE_MAP ? "a map of names" : "a list");
        return;
    }
    char *items = arena_array(binder->arena, node->count, collection->size);
    if (items == NULL)
        return; /* config.c asks the arena */
    char *config = (char *)binder->config;
    *(void **)(void *)(config + collection->items_at) = items;
    *(size_t *)(void *)(config + collection->count_at) = node->count;
    size_t i = 0;
    for (const struct config_node *child = node->child; child != NULL; child = child->next)
        bind_element(binder, collection, child, items + i++ * collection->size);
}

static void bind_member(struct binder *binder, const struct config_node *node,
                        struct dvara_str prefix, struct place *place)
{
    char path_text[PATH_BYTES];
    int length = snprintf(path_text, sizeof path_text, "%.*s%.*s", DVARA_STR_ARG(prefix),
                          DVARA_STR_ARG(node->key));
    if (length < 0 || (size_t)length >= sizeof path_text - 1) {
        config_problem(binder->problems, binder->name_cstr, node->key_line, node->key_column,
                       "unknown key");
        return;
    }
    struct dvara_str path = dvara_str_from(path_text, (size_t)length);
    size_t index;
    const struct config_option *option = find_option(place, path, &index);
    const struct collection *collection = find_collection(place->scope, path);
    if (option != NULL) {
        place->seen[index] = true;
        bind_value(binder, option, node, place);
    } else if (collection != NULL) {
        bind_collection(binder, collection, node);
    } else if (!is_section(place->scope, path)) {
        unknown_key(binder, node, place->scope, prefix, path);
    } else if (node->kind == CONFIG_NODE_MAP) {
        path_text[length] = '.';
        bind_map(binder, node, dvara_str_from(path_text, (size_t)length + 1), place);
    } else if (!node->is_null) {
        config_problem(binder->problems, binder->name_cstr, node->line, node->column,
                       "`%.*s` is a section: a map of keys", DVARA_STR_ARG(path));
    }
}

static void bind_fallback(struct binder *binder, const struct config_option *option,
                          const struct config_node *map, struct place *place)
{
    if (dvara_str_eq(option->fallback, DVARA_STR("!"))) {
        config_problem(binder->problems, binder->name_cstr, map->line, map->column,
                       "`%.*s` is missing: %.*s", DVARA_STR_ARG(option->path),
                       DVARA_STR_ARG(option->doc));
    } else if (option->fallback.n != 0) {
        struct config_node node = {.kind = CONFIG_NODE_SCALAR,
                                   .text = option->fallback,
                                   .raw = option->fallback,
                                   .line = map->line,
                                   .column = map->column};
        bind_value(binder, option, &node, place);
    }
}

static void bind_map(struct binder *binder, const struct config_node *map, struct dvara_str prefix,
                     struct place *place)
{
    for (const struct config_node *node = map->child; node != NULL; node = node->next)
        bind_member(binder, node, prefix, place);
    if (prefix.n != 0)
        return;
    for (size_t i = 0; i < option_count(); i++)
        if (option_at(i)->scope == place->scope && !place->seen[i])
            bind_fallback(binder, option_at(i), map, place);
}

enum dvara_status config_bind(const struct config_node *root, const char *name_cstr,
                              const char *folder_cstr, struct config *config,
                              struct config_problems *problems)
{
    struct binder binder = {.name_cstr = name_cstr,
                            .folder_cstr = folder_cstr,
                            .arena = config->arena,
                            .config = config,
                            .problems = problems};
    struct place place = {.scope = OPTION_SCOPE_ROOT, .base = (char *)config};
    if (option_count() > OPTIONS_MAX)
        return DVARA_TOO_LARGE;
    bind_map(&binder, root, DVARA_STR(""), &place);
    if (arena_is_exhausted(config->arena))
        return DVARA_NO_MEMORY;
    return problems->count == 0 ? DVARA_OK : DVARA_INVALID;
}
