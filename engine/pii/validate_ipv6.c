/* SPDX-License-Identifier: Apache-2.0 */
/* IPv6 addresses as RFC 4291 section 2.2 writes them, with zone and prefix length where they
 * follow. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { GROUPS = 8, GROUP_DIGITS = 4, ZONE_MAX = 16, SPAN_MAX = 45 + 1 + ZONE_MAX + 4 };

static bool is_hex(int c)
{
    return c >= 0 && c < 0x80 &&
           (text_is_digit((unsigned char)c) || ((c | 32) >= 'a' && (c | 32) <= 'f'));
}

static bool may_start(struct dvara_str text, size_t start)
{
    if (start == 0)
        return true;
    char before = text.p[start - 1];
    return before != ':' && before != '.' && before != '_' && !text_word_before(text, start);
}

struct address {
    unsigned groups;
    bool gap; /* :: was seen */
    size_t end;
};

/* Dotted decimal in the last 32 bits: counts as two groups. */
static bool read_dotted(struct reading *reading, size_t at, size_t *ret_end)
{
    for (unsigned octet = 0; octet < 4; octet++) {
        if (octet && reading_at(reading, at++) != '.')
            return false;
        unsigned value = 0;
        size_t start = at;
        for (int c; c = reading_at(reading, at),
                    c >= 0 && text_is_digit((unsigned char)c) && at - start < 3;
             at++)
            value = value * 10 + (unsigned)(c - '0');
        if (at == start || value > 255)
            return false;
    }
    *ret_end = at;
    return true;
}

/* One group at `at`; 0 when there is none, 5 when it is too long. */
static size_t group_length(struct reading *reading, size_t at)
{
    size_t n = 0;
    while (n <= GROUP_DIGITS && is_hex(reading_at(reading, at + n)))
        n++;
    return n;
}

/* Groups and at most one gap, as long as they go. False: this is no address. */
static bool read_groups(struct reading *reading, size_t at, struct address *address)
{
    for (;;) {
        size_t n = group_length(reading, at);
        if (n > GROUP_DIGITS)
            return false;
        if (n && address->groups <= GROUPS - 2 && reading_at(reading, at + n) == '.' &&
            read_dotted(reading, at, &address->end)) {
            address->groups += 2;
            return true;
        }
        if (n && ++address->groups > GROUPS)
            return false;
        at += n;
        if (n)
            address->end = at;
        if (reading_at(reading, at) != ':')
            return true;
        if (reading_at(reading, at + 1) == ':') {
            if (address->gap)
                return false;
            address->gap = true;
            at += 2;
            address->end = at;
        } else if (n && is_hex(reading_at(reading, at + 1))) {
            at++;
        } else {
            return n > 0; /* a colon that ends the sentence */
        }
    }
}

static size_t read_zone(struct reading *reading, size_t end)
{
    if (reading_at(reading, end) != '%')
        return end;
    size_t at = end + 1;
    for (int c; c = reading_at(reading, at), c >= 0 && c < 0x80 && at - end <= ZONE_MAX; at++) {
        if (!text_is_alnum((unsigned char)c))
            break;
    }
    return at > end + 1 ? at : end;
}

static size_t read_prefix(struct reading *reading, size_t end)
{
    if (reading_at(reading, end) != '/')
        return end;
    unsigned value = 0;
    size_t at = end + 1;
    for (int c;
         c = reading_at(reading, at), c >= 0 && text_is_digit((unsigned char)c) && at - end <= 3;
         at++)
        value = value * 10 + (unsigned)(c - '0');
    return at > end + 1 && value <= 128 ? at : end;
}

static bool dotted_on(struct reading *reading, size_t end)
{
    if (reading_at(reading, end) != '.')
        return false;
    int next = reading_at(reading, end + 1);
    return next >= 0 && text_is_digit((unsigned char)next);
}

static bool has_digit(struct dvara_str text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (text_is_digit((unsigned char)text.p[i]))
            return true;
    }
    return false;
}

static enum verdict read_ipv6(struct reading *reading, size_t start)
{
    struct address address = {.end = start};
    if (!may_start(reading->text, start) || !read_groups(reading, start, &address))
        return VERDICT_INVALID;
    if (address.gap ? address.groups > GROUPS - 1 : address.groups != GROUPS)
        return VERDICT_INVALID;
    /* Only link-local addresses have zones; "::%s" is a format. */
    size_t zone = address.groups > 1 ? read_zone(reading, address.end) : address.end;
    if (reading_at(reading, zone) == '%')
        return VERDICT_INVALID;
    size_t end = read_prefix(reading, zone);
    if (word_goes_on(reading, end) || reading_at(reading, end) == ':' || dotted_on(reading, end))
        return VERDICT_INVALID;
    reading->end = end;
    /* A bare :: is also an operator, and so are the colons of a::b. */
    if (address.groups < 3 && end == address.end && !has_digit(reading->text, start, end))
        return VERDICT_UNKNOWN;
    return VERDICT_VALID;
}

const struct locator locate_ipv6 = {
    .read = read_ipv6, .max_span = SPAN_MAX, .start = "0-9a-fA-F:", .inside = "0-9a-zA-Z:.%/"};
