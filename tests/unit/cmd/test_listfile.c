/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/listfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/sample_finding.h"

enum list {
    WATCH,
    INTERNAL,
    GROUPS,
    SUPPRESS
};

#define DAY_NS (24 * 3600 * GW_NS_PER_S)

/* Load one list that holds `octets`. */
static int
load(enum list list, const char *octets, size_t len, struct gw_lists **ret_lists,
    struct gw_error_text *ret_error)
{
    char path[] = "/tmp/gluewatch-list-XXXXXX";
    const char *const paths[] = {path};
    const struct gw_conf_paths one = {paths, 1};
    struct gw_conf_list_spec spec = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    const int fd = mkstemp(path);
    int result;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, len), (ssize_t)len);
    close(fd);
    *(list == WATCH        ? &spec.watch
        : list == GROUPS   ? &spec.groups
        : list == INTERNAL ? &spec.internal
                           : &spec.suppress) = one;
    ret_error->text[0] = '\0';
    result = gw_conf_lists_open(&spec, ret_lists, ret_error);
    unlink(path);
    return result;
}

static void
what_is_wrong_is_told_with_its_place(void **state)
{
    static const struct {
        const char *shows;
        enum list list;
        const char *octets;
        size_t len;       /* 0: up to the NUL */
        const char *says; /* NULL: nothing is wrong */
    } rows[] = {
        {"an empty file", WATCH, "", 0, NULL},
        {"blank lines and comments", WATCH, "\n  \t\n# a\n  # b\n", 0, NULL},
        {"a name with a comment", WATCH, "example # why\n", 0, NULL},
        {"a comment in another script", WATCH, "example # caf\303\251\n", 0, NULL},
        {"a last line without an end", WATCH, "example", 0, NULL},
        {"lines as other systems end them", WATCH, "a.example\r\nb.example\r\n", 0, NULL},
        {"no name", WATCH, "example\na..b\n", 0, ":2:1: no domain name"},
        {"two names on a line", WATCH, "a b\n", 0, ":1:3: one entry per line"},
        {"an octet that is no text", WATCH, "a\n b\001\n", 0, ":2:3: an octet"},
        {"a NUL", WATCH, "a\0b\n", 4, ":1:2: an octet"},
        {"a NUL in a comment", WATCH, "a #\0b\n", 6, ":1:4: an octet"},
        {"a name in another script", WATCH, "caf\303\251\n", 0, ":1:4: an octet"},
        {"prefixes and zones", INTERNAL, "10.0.0.0/8\nfc00::/7\ncorp.example\n.\n", 0, NULL},
        {"a prefix with too many bits", INTERNAL, "10.0.0.0/8\n10.1.0.0/8\n", 0,
            ":2:1: the prefix has bits set"},
        {"half a prefix", INTERNAL, "10.0.0/8\n", 0, ":1:1: no address or prefix"},
        {"groups", GROUPS, "a 192.0.2.1 2001:db8::1\nb 192.0.2.2/31\na 192.0.2.9\n", 0, NULL},
        {"a group without a member", GROUPS, "a 192.0.2.1\nb\n", 0, ":2:2: a group without"},
        {"a member that is none", GROUPS, "a 192.0.2.1 ns1\n", 0, ":1:13: no address"},
        {"a prefix in two groups", GROUPS, "a 192.0.2.1\nb 192.0.2.1\n", 0,
            "192.0.2.1/32 is in two groups"},
        {"a rule", SUPPRESS, "kind=glue-* name=example until=2027-01-01 reason=ticket #42\n", 0,
            NULL},
        {"a rule with the file's since", SUPPRESS, "since=2026-01-01\nname=a reason=b\n", 0, NULL},
        {"a rule without a reason", SUPPRESS, "name=a until=2027-01-01\n", 0,
            ": a rule needs a re"},
        {"an empty reason", SUPPRESS, "name=a until=2027-01-01 reason= \n", 0,
            ": a rule needs a reason"},
        {"a rule without an end", SUPPRESS, "\nname=a reason=b\n", 0, ":2:1: a rule needs until="},
        {"a rule about nothing", SUPPRESS, "until=2027-01-01 reason=b\n", 0,
            ":1:1: a rule needs kind="},
        {"a kind that is none", SUPPRESS, "kind=glue-x until=2027-01-01 reason=b\n", 0,
            ":1:6: no kind of finding"},
        {"a kind that is never held back", SUPPRESS,
            "kind=root-mismatch until=2027-01-01 reason=b\n", 0, ":1:6: findings of this kind"},
        {"a key that is none", SUPPRESS, "name=a colour=red reason=b\n", 0, ":1:8: kind=, name="},
        {"a time that is none", SUPPRESS, "name=a until=tomorrow reason=b\n", 0, ":1:14: no time"},
        {"a prefix that is none", SUPPRESS, "address=10.0.0.0/40 reason=b\n", 0,
            ":1:9: the number"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const size_t len = rows[i].len == 0 ? strlen(rows[i].octets) : rows[i].len;
        struct gw_error_text error;
        struct gw_lists *lists = NULL;
        const int result = load(rows[i].list, rows[i].octets, len, &lists, &error);

        if (result != (rows[i].says == NULL ? GW_DONE : GW_E_FORMAT) ||
            (rows[i].says != NULL && strstr(error.text, rows[i].says) == NULL) ||
            (lists == NULL) != (rows[i].says != NULL))
            fail_msg("%s: %d, %s", rows[i].shows, result, error.text);
        gw_lists_free(lists);
    }
}

static void
every_prefix_of_a_list_is_read_or_refused(void **state)
{
    static const char octets[] = "since=2026-01-01\n# x\nkind=glue-* name=foo.example "
                                 "address=10.0.0.0/8 resolver=2001:db8::/32 until=2027-01-01 "
                                 "reason=as ordered\n";
    uint32_t good = 0;

    (void)state;
    for (size_t len = 0; len < sizeof(octets); len++) {
        struct gw_error_text error;
        struct gw_lists *lists = NULL;
        const int result = load(SUPPRESS, octets, len, &lists, &error);

        assert_true(result == GW_DONE || (result == GW_E_FORMAT && error.text[0] != '\0'));
        good += result == GW_DONE;
        gw_lists_free(lists);
    }
    assert_in_range(good, 10, sizeof(octets) - 30);
}

static void
a_long_line_is_refused(void **state)
{
    static char octets[GW_LIST_LINE_MAX + 2];
    struct gw_error_text error;
    struct gw_lists *lists = NULL;

    (void)state;
    memset(octets, ' ', sizeof(octets));
    octets[GW_LIST_LINE_MAX] = '\n';
    assert_int_equal(load(WATCH, octets, GW_LIST_LINE_MAX + 1, &lists, &error), GW_DONE);
    gw_lists_free(lists);
    octets[GW_LIST_LINE_MAX] = ' ';
    octets[GW_LIST_LINE_MAX + 1] = '\n';
    assert_int_equal(load(WATCH, octets, GW_LIST_LINE_MAX + 2, &lists, &error), GW_E_FORMAT);
    assert_non_null(strstr(error.text, ":1:4097: a line longer"));
}

static void
a_rule_ends_ninety_days_after_its_since(void **state)
{
    static const struct {
        const char *shows, *octets;
        int64_t days; /* after 2026-01-01 */
    } rows[] = {
        {"its own until", "kind=glue-* since=2026-01-01 until=2026-01-11 reason=x\n", 10},
        {"its own since", "kind=glue-* since=2026-01-02 reason=x\n", 91},
        {"the file's since", "since=2026-01-01\nkind=glue-* reason=x\n", 90},
        {"its own since before the file's", "since=2020-01-01\nkind=* since=2026-01-01 reason=x\n",
            90},
    };
    struct gw_finding finding;

    (void)state;
    gw_sample_finding(GW_KIND_GLUE_BOGON, &finding);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const int64_t begin_ns = 1767225600 * GW_NS_PER_S;
        struct gw_error_text error;
        struct gw_lists *lists = NULL;

        assert_int_equal(
            load(SUPPRESS, rows[i].octets, strlen(rows[i].octets), &lists, &error), GW_DONE);
        if (gw_lists_suppression(lists, &finding, begin_ns + rows[i].days * DAY_NS - 1) == NULL ||
            gw_lists_suppression(lists, &finding, begin_ns + rows[i].days * DAY_NS) != NULL)
            fail_msg("%s", rows[i].shows);
        gw_lists_free(lists);
    }
}

static void
an_internal_prefix_may_be_given_itself(void **state)
{
    static const char *const paths[] = {"10.0.0.0/8", "/absent/file"};
    struct gw_conf_list_spec spec = {.internal = {paths, 1}};
    const struct gw_addr ten = gw_sample_addr("10.1.2.3");
    const struct gw_addr other = gw_sample_addr("192.0.2.1");
    const struct gw_name cut = gw_sample_name("foo.example");
    struct gw_error_text error;
    struct gw_lists *lists = NULL;

    (void)state;
    assert_int_equal(gw_conf_lists_open(&spec, &lists, &error), GW_DONE);
    assert_true(gw_lists_expects(lists, &ten, &other, &cut));
    assert_false(gw_lists_expects(lists, &other, &other, &cut));
    gw_lists_free(lists);
    spec.internal.count = 2;
    assert_int_equal(gw_conf_lists_open(&spec, &lists, &error), GW_E_OPEN);
    assert_non_null(strstr(error.text, "/absent/file: No such file"));
    assert_null(lists);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(every_prefix_of_a_list_is_read_or_refused),
        cmocka_unit_test(a_long_line_is_refused),
        cmocka_unit_test(a_rule_ends_ninety_days_after_its_since),
        cmocka_unit_test(an_internal_prefix_may_be_given_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
