/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same packet twice: mirrored on two ports, or seen at two places of one path. A copy has the
 * very octets of the message, so that nothing that says something else can pass for one.
 */
#include "parse/match/copies.h"

#define PACKETS_MIN 1024u
#define PACKETS_MAX (1u << 17)
#define WINDOW_NS   (GW_NS_PER_S / 2)
#define OVER_NS     (2 * GW_NS_PER_S) /* time may step back by a little */
#define HOPS_MAX    8                 /* routers between two places where one packet is seen */
#define SAME_MAX    16u               /* packets of one hash that are looked at */

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
hash_of(const struct gw_match_view *view, bool has_ip_id)
{
    const struct gw_payload *payload = view->payload;
    const uint64_t way = gw_hash_mix(view->resolver_hash, view->server_hash);
    const uint64_t ports = (uint64_t)payload->source_port << 48 |
                           (uint64_t)payload->destination_port << 32 |
                           (uint64_t)payload->transport << 24 | (uint64_t)has_ip_id << 16 |
                           (has_ip_id ? payload->ip_id : 0u);

    return gw_hash_mix(gw_hash_mix(way, ports), view->octets_hash);
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
gw_match_copies_take(struct gw_match_copies *copies, const struct gw_match_view *view)
{
    const struct gw_payload *payload = view->payload;
    struct gw_match_ring *ring = &copies->ring;
    const bool has_ip_id = (payload->flags & GW_PAYLOAD_IP_ID) != 0 && payload->ip_id != 0;
    const struct gw_match_packet packet = {
        .hash = hash_of(view, has_ip_id),
        .time_ns = payload->time_ns,
        .ip_ttl = payload->ip_ttl,
        .has_ip_id = has_ip_id,
    };
    struct gw_match_walk walk;
    uint32_t same = 0;

    while (ring->first != ring->end &&
           gw_match_elapsed(packet.time_ns, copies->packet[ring->first & ring->mask].time_ns) >
               OVER_NS)
        ring->first++;
    walk = gw_match_walk_begin(&copies->index, ring, packet.hash);
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
