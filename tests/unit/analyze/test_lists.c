/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/observe.h"

static struct gw_name
name_of(const char *text)
{
    struct gw_name name = {0};

    name.len = gw_observe_name(text, name.wire);
    return name;
}

static struct gw_lists_prefix
prefix_of(const char *addr, uint8_t bits)
{
    return (struct gw_lists_prefix){gw_observe_addr(addr), bits};
}

static void
seal(struct gw_lists *lists)
{
    struct gw_lists_prefix twice;

    assert_int_equal(gw_lists_seal(lists, &twice), GW_DONE);
}

static void
a_watched_name_covers_what_is_below_it(void **state)
{
    static const struct {
        const char *shows, *name;
        bool watched;
    } rows[] = {
        {"the name itself", "bank.example", true},
        {"a delegation below it", "a.b.bank.example", true},
        {"its parent", "example", false},
        {"a name that ends alike", "mybank.example", false},
        {"another name of the list", "gov.test", true},
        {"the root", ".", false},
        {"a sibling", "bank.test", false},
    };
    struct gw_lists *lists = gw_lists_new();
    const struct gw_name bank = name_of("bank.example");
    const struct gw_name gov = name_of("gov.test");

    (void)state;
    assert_int_equal(gw_lists_watch(lists, &gov), GW_DONE);
    assert_int_equal(gw_lists_watch(lists, &bank), GW_DONE);
    assert_int_equal(gw_lists_watch(lists, &bank), GW_DONE);
    seal(lists);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_name name = name_of(rows[i].name);

        if (gw_lists_watches(lists, name.wire, name.len) != rows[i].watched)
            fail_msg("%s", rows[i].shows);
        assert_false(gw_lists_watches(NULL, name.wire, name.len));
    }
    gw_lists_free(lists);
}

static void
a_watched_root_covers_everything(void **state)
{
    struct gw_lists *lists = gw_lists_new();
    const struct gw_name root = name_of(".");
    const struct gw_name deep = name_of("a.b.c");

    (void)state;
    assert_int_equal(gw_lists_watch(lists, &root), GW_DONE);
    seal(lists);
    assert_true(gw_lists_watches(lists, deep.wire, deep.len));
    gw_lists_free(lists);
}

static void
a_resolver_is_in_the_group_of_its_longest_prefix(void **state)
{
    static const struct {
        const char *shows, *addr;
        int group;
    } rows[] = {
        {"one address of its own", "198.51.100.7", 2},
        {"the prefix around it", "198.51.100.8", 1},
        {"the end of that prefix", "198.51.100.15", 1},
        {"past its end", "198.51.100.16", 0},
        {"the widest prefix", "198.51.0.1", 0},
        {"outside of all", "203.0.113.1", -1},
        {"the other family of the same group", "2001:db8::53", 2},
        {"a neighbour in the other family", "2001:db8::54", -1},
        {"bits within an octet", "2001:db8:8000::1", 3},
        {"just outside of them", "2001:db8:7fff::1", -1},
    };
    struct gw_lists *lists = gw_lists_new();
    const struct {
        struct gw_lists_prefix prefix;
        uint32_t group;
    } given[] = {
        {prefix_of("198.51.0.0", 16), 0},
        {prefix_of("198.51.100.0", 28), 1},
        {prefix_of("198.51.100.7", 32), 2},
        {prefix_of("2001:db8::53", 128), 2},
        {prefix_of("2001:db8:8000::", 33), 3},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(given); i++)
        assert_int_equal(gw_lists_group_prefix(lists, &given[i].prefix, given[i].group), GW_DONE);
    seal(lists);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_addr addr = gw_observe_addr(rows[i].addr);
        uint32_t group = 99;
        const bool found = gw_lists_group(lists, &addr, &group);

        if (found != (rows[i].group >= 0) || (found && group != (uint32_t)rows[i].group))
            fail_msg("%s: %d, group %u", rows[i].shows, (int)found, group);
    }
    gw_lists_free(lists);
}

static void
a_prefix_in_two_groups_is_refused(void **state)
{
    static const struct {
        const char *shows;
        uint32_t second;
        int result;
    } rows[] = {
        {"the same group twice", 0, GW_DONE},
        {"another group", 1, GW_E_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_lists *lists = gw_lists_new();
        const struct gw_lists_prefix prefix = prefix_of("192.0.2.0", 24);
        struct gw_lists_prefix twice = {.bits = 0};

        assert_int_equal(gw_lists_group_prefix(lists, &prefix, 0), GW_DONE);
        assert_int_equal(gw_lists_group_prefix(lists, &prefix, rows[i].second), GW_DONE);
        if (gw_lists_seal(lists, &twice) != rows[i].result)
            fail_msg("%s", rows[i].shows);
        if (rows[i].result != GW_DONE)
            assert_int_equal(twice.bits, 24);
        gw_lists_free(lists);
    }
}

static void
private_glue_is_expected_where_the_operator_says(void **state)
{
    static const struct {
        const char *shows, *address, *resolver, *cut;
        bool expected;
    } rows[] = {
        {"the address is internal", "10.1.2.3", "203.0.113.1", "foo.example", true},
        {"another private address", "192.168.1.1", "203.0.113.1", "foo.example", false},
        {"the resolver is internal", "192.168.1.1", "10.0.0.53", "foo.example", true},
        {"the zone is internal", "192.168.1.1", "203.0.113.1", "a.corp.example", true},
    };
    struct gw_lists *lists = gw_lists_new();
    const struct gw_lists_prefix ten = prefix_of("10.0.0.0", 8);
    const struct gw_name zone = name_of("corp.example");

    (void)state;
    assert_int_equal(gw_lists_internal_prefix(lists, &ten), GW_DONE);
    assert_int_equal(gw_lists_internal_zone(lists, &zone), GW_DONE);
    seal(lists);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        const struct gw_addr address = gw_observe_addr(rows[i].address);
        const struct gw_addr resolver = gw_observe_addr(rows[i].resolver);
        const struct gw_name cut = name_of(rows[i].cut);

        if (gw_lists_expects(lists, &address, &resolver, &cut) != rows[i].expected)
            fail_msg("%s", rows[i].shows);
        assert_false(gw_lists_expects(NULL, &address, &resolver, &cut));
    }
    gw_lists_free(lists);
}

static struct gw_finding
a_finding(void)
{
    struct gw_finding finding = {.kind = GW_KIND_GLUE_BOGON,
        .cut = name_of("foo.example"),
        .name = name_of("ns1.foo.example"),
        .resolver = gw_observe_addr("198.18.1.53"),
        .set_count = 1};
    struct gw_finding_set *set = &finding.set[0];

    set->role = GW_SET_CONTRARY;
    set->address_count = 2;
    set->member_total = 2;
    set->address[0] = gw_observe_addr("10.1.2.3");
    set->address[1] = gw_observe_addr("10.9.9.9");
    set->witness_count = 1;
    set->witness_total = 1;
    set->witness[0].resolver = finding.resolver;
    return finding;
}

static void
a_rule_holds_back_what_fits_all_of_it(void **state)
{
    static const struct {
        const char *shows, *kind, *name, *address;
        uint8_t address_bits;
        const char *resolver;
        uint8_t resolver_bits;
        bool held;
    } rows[] = {
        {"by kind", "glue-bogon", NULL, NULL, 0, NULL, 0, true},
        {"by a glob", "glue-*", NULL, NULL, 0, NULL, 0, true},
        {"another kind", "ns-*", NULL, NULL, 0, NULL, 0, false},
        {"by the cut's parent", "*", "example", NULL, 0, NULL, 0, true},
        {"by the name server", "*", "ns1.foo.example", NULL, 0, NULL, 0, true},
        {"another name", "*", "bar.example", NULL, 0, NULL, 0, false},
        {"all addresses are in the prefix", "*", NULL, "10.0.0.0", 8, NULL, 0, true},
        {"one address is not", "*", NULL, "10.1.0.0", 16, NULL, 0, false},
        {"by the resolver", "*", NULL, NULL, 0, "198.18.0.0", 15, true},
        {"another resolver", "*", NULL, NULL, 0, "198.18.2.0", 24, false},
        {"everything but the kind fits", "ns-*", "example", "10.0.0.0", 8, "198.18.0.0", 15, false},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_lists *lists = gw_lists_new();
        struct gw_suppression rule = {.until_ns = 1000, .reason = "known", .line = 7};
        const struct gw_finding finding = a_finding();
        const struct gw_suppression *held;

        memcpy(rule.kind, rows[i].kind, strlen(rows[i].kind) + 1);
        if (rows[i].name != NULL)
            rule.name = name_of(rows[i].name);
        if (rows[i].address != NULL)
            rule.address = prefix_of(rows[i].address, rows[i].address_bits);
        if (rows[i].resolver != NULL)
            rule.resolver = prefix_of(rows[i].resolver, rows[i].resolver_bits);
        assert_int_equal(gw_lists_suppress(lists, &rule), GW_DONE);
        seal(lists);
        held = gw_lists_suppression(lists, &finding, 999);
        if ((held != NULL) != rows[i].held || (held != NULL && held->line != 7))
            fail_msg("%s", rows[i].shows);
        assert_null(gw_lists_suppression(lists, &finding, 1000)); /* expired */
        gw_lists_free(lists);
    }
}

static void
what_is_not_shown_or_never_held_back_is_told(void **state)
{
    struct gw_lists *lists = gw_lists_new();
    struct gw_suppression rule = {.kind = "*", .until_ns = INT64_MAX, .reason = "all"};
    struct gw_finding finding = a_finding();

    (void)state;
    rule.address = prefix_of("10.0.0.0", 8);
    assert_int_equal(gw_lists_suppress(lists, &rule), GW_DONE);
    seal(lists);
    assert_non_null(gw_lists_suppression(lists, &finding, 0));
    finding.set[0].member_total = 3; /* one address more than can be seen */
    assert_null(gw_lists_suppression(lists, &finding, 0));
    finding.set[0].member_total = 2;
    finding.kind = GW_KIND_ROOT_MISMATCH;
    assert_null(gw_lists_suppression(lists, &finding, 0));
    finding.kind = GW_KIND_REFERENCE_MISMATCH;
    assert_null(gw_lists_suppression(lists, &finding, 0));
    assert_null(gw_lists_suppression(NULL, &finding, 0));
    gw_lists_free(lists);
}

static void
lists_have_a_bound(void **state)
{
    struct gw_lists *lists = gw_lists_new();
    const struct gw_suppression rule = {.kind = "*", .reason = "x"};

    (void)state;
    for (uint32_t i = 0; i < GW_SUPPRESSIONS_MAX; i++)
        assert_int_equal(gw_lists_suppress(lists, &rule), GW_DONE);
    assert_int_equal(gw_lists_suppress(lists, &rule), GW_E_FORMAT);
    gw_lists_free(lists);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watched_name_covers_what_is_below_it),
        cmocka_unit_test(a_watched_root_covers_everything),
        cmocka_unit_test(a_resolver_is_in_the_group_of_its_longest_prefix),
        cmocka_unit_test(a_prefix_in_two_groups_is_refused),
        cmocka_unit_test(private_glue_is_expected_where_the_operator_says),
        cmocka_unit_test(a_rule_holds_back_what_fits_all_of_it),
        cmocka_unit_test(what_is_not_shown_or_never_held_back_is_told),
        cmocka_unit_test(lists_have_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
