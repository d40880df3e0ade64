/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/compress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pack.h"

#define PLAIN_LEN 20000u
#define ROOM      (4u * PLAIN_LEN)

static const enum gw_unpack_kind kinds[] = {
    GW_UNPACK_GZIP, GW_UNPACK_XZ, GW_UNPACK_ZSTD, GW_UNPACK_LZ4};

/* What came out of an unpacker. */
struct seen {
    enum gw_unpack_state state;
    const char *what;
    size_t len;
    uint8_t octets[ROOM];
};

static uint8_t plain[PLAIN_LEN];
static uint8_t packed[ROOM];
static struct seen seen;

/* Half text that packs well, half noise that does not. */
static int
make_plain(void **state)
{
    uint32_t noise = 1;

    (void)state;
    for (size_t i = 0; i < PLAIN_LEN; i++) {
        noise = noise * 1664525u + 1013904223u;
        plain[i] = i < PLAIN_LEN / 2 ? (uint8_t) "glue record "[i % 12] : (uint8_t)(noise >> 24);
    }
    return 0;
}

/* Unpack @p len octets, shown @p in_step at a time and written @p out_step at a time. */
static void
unpack(enum gw_unpack_kind kind, size_t len, size_t in_step, size_t out_step)
{
    struct gw_unpack *unpack;
    size_t pos = 0;

    seen.len = 0;
    seen.what = NULL;
    assert_int_equal(gw_source_unpack_new(kind, &unpack), GW_DONE);
    for (size_t turns = 0;; turns++) {
        const size_t step = len - pos < in_step ? len - pos : in_step;
        /* Memory of exactly this size, so that a sanitizer sees what is read past it. */
        uint8_t *piece = malloc(step + 1);
        const size_t room = ROOM - seen.len < out_step ? ROOM - seen.len : out_step;
        struct gw_unpack_io io = {.in = piece + 1,
            .in_len = step,
            .out = seen.octets + seen.len,
            .out_len = room,
            .last = pos + step == len};

        assert_non_null(piece);
        memcpy(piece + 1, packed + pos, step);
        seen.state = gw_source_unpack_run(unpack, &io, &seen.what);
        pos += step - io.in_len;
        seen.len += room - io.out_len;
        free(piece);
        if (seen.state != GW_UNPACK_GOING)
            break;
        assert_true(turns < 10 * (size_t)ROOM);
        assert_true(seen.len < ROOM);
    }
    gw_source_unpack_free(unpack);
}

static void
the_magic_tells_the_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        const size_t len = pack(kinds[i], plain, PLAIN_LEN, packed, ROOM);

        assert_int_equal(gw_source_unpack_kind(packed, len), kinds[i]);
        assert_int_equal(gw_source_unpack_kind(packed, GW_UNPACK_MAGIC_LEN), kinds[i]);
        assert_int_equal(gw_source_unpack_kind(packed, 1), GW_UNPACK_NONE);
    }
    assert_int_equal(gw_source_unpack_kind(plain, PLAIN_LEN), GW_UNPACK_NONE);
    assert_int_equal(gw_source_unpack_kind(plain, 0), GW_UNPACK_NONE);
    assert_string_equal(gw_source_unpack_name(GW_UNPACK_NONE), "none");
    assert_string_equal(gw_source_unpack_name(GW_UNPACK_LZ4), "lz4");
}

static void
pieces_of_any_size_unpack_to_the_same(void **state)
{
    static const size_t steps[] = {1, 7, 4096, ROOM};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        const size_t len = pack(kinds[i], plain, PLAIN_LEN, packed, ROOM);

        for (size_t k = 0; k < 16; k++) {
            unpack(kinds[i], len, steps[k / 4], steps[k % 4]);
            assert_int_equal(seen.state, GW_UNPACK_COMPLETE);
            assert_int_equal(seen.len, PLAIN_LEN);
            assert_memory_equal(seen.octets, plain, PLAIN_LEN);
        }
    }
}

static void
members_one_after_the_other_are_one_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        size_t len = pack(kinds[i], plain, 5000, packed, ROOM);

        len += pack(kinds[i], plain, 0, packed + len, ROOM - len);
        len += pack(kinds[i], plain + 5000, PLAIN_LEN - 5000, packed + len, ROOM - len);
        for (size_t step = 1; step <= ROOM; step *= 17) {
            unpack(kinds[i], len, step, ROOM);
            assert_int_equal(seen.state, GW_UNPACK_COMPLETE);
            assert_int_equal(seen.len, PLAIN_LEN);
            assert_memory_equal(seen.octets, plain, PLAIN_LEN);
        }
    }
}

static void
every_cut_gives_what_came_before_and_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        const size_t len = pack(kinds[i], plain, PLAIN_LEN, packed, ROOM);
        size_t most = 0;

        for (size_t cut = GW_UNPACK_MAGIC_LEN; cut < len; cut += cut < len - 200 ? 97 : 1) {
            unpack(kinds[i], cut, ROOM, ROOM);
            assert_int_equal(seen.state, GW_UNPACK_FAILED);
            assert_string_equal(seen.what, "compressed data ends early");
            assert_true(seen.len <= PLAIN_LEN && seen.len >= most);
            assert_memory_equal(seen.octets, plain, seen.len);
            most = seen.len;
        }
        assert_true(most > 0);
    }
}

static void
corrupt_octets_never_pass_for_a_complete_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        const size_t len = pack(kinds[i], plain, PLAIN_LEN, packed, ROOM);

        for (size_t off = GW_UNPACK_MAGIC_LEN; off < len; off += 101) {
            packed[off] ^= 0x20;
            unpack(kinds[i], len, ROOM, ROOM);
            /* gzip's header holds octets that mean nothing. */
            if (seen.state == GW_UNPACK_COMPLETE)
                assert_memory_equal(seen.octets, plain, PLAIN_LEN);
            else
                assert_non_null(seen.what);
            packed[off] ^= 0x20;
        }
    }
}

static void
an_error_in_a_late_block_keeps_the_blocks_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        /* A member of its own is a block of its own for every kind. */
        const size_t first = pack(kinds[i], plain, 5000, packed, ROOM);
        const size_t len = first + pack(kinds[i], plain, 5000, packed + first, ROOM - first);

        memset(packed + first + GW_UNPACK_MAGIC_LEN, 0xff, len - first - GW_UNPACK_MAGIC_LEN);
        unpack(kinds[i], len, ROOM, ROOM);
        assert_int_equal(seen.state, GW_UNPACK_FAILED);
        assert_string_equal(seen.what, "compressed data is corrupt");
        assert_true(seen.len >= 5000);
        assert_memory_equal(seen.octets, plain, 5000);
    }
}

static void
octets_behind_the_packed_data_are_corrupt(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        size_t len = pack(kinds[i], plain, PLAIN_LEN, packed, ROOM);

        memcpy(packed + len, "no member at all", 16);
        unpack(kinds[i], len + 16, ROOM, ROOM);
        assert_int_equal(seen.state, GW_UNPACK_FAILED);
        assert_int_equal(seen.len, PLAIN_LEN);
        assert_string_equal(seen.what, "compressed data is corrupt");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_magic_tells_the_kind),
        cmocka_unit_test(pieces_of_any_size_unpack_to_the_same),
        cmocka_unit_test(members_one_after_the_other_are_one_input),
        cmocka_unit_test(every_cut_gives_what_came_before_and_says_so),
        cmocka_unit_test(corrupt_octets_never_pass_for_a_complete_input),
        cmocka_unit_test(an_error_in_a_late_block_keeps_the_blocks_before),
        cmocka_unit_test(octets_behind_the_packed_data_are_corrupt),
    };

    return cmocka_run_group_tests(tests, make_plain, NULL);
}
