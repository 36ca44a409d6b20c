/* SPDX-License-Identifier: Apache-2.0 */
/* The admin port's handler. It answers on the workers' threads and reads only what is made for
 * that: counters and the reload thread's report. */
#ifndef GATEWAY_ADMIN_ADMIN_H
#define GATEWAY_ADMIN_ADMIN_H

#include "dvara/status.h"
#include "gateway/config.h"
#include "gateway/http/conn.h"

#include <stddef.h>

struct admin;
struct metrics;
struct reload;
struct audit;

struct admin_options {
    const struct config *config; /* read at once; not kept */
    struct metrics *const *metrics;
    size_t n_metrics;
    struct reload *reload;
    struct audit *audit; /* NULL: it is off */
    const struct http_load *load;
    const char *version_cstr;
};

/* The arrays and objects of `options` outlive the admin. */
enum dvara_status admin_new(const struct admin_options *options,
                            struct admin **ret_admin) DVARA_MUST_CHECK;
void admin_free(struct admin *admin);
/* Lives as long as the admin. */
const struct http_handler *admin_handler(const struct admin *admin);

#endif
