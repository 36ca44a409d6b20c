/* SPDX-License-Identifier: Apache-2.0 */
/* Files that hold secrets: 0600, made once, never overwritten. */
#ifndef GATEWAY_SECRET_FILE_H
#define GATEWAY_SECRET_FILE_H

#include "base/buf.h"
#include "dvara/status.h"

#include <stdbool.h>

/* Reads `size` bytes, kept as hex digits; when there is no such file, makes it with random ones.
 * UNTRUSTED: others than the owner may read or write it. INVALID: not that many hex digits. IO. */
enum dvara_status secret_file_open(const char *path_cstr, unsigned char *ret_secret,
                                   size_t size) DVARA_MUST_CHECK;
/* The same and never makes it: NOT_FOUND. */
enum dvara_status secret_file_read(const char *path_cstr, unsigned char *ret_secret,
                                   size_t size) DVARA_MUST_CHECK;

/* UNTRUSTED when others than the owner may read or write the file. */
enum dvara_status secret_file_check(const char *path_cstr) DVARA_MUST_CHECK;

/* Writes a new 0600 file whole and synced, or nothing. IO, also when it exists. */
enum dvara_status secret_file_make(const char *path_cstr, struct dvara_str text) DVARA_MUST_CHECK;

/* Appends a whole regular file. NOT_FOUND, IO, TOO_LARGE (the buffer's ceiling). */
enum dvara_status file_read(const char *path_cstr, struct buf *out) DVARA_MUST_CHECK;
/* The status of a file_read in words: what is missing is a file, and no name or row. */
const char *file_sentence(enum dvara_status status);
/* Replaces a file by rename, synced: readers see the old one or the new one. Mode 0600. */
enum dvara_status file_replace(const char *path_cstr, struct dvara_str text) DVARA_MUST_CHECK;
/* Makes a folder, 0700, and those above it. OK when it is there. */
enum dvara_status folder_make(const char *path_cstr) DVARA_MUST_CHECK;

#endif
