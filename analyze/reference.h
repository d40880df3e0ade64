/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file reference.h
 * What zone files say of delegations: the NS set, the addresses of its name servers, whether there
 * is a DS. Filled by cmd, then sealed, then only read.
 *
 * Method. Each name is kept once, in one run of octets; everything else names it by its offset
 * there: NS records as sorted pairs of owner and target, addresses as sorted pairs of owner and
 * address. That is about 60 octets for a delegation (docs/DETECTION.md, section 7).
 */
#ifndef GLUEWATCH_ANALYZE_REFERENCE_H
#define GLUEWATCH_ANALYZE_REFERENCE_H

#include "base/hash.h"
#include "gluewatch/finding.h"
#include "gluewatch/stats.h"

struct gw_reference;

/** A zone that is known. */
struct gw_reference_zone {
    struct gw_name apex; /**< canonical */
    uint32_t serial;     /**< of its SOA */
    uint32_t refresh_s;  /**< likewise */
    int64_t loaded_ns;   /**< when the file was as it is; ns since 1970 UTC */
};

/** A record of a zone; for the call. */
struct gw_reference_record {
    const uint8_t *owner; /**< canonical */
    const uint8_t *rdata; /**< uncompressed; a target may hold upper case */
    uint16_t rdata_len;
    uint16_t type;
    uint8_t owner_len;
};

/** What is known of one delegation; for the call. */
struct gw_reference_cut {
    const struct gw_reference_zone *zone; /**< the parent zone; the zone itself when `own` */
    uint32_t first;                       /**< identifies it */
    uint32_t target_count;                /**< name servers, 1 or more */
    bool has_ds;
    bool own; /**< only the zone's own NS records are known, not its parent's */
};

/** What the reference says of a statement. */
enum gw_reference_word {
    GW_REFERENCE_SILENT, /**< nothing about it */
    GW_REFERENCE_AGREES,
    GW_REFERENCE_CONTRADICTS,
};

/**
 * Make an empty reference.
 *
 * @param key     for its hashes; copied
 * @param budget  octets that it may take
 * @return NULL when there is no memory
 */
struct gw_reference *gw_reference_new(const struct gw_hash_key *key, uint64_t budget);

/** Free @p reference; accepts NULL. */
void gw_reference_free(struct gw_reference *reference);

/**
 * Begin a zone: what is added from now on is of it.
 *
 * @return GW_DONE, or GW_E_FORMAT past GW_REFERENCE_ZONES_MAX or when the zone is known already
 */
GW_MUST_CHECK int gw_reference_zone_begin(
    struct gw_reference *reference, const struct gw_reference_zone *zone);

/**
 * Add a record of the zone begun last: NS, A, AAAA and DS are kept, others and those of names
 * outside of the zone are passed over.
 *
 * @return GW_DONE, or GW_E_NOMEM when the budget or the memory is used up
 */
GW_MUST_CHECK int gw_reference_add(
    struct gw_reference *reference, const struct gw_reference_record *record);

/** Make it ready to be asked; nothing is added after that. */
void gw_reference_seal(struct gw_reference *reference);

/** Return zone @p index in the order of adding, or NULL past the last; may be asked of NULL. */
const struct gw_reference_zone *gw_reference_zone_at(
    const struct gw_reference *reference, uint32_t index);

/** Return the delegations known. */
uint32_t gw_reference_count(const struct gw_reference *reference);

/** Return the octets that it takes. */
uint64_t gw_reference_octets(const struct gw_reference *reference);

/** Find what is known of the delegation @p wire (canonical); false when nothing is. */
bool gw_reference_cut_of(const struct gw_reference *reference, const uint8_t *wire, uint8_t len,
    struct gw_reference_cut *ret_cut);

/** Write name server @p index of @p cut, 0..target_count - 1. */
void gw_reference_target(const struct gw_reference *reference, const struct gw_reference_cut *cut,
    uint32_t index, struct gw_name *ret_name);

/** Tell whether @p cut has the name server @p wire (canonical). */
bool gw_reference_has_target(const struct gw_reference *reference,
    const struct gw_reference_cut *cut, const uint8_t *wire, uint8_t len);

/**
 * Write the addresses of one family of the name server @p wire, ascending, at most @p most.
 *
 * @return how many there are
 */
uint32_t gw_reference_addresses(const struct gw_reference *reference, const uint8_t *wire,
    uint8_t len, uint8_t family, struct gw_addr *ret_addr, uint32_t most);

/** Judge that the name server @p wire (canonical) has @p addr; @p reference may be NULL. */
enum gw_reference_word gw_reference_says(const struct gw_reference *reference, const uint8_t *wire,
    uint8_t len, const struct gw_addr *addr);

/** Tell whether @p wire is a delegation of the reference; @p reference may be NULL. */
bool gw_reference_delegates(const struct gw_reference *reference, const uint8_t *wire, uint8_t len);

/** How often the traffic and the reference differ: when often, the reference is out of date. */
struct gw_reference_meter;

/** Make a meter for @p reference (not NULL); it counts in @p stats, which outlives it. */
struct gw_reference_meter *gw_reference_meter_new(
    const struct gw_reference *reference, struct gw_reference_stats *stats);

/** Free @p meter; accepts NULL. */
void gw_reference_meter_free(struct gw_reference_meter *meter);

/**
 * Note a comparison of @p cut, and whether it differed; each delegation counts once, so that one
 * forger cannot make the reference look out of date by repeating itself.
 *
 * @return whether the reference may still be trusted
 */
bool gw_reference_meter_note(
    struct gw_reference_meter *meter, const struct gw_reference_cut *cut, bool differs);

/** Tell whether the reference has proved to be out of date. */
bool gw_reference_meter_is_stale(const struct gw_reference_meter *meter);

#endif
