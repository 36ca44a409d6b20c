/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/handbook/handbook.h"

#include "lang/handbook/clauses.h"
#include "lang/list.h"

#include <stdlib.h>

struct section_row {
    struct handbook_section section;
    enum decl_kind kind;
};

enum section_id {
#define SECTION(id, key, title, kind, shape, lead) SECTION_##id,
#include "lang/handbook/sections.def"
    SECTION_COUNT
};

static const struct section_row section_rows[] = {
#define SECTION(id, key, title, kind, shape, lead)                                                 \
    {{key, title, lead, SECTION_##shape}, DECL_##kind},
#include "lang/handbook/sections.def"
};

struct entries {
    struct handbook_entry *v;
    size_t n;
};

struct walk {
    const struct program *program;
    struct arena *arena;
    struct spelling *spellings; /* by unit; tokens NULL: not made yet */
    bool failed;
};

/* ---- ids ---- */

/* "rule-eu_only"; a byte that ids do not have is written as its number. */
static struct dvara_str id_of(struct walk *w, const char *kind_cstr, struct dvara_str name)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    buf_append(&out, dvara_str_from_cstr(kind_cstr));
    buf_byte(&out, '-');
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
            buf_byte(&out, (char)c);
        else
            buf_printf(&out, "-%02x", c);
    }
    struct dvara_str id = arena_copy(w->arena, buf_str(&out));
    buf_clear(&out);
    return id;
}

static struct dvara_str decl_id(struct walk *w, const struct decl *decl)
{
    return id_of(w, decl->kind == DECL_RUNTIME_LIST ? "list" : decl_keyword(decl->kind),
                 decl->name);
}

/* ---- fields ---- */

static struct handbook_field *field_new(struct walk *w, struct handbook_entry *entry,
                                        const char *key, const char *label, enum field_style style,
                                        bool many)
{
    struct handbook_field field = {.key = key, .label = label, .style = style, .many = many};
    LIST_APPEND(w->arena, entry->fields, entry->n_fields, field);
    return arena_is_exhausted(w->arena) ? NULL : &entry->fields[entry->n_fields - 1];
}

static void field_value(struct walk *w, struct handbook_field *field, struct dvara_str value)
{
    if (field)
        LIST_APPEND(w->arena, field->values, field->n, value);
}

static void field_link(struct walk *w, struct handbook_field *field, struct dvara_str value,
                       struct dvara_str id)
{
    size_t n = field ? field->n : 0;
    if (!field)
        return;
    LIST_APPEND(w->arena, field->links, n, id);
    LIST_APPEND(w->arena, field->values, field->n, value);
}

/* ---- declarations ---- */

static const struct unit *unit_of(const struct walk *w, const struct decl *decl, size_t *ret_index)
{
    for (size_t i = 0; i < w->program->n_units; i++)
        if (w->program->units[i]->source->number == decl->span.file) {
            *ret_index = i;
            return w->program->units[i];
        }
    return NULL;
}

static void add_clauses(struct walk *w, const struct decl *decl, struct handbook_entry *entry)
{
    size_t index = 0;
    const struct unit *unit = unit_of(w, decl, &index);
    if (!unit)
        return;
    struct spelling *spelling = &w->spellings[index];
    if (!spelling->tokens && !spelling_of(unit, w->arena, spelling)) {
        w->failed = true;
        return;
    }
    clauses_add(decl, spelling, w->arena, entry);
}

static int compare_links(const void *a, const void *b)
{
    return dvara_str_cmp(*(const struct dvara_str *)a, *(const struct dvara_str *)b);
}

static void add_named(struct walk *w, const struct expect *expects, size_t n,
                      struct dvara_str **names, size_t *n_names)
{
    for (size_t i = 0; i < n; i++) {
        const struct decl *rule = expects[i].ref.decl;
        if (rule && rule->kind == DECL_RULE)
            LIST_APPEND(w->arena, *names, *n_names, rule->name);
    }
}

/* The rules that a test names, sorted, each once. */
static size_t rules_named(struct walk *w, const struct decl *test, struct dvara_str **ret_names)
{
    struct dvara_str *names = NULL;
    size_t n = 0, kept = 0;
    add_named(w, test->test.expects, test->test.n_expects, &names, &n);
    for (size_t i = 0; i < test->test.n_cases; i++)
        add_named(w, test->test.cases[i].expects, test->test.cases[i].n_expects, &names, &n);
    if (n)
        qsort(names, n, sizeof *names, compare_links);
    for (size_t i = 0; i < n; i++)
        if (!kept || !dvara_str_eq(names[kept - 1], names[i]))
            names[kept++] = names[i];
    *ret_names = names;
    return kept;
}

static void add_test(struct walk *w, const struct decl *test, struct handbook_entry *entry)
{
    struct dvara_str *names;
    size_t n = rules_named(w, test, &names);
    struct handbook_field *field = field_new(w, entry, "rules", "Rules it names", FIELD_LINK, true);
    for (size_t i = 0; i < n; i++)
        field_link(w, field, names[i], id_of(w, "rule", names[i]));
}

/* The tests that name the rule. */
static void add_tests_of(struct walk *w, const struct decl *rule, struct handbook_entry *entry)
{
    const struct decls *tests = &w->program->by_kind[DECL_TEST];
    struct handbook_field *field = NULL;
    for (size_t i = 0; i < tests->n; i++) {
        struct dvara_str *names;
        size_t n = rules_named(w, tests->v[i], &names), k = 0;
        while (k < n && !dvara_str_eq(names[k], rule->name))
            k++;
        if (k == n)
            continue;
        if (!field)
            field = field_new(w, entry, "tests", "Shown by", FIELD_LINK, true);
        field_link(w, field, tests->v[i]->name, decl_id(w, tests->v[i]));
    }
}

static bool has_field(const struct handbook_entry *entry, const char *key)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].key, key) == 0)
            return true;
    return false;
}

/* What holds where the rule does not say it: a reviewer need not know the defaults. */
static void add_defaults(struct walk *w, struct handbook_entry *entry)
{
    static const struct {
        const char *key, *label;
        struct dvara_str value;
    } rows[] = {{"mode", "Mode", DVARA_STR_INIT("enforce")},
                {"priority", "Priority", DVARA_STR_INIT("0")}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!has_field(entry, rows[i].key))
            field_value(w, field_new(w, entry, rows[i].key, rows[i].label, FIELD_CODE, false),
                        rows[i].value);
}

static struct handbook_entry decl_entry(struct walk *w, const struct decl *decl)
{
    const struct source *source = w->program->sources.v[decl->span.file];
    struct handbook_entry entry = {
        .id = decl_id(w, decl),
        .name = decl->name.n ? decl->name : dvara_str_from_cstr(decl_keyword(decl->kind)),
        .doc = decl->doc,
        .file = source_recorded_path(source),
        .line = source_line_number(source, decl->span.start),
    };
    if (decl->kind == DECL_TEST)
        add_test(w, decl, &entry);
    else
        add_clauses(w, decl, &entry);
    if (decl->kind == DECL_RULE) {
        add_defaults(w, &entry);
        add_tests_of(w, decl, &entry);
    }
    return entry;
}

/* ---- what is collected ---- */

static int compare_entries(const void *a, const void *b)
{
    const struct handbook_entry *left = a, *right = b;
    int order = dvara_str_cmp(left->name, right->name);
    return order ? order : left->line < right->line ? -1 : left->line > right->line;
}

static void collect_files(struct walk *w, struct entries *entries)
{
    for (size_t i = 0; i < w->program->n_units; i++) {
        const struct unit *unit = w->program->units[i];
        struct dvara_str path = source_recorded_path(unit->source);
        struct handbook_entry entry = {.id = id_of(w, "file", path), .name = path};
        struct handbook_field *field =
            field_new(w, &entry, "package", "Package", FIELD_TEXT, false);
        if (unit->package.s.n)
            field_value(w, field, unit->package.s);
        field = field_new(w, &entry, "from", "From", FIELD_TEXT, false);
        field_value(w, field,
                    unit->source->shelved ? DVARA_STR("the library") : DVARA_STR("this policy"));
        field = field_new(w, &entry, "imports", "Imports", FIELD_CODE, true);
        for (size_t k = 0; k < unit->n_imports; k++)
            field_value(w, field, unit->imports[k].path.s);
        if (field && field->n)
            qsort(field->values, field->n, sizeof *field->values, compare_links);
        LIST_APPEND(w->arena, entries->v, entries->n, entry);
    }
}

static struct handbook_entry *control_entry(struct walk *w, struct entries *entries,
                                            struct dvara_str control)
{
    for (size_t i = 0; i < entries->n; i++)
        if (dvara_str_eq(entries->v[i].name, control))
            return &entries->v[i];
    struct handbook_entry entry = {.id = id_of(w, "control", control), .name = control};
    (void)field_new(w, &entry, "rules", "Rules", FIELD_LINK, true);
    (void)field_new(w, &entry, "modes", "Modes", FIELD_TEXT, true);
    (void)field_new(w, &entry, "places", "Places", FIELD_TEXT, true);
    LIST_APPEND(w->arena, entries->v, entries->n, entry);
    return arena_is_exhausted(w->arena) ? NULL : &entries->v[entries->n - 1];
}

static void add_control(struct walk *w, struct entries *entries, const struct decl *rule,
                        struct dvara_str control)
{
    static const char *const modes[] = {
#define MODE(id, spelling) spelling,
#include "dvara/words.def"
    };
    const struct source *source = w->program->sources.v[rule->span.file];
    struct handbook_entry *entry = control_entry(w, entries, control);
    if (!entry || entry->n_fields < 3)
        return;
    struct dvara_str path = source_recorded_path(source);
    field_link(w, &entry->fields[0], rule->name, decl_id(w, rule));
    field_value(w, &entry->fields[1], dvara_str_from_cstr(modes[rule->rule.mode]));
    field_value(w, &entry->fields[2],
                arena_printf(w->arena, "%.*s:%u", DVARA_STR_ARG(path),
                             source_line_number(source, rule->span.start)));
}

/* Rules come sorted by name, so each control's do too. */
static void collect_controls(struct walk *w, struct entries *entries)
{
    const struct decls *rules = &w->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n; i++)
        for (size_t k = 0; k < rules->v[i]->rule.n_metas; k++) {
            const struct meta *meta = &rules->v[i]->rule.metas[k];
            if (dvara_str_eq(meta->key, DVARA_STR("control")))
                add_control(w, entries, rules->v[i], meta->value.s);
        }
}

static struct entries entries_of(struct walk *w, enum section_id id)
{
    struct entries entries = {0};
    enum decl_kind kind = section_rows[id].kind;
    if (id == SECTION_FILES)
        collect_files(w, &entries);
    else if (id == SECTION_CONTROLS)
        collect_controls(w, &entries);
    else
        for (size_t i = 0; i < w->program->by_kind[kind].n; i++)
            LIST_APPEND(w->arena, entries.v, entries.n,
                        decl_entry(w, w->program->by_kind[kind].v[i]));
    if (entries.n)
        qsort(entries.v, entries.n, sizeof *entries.v, compare_entries);
    return entries;
}

/* ---- the document ---- */

const struct handbook_form *handbook_form_find(struct dvara_str name)
{
    static const struct handbook_form *const forms[] = {&handbook_markdown, &handbook_html,
                                                        &handbook_json};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (dvara_str_eq(forms[i]->name, name))
            return forms[i];
    return NULL;
}

struct dvara_str handbook_form_suffix(const struct handbook_form *form)
{
    return form->suffix;
}

struct dvara_str handbook_title(const struct program *program)
{
    struct dvara_str title = {0};
    for (size_t i = 0; i < program->n_roots; i++) {
        struct dvara_str package = program->units[i]->package.s;
        if (package.n && (!title.n || dvara_str_cmp(package, title) < 0))
            title = package;
    }
    return title.n ? title : DVARA_STR("policy");
}

bool handbook_write(const struct program *program, const struct handbook_form *form,
                    struct arena *arena, struct buf *out)
{
    struct walk w = {.program = program, .arena = arena};
    w.spellings = ARENA_ARRAY(arena, program->n_units + 1, struct spelling);
    if (!w.spellings)
        return false;
    form->begin(out, handbook_title(program));
    for (int id = 0; id < SECTION_COUNT; id++) {
        const struct handbook_section *section = &section_rows[id].section;
        struct entries entries = entries_of(&w, (enum section_id)id);
        form->section_begin(out, section, entries.v, entries.n);
        for (size_t i = 0; i < entries.n; i++)
            form->entry(out, section, &entries.v[i], i == 0);
        form->section_end(out, section, entries.n);
    }
    form->end(out);
    return !w.failed && !arena_is_exhausted(arena) && !buf_failed(out);
}
