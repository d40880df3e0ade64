/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sample_finding.h"

static void
a_name_has_no_final_dot_except_the_root(void **state)
{
    static const struct {
        const char *shows;
        const char *wire;
        size_t len;
        const char *text;
    } rows[] = {
        {"absent", "", 0, ""},
        {"root", "\0", 1, "."},
        {"one label", "\3com", 5, "com"},
        {"two labels", "\2ns\3com", 8, "ns.com"},
        {"a dot inside a label", "\3a.b\3com", 9, "a\\.b.com"},
        {"a backslash", "\1\\", 3, "\\\\"},
        {"what zone files give a meaning", "\6\";()@$", 8, "\\\"\\;\\(\\)\\@\\$"},
        {"space, NUL and delete", "\3 \0\177", 5, "\\032\\000\\127"},
        {"octets over 127", "\2\200\377", 4, "\\128\\255"},
        {"a label that runs past the end", "\5ab", 3, "ab"},
        {"octets after the root label", "\1a\0\1b", 5, "a"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        char text[GW_ESCAPE_NAME_SIZE];
        const size_t len = gw_escape_name((const uint8_t *)rows[i].wire, rows[i].len, text);

        if (strcmp(text, rows[i].text) != 0 || len != strlen(text))
            fail_msg("%s: \"%s\"", rows[i].shows, text);
    }
}

static bool
is_clean(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= 0x20 || *text >= 0x7f)
            return false;
    }
    return true;
}

/* Escape, read back, compare; folding of letters is the only difference allowed. */
static void
check_round_trip(const struct gw_name *name)
{
    char text[GW_ESCAPE_NAME_SIZE];
    const size_t len = gw_escape_name(name->wire, name->len, text);
    struct gw_name back;

    assert_true(is_clean(text));
    assert_true(gw_escape_parse_name(text, len, &back));
    assert_int_equal(back.len, name->len);
    for (uint32_t i = 0; i < name->len; i++) {
        uint8_t octet = name->wire[i];

        if (octet >= 'A' && octet <= 'Z')
            octet = (uint8_t)(octet + 32);
        assert_int_equal(back.wire[i], octet);
    }
}

static void
every_octet_comes_back(void **state)
{
    (void)state;
    for (uint32_t octet = 0; octet < 256; octet++) {
        struct gw_name name = {.len = 7, .wire = {1, (uint8_t)octet, 3, 'x', (uint8_t)octet, 'y'}};

        check_round_trip(&name);
    }
}

static void
the_longest_names_fit_and_come_back(void **state)
{
    struct gw_name name = {.len = 255};
    char text[GW_ESCAPE_NAME_SIZE];

    (void)state;
    for (uint32_t i = 0; i < GW_SAMPLE_NASTY_COUNT; i++) {
        gw_sample_nasty_name(i, 0xff, &name);
        assert_int_equal(name.len, 255);
        check_round_trip(&name);
    }
    gw_sample_nasty_name(2, 0, &name);
    assert_int_equal(gw_escape_name(name.wire, name.len, text), 1003);
    for (uint32_t i = 0; i < 127; i++) {
        name.wire[2 * i] = 1;
        name.wire[2 * i + 1] = (uint8_t)i;
    }
    check_round_trip(&name);
}

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void
random_names_come_back(void **state)
{
    uint64_t seed = 0x9e3779b97f4a7c15;

    (void)state;
    for (uint32_t round = 0; round < 20000; round++) {
        struct gw_name name = {0};
        const uint32_t most = (uint32_t)(next_random(&seed) % 254);

        while (name.len < most) {
            uint32_t len = 1 + (uint32_t)(next_random(&seed) % 63);

            if (name.len + len + 2 > GW_NAME_MAX)
                len = GW_NAME_MAX - 2u - name.len;
            if (len == 0)
                break;
            name.wire[name.len++] = (uint8_t)len;
            while (len-- > 0)
                name.wire[name.len++] = (uint8_t)next_random(&seed);
        }
        name.wire[name.len++] = 0;
        check_round_trip(&name);
    }
}

static void
what_is_no_name_is_refused(void **state)
{
    static const struct {
        const char *shows;
        const char *text;
        bool good;
    } rows[] = {
        {"empty", "", false},
        {"root", ".", true},
        {"a final dot", "a.b.", true},
        {"capitals", "NS1.Example", true},
        {"two final dots", "a..", false},
        {"an empty label", "a..b", false},
        {"a dot in front", ".a", false},
        {"a bare backslash at the end", "a\\", false},
        {"two digits", "a\\01", false},
        {"two digits and a letter", "a\\01x", false},
        {"a number over 255", "a\\256", false},
        {"the largest number", "a\\255", true},
        {"a space", "a b", false},
        {"a quote that is not escaped", "a\"b", false},
        {"an escaped letter", "\\a", true},
        {"an escaped space, not as a number", "\\ ", false},
        {"63 octets", "123456789012345678901234567890123456789012345678901234567890123", true},
        {"64 octets", "1234567890123456789012345678901234567890123456789012345678901234", false},
    };
    struct gw_name name;
    char text[512];

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        if (gw_escape_parse_name(rows[i].text, strlen(rows[i].text), &name) != rows[i].good)
            fail_msg("%s", rows[i].shows);
    }
    for (uint32_t i = 0; i < 127; i++)
        memcpy(text + 2 * i, "a.", 2);
    assert_true(gw_escape_parse_name(text, 254, &name));
    assert_int_equal(name.len, 255);
    memcpy(text + 254, "a.", 2);
    assert_false(gw_escape_parse_name(text, 256, &name));
    memcpy(text + 250, "bcd", 3);
    assert_false(gw_escape_parse_name(text, 255, &name));
}

static void
a_unit_is_a_whole_escape(void **state)
{
    (void)state;
    assert_int_equal(gw_escape_unit("a", 1), 1);
    assert_int_equal(gw_escape_unit("\\123", 4), 4);
    assert_int_equal(gw_escape_unit("\\.x", 3), 2);
    assert_int_equal(gw_escape_unit("\\", 1), 1);
    assert_int_equal(gw_escape_unit("\\12", 3), 3);
}

static void
addresses_are_written_as_rfc_5952_says(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"2001:0DB8:0000:0000:0000:0000:0000:0011", "2001:db8::11"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"::", "::"},
        {"::1", "::1"},
    };
    const struct gw_addr never = {0};
    char text[GW_ESCAPE_ADDR_SIZE];

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_addr addr = gw_sample_addr(rows[i].in);

        (void)gw_escape_addr(&addr, text);
        assert_string_equal(text, rows[i].out);
    }
    assert_int_equal(gw_escape_addr(&never, text), 1);
    assert_string_equal(text, "-");
}

static void
times_are_exact_over_the_whole_range(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {-86400 * GW_NS_PER_S, "1969-12-31T00:00:00.000000000Z"},
        {951782400 * GW_NS_PER_S, "2000-02-29T00:00:00.000000000Z"},
        {1795399499120000001, "2026-11-23T02:04:59.120000001Z"},
        {4107542399 * GW_NS_PER_S, "2100-02-28T23:59:59.000000000Z"},
        {4107542400 * GW_NS_PER_S, "2100-03-01T00:00:00.000000000Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        char text[GW_ESCAPE_TIME_SIZE];

        assert_int_equal(gw_escape_time(rows[i].ns, text), 30);
        assert_string_equal(text, rows[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_no_final_dot_except_the_root),
        cmocka_unit_test(every_octet_comes_back),
        cmocka_unit_test(the_longest_names_fit_and_come_back),
        cmocka_unit_test(random_names_come_back),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(a_unit_is_a_whole_escape),
        cmocka_unit_test(addresses_are_written_as_rfc_5952_says),
        cmocka_unit_test(times_are_exact_over_the_whole_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
