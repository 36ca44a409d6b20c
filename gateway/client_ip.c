/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/client_ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>

struct address {
    unsigned char bytes[16];
};

static struct address mapped(const void *ipv4)
{
    struct address address = {.bytes = {[10] = 0xff, [11] = 0xff}};
    memcpy(address.bytes + 12, ipv4, 4);
    return address;
}

static bool of_peer(const struct sockaddr *peer, struct address *ret_address)
{
    if (peer && peer->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, peer, sizeof in);
        *ret_address = mapped(&in.sin_addr);
        return true;
    }
    if (peer && peer->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, peer, sizeof in6);
        memcpy(ret_address->bytes, &in6.sin6_addr, sizeof ret_address->bytes);
        return true;
    }
    return false;
}

static bool of_text(struct dvara_str text, struct address *ret_address)
{
    char text_cstr[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof text_cstr)
        return false;
    memcpy(text_cstr, text.p, text.n);
    text_cstr[text.n] = '\0';
    struct in_addr ipv4;
    if (inet_pton(AF_INET, text_cstr, &ipv4) == 1) {
        *ret_address = mapped(&ipv4);
        return true;
    }
    return inet_pton(AF_INET6, text_cstr, ret_address->bytes) == 1;
}

/* inet_ntop goes through printf, for every request. */
static struct dvara_str ipv4_text(struct arena *arena, const unsigned char bytes[4])
{
    char *p = arena_alloc(arena, INET_ADDRSTRLEN);
    size_t n = 0;
    for (size_t i = 0; p && i < 4; i++) {
        unsigned byte = bytes[i];
        if (i > 0)
            p[n++] = '.';
        if (byte >= 100)
            p[n++] = (char)('0' + byte / 100);
        if (byte >= 10)
            p[n++] = (char)('0' + byte / 10 % 10);
        p[n++] = (char)('0' + byte % 10);
    }
    return dvara_str_from(p ? p : "", n);
}

static struct dvara_str to_text(struct arena *arena, const struct address *address)
{
    static const unsigned char prefix[12] = {[10] = 0xff, [11] = 0xff};
    char text_cstr[INET6_ADDRSTRLEN];
    if (memcmp(address->bytes, prefix, sizeof prefix) == 0)
        return ipv4_text(arena, address->bytes + 12);
    const char *done = inet_ntop(AF_INET6, address->bytes, text_cstr, sizeof text_cstr);
    return arena_copy(arena, dvara_str_from_cstr(done ? done : ""));
}

static struct dvara_str trimmed(struct dvara_str s)
{
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
        s = dvara_str_slice(s, 1, s.n);
    return s;
}

/* Walks one field's list from the right; false when the walk ends here. */
static bool walk(struct dvara_str list, const struct config_networks *trusted,
                 struct address *address)
{
    size_t end = list.n;
    while (true) {
        size_t start = end;
        while (start > 0 && list.p[start - 1] != ',')
            start--;
        struct address hop;
        if (!of_text(trimmed(dvara_str_slice(list, start, end)), &hop))
            return false;
        *address = hop;
        if (!config_networks_have(trusted, hop.bytes))
            return false;
        if (start == 0)
            return true;
        end = start - 1;
    }
}

struct dvara_str client_ip(struct arena *arena, const struct sockaddr *peer,
                           const struct http_head *head, const struct config_networks *trusted)
{
    struct address address;
    if (!of_peer(peer, &address))
        return DVARA_STR("");
    bool goes_on = head && trusted && config_networks_have(trusted, address.bytes);
    for (size_t i = head ? head->field_count : 0; i > 0 && goes_on; i--)
        if (http_name_eq(head->fields[i - 1].name, DVARA_STR("x-forwarded-for")))
            goes_on = walk(head->fields[i - 1].value, trusted, &address);
    return to_text(arena, &address);
}
