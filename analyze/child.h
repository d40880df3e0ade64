/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file child.h
 * How long what a zone says of itself agreed with what its parent hands out, and since when it does
 * not: per name server and family the addresses, per zone cut the NS set.
 */
#ifndef GLUEWATCH_ANALYZE_CHILD_H
#define GLUEWATCH_ANALYZE_CHILD_H

#include "analyze/recall.h"
#include "analyze/table.h"
#include "gluewatch/finding.h"

/** Addresses kept of what a zone says of one name server. */
#define GW_CHILD_ADDRESSES 8u

/** Mismatches known since first sight that a run tells of; more are counted as suppressed. */
#define GW_CHILD_TOLD_MAX 64u

/** A span of messages that said one thing. */
struct gw_child_span {
    int64_t first_ns, last_ns; /**< packet time */
    uint32_t count;            /**< messages */
};

/** One matter: a name server's addresses of one family, or a cut's NS set. */
struct gw_child {
    struct gw_name name;   /**< of the name server, or of the cut */
    uint8_t family;        /**< 4 or 6; 0 for the NS set */
    bool varies;           /**< different answers at one time: by region, or by client subnet */
    bool told;             /**< a finding tells of it */
    uint8_t address_count; /**< entries in address */
    uint8_t before_count;  /**< entries in before */
    struct gw_addr address[GW_CHILD_ADDRESSES]; /**< what the zone says now; ascending */
    struct gw_addr before[GW_CHILD_ADDRESSES];  /**< what it said before that */
    struct gw_child_span agreed;                /**< latest span of agreement */
    struct gw_child_span differs;               /**< the difference since then; count 0: none */
    struct gw_witness witness;                  /**< who showed the difference first */
    uint16_t server_port, resolver_port, id, qtype;
    uint8_t transport, ip_ttl;
};

/** The store; owned by the analyzer. */
struct gw_children {
    const struct gw_hash_key *key;
    struct gw_recall matters; /**< struct gw_child */
    uint32_t told_count;      /**< findings told of mismatches since first sight */
    uint64_t untold;          /**< of those not told for their number */
};

/** Make an empty store that takes @p memory octets at most, where it is 64 KiB at least; or NULL.
 */
struct gw_children *gw_zone_children_new(const struct gw_hash_key *key, uint64_t memory);

/** Free it; accepts NULL. */
void gw_zone_children_free(struct gw_children *children);

/** Return the matter of @p name and @p family, made when it is new. */
struct gw_child *gw_zone_child(
    struct gw_children *children, const struct gw_table_name *name, uint8_t family);

/** Note what @p seen answers about the name server of @p child. */
void gw_zone_child_say(struct gw_child *child, const struct gw_observation *seen);

/** Note at @p seen whether parent and child agree. */
void gw_zone_child_compare(struct gw_child *child, const struct gw_observation *seen, bool agree);

/**
 * Return the claims of @p family of @p subject that its parent zone's servers say now: those of the
 * latest message, and of all that were told since that witness was first told so.
 */
uint64_t gw_zone_child_parent_says(
    const struct gw_table *table, const struct gw_subject *subject, uint8_t family);

/** Octets of memory that @p children takes now. */
uint64_t gw_zone_children_octets(const struct gw_children *children);

#endif
