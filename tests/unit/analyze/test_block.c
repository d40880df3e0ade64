/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/rules.h"
#include "tests/support/observe.h"

/* A block by its first and last address, and by those just outside that are in no block. */
struct row {
    const char *shows;
    const char *before; /* NULL: in another block, or there is none */
    const char *first;
    const char *last;
    const char *after;
    enum gw_rule_block_class class;
    bool lab; /* public with the lab profile */
};

static const struct row rows[] = {
    {"0/8", NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0", GW_BLOCK_SELF, false},
    {"10/8", "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", GW_BLOCK_SPECIAL, false},
    {"100.64/10", "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0",
        GW_BLOCK_SPECIAL, false},
    {"127/8", "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", GW_BLOCK_SELF, false},
    {"169.254/16", "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0",
        GW_BLOCK_SPECIAL, false},
    {"172.16/12", "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", GW_BLOCK_SPECIAL,
        false},
    {"192.0.0/24", "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", GW_BLOCK_SPECIAL,
        false},
    {"192.0.2/24", "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", GW_BLOCK_SPECIAL, true},
    {"192.168/16", "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0",
        GW_BLOCK_SPECIAL, false},
    {"198.18/15", "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", GW_BLOCK_SPECIAL,
        true},
    {"198.51.100/24", "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0",
        GW_BLOCK_SPECIAL, true},
    {"203.0.113/24", "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0",
        GW_BLOCK_SPECIAL, true},
    {"224/4", "223.255.255.255", "224.0.0.0", "239.255.255.255", NULL, GW_BLOCK_SPECIAL, false},
    {"240/4", NULL, "240.0.0.0", "255.255.255.255", NULL, GW_BLOCK_SPECIAL, false},
    {"::", NULL, "::", "::", NULL, GW_BLOCK_SELF, false},
    {"::1", NULL, "::1", "::1", "::2", GW_BLOCK_SELF, false},
    {"mapped", "::fffe:ffff:ffff", "::ffff:1.0.0.0", "::ffff:255.255.255.255", "::1:0:0:0",
        GW_BLOCK_SPECIAL, false},
    {"mapped loopback", NULL, "::ffff:127.0.0.0", "::ffff:127.255.255.255", NULL, GW_BLOCK_SELF,
        false},
    {"mapped 0/8", NULL, "::ffff:0.0.0.0", "::ffff:0.255.255.255", NULL, GW_BLOCK_SELF, false},
    {"local translation", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::", GW_BLOCK_SPECIAL, false},
    {"discard", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100::", "100::ffff:ffff:ffff:ffff",
        "100:0:0:1::", GW_BLOCK_SPECIAL, false},
    {"Teredo", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", GW_BLOCK_SPECIAL, false},
    {"benchmarking", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "2001:2:1::", GW_BLOCK_SPECIAL, true},
    {"documentation", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", GW_BLOCK_SPECIAL, true},
    {"more documentation", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", GW_BLOCK_SPECIAL, true},
    {"segment routing", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::", GW_BLOCK_SPECIAL, false},
    {"unique local", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::", GW_BLOCK_SPECIAL, false},
    {"link local", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::", GW_BLOCK_SPECIAL, false},
    {"multicast", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, GW_BLOCK_SPECIAL, false},
};

static enum gw_rule_block_class
class_of(const char *text, bool lab)
{
    const struct gw_addr addr = gw_observe_addr(text);

    return gw_rule_block_of(&addr, lab).class;
}

static void
a_block_holds_its_first_and_last_address_and_none_beside(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        const enum gw_rule_block_class in_lab = row->lab ? GW_BLOCK_PUBLIC : row->class;

        print_message("%s\n", row->shows);
        assert_int_equal(class_of(row->first, false), row->class);
        assert_int_equal(class_of(row->last, false), row->class);
        assert_int_equal(class_of(row->first, true), in_lab);
        assert_int_equal(class_of(row->last, true), in_lab);
        if (row->before != NULL)
            assert_int_equal(class_of(row->before, false), GW_BLOCK_PUBLIC);
        if (row->after != NULL)
            assert_int_equal(class_of(row->after, false), GW_BLOCK_PUBLIC);
    }
}

static void
only_a_special_block_has_a_name(void **state)
{
    const struct gw_addr special = gw_observe_addr("10.1.2.3");
    const struct gw_addr open = gw_observe_addr("9.9.9.9");

    (void)state;
    assert_non_null(strstr(gw_rule_block_of(&special, false).name, "RFC 1918"));
    assert_null(gw_rule_block_of(&open, false).name);
}

static void
the_unspecified_addresses_are_told_from_loopback(void **state)
{
    static const struct {
        const char *addr;
        bool unspecified;
    } cases[] = {{"0.0.0.0", true}, {"0.1.2.3", true}, {"::", true}, {"::ffff:0.0.0.0", true},
        {"127.0.0.1", false}, {"::1", false}, {"::ffff:127.0.0.1", false}, {"10.0.0.0", false}};

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(cases); i++) {
        const struct gw_addr addr = gw_observe_addr(cases[i].addr);

        print_message("%s\n", cases[i].addr);
        assert_int_equal(gw_rule_block_of(&addr, false).unspecified, cases[i].unspecified);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_holds_its_first_and_last_address_and_none_beside),
        cmocka_unit_test(only_a_special_block_has_a_name),
        cmocka_unit_test(the_unspecified_addresses_are_told_from_loopback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
