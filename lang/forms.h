/* SPDX-License-Identifier: Apache-2.0 */
/* Texts with a form of their own, judged at compile time. Each returns NULL or what is wrong. */
#ifndef LANG_FORMS_H
#define LANG_FORMS_H

#include "dvara/str.h"

/* `*` `?` `[a-z]` `[!a-z]` `{a,b}`; braces nest once. */
const char *glob_problem(struct dvara_str pattern);
/* An IPv4 or IPv6 address with `/N`, or alone. ret_host_bits: bits behind the prefix are set. */
const char *cidr_problem(struct dvara_str range, bool *ret_host_bits);
/* RFC 6901. */
const char *pointer_problem(struct dvara_str pointer);
/* A name of the IANA database, looked up in the system's copy. */
bool zone_exists(struct dvara_str name);
/* A field name of HTTP (RFC 9110, section 5.6.2). */
bool is_header_name(struct dvara_str name);
/* In lower case: headers that hold credentials; and those that belong to the connection. */
bool is_credential_header(struct dvara_str name);
bool is_connection_header(struct dvara_str name);

#endif
