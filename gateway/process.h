/* SPDX-License-Identifier: Apache-2.0 */
/* A running gateway: everything between the config and the exit, built in order and taken down in
 * reverse. */
#ifndef GATEWAY_PROCESS_H
#define GATEWAY_PROCESS_H

#include "dvara/status.h"
#include "gateway/config.h"

struct process;

/* No core dump, no ptrace: secrets are in memory. Before any secret is read. */
void process_harden(void);

/* Starts everything and serves. Takes over a reference of config. Signals are blocked by the
 * caller. What went wrong is in the log. */
enum dvara_status process_start(struct config *config, const char *version_cstr,
                                struct process **ret_process) DVARA_MUST_CHECK;
void process_reload(struct process *process);
/* Drains to the deadline, syncs, signs the last checkpoint, frees all. IO: audit was not whole. */
enum dvara_status process_stop(struct process *process) DVARA_MUST_CHECK;

/* The ports that were bound: for a config that asks for port 0. */
uint16_t process_port(const struct process *process);
uint16_t process_admin_port(const struct process *process);

#endif
