/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/match/waiting.h"

#include <stdlib.h>

#define WAITERS_MIN 1024u
#define OCTETS_EACH 512u /* of an ordinary response */
#define WINDOW_NS   (GW_NS_PER_S / 5)

int
gw_match_waiting_init(struct gw_match_waiting *waiting, uint64_t memory)
{
    const uint32_t count =
        gw_match_power(memory / (sizeof(*waiting->waiter) + OCTETS_EACH), WAITERS_MIN);

    gw_match_ring_init(&waiting->ring, count);
    waiting->flushed = waiting->ring.first;
    waiting->waiter = calloc(count, sizeof(*waiting->waiter));
    if (waiting->waiter == NULL ||
        gw_match_kept_init(&waiting->kept, (uint64_t)count * OCTETS_EACH) != GW_DONE)
        return GW_E_NOMEM;
    return gw_match_index_init(&waiting->index, &waiting->ring);
}

void
gw_match_waiting_done(struct gw_match_waiting *waiting)
{
    free(waiting->waiter);
    gw_match_kept_done(&waiting->kept);
    gw_match_index_done(&waiting->index);
}

static struct gw_match_waiter *
waiter_at(const struct gw_match_waiting *waiting, uint32_t number)
{
    return &waiting->waiter[number & waiting->ring.mask];
}

static bool
has_room(const struct gw_match_waiting *waiting, const struct gw_payload *payload)
{
    if (gw_match_ring_is_full(&waiting->ring))
        return false;
    return waiting->ring.first == waiting->ring.end ||
           gw_match_kept_after(&waiting->kept, payload) <=
               waiter_at(waiting, waiting->ring.first)->place + waiting->kept.size;
}

bool
gw_match_waiting_put(struct gw_match_waiting *waiting, const struct gw_match_view *view)
{
    uint64_t place = 0;

    if (!has_room(waiting, view->payload) ||
        !gw_match_kept_put(&waiting->kept, view->payload, &place))
        return false;
    *waiter_at(waiting, waiting->ring.end) = (struct gw_match_waiter){
        .resolver = view->resolver,
        .server = view->server,
        .resolver_port = view->resolver_port,
        .server_port = view->server_port,
        .id = view->msg->id,
        .qtype = view->qtype,
        .transport = view->payload->transport,
        .qname_hash = view->qname_hash,
        .place = place,
        .time_ns = view->payload->time_ns,
    };
    gw_match_index_add(&waiting->index, &waiting->ring, view->port_hash, waiting->ring.end);
    waiting->ring.end++;
    return true;
}

static bool
answers(const struct gw_match_waiter *waiter, const struct gw_match_view *query)
{
    return !waiter->is_done && waiter->id == query->msg->id &&
           waiter->resolver_port == query->resolver_port &&
           waiter->server_port == query->server_port &&
           waiter->transport == query->payload->transport && waiter->qtype == query->qtype &&
           waiter->qname_hash == query->qname_hash &&
           gw_match_same_addr(&waiter->resolver, &query->resolver) &&
           gw_match_same_addr(&waiter->server, &query->server);
}

void
gw_match_waiting_wake(struct gw_match_waiting *waiting, const struct gw_match_view *view)
{
    const struct gw_match_ring *ring = &waiting->ring;
    struct gw_match_walk walk = gw_match_walk_begin(&waiting->index, ring, view->port_hash);
    uint32_t count = 0;

    if (ring->first == ring->end || waiting->ready_told != waiting->ready_count)
        return;
    for (; gw_match_walk_holds(&walk, ring) && count < GW_MATCH_READY;
         gw_match_walk_on(&walk, &waiting->index, ring)) {
        if (answers(waiter_at(waiting, walk.number), view))
            waiting->ready[count++] = walk.number;
    }
    for (uint32_t i = 0; i < count / 2; i++) { /* they were found newest first */
        const uint32_t number = waiting->ready[i];

        waiting->ready[i] = waiting->ready[count - 1 - i];
        waiting->ready[count - 1 - i] = number;
    }
    for (uint32_t i = 0; i < count; i++)
        waiter_at(waiting, waiting->ready[i])->is_done = true;
    waiting->ready_count = count;
    waiting->ready_told = 0;
}

void
gw_match_waiting_flush(struct gw_match_waiting *waiting)
{
    waiting->flushed = waiting->ring.end;
}

static bool
is_due(const struct gw_match_waiting *waiting, uint32_t number, int64_t now_ns)
{
    if (now_ns == INT64_MAX ||
        number - waiting->ring.first < waiting->flushed - waiting->ring.first)
        return true;
    return gw_match_elapsed(now_ns, waiter_at(waiting, number)->time_ns) > WINDOW_NS;
}

const struct gw_payload *
gw_match_waiting_next(struct gw_match_waiting *waiting, int64_t now_ns)
{
    struct gw_match_ring *ring = &waiting->ring;

    if (waiting->ready_told != waiting->ready_count) {
        const uint32_t number = waiting->ready[waiting->ready_told++];

        return gw_match_kept_at(&waiting->kept, waiter_at(waiting, number)->place);
    }
    while (ring->first != ring->end) {
        const struct gw_match_waiter *waiter = waiter_at(waiting, ring->first);

        if (!waiter->is_done && !is_due(waiting, ring->first, now_ns))
            return NULL;
        if (waiting->flushed == ring->first)
            waiting->flushed++;
        ring->first++;
        if (!waiter->is_done)
            return gw_match_kept_at(&waiting->kept, waiter->place);
    }
    return NULL;
}
