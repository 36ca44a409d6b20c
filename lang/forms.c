/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/forms.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

/* The `]` that closes the class opened at `at`, or n. */
static size_t class_end(struct dvara_str pattern, size_t at)
{
    size_t i = at + 1;
    if (i < pattern.n && pattern.p[i] == '!')
        i++;
    if (i < pattern.n && pattern.p[i] == ']') /* a `]` first is itself */
        i++;
    while (i < pattern.n && pattern.p[i] != ']')
        i++;
    return i;
}

static const char *class_problem(struct dvara_str pattern, size_t at, size_t end)
{
    size_t first = at + 1 + (pattern.p[at + 1] == '!');
    if (first == end)
        return "the class `[]` is empty";
    for (size_t i = first; i + 2 < end; i++)
        if (pattern.p[i + 1] == '-' && (unsigned char)pattern.p[i] < 0x80 &&
            (unsigned char)pattern.p[i + 2] < 0x80 && pattern.p[i] > pattern.p[i + 2])
            return "a range of a class runs backwards";
    return NULL;
}

const char *glob_problem(struct dvara_str pattern)
{
    int braces = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '[') {
            size_t end = class_end(pattern, i);
            if (end == pattern.n)
                return "`[` is not closed; a bracket itself is written `[[]`";
            const char *problem = class_problem(pattern, i, end);
            if (problem)
                return problem;
            i = end;
        } else if (pattern.p[i] == '{') {
            if (++braces > 2)
                return "braces nest once";
        } else if (pattern.p[i] == '}') {
            if (--braces < 0)
                return "`}` has no `{`";
        }
    }
    return braces ? "`{` is not closed" : NULL;
}

static bool host_bits(const unsigned char *address, unsigned n_bytes, unsigned prefix)
{
    for (unsigned bit = prefix; bit < n_bytes * 8; bit++)
        if (address[bit / 8] & (0x80u >> bit % 8))
            return true;
    return false;
}

const char *cidr_problem(struct dvara_str range, bool *ret_host_bits)
{
    char text[64];
    unsigned char address[16];
    *ret_host_bits = false;
    if (range.n == 0 || range.n >= sizeof text || memchr(range.p, 0, range.n))
        return "not an address";
    memcpy(text, range.p, range.n);
    text[range.n] = 0;
    char *slash = strchr(text, '/');
    if (slash)
        *slash = 0;
    unsigned n_bytes = inet_pton(AF_INET, text, address) == 1    ? 4
                       : inet_pton(AF_INET6, text, address) == 1 ? 16
                                                                 : 0;
    if (n_bytes == 0)
        return "not an address";
    if (!slash)
        return NULL;
    unsigned prefix = 0;
    const char *digit = slash + 1;
    for (; *digit >= '0' && *digit <= '9' && prefix <= 128; digit++)
        prefix = prefix * 10 + (unsigned)(*digit - '0');
    if (digit == slash + 1 || *digit || (slash[1] == '0' && slash[2]))
        return "the prefix length is not a number";
    if (prefix > n_bytes * 8)
        return n_bytes == 4 ? "the prefix length is over 32" : "the prefix length is over 128";
    *ret_host_bits = host_bits(address, n_bytes, prefix);
    return NULL;
}

const char *pointer_problem(struct dvara_str pointer)
{
    if (pointer.n == 0)
        return NULL;
    if (pointer.p[0] != '/')
        return "it begins with `/`";
    for (size_t i = 0; i < pointer.n; i++)
        if (pointer.p[i] == '~' &&
            !(i + 1 < pointer.n && (pointer.p[i + 1] == '0' || pointer.p[i + 1] == '1')))
            return "`~` is written `~0`, and `/` in a key `~1`";
    return NULL;
}

/* Files of the zone folder that are no names of the database: the machine's own zone, and copies.
 */
static bool is_local_name(struct dvara_str name)
{
    return dvara_str_eq(name, DVARA_STR("localtime")) ||
           dvara_str_eq(name, DVARA_STR("posixrules")) ||
           dvara_str_starts_with(name, DVARA_STR("posix/")) ||
           dvara_str_starts_with(name, DVARA_STR("right/")) ||
           memmem(name.p, name.n, "//", 2) != NULL;
}

bool zone_exists(struct dvara_str name)
{
    char path[160];
    if (is_local_name(name))
        return false;
    if (name.n == 0 || name.n > 64 || name.p[0] == '/' || name.p[0] == '.' || name.p[0] == '-')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '/' || c == '_' || c == '-' || c == '+';
        if (!ok)
            return false;
    }
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", DVARA_STR_ARG(name));
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    char magic[4] = {0};
    bool ok = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    (void)fclose(file);
    return ok;
}

bool is_header_name(struct dvara_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  (c && strchr("!#$%&'*+-.^_`|~", c));
        if (!ok)
            return false;
    }
    return name.n > 0 && name.n <= 256;
}

static bool is_one_of(struct dvara_str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (dvara_str_eq(name, dvara_str_from_cstr(names[i])))
            return true;
    return false;
}

bool is_credential_header(struct dvara_str name)
{
    static const char *const names[] = {"authorization", "proxy-authorization", "cookie",
                                        "set-cookie",    "x-api-key",           "api-key",
                                        "x-goog-api-key"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

bool is_connection_header(struct dvara_str name)
{
    static const char *const names[] = {"connection",
                                        "content-length",
                                        "content-type",
                                        "expect",
                                        "host",
                                        "keep-alive",
                                        "te",
                                        "trailer",
                                        "upgrade",
                                        "transfer-encoding",
                                        "proxy-connection"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}
