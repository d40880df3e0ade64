/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file zone.h
 * Which zone was a server asked in? Inferred from what was seen, never from the response itself;
 * and with it the class of responses that a message alone does not decide (docs/DETECTION.md, 1).
 */
#ifndef GLUEWATCH_ANALYZE_ZONE_H
#define GLUEWATCH_ANALYZE_ZONE_H

#include "analyze/table.h"

/** The zone that a response's server was asked in. */
struct gw_zone {
    gw_zone_id id;       /**< GW_ZONE_UNKNOWN when nothing tells */
    const uint8_t *name; /**< points into the observation, canonical; NULL when unknown */
    uint8_t len;         /**< octets of name */
    bool sure;           /**< by the server's own AA evidence, or the root */
};

/**
 * How a glue owner relates to the parent zone and the cut (RFC 9499 section 7, RFC 9471 section
 * 2).
 */
enum gw_zone_relation {
    GW_ZONE_IN_DOMAIN, /**< under the zone cut */
    GW_ZONE_SIBLING,   /**< under the parent zone */
    GW_ZONE_COHOSTED,  /**< under another zone that the same server serves */
    GW_ZONE_FOREIGN,   /**< under neither: unrelated */
    GW_ZONE_UNCERTAIN, /**< the parent zone is not known, or it was too much work to tell */
};

/** Tell whether the name @p name is equal to or below @p zone; both canonical. */
bool gw_zone_covers(const uint8_t *zone, uint8_t zone_len, const uint8_t *name, uint8_t name_len);

/** Return the name @p name of @p seen. */
struct gw_table_name gw_zone_name(
    const struct gw_observation *seen, const struct gw_observation_name *name);

/** Note that @p server answers with AA=1 for the zone @p apex. */
void gw_zone_learn(
    struct gw_table *table, const struct gw_table_name *apex, const struct gw_addr *server);

/**
 * Infer the zone that @p seen's server was asked in: the deepest ancestor of QNAME that it
 * answered for with AA=1, else the deepest whose glue names it. Glue may name a server that does
 * not serve the zone.
 */
struct gw_zone gw_zone_infer(struct gw_table *table, const struct gw_observation *seen);

/**
 * Tell whether @p server is known to serve @p zone: it answered for it with AA=1, or the zone's
 * glue names it.
 */
bool gw_zone_is_served_by(
    struct gw_table *table, const struct gw_table_name *zone, const struct gw_addr *server);

/** Decide the class of a response with NS records in AUTHORITY; facts may gain PROMISCUOUS. */
enum gw_class gw_zone_classify(
    const struct gw_table *table, struct gw_observation *seen, const struct gw_zone *zone);

/** Tell how the owner of an address record relates to the delegation @p seen. */
enum gw_zone_relation gw_zone_relate(struct gw_table *table, const struct gw_observation *seen,
    const struct gw_zone *zone, const struct gw_observation_name *owner);

/**
 * Tell whether glue @p index of @p seen, an answer of a name server's own zone, is an address of
 * the QNAME out of ANSWER: of kind ADDRESS all are.
 */
bool gw_zone_is_answered(const struct gw_observation *seen, uint32_t index);

/**
 * Return the index of the target whose addresses @p seen answers with AA=1, or GW_NO_TARGET.
 */
uint8_t gw_zone_answered_target(const struct gw_observation *seen);

#endif
