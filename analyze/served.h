/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file served.h
 * Which delegations are not served: what speaks against each server of each, and since when no
 * server of it gave an authoritative answer.
 */
#ifndef GLUEWATCH_ANALYZE_SERVED_H
#define GLUEWATCH_ANALYZE_SERVED_H

#include "analyze/record.h"
#include "analyze/table.h"

/** Why a server is taken not to serve a zone that is delegated to it. */
enum gw_served_reason {
    GW_SERVED_REFUSED,       /**< RCODE REFUSED or NOTAUTH */
    GW_SERVED_SERVFAIL,      /**< RCODE SERVFAIL */
    GW_SERVED_UPWARD,        /**< refers to a zone above */
    GW_SERVED_SELF,          /**< refers to the very zone it is asked in */
    GW_SERVED_SELF_POINTING, /**< the same, and the glue is its own address */
    GW_SERVED_RECURSIVE,     /**< answers as a resolver: RA=1, AA=0 */
    GW_SERVED_REASONS
};

/** What is known by now of one server of one zone; by value. */
struct gw_served_state {
    uint32_t count;      /**< responses that speak against it, since it last spoke for the zone */
    uint32_t names;      /**< distinct QNAMEs among them, counted up to 3 */
    gw_tick first, last; /**< of them */
};

/** For how long a zone was not served by anybody; by value. */
struct gw_served_dark {
    gw_tick since;    /**< first response that spoke against one of its servers */
    gw_tick last;     /**< the latest */
    uint32_t count;   /**< such responses */
    uint32_t servers; /**< distinct servers that sent them */
};

/** The memory of it, bounded by GW_SERVED_MAX; owned by the analyzer. */
struct gw_served;

/** Make an empty one; NULL when there is no memory. */
struct gw_served *gw_served_new(const struct gw_hash_key *key);

/** Free it; accepts NULL. */
void gw_served_free(struct gw_served *served);

/**
 * Note that @p server showed not to serve @p zone.
 *
 * @param qname_hash  keyed hash of what it was asked for
 */
struct gw_served_state gw_served_deny(struct gw_served *served, const struct gw_table_name *zone,
    const struct gw_addr *server, uint64_t qname_hash, gw_tick now);

/**
 * Note that @p server gave an authoritative answer for @p zone: nothing speaks against it any
 * longer.
 *
 * @return how long nobody had served the zone; `count` 0 when that was not so
 */
struct gw_served_dark gw_served_affirm(
    struct gw_served *served, const struct gw_table_name *zone, const struct gw_addr *server);

/** Note that @p server gave an authoritative answer in @p zone, without any NS RRset. */
void gw_served_plain(
    struct gw_served *served, const struct gw_table_name *zone, const struct gw_addr *server);

/** Tell whether @p server is known for answers in @p zone that had nothing odd about them. */
bool gw_served_is_known_plain(
    struct gw_served *served, const struct gw_table_name *zone, const struct gw_addr *server);

/**
 * Note that @p server added the NS RRset of @p zone to an answer.
 *
 * @param as_known  it has name servers in common with what referrals say
 * @return whether it names others now, though it told of the known ones again and again
 */
bool gw_served_is_unusual(struct gw_served *served, const struct gw_table_name *zone,
    const struct gw_addr *server, bool as_known);

#endif
