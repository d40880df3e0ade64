/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file waiting.h
 * Responses that came before their query, as two queues of one card or two merged files have it.
 * For this folder only.
 */
#ifndef GLUEWATCH_PARSE_MATCH_WAITING_H
#define GLUEWATCH_PARSE_MATCH_WAITING_H

#include "parse/match/kept.h"
#include "parse/match/queue.h"
#include "parse/match/view.h"

#define GW_MATCH_READY 64u /**< responses that one query may wake */

/** One response. */
struct gw_match_waiter {
    struct gw_addr resolver, server;
    uint16_t resolver_port, server_port, id, qtype;
    uint8_t transport;
    bool is_done; /**< told of, or about to be */
    uint64_t qname_hash;
    uint64_t place; /**< of its octets */
    int64_t time_ns;
};

/** The responses, oldest first. */
struct gw_match_waiting {
    struct gw_match_waiter *waiter;
    struct gw_match_ring ring;
    struct gw_match_index index;
    struct gw_match_kept kept;
    uint32_t flushed; /**< those before this number wait no longer */
    uint32_t ready_count;
    uint32_t ready_told;
    uint32_t ready[GW_MATCH_READY]; /**< whose query has come, oldest first */
};

/** Set up @p waiting within @p memory octets; GW_DONE or GW_E_NOMEM. */
GW_MUST_CHECK int gw_match_waiting_init(struct gw_match_waiting *waiting, uint64_t memory);

/** Free what it holds. */
void gw_match_waiting_done(struct gw_match_waiting *waiting);

/** Let the response @p view wait; false when there is no room. */
GW_MUST_CHECK bool gw_match_waiting_put(
    struct gw_match_waiting *waiting, const struct gw_match_view *view);

/** The query @p view has come: those that answer it are ready. */
void gw_match_waiting_wake(struct gw_match_waiting *waiting, const struct gw_match_view *view);

/** Nothing that waits now waits any longer. */
void gw_match_waiting_flush(struct gw_match_waiting *waiting);

/**
 * Return the next response that is ready or has waited long enough at @p now_ns (INT64_MAX: any),
 * or NULL; valid until the next put.
 */
const struct gw_payload *gw_match_waiting_next(struct gw_match_waiting *waiting, int64_t now_ns);

#endif
