/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file match.h
 * Brings queries and responses together: which response answers which query, which comes from
 * nobody's question, and which packets are only copies.
 */
#ifndef GLUEWATCH_PARSE_MATCH_H
#define GLUEWATCH_PARSE_MATCH_H

#include "base/hash.h"
#include "gluewatch/exchange.h"
#include "gluewatch/stats.h"

/** Open and answered queries, within a bound; one per run, not for two threads at a time. */
struct gw_match;

/**
 * Make a matcher.
 *
 * @param key     for all hashes; copied
 * @param memory  octets that it may use; see docs/DETECTION.md, section 7
 * @param stats   counters to fill; owned by the caller, outlives the matcher
 * @return NULL without memory
 */
GW_MUST_CHECK struct gw_match *gw_match_new(
    const struct gw_hash_key *key, uint64_t memory, struct gw_match_stats *stats);

/** Free it; accepts NULL. */
void gw_match_free(struct gw_match *match);

/**
 * Match one message. Messages are told in capture order; packet time may step back a little.
 *
 * @param ret_exchange  what it fits; qname valid until the next call
 * @return false when the response has to wait for a query that may come behind it: its octets are
 *         kept, and gw_match_waited() tells of it later
 */
GW_MUST_CHECK bool gw_match_message(
    struct gw_match *match, const struct gw_msg *msg, struct gw_exchange *ret_exchange);

/**
 * Return a response that waited long enough, or whose query has come by now, oldest first.
 *
 * @param now_ns       latest packet time; INT64_MAX: the end of the run, nothing waits any longer
 * @param ret_payload  its octets, valid until the next call of any function of the matcher
 * @return false when there is none
 */
GW_MUST_CHECK bool gw_match_waited(struct gw_match *match, int64_t now_ns,
    struct gw_payload *ret_payload, struct gw_exchange *ret_exchange);

/**
 * Return the octets of the first response, after gw_match_message() or gw_match_waited() said
 * GW_FIT_SECOND; NULL when they are no longer held. Valid until the next call of any function of
 * the matcher.
 */
const struct gw_payload *gw_match_first(const struct gw_match *match);

/** End of all input: what is open counts as unanswered. */
void gw_match_finish(struct gw_match *match);

#endif
