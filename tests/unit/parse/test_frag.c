/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/frag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame_builder.h"

#define PARTS_MAX 72u
#define DNS_LEN   1000u
#define UDP_LEN   (DNS_LEN + 8u)

/* What is done to octets of a piece before it is sent. */
enum spoil {
    AS_IS,
    SPOILT,
    CUT
};

/* Octets [off, off + len) of the datagram. */
struct part {
    uint32_t off, len;
    bool last;
    enum spoil spoil;
};

static struct gw_watch watch;
static uint8_t message[GW_MESSAGE_MAX];
static uint8_t datagram[GW_MESSAGE_MAX + 16];
static uint8_t frame[GW_MESSAGE_MAX + 256];

static int
make_watch(void **state)
{
    (void)state;
    gw_watch_init(&watch);
    gw_build_dns(message, DNS_LEN, true, 1);
    assert_int_equal(gw_build_udp(datagram, 53, 4242, message, DNS_LEN), UDP_LEN);
    return 0;
}

static int
drop_watch(void **state)
{
    (void)state;
    gw_watch_done(&watch);
    return 0;
}

/* Send a part of `datagram` as a fragment. */
static void
send_part(const struct gw_piece *piece, const struct part *part)
{
    struct gw_piece sent = *piece;
    uint32_t len;

    sent.off = part->off;
    sent.more = !part->last;
    len = gw_build_piece(frame, &sent, datagram + part->off, part->len);
    if (part->spoil == SPOILT)
        frame[len - 1] ^= 0xff;
    gw_watch_frame(&watch, 1, frame, part->spoil == CUT ? len - 1 : len, len);
}

struct row {
    const char *shows;
    const char
        *script; /* fragments by spaces: off-end, '.' for the last, '~' for SPOILT, '/' for CUT */
    uint32_t messages;
    uint64_t parsed;
    enum gw_why why; /* of all frames that are not parsed, after the end of input */
};

static const struct row rows[] = {
    {"in order", "0-504 504-1008.", 1, 2, GW_OK},
    {"last one first", "504-1008. 0-504", 1, 2, GW_OK},
    {"three, middle one last", "0-400 800-1008. 400-800", 1, 3, GW_OK},
    {"eight octets first", "0-8 8-1008.", 1, 2, GW_OK},
    {"the same twice", "0-504 0-504 504-1008.", 1, 2, GW_FRAG_DUPLICATE},
    {"the same twice after all came", "0-504 504-1008. 0-504", 1, 2, GW_FRAG_DUPLICATE},
    {"last one twice after all came", "0-504 504-1008. 504-1008.", 1, 2, GW_FRAG_DUPLICATE},
    {"overlap of equal octets", "0-504 400-1008.", 1, 2, GW_OK},
    {"overlap over a hole", "0-104 504-1008. 0-608", 1, 3, GW_OK},
    {"an end that others covered", "0-1008 504-1008.", 1, 2, GW_OK},
    {"overlap of other octets", "0-504 400-608~ 504-1008.", 0, 0, GW_FRAG_OVERLAP},
    {"the same place, other octets", "0-504 0-504~ 504-1008.", 0, 0, GW_FRAG_OVERLAP},
    {"last one again with other octets after all came", "0-504 504-1008. 504-1008.~", 1, 2,
        GW_FRAG_OVERLAP},
    {"first one never comes", "504-1008.", 0, 0, GW_FRAG_INCOMPLETE},
    {"last one never comes", "0-504", 0, 0, GW_FRAG_INCOMPLETE},
    {"hole", "0-400 800-1008.", 0, 0, GW_FRAG_INCOMPLETE},
    {"length no multiple of eight", "0-503", 0, 0, GW_FRAG_BAD},
    {"past 65,535 octets", "65528-65544.", 0, 0, GW_FRAG_BAD},
    {"empty", "504-504. 504-504.", 0, 0, GW_FRAG_BAD},
    {"cut by the snap length", "0-504/", 0, 0, GW_FRAG_CUT},
};

/* Send the fragments of a row's script; returns how many. */
static uint64_t
run_script(const struct gw_piece *piece, const char *text)
{
    uint64_t count = 0;

    for (; *text != 0; count++) {
        struct part part = {0};
        char *end;

        part.off = (uint32_t)strtoul(text, &end, 10);
        part.len = (uint32_t)strtoul(end + 1, &end, 10) - part.off;
        part.last = *end == '.';
        end += part.last;
        part.spoil = *end == '~' ? SPOILT : *end == '/' ? CUT : AS_IS;
        end += part.spoil != AS_IS;
        send_part(piece, &part);
        text = end + (*end == ' ');
    }
    return count;
}

static void
run_rows(uint8_t family)
{
    struct gw_piece piece = {.family = family, .protocol = 17};

    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        const struct gw_packet_stats before = watch.stats;

        print_message("%s\n", row->shows);
        gw_watch_clear(&watch);
        piece.id++;

        const uint64_t sent = run_script(&piece, row->script);

        gw_frame_finish(watch.frame);
        gw_watch_law(&watch, 0);
        assert_int_equal(watch.count, row->messages);
        assert_int_equal(watch.stats.parsed, before.parsed + row->parsed);
        assert_int_equal(watch.stats.fragments, before.fragments + sent);
        if (row->why != GW_OK)
            assert_int_equal(
                watch.stats.skipped[row->why] - before.skipped[row->why], sent - row->parsed);
        assert_int_equal(watch.stats.sightings[GW_SIGHTING_FRAG_CONFLICT] -
                             before.sightings[GW_SIGHTING_FRAG_CONFLICT],
            row->why == GW_FRAG_OVERLAP);
        if (row->messages == 0)
            continue;
        assert_int_equal(watch.message[0].payload.len, DNS_LEN);
        assert_memory_equal(watch.message[0].payload.data, message, DNS_LEN);
        assert_int_equal(watch.message[0].payload.flags & GW_PAYLOAD_AROUND, GW_PAYLOAD_FRAGMENTED);
    }
}

static void
fragments_of_ipv4_have_their_fates(void **state)
{
    (void)state;
    run_rows(4);
}

static void
fragments_of_ipv6_have_their_fates(void **state)
{
    (void)state;
    run_rows(6);
}

static const struct gw_piece one4 = {.family = 4, .protocol = 17, .id = 7};

static void
the_map_says_which_frame_brought_which_octets(void **state)
{
    (void)state;
    const struct gw_frag_map *map = &watch.message[0].fragments;

    send_part(&one4, &(struct part){800, 208, true, AS_IS});
    send_part(&one4, &(struct part){0, 8, false, AS_IS});
    send_part(&one4, &(struct part){8, 392, false, AS_IS});
    send_part(&one4, &(struct part){392, 408, false, AS_IS});
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.message[0].payload.frame, 4);
    assert_int_equal(map->count, 3);
    assert_int_equal(map->piece[0].offset, 0);
    assert_int_equal(map->piece[0].len, 392);
    assert_int_equal(map->piece[0].frame, 3);
    assert_int_equal(map->piece[1].offset, 392);
    assert_int_equal(map->piece[1].len, 400);
    assert_int_equal(map->piece[1].frame, 4);
    assert_int_equal(map->piece[2].offset, 792);
    assert_int_equal(map->piece[2].len, 208);
    assert_int_equal(map->piece[2].frame, 1);
}

static void
keys_keep_datagrams_apart(void **state)
{
    (void)state;
    static const struct gw_piece others[] = {
        {.family = 4, .protocol = 17, .id = 8},
        {.family = 4, .protocol = 17, .id = 7, .vlan = 3},
        {.family = 4, .protocol = 6, .id = 7},
        {.family = 6, .protocol = 17, .id = 7},
    };

    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    for (size_t i = 0; i < GW_ARRAY_LEN(others); i++)
        send_part(&others[i], &(struct part){504, 504, true, AS_IS});
    gw_watch_law(&watch, 1 + GW_ARRAY_LEN(others));
    assert_int_equal(watch.count, 0);
    send_part(&one4, &(struct part){504, 504, true, AS_IS});
    assert_int_equal(watch.count, 1);
}

static void
a_datagram_for_other_ports_is_not_waited_for(void **state)
{
    (void)state;
    gw_build_udp(datagram, 1234, 4242, message, DNS_LEN);
    send_part(&one4, &(struct part){800, 208, true, AS_IS});
    gw_watch_law(&watch, 1);
    send_part(&one4, &(struct part){0, 400, false, AS_IS});
    gw_watch_law(&watch, 0);
    send_part(&one4, &(struct part){400, 400, false, AS_IS});
    gw_watch_law(&watch, 0);
    assert_int_equal(watch.stats.skipped[GW_NOT_DNS_PORT], 3);
    send_part(&(struct gw_piece){.family = 4, .protocol = 1}, &(struct part){0, 400, false, AS_IS});
    assert_int_equal(watch.stats.skipped[GW_ICMP_ERROR], 1);
    send_part(
        &(struct gw_piece){.family = 6, .protocol = 132}, &(struct part){0, 400, false, AS_IS});
    assert_int_equal(watch.stats.skipped[GW_NOT_TRANSPORT], 1);
}

static void
a_dropped_datagram_stays_dropped_for_its_wait(void **state)
{
    (void)state;
    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    send_part(&one4, &(struct part){0, 504, false, SPOILT});
    watch.time_ns += GW_FRAG_WAIT_S * GW_NS_PER_S;
    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    assert_int_equal(watch.stats.skipped[GW_FRAG_OVERLAP], 3);
    watch.time_ns += 1;
    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    send_part(&one4, &(struct part){504, 504, true, AS_IS});
    assert_int_equal(watch.count, 1);
}

static void
one_frame_brings_so_many_sightings_and_the_rest_is_counted(void **state)
{
    const uint32_t orphans = GW_FRAME_SIGHTINGS + 18;

    (void)state;
    for (uint32_t id = 1; id <= orphans; id++)
        send_part(&(struct gw_piece){.family = 4, .protocol = 17, .id = (uint16_t)id},
            &(struct part){504, 504, true, AS_IS});
    assert_int_equal(watch.stats.sightings[GW_SIGHTING_FRAG_ORPHAN], 0);
    watch.time_ns += GW_FRAG_WAIT_S * GW_NS_PER_S + 1;
    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    assert_int_equal(watch.stats.sightings[GW_SIGHTING_FRAG_ORPHAN], orphans);
    assert_int_equal(watch.stats.sightings_dropped, orphans - GW_FRAME_SIGHTINGS);
}

static void
waiting_ends_by_packet_time_that_only_moves_forward(void **state)
{
    (void)state;
    const int64_t start_ns = watch.time_ns;

    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    watch.time_ns = start_ns - 3600 * GW_NS_PER_S; /* a jump back neither stalls nor flushes */
    send_part(&(struct gw_piece){.family = 6, .protocol = 17, .id = 1},
        &(struct part){0, 504, false, AS_IS});
    gw_watch_law(&watch, 2);
    watch.time_ns = start_ns + GW_FRAG_WAIT_S * GW_NS_PER_S + 1;
    send_part(&one4, &(struct part){504, 504, true, AS_IS});
    gw_watch_law(&watch, 1);
    assert_int_equal(watch.count, 0);
    assert_int_equal(watch.stats.skipped[GW_FRAG_INCOMPLETE], 2);
}

static void
an_identification_may_be_used_again(void **state)
{
    (void)state;
    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    send_part(&one4, &(struct part){504, 504, true, AS_IS});
    gw_build_dns(message, DNS_LEN, true, 2);
    gw_build_udp(datagram, 53, 4242, message, DNS_LEN);
    send_part(&one4, &(struct part){0, 504, false, AS_IS});
    send_part(&one4, &(struct part){504, 504, true, AS_IS});
    assert_int_equal(watch.count, 2);
    assert_memory_equal(watch.message[1].payload.data, message, DNS_LEN);
    assert_int_equal(watch.stats.parsed, 4);
}

static void
more_than_64_fragments_are_too_many(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_FRAG_PIECES; i++)
        send_part(&one4, &(struct part){i * 8, 8, false, AS_IS});
    gw_watch_law(&watch, GW_FRAG_PIECES);
    send_part(&one4, &(struct part){GW_FRAG_PIECES * 8, 8, false, AS_IS});
    gw_watch_law(&watch, 0);
    assert_int_equal(watch.stats.skipped[GW_FRAG_TOO_MANY], GW_FRAG_PIECES + 1);
}

static void
the_oldest_datagram_leaves_a_full_table(void **state)
{
    (void)state;
    struct gw_piece piece = one4;

    for (piece.id = 0; piece.id < GW_FRAG_DATAGRAMS + 10; piece.id++)
        send_part(&piece, &(struct part){0, 504, false, AS_IS});
    gw_watch_law(&watch, GW_FRAG_DATAGRAMS);
    assert_int_equal(watch.stats.skipped[GW_FRAG_EVICTED], 10);
    piece.id = 10;
    send_part(&piece, &(struct part){504, 504, true, AS_IS});
    assert_int_equal(watch.count, 1);
}

static void
the_oldest_datagram_leaves_when_memory_is_full(void **state)
{
    (void)state;
    struct gw_piece piece = {.family = 4, .protocol = 17};
    const uint32_t len = 65000;

    gw_build_udp(datagram, 53, 4242, message, GW_MESSAGE_MAX - 8);
    for (piece.id = 0; piece.id < 200; piece.id++)
        send_part(&piece, &(struct part){0, len, false, AS_IS});
    assert_true(watch.stats.skipped[GW_FRAG_EVICTED] > 0);
    assert_true(watch.stats.held * len <= GW_FRAG_OCTETS);
    assert_true(watch.stats.held * len > GW_FRAG_OCTETS / 10 * 9);
}

static void
the_largest_datagram_comes_through(void **state)
{
    (void)state;
    const uint32_t dns_len = 65535 - 8;

    gw_build_dns(message, dns_len, true, 5);
    gw_build_udp(datagram, 53, 4242, message, dns_len);
    for (uint32_t off = 0; off < 65535; off += 1280)
        send_part(&one4, &(struct part){off, off + 1280 < 65535 ? 1280 : 65535 - off,
                             off + 1280 >= 65535, AS_IS});
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.message[0].payload.len, dns_len);
    assert_memory_equal(watch.message[0].payload.data, message, dns_len);
}

static void
a_fragmented_tunnel_and_fragments_within_come_through(void **state)
{
    (void)state;
    static uint8_t inner[2][1100];
    uint32_t inner_len[2];
    struct gw_piece outer = {.family = 6, .protocol = 4, .id = 40};

    for (uint32_t i = 0; i < 2; i++) {
        const struct gw_piece piece = {
            .family = 4, .protocol = 17, .id = 9, .off = i * 504, .more = i == 0};

        inner_len[i] = gw_build_piece(inner[i], &piece, datagram + i * 504, 504) - 14;
    }
    for (uint32_t i = 0; i < 2; i++) {
        memcpy(datagram, inner[i] + 14, inner_len[i]); /* what the tunnel carries */
        outer.id++;
        send_part(&outer, &(struct part){0, 256, false, AS_IS});
        send_part(&outer, &(struct part){256, inner_len[i] - 256, true, AS_IS});
    }
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.stats.parsed, 4);
    assert_int_equal(watch.message[0].fragments.count, 2);
    assert_int_equal(watch.message[0].payload.flags & GW_PAYLOAD_AROUND,
        GW_PAYLOAD_FRAGMENTED | GW_PAYLOAD_TUNNELLED);
    assert_memory_equal(watch.message[0].payload.data, message, DNS_LEN);
}

static void
tcp_in_fragments_comes_through(void **state)
{
    (void)state;
    static const uint16_t ports[2] = {53, 4242};
    static uint8_t stream[DNS_LEN + 2];
    struct gw_piece piece = {.family = 4, .protocol = 6, .id = 3};
    uint32_t len;

    stream[0] = DNS_LEN >> 8;
    stream[1] = DNS_LEN & 0xff;
    memcpy(stream + 2, message, DNS_LEN);
    len = gw_build_tcp(datagram, ports, 100, 0x18, stream, sizeof(stream));
    send_part(&piece, &(struct part){512, len - 512, true, AS_IS});
    send_part(&piece, &(struct part){0, 512, false, AS_IS});
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.stats.parsed, 2);
    assert_int_equal(watch.message[0].payload.transport, GW_TRANSPORT_TCP);
    assert_memory_equal(watch.message[0].payload.data, message, DNS_LEN);
}

static uint32_t
draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* Cut `datagram` into random fragments, some of them overlapping; returns how many. */
static uint32_t
cut_up(uint32_t *state, uint32_t len, struct part parts[PARTS_MAX])
{
    uint32_t count = 0;

    for (uint32_t off = 0; off < len; count++) {
        const uint32_t step = 8 + draw(state, 40) * 8;
        const uint32_t back = draw(state, 4) == 0 && off > 0 ? 8 : 0;
        const bool last = off + step >= len;

        parts[count] = (struct part){off - back, (last ? len - off : step) + back, last, AS_IS};
        off += step;
    }
    return count;
}

static void
shuffle(uint32_t *state, struct part *parts, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = draw(state, i);
        const struct part swap = parts[i - 1];

        parts[i - 1] = parts[j];
        parts[j] = swap;
    }
}

static void
any_order_and_any_copies_give_the_same_message(void **state)
{
    (void)state;
    uint32_t seed = 7;
    struct gw_piece piece = {.family = 4, .protocol = 17};

    for (uint32_t round = 0; round < 400; round++) {
        const uint32_t dns_len = 12 + draw(&seed, 2500);
        struct part parts[PARTS_MAX];
        uint32_t count;

        gw_build_dns(message, dns_len, true, round);
        gw_build_udp(datagram, 53, 4242, message, dns_len);
        do
            count = cut_up(&seed, dns_len + 8, parts);
        while (count > 50);
        shuffle(&seed, parts, count);
        piece.family = round % 2 == 0 ? 4 : 6;
        piece.id = round;
        gw_watch_clear(&watch);
        for (uint32_t i = 0; i < count; i++) {
            send_part(&piece, &parts[i]);
            if (count > 1 && draw(&seed, 3) == 0)
                send_part(&piece, &parts[draw(&seed, i + 1)]);
        }
        assert_int_equal(watch.count, 1);
        assert_int_equal(watch.message[0].payload.len, dns_len);
        assert_memory_equal(watch.message[0].payload.data, message, dns_len);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fragments_of_ipv4_have_their_fates, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(fragments_of_ipv6_have_their_fates, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            the_map_says_which_frame_brought_which_octets, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(keys_keep_datagrams_apart, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            a_datagram_for_other_ports_is_not_waited_for, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            a_dropped_datagram_stays_dropped_for_its_wait, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            waiting_ends_by_packet_time_that_only_moves_forward, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            one_frame_brings_so_many_sightings_and_the_rest_is_counted, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            an_identification_may_be_used_again, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            more_than_64_fragments_are_too_many, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            the_oldest_datagram_leaves_a_full_table, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            the_oldest_datagram_leaves_when_memory_is_full, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(the_largest_datagram_comes_through, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            a_fragmented_tunnel_and_fragments_within_come_through, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(tcp_in_fragments_comes_through, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            any_order_and_any_copies_give_the_same_message, make_watch, drop_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
