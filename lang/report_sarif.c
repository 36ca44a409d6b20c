/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "lang/report_form.h"
#include "lang/sarif.h"

static struct sarif_place place_of(const struct report *report, struct span span)
{
    struct report_place place = report_place(report, span);
    return (struct sarif_place){place.path, place.line, place.col, place.end_line, place.end_col};
}

static void append_result(const struct report *report, struct sarif *sarif, const struct diag *diag)
{
    struct sarif_related related[DIAG_LABELS_MAX];
    struct sarif_fix fixes[DIAG_HELPS_MAX];
    struct sarif_result result = {
        .rule = dvara_str_from_cstr(message_row(diag->message)->code),
        .level = severity_name(diag->severity),
        .text = diag->text,
        .place = place_of(report, diag->span),
        .related = related,
        .fixes = fixes,
    };
    for (uint8_t i = 0; i < diag->n_labels; i++)
        related[result.n_related++] =
            (struct sarif_related){place_of(report, diag->labels[i].span), diag->labels[i].text};
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        const struct diag_help *help = &diag->helps[i];
        if (help->has_edit)
            fixes[result.n_fixes++] =
                (struct sarif_fix){place_of(report, help->span), help->text, help->replacement};
    }
    sarif_result(sarif, &result);
}

/* One rule a code that was reported; several wordings may share a code. */
static size_t collect_rules(const struct report *report, struct sarif_rule rules[MESSAGE_COUNT])
{
    size_t n = 0;
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        const struct message_row *row = message_row((enum message)i);
        struct dvara_str code = dvara_str_from_cstr(row->code);
        bool seen = false;
        for (uint32_t k = 0; k < report->n && !seen; k++)
            seen =
                dvara_str_eq(code, dvara_str_from_cstr(message_row(report->v[k]->message)->code));
        if (!seen || (n && dvara_str_eq(rules[n - 1].id, code)))
            continue;
        struct dvara_str name = dvara_str_from_cstr(row->name);
        rules[n++] = (struct sarif_rule){
            .id = code,
            .name = name,
            .text = name,
            .help =
                DVARA_STR("`dvara-policyc explain` with the code prints its page: what is wrong, "
                          "and a wrong and a right example."),
            .level = row->severity == SEVERITY_OFF ? "none" : severity_name(row->severity),
        };
    }
    return n;
}

void report_sarif(const struct report *report)
{
    struct sarif sarif;
    struct sarif_rule rules[MESSAGE_COUNT];
    sarif_open(&sarif, report->out);
    for (uint32_t i = 0; i < report->n; i++)
        append_result(report, &sarif, report->v[i]);
    size_t n = collect_rules(report, rules);
    sarif_close(&sarif, report->options->tool, report->options->version, rules, n, report->hidden);
}
