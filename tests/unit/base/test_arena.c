/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

#define BUDGET (1024u * 1024u)

static int
setup(void **state)
{
    static struct gw_arena arena;

    *state = &arena;
    return gw_arena_init(&arena, BUDGET) == GW_DONE ? 0 : -1;
}

static int
teardown(void **state)
{
    gw_arena_done(*state);
    return 0;
}

static void
sizes_are_rounded_up_by_a_quarter_at_most(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 1024 * 1024; len += 1 + len / 7) {
        const size_t size = gw_arena_size(len);

        assert_true(size >= len);
        assert_true(size <= (len + 15) / 16 * 16 + len / 4);
        assert_int_equal(gw_arena_size(size), size);
    }
}

static void
pieces_are_zeroed_and_do_not_overlap(void **state)
{
    struct gw_arena *arena = *state;
    gw_arena_ref ref[64];

    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 64; i++) {
            const size_t len = 1 + i * 37;

            ref[i] = gw_arena_take(arena, len);
            assert_int_not_equal(ref[i], 0);
            for (size_t at = 0; at < len; at++)
                assert_int_equal(((uint8_t *)gw_arena_at(arena, ref[i]))[at], 0);
            memset(gw_arena_at(arena, ref[i]), (int)i + 1, len);
        }
        for (uint32_t i = 0; i < 64; i++) {
            assert_int_equal(((uint8_t *)gw_arena_at(arena, ref[i]))[i * 37], i + 1);
            gw_arena_free(arena, ref[i], 1 + i * 37);
        }
        assert_int_equal(arena->used, 0);
    }
}

static void
the_budget_is_the_lid_and_freed_pieces_come_back(void **state)
{
    struct gw_arena *arena = *state;
    gw_arena_ref first = gw_arena_take(arena, 4096);
    uint32_t taken = 1;
    gw_arena_ref ref;

    while ((ref = gw_arena_take(arena, 4096)) != 0)
        taken++;
    assert_int_equal(taken, BUDGET / 4096);
    assert_int_equal(arena->used, BUDGET);
    gw_arena_free(arena, first, 4096);
    assert_int_equal(gw_arena_take(arena, 4096), first);
    assert_int_equal(gw_arena_take(arena, 1), 0);
}

/* Large pieces once freed must not keep small ones from being had. */
static void
freed_pieces_are_cut_up_when_the_range_is_used_up(void **state)
{
    static const size_t lens[] = {100000, 4096, 1000, 144, 16};
    struct gw_arena *arena = *state;
    gw_arena_ref *ref = test_malloc(sizeof(*ref) * (BUDGET / 16));

    for (size_t i = 0; i < 4 * GW_ARRAY_LEN(lens); i++) {
        const size_t len = lens[i % GW_ARRAY_LEN(lens)];
        const size_t fit = BUDGET / gw_arena_size(len);
        size_t count = 0;

        while (count < fit && (ref[count] = gw_arena_take(arena, len)) != 0) {
            uint8_t *piece = gw_arena_at(arena, ref[count]);

            assert_int_equal(piece[0], 0);
            assert_int_equal(piece[len - 1], 0);
            memset(piece, 0xa5, gw_arena_size(len));
            count++;
        }
        assert_true(i >= GW_ARRAY_LEN(lens) || count == fit);
        while (count > 0)
            gw_arena_free(arena, ref[--count], len);
        assert_int_equal(arena->used, 0);
    }
    test_free(ref);
}

static void
no_piece_is_the_reference_zero(void **state)
{
    struct gw_arena *arena = *state;

    assert_int_not_equal(gw_arena_take(arena, 1), 0);
    gw_arena_free(arena, 0, 1);
    assert_int_equal(arena->used, 16);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sizes_are_rounded_up_by_a_quarter_at_most, setup, teardown),
        cmocka_unit_test_setup_teardown(pieces_are_zeroed_and_do_not_overlap, setup, teardown),
        cmocka_unit_test_setup_teardown(
            the_budget_is_the_lid_and_freed_pieces_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(
            freed_pieces_are_cut_up_when_the_range_is_used_up, setup, teardown),
        cmocka_unit_test_setup_teardown(no_piece_is_the_reference_zero, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
