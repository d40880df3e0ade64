/* SPDX-License-Identifier: BSD-2-Clause */
#include "analyze/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/lists.h"
#include "analyze/roots.h"
#include "tests/support/observe.h"

#define TYPE_A    1u
#define TYPE_NS   2u
#define TYPE_AAAA 28u
#define TYPE_DS   43u

#define BUDGET (16u * 1024 * 1024)

static struct gw_hash_key key;

static void
begin(struct gw_reference *reference, const char *apex, double loaded_s)
{
    struct gw_reference_zone zone = {.serial = 1,
        .refresh_s = 900,
        .loaded_ns = GW_OBSERVE_EPOCH_NS + (int64_t)(loaded_s * 1e9)};

    zone.apex.len = gw_observe_name(apex, zone.apex.wire);
    assert_int_equal(gw_reference_zone_begin(reference, &zone), GW_DONE);
}

static int
put(struct gw_reference *reference, const char *owner, uint16_t type, const char *data)
{
    uint8_t wire[GW_NAME_MAX];
    uint8_t rdata[GW_NAME_MAX] = {0};
    struct gw_reference_record record = {
        .owner = wire, .rdata = rdata, .rdata_len = 4, .type = type};

    record.owner_len = gw_observe_name(owner, wire);
    if (type == TYPE_NS) {
        record.rdata_len = gw_observe_name(data, rdata);
    } else if (type != TYPE_DS) {
        const struct gw_addr addr = gw_observe_addr(data);

        record.rdata_len = type == TYPE_A ? 4 : 16;
        memcpy(rdata, addr.octet, record.rdata_len);
    }
    return gw_reference_add(reference, &record);
}

static void
add(struct gw_reference *reference, const char *owner, uint16_t type, const char *data)
{
    assert_int_equal(put(reference, owner, type, data), GW_DONE);
}

/* The zone example with two delegations. */
static struct gw_reference *
example(double loaded_s)
{
    struct gw_reference *reference;

    gw_hash_key_seeded(&key, 7);
    reference = gw_reference_new(&key, BUDGET);
    assert_non_null(reference);
    begin(reference, "example", loaded_s);
    add(reference, "example", TYPE_NS, "p1.example");
    add(reference, "ns1.foo.example", TYPE_A, "192.0.2.11");
    add(reference, "foo.example", TYPE_NS, "ns1.foo.example");
    add(reference, "foo.example", TYPE_NS, "NS2.foo.example");
    add(reference, "foo.example", TYPE_NS, "ns1.foo.example");
    add(reference, "foo.example", TYPE_DS, "");
    add(reference, "ns2.foo.example", TYPE_A, "192.0.2.12");
    add(reference, "ns1.foo.example", TYPE_AAAA, "2001:db8::11");
    add(reference, "ns1.foo.example", TYPE_A, "192.0.2.1");
    add(reference, "bar.example", TYPE_NS, "ns.hoster.test");
    add(reference, "www.example", TYPE_A, "192.0.2.80");
    add(reference, "ns.hoster.test", TYPE_A, "192.0.2.99"); /* not of the zone */
    gw_reference_seal(reference);
    return reference;
}

static bool
cut_of(const struct gw_reference *reference, const char *name, struct gw_reference_cut *ret_cut)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name(name, wire);

    return gw_reference_cut_of(reference, wire, len, ret_cut);
}

static enum gw_reference_word
says(const struct gw_reference *reference, const char *name, const char *addr)
{
    uint8_t wire[GW_NAME_MAX];
    const uint8_t len = gw_observe_name(name, wire);
    const struct gw_addr of = gw_observe_addr(addr);

    return gw_reference_says(reference, wire, len, &of);
}

static void
a_reference_tells_what_its_zone_files_told(void **state)
{
    static const struct {
        const char *shows, *name, *addr;
        enum gw_reference_word word;
    } rows[] = {
        {"an address of a name server", "ns1.foo.example", "192.0.2.11", GW_REFERENCE_AGREES},
        {"another of it", "ns1.foo.example", "192.0.2.1", GW_REFERENCE_AGREES},
        {"its IPv6 address", "ns1.foo.example", "2001:db8::11", GW_REFERENCE_AGREES},
        {"one that it has not", "ns1.foo.example", "192.0.2.12", GW_REFERENCE_CONTRADICTS},
        {"a family it has not", "ns2.foo.example", "2001:db8::12", GW_REFERENCE_SILENT},
        {"a name that is no name server", "www.example", "192.0.2.81", GW_REFERENCE_SILENT},
        {"a name without glue", "ns.hoster.test", "192.0.2.98", GW_REFERENCE_SILENT},
        {"an unknown name", "ns9.foo.example", "192.0.2.11", GW_REFERENCE_SILENT},
    };
    struct gw_reference *reference = example(0);
    struct gw_reference_cut cut;
    struct gw_name name;

    (void)state;
    assert_int_equal(gw_reference_count(reference), 2);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++)
        if (says(reference, rows[i].name, rows[i].addr) != rows[i].word)
            fail_msg("%s", rows[i].shows);
    assert_true(cut_of(reference, "foo.example", &cut));
    assert_int_equal(cut.target_count, 2);
    assert_true(cut.has_ds && !cut.own);
    gw_reference_target(reference, &cut, 1, &name);
    assert_memory_equal(name.wire, "\3ns2\3foo\7example", name.len);
    assert_true(cut_of(reference, "bar.example", &cut) && !cut.has_ds);
    assert_true(cut_of(reference, "example", &cut) && cut.own);
    assert_false(cut_of(reference, "baz.example", &cut));
    assert_false(cut_of(reference, "www.foo.example", &cut));
    assert_int_equal(says(NULL, "ns1.foo.example", "192.0.2.1"), GW_REFERENCE_SILENT);
    gw_reference_free(reference);
}

static void
a_parent_zone_knows_better_than_the_zone_itself(void **state)
{
    struct gw_reference *reference;
    struct gw_reference_cut cut;

    (void)state;
    gw_hash_key_seeded(&key, 7);
    reference = gw_reference_new(&key, BUDGET);
    begin(reference, "foo.example", 0);
    add(reference, "foo.example", TYPE_NS, "a.foo.example");
    add(reference, "foo.example", TYPE_NS, "b.foo.example");
    begin(reference, "example", 0);
    add(reference, "foo.example", TYPE_NS, "a.foo.example");
    gw_reference_seal(reference);
    assert_true(cut_of(reference, "foo.example", &cut));
    assert_false(cut.own);
    assert_int_equal(cut.target_count, 1);
    assert_int_equal(cut.zone->apex.len, 9);
    gw_reference_free(reference);
}

static void
a_reference_stays_in_its_budget(void **state)
{
    static const uint64_t budgets[] = {200000, 1000000};
    uint32_t before = 0;

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(budgets); i++) {
        struct gw_reference *reference;
        struct gw_reference_cut cut;
        uint32_t added = 0;
        char text[64];

        gw_hash_key_seeded(&key, 7);
        reference = gw_reference_new(&key, budgets[i]);
        begin(reference, "example", 0);
        for (; added < 100000; added++) {
            snprintf(text, sizeof(text), "d%u.example", added);
            if (put(reference, text, TYPE_NS, "ns.hoster.test") != GW_DONE)
                break;
            assert_true(gw_reference_octets(reference) <= budgets[i]);
        }
        assert_in_range(added, before + 1, 99999);
        before = added;
        gw_reference_seal(reference);
        assert_in_range(gw_reference_octets(reference), 1, budgets[i]);
        snprintf(text, sizeof(text), "d%u.example", added - 1);
        assert_true(cut_of(reference, text, &cut));
        gw_reference_free(reference);
    }
}

static void
a_delegation_costs_less_than_a_hundred_octets(void **state)
{
    struct gw_reference *reference;
    char owner[64], target[64], addr[64];

    (void)state;
    gw_hash_key_seeded(&key, 7);
    reference = gw_reference_new(&key, 1u << 30);
    begin(reference, "example", 0);
    for (uint32_t i = 0; i < 50000; i++) {
        snprintf(owner, sizeof(owner), "some-name-%u.example", i);
        snprintf(target, sizeof(target), "ns1.some-name-%u.example", i);
        snprintf(addr, sizeof(addr), "192.%u.%u.1", i >> 8, i & 255);
        add(reference, owner, TYPE_NS, i % 2 == 0 ? target : "ns1.hoster.test");
        add(reference, owner, TYPE_NS, "ns2.hoster.test");
        if (i % 2 == 0)
            add(reference, target, TYPE_A, addr);
    }
    gw_reference_seal(reference);
    assert_in_range(gw_reference_octets(reference) / 50000, 20, 100);
    gw_reference_free(reference);
}

/* One referral from one of the parents to one resolver. */
static void
tell(struct gw_observe_run *run, double at_s, uint32_t resolver, uint32_t server, const char *says)
{
    char from[32], to[32];
    const struct gw_told told = {.at_s = at_s, .server = from, .resolver = to, .says = says};

    snprintf(from, sizeof(from), "203.0.113.%u", server);
    snprintf(to, sizeof(to), "198.18.%u.53", resolver);
    gw_observe_tell(run, &told);
}

static void
a_referral_unlike_the_reference_is_told(void **state)
{
    static const char good[] = "foo.example: ns1.foo.example=192.0.2.11,2001:db8::11 "
                               "ns2.foo.example=192.0.2.12";
    static const struct {
        const char *shows, *says;
        uint32_t facts;
        double loaded_s;
        const char *about; /* NULL: nothing is told */
        const char *variant;
        enum gw_severity severity;
    } rows[] = {
        {"what the file says", good, 0, 0, NULL, NULL, GW_INFO},
        {"the same with its DS", good, GW_FACT_DS | GW_FACT_DO, 0, NULL, NULL, GW_INFO},
        {"another address", "foo.example: ns1.foo.example=198.51.100.66 ns2.foo.example", 0, 0,
            "ns1.foo.example", "glue", GW_HIGH},
        {"an address beside the known one",
            "foo.example: ns1.foo.example=192.0.2.11,198.51.100.66 ns2.foo.example", 0, 0,
            "ns1.foo.example", "glue", GW_HIGH},
        {"an address of a family that the file has not",
            "foo.example: ns1.foo.example ns2.foo.example=2001:db8::12", 0, 0, NULL, NULL, GW_INFO},
        {"other name servers", "foo.example: ns.evil.test", 0, 0, "foo.example", "ns-set", GW_HIGH},
        {"one name server more", "foo.example: ns1.foo.example ns2.foo.example ns.evil.test", 0, 0,
            "foo.example", "ns-set", GW_HIGH},
        {"one name server less", "foo.example: ns1.foo.example", 0, 0, "foo.example", "ns-set",
            GW_LOW},
        {"one less for lack of room", "foo.example: ns1.foo.example", GW_FACT_TC, 0, NULL, NULL,
            GW_INFO},
        {"a DS is missing", good, GW_FACT_DO, 0, "foo.example", "ds-missing", GW_MEDIUM},
        {"a DS that was not asked for", good, 0, 0, NULL, NULL, GW_INFO},
        {"a DS is missing for lack of room", good, GW_FACT_DO | GW_FACT_CLIPPED, 0, NULL, NULL,
            GW_INFO},
        {"a DS where there is none", "bar.example: ns.hoster.test", GW_FACT_DS | GW_FACT_DO, 0,
            "bar.example", "ds-added", GW_MEDIUM},
        {"a delegation that the file has not", "baz.example: ns.evil.test", 0, 0, NULL, NULL,
            GW_INFO},
        {"glue of a name that another delegation uses",
            "bar.example: ns.hoster.test ns1.foo.example=198.51.100.66", 0, 0, "ns1.foo.example",
            "glue", GW_HIGH},
        {"an old file, and nobody agrees", "foo.example: ns.evil.test", 0, -86400, "foo.example",
            "ns-set", GW_MEDIUM},
        {"a file made later, and nobody agrees", "foo.example: ns.evil.test", 0, 86400,
            "foo.example", "ns-set", GW_MEDIUM},
        {"the zone's own records, disjoint", "example: ns.evil.test", 0, 0, "example", "ns-set",
            GW_MEDIUM},
        {"the zone's own records, overlapping", "example: p1.example p2.example", 0, 0, NULL, NULL,
            GW_INFO},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        struct gw_reference *reference = example(rows[i].loaded_s);
        const struct gw_analyzer_options options = {.reference = reference, .lab = true};
        const struct gw_told told = {.at_s = 10,
            .server = "203.0.113.1",
            .resolver = "198.18.1.53",
            .says = rows[i].says,
            .facts = rows[i].facts};
        static struct gw_observe_run run;
        const struct gw_finding *finding;

        gw_observe_open_as(&run, 1, &options);
        gw_observe_authority(
            &run, 1, "203.0.113.1", strncmp(rows[i].says, "example:", 8) == 0 ? "." : "example");
        gw_observe_tell(&run, &told);
        gw_observe_finish(&run, 20, 0);
        finding = gw_observe_find(&run, GW_KIND_REFERENCE_MISMATCH,
            rows[i].about == NULL ? "foo.example" : rows[i].about);
        if ((finding != NULL) != (rows[i].about != NULL))
            fail_msg("%s: %s", rows[i].shows, finding == NULL ? "not told" : "told");
        if (rows[i].about == NULL)
            assert_int_equal(run.stats.finding.by_kind[GW_KIND_REFERENCE_MISMATCH], 0);
        else if (strcmp(finding->variant, rows[i].variant) != 0 ||
                 finding->severity != rows[i].severity || finding->confidence < 0.7)
            fail_msg("%s: %s, severity %d, confidence %f", rows[i].shows, finding->variant,
                (int)finding->severity, finding->confidence);
        gw_observe_close(&run);
        gw_reference_free(reference);
    }
}

static void
a_tld_unlike_the_root_zone_is_critical(void **state)
{
    static struct gw_observe_run run;
    struct gw_reference *reference;
    const struct gw_finding *finding;
    struct gw_analyzer_options options = {.lab = true};

    (void)state;
    gw_hash_key_seeded(&key, 7);
    reference = gw_reference_new(&key, BUDGET);
    begin(reference, ".", 0);
    add(reference, "net", TYPE_NS, "a.gtld-servers.net");
    gw_reference_seal(reference);
    options.reference = reference;
    gw_observe_open_as(&run, 1, &options);
    gw_observe_authority(&run, 1, "203.0.113.1", ".");
    tell(&run, 2, 1, 1, "net: ns.evil.test=198.51.100.66");
    gw_observe_finish(&run, 20, 0);
    finding = gw_observe_find(&run, GW_KIND_REFERENCE_MISMATCH, "net");
    assert_non_null(finding);
    assert_int_equal(finding->severity, GW_CRITICAL);
    assert_int_equal(finding->set[0].role, GW_SET_KNOWN);
    assert_int_equal(finding->set[0].name_count, 1);
    gw_observe_close(&run);
    gw_reference_free(reference);
}

/* One parent server of four is forged for a day: its address contradicts the file all day long. */
static void
one_parent_out_of_step_contradicts_the_reference(void **state)
{
    static struct gw_observe_run run;
    struct gw_reference *reference = example(0);
    const struct gw_analyzer_options options = {.reference = reference, .lab = true};
    const struct gw_finding *finding;

    (void)state;
    gw_observe_open_as(&run, 1, &options);
    for (uint32_t server = 1; server <= 4; server++) {
        char text[32];

        snprintf(text, sizeof(text), "203.0.113.%u", server);
        gw_observe_authority(&run, server, text, "example");
    }
    for (uint32_t i = 0; i < 200; i++)
        tell(&run, 10.0 + 400.0 * i, 1 + i % 5, 1 + (i / 5) % 4,
            (i / 5) % 4 == 2 ? "foo.example: ns1.foo.example=198.51.100.66 ns2.foo.example"
                             : "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example");
    gw_observe_finish(&run, 0, 0);
    assert_non_null(gw_observe_find(&run, GW_KIND_GLUE_ADDR_CONFLICT, "ns1.foo.example"));
    finding = gw_observe_find(&run, GW_KIND_REFERENCE_MISMATCH, "ns1.foo.example");
    assert_non_null(finding);
    assert_true(finding->confidence >= 0.9 && finding->severity == GW_HIGH);
    assert_int_equal(finding->set[1].group_count, 5);
    assert_int_equal(finding->set[1].server_count, 1);
    assert_int_equal(run.stats.reference.compared, 1);
    assert_int_equal(run.stats.reference.differing, 1);
    assert_false(run.stats.reference.stale);
    gw_observe_close(&run);
    gw_reference_free(reference);
}

static void
a_reference_that_is_often_wrong_is_not_believed(void **state)
{
    static const struct {
        const char *shows;
        uint32_t differing;
        bool stale;
    } rows[] = {
        {"nine delegations differ", 9, false},
        {"ten do", 10, true},
        {"twenty do", 20, true},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        static struct gw_observe_run run;
        struct gw_analyzer_options options = {.lab = true};
        struct gw_reference *reference;
        const struct gw_finding *finding;
        char text[128];

        gw_hash_key_seeded(&key, 7);
        reference = gw_reference_new(&key, BUDGET);
        begin(reference, "example", 0);
        for (uint32_t j = 0; j < 400; j++) {
            snprintf(text, sizeof(text), "d%u.example", j);
            add(reference, text, TYPE_NS, "ns.hoster.test");
        }
        gw_reference_seal(reference);
        options.reference = reference;
        gw_observe_open_as(&run, 1, &options);
        gw_observe_authority(&run, 0, "203.0.113.1", "example");
        for (uint32_t j = 0; j < 1200;
             j++) { /* each three times: a forger's repeats do not count */
            snprintf(text, sizeof(text), "d%u.example: %s", j % 400,
                j % 400 >= 200 && j % 400 < 200 + rows[i].differing ? "ns.evil.test"
                                                                    : "ns.hoster.test");
            tell(&run, 1 + j, 1 + j % 3, 1, text);
        }
        gw_observe_finish(&run, 0, 0);
        if (run.stats.reference.stale != rows[i].stale ||
            run.stats.reference.differing != rows[i].differing ||
            (run.stats.reference.withheld != 0) != rows[i].stale)
            fail_msg("%s: %lu differ", rows[i].shows, (unsigned long)run.stats.reference.differing);
        finding = gw_observe_find(&run, GW_KIND_REFERENCE_MISMATCH, "d200.example");
        assert_non_null(finding);
        assert_int_equal(
            (finding->caveats & GW_CAVEAT_STALE_REFERENCE) != 0 && finding->severity == GW_LOW,
            rows[i].stale);
        gw_observe_close(&run);
        gw_reference_free(reference);
    }
}

static void
an_address_of_a_root_server_is_held_against_the_table(void **state)
{
    static const struct {
        const char *shows, *server, *says;
        const char *about; /* NULL: nothing is told */
        const char *variant;
        enum gw_severity severity;
    } rows[] = {
        {"the true addresses", "198.41.0.4",
            ".: a.root-servers.net=198.41.0.4,2001:503:ba3e::2:30 b.root-servers.net=170.247.170.2",
            NULL, NULL, GW_INFO},
        {"the true addresses from another server", "203.0.113.9",
            ".: a.root-servers.net=198.41.0.4", NULL, NULL, GW_INFO},
        {"another address from a root server's", "199.7.83.42",
            ".: a.root-servers.net=198.51.100.66 b.root-servers.net=170.247.170.2",
            "a.root-servers.net", "address", GW_CRITICAL},
        {"another address from elsewhere", "203.0.113.9", ".: a.root-servers.net=198.51.100.66",
            "a.root-servers.net", "address", GW_MEDIUM},
        {"the address of another root server", "199.7.83.42", ".: a.root-servers.net=199.7.83.42",
            "a.root-servers.net", "address", GW_CRITICAL},
        {"a retired address", "198.41.0.4", ".: b.root-servers.net=199.9.14.201",
            "b.root-servers.net", "retired-address", GW_INFO},
        {"a resolver that asks a retired address", "199.9.14.201",
            ".: b.root-servers.net=170.247.170.2", "b.root-servers.net", "stale-hint", GW_INFO},
        {"another root server", "198.41.0.4", ".: a.root-servers.net=198.41.0.4 ns.evil.test", ".",
            "ns-set", GW_CRITICAL},
        {"another root altogether", "203.0.113.9", ".: a.root-servers.lab=203.0.113.9", ".",
            "ns-set", GW_MEDIUM},
    };
    struct gw_reference_roots roots;
    const struct gw_analyzer_options options = {.roots = &roots};

    (void)state;
    gw_reference_roots_known(&roots);
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        static struct gw_observe_run run;
        const struct gw_told told = {.at_s = 1,
            .server = rows[i].server,
            .resolver = "198.18.1.53",
            .says = rows[i].says,
            .qname = "."};
        const struct gw_finding *finding;

        gw_observe_open_as(&run, 1, &options);
        gw_observe_apex(&run, &told);
        gw_observe_finish(&run, 20, 0);
        if (rows[i].about == NULL) {
            if (run.stats.finding.emitted != 0)
                fail_msg("%s: told", rows[i].shows);
        } else {
            finding = gw_observe_find(&run, GW_KIND_ROOT_MISMATCH, rows[i].about);
            if (finding == NULL || strcmp(finding->variant, rows[i].variant) != 0 ||
                finding->severity != rows[i].severity || finding->confidence < 0.7 ||
                run.stats.finding.emitted != 1)
                fail_msg("%s", rows[i].shows);
        }
        gw_observe_close(&run);
    }
}

static void
a_root_servers_referral_is_asked_in_the_root(void **state)
{
    static const struct {
        const char *shows, *server;
        bool known, in_root;
    } rows[] = {
        {"a root server", "192.5.5.241", true, true},
        {"the same where nothing is known of the root", "192.5.5.241", false, false},
        {"a retired address", "128.8.10.90", true, false},
        {"any server", "203.0.113.9", true, false},
    };
    struct gw_reference_roots roots;

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        static struct gw_observe_run run;
        const struct gw_analyzer_options options = {.roots = &roots};
        const struct gw_told told = {.at_s = 1,
            .server = rows[i].server,
            .resolver = "198.18.1.53",
            .says = "net: a.gtld-servers.net=192.5.6.30"};

        memset(&roots, 0, sizeof(roots));
        if (rows[i].known)
            gw_reference_roots_known(&roots);
        gw_observe_open_as(&run, 1, &options);
        gw_observe_tell(&run, &told);
        if ((run.stats.table.zone_known == 1) != rows[i].in_root)
            fail_msg("%s", rows[i].shows);
        gw_observe_close(&run);
    }
}

static void
what_is_watched_or_delegated_in_the_reference_stays(void **state)
{
    static struct gw_observe_run run;
    static const char *const kept[] = {"foo.example", "a.bank.test"};
    struct gw_reference *reference = example(0);
    struct gw_lists *lists = gw_lists_new();
    struct gw_analyzer_options options = {
        .reference = reference, .lists = lists, .lab = true, .memory = 8u << 20};
    struct gw_lists_prefix twice;
    struct gw_name bank = {0};
    char text[128];

    (void)state;
    bank.len = gw_observe_name("bank.test", bank.wire);
    assert_int_equal(gw_lists_watch(lists, &bank), GW_DONE);
    assert_int_equal(gw_lists_seal(lists, &twice), GW_DONE);
    gw_observe_open_as(&run, 1, &options);
    tell(&run, 1, 1, 1, "foo.example: ns1.foo.example=192.0.2.11 ns2.foo.example");
    for (uint32_t i = 0; i < 60000; i++) {
        snprintf(text, sizeof(text), "r%u.evil%u.test: ns.r%u.evil.test=192.0.2.1", i, i % 99, i);
        tell(&run, 2 + i / 100.0, 1 + i % 2, 1, text);
        if (i == 50000) /* while memory is short: seen once, and in */
            tell(&run, 2 + i / 100.0, 1, 1, "a.bank.test: ns.a.bank.test=192.0.2.1");
    }
    assert_true(run.stats.table.evicted + run.stats.table.refused_admission > 1000);
    for (size_t i = 0; i < GW_ARRAY_LEN(kept); i++) {
        const uint64_t inserted = run.stats.table.inserted;

        snprintf(text, sizeof(text), "%s: other.server.test", kept[i]);
        tell(&run, 1000, 1, 1, text);
        if (run.stats.table.inserted != inserted)
            fail_msg("%s was not held any more", kept[i]);
    }
    gw_observe_close(&run);
    gw_lists_free(lists);
    gw_reference_free(reference);
}

static void
addresses_of_one_configured_resolver_are_one_group(void **state)
{
    static const struct {
        const char *shows;
        bool listed;
        uint64_t groups;
    } rows[] = {
        {"by prefix", false, 3},
        {"by the operator's list", true, 1},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        static const char *const resolvers[] = {"198.18.1.53", "198.18.2.53", "2001:db8:1::53"};
        static struct gw_observe_run run;
        struct gw_lists *lists = gw_lists_new();
        const struct gw_analyzer_options options = {.lists = lists, .lab = true};
        struct gw_lists_prefix prefix;

        for (size_t j = 0; j < GW_ARRAY_LEN(resolvers); j++) {
            prefix.addr = gw_observe_addr(resolvers[j]);
            prefix.bits = prefix.addr.family == 4 ? 32 : 128;
            if (rows[i].listed)
                assert_int_equal(gw_lists_group_prefix(lists, &prefix, 5), GW_DONE);
        }
        assert_int_equal(gw_lists_seal(lists, &prefix), GW_DONE);
        gw_observe_open_as(&run, 1, &options);
        for (size_t j = 0; j < GW_ARRAY_LEN(resolvers); j++) {
            const struct gw_told told = {.at_s = (double)j,
                .server = j == 2 ? "2001:db8::1" : "192.0.2.1",
                .resolver = resolvers[j],
                .says = "foo.example: ns1.foo.example=192.0.2.11"};

            gw_observe_tell(&run, &told);
        }
        gw_observe_finish(&run, 20, 0);
        if (run.stats.table.resolver_groups != rows[i].groups)
            fail_msg("%s: %lu", rows[i].shows, (unsigned long)run.stats.table.resolver_groups);
        gw_observe_close(&run);
        gw_lists_free(lists);
    }
}

/* Private glue where it is expected is too weak to be told. */
static void
internal_glue_is_no_finding(void **state)
{
    static const struct {
        const char *shows, *addr;
        enum gw_kind kind;
        bool told;
    } rows[] = {
        {"a private address", "10.1.2.3", GW_KIND_GLUE_BOGON, false},
        {"another private address", "192.168.1.1", GW_KIND_GLUE_BOGON, true},
        {"a loopback address", "127.0.0.1", GW_KIND_GLUE_LOOPBACK, true},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        static struct gw_observe_run run;
        struct gw_lists *lists = gw_lists_new();
        const struct gw_analyzer_options options = {.lists = lists};
        const struct gw_lists_prefix ten = {gw_observe_addr("10.0.0.0"), 8};
        const struct gw_lists_prefix loop = {gw_observe_addr("127.0.0.0"), 8};
        struct gw_lists_prefix twice;
        char text[128];

        assert_int_equal(gw_lists_internal_prefix(lists, &ten), GW_DONE);
        assert_int_equal(gw_lists_internal_prefix(lists, &loop), GW_DONE);
        assert_int_equal(gw_lists_seal(lists, &twice), GW_DONE);
        gw_observe_open_as(&run, 1, &options);
        gw_observe_authority(&run, 0, "203.0.113.1", "example");
        snprintf(text, sizeof(text), "foo.example: ns1.foo.example=%s", rows[i].addr);
        tell(&run, 1, 1, 1, text);
        gw_observe_finish(&run, 20, 0);
        if ((run.stats.finding.by_kind[rows[i].kind] != 0) != rows[i].told)
            fail_msg("%s", rows[i].shows);
        gw_observe_close(&run);
        gw_lists_free(lists);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_tells_what_its_zone_files_told),
        cmocka_unit_test(a_parent_zone_knows_better_than_the_zone_itself),
        cmocka_unit_test(a_reference_stays_in_its_budget),
        cmocka_unit_test(a_delegation_costs_less_than_a_hundred_octets),
        cmocka_unit_test(a_referral_unlike_the_reference_is_told),
        cmocka_unit_test(a_tld_unlike_the_root_zone_is_critical),
        cmocka_unit_test(one_parent_out_of_step_contradicts_the_reference),
        cmocka_unit_test(a_reference_that_is_often_wrong_is_not_believed),
        cmocka_unit_test(an_address_of_a_root_server_is_held_against_the_table),
        cmocka_unit_test(a_root_servers_referral_is_asked_in_the_root),
        cmocka_unit_test(what_is_watched_or_delegated_in_the_reference_stays),
        cmocka_unit_test(addresses_of_one_configured_resolver_are_one_group),
        cmocka_unit_test(internal_glue_is_no_finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
