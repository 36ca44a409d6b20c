/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as JSON (one object a line), for people, or as a SARIF log. */
#ifndef LANG_POLICYC_SCAN_PRINT_H
#define LANG_POLICYC_SCAN_PRINT_H

#include "base/buf.h"
#include "lang/diag.h"
#include "lang/sarif.h"
#include "policyc/scan_block.h"
#include "policyc/scan_detectors.h"

enum scan_format { SCAN_JSON, SCAN_HUMAN, SCAN_SARIF, SCAN_FORMATS };

#define SCAN_FORMAT_NAMES "json, human and sarif"

/* The format of that name, or SCAN_FORMATS. */
enum scan_format scan_format_find(const char *name_cstr);

/* A finding and where its block stands. */
struct scan_place {
    const char *path_cstr;
    struct scan_point from, to; /* 1-based, columns in code points */
    uint64_t start, end;        /* bytes; JSON Lines: of the line; else of the file */
    const struct scan_finding *finding;
};

struct scan_print {
    enum scan_format format;
    bool show, explain;
    const struct scan_detectors *detectors;
    struct sarif sarif;
};

/* From 80% error, from 50% warning, else note. */
enum severity scan_severity(uint32_t score_ppm);

void scan_print_begin(struct scan_print *print, struct buf *out);
/* To the buffer that begin was given. */
void scan_print_finding(struct scan_print *print, const struct scan_place *place, struct buf *out);
DVARA_MUST_CHECK enum dvara_status scan_print_end(struct scan_print *print);

#endif
