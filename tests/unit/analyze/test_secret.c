/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing that is told depends on the hash secret, even when memory is short. */
#include "analyze/analyzer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/observe.h"

static struct gw_observe_run run;
static uint64_t chance;

static uint32_t
any(uint32_t bound)
{
    return (uint32_t)(gw_observe_next(&chance) % bound);
}

static void
tell(double at_s, uint32_t resolver, uint32_t server, const char *says)
{
    char to[32];
    char from[32];

    snprintf(to, sizeof(to), "198.18.%u.53", resolver);
    snprintf(from, sizeof(from), "192.0.2.%u", server);
    gw_observe_tell(
        &run, &(struct gw_told){.at_s = at_s, .server = from, .resolver = to, .says = says});
}

/* Octets between the members of a struct are nobody's. */
static void
clear_padding(struct gw_finding *finding)
{
    for (uint32_t i = 0; i < GW_FINDING_SETS_MAX; i++)
        for (uint32_t j = 0; j < GW_FINDING_WITNESSES_MAX; j++) {
            const struct gw_witness from = finding->set[i].witness[j];
            struct gw_witness *to = &finding->set[i].witness[j];

            memset(to, 0, sizeof(*to));
            to->resolver = from.resolver;
            to->server = from.server;
            to->first_ns = from.first_ns;
            to->last_ns = from.last_ns;
            to->count = from.count;
            to->frame = from.frame;
            to->input = from.input;
        }
}

/* Of all findings: everything but pointers, and static texts by what they point to. */
static uint64_t
digest_of_findings(void)
{
    static struct gw_finding copy;
    const struct gw_finding *finding;
    uint64_t digest = 0;

    for (uint32_t i = 0; (finding = gw_analyzer_finding(run.analyzer, i)) != NULL; i++) {
        uint8_t id[16];
        uint64_t half;

        memcpy(&copy, finding, sizeof(copy));
        clear_padding(&copy);
        for (uint32_t j = 0; j < copy.term_count; j++) {
            gw_hash_stable(copy.term[j].name, strlen(copy.term[j].name), id);
            memcpy(&copy.term[j].name, id, sizeof(copy.term[j].name));
        }
        if (copy.block != NULL) {
            gw_hash_stable(copy.block, strlen(copy.block), id);
            memcpy(&copy.block, id, sizeof(copy.block));
        }
        gw_hash_stable(&copy, sizeof(copy), id);
        memcpy(&half, id, sizeof(half));
        digest = gw_hash_mix(digest, half);
    }
    return digest;
}

/* A crowd of names, witnesses, changes and lies, in a memory that is too small for them. */
static void
play_a_crowd(uint64_t key_seed)
{
    gw_observe_open_with(&run, key_seed, 8u * 1024 * 1024, true);
    chance = 77;
    gw_observe_authority(&run, 0, "192.0.2.1", "example");
    gw_observe_authority(&run, 0, "192.0.2.2", "example");
    for (uint32_t i = 0; i < 60000; i++) {
        const uint32_t which = any(3) == 0 ? any(20000) : any(200);
        const uint32_t lie = any(50) == 0 ? any(4) : 0;
        char says[160];

        snprintf(says, sizeof(says),
            lie == 3 ? "c%u.example: ns%u.evil.test"
                     : "c%u.example: ns1.c%u.example=%s.11 +stray%u.example=192.0.2.9",
            which, which,
            lie == 0   ? i > 40000 && which % 5 == 0 ? "203.0.113" : "192.0.2"
            : lie == 1 ? "198.51.100"
                       : "127.0.0",
            which % 300);
        tell(i * 7.0, any(30), 1 + any(6), says);
    }
    gw_observe_finish(&run, 0, 0);
}

static void
findings_do_not_depend_on_the_hash_secret(void **state)
{
    uint64_t first[2] = {0, 0};

    (void)state;
    for (uint64_t key_seed = 1; key_seed <= 5; key_seed++) {
        play_a_crowd(key_seed);

        const uint64_t digest = digest_of_findings();
        const uint64_t evicted = run.stats.table.evicted;

        if (key_seed == 1)
            print_message("%lu findings, %lu evicted\n", (unsigned long)run.stats.finding.emitted,
                (unsigned long)evicted);
        assert_true(run.stats.finding.emitted > 50);
        if (key_seed == 1) {
            first[0] = digest;
            first[1] = evicted;
        }
        assert_int_equal(evicted, first[1]);
        assert_true(digest == first[0]);
        gw_observe_close(&run);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_do_not_depend_on_the_hash_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
