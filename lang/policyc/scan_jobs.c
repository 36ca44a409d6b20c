/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_jobs.h"

#include "policyc/scan_pool.h"
#include "policyc/scan_read.h"

static void *work(void *user)
{
    struct scan_reader *reader = user;
    struct scan_task task;
    while (scan_pool_take(reader->pool, &task))
        scan_reader_run(reader, &task);
    return NULL;
}

bool scan_reads_lines(const struct scan_plan *plan, const struct scan_path *path)
{
    struct dvara_str name = dvara_str_from_cstr(path->path_cstr);
    return plan->all_lines || dvara_str_ends_with(name, DVARA_STR(".jsonl")) ||
           dvara_str_ends_with(name, DVARA_STR(".ndjson"));
}

enum dvara_status scan_jobs(const struct scan_plan *plan)
{
    struct scan_pool pool;
    struct scan_reader readers[SCAN_JOBS_MAX];
    pthread_t threads[SCAN_JOBS_MAX];
    unsigned n_readers = 0, n_threads = 0;
    enum dvara_status status = scan_pool_init(&pool, plan);
    if (status != DVARA_OK)
        return status;
    while (status == DVARA_OK && n_readers < plan->jobs)
        status = scan_reader_init(&readers[n_readers++], &pool);
    while (status == DVARA_OK && n_threads < plan->jobs) {
        if (pthread_create(&threads[n_threads], NULL, work, &readers[n_threads]) != 0)
            break;
        n_threads++;
    }
    if (status == DVARA_OK && n_threads == 0)
        status = DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        scan_pool_deliver(&pool);
    for (unsigned i = 0; i < n_threads; i++)
        (void)pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < n_readers; i++)
        scan_reader_clear(&readers[i]);
    if (pool.failed)
        status = DVARA_NO_MEMORY;
    scan_pool_clear(&pool);
    return status;
}
