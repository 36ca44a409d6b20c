/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_tally.h"

#include "base/time.h"
#include "policyc/scan_print.h"

#include <stdlib.h>

enum dvara_status scan_tally_init(struct scan_tally *tally, size_t n_detectors)
{
    *tally = (struct scan_tally){.began_ns = time_monotonic_ns()};
    tally->counts = calloc(n_detectors + 1, sizeof *tally->counts);
    return tally->counts ? DVARA_OK : DVARA_NO_MEMORY;
}

void scan_tally_clear(struct scan_tally *tally)
{
    free(tally->counts);
}

void scan_tally_add(struct scan_tally *tally, size_t file, const struct dvara_span *span)
{
    struct scan_count *count = &tally->counts[span->detector];
    count->findings++;
    count->files += count->last_file != file + 1;
    count->last_file = file + 1;
    tally->findings++;
    tally->by_severity[scan_severity(span->score_ppm)]++;
}

/* "3 binary files, " */
static void put_skipped(struct buf *out, uint64_t n, const char *one, const char *many, bool *any)
{
    if (n == 0)
        return;
    buf_printf(out, "%s%llu %s", *any ? ", " : "", (unsigned long long)n, n == 1 ? one : many);
    *any = true;
}

void scan_tally_skipped(const struct scan_tally *tally, struct buf *out)
{
    bool any = false;
    if (tally->binary + tally->folders + tally->special == 0)
        return;
    BUF_LIT(out, "dvara-policyc scan: skipped ");
    put_skipped(out, tally->binary, "binary file", "binary files", &any);
    put_skipped(out, tally->folders, "folder of version control", "folders of version control",
                &any);
    put_skipped(out, tally->special, "link or special file", "links or special files", &any);
    buf_byte(out, '\n');
}

static void put_row(struct buf *out, struct dvara_str name, uint64_t findings, uint64_t files)
{
    buf_printf(out, "%-28.*s %10llu %8llu\n", DVARA_STR_ARG(name), (unsigned long long)findings,
               (unsigned long long)files);
}

static double seconds_of(const struct scan_tally *tally)
{
    return (double)(time_monotonic_ns() - tally->began_ns) / 1e9;
}

void scan_tally_print(const struct scan_tally *tally, const struct scan_detectors *detectors,
                      struct buf *out)
{
    double seconds = seconds_of(tally);
    double megabytes = (double)tally->bytes / 1e6;
    buf_printf(out, "%-28s %10s %8s\n", "detector", "findings", "files");
    for (size_t i = 0; i < detectors->n; i++) {
        if (tally->counts[i].findings)
            put_row(out, detectors->decls[i]->name, tally->counts[i].findings,
                    tally->counts[i].files);
    }
    buf_printf(out, "%-28s %10llu\n", "all", (unsigned long long)tally->findings);
    buf_printf(out, "%llu files, %llu bytes in %.3f s: %.1f MB/s\n",
               (unsigned long long)tally->files, (unsigned long long)tally->bytes, seconds,
               seconds > 0 ? megabytes / seconds : 0.0);
    if (tally->plain_lines)
        buf_printf(out, "%llu lines were no JSON and read as text\n",
                   (unsigned long long)tally->plain_lines);
    if (tally->unscanned)
        buf_printf(out, "%llu bytes could not be scanned\n", (unsigned long long)tally->unscanned);
}

void scan_tally_progress(const struct scan_tally *tally, size_t files_done, size_t files,
                         uint64_t bytes, struct buf *out)
{
    double seconds = seconds_of(tally);
    double megabytes = (double)bytes / 1e6;
    buf_printf(out, "%zu of %zu files, %.0f MB, %.0f MB/s, %llu findings", files_done, files,
               megabytes, seconds > 0 ? megabytes / seconds : 0.0,
               (unsigned long long)tally->findings);
}
