/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parse/dns/message.h"
#include "tests/support/message_builder.h"

#define MEMORY    (4u * 1024 * 1024)
#define STEPS_MAX 8u
#define TOLD_MAX  64u
#define EPOCH_NS  (1700000000 * GW_NS_PER_S)

/* The usual question and answers to it. */
#define Q       "id=7; ? www.foo.example A"
#define R       "qr id=7; ? www.foo.example A; = www.foo.example A 192.0.2.80"
#define R_OTHER "qr id=7; ? www.foo.example A; = www.foo.example A 198.51.100.66"

/* How a packet differs from the usual one. */
enum how {
    TCP = 1,
    OTHER_SERVER = 2,
    OTHER_PORT = 4,   /* of the resolver */
    OTHER_SOURCE = 8, /* port of the server */
    STRANGER = 16,    /* the resolver is one that never asks */
    TAGGED = 32,
    SNAPPED = 64, /* two octets less were captured */
    IP6 = 128,
};

struct step {
    int ms;           /* packet time; 0 ends the steps */
    const char *text; /* NULL: R */
    uint32_t how;
    uint16_t ip_id; /* 0: one of its own */
    uint8_t ip_ttl; /* 0: 57 */
};

static const char *const names[GW_FIT_COUNT] = {
#define NAME(id, name, text) name,
    GW_FIT_LIST(NAME)
#undef NAME
};

static struct gw_hash_key key;
static struct gw_match_stats stats;
static struct gw_match *match;
static struct gw_exchange told[TOLD_MAX];
static uint32_t told_count;
static uint32_t frame;

static void
note(const struct gw_exchange *exchange)
{
    if (told_count == TOLD_MAX)
        told_count = 0; /* only the latest are looked at */
    told[told_count] = *exchange;
    told[told_count++].qname = NULL;
}

static void
drain(int64_t now_ns)
{
    struct gw_exchange exchange;
    struct gw_payload payload;

    while (gw_match_waited(match, now_ns, &payload, &exchange))
        note(&exchange);
}

/* The payload of a step: a response comes from the server, a query goes to it. */
static struct gw_payload
payload_of(const struct step *step, const struct gw_builder *builder)
{
    struct gw_payload payload = gw_builder_payload(builder->octets, builder->len);

    payload.frame = ++frame;
    payload.time_ns = EPOCH_NS + step->ms * (GW_NS_PER_S / 1000);
    payload.ip_id = step->ip_id != 0 ? step->ip_id : (uint16_t)(1000 + frame);
    payload.flags |= GW_PAYLOAD_IP_ID;
    payload.ip_ttl = step->ip_ttl != 0 ? step->ip_ttl : 57;
    payload.transport = (step->how & TCP) != 0 ? GW_TRANSPORT_TCP : GW_TRANSPORT_UDP;
    payload.source.octet[3] = (step->how & OTHER_SERVER) != 0 ? 99 : payload.source.octet[3];
    payload.source_port = (step->how & OTHER_SOURCE) != 0 ? 5353 : 53;
    payload.destination.octet[2] = (step->how & STRANGER) != 0 ? 77 : 100;
    payload.destination_port = (step->how & OTHER_PORT) != 0 ? 4343 : 4242;
    if ((step->how & TAGGED) != 0)
        payload.flags |= GW_PAYLOAD_TAGGED;
    if ((step->how & IP6) != 0) {
        payload.source.family = payload.destination.family = 6;
        payload.flags &= (uint16_t)~GW_PAYLOAD_IP_ID;
    }
    if ((step->how & SNAPPED) != 0) {
        payload.len -= 2;
        payload.flags |= GW_PAYLOAD_CUT;
    }
    return payload;
}

static void
turn_round(struct gw_payload *payload)
{
    const struct gw_payload as_response = *payload;

    payload->source = as_response.destination;
    payload->source_port = as_response.destination_port;
    payload->destination = as_response.source;
    payload->destination_port = as_response.source_port;
}

/* Tells of one packet as the pipeline does. */
static void
tell(const struct step *step)
{
    static struct gw_builder builder;
    struct gw_payload payload;
    struct gw_exchange exchange;
    struct gw_msg msg;

    gw_builder_text(&builder, step->text != NULL ? step->text : R);
    payload = payload_of(step, &builder);
    gw_msg_parse(&payload, &msg);
    if (!msg.response)
        turn_round(&payload);
    drain(payload.time_ns);
    if (gw_match_message(match, &msg, &exchange))
        note(&exchange);
    drain(payload.time_ns);
}

static void
begin(void)
{
    memset(&stats, 0, sizeof(stats));
    gw_hash_key_seeded(&key, 5);
    match = gw_match_new(&key, MEMORY, &stats);
    assert_non_null(match);
    frame = 0;
    told_count = 0;
}

/* The resolver and the server are known, and the capture has gone on for a while. */
static void
begin_amid(void)
{
    begin();
    tell(&(struct step){.ms = -60000, .text = "id=1; ? old.example A"});
    tell(&(struct step){.ms = -59990, .text = "qr id=1; ? old.example A"});
    told_count = 0;
    memset(&stats, 0, sizeof(stats));
}

static void
end(void)
{
    uint64_t total = 0;

    drain(INT64_MAX);
    gw_match_finish(match);
    for (uint32_t i = 0; i < GW_FIT_COUNT; i++)
        total += stats.fits[i];
    assert_true(total >= told_count);
    gw_match_free(match);
}

static void
assert_told(const char *what, const char *want)
{
    char got[512] = "";

    for (uint32_t i = 0; i < told_count; i++) {
        strcat(got, i == 0 ? "" : " ");
        strcat(got, names[told[i].fit]);
    }
    if (strcmp(got, want) != 0)
        fail_msg("%s: %s, not %s", what, got, want);
}

static const struct {
    const char *what;
    struct step steps[STEPS_MAX];
    const char *told; /* fits in the order of telling */
} conversations[] = {
    {"a query and its response", {{.ms = 1, .text = Q}, {.ms = 20, .text = R}}, "query first"},
    {"the response in other letters",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = "qr id=7; ? WWW.foo.example A"}}, "query first"},
    {"an error without a question", {{.ms = 1, .text = Q}, {.ms = 20, .text = "qr id=7 rcode=5"}},
        "query first"},
    {"a response that cannot be read leaves the query open",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = "qr id=7 an=3; ? www.foo.example A"},
            {.ms = 30, .text = R}},
        "query first first"},
    {"the same said twice", {{.ms = 1, .text = Q}, {.ms = 20, .text = R}, {.ms = 40, .text = R}},
        "query first same"},
    {"something else said in addition",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R}, {.ms = 40, .text = R_OTHER}},
        "query first second"},
    {"a third response",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R}, {.ms = 40, .text = R_OTHER},
            {.ms = 60, .text = R}},
        "query first second same"},
    {"a further response after nine seconds",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R}, {.ms = 9000, .text = R_OTHER}},
        "query first second"},
    {"a further response after eleven seconds",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R}, {.ms = 11100, .text = R_OTHER}},
        "query first late"},
    {"over TCP it is held for less",
        {{.ms = 1, .text = Q, .how = TCP}, {.ms = 20, .text = R, .how = TCP},
            {.ms = 9000, .text = R_OTHER, .how = TCP}},
        "query first late"},
    {"another ID",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = "qr id=8; ? www.foo.example A"},
            {.ms = 30, .text = R}},
        "query wrong-id first"},
    {"another ID after the answer",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R},
            {.ms = 30, .text = "qr id=8; ? www.foo.example A"}},
        "query first wrong-id"},
    {"another question",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = "qr id=7; ? www.bar.example A"},
            {.ms = 30, .text = R}},
        "query wrong-question first"},
    {"another type", {{.ms = 1, .text = Q}, {.ms = 20, .text = "qr id=7; ? www.foo.example AAAA"}},
        "query wrong-question"},
    {"another source",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R, .how = OTHER_SERVER}, {.ms = 30, .text = R}},
        "query wrong-source first"},
    {"another source port", {{.ms = 1, .text = Q}, {.ms = 20, .text = R, .how = OTHER_SOURCE}},
        "query wrong-source"},
    {"another port of the resolver",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R, .how = OTHER_PORT}}, "query unsolicited"},
    {"after four seconds", {{.ms = 1, .text = Q}, {.ms = 4900, .text = R}}, "query first"},
    {"after six seconds", {{.ms = 1, .text = Q}, {.ms = 6000, .text = R}}, "query late"},
    {"after forty seconds", {{.ms = 1, .text = Q}, {.ms = 40000, .text = R}}, "query unsolicited"},
    {"sent again, answered once",
        {{.ms = 1, .text = Q}, {.ms = 900, .text = Q}, {.ms = 920, .text = R}},
        "query query-again first"},
    {"sent again, answered twice",
        {{.ms = 1, .text = Q}, {.ms = 900, .text = Q}, {.ms = 920, .text = R},
            {.ms = 930, .text = R}},
        "query query-again first same"},
    {"what is sent again is open for longer",
        {{.ms = 1, .text = Q}, {.ms = 4000, .text = Q}, {.ms = 8000, .text = R}},
        "query query-again first"},
    {"asked again once it was answered",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R}, {.ms = 3000, .text = Q},
            {.ms = 3020, .text = R_OTHER}},
        "query first query first"},
    {"the port serves for another question",
        {{.ms = 1, .text = Q}, {.ms = 5, .text = "id=9; ? www.bar.example A"},
            {.ms = 20, .text = "qr id=9; ? www.bar.example A"}, {.ms = 30, .text = R}},
        "query query first first"},
    {"two questions in one connection, answered out of order",
        {{.ms = 1, .text = Q, .how = TCP},
            {.ms = 2, .text = "id=9; ? www.bar.example A", .how = TCP},
            {.ms = 20, .text = "qr id=9; ? www.bar.example A", .how = TCP},
            {.ms = 30, .text = R, .how = TCP}},
        "query query first first"},
    {"many messages of a transfer",
        {{.ms = 1, .text = "id=7; ? foo.example AXFR", .how = TCP},
            {.ms = 20, .text = "qr aa id=7; ? foo.example AXFR", .how = TCP},
            {.ms = 30,
                .text = "qr aa id=7; ? foo.example AXFR; = foo.example A 192.0.2.1",
                .how = TCP}},
        "query first first"},
    {"the response comes first", {{.ms = 1, .text = R}, {.ms = 150, .text = Q}}, "query first"},
    {"the response comes too early", {{.ms = 1, .text = R}, {.ms = 250, .text = Q}},
        "unsolicited query"},
    {"two responses come first",
        {{.ms = 1, .text = R}, {.ms = 2, .text = R_OTHER}, {.ms = 50, .text = Q}},
        "query first second"},
    {"a copy of what waits",
        {{.ms = 1, .text = R, .ip_id = 5}, {.ms = 2, .text = R, .ip_id = 5}, {.ms = 50, .text = Q}},
        "copy query first"},
    {"nobody asked", {{.ms = 1, .text = R}, {.ms = 300, .text = "id=9; ? www.bar.example A"}},
        "unsolicited query"},
    {"the destination never asks, and matching is not known to be good",
        {{.ms = 1, .text = R, .how = STRANGER}}, "unknown"},
    {"a query for nothing", {{.ms = 1, .text = "id=7 qd=0"}, {.ms = 20, .text = "qr id=7 rcode=1"}},
        "query first"},
    {"another opcode",
        {{.ms = 1, .text = "id=7 opcode=4; ? foo.example SOA"},
            {.ms = 20, .text = "qr id=7 opcode=4; ? foo.example SOA"}},
        "query first"},
    {"a query with an ID of 0",
        {{.ms = 1, .text = "? foo.example A"}, {.ms = 20, .text = "qr; ? foo.example A"}},
        "query first"},
    {"cut by the snap length, twice",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R, .how = SNAPPED}, {.ms = 700, .text = R}},
        "query first same"},
    {"mirrored twice",
        {{.ms = 1, .text = Q, .ip_id = 5}, {.ms = 1, .text = Q, .ip_id = 5},
            {.ms = 20, .text = R, .ip_id = 6}, {.ms = 20, .text = R, .ip_id = 6}},
        "query copy first copy"},
    {"mirrored with and without a tag",
        {{.ms = 1, .text = Q, .ip_id = 5}, {.ms = 2, .text = Q, .how = TAGGED, .ip_id = 5}},
        "query copy"},
    {"seen at two places",
        {{.ms = 1, .text = Q, .ip_id = 5, .ip_ttl = 60},
            {.ms = 3, .text = Q, .ip_id = 5, .ip_ttl = 59}},
        "query copy"},
    {"a mirror with a delay",
        {{.ms = 1, .text = Q, .ip_id = 5}, {.ms = 450, .text = Q, .ip_id = 5}}, "query copy"},
    {"a mirror with too long a delay",
        {{.ms = 1, .text = Q, .ip_id = 5}, {.ms = 550, .text = Q, .ip_id = 5}},
        "query query-again"},
    {"the copy of a response after the copy of its query",
        {{.ms = 1, .text = Q, .ip_id = 5}, {.ms = 20, .text = R, .ip_id = 6},
            {.ms = 301, .text = Q, .ip_id = 5}, {.ms = 320, .text = R, .ip_id = 6}},
        "query first copy copy"},
    {"other octets are no copy",
        {{.ms = 1, .text = Q}, {.ms = 20, .text = R, .ip_id = 6},
            {.ms = 21, .text = R_OTHER, .ip_id = 6}},
        "query first second"},
    {"IPv6 copies are known by the hop limit",
        {{.ms = 1, .text = Q, .how = IP6, .ip_ttl = 60},
            {.ms = 3, .text = Q, .how = IP6, .ip_ttl = 58}},
        "query copy"},
    {"IPv6 from elsewhere",
        {{.ms = 1, .text = Q, .how = IP6}, {.ms = 20, .text = R, .how = IP6, .ip_ttl = 60},
            {.ms = 40, .text = R, .how = IP6, .ip_ttl = 40}},
        "query first same"},
    {"copies of what nobody asked",
        {{.ms = 1, .text = R, .ip_id = 5}, {.ms = 2, .text = R, .ip_id = 5}}, "copy unsolicited"},
};

static void
each_message_fits_as_resolvers_see_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(conversations); i++) {
        begin_amid();
        for (const struct step *step = conversations[i].steps; step->ms != 0; step++)
            tell(step);
        drain(INT64_MAX);
        assert_told(conversations[i].what, conversations[i].told);
        end();
    }
}

/* The exchange told last. */
static const struct gw_exchange *
last(void)
{
    assert_true(told_count > 0);
    return &told[told_count - 1];
}

static void
the_query_is_told_with_its_response(void **state)
{
    (void)state;
    begin_amid();
    tell(&(struct step){.ms = 100, .text = "id=7; ? wWw.foo.example A; + . OPT size=1400 do"});
    assert_int_equal(last()->query_facts, GW_QUERY_OPT | GW_QUERY_DO | GW_QUERY_MIXED_CASE);
    assert_int_equal(last()->edns_size, 1400);
    assert_true((last()->facts & GW_FACT_OPT) != 0);
    assert_int_equal(last()->same_question, 1);
    tell(&(struct step){.ms = 130, .text = R, .ip_ttl = 60});
    assert_int_equal(last()->fit, GW_FIT_FIRST);
    assert_true(last()->has_query);
    assert_int_equal(last()->rtt_ns, 30000000);
    assert_int_equal(last()->query_edns_size, 1400);
    assert_int_equal(last()->query_frame, 3);
    assert_int_equal(last()->query_ip_ttl, 57);
    assert_int_equal(last()->ip_ttl, 60);
    assert_int_equal(last()->reply_facts, GW_REPLY_CASE_DIFFERS);
    assert_int_equal(last()->qname_len, 17);
    tell(&(struct step){.ms = 150, .text = R_OTHER});
    assert_int_equal(last()->fit, GW_FIT_SECOND);
    assert_int_equal(last()->first_frame, 4);
    assert_int_equal(last()->first_ip_ttl, 60);
    assert_int_equal(last()->first_class, GW_CLASS_ANSWER);
    assert_int_equal(last()->first_ns, EPOCH_NS + 130000000);
    end();
}

static void
options_are_compared(void **state)
{
    static const struct {
        const char *what, *query, *response;
        uint32_t facts;
    } rows[] = {
        {"no option", "id=7; ? foo.example A; + . OPT", "qr id=7; ? foo.example A; + . OPT", 0},
        {"the cookie comes back", "id=7; ? foo.example A; + . OPT \\000a00080102030405060708",
            "qr id=7; ? foo.example A; + . OPT \\000a001001020304050607081111111111111111",
            GW_REPLY_COOKIE_ECHOED},
        {"another cookie", "id=7; ? foo.example A; + . OPT \\000a00080102030405060708",
            "qr id=7; ? foo.example A; + . OPT \\000a001001020304050607ff1111111111111111",
            GW_REPLY_COOKIE_WRONG},
        {"a cookie nobody sent", "id=7; ? foo.example A",
            "qr id=7; ? foo.example A; + . OPT \\000a00080102030405060708", GW_REPLY_COOKIE_WRONG},
        {"a cookie that is none", "id=7; ? foo.example A; + . OPT \\000a000401020304",
            "qr id=7; ? foo.example A; + . OPT \\000a000401020304", 0},
        {"the subnet, with a scope", "id=7; ? foo.example A; + . OPT \\0008000700011800c63364",
            "qr id=7; ? foo.example A; + . OPT \\0008000700011810c63364", GW_REPLY_ECS},
        {"another subnet", "id=7; ? foo.example A; + . OPT \\0008000700011800c63364",
            "qr id=7; ? foo.example A; + . OPT \\0008000700011800c63365",
            GW_REPLY_ECS | GW_REPLY_ECS_DIFFERS},
        {"another prefix", "id=7; ? foo.example A; + . OPT \\0008000700011800c63364",
            "qr id=7; ? foo.example A; + . OPT \\0008000700011700c63364",
            GW_REPLY_ECS | GW_REPLY_ECS_DIFFERS},
        {"a subnet nobody sent", "id=7; ? foo.example A",
            "qr id=7; ? foo.example A; + . OPT \\0008000700011800c63364",
            GW_REPLY_ECS | GW_REPLY_ECS_DIFFERS},
        {"an option that runs past its record",
            "id=7; ? foo.example A; + . OPT \\000aff080102030405060708",
            "qr id=7; ? foo.example A; + . OPT \\000aff080102030405060708", 0},
    };

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++) {
        begin_amid();
        tell(&(struct step){.ms = 1, .text = rows[i].query});
        tell(&(struct step){.ms = 9, .text = rows[i].response});
        if (last()->fit != GW_FIT_FIRST || last()->reply_facts != rows[i].facts)
            fail_msg("%s: %s, %x", rows[i].what, names[last()->fit], last()->reply_facts);
        end();
    }
}

static void
wrong_ids_are_counted_for_each_query(void **state)
{
    char text[64];

    (void)state;
    begin_amid();
    tell(&(struct step){.ms = 1, .text = Q});
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "qr id=%d; ? www.foo.example A", i < 80 ? 1000 + i : 2000);
        tell(&(struct step){.ms = 2 + i, .text = text});
        assert_int_equal(last()->fit, GW_FIT_WRONG_ID);
        assert_int_equal(last()->wrong_count, i + 1);
        assert_int_equal(last()->wrong_ids, i < 64 ? i + 1 : 64);
    }
    assert_int_equal(last()->wrong_steps, 79);
    assert_int_equal(last()->first_wrong_ns, EPOCH_NS + 2000000);
    assert_int_equal(last()->query_id, 7);
    tell(&(struct step){.ms = 200, .text = R});
    assert_int_equal(last()->fit, GW_FIT_FIRST);
    assert_int_equal(last()->wrong_count, 100);
    tell(&(struct step){.ms = 6000, .text = "id=9; ? www.foo.example A"});
    tell(&(struct step){.ms = 6001, .text = "qr id=10; ? www.foo.example A"});
    assert_int_equal(last()->wrong_count, 1);
    assert_int_equal(last()->wrong_ids, 1);
    end();
}

static void
identical_questions_are_counted(void **state)
{
    char text[96];

    (void)state;
    begin_amid();
    for (int i = 0; i < 20; i++) { /* as many subnets, which resolvers take for as many questions */
        snprintf(text, sizeof(text),
            "id=%d; ? www.foo.example A; + . OPT \\00080007000118000a00%02x", 100 + i, i);
        tell(&(struct step){.ms = 1 + i, .text = text, .how = i % 2 != 0 ? OTHER_SERVER : 0});
        assert_int_equal(last()->same_question, i + 1);
    }
    tell(&(struct step){.ms = 50, .text = "qr id=7; ? www.foo.example A"});
    assert_int_equal(last()->fit, GW_FIT_WRONG_ID);
    assert_int_equal(last()->same_question, 20);
    tell(&(struct step){.ms = 7000, .text = Q});
    assert_int_equal(last()->same_question, 1);
    end();
}

static void
a_retry_over_tcp_is_noted(void **state)
{
    (void)state;
    begin_amid();
    tell(&(struct step){.ms = 1, .text = Q});
    tell(&(struct step){.ms = 2, .text = "qr id=9; ? www.foo.example A"});
    tell(&(struct step){.ms = 3, .text = "id=8; ? www.foo.example A", .how = TCP | OTHER_PORT});
    assert_int_equal(last()->reply_facts, GW_REPLY_TCP_RETRY);
    end();
    begin_amid();
    tell(&(struct step){.ms = 1, .text = Q});
    tell(&(struct step){.ms = 2, .text = "qr tc id=7; ? www.foo.example A"});
    tell(&(struct step){.ms = 3, .text = "id=8; ? www.foo.example A", .how = TCP | OTHER_PORT});
    assert_int_equal(last()->reply_facts, 0);
    end();
}

/* So many queries, each with its response behind it (before it, when @p ahead_ms is negative). */
static void
talk(int from_ms, uint32_t count, int ahead_ms, uint32_t how)
{
    char query[64];
    char response[64];

    for (uint32_t i = 0; i < count; i++) {
        const int at = from_ms + 10 * (int)i;

        snprintf(query, sizeof(query), "id=%u; ? www%u.foo.example A", 100 + i, i);
        snprintf(response, sizeof(response), "qr id=%u; ? www%u.foo.example A", 100 + i, i);
        if (ahead_ms >= 0)
            tell(&(struct step){.ms = at, .text = query, .how = how});
        tell(&(struct step){.ms = at + ahead_ms, .text = response, .how = how});
        if (ahead_ms < 0)
            tell(&(struct step){.ms = at, .text = query, .how = how});
    }
}

static void
backscatter_is_known_once_matching_goes_well(void **state)
{
    (void)state;
    begin();
    talk(0, 190, 3, 0);
    tell(&(struct step){.ms = 8000, .text = R, .how = STRANGER});
    assert_int_equal(last()->fit, GW_FIT_UNKNOWN);
    talk(10000, 20, 3, 0);
    tell(&(struct step){.ms = 20000, .text = R_OTHER, .how = STRANGER});
    drain(INT64_MAX);
    assert_int_equal(last()->fit, GW_FIT_UNSOLICITED);
    end();
}

static void
a_one_way_tap_is_unknown_however_many_come(void **state)
{
    char text[64];

    (void)state;
    begin();
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "qr id=%d; ? www.foo.example A", i);
        tell(&(struct step){.ms = 1 + 100 * i, .text = text});
        assert_int_equal(last()->fit, GW_FIT_UNKNOWN);
    }
    assert_int_equal(stats.deferred, 0);
    end();
}

static void
the_first_seconds_may_lack_queries(void **state)
{
    (void)state;
    begin();
    tell(&(struct step){.ms = 1, .text = Q});
    tell(&(struct step){.ms = 2, .text = "qr id=9; ? www.bar.example A"});
    tell(&(struct step){.ms = 4000, .text = "qr id=10; ? www.bar.example A"});
    tell(&(struct step){.ms = 5500, .text = "qr id=11; ? www.bar.example A"});
    drain(INT64_MAX);
    assert_told("by time", "query unknown unknown unsolicited");
    end();
}

static void
servers_that_are_never_asked_have_another_way(void **state)
{
    char text[64];

    (void)state;
    begin_amid();
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof(text), "qr id=%d; ? www.foo.example A", i);
        tell(&(struct step){.ms = 1 + 1000 * i, .text = text, .how = OTHER_SERVER});
    }
    drain(INT64_MAX);
    assert_int_equal(stats.fits[GW_FIT_UNSOLICITED], 20);
    assert_int_equal(stats.fits[GW_FIT_UNKNOWN], 20);
    end();
    begin_amid();
    for (int i = 0; i < 40; i++) { /* a burst is no other way */
        snprintf(text, sizeof(text), "qr id=%d; ? www.foo.example A", i);
        tell(&(struct step){.ms = 1 + i, .text = text, .how = OTHER_SERVER});
    }
    drain(INT64_MAX);
    assert_int_equal(stats.fits[GW_FIT_UNSOLICITED], 40);
    end();
}

static void
a_clock_behind_is_learned_from(void **state)
{
    (void)state;
    begin();
    talk(100, 300, -30, 0);
    drain(INT64_MAX);
    assert_int_equal(stats.fits[GW_FIT_FIRST], 299);
    assert_int_equal(stats.fits[GW_FIT_UNKNOWN], 1); /* nobody was known to ask yet */
    assert_int_equal(stats.deferred, 299);
    end();
}

static void
doubled_packets_change_nothing(void **state)
{
    (void)state;
    for (int skew = -30; skew <= 30; skew += 60) {
        struct gw_match_stats plain;

        begin_amid();
        talk(100, 50, skew, 0);
        end();
        plain = stats;
        begin_amid();
        for (int i = 0; i < 50; i++) {
            char query[64];
            char response[64];
            const int at = 100 + 10 * i;

            snprintf(query, sizeof(query), "id=%d; ? www%d.foo.example A", 100 + i, i);
            snprintf(response, sizeof(response), "qr id=%d; ? www%d.foo.example A", 100 + i, i);
            for (int copy = 0; copy < 2 && skew < 0; copy++)
                tell(&(struct step){
                    .ms = at + skew, .text = response, .ip_id = (uint16_t)(i + 300)});
            for (int copy = 0; copy < 2; copy++)
                tell(&(struct step){.ms = at,
                    .text = query,
                    .ip_id = (uint16_t)(i + 1),
                    .ip_ttl = (uint8_t)(64 - copy)});
            for (int copy = 0; copy < 2 && skew > 0; copy++)
                tell(&(struct step){
                    .ms = at + skew, .text = response, .ip_id = (uint16_t)(i + 300)});
        }
        end();
        assert_int_equal(stats.fits[GW_FIT_COPY], 100);
        for (uint32_t i = 0; i < GW_FIT_COUNT; i++)
            if (i != GW_FIT_COPY)
                assert_int_equal(stats.fits[i], plain.fits[i]);
    }
}

static void
the_first_response_is_held(void **state)
{
    const struct gw_payload *first = NULL;
    struct gw_msg msg;

    (void)state;
    begin_amid();
    tell(&(struct step){.ms = 1, .text = Q});
    tell(&(struct step){.ms = 2, .text = R});
    assert_null(gw_match_first(match));
    tell(&(struct step){.ms = 3, .text = R_OTHER});
    assert_int_equal(last()->fit, GW_FIT_SECOND);
    end();
    begin_amid();
    tell(&(struct step){.ms = 1, .text = Q});
    tell(&(struct step){.ms = 2, .text = R});
    {
        static struct gw_builder builder;
        struct gw_payload payload;
        struct gw_exchange exchange;

        gw_builder_text(&builder, R_OTHER);
        payload = payload_of(&(struct step){.ms = 3}, &builder);
        gw_msg_parse(&payload, &msg);
        assert_true(gw_match_message(match, &msg, &exchange));
        first = gw_match_first(match);
        assert_non_null(first);
        assert_int_equal(first->frame, 4);
        gw_msg_parse(first, &msg);
        assert_int_equal(msg.class, GW_CLASS_ANSWER);
        assert_int_equal(first->data[first->len - 1], 80);
    }
    end();
}

static void
what_is_forgotten_is_told_by_its_hash(void **state)
{
    static char big[40000];
    char text[64];
    uint32_t len = 0;

    (void)state;
    begin_amid();
    tell(&(struct step){.ms = 1, .text = Q});
    tell(&(struct step){.ms = 2, .text = R});
    for (int i = 0; i < 200; i++) { /* more octets than are held */
        snprintf(text, sizeof(text), "id=%d; ? www%d.foo.example A", 1000 + i, i);
        tell(&(struct step){.ms = 10 + i, .text = text});
        len = (uint32_t)snprintf(big, sizeof(big), "qr id=%d; ? www%d.foo.example A", 1000 + i, i);
        for (int j = 0; j < 700; j++)
            len += (uint32_t)snprintf(
                big + len, sizeof(big) - len, "; = w A 192.0.%d.%d", j / 250, j % 250);
        tell(&(struct step){.ms = 10 + i, .text = big});
        assert_int_equal(last()->fit, GW_FIT_FIRST);
    }
    tell(&(struct step){.ms = 500, .text = R});
    assert_int_equal(last()->fit, GW_FIT_SAME);
    assert_int_equal(stats.forgotten, 0);
    tell(&(struct step){.ms = 600, .text = R_OTHER});
    assert_int_equal(last()->fit, GW_FIT_SECOND);
    assert_null(gw_match_first(match));
    assert_int_equal(stats.forgotten, 1);
    end();
}

static void
too_many_open_queries_degrade(void **state)
{
    char text[64];

    (void)state;
    begin_amid();
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "id=%d; ? www%d.foo.example A", i, i);
        tell(&(struct step){.ms = 1 + i / 10, .text = text});
    }
    assert_true(stats.overflow > 0);
    assert_true(last()->degraded);
    tell(&(struct step){.ms = 1001, .text = "qr id=9999; ? www9999.foo.example A"});
    assert_int_equal(last()->fit, GW_FIT_FIRST);
    tell(&(struct step){.ms = 70000, .text = Q});
    assert_false(last()->degraded);
    assert_int_equal(stats.unanswered, 9999);
    end();
}

static void
time_may_jump(void **state)
{
    static const int64_t times[] = {
        0, INT64_MAX, INT64_MIN, 5, INT64_MAX, INT64_MAX - 1, -1, 0, INT64_MIN + 1, INT64_MAX};
    static struct gw_builder builder;
    struct gw_exchange exchange;
    uint64_t total = 0;

    (void)state;
    begin();
    for (size_t i = 0; i < 4 * GW_ARRAY_LEN(times); i++) {
        const char *texts[] = {Q, R, R_OTHER, "qr id=9; ? www.bar.example A"};
        struct gw_payload payload;
        struct gw_msg msg;

        gw_builder_text(&builder, texts[i % 4]);
        payload = gw_builder_payload(builder.octets, builder.len);
        payload.time_ns = times[i % GW_ARRAY_LEN(times)];
        payload.frame = i;
        gw_msg_parse(&payload, &msg);
        if (!msg.response)
            turn_round(&payload);
        drain(payload.time_ns);
        if (gw_match_message(match, &msg, &exchange))
            note(&exchange);
        drain(payload.time_ns);
    }
    drain(INT64_MAX);
    for (uint32_t i = 0; i < GW_FIT_COUNT; i++)
        total += stats.fits[i];
    assert_int_equal(total, 4 * GW_ARRAY_LEN(times));
    gw_match_finish(match);
    gw_match_free(match);
}

static void
a_step_back_begins_anew(void **state)
{
    (void)state;
    begin_amid();
    tell(&(struct step){.ms = 100000, .text = Q});
    tell(&(struct step){.ms = 99900, .text = R}); /* a little is skew */
    assert_int_equal(last()->fit, GW_FIT_FIRST);
    assert_int_equal(last()->rtt_ns, -100000000);
    tell(&(struct step){.ms = 100001, .text = "id=9; ? www.foo.example A"});
    tell(&(struct step){.ms = 50000, .text = "qr id=9; ? www.foo.example A"});
    assert_int_equal(last()->fit, GW_FIT_UNKNOWN);
    end();
}

static void
legs_are_told_apart(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 5; i++) { /* the resolver asks servers with RD=0 */
        char text[64];

        snprintf(text, sizeof(text), "id=%d; ? www.foo.example A", i);
        tell(&(struct step){.ms = 1 + i, .text = text});
        assert_int_equal(last()->leg, GW_LEG_UPSTREAM);
    }
    tell(&(struct step){.ms = 10, .text = "qr id=0; ? www.foo.example A"});
    assert_int_equal(last()->leg, GW_LEG_UPSTREAM);
    tell(&(struct step){.ms = 20, .text = "rd id=50; ? www.foo.example A", .how = STRANGER});
    assert_int_equal(last()->leg, GW_LEG_UNKNOWN);
    tell(&(struct step){.ms = 30, .text = "qr rd ra id=50; ? www.foo.example A", .how = STRANGER});
    assert_int_equal(last()->leg, GW_LEG_CLIENT);
    tell(&(struct step){.ms = 40, .text = "rd id=51; ? www.foo.example A", .how = OTHER_SERVER});
    tell(&(struct step){
        .ms = 50, .text = "qr rd ra id=51; ? www.foo.example A", .how = OTHER_SERVER});
    assert_int_equal(last()->fit, GW_FIT_FIRST);
    assert_int_equal(last()->leg, GW_LEG_FORWARD);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_fits_as_resolvers_see_it),
        cmocka_unit_test(the_query_is_told_with_its_response),
        cmocka_unit_test(options_are_compared),
        cmocka_unit_test(wrong_ids_are_counted_for_each_query),
        cmocka_unit_test(identical_questions_are_counted),
        cmocka_unit_test(a_retry_over_tcp_is_noted),
        cmocka_unit_test(backscatter_is_known_once_matching_goes_well),
        cmocka_unit_test(a_one_way_tap_is_unknown_however_many_come),
        cmocka_unit_test(the_first_seconds_may_lack_queries),
        cmocka_unit_test(servers_that_are_never_asked_have_another_way),
        cmocka_unit_test(a_clock_behind_is_learned_from),
        cmocka_unit_test(doubled_packets_change_nothing),
        cmocka_unit_test(the_first_response_is_held),
        cmocka_unit_test(what_is_forgotten_is_told_by_its_hash),
        cmocka_unit_test(too_many_open_queries_degrade),
        cmocka_unit_test(time_may_jump),
        cmocka_unit_test(a_step_back_begins_anew),
        cmocka_unit_test(legs_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
