/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/egress.h"

#include "unit/suite.h"

#include <arpa/inet.h>

static bool is_allowed(const char *text_cstr, bool private_allowed)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_storage address = {0};
    if (inet_pton(AF_INET, text_cstr, &v4.sin_addr) == 1) {
        memcpy(&address, &v4, sizeof v4);
    } else {
        ck_assert_msg(inet_pton(AF_INET6, text_cstr, &v6.sin6_addr) == 1, "%s", text_cstr);
        memcpy(&address, &v6, sizeof v6);
    }
    return egress_is_allowed((const struct sockaddr *)&address, private_allowed);
}

TEST(public_addresses_are_allowed)
{
    static const char *const addresses[] = {
        "1.1.1.1",         "9.255.255.255", "11.0.0.0",         "100.63.255.255",
        "100.128.0.0",     "172.15.0.1",    "172.32.0.0",       "192.167.0.1",
        "192.169.0.1",     "198.17.0.1",    "198.20.0.1",       "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1",  "64:ff9b::1.1.1.1", "::ffff:8.8.8.8",
        "2002:808:808::1",
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        ck_assert_msg(is_allowed(addresses[i], false), "%s", addresses[i]);
}

TEST(private_addresses_are_allowed_only_where_the_config_says)
{
    static const char *const addresses[] = {
        "127.0.0.1",       "127.255.255.255", "10.0.0.1",        "10.255.255.255", "172.16.0.1",
        "172.31.255.255",  "192.168.1.1",     "169.254.169.254", "169.254.0.1",    "100.64.0.1",
        "100.100.100.200", "100.127.255.255", "192.0.0.192",     "192.0.2.1",      "198.18.0.1",
        "198.19.255.255",  "198.51.100.1",    "203.0.113.1",     "168.63.129.16",  "::1",
        "fd00:ec2::254",   "fc00::1",         "fdff::1",         "fe80::1",        "febf::1",
        "fec0::1",         "2001:db8::1",     "64:ff9b:1::1",
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        ck_assert_msg(!is_allowed(addresses[i], false), "%s", addresses[i]);
        ck_assert_msg(is_allowed(addresses[i], true), "%s", addresses[i]);
    }
}

TEST(an_ipv4_address_inside_an_ipv6_one_is_judged)
{
    static const char *const addresses[] = {
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:5601:5601", /* Teredo of 169.254.169.254 */
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        ck_assert_msg(!is_allowed(addresses[i], false), "%s", addresses[i]);
}

TEST(what_is_nobodys_address_is_never_allowed)
{
    static const char *const addresses[] = {
        "0.0.0.0",         "0.1.2.3", "224.0.0.1", "239.1.1.1",      "240.0.0.1",
        "255.255.255.255", "::",      "ff02::1",   "::ffff:0.0.0.0", "::ffff:224.0.0.1"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        ck_assert_msg(!is_allowed(addresses[i], true), "%s", addresses[i]);
}

TEST(other_families_are_never_allowed)
{
    struct sockaddr address = {.sa_family = AF_UNIX};
    ck_assert(!egress_is_allowed(&address, true));
}

SUITE(public_addresses_are_allowed, private_addresses_are_allowed_only_where_the_config_says,
      an_ipv4_address_inside_an_ipv6_one_is_judged, what_is_nobodys_address_is_never_allowed,
      other_families_are_never_allowed)
