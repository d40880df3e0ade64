/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file ring.h
 * Places that go round between threads: filled by one, worked on by any, taken in order by one.
 *
 * The ring knows the numbers of its places only; what lies in a place is the caller's. A place is
 * filled, then worked on, then taken, and is free again; places are filled and taken in one and the
 * same order, whoever works on them and when. A thread that has nothing of its own to do works, so
 * that two threads suffice and none waits while there is work.
 */
#ifndef GLUEWATCH_BASE_RING_H
#define GLUEWATCH_BASE_RING_H

#include "gluewatch/base.h"

/** Places in one ring. */
#define GW_RING_MAX 256u

/** What is to be done with a place; or-ed, what a thread may do. */
enum gw_ring_task {
    GW_RING_END = 0,        /**< nothing, and nothing will come: the ring is closed */
    GW_RING_FILL = 1u << 0, /**< put something in; one thread only */
    GW_RING_WORK = 1u << 1, /**< do what depends on that place alone */
    GW_RING_TAKE = 1u << 2, /**< go on with it in the order of filling; one thread only */
};

/** A ring; shared by threads. */
struct gw_ring;

/**
 * Make a ring of @p count (1..GW_RING_MAX) free places.
 *
 * @return owned by the caller; NULL without memory
 */
GW_MUST_CHECK struct gw_ring *gw_ring_new(uint32_t count);

/** Free @p ring, which no thread may use any more; accepts NULL. */
void gw_ring_free(struct gw_ring *ring);

/**
 * Wait for something to do.
 *
 * @param may  or-ed enum gw_ring_task: what the calling thread may be given; taking and filling go
 *             before work
 * @param ret_place  of which place, 0..count-1; the caller's alone until gw_ring_finish()
 * @return the task; GW_RING_END when the ring is closed and nothing is left for this thread
 */
GW_MUST_CHECK enum gw_ring_task gw_ring_next(
    struct gw_ring *ring, uint32_t may, uint32_t *ret_place);

/** The calling thread has done @p task with @p place, as gw_ring_next() gave them. */
void gw_ring_finish(struct gw_ring *ring, enum gw_ring_task task, uint32_t place);

/**
 * Nothing will be filled any more; a place that was given to be filled stays unused. For the thread
 * that fills.
 */
void gw_ring_close(struct gw_ring *ring);

#endif
