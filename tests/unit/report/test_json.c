/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/json.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define LIMIT (1u << 20)

static int
set_up(void **state)
{
    static struct gw_json json;

    *state = &json;
    return gw_json_init(&json, LIMIT);
}

static int
tear_down(void **state)
{
    gw_json_done(*state);
    return 0;
}

/* Read back what was written. */
static json_t *
parsed(const struct gw_json *json)
{
    json_error_t error;
    json_t *root = json_loadb(
        json->data, json->len, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

    if (root == NULL)
        fail_msg("%s in %.*s", error.text, (int)json->len, json->data);
    for (size_t i = 0; i < json->len; i++)
        assert_true(json->data[i] >= 0x20 && json->data[i] < 0x7f);
    return root;
}

static void
every_octet_of_ascii_comes_back(void **state)
{
    struct gw_json *json = *state;

    for (uint32_t octet = 0; octet < 0x80; octet++) {
        const char text[3] = {'a', (char)octet, 'z'};

        gw_json_reset(json);
        gw_json_octets(json, text, sizeof(text));

        json_t *root = parsed(json);

        assert_int_equal(json_string_length(root), sizeof(text));
        assert_memory_equal(json_string_value(root), text, sizeof(text));
        json_decref(root);
    }
}

static void
text_keeps_its_meaning_and_the_rest_is_replaced(void **state)
{
    static const struct {
        const char *shows;
        const char *in;
        const char *out;
    } rows[] = {
        {"nothing", "", ""},
        {"two octets", "\303\244", "\303\244"},
        {"U+2028, which ends a line in scripts", "\342\200\250", "\342\200\250"},
        {"U+202E, which turns text around", "\342\200\256", "\342\200\256"},
        {"a surrogate pair", "\360\237\230\200", "\360\237\230\200"},
        {"the last code point", "\364\217\277\277", "\364\217\277\277"},
        {"past the last code point", "\364\220\200\200",
            "\357\277\275\357\277\275\357\277\275\357\277\275"},
        {"a lone continuation", "a\200b", "a\357\277\275b"},
        {"a start without continuation", "\303", "\357\277\275"},
        {"too long a form of a slash", "\300\257", "\357\277\275\357\277\275"},
        {"too long a form in three octets", "\340\200\257", "\357\277\275\357\277\275\357\277\275"},
        {"half of a pair", "\355\240\200", "\357\277\275\357\277\275\357\277\275"},
        {"cut at the end", "ab\360\237\230", "ab\357\277\275\357\277\275\357\277\275"},
        {"0xff", "\377\376", "\357\277\275\357\277\275"},
    };
    struct gw_json *json = *state;

    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_json_reset(json);
        gw_json_string(json, rows[i].in);

        json_t *root = parsed(json);

        if (strcmp(json_string_value(root), rows[i].out) != 0)
            fail_msg("%s: %.*s", rows[i].shows, (int)json->len, json->data);
        json_decref(root);
    }
}

static void
markup_never_appears(void **state)
{
    struct gw_json *json = *state;

    gw_json_string(json, "</script>&<!--");
    assert_null(memchr(json->data, '<', json->len));
    assert_null(memchr(json->data, '>', json->len));
    assert_null(memchr(json->data, '&', json->len));
    json_decref(parsed(json));
}

static void
numbers_are_written_exactly(void **state)
{
    static const struct {
        double value;
        uint32_t decimals;
        const char *text;
    } rows[] = {{0, 0, "0"}, {0, 3, "0.000"}, {-0.0004, 3, "0.000"}, {-0.5, 1, "-0.5"},
        {0.957, 3, "0.957"}, {2.345678, 2, "2.35"}, {1209600, 3, "1209600.000"},
        {1e300, 1, "9000000000000.0"}, {-1e300, 0, "-9000000000000"}, {HUGE_VAL, 2, "null"},
        {-HUGE_VAL, 2, "null"}, {(double)NAN, 2, "null"}, {9.999, 2, "10.00"},
        {1e-9, 6, "0.000000"}, {0.05, 2, "0.05"}};
    struct gw_json *json = *state;

    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists, a comma would show */
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_json_reset(json);
        gw_json_fixed(json, rows[i].value, rows[i].decimals);
        if (json->len != strlen(rows[i].text) || memcmp(json->data, rows[i].text, json->len) != 0)
            fail_msg("%s: %.*s", rows[i].text, (int)json->len, json->data);
    }
    (void)setlocale(LC_ALL, "C");
    gw_json_reset(json);
    gw_json_array_begin(json);
    gw_json_u64(json, 0);
    gw_json_u64(json, UINT64_MAX);
    gw_json_i64(json, INT64_MIN);
    gw_json_i64(json, INT64_MAX);
    gw_json_bool(json, true);
    gw_json_bool(json, false);
    gw_json_null(json);
    gw_json_array_end(json);
    assert_memory_equal(json->data,
        "[0,18446744073709551615,-9223372036854775808,9223372036854775807,true,false,null]",
        json->len);
}

static void
objects_and_arrays_nest(void **state)
{
    static const char expected[] =
        "{\"a\":[],\"b\":{},\"c\":[1,[2,3],{\"d\":\"e\",\"f\":0.5}],\"g\":true}";
    struct gw_json *json = *state;

    gw_json_object_begin(json);
    gw_json_put_array(json, "a");
    gw_json_array_end(json);
    gw_json_put_object(json, "b");
    gw_json_object_end(json);
    gw_json_put_array(json, "c");
    gw_json_u64(json, 1);
    gw_json_array_begin(json);
    gw_json_u64(json, 2);
    gw_json_u64(json, 3);
    gw_json_array_end(json);
    gw_json_object_begin(json);
    gw_json_put_string(json, "d", "e");
    gw_json_put_fixed(json, "f", 0.5, 1);
    gw_json_object_end(json);
    gw_json_array_end(json);
    gw_json_put_bool(json, "g", true);
    gw_json_object_end(json);
    assert_int_equal(json->len, sizeof(expected) - 1);
    assert_memory_equal(json->data, expected, json->len);
    json_decref(parsed(json));
}

static void
lines_follow_each_other(void **state)
{
    struct gw_json *json = *state;

    gw_json_u64(json, 1);
    gw_json_line(json);
    gw_json_u64(json, 2);
    gw_json_line(json);
    assert_int_equal(json->len, 4);
    assert_memory_equal(json->data, "1\n2\n", 4);
}

static void
a_full_buffer_says_so_and_holds(void **state)
{
    struct gw_json *json = *state;

    gw_json_array_begin(json);
    for (uint32_t i = 0; i < LIMIT; i++)
        gw_json_u64(json, 1234567);
    gw_json_array_end(json);
    assert_true(json->full);
    assert_true(json->len <= LIMIT);
    gw_json_reset(json);
    gw_json_u64(json, 7);
    assert_false(json->full);
    assert_int_equal(json->len, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_octet_of_ascii_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            text_keeps_its_meaning_and_the_rest_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(markup_never_appears, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_written_exactly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(objects_and_arrays_nest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_follow_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_buffer_says_so_and_holds, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
