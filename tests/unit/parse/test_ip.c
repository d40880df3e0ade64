/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame_builder.h"

#define LINK_RAW  101
#define QUERY_LEN 28u

struct opened_row {
    const char *shows;
    const char *words;
    uint8_t family; /* of the innermost IP header */
    bool tunnelled;
    bool exact; /* cutting the frame anywhere leaves a shorter message, or none */
};

static const struct opened_row opened_rows[] = {
    {"IPv4", "ip4 udp dns", 4, false, true},
    {"IPv4 with options", "ip4opt udp dns", 4, false, true},
    {"IPv4 without a length", "ip4off udp dns", 4, false, true},
    {"IPv6", "ip6 udp dns", 6, false, true},
    {"hop-by-hop options", "ip6 hop udp dns", 6, false, true},
    {"a chain", "ip6 hop dest route atomic dest ah mobility udp dns", 6, false, true},
    {"authentication in IPv4", "ip4 ah udp dns", 4, false, true},
    {"fragment that is all", "ip6 atomic udp dns", 6, false, true},
    {"jumbogram that need not be one", "jumbo udp dns", 6, false, true},
    {"sixteen extension headers",
        "ip6 hop dest dest dest dest dest dest dest dest dest dest dest dest dest dest dest udp "
        "dns",
        6, false, true},
    {"IPv4 in IPv4", "ip4 ip4 udp dns", 4, true, true},
    {"IPv6 in IPv4", "ip4 ip6 udp dns", 6, true, true},
    {"IPv4 in IPv6", "ip6 ip4 udp dns", 4, true, true},
    {"IPv6 in IPv6", "ip6 dest ip6 udp dns", 6, true, true},
    {"GRE", "ip4 gre ip4 udp dns", 4, true, true},
    {"GRE with checksum", "ip4 gre-c ip4 udp dns", 4, true, true},
    {"GRE with key", "ip4 gre-k ip6 udp dns", 6, true, true},
    {"GRE with sequence number", "ip6 gre-s ip4 udp dns", 4, true, true},
    {"GRE with all of them", "ip4 gre-cks ip4 udp dns", 4, true, true},
    {"GRE with Ethernet", "ip4 gre eth vlan ip4 udp dns", 4, true, true},
    {"GRE with labels", "ip4 gre mpls ip4 udp dns", 4, true, true},
    {"GRE over UDP", "ip4 udp gre-k ip4 udp dns", 4, true, true},
    {"PPTP", "ip4 pptp ppp ip4 udp dns", 4, true, true},
    {"PPTP with address and control", "ip4 pptp hdlc ppp1 ip4 udp dns", 4, true, true},
    {"ERSPAN I", "ip4 erspan1 eth ip4 udp dns", 4, true, true},
    {"ERSPAN II", "ip4 erspan2 eth ip4 udp dns", 4, true, true},
    {"ERSPAN III", "ip4 erspan3 eth ip4 udp dns", 4, true, true},
    {"ERSPAN III with a subheader", "ip4 erspan3o eth ip6 udp dns", 6, true, true},
    {"VXLAN", "ip4 udp vxlan eth ip4 udp dns", 4, true, true},
    {"VXLAN, port of Linux", "ip6 udp vxlan-linux eth vlan ip4 udp dns", 4, true, true},
    {"VXLAN-GPE", "ip4 udp gpe-ip4 ip4 udp dns", 4, true, true},
    {"VXLAN-GPE as plain VXLAN, answering port", "ip4 udp-back gpe-ip4 ip4 udp dns", 4, true, true},
    {"Geneve with IP", "ip4 udp geneve ip6 udp dns", 6, true, true},
    {"Geneve with Ethernet and options", "ip4 udp geneve-opt eth ip4 udp dns", 4, true, true},
    {"GTP-U", "ip4 udp gtp ip4 udp dns", 4, true, true},
    {"GTP-U with an extension", "ip4 udp gtp-ext ip6 udp dns", 6, true, true},
    {"Teredo", "ip4 udp teredo ip6 udp dns", 6, true, true},
    {"Teredo with indications", "ip4 udp teredo-origin ip6 udp dns", 6, true, true},
    {"labels in IP", "ip4 mpls ip4 udp dns", 4, true, true},
    {"labels over UDP", "ip4 udp mpls mpls ip4 udp dns", 4, true, true},
    {"EtherIP", "ip4 etherip eth ip4 udp dns", 4, true, true},
    {"tunnel in tunnel in tunnel", "ip4 gre ip6 udp vxlan eth mpls ip4 ip6 hop udp dns", 6, true,
        true},
    {"TCP", "ip4 tcp dns-tcp", 4, false, false},
    {"TCP in a tunnel", "ip6 gre ip6 tcp dns-tcp", 6, true, false},
};

static struct gw_watch watch;
static struct gw_built built;

static int
make_watch(void **state)
{
    (void)state;
    gw_watch_init(&watch);
    return 0;
}

static int
drop_watch(void **state)
{
    (void)state;
    gw_watch_done(&watch);
    return 0;
}

static void
run(const char *words, uint32_t len)
{
    gw_build(&built, words);
    gw_watch_clear(&watch);
    gw_watch_frame(&watch, LINK_RAW, gw_built_data(&built), len, gw_built_len(&built));
}

static void
every_header_leads_to_the_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(opened_rows); i++) {
        const struct opened_row *row = &opened_rows[i];
        const struct gw_payload *payload = &watch.message[0].payload;
        const struct gw_packet_stats before = watch.stats;

        print_message("%s\n", row->shows);
        run(row->words, (gw_build(&built, row->words), gw_built_len(&built)));
        watch.time_ns += 1000 * GW_NS_PER_S; /* each TCP row is a connection of its own */
        assert_int_equal(watch.count, 1);
        assert_int_equal(watch.stats.parsed, before.parsed + 1);
        assert_int_equal(watch.stats.tunnelled, before.tunnelled + row->tunnelled);
        assert_int_equal(watch.stats.ip4 - before.ip4, row->family == 4);
        assert_int_equal(watch.stats.ip6 - before.ip6, row->family == 6);
        assert_int_equal(payload->len, QUERY_LEN);
        assert_int_equal(payload->declared_len, QUERY_LEN);
        assert_int_equal((payload->flags & GW_PAYLOAD_TUNNELLED) != 0, row->tunnelled);
        assert_int_equal(payload->ip_ttl, row->family == 4 ? 61 : 62);
        assert_int_equal(payload->source.family, row->family);
        assert_int_equal(
            payload->source.octet[row->family == 4 ? 3 : 15], 0x35 + (row->family == 6) * 0x1e);
        assert_int_equal(payload->destination.octet[row->family == 4 ? 3 : 15], 9);
    }
}

static void
a_packet_may_be_cut_at_every_octet(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(opened_rows); i++) {
        const struct opened_row *row = &opened_rows[i];

        gw_build(&built, row->words);
        for (uint32_t len = 0, wire_len = gw_built_len(&built); len < wire_len; len++) {
            const uint32_t message = len + QUERY_LEN > wire_len ? len + QUERY_LEN - wire_len : 0;

            run(row->words, len);
            watch.time_ns += 1000 * GW_NS_PER_S;
            if (!row->exact)
                continue;
            assert_int_equal(watch.count, message >= 12);
            if (message < 12)
                continue;
            assert_int_equal(watch.message[0].payload.len, message);
            assert_true((watch.message[0].payload.flags & GW_PAYLOAD_CUT) != 0);
        }
    }
}

struct refused_row {
    const char *shows;
    const char *words;
    int32_t off; /* of an octet to change; -1: none */
    uint8_t octet;
    enum gw_why why;
};

static const struct refused_row refused_rows[] = {
    {"version 5", "ip4 udp dns", 0, 0x55, GW_IP_BAD},
    {"IHL 4", "ip4 udp dns", 0, 0x44, GW_IP_BAD},
    {"IHL past the packet", "ip4 udp short", 0, 0x4f, GW_IP_LENGTH},
    {"total length within the header", "ip4 udp dns", 3, 19, GW_IP_LENGTH},
    {"total length of the header", "ip4 udp dns", 3, 20, GW_UDP_CUT},
    {"total length within UDP", "ip4 udp dns", 3, 27, GW_UDP_CUT},
    {"total length within DNS", "ip4 udp dns", 3, 39, GW_DNS_SHORT},
    {"IPv6 without payload", "ip6 udp dns", 5, 0, GW_IP_LENGTH},
    {"IPv6 payload within UDP", "ip6 udp dns", 5, 7, GW_UDP_CUT},
    {"jumbogram without option", "jumbo udp dns", 42, 5, GW_IP_LENGTH},
    {"no next header", "ip6 none data", -1, 0, GW_NOT_TRANSPORT},
    {"no next header, no payload", "ip6 none", -1, 0, GW_NOT_TRANSPORT},
    {"seventeen extension headers",
        "ip6 hop dest dest dest dest dest dest dest dest dest dest dest dest dest dest dest dest "
        "udp dns",
        -1, 0, GW_IP6_CHAIN},
    {"extension past the packet", "ip6 dest udp dns", 41, 200, GW_IP_CUT},
    {"extension header in IPv4", "ip4 dest udp dns", -1, 0, GW_NOT_TRANSPORT},
    {"ICMP", "ip4 icmp ip4 udp dns", -1, 0, GW_ICMP_ERROR},
    {"ICMPv6", "ip6 icmp6 ip6 udp dns", -1, 0, GW_ICMP_ERROR},
    {"ICMPv6 behind an extension", "ip6 hop icmp6 ip6 udp dns", -1, 0, GW_ICMP_ERROR},
    {"SCTP", "ip4 sctp dns", -1, 0, GW_NOT_TRANSPORT},
    {"UDP length 0", "ip4 udp0 dns", -1, 0, GW_UDP_LENGTH},
    {"UDP length 7", "ip4 udp dns", 25, 7, GW_UDP_LENGTH},
    {"UDP length within the DNS header", "ip4 udp dns", 25, 19, GW_DNS_SHORT},
    {"eleven octets of DNS", "ip4 udp short", -1, 0, GW_DNS_SHORT},
    {"another port", "ip6 udp data", -1, 0, GW_NOT_DNS_PORT},
    {"another port, TCP", "ip6 tcp data", -1, 0, GW_NOT_DNS_PORT},
    {"TCP data offset 4", "ip4 tcp dns-tcp", 32, 0x40, GW_TCP_HEADER},
    {"TCP data offset past the datagram", "ip4 tcp short", 32, 0xf0, GW_TCP_HEADER},
    {"GRE with routing", "ip4 gre-r ip4 udp dns", -1, 0, GW_LINK_BAD},
    {"GRE version 2", "ip4 gre-v2 ip4 udp dns", -1, 0, GW_LINK_BAD},
    {"PPTP without key", "ip4 pptp ppp ip4 udp dns", 20, 0x10, GW_LINK_BAD},
    {"PPTP acknowledgement", "ip4 pptp-ack", -1, 0, GW_NOT_IP},
    {"VXLAN without its flag", "ip4 udp vxlan-none eth ip4 udp dns", -1, 0, GW_NOT_DNS_PORT},
    {"VXLAN-GPE with something else", "ip4 udp gpe-ip4 ip4 udp dns", 31, 9, GW_NOT_IP},
    {"Geneve of another version", "ip4 udp geneve ip4 udp dns", 28, 0x40, GW_NOT_DNS_PORT},
    {"Geneve control", "ip4 udp geneve ip4 udp dns", 29, 0x80, GW_NOT_DNS_PORT},
    {"GTP control", "ip4 udp gtp ip4 udp dns", 29, 1, GW_NOT_DNS_PORT},
    {"GTP extension of no length", "ip4 udp gtp-zero ip4 udp dns", -1, 0, GW_LINK_BAD},
    {"Teredo whose packet ends elsewhere", "ip4 udp teredo ip6 udp dns", 33, 9, GW_NOT_DNS_PORT},
    {"Teredo port, something else", "ip4 udp teredo data", -1, 0, GW_NOT_DNS_PORT},
};

static void
what_is_not_opened_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(refused_rows); i++) {
        const struct refused_row *row = &refused_rows[i];
        const uint64_t before = watch.stats.skipped[row->why];

        print_message("%s\n", row->shows);
        gw_build(&built, row->words);
        if (row->off >= 0)
            built.room[built.start + (uint32_t)row->off] = row->octet;
        gw_watch_clear(&watch);
        gw_watch_frame(
            &watch, LINK_RAW, gw_built_data(&built), gw_built_len(&built), gw_built_len(&built));
        assert_int_equal(watch.count, 0);
        assert_int_equal(watch.stats.skipped[row->why], before + 1);
    }
}

static void
octets_behind_the_declared_length_are_no_message(void **state)
{
    (void)state;
    static const char *const words[] = {"ip4 udp dns", "ip6 udp dns", "ip4 ip6 udp dns"};

    for (size_t i = 0; i < GW_ARRAY_LEN(words); i++) {
        uint8_t padded[GW_BUILT_ROOM + 46];

        gw_build(&built, words[i]);

        const uint32_t len = gw_built_len(&built);

        memcpy(padded, gw_built_data(&built), len);
        memset(padded + len, 0xee, 46);
        gw_watch_clear(&watch);
        gw_watch_frame(&watch, LINK_RAW, padded, len + 46, len + 46);
        assert_int_equal(watch.count, 1);
        assert_int_equal(watch.message[0].payload.len, QUERY_LEN);
    }
}

static void
a_udp_length_beyond_the_datagram_is_no_cut(void **state)
{
    (void)state;
    gw_build(&built, "ip4 udp dns");
    built.room[built.start + 24] = 2;
    gw_watch_frame(
        &watch, LINK_RAW, gw_built_data(&built), gw_built_len(&built), gw_built_len(&built));
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.message[0].payload.len, QUERY_LEN);
    assert_int_equal(watch.message[0].payload.declared_len, QUERY_LEN);
    assert_int_equal(watch.message[0].payload.flags & GW_PAYLOAD_AROUND, 0);
}

static void
dns_towards_a_tunnel_port_is_dns(void **state)
{
    (void)state;
    gw_build(&built, "ip4 udp dns");
    built.room[built.start + 20] = 4789 >> 8;
    built.room[built.start + 21] = 4789 & 0xff;
    gw_watch_frame(
        &watch, LINK_RAW, gw_built_data(&built), gw_built_len(&built), gw_built_len(&built));
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.message[0].payload.source_port, 4789);
}

static void
encrypted_dns_is_counted(void **state)
{
    (void)state;
    run("ip4 tcp tls", 92);
    run("ip6 udp tls", 88);
    assert_int_equal(watch.stats.encrypted, 2);
    assert_int_equal(watch.stats.skipped[GW_NOT_DNS_PORT], 2);
}

/* As many IPv4 headers as @p depth, and a query. */
static void
nest(char *words, size_t room, unsigned depth)
{
    size_t len = 0;

    while (depth-- > 0)
        len += (size_t)snprintf(words + len, room - len, "ip4 ");
    (void)snprintf(words + len, room - len, "udp dns");
}

static void
sixteen_headers_nest_and_no_more(void **state)
{
    (void)state;
    char words[128];

    nest(words, sizeof(words), GW_LAYERS_MAX);
    run(words, GW_LAYERS_MAX * 20 + 8 + QUERY_LEN);
    assert_int_equal(watch.count, 1);
    nest(words, sizeof(words), GW_LAYERS_MAX + 1);
    run(words, (GW_LAYERS_MAX + 1) * 20 + 8 + QUERY_LEN);
    assert_int_equal(watch.count, 0);
    assert_int_equal(watch.stats.skipped[GW_LAYERS], 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_header_leads_to_the_message, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(a_packet_may_be_cut_at_every_octet, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(what_is_not_opened_says_why, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            octets_behind_the_declared_length_are_no_message, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            a_udp_length_beyond_the_datagram_is_no_cut, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(dns_towards_a_tunnel_port_is_dns, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(encrypted_dns_is_counted, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(sixteen_headers_nest_and_no_more, make_watch, drop_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
