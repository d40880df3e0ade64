/* SPDX-License-Identifier: BSD-2-Clause */
/* What counts as a denial, and the bounded store that holds denials and much else. */
#include "analyze/denial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/observe.h"

#define TYPE_A  1
#define TYPE_NS 2
#define TYPE_DS 43

static struct gw_hash_key key;
static struct gw_observation seen;

static void
see(enum gw_observation_kind kind, const struct gw_told *told, uint8_t rcode)
{
    struct gw_told full = *told;

    full.server = "192.0.2.1";
    full.resolver = "198.18.1.53";
    full.says = "example";
    gw_hash_key_seeded(&key, 3);
    gw_observe_build(&key, &full, &seen);
    seen.kind = kind;
    seen.rcode = rcode;
}

static void
only_some_responses_deny_a_delegation(void **state)
{
    static const struct {
        const char *shows;
        enum gw_observation_kind kind;
        struct gw_told told;
        uint8_t rcode;
        bool is_solid;
    } rows[] = {
        {"NXDOMAIN, AA=1", GW_OBSERVATION_DENIAL, {.facts = GW_FACT_AA}, 3, true},
        {"NXDOMAIN for DS", GW_OBSERVATION_DENIAL, {.facts = GW_FACT_AA, .qtype = TYPE_DS}, 3,
            true},
        {"NXDOMAIN, AA=0", GW_OBSERVATION_DENIAL, {.facts = 0}, 3, false},
        {"NXDOMAIN, truncated", GW_OBSERVATION_DENIAL, {.facts = GW_FACT_AA | GW_FACT_TC}, 3,
            false},
        {"no DS: an insecure delegation", GW_OBSERVATION_DENIAL,
            {.facts = GW_FACT_AA, .qtype = TYPE_DS}, 0, false},
        {"no NS", GW_OBSERVATION_DENIAL, {.facts = GW_FACT_AA, .qtype = TYPE_NS}, 0, true},
        {"no data, where a referral would be", GW_OBSERVATION_AUTHORITY,
            {.facts = GW_FACT_AA | GW_FACT_SOA, .class = GW_CLASS_NODATA, .qtype = TYPE_A}, 0,
            true},
        {"no DS, told as authority", GW_OBSERVATION_AUTHORITY,
            {.facts = GW_FACT_AA | GW_FACT_SOA, .class = GW_CLASS_NODATA, .qtype = TYPE_DS}, 0,
            false},
        {"an answer", GW_OBSERVATION_AUTHORITY, {.facts = GW_FACT_AA, .class = GW_CLASS_ANSWER}, 0,
            false},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        see(rows[i].kind, &rows[i].told, rows[i].rcode);
        if (gw_denial_is_solid(&seen) != rows[i].is_solid)
            fail_msg("%s", rows[i].shows);
    }
}

static void
what_is_absent_is_so_for_a_week(void **state)
{
    struct gw_denials *denials;
    const int64_t week = GW_DENIAL_ABSENT_NS;

    (void)state;
    see(GW_OBSERVATION_DENIAL, &(struct gw_told){.facts = GW_FACT_AA, .qname = "gone.example"}, 3);
    denials = gw_denial_new(&key, 1u << 20);
    assert_non_null(denials);

    const struct gw_table_name name = gw_zone_name(&seen, &seen.qname);
    const struct gw_table_name zone = gw_zone_name(&seen, &seen.cut);

    assert_null(gw_denial_absent(denials, &name, seen.time_ns));
    gw_denial_note_absent(denials, &seen);
    assert_non_null(gw_denial_absent(denials, &name, seen.time_ns));
    assert_true(gw_denial_absent(denials, &name, seen.time_ns)->nonexistent);
    assert_non_null(gw_denial_absent(denials, &name, seen.time_ns + week));
    assert_null(gw_denial_absent(denials, &name, seen.time_ns + week + 1));
    assert_null(gw_denial_absent(denials, &zone, seen.time_ns));
    assert_true(gw_denial_octets(denials) > 0 && gw_denial_octets(denials) < 1u << 20);
    gw_denial_free(denials);
}

/* Two secrets: the hashes differ, who leaves does not. */
static void
the_longest_unrenewed_leaves(void **state)
{
    struct gw_recall recall;

    (void)state;
    for (uint64_t secret = 1; secret <= 2; secret++) {
        assert_int_equal(gw_table_recall_init(&recall, 1u << 20, sizeof(uint32_t), 100), GW_DONE);
        for (uint32_t i = 0; i < 150; i++) {
            if (i == 120) /* renewed in time */
                gw_table_recall_renew(
                    &recall, gw_table_recall_find(&recall, gw_hash_mix(secret, 30)));
            *(uint32_t *)gw_table_recall_take(&recall, gw_hash_mix(secret, i)) = i;
        }
        assert_int_equal(recall.count, 100);
        assert_int_equal(recall.displaced, 50);
        for (uint32_t i = 0; i < 150; i++) {
            const uint32_t *found = gw_table_recall_find(&recall, gw_hash_mix(secret, i));

            if ((i < 51 && i != 30))
                assert_null(found);
            else
                assert_int_equal(*found, i);
        }
        assert_int_equal(*(uint32_t *)gw_table_recall_first(&recall), 51);
        gw_table_recall_done(&recall);
    }
}

static void
one_record_is_enough(void **state)
{
    struct gw_recall recall;
    uint32_t walked = 0;

    (void)state;
    assert_int_equal(gw_table_recall_init(&recall, 0, 8, 1000), GW_DONE);
    for (uint64_t i = 0; i < 10; i++) {
        uint64_t *record = gw_table_recall_take(&recall, i);

        assert_int_equal(*record, 0); /* zeroed, though it was in use */
        *record = ~i;
        assert_null(gw_table_recall_find(&recall, i + 1));
    }
    for (const void *record = gw_table_recall_first(&recall); record != NULL;
         record = gw_table_recall_next(&recall, record))
        walked++;
    assert_int_equal(walked, 1);
    gw_table_recall_done(&recall);
}

/* Against a plain list: every operation, many times. */
static void
the_store_is_as_a_list_would_be(void **state)
{
    uint64_t list[32];
    uint32_t held = 0;
    uint64_t chance = 5;
    struct gw_recall recall;

    (void)state;
    assert_int_equal(gw_table_recall_init(&recall, 1u << 20, sizeof(uint64_t), 32), GW_DONE);
    for (uint32_t round = 0; round < 20000; round++) {
        const uint64_t hash = gw_observe_next(&chance) % 64;
        uint32_t at = 0;
        uint64_t *record;

        while (at < held && list[at] != hash)
            at++;
        if (at == held && held == 32)
            at = 0;
        if (at < held)
            memmove(&list[at], &list[at + 1], (held-- - at - 1) * sizeof(list[0]));
        list[held++] = hash;
        *(uint64_t *)gw_table_recall_take(&recall, hash) = hash;

        record = gw_table_recall_first(&recall);
        for (uint32_t i = 0; i < held; i++) {
            assert_non_null(record);
            assert_int_equal(*record, list[i]);
            record = gw_table_recall_next(&recall, record);
        }
        assert_null(record);
    }
    gw_table_recall_done(&recall);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_some_responses_deny_a_delegation),
        cmocka_unit_test(what_is_absent_is_so_for_a_week),
        cmocka_unit_test(the_longest_unrenewed_leaves),
        cmocka_unit_test(one_record_is_enough),
        cmocka_unit_test(the_store_is_as_a_list_would_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
