/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sample_finding.h"

static struct gw_finding finding;
static char sentence[GW_TEXT_SENTENCE_SIZE];

static void
every_kind_has_its_sentence(void **state)
{
    static const char *const expected[GW_KIND_COUNT] = {
        [GW_KIND_GLUE_ADDR_CONFLICT] =
            "ns1.foo.example is 198.51.100.66 for resolver 198.18.3.53 only (1 of 5 resolver "
            "groups, "
            "told by 192.0.2.1), while 4 resolver groups were told 192.0.2.11 by 4 servers.",
        [GW_KIND_GLUE_ADDR_MINORITY] =
            "Only resolver 198.18.3.53 was told that ns1.foo.example is "
            "2001:db8:bad:cafe:1234:5678:9abc:def0 (1 of 5 resolver groups, told by 192.0.2.1); 4 "
            "resolver groups were told 2001:db8::11 by 4 servers.",
        [GW_KIND_GLUE_CHANGED_AFTER_STABLE] =
            "The address of ns1.foo.example became 198.51.100.66 instead of 192.0.2.11 after 14 "
            "days "
            "without a change; resolver 198.18.3.53 was told so by 192.0.2.1.",
        [GW_KIND_GLUE_BOGON] =
            "The glue of ns1.foo.example for foo.example is 10.1.2.3, in the special-purpose block "
            "10.0.0.0/8 (RFC 1918); resolver 198.18.3.53 was told so by 192.0.2.1.",
        [GW_KIND_GLUE_LOOPBACK] =
            "The glue of ns1.foo.example for foo.example is 0.0.0.0, which makes a resolver ask "
            "itself; resolver 198.18.3.53 was told so by 192.0.2.1, while 4 resolver groups were "
            "told "
            "192.0.2.11 by 4 servers.",
        [GW_KIND_GLUE_UNRELATED] =
            "The referral for foo.example gives 198.51.100.66 for ns.bank.test, a name outside the "
            "parent zone example; resolver 198.18.3.53 was told so by 192.0.2.1.",
        [GW_KIND_GLUE_UNREFERENCED] =
            "A response with the delegation of foo.example gives 198.51.100.66 for www.bank.test, "
            "which none of its NS records names; resolver 198.18.3.53 was told so by 192.0.2.1.",
        [GW_KIND_NS_SET_DIVERGENCE] =
            "foo.example is delegated to ns1.evil.test according to 192.0.2.1 only (1 of 5 "
            "servers, "
            "heard by resolver 198.18.3.53), while 4 resolver groups were told ns1.foo.example and "
            "ns2.foo.example by 4 servers.",
        [GW_KIND_NS_SET_CHANGED] =
            "foo.example was delegated to ns1.evil.test instead of ns1.foo.example and "
            "ns2.foo.example after 14 days without a change; resolver 198.18.3.53 was told so by "
            "192.0.2.1.",
        [GW_KIND_REQUIRED_GLUE_MISSING] = "The referral for foo.example names the in-domain name "
                                          "server ns1.foo.example without an "
                                          "address; resolver 198.18.3.53 was told so by 192.0.2.1.",
        [GW_KIND_ROOT_MISMATCH] =
            "The root server a.root-servers.net is said to be at 198.51.100.66; resolver "
            "198.18.3.53 was told so by 192.0.2.1; its address is 198.41.0.4.",
        [GW_KIND_REFERENCE_MISMATCH] =
            "foo.example is delegated to ns1.evil.test and not, as in the reference zone, to "
            "ns1.foo.example and ns2.foo.example; resolver 198.18.3.53 was told so by 192.0.2.1.",
    };

    (void)state;
    for (uint32_t kind = 0; kind < GW_KIND_COUNT; kind++) {
        gw_sample_finding((enum gw_kind)kind, &finding);
        gw_text_sentence(&finding, 0, sentence);
        assert_string_equal(sentence, expected[kind]);
    }
}

static void
what_is_known_to_be_true_is_told_by_variant(void **state)
{
    static const struct {
        enum gw_kind kind;
        const char *variant, *text;
    } rows[] = {
        {GW_KIND_ROOT_MISMATCH, "retired-address",
            "The root server a.root-servers.net is said to be at the retired 198.51.100.66; "
            "resolver 198.18.3.53 was told so by 192.0.2.1; its address is 198.41.0.4."},
        {GW_KIND_ROOT_MISMATCH, "stale-hint",
            "Resolver 198.18.3.53 still asks 198.51.100.66, a retired address of the root server "
            "a.root-servers.net; its address is 198.41.0.4."},
        {GW_KIND_ROOT_MISMATCH, "ns-set",
            "The root is said to be served by 198.51.100.66, which no root server is called; "
            "resolver 198.18.3.53 was told so by 192.0.2.1; its address is 198.41.0.4."},
        {GW_KIND_REFERENCE_MISMATCH, "ds-missing",
            "The referral for foo.example has no DS; resolver 198.18.3.53 was told so by "
            "192.0.2.1; the reference zone has one."},
        {GW_KIND_REFERENCE_MISMATCH, "ds-added",
            "The referral for foo.example has a DS; resolver 198.18.3.53 was told so by "
            "192.0.2.1; the reference has none."},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_sample_finding(rows[i].kind, &finding);
        finding.variant = rows[i].variant;
        gw_text_sentence(&finding, 0, sentence);
        assert_string_equal(sentence, rows[i].text);
    }
    gw_sample_finding(GW_KIND_REFERENCE_MISMATCH, &finding);
    finding.variant = "glue";
    finding.name = gw_sample_name("ns1.foo.example");
    finding.set[0].name_count = 0;
    finding.set[0].address_count = 1;
    finding.set[0].member_total = 1;
    finding.set[0].address[0] = gw_sample_addr("192.0.2.11");
    finding.set[1].name_count = 0;
    finding.set[1].address_count = 1;
    finding.set[1].address[0] = gw_sample_addr("198.51.100.66");
    gw_text_sentence(&finding, 0, sentence);
    assert_string_equal(sentence,
        "ns1.foo.example is 198.51.100.66 and not, as in the reference zone, 192.0.2.11; resolver "
        "198.18.3.53 was told so by 192.0.2.1.");
}

/* The first set of @p role. */
static struct gw_finding_set *
side(enum gw_set_role role)
{
    return finding.set[0].role == role ? &finding.set[0] : &finding.set[1];
}

static void
a_split_is_told_as_it_runs(void **state)
{
    static const struct {
        enum gw_split split;
        uint32_t groups, servers;
        const char *text;
    } rows[] = {
        {GW_SPLIT_RESOLVER, 2, 1,
            "ns1.foo.example is 198.51.100.66 for 2 resolver groups only (2 of 5 resolver groups, "
            "told "
            "by 192.0.2.1), while 4 resolver groups were told 192.0.2.11 by 4 servers."},
        {GW_SPLIT_SERVER, 3, 1,
            "ns1.foo.example is 198.51.100.66 according to 192.0.2.1 only (1 of 5 servers, heard "
            "by 3 "
            "resolver groups), while 4 resolver groups were told 192.0.2.11 by 4 servers."},
        {GW_SPLIT_SERVER, 1, 2,
            "ns1.foo.example is 198.51.100.66 according to 2 servers only (2 of 5 servers, heard "
            "by "
            "resolver 198.18.3.53), while 4 resolver groups were told 192.0.2.11 by 4 servers."},
        {GW_SPLIT_BOTH, 2, 2,
            "ns1.foo.example is 198.51.100.66 for 2 resolver groups, told by 2 servers, while 4 "
            "resolver groups were told 192.0.2.11 by 4 servers."},
        {GW_SPLIT_NONE, 1, 1,
            "ns1.foo.example is 198.51.100.66 for resolver 198.18.3.53, told by 192.0.2.1, while 4 "
            "resolver groups were told 192.0.2.11 by 4 servers."},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_sample_finding(GW_KIND_GLUE_ADDR_CONFLICT, &finding);
        finding.split = rows[i].split;
        side(GW_SET_CONTRARY)->group_count = rows[i].groups;
        side(GW_SET_CONTRARY)->server_count = rows[i].servers;
        gw_text_sentence(&finding, 0, sentence);
        assert_string_equal(sentence, rows[i].text);
    }
}

static void
many_members_are_counted(void **state)
{
    static const struct {
        uint32_t kept, total;
        const char *text;
    } rows[] = {
        {1, 1, " became 192.0.2.0 instead"},
        {2, 2, " became 192.0.2.0 and 192.0.2.1 instead"},
        {3, 3, " became 192.0.2.0, 192.0.2.1 and 192.0.2.2 instead"},
        {4, 4, " became 192.0.2.0, 192.0.2.1, 192.0.2.2 and 192.0.2.3 instead"},
        {5, 5, " became 192.0.2.0, 192.0.2.1, 192.0.2.2 and 2 more instead"},
        {16, 1000, " became 192.0.2.0, 192.0.2.1, 192.0.2.2 and 997 more instead"},
        {0, 3, " became 3 more instead"},
        {0, 0, " became nothing instead"},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_sample_finding(GW_KIND_GLUE_CHANGED_AFTER_STABLE, &finding);

        struct gw_finding_set *set = side(GW_SET_CONTRARY);

        set->address_count = rows[i].kept;
        set->member_total = rows[i].total;
        for (uint32_t j = 0; j < rows[i].kept; j++) {
            set->address[j] = gw_sample_addr("192.0.2.0");
            set->address[j].octet[3] = (uint8_t)j;
        }
        gw_text_sentence(&finding, 0, sentence);
        if (strstr(sentence, rows[i].text) == NULL)
            fail_msg("%s: %s", rows[i].text, sentence);
    }
}

static void
a_finding_without_sets_still_makes_a_sentence(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < GW_KIND_COUNT; kind++) {
        gw_sample_finding((enum gw_kind)kind, &finding);
        finding.set_count = 0;
        finding.zone.len = 0;
        finding.block = NULL;
        gw_text_sentence(&finding, 0, sentence);
        assert_int_equal(sentence[strlen(sentence) - 1], '.');
    }
    assert_string_equal(sentence,
        "The referral for foo.example names the in-domain name server ns1.foo.example without an "
        "address; 192.0.2.1 sent it to 198.18.3.53, the first of at least 125 messages.");
}

static void
hostile_names_make_one_clean_line_without_blame(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < GW_KIND_COUNT; kind++) {
        for (uint32_t i = 0; i < GW_SAMPLE_NASTY_COUNT; i++) {
            gw_sample_nasty((enum gw_kind)kind, i, &finding);
            gw_text_sentence(&finding, 0, sentence);
            assert_true(strlen(sentence) < GW_TEXT_SENTENCE_SIZE - 1);
            for (const char *octet = sentence; *octet != '\0'; octet++)
                assert_true(*octet >= 0x20 && *octet < 0x7f);
            assert_null(strstr(sentence, "spoof"));
            assert_null(strstr(sentence, "attack"));
        }
    }
}

static void
durations_read_well(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{-1, "0 seconds"}, {0, "0 seconds"}, {0.25, "0.3 seconds"}, {1, "1 second"},
        {59.9, "60 seconds"}, {60, "1 minute"}, {5400, "1.5 hours"}, {7200, "2 hours"},
        {86400, "1 day"}, {14 * 86400.0, "14 days"}, {36000000, "417 days"},
        {1e300, "11,574,074 days"}};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        char data[64];
        struct gw_text text;

        gw_text_init(&text, data, sizeof(data));
        gw_text_duration(&text, rows[i].seconds);
        assert_string_equal(data, rows[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_sentence),
        cmocka_unit_test(what_is_known_to_be_true_is_told_by_variant),
        cmocka_unit_test(a_split_is_told_as_it_runs),
        cmocka_unit_test(many_members_are_counted),
        cmocka_unit_test(a_finding_without_sets_still_makes_a_sentence),
        cmocka_unit_test(hostile_names_make_one_clean_line_without_blame),
        cmocka_unit_test(durations_read_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
