/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/import/format.h"

#include <stdio.h>

bool import_refuse(struct node_problem *problem, const struct node *node, const char *why_cstr)
{
    problem->line = node ? node->line : 1;
    (void)snprintf(problem->text, sizeof problem->text, "%s", why_cstr);
    return false;
}

const char *import_reason(void *user, struct dvara_str key)
{
    const struct import_reasons *reasons = user;
    for (size_t i = 0; i < reasons->n; i++)
        if (strcmp(reasons->rows[i].section, reasons->section) == 0 &&
            dvara_str_eq(dvara_str_from_cstr(reasons->rows[i].key), key))
            return reasons->rows[i].says;
    return "this importer does not know the setting";
}

static const struct {
    const char *entity, *detector, *path;
} entities[] = {
#define ENTITY(entity, detector, path) {entity, detector, path},
#include "lang/import/entities.def"
};

static bool same_but_for_case(struct dvara_str a, const char *b)
{
    size_t i = 0;
    for (; i < a.n && b[i]; i++) {
        char c = a.p[i], d = b[i];
        c = c >= 'a' && c <= 'z' ? (char)(c & ~32) : c;
        if (c != d)
            return false;
    }
    return i == a.n && !b[i];
}

const char *entity_detector(struct imported *im, struct dvara_str entity)
{
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (same_but_for_case(entity, entities[i].entity)) {
            imported_import(im, entities[i].path);
            return entities[i].detector;
        }
    return NULL;
}
