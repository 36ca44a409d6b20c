/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testreport.h"

#include "base/buf.h"
#include "base/json_text.h"
#include "lang/junit.h"

#include <inttypes.h>

enum { DETAIL_MAX = 4 << 20 };

/* `test "name", case "row"` */
static void print_name(const struct testrun_result *result, struct buf *out)
{
    BUF_LIT(out, "test ");
    json_write_string(out, result->name);
    if (!dvara_str_is_absent(result->row)) {
        BUF_LIT(out, ", case ");
        json_write_string(out, result->row);
    }
}

/* ---- for people ---- */

static void print_failure(const struct testrun_failure *failure, struct buf *out)
{
    buf_printf(out, "  expected: %.*s\n  actual:   %.*s\n", DVARA_STR_ARG(failure->expected),
               DVARA_STR_ARG(failure->actual));
    buf_append(out, failure->difference);
}

static void print_result(const struct testrun_result *result, struct buf *out)
{
    for (size_t i = 0; i < result->n_failures; i++) {
        const struct testrun_failure *failure = &result->failures[i];
        buf_printf(out, "%.*s:%u:%u: ", DVARA_STR_ARG(result->file), failure->line, failure->col);
        print_name(result, out);
        BUF_LIT(out, ": failed\n");
        print_failure(failure, out);
    }
    buf_append(out, result->trace);
}

static void print_mutants(const struct mutants *mutants, struct buf *out)
{
    struct mutant_sums sums = mutant_sums(mutants);
    for (size_t i = 0; i < mutants->n; i++) {
        const struct mutant *mutant = &mutants->v[i];
        if (mutant->state != MUTANT_SURVIVED)
            continue;
        buf_printf(out, "%.*s:%u:%u: no test notices in %.*s: %.*s\n  - %.*s\n  + %.*s\n",
                   DVARA_STR_ARG(mutant->file), mutant->line, mutant->col,
                   DVARA_STR_ARG(mutant->owner), DVARA_STR_ARG(mutant->what),
                   DVARA_STR_ARG(mutant->before), DVARA_STR_ARG(mutant->after));
    }
    buf_printf(out, "mutants: %zu killed, %zu survived (%u%%), %zu not tried\n",
               sums.by_state[MUTANT_KILLED], sums.by_state[MUTANT_SURVIVED], mutant_percent(sums),
               sums.by_state[MUTANT_NOT_TRIED]);
}

static void report_human(const struct testreport *report, struct buf *out)
{
    for (size_t i = 0; i < report->results->n; i++)
        print_result(&report->results->v[i], out);
    if (report->coverage)
        coverage_print(report->coverage, out);
    if (report->mutants)
        print_mutants(report->mutants, out);
    buf_printf(out, "%zu passed, %zu failed\n", report->results->passed, report->results->failed);
}

static void report_compact(const struct testreport *report, struct buf *out)
{
    for (size_t i = 0; i < report->results->n; i++) {
        const struct testrun_result *result = &report->results->v[i];
        for (size_t k = 0; k < result->n_failures; k++) {
            const struct testrun_failure *failure = &result->failures[k];
            buf_printf(out, "%.*s:%u:%u: ", DVARA_STR_ARG(result->file), failure->line,
                       failure->col);
            print_name(result, out);
            buf_printf(out, ": expected %.*s, got %.*s\n", DVARA_STR_ARG(failure->expected),
                       DVARA_STR_ARG(failure->actual));
        }
    }
    buf_printf(out, "%zu passed, %zu failed\n", report->results->passed, report->results->failed);
}

/* ---- for programs ---- */

static void print_failure_json(const struct testrun_failure *failure, struct buf *out)
{
    buf_printf(out, "{\"line\":%u,\"col\":%u,", failure->line, failure->col);
    json_write_member(out, "expected", failure->expected);
    buf_byte(out, ',');
    json_write_member(out, "actual", failure->actual);
    buf_byte(out, '}');
}

static void print_result_json(const struct testrun_result *result, struct buf *out)
{
    buf_byte(out, '{');
    json_write_member(out, "name", result->name);
    buf_byte(out, ',');
    json_write_member(out, "case", result->row);
    buf_byte(out, ',');
    json_write_member(out, "file", result->file);
    buf_printf(out, ",\"line\":%u,\"passed\":%s,\"ns\":%" PRIu64 ",\"failures\":[", result->line,
               result->n_failures ? "false" : "true", result->ns);
    for (size_t i = 0; i < result->n_failures; i++) {
        if (i)
            buf_byte(out, ',');
        print_failure_json(&result->failures[i], out);
    }
    BUF_LIT(out, "],");
    json_write_member(out, "trace", result->trace);
    buf_byte(out, '}');
}

static void print_mutant_json(const struct mutant *mutant, struct buf *out)
{
    buf_byte(out, '{');
    json_write_member(out, "file", mutant->file);
    buf_printf(out, ",\"line\":%u,\"col\":%u,", mutant->line, mutant->col);
    json_write_member(out, "in", mutant->owner);
    buf_byte(out, ',');
    json_write_member(out, "what", mutant->what);
    buf_byte(out, ',');
    json_write_member(out, "before", mutant->before);
    buf_byte(out, ',');
    json_write_member(out, "after", mutant->after);
    buf_byte(out, '}');
}

static void print_mutants_json(const struct mutants *mutants, struct buf *out)
{
    struct mutant_sums sums = mutant_sums(mutants);
    bool any = false;
    buf_printf(out, "{\"killed\":%zu,\"survived\":%zu,\"not_tried\":%zu,\"percent\":%u,\"list\":[",
               sums.by_state[MUTANT_KILLED], sums.by_state[MUTANT_SURVIVED],
               sums.by_state[MUTANT_NOT_TRIED], mutant_percent(sums));
    for (size_t i = 0; i < mutants->n; i++) {
        if (mutants->v[i].state != MUTANT_SURVIVED)
            continue;
        if (any)
            buf_byte(out, ',');
        any = true;
        print_mutant_json(&mutants->v[i], out);
    }
    BUF_LIT(out, "]}");
}

static void report_json(const struct testreport *report, struct buf *out)
{
    buf_printf(out, "{\"passed\":%zu,\"failed\":%zu,\"tests\":[", report->results->passed,
               report->results->failed);
    for (size_t i = 0; i < report->results->n; i++) {
        if (i)
            buf_byte(out, ',');
        print_result_json(&report->results->v[i], out);
    }
    BUF_LIT(out, "],\"coverage\":");
    if (report->coverage)
        coverage_print_json(report->coverage, out);
    else
        BUF_LIT(out, "null");
    BUF_LIT(out, ",\"mutants\":");
    if (report->mutants)
        print_mutants_json(report->mutants, out);
    else
        BUF_LIT(out, "null");
    BUF_LIT(out, "}\n");
}

/* In a workflow command `%` and line ends are escaped. */
static void print_github(struct dvara_str text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' || text.p[i] == '\n' || text.p[i] == '\r')
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.p[i]);
        else
            buf_byte(out, text.p[i]);
    }
}

static void report_github(const struct testreport *report, struct buf *out)
{
    for (size_t i = 0; i < report->results->n; i++) {
        const struct testrun_result *result = &report->results->v[i];
        for (size_t k = 0; k < result->n_failures; k++) {
            struct buf text;
            buf_init(&text, DETAIL_MAX);
            print_name(result, &text);
            buf_byte(&text, '\n');
            print_failure(&result->failures[k], &text);
            BUF_LIT(out, "::error file=");
            print_github(result->file, out);
            buf_printf(out, ",line=%u,col=%u::", result->failures[k].line, result->failures[k].col);
            print_github(buf_str(&text), out);
            buf_byte(out, '\n');
            buf_clear(&text);
        }
    }
}

static void print_case(const struct testrun_result *result, struct buf *out)
{
    struct buf name, problem, detail;
    buf_init(&name, DETAIL_MAX);
    buf_init(&problem, DETAIL_MAX);
    buf_init(&detail, DETAIL_MAX);
    buf_append(&name, result->name);
    if (!dvara_str_is_absent(result->row))
        buf_printf(&name, " / %.*s", DVARA_STR_ARG(result->row));
    if (result->n_failures)
        buf_printf(&problem, "expected %.*s, got %.*s", DVARA_STR_ARG(result->failures[0].expected),
                   DVARA_STR_ARG(result->failures[0].actual));
    if (result->n_failures)
        print_result(result, &detail);
    junit_case(out,
               &(struct junit_case){.name = buf_str(&name),
                                    .group = result->file,
                                    .file = result->file,
                                    .line = result->line,
                                    .time_ns = result->ns,
                                    .problem = result->n_failures ? buf_str(&problem)
                                                                  : (struct dvara_str){NULL, 0},
                                    .detail = buf_str(&detail)});
    buf_clear(&name);
    buf_clear(&problem);
    buf_clear(&detail);
}

static bool is_first_of_file(const struct testrun_results *results, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (dvara_str_eq(results->v[i].file, results->v[index].file))
            return false;
    }
    return true;
}

static void print_suite(const struct testrun_results *results, struct dvara_str file,
                        struct buf *out)
{
    struct junit_suite suite = {.name = file};
    for (size_t i = 0; i < results->n; i++) {
        bool is_in = dvara_str_eq(results->v[i].file, file);
        suite.tests += is_in;
        suite.failures += is_in && results->v[i].n_failures;
    }
    junit_suite_open(out, &suite);
    for (size_t i = 0; i < results->n; i++) {
        if (dvara_str_eq(results->v[i].file, file))
            print_case(&results->v[i], out);
    }
    junit_suite_close(out);
}

static void report_junit(const struct testreport *report, struct buf *out)
{
    junit_open(out, report->tool);
    for (size_t i = 0; i < report->results->n; i++) {
        if (is_first_of_file(report->results, i))
            print_suite(report->results, report->results->v[i].file, out);
    }
    junit_close(out);
}

bool testreport_print(const struct testreport *report, enum report_format format, struct buf *out)
{
    static void (*const printers[REPORT_COUNT])(const struct testreport *report,
                                                struct buf *out) = {
        [REPORT_HUMAN] = report_human, [REPORT_COMPACT] = report_compact,
        [REPORT_JSON] = report_json,   [REPORT_GITHUB] = report_github,
        [REPORT_JUNIT] = report_junit,
    };
    if (!printers[format])
        return false;
    printers[format](report, out);
    return true;
}
