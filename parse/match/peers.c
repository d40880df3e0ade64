/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match/peers.h"

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
gw_match_peers_init(struct gw_match_peers *peers, uint64_t memory)
{
    uint32_t count = gw_match_power(
        memory / (sizeof(*peers->peer) + 2 * sizeof(struct gw_match_pair) + 6 * sizeof(uint32_t)),
        COUNT_MIN);

    count = count < COUNT_MAX ? count : COUNT_MAX;
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
hash_pair(const struct gw_match_view *view)
{
    return gw_hash_mix(view->resolver_hash, view->server_hash);
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
find_pair(const struct gw_match_pairs *pairs, const struct gw_match_view *view)
{
    struct gw_match_walk walk = gw_match_walk_begin(&pairs->index, &pairs->ring, hash_pair(view));

    for (; gw_match_walk_holds(&walk, &pairs->ring);
         gw_match_walk_on(&walk, &pairs->index, &pairs->ring)) {
        struct gw_match_pair *pair = &pairs->pair[walk.number & pairs->ring.mask];

        if (gw_match_same_addr(&pair->resolver, &view->resolver) &&
            gw_match_same_addr(&pair->server, &view->server))
            return pair;
    }
    return NULL;
}

static struct gw_match_peer *
peer_of(struct gw_match_peers *peers, const struct gw_addr *addr, uint64_t hash)
{
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
pair_of(struct gw_match_pairs *pairs, const struct gw_match_view *view)
{
    struct gw_match_pair *pair = find_pair(pairs, view);

    if (pair != NULL)
        return pair;
    if (gw_match_ring_is_full(&pairs->ring))
        pairs->ring.first++;
    pair = &pairs->pair[pairs->ring.end & pairs->ring.mask];
    *pair = (struct gw_match_pair){.resolver = view->resolver, .server = view->server};
    gw_match_index_add(&pairs->index, &pairs->ring, hash_pair(view), pairs->ring.end++);
    return pair;
}

void
gw_match_peers_asked(struct gw_match_peers *peers, const struct gw_match_view *view)
{
    struct gw_match_peer *peer = peer_of(peers, &view->resolver, view->resolver_hash);
    const bool is_plain = (view->msg->facts & GW_FACT_RD) == 0;

    peer->asked += peer->asked != UINT32_MAX;
    peer->asked_plain += is_plain && peer->asked_plain != UINT32_MAX;
    (void)pair_of(&peers->asked, view);
}

void
gw_match_peers_answered(struct gw_match_peers *peers, const struct gw_match_view *view)
{
    struct gw_match_peer *peer = peer_of(peers, &view->server, view->server_hash);

    if (peer->client_count == GW_MATCH_CLIENTS)
        return;
    for (uint32_t i = 0; i < peer->client_count; i++)
        if (gw_match_same_addr(&peer->client[i], &view->resolver))
            return;
    peer->client[peer->client_count++] = view->resolver;
}

static bool
is_healthy(const struct gw_match_peers *peers)
{
    return peers->matched >= HEALTHY_MATCHED && peers->matched / HEALTHY_ODDS >= peers->unknown;
}

static bool
has_asked(const struct gw_match_peers *peers, const struct gw_match_view *view)
{
    const struct gw_match_peer *peer = find_peer(peers, &view->resolver, view->resolver_hash);

    return peer != NULL && peer->asked != 0;
}

/* Whether the tap shows what the server says to the resolver, and never the other way. */
static bool
is_one_way(const struct gw_match_peers *peers, const struct gw_match_view *view)
{
    const struct gw_match_pair *pair = find_pair(&peers->strays, view);

    return pair != NULL && pair->strays >= ONE_WAY_STRAYS &&
           gw_match_elapsed(view->payload->time_ns, pair->first_stray_ns) >= ONE_WAY_NS &&
           find_pair(&peers->asked, view) == NULL;
}

bool
gw_match_peers_may_ask(const struct gw_match_peers *peers, const struct gw_match_view *view)
{
    return has_asked(peers, view) ? !is_one_way(peers, view) : is_healthy(peers);
}

enum gw_fit
gw_match_peers_stray(struct gw_match_peers *peers, const struct gw_match_view *view)
{
    const int64_t time_ns = view->payload->time_ns;
    bool known = gw_match_elapsed(time_ns, peers->begin_ns) > GRACE_NS;

    if (!has_asked(peers, view)) {
        known = known && is_healthy(peers);
    } else {
        struct gw_match_pair *pair = pair_of(&peers->strays, view);

        known = known && !is_one_way(peers, view);
        if (pair->strays == 0)
            pair->first_stray_ns = time_ns;
        pair->strays += pair->strays != UINT32_MAX;
    }
    peers->unknown += !known;
    return known ? GW_FIT_UNSOLICITED : GW_FIT_UNKNOWN;
}

static bool
is_resolver(const struct gw_match_peers *peers, const struct gw_addr *addr, uint64_t hash)
{
    const struct gw_match_peer *peer = find_peer(peers, addr, hash);

    return peer != NULL &&
           (peer->asked_plain >= PLAIN_QUERIES || peer->client_count == GW_MATCH_CLIENTS);
}

/* A forwarder may have few clients; but who never answers anybody is none. */
static bool
is_forwarder(const struct gw_match_peers *peers, const struct gw_addr *addr, uint64_t hash)
{
    const struct gw_match_peer *peer = find_peer(peers, addr, hash);

    return peer != NULL && peer->client_count != 0;
}

enum gw_leg
gw_match_peers_leg(
    const struct gw_match_peers *peers, const struct gw_match_view *view, bool plain_query)
{
    const bool from_resolver = is_resolver(peers, &view->resolver, view->resolver_hash);
    const bool to_resolver = is_resolver(peers, &view->server, view->server_hash);
    const bool offered = view->msg->response && (view->msg->facts & GW_FACT_RA) != 0;

    if (plain_query)
        return to_resolver && !from_resolver ? GW_LEG_CLIENT : GW_LEG_UPSTREAM;
    if (to_resolver || offered)
        return from_resolver || is_forwarder(peers, &view->resolver, view->resolver_hash)
                   ? GW_LEG_FORWARD
                   : GW_LEG_CLIENT;
    return view->msg->response ? GW_LEG_UPSTREAM : GW_LEG_UNKNOWN;
}
