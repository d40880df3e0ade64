/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file crew.h
 * Threads that share the way of messages: the caller's reads and decodes, one more analyzes in the
 * order of the capture, and all of them understand messages when they have nothing else to do.
 */
#ifndef GLUEWATCH_CMD_CREW_H
#define GLUEWATCH_CMD_CREW_H

#include "cmd/parcel.h"

/** Threads at most. */
#define GW_CREW_MAX 64u

/** What a crew works for; copied, what it points to outlives the crew. */
struct gw_crew_spec {
    uint32_t workers;              /**< threads, the caller's included: 2..GW_CREW_MAX */
    const struct gw_hash_key *key; /**< for digests */
    /** Goes on with a parcel that was read; called by one thread, never two at a time, in order. */
    void (*take)(void *context, struct gw_parcel *parcel);
    void *context; /**< for take() */
};

/** A crew; all functions are for the thread that made it. */
struct gw_crew;

/**
 * Make a crew and start its threads. They take no signals: those stay with the caller.
 *
 * @return the crew, owned by the caller; NULL without memory or threads
 */
GW_MUST_CHECK struct gw_crew *gw_crew_new(const struct gw_crew_spec *spec);

/** Return the octets that its parcels take; their number is settled from the start. */
uint64_t gw_crew_memory(const struct gw_crew *crew);

/**
 * Hand on the messages and sightings of @p payloads, copied. Waits, and works meanwhile, when the
 * analysis is far behind.
 */
void gw_crew_hand(struct gw_crew *crew, const struct gw_payloads *payloads);

/** End of all input: everything handed on is taken before this returns, and the threads end. */
void gw_crew_finish(struct gw_crew *crew);

/** Free @p crew, after gw_crew_finish() where it was not called; accepts NULL. */
void gw_crew_free(struct gw_crew *crew);

#endif
