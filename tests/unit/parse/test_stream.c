/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/frame/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/frame_builder.h"

#define STREAM_MAX  (1u << 17)
#define MESSAGE_MAX 64u
#define ACK         0x10
#define SYN         GW_TCP_SYN
#define FIN         GW_TCP_FIN
#define RST         GW_TCP_RST

static struct gw_watch watch;
static uint8_t stream[STREAM_MAX]; /* messages with their prefixes, one after the other */
static uint32_t start[MESSAGE_MAX + 1];
static uint32_t message_count;
static uint8_t segment[STREAM_MAX];
static uint8_t frame[STREAM_MAX];
static uint16_t client_port;

/* Lay out messages of these lengths in `stream`, from port 53. */
static void
lay_out(const uint32_t *len, uint32_t count)
{
    uint32_t pos = 0;

    for (uint32_t i = 0; i < count; i++) {
        start[i] = pos;
        stream[pos] = (uint8_t)(len[i] >> 8);
        stream[pos + 1] = (uint8_t)len[i];
        gw_build_dns(stream + pos + 2, len[i], true, i + 1);
        pos += 2 + len[i];
    }
    start[count] = pos;
    message_count = count;
}

static int
make_watch(void **state)
{
    (void)state;
    static const uint32_t len[] = {40, 12, 300, 40, 1500, 60};

    gw_watch_init(&watch);
    lay_out(len, GW_ARRAY_LEN(len)); /* at 0, 42, 56, 358, 400, 1902; ends at 1964 */
    client_port = 4242;
    return 0;
}

static int
drop_watch(void **state)
{
    (void)state;
    gw_watch_done(&watch);
    return 0;
}

/* A segment with octets [off, end) of `stream`, which starts behind a SYN numbered @p isn. */
struct sent {
    uint8_t flags;
    uint32_t off, end;
    uint32_t spoil; /* octets to change at its start */
    uint32_t cut;   /* octets that the snap length cuts off */
    uint32_t isn;
};

static void
send_segment(const struct sent *sent)
{
    const uint16_t ports[2] = {53, client_port};
    const uint32_t seq = sent->isn + sent->off + ((sent->flags & SYN) != 0 ? 0 : 1);
    uint32_t len = gw_build_tcp(
        segment, ports, seq, sent->flags | ACK, stream + sent->off, sent->end - sent->off);

    for (uint32_t i = 0; i < sent->spoil; i++)
        segment[20 + i] ^= 0xff;
    len = gw_build_piece(frame, &(struct gw_piece){.family = 4, .protocol = 6}, segment, len);
    gw_watch_frame(&watch, 1, frame, len - sent->cut, len);
}

static void
send_octets(uint32_t off, uint32_t end)
{
    send_segment(&(struct sent){.off = off, .end = end});
}

/* Check that the messages that came out are those whose digits stand in @p expected. */
static void
check_messages(const char *expected)
{
    assert_int_equal(watch.count, strlen(expected));
    for (uint32_t i = 0; i < watch.count; i++) {
        const uint32_t index = (uint32_t)(expected[i] - '0');
        const struct gw_payload *payload = &watch.message[i].payload;

        assert_int_equal(payload->declared_len, start[index + 1] - start[index] - 2);
        assert_memory_equal(payload->data, stream + start[index] + 2, payload->len);
    }
}

struct row {
    const char *shows;
    const char *script; /* segments by spaces: [S|F|R][off-end][~spoil][/cut][@isn] */
    const char *messages;
    uint64_t parsed;
    enum gw_why why; /* of the frames that are neither parsed nor without data */
    uint64_t count;  /* of these */
};

static const struct row rows[] = {
    {"a message in a segment", "S 0-42 42-56", "01", 2, GW_OK, 0},
    {"all in a segment", "S 0-1964", "012345", 1, GW_OK, 0},
    {"prefix by itself", "S 0-2 2-42", "0", 2, GW_OK, 0},
    {"prefix in two", "S 0-1 1-42", "0", 2, GW_OK, 0},
    {"first octet of the next prefix", "S 0-43 43-56", "01", 2, GW_OK, 0},
    {"out of order", "S 42-56 0-42", "01", 2, GW_OK, 0},
    {"backwards", "S 56-358 42-56 20-42 0-20", "012", 4, GW_OK, 0},
    {"once more", "S 0-42 0-42", "0", 1, GW_TCP_AGAIN, 1},
    {"once more, other octets", "S 0-42 0-42~9", "0", 1, GW_TCP_CONFLICT, 1},
    {"once more while waiting", "S 42-56 42-56 0-42", "01", 2, GW_TCP_AGAIN, 1},
    {"other octets while waiting", "S 42-56 44-50~6 0-42", "01", 2, GW_TCP_CONFLICT, 1},
    {"other octets in an unfinished message", "S 0-20 5-15~10 20-42", "0", 2, GW_TCP_CONFLICT, 1},
    {"the same in an unfinished message", "S 0-20 5-15 20-42", "0", 2, GW_TCP_AGAIN, 1},
    {"keep-alive", "S 0-42 41-42 42-56", "01", 2, GW_TCP_AGAIN, 1},
    {"old and new octets", "S 0-42 20-56", "01", 2, GW_OK, 0},
    {"the first copy stays", "S 20-42 20-56~22 0-20", "01", 3, GW_OK, 0},
    {"an earlier copy inside a later one", "S 20-30 0-56", "01", 2, GW_OK, 0},
    {"a waiting copy that others cover", "S 20-42 42-56 21-50 0-20", "01", 3, GW_TCP_AGAIN, 1},
    {"data in the SYN", "S0-42 42-56", "01", 2, GW_OK, 0},
    {"data in the SYN, and again behind it", "S0-42 0-56", "01", 2, GW_OK, 0},
    {"SYN again", "S 0-42 S 42-56", "01", 2, GW_OK, 0},
    {"SYN late", "0-42 S 42-56", "01", 2, GW_OK, 0},
    {"numbers wrap", "S@4294967248 0-42@4294967248 56-358@4294967248 42-56@4294967248", "012", 3,
        GW_OK, 0},
    {"joined at a message", "42-56 56-358", "12", 2, GW_OK, 0},
    {"joined at a prefix by itself", "56-58 58-358", "2", 2, GW_OK, 0},
    {"joined inside a message", "100-358 358-400", "3", 1, GW_TCP_LOST, 1},
    {"joined at what could be a prefix", "353-355 355-358 358-400", "3", 1, GW_TCP_LOST, 2},
    {"gap between messages", "S 0-42 56-358 F358-358", "02", 2, GW_OK, 0},
    {"gap inside a message", "S 0-100 200-400 F400-400", "013", 2, GW_OK, 0},
    {"gap that loses a frame", "S 0-56 56-100 200-400 F400-400", "013", 2, GW_TCP_UNFINISHED, 1},
    {"gap over the end of a message", "S 0-100 380-400 F400-400", "01", 1, GW_TCP_GAP, 1},
    {"gap at the end of input", "S 0-42 56-358", "0", 1, GW_TCP_GAP, 1},
    {"end of input inside a message", "S 0-42 42-50", "0", 1, GW_TCP_UNFINISHED, 1},
    {"FIN inside a message", "S 0-42 F42-50", "0", 1, GW_TCP_UNFINISHED, 1},
    {"FIN with the last octets", "S F0-42", "0", 1, GW_OK, 0},
    {"FIN, and once more", "S F0-42 F0-42 F42-42", "0", 1, GW_TCP_AGAIN, 1},
    {"reset", "S 0-20 R20-20 42-56", "1", 1, GW_TCP_UNFINISHED, 1},
    {"reset with another number", "S 0-20 R900-900 20-42", "0", 2, GW_OK, 0},
    {"reset with data", "S R0-42 0-42", "0", 1, GW_OK, 0},
    {"ports used again", "S 0-42 S@9000 0-42@9000", "00", 2, GW_OK, 0},
    {"ports used again inside a message", "S 0-20 S@9000 0-42@9000", "0", 1, GW_TCP_UNFINISHED, 1},
    {"ports used again, SYN not captured", "S 0-20 0-42@1073741824", "0", 1, GW_TCP_UNFINISHED, 1},
    {"ports used again with lower numbers", "S 0-42 0-42@3221225472", "00", 2, GW_OK, 0},
    {"all data cut off", "S 0-42/42", "", 0, GW_TCP_CUT, 1},
};

/* Read the number behind the letter at *text, if it is @p letter. */
static uint32_t
read_number(const char **text, char letter)
{
    char *end;

    if (letter != 0 && **text != letter)
        return 0;

    const unsigned long number = strtoul(*text + (letter != 0), &end, 10);

    *text = end;
    return (uint32_t)number;
}

/* Send the segments of a row's script; returns how many. */
static uint64_t
run_script(const char *text)
{
    uint64_t count = 0;

    client_port++;
    for (; *text != 0; count++) {
        struct sent sent = {0};

        if (*text == 'S' || *text == 'F' || *text == 'R') {
            sent.flags = *text == 'S' ? SYN : *text == 'F' ? FIN : RST;
            text++;
        }
        sent.off = *text >= '0' && *text <= '9' ? read_number(&text, 0) : 0;
        sent.end = read_number(&text, '-');
        sent.spoil = read_number(&text, '~');
        sent.cut = read_number(&text, '/');
        sent.isn = read_number(&text, '@');
        send_segment(&sent);
        text += *text == ' ';
    }
    return count;
}

static void
segments_have_their_fates(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        const struct gw_packet_stats before = watch.stats;

        print_message("%s\n", row->shows);
        gw_watch_clear(&watch);

        const uint64_t sent = run_script(row->script);

        gw_frame_finish(watch.frame);
        gw_watch_law(&watch, 0);
        check_messages(row->messages);
        assert_int_equal(watch.stats.parsed - before.parsed, row->parsed);
        if (row->why != GW_OK)
            assert_int_equal(watch.stats.skipped[row->why] - before.skipped[row->why], row->count);
        assert_int_equal(watch.stats.skipped[GW_TCP_NO_DATA] - before.skipped[GW_TCP_NO_DATA],
            sent - row->parsed - row->count);
    }
}

static void
octets_that_wait_count_as_held(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_octets(0, 20);
    gw_watch_law(&watch, 1);
    send_octets(42, 56);
    gw_watch_law(&watch, 2);
    send_octets(20, 42);
    gw_watch_law(&watch, 0);
}

static void
a_message_says_which_frame_completed_it(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_octets(42, 56);   /* frame 2 */
    send_octets(0, 42);    /* frame 3 */
    send_octets(100, 358); /* frame 4 */
    send_octets(56, 100);  /* frame 5 */
    check_messages("012");
    assert_int_equal(watch.message[0].payload.frame, 3);
    assert_int_equal(watch.message[1].payload.frame, 2);
    assert_int_equal(watch.message[2].payload.frame, 5);
    assert_int_equal(watch.message[0].payload.flags & GW_PAYLOAD_AROUND, 0);
    assert_int_equal(watch.message[2].payload.flags & GW_PAYLOAD_AROUND, GW_PAYLOAD_SEGMENTED);
}

static void
a_short_prefix_is_stepped_over(void **state)
{
    (void)state;
    static const uint32_t len[] = {40, 11, 40, 0, 0, 5, 40};

    lay_out(len, GW_ARRAY_LEN(len));
    send_segment(&(struct sent){.flags = SYN});
    send_octets(0, 50); /* ends inside the short one */
    send_octets(50, start[2]);
    send_octets(start[2], start[7]);
    check_messages("026");
    assert_int_equal(watch.stats.parsed, 3);
}

static void
many_empty_messages_take_no_time(void **state)
{
    (void)state;
    memset(stream, 0, 60000);
    send_segment(&(struct sent){.flags = SYN});
    send_octets(0, 60000);
    assert_int_equal(watch.count, 0);
    assert_int_equal(watch.stats.parsed, 1);
}

static void
a_cut_segment_gives_a_cut_message(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_segment(&(struct sent){.off = 0, .end = 42, .cut = 10});
    send_segment(&(struct sent){.off = 42, .end = 200, .cut = 100}); /* within message 2 */
    send_octets(200, 400);
    check_messages("0123");
    assert_int_equal(watch.message[0].payload.len, 30);
    assert_true((watch.message[0].payload.flags & GW_PAYLOAD_CUT) != 0);
    assert_int_equal(watch.message[1].payload.flags & GW_PAYLOAD_AROUND, 0);
    assert_int_equal(watch.message[2].payload.len, 42);
    assert_true((watch.message[2].payload.flags & GW_PAYLOAD_CUT) != 0);
    assert_int_equal(watch.message[3].payload.flags & GW_PAYLOAD_AROUND, 0);
    assert_int_equal(watch.stats.parsed, 3);
}

static void
after_a_cut_over_a_boundary_reading_starts_anew(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_segment(&(struct sent){.off = 0, .end = 100, .cut = 80}); /* message 1 is gone, too */
    send_octets(100, 358);
    send_octets(358, 400);
    check_messages("03");
    assert_int_equal(watch.stats.skipped[GW_TCP_LOST], 1);
}

static void
a_gap_is_given_up_behind_too_many_segments(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_octets(0, 42);
    for (uint32_t i = 0; i < GW_STREAM_SEGMENTS; i++)
        send_octets(56 + i, 57 + i);
    check_messages("0");
    gw_watch_law(&watch, GW_STREAM_SEGMENTS);
    send_octets(56 + GW_STREAM_SEGMENTS, 358);
    check_messages("02");
    gw_watch_law(&watch, 0);
}

static void
a_gap_is_given_up_after_its_wait(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_octets(0, 42);
    send_octets(56, 358);
    watch.time_ns += GW_FRAG_WAIT_S * GW_NS_PER_S;
    send_octets(358, 390);
    check_messages("0");
    watch.time_ns += 1;
    send_octets(390, 400);
    check_messages("023");
}

static void
an_idle_direction_is_forgotten(void **state)
{
    (void)state;
    send_segment(&(struct sent){.flags = SYN});
    send_octets(0, 20);
    watch.time_ns -= 5 * GW_STREAM_IDLE_S * GW_NS_PER_S; /* a jump back does nothing */
    client_port++;
    send_octets(0, 42);
    gw_watch_law(&watch, 1);
    watch.time_ns += 6 * GW_STREAM_IDLE_S * GW_NS_PER_S + 1;
    send_octets(42, 56);
    gw_watch_law(&watch, 0);
    assert_int_equal(watch.stats.skipped[GW_TCP_UNFINISHED], 1);
    assert_int_equal(watch.count, 2);
}

static void
the_longest_idle_leaves_a_full_table(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_STREAM_COUNT; i++) {
        client_port++;
        send_octets(0, 20);
    }
    gw_watch_law(&watch, GW_STREAM_COUNT);
    client_port = 4243;
    send_octets(20, 30); /* the oldest, no longer the longest idle */
    client_port = 60000;
    send_octets(0, 20);
    assert_int_equal(watch.stats.skipped[GW_TCP_EVICTED], 1);
    client_port = 4243;
    send_octets(30, 42);
    check_messages("0");
}

static void
the_longest_idle_leaves_when_memory_is_full(void **state)
{
    (void)state;
    static const uint32_t len[] = {65000};

    lay_out(len, 1);
    for (uint32_t i = 0; i < 1000; i++) {
        client_port++;
        send_octets(0, 60000);
    }
    assert_true(watch.stats.skipped[GW_TCP_EVICTED] > 0);
    assert_true(watch.stats.held * 60000 <= GW_STREAM_OCTETS);
    assert_true(watch.stats.held * 60000 > GW_STREAM_OCTETS / 10 * 9);
    send_octets(60000, start[1]);
    check_messages("0");
}

static void
queries_are_read_too(void **state)
{
    (void)state;
    uint8_t query[2 + 30] = {0, 30};
    static const uint16_t ports[2] = {4242, 53};
    uint32_t len;

    gw_build_dns(query + 2, 30, false, 1);
    len = gw_build_tcp(segment, ports, 77, ACK, query, sizeof(query));
    len = gw_build_piece(frame, &(struct gw_piece){.family = 6, .protocol = 6}, segment, len);
    gw_watch_frame(&watch, 1, frame, len, len);
    assert_int_equal(watch.count, 1);
    query[4] = 0x80; /* a response to port 53 is no place to start */
    len = gw_build_tcp(segment, ports, 1u << 30, ACK, query, sizeof(query));
    len = gw_build_piece(frame, &(struct gw_piece){.family = 6, .protocol = 6}, segment, len);
    gw_watch_frame(&watch, 1, frame, len, len);
    assert_int_equal(watch.count, 1);
    assert_int_equal(watch.stats.skipped[GW_TCP_LOST], 1);
}

static uint32_t
draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* Cut `stream` at random; some segments start inside the one before. Returns how many. */
static uint32_t
cut_up(uint32_t *state, struct sent *segments, uint32_t max)
{
    const uint32_t end = start[message_count];
    uint32_t count = 0;

    for (uint32_t off = 0; off < end && count < max; count++) {
        const uint32_t limit = draw(state, 3) == 0 ? 4 : 1400;
        uint32_t step = 1 + draw(state, limit);
        const uint32_t back = off > 3 && draw(state, 5) == 0 ? 1 + draw(state, 3) : 0;

        if (step > end - off || count == max - 1)
            step = end - off;
        segments[count] = (struct sent){.off = off - back, .end = off + step};
        off += step;
    }
    return count;
}

static void
any_cuts_copies_and_order_give_the_same_messages(void **state)
{
    (void)state;
    enum {
        SEGMENTS = 60
    };
    uint32_t seed = 3;

    for (uint32_t round = 0; round < 500; round++) {
        const uint32_t isn = draw(&seed, 2) == 0 ? 0u - draw(&seed, 3000) : draw(&seed, 1u << 23);
        struct sent segments[SEGMENTS];
        uint32_t len[12];
        const uint32_t messages = 1 + draw(&seed, 12);

        for (uint32_t i = 0; i < messages; i++)
            len[i] = 12 + draw(&seed, draw(&seed, 4) == 0 ? 4000 : 100);
        lay_out(len, messages);

        const uint32_t count = cut_up(&seed, segments, SEGMENTS);

        for (uint32_t i = 0; i + 1 < count; i++) { /* neighbours change places, at most ten apart */
            const uint32_t j = i + draw(&seed, count - i < 10 ? count - i : 10);
            const struct sent swap = segments[i];

            segments[i] = segments[j];
            segments[j] = swap;
        }
        client_port = (uint16_t)(1024 + round);
        gw_watch_clear(&watch);
        send_segment(&(struct sent){.flags = SYN, .isn = isn});
        for (uint32_t i = 0; i < count; i++) {
            segments[i].isn = isn;
            send_segment(&segments[i]);
            if (draw(&seed, 4) == 0)
                send_segment(&segments[draw(&seed, i + 1)]);
        }
        assert_int_equal(watch.count, messages);
        for (uint32_t i = 0; i < messages; i++) {
            assert_int_equal(watch.message[i].payload.len, len[i]);
            assert_memory_equal(watch.message[i].payload.data, stream + start[i] + 2, len[i]);
        }
        gw_watch_law(&watch, 0);
    }
    assert_int_equal(watch.stats.skipped[GW_TCP_CONFLICT], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(segments_have_their_fates, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(octets_that_wait_count_as_held, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            a_message_says_which_frame_completed_it, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(a_short_prefix_is_stepped_over, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(many_empty_messages_take_no_time, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(a_cut_segment_gives_a_cut_message, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            after_a_cut_over_a_boundary_reading_starts_anew, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            a_gap_is_given_up_behind_too_many_segments, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(a_gap_is_given_up_after_its_wait, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(an_idle_direction_is_forgotten, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            the_longest_idle_leaves_a_full_table, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            the_longest_idle_leaves_when_memory_is_full, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(queries_are_read_too, make_watch, drop_watch),
        cmocka_unit_test_setup_teardown(
            any_cuts_copies_and_order_give_the_same_messages, make_watch, drop_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
