/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/ring.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct gw_ring {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t fill;   /* the thread that fills waits for a free place */
    pthread_cond_t work;   /* those that only work wait for a filled one */
    pthread_cond_t take;   /* the thread that takes waits for the next one, or for work */
    uint32_t count;
    uint32_t idle;   /* threads that wait for work and can do nothing else */
    uint64_t filled; /* places filled so far */
    uint64_t begun;  /* of them, given to a thread to work on */
    uint64_t taken;  /* of them, taken */
    bool closed;
    bool done[GW_RING_MAX]; /* by place: worked on, and not yet taken */
};

struct gw_ring *
gw_ring_new(uint32_t count)
{
    struct gw_ring *ring = calloc(1, sizeof(*ring));

    assert(count >= 1 && count <= GW_RING_MAX);
    if (ring == NULL)
        return NULL;
    ring->count = count;
    if (pthread_mutex_init(&ring->mutex, NULL) != 0)
        goto no_mutex;
    if (pthread_cond_init(&ring->fill, NULL) != 0)
        goto no_fill;
    if (pthread_cond_init(&ring->work, NULL) != 0)
        goto no_work;
    if (pthread_cond_init(&ring->take, NULL) == 0)
        return ring;

    pthread_cond_destroy(&ring->work);
no_work:
    pthread_cond_destroy(&ring->fill);
no_fill:
    pthread_mutex_destroy(&ring->mutex);
no_mutex:
    free(ring);
    return NULL;
}

void
gw_ring_free(struct gw_ring *ring)
{
    if (ring == NULL)
        return;
    pthread_cond_destroy(&ring->take);
    pthread_cond_destroy(&ring->work);
    pthread_cond_destroy(&ring->fill);
    pthread_mutex_destroy(&ring->mutex);
    free(ring);
}

/* What a thread that may do @p may can do now; GW_RING_END: nothing, perhaps not yet. */
static enum gw_ring_task
choose(struct gw_ring *ring, uint32_t may, uint32_t *ret_place)
{
    const uint32_t next = (uint32_t)(ring->taken % ring->count);

    if ((may & GW_RING_TAKE) != 0 && ring->done[next]) {
        *ret_place = next;
        return GW_RING_TAKE;
    }
    if ((may & GW_RING_FILL) != 0 && !ring->closed && ring->filled - ring->taken < ring->count) {
        *ret_place = (uint32_t)(ring->filled % ring->count);
        return GW_RING_FILL;
    }
    if ((may & GW_RING_WORK) != 0 && ring->begun < ring->filled) {
        *ret_place = (uint32_t)(ring->begun++ % ring->count);
        return GW_RING_WORK;
    }
    return GW_RING_END;
}

/* The thread that takes has to see the last place taken, the others only the last begun. */
static bool
is_over(const struct gw_ring *ring, uint32_t may)
{
    return ring->closed && ((may & GW_RING_TAKE) == 0 || ring->taken == ring->filled);
}

static void
wait_for(struct gw_ring *ring, uint32_t may)
{
    if ((may & GW_RING_TAKE) != 0) {
        pthread_cond_wait(&ring->take, &ring->mutex);
    } else if ((may & GW_RING_FILL) != 0) {
        pthread_cond_wait(&ring->fill, &ring->mutex);
    } else {
        ring->idle++;
        pthread_cond_wait(&ring->work, &ring->mutex);
        ring->idle--;
    }
}

enum gw_ring_task
gw_ring_next(struct gw_ring *ring, uint32_t may, uint32_t *ret_place)
{
    enum gw_ring_task task;

    pthread_mutex_lock(&ring->mutex);
    while ((task = choose(ring, may, ret_place)) == GW_RING_END && !is_over(ring, may))
        wait_for(ring, may);
    pthread_mutex_unlock(&ring->mutex);
    return task;
}

void
gw_ring_finish(struct gw_ring *ring, enum gw_ring_task task, uint32_t place)
{
    pthread_mutex_lock(&ring->mutex);
    if (task == GW_RING_FILL) {
        assert(place == ring->filled % ring->count);
        ring->filled++;
        pthread_cond_signal(ring->idle > 0 ? &ring->work : &ring->take);
    } else if (task == GW_RING_WORK) {
        ring->done[place] = true;
        if (place == ring->taken % ring->count)
            pthread_cond_signal(&ring->take);
    } else {
        assert(task == GW_RING_TAKE && place == ring->taken % ring->count);
        ring->done[place] = false;
        ring->taken++;
        pthread_cond_signal(&ring->fill);
    }
    pthread_mutex_unlock(&ring->mutex);
}

void
gw_ring_close(struct gw_ring *ring)
{
    pthread_mutex_lock(&ring->mutex);
    ring->closed = true;
    pthread_cond_broadcast(&ring->work);
    pthread_cond_signal(&ring->take);
    pthread_mutex_unlock(&ring->mutex);
}
