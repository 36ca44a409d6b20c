/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/arguments.h"

#include "lang/suggest.h"

#include <stdio.h>

static const struct option_row *find(const struct option_row *rows, size_t n_rows,
                                     struct dvara_str name)
{
    for (size_t i = 0; i < n_rows; i++)
        if (dvara_str_eq(name, dvara_str_from_cstr(rows[i].name)))
            return &rows[i];
    return NULL;
}

static bool refuse_unknown(const struct option_row *rows, size_t n_rows, const char *command,
                           struct dvara_str name)
{
    struct suggestion suggestion = suggest_start(name);
    for (size_t i = 0; i < n_rows; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(rows[i].name));
    (void)fprintf(stderr, "dvara-policyc %s: there is no option %.*s", command,
                  DVARA_STR_ARG(name));
    if (suggestion.best.p)
        (void)fprintf(stderr, "; did you mean %.*s?\n", DVARA_STR_ARG(suggestion.best));
    else
        (void)fputs("; see --help\n", stderr);
    return false;
}

static bool store(const struct option_row *row, const char *command, const char *value)
{
    if (row->value) {
        *row->value = value;
        return true;
    }
    if (*row->n_list == row->list_max) {
        (void)fprintf(stderr, "dvara-policyc %s: too many of %s\n", command, row->name);
        return false;
    }
    row->list[(*row->n_list)++] = dvara_str_from_cstr(value);
    return true;
}

/* One option at argv[*at]; moves over its value. */
static bool read_option(int argc, char **argv, int *at, const struct option_row *rows,
                        size_t n_rows)
{
    struct dvara_str word = dvara_str_from_cstr(argv[*at]);
    const char *equals = strchr(argv[*at], '=');
    struct dvara_str name = equals ? dvara_str_slice(word, 0, (size_t)(equals - word.p)) : word;
    const struct option_row *row = find(rows, n_rows, name);
    if (!row)
        return refuse_unknown(rows, n_rows, argv[0], name);
    if (row->flag && equals) {
        (void)fprintf(stderr, "dvara-policyc %s: %s takes no value\n", argv[0], row->name);
        return false;
    }
    if (row->flag) {
        *row->flag = true;
        return true;
    }
    if (!equals && *at + 1 == argc) {
        (void)fprintf(stderr, "dvara-policyc %s: %s takes a value\n", argv[0], row->name);
        return false;
    }
    return store(row, argv[0], equals ? equals + 1 : argv[++*at]);
}

bool arguments_read(int argc, char **argv, const struct option_row *rows, size_t n_rows,
                    struct operands *operands)
{
    bool options = true;
    operands->n = 0;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            if (!read_option(argc, argv, &i, rows, n_rows))
                return false;
        } else if (operands->n == OPERANDS_MAX) {
            (void)fprintf(stderr, "dvara-policyc %s: too many paths\n", argv[0]);
            return false;
        } else {
            operands->v[operands->n++] = dvara_str_from_cstr(argv[i]);
        }
    }
    return true;
}
