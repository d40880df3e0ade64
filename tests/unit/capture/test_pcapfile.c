/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/pcapfile.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/make_capture.h"

#define FRAMES_MAX 64u
#define NS         1000000000LL

/* Three frames that every good file below holds. */
static const struct {
    const char *octets;
    uint32_t len, wire_len;
    uint32_t s, us;
} frames[] = {
    {"first", 5, 5, 1700000000, 1},
    {"", 0, 60, 1700000001, 0},
    {"third frame", 11, 1500, 1700000002, 999999},
};

/* What a walk delivered. */
struct seen {
    enum gw_pcapfile_step step;
    bool clean;
    uint32_t count;
    uint64_t record, too_long, at;
    const char *what;
    int64_t time_ns[FRAMES_MAX];
    uint32_t len[FRAMES_MAX], wire_len[FRAMES_MAX];
    uint64_t number[FRAMES_MAX];
    uint16_t link_type[FRAMES_MAX];
    uint8_t octets[FRAMES_MAX][16];
};

static struct gw_pcapfile file; /* too large for the stack */
static struct make made;

static void
take(struct seen *seen, const struct gw_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const uint32_t k = seen->count++;

        assert_true(seen->count <= FRAMES_MAX);
        seen->time_ns[k] = batch->time_ns[i];
        seen->len[k] = batch->captured_len[i];
        seen->wire_len[k] = batch->wire_len[i];
        seen->number[k] = batch->number[i];
        seen->link_type[k] = batch->link_type[i];
        memcpy(seen->octets[k], batch->data[i],
            batch->captured_len[i] < 16 ? batch->captured_len[i] : 16);
    }
}

/*
 * Walk over @p len octets that lie against an unreadable page, @p step octets at a time (0: as many
 * as the walk asks for), in batches of @p frame_max.
 */
static struct seen
walk(const uint8_t *octets, size_t len, size_t step, uint32_t frame_max)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = (len + page) / page * page;
    uint8_t *range =
        mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct seen seen = {0};
    struct gw_batch batch = {0};

    assert_ptr_not_equal(range, MAP_FAILED);
    assert_int_equal(mprotect(range + size, page, PROT_NONE), 0);

    uint8_t *start = range + size - len;
    struct gw_pcapfile_window window = {start, step == 0 ? start + len : start};

    if (len > 0)
        memcpy(start, octets, len);
    gw_pcapfile_start(&file);
    for (;;) {
        batch.count = 0;
        seen.step = gw_pcapfile_walk(&file, &window, frame_max, &batch);
        take(&seen, &batch);
        if (seen.step == GW_PCAPFILE_FULL)
            continue;
        if (seen.step != GW_PCAPFILE_MORE)
            break;

        const size_t left = (size_t)(start + len - window.end);

        assert_true(file.need > (size_t)(window.end - window.pos));
        assert_true(file.need <= GW_PCAPFILE_BLOCK_MAX);
        if (left == 0)
            break;
        window.end += step < left ? step : left;
    }
    seen.clean =
        seen.step == GW_PCAPFILE_MORE && gw_pcapfile_end(&file, (size_t)(window.end - window.pos));
    seen.what = seen.clean ? NULL : file.what;
    seen.record = file.record;
    seen.too_long = file.too_long;
    seen.at = gw_pcapfile_at(&file);
    munmap(range, size + page);
    return seen;
}

static void
make_pcap_frames(uint32_t magic, uint32_t fraction_of_us)
{
    make_pcap(&made, magic, 65535, 1);
    for (size_t i = 0; i < GW_ARRAY_LEN(frames); i++) {
        make_record_header(
            &made, frames[i].s, frames[i].us * fraction_of_us, frames[i].len, frames[i].wire_len);
        if (magic == 0xa1b2cd34)
            make_fill(&made, 0xee, 8);
        make_octets(&made, frames[i].octets, frames[i].len);
    }
}

static void
make_enhanced_frames(uint32_t interface, uint64_t units_per_us)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(frames); i++) {
        const struct make_packet packet = {.interface = interface,
            .units = (frames[i].s * 1000000ull + frames[i].us) * units_per_us,
            .wire_len = frames[i].wire_len};

        make_packet(&made, &packet, frames[i].octets, frames[i].len);
    }
}

static void
make_micro(void)
{
    make_pcap_frames(0xa1b2c3d4, 1);
}

static void
make_nano(void)
{
    make_pcap_frames(0xa1b23c4d, 1000);
}

static void
make_modified(void)
{
    make_pcap_frames(0xa1b2cd34, 1);
}

static void
make_enhanced(void)
{
    make_section(&made);
    make_interface(&made, 1, 65535, -1, 0);
    make_enhanced_frames(0, 1);
}

static void
make_enhanced_nano(void)
{
    make_section(&made);
    make_interface(&made, 1, 0, 9, 0);
    make_enhanced_frames(0, 1000);
}

static void
make_second_interface(void)
{
    make_section(&made);
    make_interface(&made, 113, 65535, 3, 0);
    make_interface(&made, 1, 65535, 6, 0);
    make_enhanced_frames(1, 1);
}

static void
make_unknown_blocks(void)
{
    make_section(&made);
    make_block(&made, 0x0bad);
    make_octets(&made, "unknown to all", 14);
    make_block_end(&made);
    make_interface(&made, 1, 65535, -1, 0);
    make_block(&made, 4);
    make_block_end(&made);
    make_enhanced_frames(0, 1);
    make_block(&made, 0x80000bad);
    make_block_end(&made);
}

static void
make_obsolete(void)
{
    make_section(&made);
    make_interface(&made, 1, 65535, -1, 0);
    for (size_t i = 0; i < GW_ARRAY_LEN(frames); i++) {
        const uint64_t units = frames[i].s * 1000000ull + frames[i].us;

        make_block(&made, 2);
        make_u16(&made, 0);
        make_u16(&made, 0xffff);
        make_u32(&made, (uint32_t)(units >> 32));
        make_u32(&made, (uint32_t)units);
        make_u32(&made, frames[i].len);
        make_u32(&made, frames[i].wire_len);
        make_octets(&made, frames[i].octets, frames[i].len);
        make_block_end(&made);
    }
}

static void
make_two_sections(void)
{
    make_section(&made);
    make_interface(&made, 113, 64, 3, 5);
    make_interface(&made, 113, 64, 3, 5);
    make_enhanced();
}

static void
make_two_byte_orders(void)
{
    made.big = !made.big;
    make_section(&made);
    make_interface(&made, 113, 64, 3, 5);
    made.big = !made.big;
    make_enhanced();
}

/* Files that hold the same three frames. */
static const struct {
    const char *what;
    void (*make)(void);
} kinds[] = {
    {"pcap with microseconds", make_micro},
    {"pcap with nanoseconds", make_nano},
    {"pcap with longer record headers", make_modified},
    {"pcapng", make_enhanced},
    {"pcapng with nanoseconds, no snap length", make_enhanced_nano},
    {"pcapng, packets of the second interface", make_second_interface},
    {"pcapng with unknown blocks", make_unknown_blocks},
    {"pcapng with obsolete packet blocks", make_obsolete},
    {"pcapng, packets in the second section", make_two_sections},
    {"pcapng, sections of both byte orders", make_two_byte_orders},
};

#define KINDS (2 * GW_ARRAY_LEN(kinds))

/* Make file @p i; the second half of them in network order. */
static const char *
make_kind(size_t i)
{
    made.len = 0;
    made.big = i >= GW_ARRAY_LEN(kinds);
    kinds[i % GW_ARRAY_LEN(kinds)].make();
    return kinds[i % GW_ARRAY_LEN(kinds)].what;
}

static void
expect_frames(const struct seen *seen, const char *what, uint32_t count)
{
    if (seen->count != count)
        fail_msg("%s: %u frames, not %u", what, seen->count, count);
    for (uint32_t i = 0; i < count; i++) {
        const int64_t time_ns = frames[i].s * NS + frames[i].us * 1000LL;

        if (seen->time_ns[i] != time_ns || seen->len[i] != frames[i].len ||
            seen->wire_len[i] != frames[i].wire_len || seen->number[i] != i + 1 ||
            seen->link_type[i] != 1 ||
            memcmp(seen->octets[i], frames[i].octets, frames[i].len) != 0)
            fail_msg("%s: frame %u: time %" PRId64 ", %u of %u octets, number %" PRIu64, what, i,
                seen->time_ns[i], seen->len[i], seen->wire_len[i], seen->number[i]);
    }
}

static void
every_kind_of_file_gives_the_same_frames(void **state)
{
    static const size_t steps[] = {0, 1, 3, 64};
    static const uint32_t batches[] = {1, 2, 7, 64};

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        const char *what = make_kind(i);

        for (size_t k = 0; k < 4 * 4; k++) {
            const struct seen seen = walk(made.octets, made.len, steps[k / 4], batches[k % 4]);

            expect_frames(&seen, what, 3);
            assert_true(seen.clean);
            assert_int_equal(seen.record, 3);
            assert_int_equal(seen.at, made.len);
        }
    }
}

static void
every_prefix_gives_what_is_whole_and_says_what_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        const char *what = make_kind(i);
        uint32_t before = 0;

        for (size_t len = 0; len < made.len; len++) {
            const struct seen seen = walk(made.octets, len, 0, 64);
            const struct seen slow = walk(made.octets, len, 1, 64);

            assert_true(seen.count == before || seen.count == before + 1);
            expect_frames(&seen, what, seen.count);
            expect_frames(&slow, what, seen.count);
            assert_true(seen.clean == slow.clean);
            assert_true(seen.at == slow.at && seen.at <= len);
            assert_true(seen.what == slow.what);
            assert_true(seen.clean ? seen.at == len : seen.what != NULL);
            before = seen.count;
        }
        assert_int_equal(before, 2 + (i % GW_ARRAY_LEN(kinds) == 6));
    }
}

/* Numbers written over a good file of three frames. */
static const struct {
    const char *what;
    void (*make)(void);
    size_t off;
    uint32_t number_len; /* octets of the value */
    uint32_t value;
    uint32_t count; /* frames before the damage */
    const char *says;
} lies[] = {
    {"first record longer than the file", make_micro, 24 + 8, 4, 6000, 0,
        "record runs past the end of the file"},
    {"first record too long, past the end", make_micro, 24 + 8, 4, GW_FRAME_MAX + 1, 0,
        "record runs past the end of the file"},
    {"second record of an impossible length", make_micro, 45 + 8, 4, 0x10000001, 1,
        "record has an impossible length"},
    {"third record of the greatest length", make_micro, 61 + 8, 4, UINT32_MAX, 2,
        "record has an impossible length"},
    {"section's length is no multiple of 4", make_enhanced, 4, 4, 29, 0,
        "block has an impossible length"},
    {"section's length is too short", make_enhanced, 4, 4, 24, 0, "block has an impossible length"},
    {"section's length is past the end", make_enhanced, 4, 4, 0x1000, 0,
        "record runs past the end of the file"},
    {"section's version", make_enhanced, 12, 2, 9, 0, "section is of an unknown version of pcapng"},
    {"section's trailer", make_enhanced, 24, 4, 32, 0, "block's two lengths differ"},
    {"interface's length is 0", make_enhanced, 28 + 4, 4, 0, 0, "block has an impossible length"},
    {"interface's length is 16", make_enhanced, 28 + 4, 4, 16, 0,
        "block is shorter than its fields"},
    {"interface's length is very long", make_enhanced, 28 + 4, 4, GW_PCAPFILE_BLOCK_MAX + 4, 0,
        "interface block is too long"},
    {"interface's trailer", make_enhanced, 28 + 16, 4, 21, 0, "block's two lengths differ"},
    {"interface's option past its end", make_enhanced_nano, 28 + 18, 2, 0x40, 0,
        "interface block has corrupt options"},
    {"interface's resolution of two octets", make_enhanced_nano, 28 + 18, 2, 2, 0,
        "interface block has corrupt options"},
    {"interface's resolution 10^-20", make_enhanced_nano, 28 + 20, 1, 20, 0,
        "interface has an impossible time resolution"},
    {"interface's resolution 2^-64", make_enhanced_nano, 28 + 20, 1, 0xc0, 0,
        "interface has an impossible time resolution"},
    {"interface's offset of one octet", make_enhanced_nano, 28 + 16, 2, 14, 0,
        "interface block has corrupt options"},
    {"interface's last option has a length", make_enhanced_nano, 28 + 26, 2, 4, 0,
        "interface block has corrupt options"},
    {"first packet's length is 8", make_enhanced, 48 + 4, 4, 8, 0,
        "block has an impossible length"},
    {"first packet's length is 28", make_enhanced, 48 + 4, 4, 28, 0,
        "block is shorter than its fields"},
    {"first packet's length is too short for its octets", make_enhanced, 48 + 4, 4, 32, 0,
        "captured length runs past the end of its block"},
    {"first packet's length is past the end", make_enhanced, 48 + 4, 4, 4000, 0,
        "record runs past the end of the file"},
    {"first packet's length is impossible", make_enhanced, 48 + 4, 4, 0x10000004, 0,
        "block has an impossible length"},
    {"first packet of the second interface", make_enhanced, 48 + 8, 4, 1, 0,
        "packet of an interface that was not described"},
    {"first packet holds more than its block", make_enhanced, 48 + 20, 4, 9, 0,
        "captured length runs past the end of its block"},
    {"first packet's trailer", make_enhanced, 48 + 36, 4, 0, 0, "block's two lengths differ"},
    {"second packet's interface", make_enhanced, 88 + 8, 4, UINT32_MAX, 1,
        "packet of an interface that was not described"},
    {"unknown block's trailer", make_unknown_blocks, 28 + 24, 4, 4, 0,
        "block's two lengths differ"},
    {"section without byte order mark", make_two_sections, 116 + 8, 4, 0, 0,
        "section has no byte order mark"},
};

static void
every_lie_is_damage_after_what_came_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * GW_ARRAY_LEN(lies); i++) {
        const size_t k = i / 2;

        made.len = 0;
        made.big = i % 2 == 1;
        lies[k].make();
        const size_t len = made.len;

        made.len = lies[k].off;
        make_number(&made, lies[k].value, lies[k].number_len);
        made.len = len;

        for (size_t step = 0; step < 2; step++) {
            const struct seen seen = walk(made.octets, made.len, step, 64);

            if (seen.what == NULL || strcmp(seen.what, lies[k].says) != 0)
                fail_msg("%s (%s): '%s'", lies[k].what, made.big ? "big" : "little", seen.what);
            assert_int_equal(seen.count, lies[k].count);
            assert_int_equal(seen.record, lies[k].count);
        }
    }
}

static void
frames_over_the_bound_are_passed_over_and_counted(void **state)
{
    static uint8_t long_frame[GW_FRAME_MAX + 4];

    (void)state;
    for (int big = 0; big < 2; big++) {
        made.len = 0;
        made.big = big == 1;
        make_pcap(&made, 0xa1b2c3d4, 0, 1);
        make_record_header(&made, 5, 0, GW_FRAME_MAX + 1, GW_FRAME_MAX + 1);
        make_octets(&made, long_frame, GW_FRAME_MAX + 1);
        make_record_header(&made, 6, 0, GW_FRAME_MAX, GW_FRAME_MAX);
        make_octets(&made, long_frame, GW_FRAME_MAX);
        for (size_t step = 0; step < 2; step++) {
            const struct seen seen = walk(made.octets, made.len, step * 1000, 64);

            assert_true(seen.clean);
            assert_int_equal(seen.count, 1);
            assert_int_equal(seen.number[0], 2);
            assert_int_equal(seen.len[0], GW_FRAME_MAX);
            assert_int_equal(seen.too_long, 1);
            assert_int_equal(seen.record, 2);
            assert_true(file.first_ns == 5 * NS && file.last_ns == 6 * NS);
        }

        made.len = 0;
        make_section(&made);
        make_interface(&made, 1, 0, 0, 0);
        make_packet(
            &made, &(struct make_packet){0, 5, GW_FRAME_MAX + 4}, long_frame, GW_FRAME_MAX + 4);
        make_packet(&made, &(struct make_packet){0, 6, 4}, "last", 4);
        for (size_t step = 0; step < 2; step++) {
            const struct seen seen = walk(made.octets, made.len, step * 1000, 64);

            assert_true(seen.clean);
            assert_int_equal(seen.count, 1);
            assert_int_equal(seen.number[0], 2);
            assert_int_equal(seen.too_long, 1);
            assert_int_equal(seen.record, 2);
        }
    }
}

static void
a_tail_of_zeros_is_damage_and_ends(void **state)
{
    (void)state;
    make_kind(0);

    const size_t good = made.len;

    make_fill(&made, 0, 4096);

    const struct seen seen = walk(made.octets, made.len, 0, 64);

    expect_frames(&seen, "zeros", 3);
    assert_int_equal(seen.step, GW_PCAPFILE_DAMAGED);
    assert_string_equal(seen.what, "zero octets instead of a record");
    assert_int_equal(seen.at, good);

    make_kind(3);
    make_fill(&made, 0, 4096);
    assert_string_equal(walk(made.octets, made.len, 0, 64).what, "block has an impossible length");
}

/* Times of pcapng. */
static const struct {
    const char *what;
    int resolution;
    int64_t offset_s;
    uint64_t units;
    int64_t time_ns;
} times[] = {
    {"default is microseconds", -1, 0, 1500000, 1500000000},
    {"whole seconds", 0, 0, 3, 3 * NS},
    {"milliseconds", 3, 0, 1234, 1234000000},
    {"nanoseconds", 9, 0, 1234567890123456789, 1234567890123456789},
    {"picoseconds", 12, 0, 1999999999999, 1999999999},
    {"10^-19", 19, 0, 15000000000000000000u, 1500000000},
    {"2^0", 0x80, 0, 7, 7 * NS},
    {"2^-10", 0x8a, 0, 1024 + 512, 1500000000},
    {"2^-9, which divides a second in nanoseconds", 0x89, 0, 512 + 1, 1001953125},
    {"2^-32", 0xa0, 0, 0x180000000, 1500000000},
    {"2^-63", 0xbf, 0, 0xc000000000000000, 1500000000},
    {"an offset into the future", -1, 100, 1, 100 * NS + 1000},
    {"an offset to before 1970", 9, -1, 1, 1 - NS},
    {"a time past the range", 0, 0, UINT64_MAX, INT64_MAX},
    {"a time past the range, in microseconds", 6, 0, UINT64_MAX, INT64_MAX},
    {"a time past the range by its offset", 9, INT64_MAX, UINT64_MAX, INT64_MAX},
    {"a time before the range", 9, INT64_MIN, 0, INT64_MIN},
};

static void
times_follow_resolution_and_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * GW_ARRAY_LEN(times); i++) {
        const size_t k = i / 2;

        made.len = 0;
        made.big = i % 2 == 1;
        make_section(&made);
        make_interface(&made, 1, 0, times[k].resolution, times[k].offset_s);
        make_packet(&made, &(struct make_packet){0, times[k].units, 1}, "x", 1);

        const struct seen seen = walk(made.octets, made.len, 0, 64);

        assert_int_equal(seen.count, 1);
        if (seen.time_ns[0] != times[k].time_ns)
            fail_msg("%s: %" PRId64, times[k].what, seen.time_ns[0]);
    }
}

static void
simple_packets_have_no_time_and_the_snap_length(void **state)
{
    (void)state;
    made.len = 0;
    made.big = false;
    make_section(&made);
    make_interface(&made, 101, 4, -1, 0);
    make_block(&made, 3);
    make_u32(&made, 1400);
    make_octets(&made, "abcd", 4);
    make_block_end(&made);
    make_block(&made, 3);
    make_u32(&made, 3);
    make_octets(&made, "xyz", 3);
    make_block_end(&made);

    const struct seen seen = walk(made.octets, made.len, 0, 64);

    assert_true(seen.clean);
    assert_int_equal(seen.count, 2);
    assert_true(seen.len[0] == 4 && seen.wire_len[0] == 1400 && seen.time_ns[0] == 0);
    assert_true(seen.len[1] == 3 && seen.wire_len[1] == 3 && seen.link_type[1] == 101);
    assert_memory_equal(seen.octets[1], "xyz", 3);
}

static void
a_packet_before_any_interface_is_damage(void **state)
{
    (void)state;
    made.len = 0;
    made.big = false;
    make_section(&made);
    make_packet(&made, &(struct make_packet){0, 0, 1}, "x", 1);
    assert_string_equal(
        walk(made.octets, made.len, 0, 64).what, "packet of an interface that was not described");

    made.len = 0;
    make_section(&made);
    make_block(&made, 3);
    make_u32(&made, 0);
    make_block_end(&made);
    assert_string_equal(
        walk(made.octets, made.len, 0, 64).what, "packet of an interface that was not described");

    make_kind(3);
    make_section(&made); /* takes the interfaces of the section before away */
    make_packet(&made, &(struct make_packet){0, 0, 1}, "x", 1);

    const struct seen seen = walk(made.octets, made.len, 0, 64);

    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.what, "packet of an interface that was not described");
}

static void
interfaces_have_a_bound(void **state)
{
    (void)state;
    made.len = 0;
    made.big = false;
    make_section(&made);
    for (uint32_t i = 0; i < GW_PCAPFILE_INTERFACES_MAX; i++)
        make_interface(&made, 1, 0, -1, 0);
    make_packet(&made, &(struct make_packet){GW_PCAPFILE_INTERFACES_MAX - 1, 0, 1}, "x", 1);
    assert_int_equal(walk(made.octets, made.len, 0, 64).count, 1);
    make_interface(&made, 1, 0, -1, 0);
    assert_string_equal(walk(made.octets, made.len, 0, 64).what, "more than 4096 interfaces");
}

/* Headers of pcap and what becomes of a record whose two lengths are 8 and 6. */
static const struct {
    const char *what;
    uint16_t major, minor;
    uint32_t magic, snap_len, link_type;
    enum gw_pcapfile_step step;
    uint32_t len, wire_len;
    uint16_t link_type_seen;
} headers[] = {
    {"version 2.4", 2, 4, 0xa1b2c3d4, 0, 1, GW_PCAPFILE_MORE, 8, 8, 1},
    {"version 2.3 puts the lesser length first", 2, 3, 0xa1b2c3d4, 0, 1, GW_PCAPFILE_MORE, 6, 8, 1},
    {"version 2.2 puts the captured length last", 2, 2, 0xa1b2c3d4, 0, 1, GW_PCAPFILE_MORE, 6, 8,
        1},
    {"version 543.0 does so, too", 543, 0, 0xa1b2c3d4, 0, 1, GW_PCAPFILE_MORE, 6, 8, 1},
    {"version 2.5 is unknown", 2, 5, 0xa1b2c3d4, 0, 1, GW_PCAPFILE_FOREIGN, 0, 0, 0},
    {"version 1.4 is unknown", 1, 4, 0xa1b2c3d4, 0, 1, GW_PCAPFILE_FOREIGN, 0, 0, 0},
    {"snap length cuts", 2, 4, 0xa1b2c3d4, 5, 1, GW_PCAPFILE_MORE, 5, 6, 1},
    {"snap length of no sense is none", 2, 4, 0xa1b2c3d4, 0x80000000, 1, GW_PCAPFILE_MORE, 8, 8, 1},
    {"upper bits of the link type are not of it", 2, 4, 0xa1b2c3d4, 0, 0x54000071, GW_PCAPFILE_MORE,
        8, 8, 113},
    {"snap length without Ethernet's header", 2, 4, 0xa1b2cd34, 5, 1, GW_PCAPFILE_MORE, 8, 8, 1},
};

static void
headers_of_pcap_are_heeded(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * GW_ARRAY_LEN(headers); i++) {
        const size_t k = i / 2;

        made.len = 0;
        made.big = i % 2 == 1;
        make_u32(&made, headers[k].magic);
        make_u16(&made, headers[k].major);
        make_u16(&made, headers[k].minor);
        make_u32(&made, 0);
        make_u32(&made, 0);
        make_u32(&made, headers[k].snap_len);
        make_u32(&made, headers[k].link_type);
        make_record_header(&made, 1, 1, 8, 6);
        if (headers[k].magic == 0xa1b2cd34)
            make_fill(&made, 0, 8);
        make_octets(&made, "12345678", headers[k].wire_len == 8 && headers[k].len == 6 ? 6 : 8);

        const struct seen seen = walk(made.octets, made.len, 0, 64);

        if (seen.step != headers[k].step || seen.len[0] != headers[k].len ||
            seen.wire_len[0] != headers[k].wire_len ||
            seen.link_type[0] != headers[k].link_type_seen)
            fail_msg("%s: %u of %u octets, link type %u", headers[k].what, seen.len[0],
                seen.wire_len[0], seen.link_type[0]);
    }
}

static void
what_is_no_capture_is_told_by_its_first_octets(void **state)
{
    (void)state;
    assert_int_equal(walk((const uint8_t *)"#!/bin/sh\n", 10, 0, 64).step, GW_PCAPFILE_FOREIGN);
    assert_int_equal(
        walk((const uint8_t *)"\x0a\x0d\x0d\x0a\x1c\0\0\0nonsense\1\2\3\4", 20, 0, 64).step,
        GW_PCAPFILE_FOREIGN);
    for (size_t i = 0; i < KINDS; i++) {
        make_kind(i);
        assert_true(gw_pcapfile_magic(made.octets, made.len));
        assert_false(gw_pcapfile_magic(made.octets, 3));
    }
    assert_false(gw_pcapfile_magic((const uint8_t *)"text", 4));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_file_gives_the_same_frames),
        cmocka_unit_test(every_prefix_gives_what_is_whole_and_says_what_is_cut),
        cmocka_unit_test(every_lie_is_damage_after_what_came_before),
        cmocka_unit_test(frames_over_the_bound_are_passed_over_and_counted),
        cmocka_unit_test(a_tail_of_zeros_is_damage_and_ends),
        cmocka_unit_test(times_follow_resolution_and_offset),
        cmocka_unit_test(simple_packets_have_no_time_and_the_snap_length),
        cmocka_unit_test(a_packet_before_any_interface_is_damage),
        cmocka_unit_test(interfaces_have_a_bound),
        cmocka_unit_test(headers_of_pcap_are_heeded),
        cmocka_unit_test(what_is_no_capture_is_told_by_its_first_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
