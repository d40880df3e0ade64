/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/textform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
a_name_is_read_into_wire_form(void **state)
{
    static const struct {
        const char *text;
        size_t len; /* of the wire form; 0: no name */
        const char *wire;
    } rows[] = {
        {".", 1, ""},
        {"example", 9, "\7example"},
        {"Example.", 9, "\7example"},
        {"a.b.", 5, "\1a\1b"},
        {"a\\.b.c", 7, "\3a.b\1c"},
        {"\\000x.c", 6, "\2\0x\1c"},
        {"\\046", 3, "\1."},
        {"\\255", 3, "\1\xff"},
        {"", 0, NULL},
        {"..", 0, NULL},
        {"a..b", 0, NULL},
        {".a", 0, NULL},
        {"\\256", 0, NULL},
        {"\\25", 0, NULL},
        {"\\", 0, NULL},
        {"0123456789012345678901234567890123456789012345678901234567890123", 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_name name = {.len = 77};
        const bool read = gw_conf_name(rows[i].text, strlen(rows[i].text), &name);

        if (read != (rows[i].len != 0) ||
            (read && (name.len != rows[i].len || memcmp(name.wire, rows[i].wire, name.len) != 0)))
            fail_msg("'%s': %d, %u octets", rows[i].text, (int)read, name.len);
        assert_true(read || name.len == 77);
    }
}

static void
a_name_has_255_octets_at_most(void **state)
{
    char text[300];
    struct gw_name name;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 2 == 0 ? 'a' : '.';
    assert_true(gw_conf_name(text, 254, &name)); /* 127 labels of one octet */
    assert_int_equal(name.len, 255);
    assert_false(gw_conf_name(text, 255, &name));
    assert_false(gw_conf_name(text, 300, &name));
}

static void
a_prefix_is_read_or_refused(void **state)
{
    static const struct {
        const char *text;
        const char *shown; /* NULL: refused */
    } rows[] = {
        {"192.0.2.1", "192.0.2.1/32"},
        {"192.0.2.0/24", "192.0.2.0/24"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"2001:DB8::/32", "2001:db8::/32"},
        {"::1", "::1/128"},
        {"::/0", "::/0"},
        {"192.0.2.1/24", NULL},
        {"2001:db8::1/64", NULL},
        {"192.0.2.0/33", NULL},
        {"2001:db8::/129", NULL},
        {"192.0.2.0/", NULL},
        {"192.0.2.0/-1", NULL},
        {"192.0.2.0/ 8", NULL},
        {"192.0.2.0/4294967320", NULL},
        {"192.0.2", NULL},
        {"/24", NULL},
        {"", NULL},
        {"example", NULL},
        {"1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25", NULL},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_lists_prefix prefix = {.bits = 0};
        char shown[64] = "";
        const char *problem = gw_conf_prefix(rows[i].text, strlen(rows[i].text), &prefix);

        if (problem == NULL)
            gw_conf_prefix_text(&prefix, shown, sizeof(shown));
        if ((problem == NULL) != (rows[i].shown != NULL) ||
            (problem == NULL && strcmp(shown, rows[i].shown) != 0))
            fail_msg("'%s': %s", rows[i].text, problem == NULL ? shown : problem);
    }
}

static void
a_time_is_read_in_utc(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds; /* -1: no time */
    } rows[] = {
        {"1970-01-01", 0},
        {"2026-01-01", 1767225600},
        {"2026-01-01T00:00:01Z", 1767225601},
        {"2028-02-29", 1835395200},
        {"1767225600", 1767225600},
        {"0", 0},
        {"2026-02-29", -1},
        {"2026-13-01", -1},
        {"2026-01-01T00:00:01", -1},
        {"2026-01-01 00:00:01Z", -1},
        {"2026-01-01T00:00:01Z ", -1},
        {" 2026-01-01", -1},
        {"-1", -1},
        {"99999999999", -1},
        {"1960-01-01", -1},
        {"", -1},
        {"soon", -1},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        int64_t ns = -1;
        const bool read = gw_conf_time(rows[i].text, strlen(rows[i].text), &ns);

        if (read != (rows[i].seconds >= 0) || (read && ns != rows[i].seconds * GW_NS_PER_S))
            fail_msg("'%s': %d, %lld", rows[i].text, (int)read, (long long)ns);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_read_into_wire_form),
        cmocka_unit_test(a_name_has_255_octets_at_most),
        cmocka_unit_test(a_prefix_is_read_or_refused),
        cmocka_unit_test(a_time_is_read_in_utc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
