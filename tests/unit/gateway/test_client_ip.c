/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/client_ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "unit/suite.h"

/* 10.0.0.0/8 */
static const struct config_network network = {.address = {[10] = 0xff, [11] = 0xff, [12] = 10},
                                              .prefix = 104};
static const struct config_networks trusted = {.v = &network, .n = 1};

static void expect(const char *peer_cstr, const char *forwarded_cstr, const char *ip_cstr)
{
    struct arena arena;
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct http_head head = {.field_count = 1};
    arena_init(&arena, 1 << 20);
    ck_assert_int_eq(inet_pton(AF_INET, peer_cstr, &in.sin_addr), 1);
    head.fields[0] =
        (struct http_field){DVARA_STR("X-Forwarded-For"), dvara_str_from_cstr(forwarded_cstr)};
    struct dvara_str ip = client_ip(&arena, (const struct sockaddr *)&in, &head, &trusted);
    ck_assert_msg(dvara_str_eq(ip, dvara_str_from_cstr(ip_cstr)), "%.*s", DVARA_STR_ARG(ip));
    arena_clear(&arena);
}

TEST(a_stranger_s_header_is_not_believed)
{
    expect("192.0.2.1", "8.8.8.8", "192.0.2.1");
}
TEST(a_trusted_proxy_tells_the_client)
{
    expect("10.0.0.1", "8.8.8.8", "8.8.8.8");
}
TEST(the_right_most_untrusted_hop_counts)
{
    expect("10.0.0.1", "1.1.1.1, 8.8.8.8 , 10.0.0.2", "8.8.8.8");
}
TEST(a_hop_that_is_no_address_ends_the_walk)
{
    expect("10.0.0.1", "8.8.8.8, nonsense, 10.0.0.2", "10.0.0.2");
}
TEST(an_empty_list_leaves_the_peer)
{
    expect("10.0.0.1", "", "10.0.0.1");
}
TEST(ipv6_is_read)
{
    expect("10.0.0.1", "2001:db8::1", "2001:db8::1");
}

SUITE(a_stranger_s_header_is_not_believed, a_trusted_proxy_tells_the_client,
      the_right_most_untrusted_hop_counts, a_hop_that_is_no_address_ends_the_walk,
      an_empty_list_leaves_the_peer, ipv6_is_read)
