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
    [GW_KIND_PARENT_CHILD_MISMATCH] =
        "The parent zone gives 198.51.100.66 for ns1.foo.example, its own zone 192.0.2.11, "
        "after both agreed for 14 days.",
    [GW_KIND_GHOST_DELEGATION] =
        "Resolver 198.18.3.53 is still answered for foo.example by 192.0.2.1, which names "
        "ns1.evil.test, 3 days after 192.0.2.1 denied the delegation.",
    [GW_KIND_GLUE_ORPHAN] =
        "ns9.gone.example is a name server of 3 delegations under gone.example, of which "
        "192.0.2.1 says that it is not delegated.",
    [GW_KIND_SUSPECT_GLUE_FOLLOWED] =
        "Resolver 198.18.3.53 asked 198.51.100.66 for www.foo.example, 2 seconds after "
        "192.0.2.1 told it that this is the address of ns1.foo.example, while 4 resolver "
        "groups were told 192.0.2.11 by 4 servers.",
    [GW_KIND_POISONED_ANSWER_SUSPECTED] =
        "Clients of resolver 198.18.3.53, which follows suspect glue for foo.example, are "
        "answered 198.51.100.80 for www.foo.example, while 4 other resolver groups and 1 "
        "authoritative server say 192.0.2.80.",
    [GW_KIND_REQUIRED_GLUE_MISSING] = "The referral for foo.example names the in-domain name "
                                      "server ns1.foo.example without an "
                                      "address; resolver 198.18.3.53 was told so by 192.0.2.1.",
    [GW_KIND_REFERRAL_UPWARD] = "192.0.2.1, asked in the zone foo.example, referred resolver "
                                "198.18.3.53 up to . with ns1.evil.test.",
    [GW_KIND_REFERRAL_SIDEWAYS] = "192.0.2.1 referred resolver 198.18.3.53 to bar.test with "
                                  "ns1.evil.test, a zone that www.foo.example is not in.",
    [GW_KIND_DELEGATION_NOT_SERVED] =
        "192.0.2.1 does not serve foo.example, which is delegated to it: it refuses queries, "
        "as at least 125 responses show.",
    [GW_KIND_CUT_OVERLAP] = "192.0.2.1 gave resolver 198.18.3.53 NS records of foo.example and "
                            "of example in one response.",
    [GW_KIND_NS_TARGET_INVALID] = "192.0.2.99, a name server of foo.example, is an address "
                                  "written as a name.",
    [GW_KIND_NS_FANOUT] = "A referral out of foo.example names ns1.evil.test and 59 more "
                          "without an address; 192.0.2.1 gave it to resolver 198.18.3.53, "
                          "which asked for the names at once.",
    [GW_KIND_PROMISCUOUS_NS] =
        "192.0.2.1 added NS records of foo.example with ns1.evil.test to a response that gives "
        "no delegation to resolver 198.18.3.53, while 4 resolver groups were told "
        "ns1.foo.example and ns2.foo.example by 4 servers.",
    [GW_KIND_GLUE_ADDR_FLAP] =
        "The address of ns1.foo.example goes to and fro between 192.0.2.11 and 198.51.100.66 "
        "for resolver 198.18.3.53, told by 192.0.2.1.",
    [GW_KIND_GLUE_TTL_OUTLIER] =
        "The glue of ns1.foo.example, 198.51.100.66, has a TTL of 604,800 s, unlike the rest of "
        "its parent zone and unlike before; resolver 198.18.3.53 was told so by 192.0.2.1.",
    [GW_KIND_GLUE_FANIN_SURGE] =
        "Name servers of many domains gained 198.51.100.66 within a day, ns1.foo.example the "
        "latest of them; resolver 198.18.3.53 was told so by 192.0.2.1, while 4 resolver "
        "groups were told 192.0.2.11 by 4 servers.",
    [GW_KIND_RESP_UNSOLICITED] =
        "Resolver 198.18.3.53 was sent at least 125 responses that it had not asked for, from "
        "192.0.2.1 to at least 1,200 ports.",
    [GW_KIND_RESP_TXID_BURST] =
        "A query of resolver 198.18.3.53 to 192.0.2.1 for www.foo.example got at least 400 "
        "responses with another message ID or question.",
    [GW_KIND_RESP_DOUBLE_CONFLICT] =
        "A query for www.foo.example, of resolver 198.18.3.53 to 192.0.2.1 got two responses "
        "that contradict each other, 75.0 ms apart (answer and referral); for ns1.foo.example "
        "one gives 192.0.2.11, and the other 198.51.100.66.",
    [GW_KIND_RESP_CASE_MISMATCH] =
        "A response from 192.0.2.1 to resolver 198.18.3.53 has the question in another letter "
        "case than the query for www.foo.example; this server echoed it until then.",
    [GW_KIND_RESP_WRONG_SOURCE] =
        "Resolver 198.18.3.53 asked 192.0.2.9 for www.foo.example, and 192.0.2.1 responded "
        "instead, in at least 125 messages.",
    [GW_KIND_RESP_FRAGMENT_GLUE] =
        "The address of ns1.foo.example, 198.51.100.66, came from 192.0.2.1 to resolver "
        "198.18.3.53 in fragment 2 of 2, which came twice with other octets, while 4 resolver "
        "groups were told 192.0.2.11 by 4 servers.",
    [GW_KIND_RESP_BAD_CHECKSUM] =
        "A response from 192.0.2.1 to resolver 198.18.3.53 for www.foo.example has a wrong UDP "
        "checksum, where others are right.",
    [GW_KIND_RESP_PATH_OUTLIER] =
        "A response from 192.0.2.1 to resolver 198.18.3.53 for www.foo.example came with IP "
        "TTL 57 after 5.0 ms, where IP TTL 52 after 80.0 ms or more is usual.",
    [GW_KIND_ROOT_MISMATCH] =
        "The root server a.root-servers.net is said to be at 198.51.100.66; resolver "
        "198.18.3.53 was told so by 192.0.2.1; its address is 198.41.0.4.",
    [GW_KIND_REFERENCE_MISMATCH] =
        "foo.example is delegated to ns1.evil.test and not, as in the reference zone, to "
        "ns1.foo.example and ns2.foo.example; resolver 198.18.3.53 was told so by 192.0.2.1.",
};

static void
every_kind_has_its_sentence(void **state)
{
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
the_shapes_of_a_kind_read_differently(void **state)
{
    static const struct {
        enum gw_kind kind;
        const char *variant;
        const char *text;
    } rows[] = {
        {GW_KIND_GLUE_UNREFERENCED, "wrong-section",
            "A response from the zone foo.example gives 198.51.100.66 for www.bank.test, beside "
            "records in a section that they do not belong to; resolver 198.18.3.53 was told so by "
            "192.0.2.1."},
        {GW_KIND_DELEGATION_NOT_SERVED, "revived",
            "192.0.2.1 answers for foo.example, which no server of its unchanged delegation had "
            "served for 14 days."},
        {GW_KIND_DELEGATION_NOT_SERVED, "self-pointing",
            "192.0.2.1 does not serve foo.example, which is delegated to it: it refers to the zone "
            "itself, and to its own address, as at least 125 responses show."},
        {GW_KIND_CUT_OVERLAP, "past-a-cut",
            "192.0.2.1 referred resolver 198.18.3.53 to foo.example, past the delegation of "
            "example that it gives as well."},
        {GW_KIND_NS_TARGET_INVALID, "alias",
            "192.0.2.99, a name server of foo.example, is an alias."},
        {GW_KIND_NS_TARGET_INVALID, "non-host",
            "192.0.2.99, a name server of foo.example, is not a host name."},
        {GW_KIND_NS_FANOUT, "many-referrals",
            "A referral out of foo.example names ns1.evil.test and 59 more without an address; "
            "192.0.2.1 gave it to resolver 198.18.3.53, the tenth of its like in a minute or a "
            "later one."},
        {GW_KIND_PROMISCUOUS_NS, "forwarder",
            "192.0.2.1 added NS records of foo.example with ns1.evil.test to what it forwarded to "
            "resolver 198.18.3.53, while 4 resolver groups were told ns1.foo.example and "
            "ns2.foo.example by 4 servers."},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        gw_sample_finding(rows[i].kind, &finding);
        finding.variant = rows[i].variant;
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
    gw_sample_finding(GW_KIND_REQUIRED_GLUE_MISSING, &finding);
    finding.set_count = 0;
    gw_text_sentence(&finding, 0, sentence);
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
        cmocka_unit_test(the_shapes_of_a_kind_read_differently),
        cmocka_unit_test(many_members_are_counted),
        cmocka_unit_test(a_finding_without_sets_still_makes_a_sentence),
        cmocka_unit_test(hostile_names_make_one_clean_line_without_blame),
        cmocka_unit_test(durations_read_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
