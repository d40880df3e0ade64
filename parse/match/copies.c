/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same packet twice: mirrored on two ports, or seen at two places of one path. A copy has the
 * very octets of the message, so that nothing that says something else can pass for one.
 */
#include "parse/match/copies.h"

#include <string.h>

#define PACKETS_MIN 1024u
#define PACKETS_MAX (1u << 17)
#define WINDOW_NS   (GW_NS_PER_S / 2)
#define HOPS_MAX    8   /* routers between two places where one packet is seen */
#define SAME_MAX    16u /* packets of one hash that are looked at */

int
gw_match_copies_init(struct gw_match_copies *copies, uint64_t memory)
{
    uint32_t count =
        gw_match_power(memory / (sizeof(*copies->packet) + 2 * sizeof(uint32_t)), PACKETS_MIN);

    count = count < PACKETS_MAX ? count : PACKETS_MAX;
    gw_match_ring_init(&copies->ring, count);
    copies->packet = calloc(count, sizeof(*copies->packet));
    if (copies->packet == NULL)
        return GW_E_NOMEM;
    return gw_match_index_init(&copies->index, &copies->ring);
}

void
gw_match_copies_done(struct gw_match_copies *copies)
{
    free(copies->packet);
    gw_match_index_done(&copies->index);
}

static uint64_t
hash_of(const struct gw_hash_key *key, const struct gw_payload *payload, bool has_ip_id,
    uint64_t octets_hash)
{
    struct {
        struct gw_addr source, destination;
        uint16_t source_port, destination_port, ip_id;
        uint8_t transport, has_ip_id;
    } packet;

    memset(&packet, 0, sizeof(packet));
    packet.source = payload->source;
    packet.destination = payload->destination;
    packet.source_port = payload->source_port;
    packet.destination_port = payload->destination_port;
    packet.ip_id = has_ip_id ? payload->ip_id : 0;
    packet.transport = payload->transport;
    packet.has_ip_id = has_ip_id;
    return gw_hash_mix(gw_hash_octets(key, &packet, sizeof(packet)), octets_hash);
}

static bool
is_copy(const struct gw_match_packet *packet, const struct gw_match_packet *before)
{
    const int64_t apart = gw_match_elapsed(packet->time_ns, before->time_ns);
    const int hops = before->ip_ttl - packet->ip_ttl;

    if (apart > WINDOW_NS || apart < -WINDOW_NS)
        return false;
    /* Without an identification the hops tell; files that were merged may swap the two places. */
    return packet->has_ip_id || (hops <= HOPS_MAX && hops >= -HOPS_MAX);
}

bool
gw_match_copies_take(struct gw_match_copies *copies, const struct gw_hash_key *key,
    const struct gw_payload *payload, uint64_t octets_hash)
{
    struct gw_match_ring *ring = &copies->ring;
    const bool has_ip_id = (payload->flags & GW_PAYLOAD_IP_ID) != 0 && payload->ip_id != 0;
    const struct gw_match_packet packet = {
        .hash = hash_of(key, payload, has_ip_id, octets_hash),
        .time_ns = payload->time_ns,
        .ip_ttl = payload->ip_ttl,
        .has_ip_id = has_ip_id,
    };
    struct gw_match_walk walk = gw_match_walk_begin(&copies->index, ring, packet.hash);
    uint32_t same = 0;

    for (; gw_match_walk_holds(&walk, ring) && same < SAME_MAX;
         gw_match_walk_on(&walk, &copies->index, ring)) {
        const struct gw_match_packet *before = &copies->packet[walk.number & ring->mask];

        if (before->hash != packet.hash)
            continue;
        if (is_copy(&packet, before))
            return true;
        same++;
    }
    if (gw_match_ring_is_full(ring))
        ring->first++;
    copies->packet[ring->end & ring->mask] = packet;
    gw_match_index_add(&copies->index, ring, packet.hash, ring->end);
    ring->end++;
    return false;
}
