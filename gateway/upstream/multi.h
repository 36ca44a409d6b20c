/* SPDX-License-Identifier: Apache-2.0 */
/* A libcurl multi handle driven by the worker's loop. For connect.c alone. */
#ifndef GATEWAY_UPSTREAM_MULTI_H
#define GATEWAY_UPSTREAM_MULTI_H

#include <curl/curl.h>
#include <stdbool.h>

struct event_base;
struct multi;

/* Runs, never from within libcurl, when a handle is done; `user` is the handle's CURLOPT_PRIVATE.
 * It may remove and free the handle, and free a multi that is not shared. */
typedef void multi_done(void *user, CURLcode code);

/* is_shared: it serves many handles and outlives them; else one, whose end is its last report.
 * NULL when out of memory. */
struct multi *multi_new(struct event_base *base, bool is_shared, multi_done *on_done);
/* Its handles must be removed. Accepts NULL. */
void multi_free(struct multi *multi);

/* The handle starts in the next turn of the loop. False when refused. */
bool multi_add(struct multi *multi, CURL *easy);
void multi_remove(struct multi *multi, CURL *easy);

#endif
