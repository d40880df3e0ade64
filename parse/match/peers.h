/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file peers.h
 * Who asks whom: what a response without a query means depends on it. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_MATCH_PEERS_H
#define GLUEWATCH_PARSE_MATCH_PEERS_H

#include "parse/match/queue.h"
#include "parse/match/view.h"

/** Clients of a resolver that are told apart. */
#define GW_MATCH_CLIENTS 3u

/** One address that asked, or that answered with RA=1. */
struct gw_match_peer {
    struct gw_addr addr;
    uint32_t asked;       /**< queries sent */
    uint32_t asked_plain; /**< of them, with RD=0 */
    uint8_t client_count; /**< distinct addresses that it answered with RA=1 */
    struct gw_addr client[GW_MATCH_CLIENTS];
};

/** One address and another that it asked, or that it has responses from. */
struct gw_match_pair {
    struct gw_addr resolver, server;
    uint32_t strays;        /**< responses without any query before */
    int64_t first_stray_ns; /**< when the first of these came */
};

/** Pairs, the oldest of which gives way. */
struct gw_match_pairs {
    struct gw_match_pair *pair;
    struct gw_match_ring ring;
    struct gw_match_index index;
};

/** All of them, and how well matching goes. */
struct gw_match_peers {
    struct gw_match_peer *peer;
    struct gw_match_ring ring;
    struct gw_match_index index;
    struct gw_match_pairs asked;  /**< of which a query was seen */
    struct gw_match_pairs strays; /**< of which a response without a query was seen; apart, so that
                                     forged ones displace no others */
    uint64_t matched;             /**< responses whose query was seen */
    uint64_t unknown;             /**< responses that could not be matched */
    int64_t begin_ns;             /**< since when messages have been seen */
    bool began;
};

/** Set up @p peers within @p memory octets; GW_DONE or GW_E_NOMEM. */
GW_MUST_CHECK int gw_match_peers_init(struct gw_match_peers *peers, uint64_t memory);

/** Free what it holds. */
void gw_match_peers_done(struct gw_match_peers *peers);

/** Forget all: another capture begins at @p begin_ns. */
void gw_match_peers_begin(struct gw_match_peers *peers, int64_t begin_ns);

/** Note the query @p view. */
void gw_match_peers_asked(struct gw_match_peers *peers, const struct gw_match_view *view);

/** Note the response @p view, which has RA=1. */
void gw_match_peers_answered(struct gw_match_peers *peers, const struct gw_match_view *view);

/** Whether the query to the response @p view may yet come, so that waiting for it is of use. */
bool gw_match_peers_may_ask(const struct gw_match_peers *peers, const struct gw_match_view *view);

/**
 * Return what the response @p view, which has no query, is, and note it: GW_FIT_UNKNOWN or
 * GW_FIT_UNSOLICITED.
 */
enum gw_fit gw_match_peers_stray(struct gw_match_peers *peers, const struct gw_match_view *view);

/**
 * Return between whom the message @p view travels.
 *
 * @param plain_query  the query, as far as it is known, has RD=0
 */
enum gw_leg gw_match_peers_leg(
    const struct gw_match_peers *peers, const struct gw_match_view *view, bool plain_query);

#endif
