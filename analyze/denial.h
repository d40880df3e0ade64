/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file denial.h
 * Delegations that servers of the parent zone deny, and names that they say are not there.
 */
#ifndef GLUEWATCH_ANALYZE_DENIAL_H
#define GLUEWATCH_ANALYZE_DENIAL_H

#include "analyze/recall.h"
#include "analyze/zone.h"
#include "gluewatch/finding.h"

/** Resolver groups remembered that were told a denial. */
#define GW_DENIAL_GROUPS 4u

/** Addresses remembered of the name servers that a delegation was taken away from. */
#define GW_DENIAL_ADDRESSES 8u

/** A name that was not there says nothing any more after this long. */
#define GW_DENIAL_ABSENT_NS (7 * 86400 * GW_NS_PER_S)

/** A delegation that its parent denies since `first_ns`. */
struct gw_denial {
    struct gw_name cut, zone; /**< the delegation, and the parent zone */
    bool replaced;            /**< not gone: delegated to name servers that are all others */
    int64_t first_ns;         /**< first denial after the latest referral */
    int64_t last_ns;          /**< latest denial */
    uint32_t ttl_s;           /**< longest TTL of the delegation's NS records */
    uint32_t group_count;     /**< groups that were told; those beyond the bound are counted only */
    struct gw_witness witness;                   /**< who was told first, and by whom */
    struct gw_addr group[GW_DENIAL_GROUPS];      /**< the first groups that were told */
    uint32_t address_count;                      /**< entries in address */
    struct gw_addr address[GW_DENIAL_ADDRESSES]; /**< of the old name servers, when `replaced` */
};

/** A name that an authoritative server said is not there, or is no zone cut. */
struct gw_absent {
    int64_t time_ns;           /**< of the latest such response; 0: a record never used */
    uint8_t zone_len;          /**< octets of the zone that said so, at the end of the name */
    bool nonexistent;          /**< NXDOMAIN: nothing below it exists, either (RFC 8020) */
    struct gw_witness witness; /**< of the latest */
};

/** Both stores; owned by the analyzer. */
struct gw_denials {
    const struct gw_hash_key *key;
    struct gw_recall cuts;   /**< struct gw_denial */
    struct gw_recall absent; /**< struct gw_absent */
};

/** Make empty stores that take @p memory octets at most, where it is 64 KiB at least; or NULL. */
struct gw_denials *gw_denial_new(const struct gw_hash_key *key, uint64_t memory);

/** Free them; accepts NULL. */
void gw_denial_free(struct gw_denials *denials);

/**
 * Tell whether @p seen shows that no delegation lies between the zone that answers, its `cut`, and
 * the QNAME: NXDOMAIN, or no data where a server with such a delegation had referred. An answer
 * for DS does not: it is the parent's to give (RFC 4035 section 3.1.4.1).
 */
bool gw_denial_is_solid(const struct gw_observation *seen);

/**
 * Note that @p seen denies the delegation @p cut. When the parent referred to it since the last
 * denial, the denial begins now.
 */
void gw_denial_note(struct gw_denials *denials, struct gw_table *table, struct gw_cut *cut,
    const struct gw_observation *seen);

/**
 * Note that @p cut went over from the name servers of the claims @p old to others, as @p witness
 * was told.
 */
void gw_denial_note_replaced(struct gw_denials *denials, struct gw_table *table, struct gw_cut *cut,
    uint64_t old, const struct gw_witness *witness);

/** Return what is held of the delegation @p name, or NULL. */
struct gw_denial *gw_denial_of(const struct gw_denials *denials, const struct gw_table_name *name);

/** Tell whether the parent referred to @p cut after the latest denial. */
bool gw_denial_is_withdrawn(
    const struct gw_denial *denial, struct gw_table *table, struct gw_cut *cut);

/** Note that the QNAME of @p seen is not there. */
void gw_denial_note_absent(struct gw_denials *denials, const struct gw_observation *seen);

/** Return what is held of @p name within the last week before @p now_ns, or NULL. */
const struct gw_absent *gw_denial_absent(
    const struct gw_denials *denials, const struct gw_table_name *name, int64_t now_ns);

/** Octets of memory that @p denials takes now. */
uint64_t gw_denial_octets(const struct gw_denials *denials);

#endif
