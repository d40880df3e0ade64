/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame_builder.h"

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
a_message_carries_the_facts_of_its_frame(void **state)
{
    (void)state;
    struct gw_batch batch = {.count = 1, .input = 3};

    gw_build(&built, "eth ip4 udp dns");
    batch.data[0] = gw_built_data(&built);
    batch.captured_len[0] = batch.wire_len[0] = gw_built_len(&built);
    batch.time_ns[0] = -5;
    batch.number[0] = 77;
    batch.link_type[0] = 1;
    assert_false(gw_frame_decode(watch.frame, &batch, &watch.payloads));
    assert_int_equal(watch.payloads.count, 1);

    const struct gw_payload *payload = &watch.payloads.item[0];

    assert_ptr_equal(payload->data, gw_built_data(&built) + 42);
    assert_int_equal(payload->len, 28);
    assert_int_equal(payload->declared_len, 28);
    assert_int_equal(payload->time_ns, -5);
    assert_int_equal(payload->frame, 77);
    assert_int_equal(payload->input, 3);
    assert_int_equal(payload->source_port, 4242);
    assert_int_equal(payload->destination_port, 53);
    assert_int_equal(payload->flags & GW_PAYLOAD_AROUND, 0);
    assert_int_equal(payload->transport, GW_TRANSPORT_UDP);
    assert_int_equal(payload->ip_ttl, 61);
    assert_int_equal(payload->source.family, 4);
    assert_memory_equal(payload->source.octet, "\xc0\0\2\x35", 4);
    assert_memory_equal(payload->destination.octet, "\xc6\x33\x64\x09", 4);
    assert_null(payload->fragments);
    assert_int_equal(watch.stats.seen, 1);
    assert_int_equal(watch.stats.udp, 1);
    assert_int_equal(watch.stats.ip4, 1);
}

/* The checksum of a UDP datagram, octet pair by octet pair as RFC 768 has it. */
static uint16_t
udp_sum(const uint8_t *ip, const uint8_t *udp, uint32_t len)
{
    const bool is_ip4 = ip[0] >> 4 == 4;
    const uint8_t *addresses = ip + (is_ip4 ? 12 : 8);
    uint32_t sum = 17 + len;

    for (uint32_t i = 0; i < (is_ip4 ? 8u : 32u); i++)
        sum += i % 2 == 0 ? addresses[i] * 256u : addresses[i];
    for (uint32_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? udp[i] * 256u : udp[i];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void
checksums_of_responses_are_judged(void **state)
{
    static const struct {
        const char *shows;
        uint8_t family;
        uint32_t len;
        bool response;
        uint16_t error; /* added to the right sum; 0xffff: no sum at all */
        uint16_t flags;
    } rows[] = {
        {"right", 4, 100, true, 0, GW_PAYLOAD_SUM_GOOD},
        {"right, odd length", 4, 101, true, 0, GW_PAYLOAD_SUM_GOOD},
        {"right, three octets more", 6, 103, true, 0, GW_PAYLOAD_SUM_GOOD},
        {"wrong", 4, 100, true, 1, GW_PAYLOAD_SUM_BAD},
        {"wrong in IPv6", 6, 1001, true, 256, GW_PAYLOAD_SUM_BAD},
        {"absent", 4, 100, true, 0xffff, 0},
        {"a query's", 4, 100, false, 1, 0},
    };
    uint8_t message[1024];
    uint8_t datagram[1100];
    uint8_t frame[1200];

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_piece piece = {.family = rows[i].family, .protocol = 17, .id = 7};
        uint32_t len = rows[i].len;
        uint16_t sum = 0;

        print_message("  %s\n", rows[i].shows);
        gw_build_dns(message, len, rows[i].response, 5);
        len = gw_build_udp(datagram, 53, 4242, message, len);
        datagram[6] = datagram[7] = 0;
        gw_build_piece(frame, &piece, datagram, len);
        sum = udp_sum(frame + 14, datagram, len);
        sum = rows[i].error == 0xffff ? 0 : (uint16_t)(sum + rows[i].error);
        datagram[6] = (uint8_t)(sum >> 8);
        datagram[7] = (uint8_t)sum;
        len = gw_build_piece(frame, &piece, datagram, len);
        gw_watch_clear(&watch);
        gw_watch_frame(&watch, 1, frame, len, len);
        assert_int_equal(watch.count, 1);
        assert_int_equal(
            watch.message[0].payload.flags & (GW_PAYLOAD_SUM_GOOD | GW_PAYLOAD_SUM_BAD),
            rows[i].flags);
        assert_int_equal(
            (watch.message[0].payload.flags & GW_PAYLOAD_IP_ID) != 0, rows[i].family == 4);
        if (rows[i].family == 4)
            assert_int_equal(watch.message[0].payload.ip_id, 7);
    }
}

static void
port_unreachable_tells_of_the_packet_it_quotes(void **state)
{
    static const struct {
        const char *shows;
        uint8_t family, type, code;
        uint16_t port; /* source port of the quoted packet */
        uint32_t sighted;
    } rows[] = {
        {"port unreachable", 4, 3, 3, 53, 1},
        {"port unreachable in IPv6", 6, 1, 4, 53, 1},
        {"host unreachable", 4, 3, 1, 53, 0},
        {"of another protocol", 4, 3, 3, 123, 0},
    };
    uint8_t quoted[128];
    uint8_t datagram[64] = {0};
    uint8_t icmp[192] = {0};
    uint8_t frame[256];

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_piece inner = {.family = rows[i].family, .protocol = 17};
        const struct gw_piece outer = {
            .family = rows[i].family, .protocol = rows[i].family == 4 ? 1 : 58};
        const uint64_t before = watch.stats.sightings[GW_SIGHTING_UNREACHABLE];
        uint32_t len = gw_build_udp(datagram, rows[i].port, 4242, (const uint8_t *)"abcd", 4);

        print_message("  %s\n", rows[i].shows);
        len = gw_build_piece(quoted, &inner, datagram, len) - 14; /* without Ethernet */
        icmp[0] = rows[i].type;
        icmp[1] = rows[i].code;
        memcpy(icmp + 8, quoted + 14, len);
        for (uint32_t cut = 1; cut < 8 + len; cut++) { /* no octet is read that is not there */
            const uint32_t part = gw_build_piece(frame, &outer, icmp, cut);

            gw_watch_frame(&watch, 1, frame, part, part);
        }
        const uint64_t partial = watch.stats.sightings[GW_SIGHTING_UNREACHABLE];
        const uint32_t whole = gw_build_piece(frame, &outer, icmp, 8 + len);

        gw_watch_frame(&watch, 1, frame, whole, whole);
        assert_int_equal(watch.stats.sightings[GW_SIGHTING_UNREACHABLE] - partial, rows[i].sighted);
        assert_true(partial - before <= 4u * rows[i].sighted); /* what is cut is UDP's payload */
    }
    assert_int_equal(watch.stats.skipped[GW_ICMP_ERROR], watch.stats.seen);
}

static void
messages_come_in_the_order_of_the_batch(void **state)
{
    (void)state;
    struct gw_batch batch = {.count = GW_BATCH_FRAMES};

    gw_build(&built, "eth ip6 udp dns");
    for (uint32_t i = 0; i < GW_BATCH_FRAMES; i++) {
        batch.data[i] = gw_built_data(&built);
        batch.captured_len[i] = batch.wire_len[i] = gw_built_len(&built);
        batch.number[i] = i + 1;
        batch.link_type[i] = i % 8 == 7 ? 195 : 1;
    }
    gw_watch_batch(&watch, &batch);
    assert_int_equal(watch.count, 56);
    for (uint32_t i = 1; i < watch.count; i++)
        assert_true(watch.message[i - 1].payload.frame < watch.message[i].payload.frame);
    assert_int_equal(watch.stats.skipped[GW_LINK_TYPE], 8);
}

/* Many short messages in segments of one direction. */
static void
more_messages_than_payloads_take_more_calls(void **state)
{
    (void)state;
    static const uint16_t ports[2] = {4242, 53};
    enum {
        MESSAGES = 2000,
        LEN = 31
    };
    static uint8_t stream[MESSAGES * LEN];
    static uint8_t segment[sizeof(stream) + 20];
    static uint8_t octets[sizeof(stream) + 128];
    const struct gw_piece piece = {.family = 4, .protocol = 6};

    for (uint32_t i = 0; i < MESSAGES; i++) {
        stream[i * LEN + 1] = LEN - 2;
        gw_build_dns(stream + i * LEN + 2, LEN - 2, false, i);
    }
    gw_watch_frame(&watch, 1, octets,
        gw_build_piece(
            octets, &piece, segment, gw_build_tcp(segment, ports, 1, 0x18, stream, sizeof(stream))),
        sizeof(octets) - 74);
    assert_int_equal(watch.count, MESSAGES);
    for (uint32_t i = 0; i < MESSAGES; i++)
        assert_memory_equal(watch.message[i].payload.data, stream + i * LEN + 2, LEN - 2);
    assert_int_equal(watch.stats.parsed, 1);
    assert_int_equal(watch.stats.tcp, MESSAGES);
}

static void
large_messages_take_as_many_calls_as_their_room(void **state)
{
    (void)state;
    static const uint16_t ports[2] = {53, 4242};
    static uint8_t message[GW_MESSAGE_MAX + 2];
    static uint8_t segment[40000 + 20];
    static uint8_t octets[40000 + 128];
    const struct gw_piece piece = {.family = 4, .protocol = 6};
    uint32_t seq = 1;

    message[0] = message[1] = 0xff;
    for (uint32_t i = 0; i < 200; i++) {
        gw_build_dns(message + 2, GW_MESSAGE_MAX, true, i);
        for (uint32_t off = 0; off < sizeof(message); off += 33000) {
            const uint32_t left = (uint32_t)sizeof(message) - off;
            const uint32_t step = left < 33000 ? left : 33000;
            const uint32_t len = gw_build_piece(octets, &piece, segment,
                gw_build_tcp(segment, ports, seq, 0x18, message + off, step));

            gw_watch_frame(&watch, 1, octets, len, len);
            seq += step;
        }
        assert_int_equal(watch.count, 1);
        assert_memory_equal(watch.message[0].payload.data, message + 2, GW_MESSAGE_MAX);
        gw_watch_clear(&watch);
    }
}

static void
cut_frames_are_counted(void **state)
{
    (void)state;
    gw_build(&built, "eth vlan ip4 udp dns");
    gw_watch_frame(&watch, 1, gw_built_data(&built), gw_built_len(&built), 1500);
    assert_int_equal(watch.stats.snapped, 1);
    assert_int_equal(watch.stats.tagged, 1);
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.message[0].payload.flags & GW_PAYLOAD_AROUND,
        GW_PAYLOAD_TAGGED); /* only padding was cut */
}

static void
an_empty_batch_gives_nothing(void **state)
{
    (void)state;
    gw_watch_batch(&watch, &(struct gw_batch){.count = 0});
    assert_int_equal(watch.stats.seen, 0);
    gw_frame_finish(watch.frame);
    gw_frame_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_message_carries_the_facts_of_its_frame, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(checksums_of_responses_are_judged, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            port_unreachable_tells_of_the_packet_it_quotes, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            messages_come_in_the_order_of_the_batch, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            more_messages_than_payloads_take_more_calls, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            large_messages_take_as_many_calls_as_their_room, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(cut_frames_are_counted, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(an_empty_batch_gives_nothing, make_watch, drop_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
