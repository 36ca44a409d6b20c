/* SPDX-License-Identifier: Apache-2.0 */
/* Coordinates and addresses of the web: what has neither a run of digits nor a checksum. */
#include "pii/validators.h"

#include "pattern/text.h"

#include <string.h>

/* Degrees before a point, the rest ignored; false when there are none. */
static bool read_degrees(struct dvara_str span, size_t *at, unsigned *ret_degrees)
{
    while (*at < span.n && !text_is_digit((unsigned char)span.p[*at]))
        ++*at;
    size_t begin = *at;
    unsigned degrees = 0;
    while (*at < span.n && text_is_digit((unsigned char)span.p[*at]) && *at - begin < 4)
        degrees = degrees * 10 + (unsigned)(span.p[(*at)++] - '0');
    *ret_degrees = degrees;
    return *at > begin;
}

/* Past minutes, seconds and fractions: to the comma, the letter of the hemisphere or a space that a
 * sign or digit follows. */
static void skip_fraction(struct dvara_str span, size_t *at)
{
    while (*at < span.n && !strchr(", NSns", span.p[*at]))
        ++*at;
}

/* Latitude within 90, longitude within 180. */
enum verdict check_coordinates(struct dvara_str span)
{
    unsigned latitude;
    unsigned longitude;
    size_t at = 0;
    bool letters = memchr(span.p, 'N', span.n) || memchr(span.p, 'S', span.n);
    if (!read_degrees(span, &at, &latitude))
        return VERDICT_INVALID;
    if (letters) {
        while (at < span.n && span.p[at] != 'N' && span.p[at] != 'S')
            at++;
    } else {
        skip_fraction(span, &at);
    }
    if (!read_degrees(span, &at, &longitude) || latitude > 90 || longitude > 180)
        return VERDICT_INVALID;
    /* Two numbers with a comma between them may be anything. */
    return letters ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* A scheme or www. says that it is one; a host alone may be a file or a method. */
static bool is_announced(struct dvara_str span)
{
    bool www = span.n > 4 && span.p[3] == '.';
    for (size_t i = 0; www && i < 3; i++)
        www = text_fold(span.p[i]) == 'w';
    return www || (span.n && memmem(span.p, span.n, "://", 3));
}

/* The host of a URL, or of a name that stands alone: after ://, user and port off. */
static struct dvara_str host_of(struct dvara_str span)
{
    size_t start = 0;
    for (size_t i = 0; i + 2 < span.n; i++) {
        if (memcmp(span.p + i, "://", 3) == 0) {
            start = i + 3;
            break;
        }
    }
    size_t end = start;
    while (end < span.n && !strchr("/?#", span.p[end]))
        end++;
    for (size_t i = start; i < end; i++) {
        if (span.p[i] == '@')
            start = i + 1;
    }
    for (size_t i = start; i < end; i++) {
        if (span.p[i] == ':')
            end = i;
    }
    return dvara_str_slice(span, start, end);
}

/* RFC 1123 names with a top level of letters, or IPv4, or an address in brackets. */
enum verdict check_url(struct dvara_str span)
{
    struct dvara_str host = host_of(span);
    size_t labels = 1;
    size_t label = 0;
    bool letters = true;
    bool digits = host.n > 0;
    if (host.n && host.p[0] == '[')
        return VERDICT_UNKNOWN;
    for (size_t i = 0; i < host.n; i++) {
        unsigned char c = (unsigned char)host.p[i];
        if (c == '.') {
            if (label == 0 || label > 63 || host.p[i - 1] == '-')
                return VERDICT_INVALID;
            labels++;
            label = 0;
            letters = true;
            continue;
        }
        if (c < 0x80 && !text_is_alnum(c) && c != '-' && c != '_')
            return VERDICT_INVALID;
        if (c == '-' && label == 0)
            return VERDICT_INVALID;
        letters &= c >= 0x80 || text_is_alpha(c) || (c == '-' && label > 1) ||
                   (label > 3 && memcmp(host.p + i - label, "xn--", 4) == 0);
        digits &= text_is_digit(c);
        label++;
    }
    if (labels == 4 && host.n && text_is_digit((unsigned char)host.p[host.n - 1]) && label <= 3)
        return VERDICT_UNKNOWN;
    if (labels < 2 || !letters || label < 2 || digits)
        return VERDICT_INVALID;
    return is_announced(span) ? VERDICT_VALID : VERDICT_UNKNOWN;
}

enum verdict check_domain(struct dvara_str span)
{
    return check_url(span) == VERDICT_INVALID ? VERDICT_INVALID : VERDICT_UNKNOWN;
}
