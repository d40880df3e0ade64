/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file lists.h
 * What the operator says beforehand: delegations to watch, addresses and zones that are internal,
 * resolvers that are one, findings to hold back. Filled by cmd, then sealed, then only read.
 */
#ifndef GLUEWATCH_ANALYZE_LISTS_H
#define GLUEWATCH_ANALYZE_LISTS_H

#include "gluewatch/finding.h"

struct gw_lists;

/** An address prefix; the octets beyond `bits` are zero. */
struct gw_lists_prefix {
    struct gw_addr addr;
    uint8_t bits; /**< 0..32, or 0..128 */
};

/** Octets of the texts of a suppression, NUL included. */
#define GW_SUPPRESSION_KIND_SIZE   64u
#define GW_SUPPRESSION_REASON_SIZE 200u

/** Findings that are held back: those that fit everything that is set here. */
struct gw_suppression {
    char kind[GW_SUPPRESSION_KIND_SIZE];     /**< glob over the names of kinds */
    struct gw_name name;                     /**< cut or name server at or below it; len 0: any */
    struct gw_lists_prefix address;          /**< holds every contrary address; family 0: any */
    struct gw_lists_prefix resolver;         /**< holds everyone who was told; family 0: any */
    int64_t until_ns;                        /**< not from this packet time on; ns since 1970 UTC */
    char reason[GW_SUPPRESSION_REASON_SIZE]; /**< NUL-terminated printable ASCII, not empty */
    uint32_t line;                           /**< where it stands in its file, from 1 */
};

/** Make empty lists; NULL when there is no memory. */
struct gw_lists *gw_lists_new(void);

/** Free @p lists; accepts NULL. */
void gw_lists_free(struct gw_lists *lists);

/**
 * Add a name to the watch list: it covers itself and all below it.
 *
 * @param name  canonical; copied
 * @return GW_DONE, GW_E_NOMEM, or GW_E_FORMAT past GW_LIST_NAMES_MAX
 */
GW_MUST_CHECK int gw_lists_watch(struct gw_lists *lists, const struct gw_name *name);

/** Add a zone whose delegations may have special-purpose glue; results as gw_lists_watch(). */
GW_MUST_CHECK int gw_lists_internal_zone(struct gw_lists *lists, const struct gw_name *name);

/**
 * Add a prefix of addresses that are expected as glue, or of resolvers that are told such.
 *
 * @return GW_DONE, GW_E_NOMEM, or GW_E_FORMAT past GW_LIST_PREFIXES_MAX
 */
GW_MUST_CHECK int gw_lists_internal_prefix(
    struct gw_lists *lists, const struct gw_lists_prefix *prefix);

/**
 * Put the resolvers of @p prefix into group number @p group, 0..GW_RESOLVER_GROUPS_MAX - 1; results
 * as gw_lists_internal_prefix().
 */
GW_MUST_CHECK int gw_lists_group_prefix(
    struct gw_lists *lists, const struct gw_lists_prefix *prefix, uint32_t group);

/** Add a copy of @p rule; GW_DONE, GW_E_NOMEM, or GW_E_FORMAT past GW_SUPPRESSIONS_MAX. */
GW_MUST_CHECK int gw_lists_suppress(struct gw_lists *lists, const struct gw_suppression *rule);

/**
 * Make the lists ready to be asked; nothing is added after that.
 *
 * @param ret_twice  the prefix that is in two resolver groups; written with GW_E_FORMAT only
 * @return GW_DONE or GW_E_FORMAT
 */
GW_MUST_CHECK int gw_lists_seal(struct gw_lists *lists, struct gw_lists_prefix *ret_twice);

/** Tell whether the canonical name @p wire is on the watch list; @p lists may be NULL. */
bool gw_lists_watches(const struct gw_lists *lists, const uint8_t *wire, uint8_t len);

/**
 * Tell whether a special-purpose address is expected as glue: the address or the resolver is in an
 * internal prefix, or the delegation is in an internal zone.
 *
 * @param cut  canonical; @p lists may be NULL
 */
bool gw_lists_expects(const struct gw_lists *lists, const struct gw_addr *address,
    const struct gw_addr *resolver, const struct gw_name *cut);

/**
 * Find the group that @p resolver is configured to be in, by the longest prefix.
 *
 * @param ret_group  its number; written only when there is one
 * @return false when it is in none, or @p lists is NULL
 */
bool gw_lists_group(
    const struct gw_lists *lists, const struct gw_addr *resolver, uint32_t *ret_group);

/**
 * Find the first rule that holds @p finding back at packet time @p now_ns, or return NULL.
 * root-mismatch and reference-mismatch are never held back.
 */
const struct gw_suppression *gw_lists_suppression(
    const struct gw_lists *lists, const struct gw_finding *finding, int64_t now_ns);

#endif
