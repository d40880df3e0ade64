/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file copies.h
 * Packets of the last half second, to know those that come twice. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_MATCH_COPIES_H
#define GLUEWATCH_PARSE_MATCH_COPIES_H

#include "parse/match/queue.h"
#include "parse/match/view.h"

/** A packet that carried a message. */
struct gw_match_packet {
    uint64_t hash;   /**< of octets, addresses, ports, transport and identification */
    int64_t time_ns; /**< packet time */
    uint8_t ip_ttl;  /**< TTL or hop limit */
    bool has_ip_id;  /**< IPv4 with an identification other than 0 */
};

/** The packets. */
struct gw_match_copies {
    struct gw_match_packet *packet;
    struct gw_match_ring ring;
    struct gw_match_index index;
};

/** Set up @p copies within @p memory octets; GW_DONE or GW_E_NOMEM. */
GW_MUST_CHECK int gw_match_copies_init(struct gw_match_copies *copies, uint64_t memory);

/** Free what it holds. */
void gw_match_copies_done(struct gw_match_copies *copies);

/** Tell whether @p view is of a copy of a packet seen before; if not, remember it. */
bool gw_match_copies_take(struct gw_match_copies *copies, const struct gw_match_view *view);

#endif
