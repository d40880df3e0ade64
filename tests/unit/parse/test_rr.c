/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/rr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/guard.h"

static struct gw_guard guard;

static int
make_guard(void **state)
{
    (void)state;
    gw_guard_init(&guard, GW_MESSAGE_MAX);
    return 0;
}

static int
drop_guard(void **state)
{
    (void)state;
    gw_guard_done(&guard);
    return 0;
}

/* One record of ANSWER: owner 5 octets (12..16), fixed part 10, RDATA 4 (27..30). */
static const char record[] = "\3com\0\0\1\0\1\0\0\16\20\0\4\300\0\2\1";

#define RECORD_LEN (sizeof(record) - 1)

static struct gw_rr_cursor
cursor_over(const uint8_t *octets, size_t len)
{
    uint8_t message[512] = {0};

    memcpy(message + 12, octets, len);
    return (struct gw_rr_cursor){.msg = gw_guard_copy(&guard, message, 12 + len),
        .len = (uint32_t)(12 + len),
        .pos = 12,
        .left = 1};
}

static void
next_reads_all_fields_and_steps_over_the_record(void **state)
{
    struct gw_rr_cursor cursor = cursor_over((const uint8_t *)record, RECORD_LEN);
    struct gw_rr rr;

    (void)state;
    assert_int_equal(gw_rr_next(&cursor, &rr), GW_OK);
    assert_int_equal(rr.owner_off, 12);
    assert_int_equal(rr.type, GW_TYPE_A);
    assert_int_equal(rr.class, GW_RRCLASS_IN);
    assert_int_equal(rr.ttl_s, 3600);
    assert_int_equal(rr.rdata_off, 27);
    assert_int_equal(rr.rdata_len, 4);
    assert_int_equal(cursor.pos, 12 + RECORD_LEN);
    assert_int_equal(cursor.left, 0);
}

static void
every_prefix_of_a_record_is_cut_and_moves_nothing(void **state)
{
    (void)state;
    for (size_t len = 0; len < RECORD_LEN; len++) {
        struct gw_rr_cursor cursor = cursor_over((const uint8_t *)record, len);
        struct gw_rr rr = {.type = 77};
        const enum gw_why want = len > 0 && len < 5 ? GW_NAME_CUT : GW_RR_CUT;

        assert_int_equal(gw_rr_next(&cursor, &rr), want);
        assert_int_equal(rr.type, 77);
        assert_int_equal(cursor.pos, 12);
        assert_int_equal(cursor.left, 1);
    }
}

static void
a_section_that_was_not_reached_has_no_records(void **state)
{
    uint8_t octets[12] = {0};
    const struct gw_payload payload = {.data = octets, .len = 12};
    struct gw_msg msg = {.payload = &payload, .count = {1, 5, 5, 5}, .section_off = {12, 12, 0, 0}};

    (void)state;
    assert_int_equal(gw_rr_section(&msg, GW_ANSWER).left, 5);
    assert_int_equal(gw_rr_section(&msg, GW_AUTHORITY).left, 0);
    assert_int_equal(gw_rr_section(&msg, GW_ADDITIONAL).left, 0);
}

static void
ttl_with_its_highest_bit_is_zero(void **state)
{
    const uint32_t values[][2] = {
        {0, 0}, {1, 1}, {0x7fffffff, 0x7fffffff}, {0x80000000, 0}, {0xffffffff, 0}};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(values); i++) {
        const struct gw_rr rr = {.ttl_s = values[i][0]};

        assert_int_equal(gw_rr_ttl(&rr), values[i][1]);
    }
}

struct address_row {
    const char *shows;
    struct gw_rr rr;
    bool address;
};

static const struct address_row address_rows[] = {
    {"A", {.type = 1, .class = 1, .rdata_len = 4}, true},
    {"AAAA", {.type = 28, .class = 1, .rdata_len = 16}, true},
    {"A of 5 octets", {.type = 1, .class = 1, .rdata_len = 5}, false},
    {"A of none", {.type = 1, .class = 1, .rdata_len = 0}, false},
    {"AAAA of 4 octets", {.type = 28, .class = 1, .rdata_len = 4}, false},
    {"A of class CH", {.type = 1, .class = 3, .rdata_len = 4}, false},
    {"NS of 4 octets", {.type = 2, .class = 1, .rdata_len = 4}, false},
    {"a type of no octets", {.type = 0, .class = 1, .rdata_len = 0}, false},
};

static void
addresses_have_their_type_class_and_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(address_rows); i++) {
        print_message("  %s\n", address_rows[i].shows);
        assert_int_equal(gw_rr_is_address(&address_rows[i].rr), address_rows[i].address);
    }
}

static void
address_is_copied_with_its_family(void **state)
{
    struct gw_rr_cursor cursor = cursor_over((const uint8_t *)record, RECORD_LEN);
    const uint8_t want[16] = {192, 0, 2, 1};
    struct gw_rr rr;

    (void)state;
    assert_int_equal(gw_rr_next(&cursor, &rr), GW_OK);
    const struct gw_addr addr = gw_rr_address(cursor.msg, &rr);

    assert_int_equal(addr.family, 4);
    assert_memory_equal(addr.octet, want, sizeof(want));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_reads_all_fields_and_steps_over_the_record),
        cmocka_unit_test(every_prefix_of_a_record_is_cut_and_moves_nothing),
        cmocka_unit_test(a_section_that_was_not_reached_has_no_records),
        cmocka_unit_test(ttl_with_its_highest_bit_is_zero),
        cmocka_unit_test(addresses_have_their_type_class_and_length),
        cmocka_unit_test(address_is_copied_with_its_family),
    };

    return cmocka_run_group_tests(tests, make_guard, drop_guard);
}
