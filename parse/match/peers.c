/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match/peers.h"

#include <string.h>

#define COUNT_MIN 1024u
#define COUNT_MAX (1u << 16)

#define GRACE_NS        (5 * GW_NS_PER_S)  /* how long before the capture a query may be sent */
#define HEALTHY_MATCHED 200u               /* fewer say nothing */
#define HEALTHY_ODDS    19u                /* matched to unknown: 95 percent */
#define ONE_WAY_STRAYS  20u                /* responses from a server that is never asked */
#define ONE_WAY_NS      (10 * GW_NS_PER_S) /* so long at least, so that no burst will do */
#define PLAIN_QUERIES   4u                 /* with RD=0: who sends more than a few is a resolver */

static int
init_pairs(struct gw_match_pairs *pairs, uint32_t count)
{
    gw_match_ring_init(&pairs->ring, count);
    pairs->pair = calloc(count, sizeof(*pairs->pair));
    if (pairs->pair == NULL)
        return GW_E_NOMEM;
    return gw_match_index_init(&pairs->index, &pairs->ring);
}

int
gw_match_peers_init(struct gw_match_peers *peers, const struct gw_hash_key *key, uint64_t memory)
{
    uint32_t count = gw_match_power(
        memory / (sizeof(*peers->peer) + 2 * sizeof(struct gw_match_pair) + 6 * sizeof(uint32_t)),
        COUNT_MIN);

    count = count < COUNT_MAX ? count : COUNT_MAX;
    peers->key = *key;
    gw_match_ring_init(&peers->ring, count);
    peers->peer = calloc(count, sizeof(*peers->peer));
    if (peers->peer == NULL || init_pairs(&peers->asked, count) != GW_DONE ||
        init_pairs(&peers->strays, count) != GW_DONE)
        return GW_E_NOMEM;
    return gw_match_index_init(&peers->index, &peers->ring);
}

void
gw_match_peers_done(struct gw_match_peers *peers)
{
    free(peers->peer);
    free(peers->asked.pair);
    free(peers->strays.pair);
    gw_match_index_done(&peers->index);
    gw_match_index_done(&peers->asked.index);
    gw_match_index_done(&peers->strays.index);
}

void
gw_match_peers_begin(struct gw_match_peers *peers, int64_t begin_ns)
{
    peers->ring.first = peers->ring.end;
    peers->asked.ring.first = peers->asked.ring.end;
    peers->strays.ring.first = peers->strays.ring.end;
    peers->matched = 0;
    peers->unknown = 0;
    peers->begin_ns = begin_ns;
    peers->began = true;
}

static uint64_t
hash_pair(const struct gw_match_peers *peers, const struct gw_addr *resolver,
    const struct gw_addr *server)
{
    const struct gw_addr both[2] = {*resolver, *server};

    return gw_hash_octets(&peers->key, both, sizeof(both));
}

static struct gw_match_peer *
find_peer(const struct gw_match_peers *peers, const struct gw_addr *addr, uint64_t hash)
{
    struct gw_match_walk walk = gw_match_walk_begin(&peers->index, &peers->ring, hash);

    for (; gw_match_walk_holds(&walk, &peers->ring);
         gw_match_walk_on(&walk, &peers->index, &peers->ring)) {
        struct gw_match_peer *peer = &peers->peer[walk.number & peers->ring.mask];

        if (gw_match_same_addr(&peer->addr, addr))
            return peer;
    }
    return NULL;
}

static struct gw_match_pair *
find_pair(const struct gw_match_pairs *pairs, const struct gw_addr *resolver,
    const struct gw_addr *server, uint64_t hash)
{
    struct gw_match_walk walk = gw_match_walk_begin(&pairs->index, &pairs->ring, hash);

    for (; gw_match_walk_holds(&walk, &pairs->ring);
         gw_match_walk_on(&walk, &pairs->index, &pairs->ring)) {
        struct gw_match_pair *pair = &pairs->pair[walk.number & pairs->ring.mask];

        if (gw_match_same_addr(&pair->resolver, resolver) &&
            gw_match_same_addr(&pair->server, server))
            return pair;
    }
    return NULL;
}

static uint64_t
hash_peer(const struct gw_match_peers *peers, const struct gw_addr *addr)
{
    return gw_hash_octets(&peers->key, addr, sizeof(*addr));
}

static struct gw_match_peer *
peer_of(struct gw_match_peers *peers, const struct gw_addr *addr)
{
    const uint64_t hash = hash_peer(peers, addr);
    struct gw_match_peer *peer = find_peer(peers, addr, hash);

    if (peer != NULL)
        return peer;
    if (gw_match_ring_is_full(&peers->ring))
        peers->ring.first++;
    peer = &peers->peer[peers->ring.end & peers->ring.mask];
    *peer = (struct gw_match_peer){.addr = *addr};
    gw_match_index_add(&peers->index, &peers->ring, hash, peers->ring.end++);
    return peer;
}

static struct gw_match_pair *
pair_of(const struct gw_match_peers *peers, struct gw_match_pairs *pairs,
    const struct gw_addr *resolver, const struct gw_addr *server)
{
    const uint64_t hash = hash_pair(peers, resolver, server);
    struct gw_match_pair *pair = find_pair(pairs, resolver, server, hash);

    if (pair != NULL)
        return pair;
    if (gw_match_ring_is_full(&pairs->ring))
        pairs->ring.first++;
    pair = &pairs->pair[pairs->ring.end & pairs->ring.mask];
    *pair = (struct gw_match_pair){.resolver = *resolver, .server = *server};
    gw_match_index_add(&pairs->index, &pairs->ring, hash, pairs->ring.end++);
    return pair;
}

void
gw_match_peers_asked(struct gw_match_peers *peers, const struct gw_addr *resolver,
    const struct gw_addr *server, bool recursion_desired)
{
    struct gw_match_peer *peer = peer_of(peers, resolver);

    peer->asked += peer->asked != UINT32_MAX;
    peer->asked_plain += !recursion_desired && peer->asked_plain != UINT32_MAX;
    (void)pair_of(peers, &peers->asked, resolver, server);
}

void
gw_match_peers_answered(
    struct gw_match_peers *peers, const struct gw_addr *server, const struct gw_addr *client)
{
    struct gw_match_peer *peer = peer_of(peers, server);

    if (peer->client_count == GW_MATCH_CLIENTS)
        return;
    for (uint32_t i = 0; i < peer->client_count; i++)
        if (gw_match_same_addr(&peer->client[i], client))
            return;
    peer->client[peer->client_count++] = *client;
}

static bool
is_healthy(const struct gw_match_peers *peers)
{
    return peers->matched >= HEALTHY_MATCHED && peers->matched / HEALTHY_ODDS >= peers->unknown;
}

static bool
has_asked(const struct gw_match_peers *peers, const struct gw_addr *resolver)
{
    const struct gw_match_peer *peer = find_peer(peers, resolver, hash_peer(peers, resolver));

    return peer != NULL && peer->asked != 0;
}

/* Whether the tap shows what the server says to the resolver, and never the other way. */
static bool
is_one_way(const struct gw_match_peers *peers, const struct gw_addr *resolver,
    const struct gw_addr *server, int64_t time_ns)
{
    const uint64_t hash = hash_pair(peers, resolver, server);
    const struct gw_match_pair *pair = find_pair(&peers->strays, resolver, server, hash);

    return pair != NULL && pair->strays >= ONE_WAY_STRAYS &&
           gw_match_elapsed(time_ns, pair->first_stray_ns) >= ONE_WAY_NS &&
           find_pair(&peers->asked, resolver, server, hash) == NULL;
}

bool
gw_match_peers_may_ask(const struct gw_match_peers *peers, const struct gw_addr *resolver,
    const struct gw_addr *server, int64_t time_ns)
{
    if (!has_asked(peers, resolver))
        return is_healthy(peers);
    return !is_one_way(peers, resolver, server, time_ns);
}

enum gw_fit
gw_match_peers_stray(struct gw_match_peers *peers, const struct gw_addr *resolver,
    const struct gw_addr *server, int64_t time_ns)
{
    bool known = gw_match_elapsed(time_ns, peers->begin_ns) > GRACE_NS;

    if (!has_asked(peers, resolver)) {
        known = known && is_healthy(peers);
    } else {
        struct gw_match_pair *pair = pair_of(peers, &peers->strays, resolver, server);

        known = known && !is_one_way(peers, resolver, server, time_ns);
        if (pair->strays == 0)
            pair->first_stray_ns = time_ns;
        pair->strays += pair->strays != UINT32_MAX;
    }
    peers->unknown += !known;
    return known ? GW_FIT_UNSOLICITED : GW_FIT_UNKNOWN;
}

static bool
is_resolver(const struct gw_match_peers *peers, const struct gw_addr *addr)
{
    const struct gw_match_peer *peer = find_peer(peers, addr, hash_peer(peers, addr));

    return peer != NULL &&
           (peer->asked_plain >= PLAIN_QUERIES || peer->client_count == GW_MATCH_CLIENTS);
}

enum gw_leg
gw_match_peers_leg(const struct gw_match_peers *peers, const struct gw_exchange *exchange,
    struct gw_match_leg_facts facts)
{
    const bool from_resolver = is_resolver(peers, &exchange->resolver);
    const bool to_resolver = is_resolver(peers, &exchange->server);
    const bool offered = facts.response && (exchange->facts & GW_FACT_RA) != 0;

    if (facts.plain_query)
        return to_resolver && !from_resolver ? GW_LEG_CLIENT : GW_LEG_UPSTREAM;
    if (to_resolver || offered)
        return from_resolver ? GW_LEG_FORWARD : GW_LEG_CLIENT;
    return facts.response ? GW_LEG_UPSTREAM : GW_LEG_UNKNOWN;
}
