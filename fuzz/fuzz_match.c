/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any sequence of messages, at any times, through the matcher. Each message begins with a head of
 * eight octets: length of the DNS message, step in time, addresses and ports, flags.
 */
#include <stdlib.h>
#include <string.h>

#include "parse/dns/message.h"
#include "parse/match.h"

#define DEMAND(condition) \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

#define MEMORY   (1024u * 1024)
#define HEAD_LEN 8u

/* One run of the matcher over the input. */
struct run {
    struct gw_match *match;
    struct gw_match_stats stats;
    uint64_t told, waits;
    int64_t now_ns;
};

static void
demand_exchange(const struct run *run, const struct gw_exchange *exchange, bool response)
{
    const enum gw_fit fit = exchange->fit;

    DEMAND(fit < GW_FIT_COUNT);
    DEMAND(fit == GW_FIT_COPY || (fit == GW_FIT_QUERY || fit == GW_FIT_QUERY_AGAIN) == !response);
    DEMAND(exchange->wrong_ids <= exchange->wrong_count);
    DEMAND((gw_match_first(run->match) == NULL) || fit == GW_FIT_SECOND);
    if (fit == GW_FIT_FIRST || fit == GW_FIT_SAME || fit == GW_FIT_SECOND)
        DEMAND(exchange->has_query);
}

static void
drain(struct run *run, int64_t now_ns)
{
    struct gw_payload payload;
    struct gw_exchange exchange;

    while (gw_match_waited(run->match, now_ns, &payload, &exchange)) {
        DEMAND(payload.len >= 12 && exchange.fit != GW_FIT_COPY);
        demand_exchange(run, &exchange, true);
        DEMAND(run->waits > 0);
        run->waits--;
        run->told++;
    }
}

/* Steps of a few ms, of seconds, of years, back and forth. */
static int64_t
step_of(uint8_t octet)
{
    static const int64_t units[] = {1000000, 50000000, GW_NS_PER_S, INT64_MAX / 32};
    const int64_t steps = octet >> 2 & 31;

    return (octet & 0x80) != 0 ? -steps * units[octet & 3] : steps * units[octet & 3];
}

static void
take(struct run *run, const uint8_t *head, const uint8_t *octets, uint32_t len)
{
    struct gw_payload payload = {
        .data = octets,
        .len = len,
        .declared_len = len,
        .frame = run->told,
        .source = {.octet = {192, 0, 2, head[2] & 3}, .family = 4},
        .destination = {.octet = {192, 0, 2, head[3] & 3}, .family = 4},
        .source_port = (uint16_t)(head[2] >> 6),
        .destination_port = (uint16_t)(head[3] >> 6),
        .transport = (head[4] & 1) != 0 ? GW_TRANSPORT_TCP : GW_TRANSPORT_UDP,
        .flags = (uint16_t)(((head[4] & 2) != 0 ? GW_PAYLOAD_IP_ID : 0) |
                            ((head[4] & 4) != 0 ? GW_PAYLOAD_CUT : 0)),
        .ip_ttl = head[5],
        .ip_id = head[6],
    };
    struct gw_exchange exchange;
    struct gw_msg msg;

    if (__builtin_add_overflow(run->now_ns, step_of(head[1]), &run->now_ns))
        run->now_ns = head[7];
    payload.time_ns = run->now_ns;
    gw_msg_parse(&payload, &msg);
    drain(run, run->now_ns);
    if (gw_match_message(run->match, &msg, &exchange)) {
        demand_exchange(run, &exchange, msg.response);
        run->told++;
    } else {
        DEMAND(msg.response);
        run->waits++;
    }
    drain(run, run->now_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {.told = 0};
    struct gw_hash_key key;
    uint64_t total = 0;

    gw_hash_key_seeded(&key, 1);
    run.match = gw_match_new(&key, MEMORY, &run.stats);
    DEMAND(run.match != NULL);
    while (size >= HEAD_LEN + 12) {
        const size_t room = size - HEAD_LEN;
        const uint32_t len = data[0] < 12 ? 12 : data[0];
        const uint32_t used = len < room ? len : (uint32_t)room;
        uint8_t *octets = malloc(used); /* of its own, so that the sanitizer sees its end */

        DEMAND(octets != NULL);
        memcpy(octets, data + HEAD_LEN, used);
        take(&run, data, octets, used);
        free(octets);
        data += HEAD_LEN + used;
        size = room - used;
    }
    drain(&run, INT64_MAX);
    gw_match_finish(run.match);
    DEMAND(run.waits == 0);
    for (uint32_t i = 0; i < GW_FIT_COUNT; i++)
        total += run.stats.fits[i];
    DEMAND(total == run.told);
    gw_match_free(run.match);
    return 0;
}
