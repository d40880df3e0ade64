/* SPDX-License-Identifier: BSD-2-Clause */
/* What is learned of servers and paths, and what of a response breaks with it. */
#include "analyze/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gluewatch/limits.h"

static struct gw_hash_key key;
static struct gw_server_table *table;

static struct gw_addr
address(uint8_t first, uint32_t rest)
{
    struct gw_addr addr = {.family = 4};

    addr.octet[0] = first;
    addr.octet[1] = (uint8_t)(rest >> 16);
    addr.octet[2] = (uint8_t)(rest >> 8);
    addr.octet[3] = (uint8_t)rest;
    return addr;
}

static struct gw_exchange
usual(void)
{
    return (struct gw_exchange){.fit = GW_FIT_FIRST,
        .leg = GW_LEG_UPSTREAM,
        .class = GW_CLASS_REFERRAL,
        .has_query = true,
        .resolver = address(198, 1),
        .server = address(192, 1),
        .transport = GW_TRANSPORT_UDP,
        .facts = GW_FACT_OPT | GW_FACT_COOKIE,
        .query_facts = GW_QUERY_OPT | GW_QUERY_COOKIE | GW_QUERY_MIXED_CASE,
        .payload_flags = GW_PAYLOAD_IP_ID | GW_PAYLOAD_DF,
        .ip_ttl = 52,
        .rtt_ns = 80000000};
}

/* Judges and learns; returns what broke. */
static uint32_t
meet(const struct gw_exchange *exchange)
{
    gw_server_judge(table, exchange);

    const uint32_t breaks = table->latest.breaks;

    gw_server_learn(table, exchange);
    return breaks;
}

static void
open_table(uint32_t samples)
{
    const struct gw_exchange exchange = usual();

    gw_hash_key_seeded(&key, 1);
    table = gw_server_new(&key);
    assert_non_null(table);
    for (uint32_t i = 0; i < samples; i++)
        assert_int_equal(meet(&exchange), 0);
}

static void
each_break_is_seen_after_twenty_samples(void **state)
{
    const struct gw_exchange base = usual();
    struct {
        const char *shows;
        struct gw_exchange exchange;
        uint32_t breaks;
    } rows[] = {
        {"the same again", base, 0},
        {"a TTL one off", base, 0},
        {"a TTL three off", base, GW_SERVER_BREAK_TTL},
        {"a third of the round trip", base, GW_SERVER_BREAK_RTT},
        {"no OPT, and so no cookie", base, GW_SERVER_BREAK_OPT | GW_SERVER_BREAK_COOKIE},
        {"no OPT in an error", base, 0},
        {"a wrong cookie", base, GW_SERVER_BREAK_COOKIE},
        {"no DF", base, GW_SERVER_BREAK_DF},
        {"an identification", base, GW_SERVER_BREAK_IP_ID},
        {"another letter case", base, GW_SERVER_BREAK_CASE},
        {"all of it over TCP", base, 0},
        {"all of it to a client", base, 0},
    };

    (void)state;
    rows[1].exchange.ip_ttl = 53;
    rows[2].exchange.ip_ttl = 55;
    rows[3].exchange.rtt_ns /= 3;
    rows[4].exchange.facts = 0;
    rows[5].exchange.facts = 0;
    rows[5].exchange.rcode = 1;
    rows[6].exchange.reply_facts = GW_REPLY_COOKIE_WRONG;
    rows[7].exchange.payload_flags = GW_PAYLOAD_IP_ID;
    rows[8].exchange.ip_id = 7;
    rows[9].exchange.reply_facts = GW_REPLY_CASE_DIFFERS;
    rows[10].exchange.ip_ttl = 64;
    rows[10].exchange.transport = GW_TRANSPORT_TCP;
    rows[11].exchange.ip_ttl = 64;
    rows[11].exchange.leg = GW_LEG_CLIENT;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        open_table(GW_SERVER_SAMPLES);

        const uint32_t breaks = meet(&rows[i].exchange);

        if (breaks != rows[i].breaks)
            fail_msg("%s: %x, not %x", rows[i].shows, breaks, rows[i].breaks);
        gw_server_free(table);
        open_table(GW_SERVER_SAMPLES - 1);
        assert_int_equal(meet(&rows[i].exchange) & ~(uint32_t)GW_SERVER_BREAK_COOKIE, 0);
        gw_server_free(table);
    }
}

static void
the_fifth_in_a_row_is_the_path(void **state)
{
    struct gw_exchange exchange = usual();

    (void)state;
    open_table(100);
    exchange.ip_ttl = 47;
    for (uint32_t i = 1; i <= GW_SERVER_SHIFT; i++) {
        assert_int_equal(meet(&exchange), GW_SERVER_BREAK_TTL);
        assert_int_equal(table->latest.shifted, i == GW_SERVER_SHIFT);
    }
    assert_int_equal(meet(&exchange), 0);
    gw_server_free(table);
}

/* The other response to each query shows that the path is what it was. */
static void
a_race_is_no_new_path(void **state)
{
    struct gw_exchange forged = usual();
    struct gw_exchange second = usual();

    (void)state;
    open_table(100);
    forged.ip_ttl = 64;
    forged.rtt_ns = 5000000;
    second.fit = GW_FIT_SECOND;
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(meet(&forged), GW_SERVER_BREAKS_PATH);
        assert_int_equal(meet(&second), 0);
    }
    gw_server_free(table);
}

static void
who_was_heard_longest_ago_is_forgotten(void **state)
{
    struct gw_exchange exchange = usual();

    (void)state;
    open_table(1);
    for (uint32_t i = 0; i < GW_SERVERS_KNOWN; i++) {
        exchange.server = address(10, i);
        meet(&exchange);
        if (i == GW_SERVERS_KNOWN / 2) {
            const struct gw_exchange again = usual();

            meet(&again);
        }
    }
    assert_int_equal(table->servers.count, GW_SERVERS_KNOWN);
    assert_int_equal(table->servers.displaced, 1);

    const struct gw_addr kept = usual().server;
    const struct gw_addr gone = address(10, 0);

    assert_non_null(gw_server_find(table, &kept));
    assert_null(gw_server_find(table, &gone));
    gw_server_free(table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_break_is_seen_after_twenty_samples),
        cmocka_unit_test(the_fifth_in_a_row_is_the_path),
        cmocka_unit_test(a_race_is_no_new_path),
        cmocka_unit_test(who_was_heard_longest_ago_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
