/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of JSON strings: decoding, comparing, hashing and writing. `body` is always the bytes
 * between the quotes of a string that json_parse accepted. */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include "dvara/str.h"

#include <stdint.h>

struct buf;
struct hash_state;

/* Decodes the escape at p (which points at a backslash) into out; returns its decoded bytes, 1 to
 * 4, and how many raw bytes it took: a surrogate pair is one escape. */
unsigned json_text_escape(const char *p, char *out, unsigned *ret_raw);

/* Takes the next piece of decoded text off *body, which is not empty: a run of it, or one escape
 * (in scratch). */
struct dvara_str json_text_next(struct dvara_str *body, char scratch[4]);

/* Decodes into out, which holds at least body.n bytes (decoding never grows); returns the length.
 */
size_t json_text_decode(struct dvara_str body, char *out);

/* Are the decoded texts equal? */
bool json_text_eq(struct dvara_str body, struct dvara_str other_body);
/* Is the decoded text equal to s? */
bool json_text_is(struct dvara_str body, struct dvara_str s);

void json_text_hash(struct hash_state *state, struct dvara_str body);

/* Appends valid UTF-8 as the inside of a string. */
void json_write_escaped(struct buf *out, struct dvara_str s);
/* The same with quotes around it. */
void json_write_string(struct buf *out, struct dvara_str s);
/* The same, or `null` for an absent text. */
void json_write_or_null(struct buf *out, struct dvara_str s);
/* A member so: its name, which needs no escapes, and the text or null. */
void json_write_member(struct buf *out, const char *name_cstr, struct dvara_str s);

#endif
