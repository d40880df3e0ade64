/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/guard.h"

#define TEXT(octets) (const uint8_t *)(octets), sizeof(octets) - 1

/* Twelve octets that stand for a header. */
#define HEADER "HEADERHEADER"

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

struct skip_row {
    const char *shows;
    const uint8_t *octets;
    size_t len;
    enum gw_why why;
    uint32_t end;
};

static const struct skip_row skip_rows[] = {
    {"the root", TEXT("\0"), GW_OK, 1},
    {"labels and the root", TEXT("\2ns\3com\0"), GW_OK, 8},
    {"ends in a pointer", TEXT("\2ns\300\014"), GW_OK, 5},
    {"a pointer alone", TEXT("\300\014"), GW_OK, 2},
    {"what follows does not matter", TEXT("\1a\0\377"), GW_OK, 3},
    {"half a pointer", TEXT("\300"), GW_NAME_CUT, 0},
    {"nothing", TEXT(""), GW_NAME_CUT, 0},
    {"label past the end", TEXT("\5com"), GW_NAME_CUT, 0},
    {"no root label", TEXT("\3com"), GW_NAME_CUT, 0},
    {"label type 01", TEXT("\100com\0"), GW_LABEL_TYPE, 0},
    {"label type 10", TEXT("\1a\200"), GW_LABEL_TYPE, 0},
};

static void
skip_says_where_a_name_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(skip_rows); i++) {
        const struct skip_row *row = &skip_rows[i];
        const uint8_t *copy = gw_guard_copy(&guard, row->octets, row->len);
        uint32_t end = 0;

        print_message("  %s\n", row->shows);
        assert_int_equal(gw_name_skip(copy, (uint32_t)row->len, 0, &end), row->why);
        assert_int_equal(end, row->end);
    }
}

struct read_row {
    const char *shows;
    const uint8_t *octets; /* after the header */
    size_t len;
    uint32_t off; /* from the header */
    enum gw_why why;
    const char *name; /* canonical octets, without the root label */
    uint32_t end;
};

static const struct read_row read_rows[] = {
    {"the root", TEXT("\0"), 12, GW_OK, "", 13},
    {"a plain name", TEXT("\3foo\7example\0"), 12, GW_OK, "\3foo\7example", 25},
    {"letters are folded", TEXT("\3FoO\2aZ\0"), 12, GW_OK, "\3foo\2az", 20},
    {"only letters are folded", TEXT("\5@[`{\300\0"), 12, GW_OK, "\5@[`{\300", 19},
    {"a pointer", TEXT("\3com\0\1a\300\014"), 17, GW_OK, "\1a\3com", 21},
    {"a pointer to a pointer", TEXT("\3com\0\1a\300\014\1b\300\021"), 21, GW_OK, "\1b\1a\3com", 25},
    {"a pointer to the root", TEXT("\0\1a\300\014"), 13, GW_OK, "\1a", 17},
    {"a pointer to itself", TEXT("\300\014"), 12, GW_POINTER_FORWARD, NULL, 0},
    {"a pointer forward", TEXT("\300\016\1a\0"), 12, GW_POINTER_FORWARD, NULL, 0},
    {"a pointer into its own labels", TEXT("\1a\300\014"), 12, GW_POINTER_FORWARD, NULL, 0},
    {"two pointers to each other", TEXT("\1a\300\020\1b\300\014"), 16, GW_POINTER_FORWARD, NULL, 0},
    {"a pointer into the header", TEXT("\300\013"), 12, GW_POINTER_HEADER, NULL, 0},
    {"a pointer to the first octet", TEXT("\300\000"), 12, GW_POINTER_HEADER, NULL, 0},
    {"half a pointer", TEXT("\1a\300"), 12, GW_NAME_CUT, NULL, 0},
    {"a label past the end", TEXT("\77com\0"), 12, GW_NAME_CUT, NULL, 0},
    {"label type 01 behind a pointer", TEXT("\100\300\014"), 13, GW_LABEL_TYPE, NULL, 0},
    {"label type 10", TEXT("\200\0"), 12, GW_LABEL_TYPE, NULL, 0},
};

static const uint8_t *
copy_with_header(const uint8_t *octets, size_t len)
{
    static uint8_t message[GW_MESSAGE_MAX];

    memcpy(message, HEADER, GW_HEADER_LEN);
    memcpy(message + GW_HEADER_LEN, octets, len);
    return gw_guard_copy(&guard, message, GW_HEADER_LEN + len);
}

static void
check_read_row(const struct read_row *row)
{
    const uint8_t *copy = copy_with_header(row->octets, row->len);
    struct gw_name_reader reader = gw_name_reader_make(copy, GW_HEADER_LEN + (uint32_t)row->len);
    struct gw_name name = {.len = 0};
    uint32_t end = 0;
    uint32_t check_end = 0;

    print_message("  %s\n", row->shows);
    assert_int_equal(gw_name_canonical(&reader, row->off, &name, &end), row->why);
    assert_int_equal(gw_name_check(&reader, row->off, &check_end), row->why);
    assert_int_equal(end, row->end);
    assert_int_equal(check_end, row->end);
    if (row->why != GW_OK) {
        assert_int_equal(name.len, 0);
        return;
    }
    assert_int_equal(name.len, strlen(row->name) + 1);
    assert_memory_equal(name.wire, row->name, name.len);
}

static void
canonical_unfolds_compression_and_folds_letters(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(read_rows); i++)
        check_read_row(&read_rows[i]);
}

/* Reads a name of labels of 63 octets, then one of @p last (0: none), then the root. */
static enum gw_why
read_long_name(uint32_t labels, uint32_t last, struct gw_name *name, enum gw_why *ret_skip)
{
    uint8_t octets[512];
    uint32_t len = 0;
    uint32_t end = 0;

    for (uint32_t i = 0; i < labels; i++) {
        octets[len] = 63;
        memset(octets + len + 1, 'X', 63);
        len += 64;
    }
    if (last > 0) {
        octets[len] = (uint8_t)last;
        memset(octets + len + 1, 'y', last);
        len += 1 + last;
    }
    octets[len++] = 0;

    const uint8_t *copy = copy_with_header(octets, len);
    struct gw_name_reader reader = gw_name_reader_make(copy, GW_HEADER_LEN + len);

    *ret_skip = gw_name_skip(copy, GW_HEADER_LEN + len, GW_HEADER_LEN, &end);
    return gw_name_canonical(&reader, GW_HEADER_LEN, name, &end);
}

static void
names_have_at_most_255_octets(void **state)
{
    struct gw_name name = {.len = 0};
    enum gw_why skip = GW_OK;

    (void)state;
    assert_int_equal(read_long_name(3, 61, &name, &skip), GW_OK);
    assert_int_equal(skip, GW_OK);
    assert_int_equal(name.len, 255);
    assert_int_equal(read_long_name(3, 62, &name, &skip), GW_NAME_LONG);
    assert_int_equal(skip, GW_NAME_LONG);
    assert_int_equal(read_long_name(4, 0, &name, &skip), GW_NAME_LONG);
    assert_int_equal(skip, GW_NAME_LONG);
}

static void
names_may_have_127_labels_and_not_128(void **state)
{
    (void)state;
    for (uint32_t labels = 127; labels <= 128; labels++) {
        uint8_t octets[2 * 128 + 1];
        struct gw_name name;
        uint32_t end = 0;

        for (uint32_t i = 0; i < labels; i++)
            memcpy(octets + 2 * i, "\1a", 2);
        octets[2 * labels] = 0;

        const uint8_t *copy = copy_with_header(octets, 2 * labels + 1);
        struct gw_name_reader reader = gw_name_reader_make(copy, GW_HEADER_LEN + 2 * labels + 1);

        assert_int_equal(gw_name_canonical(&reader, GW_HEADER_LEN, &name, &end),
            labels == 127 ? GW_OK : GW_NAME_LONG);
    }
}

/* A name that grows over 255 octets only by what its pointer leads to. */
static void
compression_does_not_hide_length(void **state)
{
    uint8_t octets[512];
    uint32_t len = 0;
    uint32_t end = 0;

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        octets[len] = 63;
        memset(octets + len + 1, 'x', 63);
        len += 64;
    }
    octets[len++] = 0;
    const uint32_t second = GW_HEADER_LEN + len;
    octets[len] = 63;
    memset(octets + len + 1, 'y', 63);
    memcpy(octets + len + 64, "\300\014", 2);
    len += 66;

    const uint8_t *copy = copy_with_header(octets, len);
    struct gw_name_reader reader = gw_name_reader_make(copy, GW_HEADER_LEN + len);

    assert_int_equal(gw_name_check(&reader, second, &end), GW_NAME_LONG);
}

/* A name of 253 octets, then names of one label and a pointer to it: checked before or not. */
static void
known_names_keep_their_length_and_cost(void **state)
{
    uint8_t octets[512];
    uint32_t len = 0;

    (void)state;
    for (uint32_t i = 0; i < 126; i++) {
        memcpy(octets + len, "\1a", 2);
        len += 2;
    }
    octets[len++] = 0;
    const uint32_t fits = GW_HEADER_LEN + len;
    memcpy(octets + len, "\1b\300\014\2bb\300\014\300\014", 11);
    const uint32_t too_long = fits + 4;
    const uint32_t pointer = fits + 9;

    const uint8_t *copy = copy_with_header(octets, len + 11);
    struct gw_name_reader fresh = gw_name_reader_make(copy, GW_HEADER_LEN + len + 11);
    struct gw_name_reader knowing = fresh;
    const uint32_t places[] = {fits, pointer, too_long};
    uint32_t end = 0;

    assert_int_equal(gw_name_check(&knowing, GW_HEADER_LEN, &end), GW_OK);
    knowing.work = fresh.work;
    for (size_t i = 0; i < GW_ARRAY_LEN(places); i++) {
        const enum gw_why want = places[i] == too_long ? GW_NAME_LONG : GW_OK;
        struct gw_name_reader reader = fresh;

        assert_int_equal(gw_name_check(&reader, places[i], &end), want);
        assert_int_equal(gw_name_check(&knowing, places[i], &end), want);
        if (want == GW_OK)
            assert_int_equal(fresh.work - reader.work, places[i] == fits ? 257 : 255);
    }
    assert_int_equal(gw_name_check(&knowing, pointer, &end), GW_OK);
    assert_int_equal(end, pointer + 2);
    assert_true(fresh.work - knowing.work >= 257 + 255 + 255);
    knowing.work = 254;
    assert_int_equal(gw_name_check(&knowing, pointer, &end), GW_WORK);
}

/* A chain of pointers: the first label at 12, then pointers, each to the one before. */
static void
twenty_pointers_are_followed_and_no_more(void **state)
{
    uint8_t octets[3 + 2 * (GW_POINTERS_MAX + 1)] = {1, 'a', 0};
    uint32_t end = 0;

    (void)state;
    for (uint32_t i = 0; i <= GW_POINTERS_MAX; i++) {
        octets[3 + 2 * i] = 0xc0;
        octets[4 + 2 * i] = (uint8_t)(i == 0 ? 12 : 13 + 2 * i);
    }
    const uint8_t *copy = copy_with_header(octets, sizeof(octets));
    struct gw_name_reader reader =
        gw_name_reader_make(copy, GW_HEADER_LEN + (uint32_t)sizeof(octets));
    const uint32_t last = GW_HEADER_LEN + (uint32_t)sizeof(octets) - 2;

    assert_int_equal(gw_name_check(&reader, last - 2, &end), GW_OK);
    assert_int_equal(end, last);
    assert_int_equal(gw_name_check(&reader, last, &end), GW_POINTERS);
    assert_int_equal(gw_name_start(copy, reader.len, last), GW_HEADER_LEN);
}

static void
reading_ends_when_the_budget_is_spent(void **state)
{
    const uint8_t *copy = copy_with_header((const uint8_t *)"\3foo\7example", 13);
    struct gw_name_reader reader = {.msg = copy, .len = GW_HEADER_LEN + 13, .work = 13};
    struct gw_name name;
    uint32_t end = 0;

    (void)state;
    assert_int_equal(gw_name_canonical(&reader, GW_HEADER_LEN, &name, &end), GW_OK);
    assert_int_equal(reader.work, 0);
    assert_int_equal(gw_name_canonical(&reader, GW_HEADER_LEN, &name, &end), GW_WORK);
    reader.work = 12;
    assert_int_equal(gw_name_canonical(&reader, GW_HEADER_LEN, &name, &end), GW_WORK);
    assert_int_equal(gw_name_reader_make(copy, 100).work, 8 * 100 + 1000);
}

static void
every_prefix_of_a_name_is_cut(void **state)
{
    static const char octets[] = "\3foo\7example";

    (void)state;
    for (uint32_t len = 0; len < sizeof(octets); len++) {
        const uint8_t *copy = copy_with_header((const uint8_t *)octets, len);
        struct gw_name_reader reader = gw_name_reader_make(copy, GW_HEADER_LEN + len);
        uint32_t end = 0;

        assert_int_equal(gw_name_check(&reader, GW_HEADER_LEN, &end), GW_NAME_CUT);
        assert_int_equal(gw_name_skip(copy, GW_HEADER_LEN + len, GW_HEADER_LEN, &end), GW_NAME_CUT);
    }
}

struct under_row {
    const char *name;
    const char *zone;
    bool under;
    bool strictly;
};

static const struct under_row under_rows[] = {
    {"", "", true, false},
    {"\3com", "", true, true},
    {"", "\3com", false, false},
    {"\3com", "\3com", true, false},
    {"\1a\3com", "\3com", true, true},
    {"\1a\1b\3com", "\3com", true, true},
    {"\3com", "\1a\3com", false, false},
    {"\4xcom", "\3com", false, false},   /* a suffix of octets, not of labels */
    {"\5a\3com", "\3com", false, false}, /* "com" inside a label */
    {"\3com", "\3net", false, false},
    {"\1a\3com", "\1b\3com", false, false},
};

static struct gw_name
make_name(const char *octets)
{
    struct gw_name name = {.len = (uint8_t)(strlen(octets) + 1)};

    memcpy(name.wire, octets, name.len);
    return name;
}

static void
under_compares_whole_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(under_rows); i++) {
        const struct gw_name name = make_name(under_rows[i].name);
        const struct gw_name zone = make_name(under_rows[i].zone);

        assert_int_equal(gw_name_under(&name, &zone), under_rows[i].under);
        assert_int_equal(gw_name_strictly_under(&name, &zone), under_rows[i].strictly);
    }
}

static void
parent_drops_the_first_label(void **state)
{
    const struct gw_name child = make_name("\3foo\7example");
    const struct gw_name zone = make_name("\7example");
    const struct gw_name root = make_name("");
    struct gw_name parent = gw_name_parent(&child);

    (void)state;
    assert_true(gw_name_equal(&parent, &zone));
    parent = gw_name_parent(&zone);
    assert_true(gw_name_equal(&parent, &root));
    parent = gw_name_parent(&root);
    assert_true(gw_name_equal(&parent, &root));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skip_says_where_a_name_ends),
        cmocka_unit_test(canonical_unfolds_compression_and_folds_letters),
        cmocka_unit_test(names_have_at_most_255_octets),
        cmocka_unit_test(names_may_have_127_labels_and_not_128),
        cmocka_unit_test(compression_does_not_hide_length),
        cmocka_unit_test(known_names_keep_their_length_and_cost),
        cmocka_unit_test(twenty_pointers_are_followed_and_no_more),
        cmocka_unit_test(reading_ends_when_the_budget_is_spent),
        cmocka_unit_test(every_prefix_of_a_name_is_cut),
        cmocka_unit_test(under_compares_whole_labels),
        cmocka_unit_test(parent_drops_the_first_label),
    };

    return cmocka_run_group_tests(tests, make_guard, drop_guard);
}
