/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame_builder.h"

struct opened_row {
    const char *shows;
    uint16_t link_type;
    const char *words;
    uint16_t flags;
};

#define TAGGED    GW_PAYLOAD_TAGGED
#define TUNNELLED GW_PAYLOAD_TUNNELLED

static const struct opened_row opened_rows[] = {
    {"Ethernet", 1, "eth ip4 udp dns", 0},
    {"Ethernet, IPv6", 1, "eth ip6 udp dns", 0},
    {"802.3 with LLC and SNAP", 1, "eth llc ip4 udp dns", 0},
    {"802.3 with the LLC of IP", 113, "sll ip4 udp dns", 0},
    {"802.1Q", 1, "eth vlan ip4 udp dns", TAGGED},
    {"802.1Q around LLC", 1, "eth vlan llc ip6 udp dns", TAGGED},
    {"802.1ad", 1, "eth qinq vlan ip6 udp dns", TAGGED},
    {"tag 9100", 1, "eth v9100 vlan ip4 udp dns", TAGGED},
    {"tag 9200", 1, "eth v9200 vlan ip4 udp dns", TAGGED},
    {"one label", 1, "eth mpls ip4 udp dns", TAGGED},
    {"three labels", 1, "eth mpls mpls mpls ip6 udp dns", TAGGED},
    {"pseudowire with control word", 1, "eth mpls cw eth ip4 udp dns", TAGGED},
    {"pseudowire without control word", 1, "eth mpls mpls eth ip4 udp dns", TAGGED},
    {"PPPoE", 1, "eth pppoe ppp ip4 udp dns", TAGGED},
    {"PPPoE in a VLAN", 1, "eth vlan pppoe ppp ip6 udp dns", TAGGED},
    {"PPPoE with a compressed protocol field", 1, "eth pppoe ppp1 ip4 udp dns", TAGGED},
    {"PPPoE as a link type", 51, "pppoe ppp ip4 udp dns", TAGGED},
    {"null, little endian", 0, "null ip4 udp dns", 0},
    {"null, big endian", 0, "null-be ip4 udp dns", 0},
    {"null with an EtherType", 0, "null-type ip4 udp dns", 0},
    {"null, family 30", 0, "null-6 ip6 udp dns", 0},
    {"loop, family 24", 108, "loop-6 ip6 udp dns", 0},
    {"PPP", 9, "ppp ip4 udp dns", 0},
    {"PPP with address and control", 9, "hdlc ppp ip6 udp dns", 0},
    {"PPP with a compressed protocol field", 9, "ppp1 ip6 udp dns", 0},
    {"PPP with labels", 9, "ppp mpls ip4 udp dns", TAGGED},
    {"PPP in HDLC", 50, "hdlc ppp ip4 udp dns", 0},
    {"Cisco HDLC where PPP is announced", 50, "chdlc ip4 udp dns", 0},
    {"Cisco HDLC", 104, "chdlc ip6 udp dns", 0},
    {"raw, 12", 12, "ip4 udp dns", 0},
    {"raw, 14", 14, "ip6 udp dns", 0},
    {"raw, 101", 101, "ip4 udp dns", 0},
    {"raw IPv4", 228, "ip4 udp dns", 0},
    {"raw IPv6", 229, "ip6 udp dns", 0},
    {"cooked", 113, "sll ip4 udp dns", 0},
    {"cooked with a tag", 113, "sll vlan ip4 udp dns", TAGGED},
    {"cooked with LLC", 113, "sll llc ip4 udp dns", 0},
    {"cooked, second version", 276, "sll2 ip6 udp dns", 0},
    {"FDDI", 10, "fddi llc ip4 udp dns", 0},
    {"FDDI with the LLC of IP", 10, "fddi llc-ip ip4 udp dns", 0},
    {"ARCNET", 7, "arcnet ip4 udp dns", 0},
    {"ARCNET, exception packet", 7, "arcnet-exc ip4 udp dns", 0},
    {"ARCNET of Linux", 129, "arcnet-linux ip4 udp dns", 0},
    {"802.11", 105, "wlan llc ip4 udp dns", 0},
    {"802.11 with four addresses and QoS", 105, "wlan-qos llc ip4 udp dns", 0},
    {"radiotap, body padded", 127, "radiotap wlan-qos3 llc ip4 udp dns", 0},
    {"PPI", 192, "ppi eth ip4 udp dns", 0},
    {"NFLOG", 239, "nflog ip4 udp dns", 0},
    {"PKTAP", 258, "pktap eth ip4 udp dns", 0},
    {"PKTAP before it had a number", 149, "pktap eth ip4 udp dns", 0},
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
every_link_type_leads_to_the_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(opened_rows); i++) {
        const struct opened_row *row = &opened_rows[i];

        print_message("%s\n", row->shows);
        gw_build(&built, row->words);
        gw_watch_clear(&watch);

        const uint64_t parsed = watch.stats.parsed;
        const uint64_t tagged = watch.stats.tagged;
        const uint32_t len = gw_built_len(&built);

        gw_watch_frame(&watch, row->link_type, gw_built_data(&built), len, len);
        assert_int_equal(watch.count, 1);
        assert_int_equal(watch.stats.parsed, parsed + 1);
        assert_int_equal(watch.stats.tagged, tagged + (row->flags == TAGGED));
        assert_int_equal(watch.message[0].payload.flags & GW_PAYLOAD_AROUND, row->flags);
        assert_int_equal(watch.message[0].payload.len, 28);
        assert_int_equal(watch.message[0].payload.data[0], 0x12);
        assert_int_equal(watch.message[0].payload.destination_port, 53);
    }
}

static void
a_frame_may_be_cut_at_every_octet(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(opened_rows); i++) {
        const struct opened_row *row = &opened_rows[i];

        gw_build(&built, row->words);

        const uint32_t wire_len = gw_built_len(&built);

        for (uint32_t len = 0; len < wire_len; len++) {
            const bool header = len + 28 >= wire_len + 12;

            gw_watch_clear(&watch);
            gw_watch_frame(&watch, row->link_type, gw_built_data(&built), len, wire_len);
            assert_int_equal(watch.count, header ? 1 : 0);
            if (!header)
                continue;
            assert_int_equal(watch.message[0].payload.declared_len, 28);
            assert_int_equal(watch.message[0].payload.len, len + 28 - wire_len);
            assert_int_equal(
                watch.message[0].payload.flags & GW_PAYLOAD_AROUND, row->flags | GW_PAYLOAD_CUT);
        }
    }
}

struct refused_row {
    const char *shows;
    uint16_t link_type;
    const char *words;
    int32_t off; /* of an octet to change; -1: none */
    uint8_t octet;
    enum gw_why why;
};

static const struct refused_row refused_rows[] = {
    {"unknown link type", 195, "data", -1, 0, GW_LINK_TYPE},
    {"user link type that is no PKTAP", 149, "data", -1, 0, GW_LINK_TYPE},
    {"ARP", 1, "eth arp", -1, 0, GW_NOT_IP},
    {"LLC of something else", 1, "eth llc ip4 udp dns", 14, 0x42, GW_NOT_IP},
    {"SNAP of an organization", 1, "eth llc ip4 udp dns", 18, 7, GW_NOT_IP},
    {"PPPoE of another version", 1, "eth pppoe ppp ip4 udp dns", 14, 0x21, GW_LINK_BAD},
    {"PPPoE discovery", 1, "eth pppoe ppp ip4 udp dns", 15, 9, GW_NOT_IP},
    {"PPP control protocol", 9, "ppp ip4 udp dns", 0, 0xc0, GW_NOT_IP},
    {"label above something else", 1, "eth mpls data", -1, 0, GW_NOT_IP},
    {"loopback of another family", 0, "null ip4 udp dns", 0, 7, GW_NOT_IP},
    {"FDDI, not LLC", 10, "fddi llc ip4 udp dns", 0, 0x80, GW_NOT_IP},
    {"ARCNET, another type", 7, "arcnet ip4 udp dns", 2, 3, GW_NOT_IP},
    {"ARCNET, split packet", 7, "arcnet ip4 udp dns", 3, 1, GW_NOT_IP},
    {"802.11, encrypted", 105, "wlan llc ip4 udp dns", 1, 0x41, GW_NOT_IP},
    {"802.11, more fragments", 105, "wlan llc ip4 udp dns", 1, 0x05, GW_NOT_IP},
    {"802.11, second fragment", 105, "wlan llc ip4 udp dns", 22, 1, GW_NOT_IP},
    {"802.11, beacon", 105, "wlan llc ip4 udp dns", 0, 0x80, GW_NOT_IP},
    {"802.11, data frame without data", 105, "wlan llc ip4 udp dns", 0, 0x48, GW_NOT_IP},
    {"802.11, aggregated", 105, "wlan-qos llc ip4 udp dns", 30, 0x80, GW_NOT_IP},
    {"radiotap of another version", 127, "radiotap wlan llc ip4 udp dns", 0, 1, GW_LINK_BAD},
    {"radiotap shorter than itself", 127, "radiotap wlan llc ip4 udp dns", 2, 7, GW_LINK_BAD},
    {"radiotap longer than the frame", 127, "radiotap wlan llc ip4 udp dns", 3, 9, GW_LINK_CUT},
    {"radiotap, presence words without end", 127, "radiotap data", 7, 0x80, GW_NOT_IP},
    {"PPI shorter than itself", 192, "ppi eth ip4 udp dns", 2, 7, GW_LINK_BAD},
    {"PPI of an unknown link type", 192, "ppi eth ip4 udp dns", 4, 195, GW_LINK_TYPE},
    {"PKTAP shorter than itself", 258, "pktap eth ip4 udp dns", 0, 7, GW_LINK_BAD},
    {"PKTAP without a packet", 258, "pktap eth ip4 udp dns", 4, 0, GW_LINK_BAD},
    {"NFLOG attribute shorter than itself", 239, "nflog ip4 udp dns", 4, 3, GW_LINK_BAD},
    {"NFLOG attribute longer than the frame", 239, "nflog ip4 udp dns", 5, 9, GW_LINK_CUT},
    {"NFLOG, another attribute cut", 239, "nflog", 14, 8, GW_LINK_CUT},
};

static void
what_is_not_opened_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(refused_rows); i++) {
        const struct refused_row *row = &refused_rows[i];

        print_message("%s\n", row->shows);
        gw_build(&built, row->words);
        if (row->off >= 0)
            built.room[built.start + (uint32_t)row->off] = row->octet;

        const uint64_t before = watch.stats.skipped[row->why];
        const uint32_t len = gw_built_len(&built);

        gw_watch_clear(&watch);
        gw_watch_frame(&watch, row->link_type, gw_built_data(&built), len, len);
        assert_int_equal(watch.count, 0);
        assert_int_equal(watch.stats.skipped[row->why], before + 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_link_type_leads_to_the_message, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(a_frame_may_be_cut_at_every_octet, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(what_is_not_opened_says_why, make_watch, drop_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
