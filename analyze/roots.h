/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file roots.h
 * The root servers: names, present and retired addresses. Built in with a date, or from a file.
 */
#ifndef GLUEWATCH_ANALYZE_ROOTS_H
#define GLUEWATCH_ANALYZE_ROOTS_H

#include "gluewatch/finding.h"

/** One address of a root server. */
struct gw_reference_root {
    struct gw_name name; /**< canonical, e.g. a.root-servers.net */
    struct gw_addr addr;
    uint16_t retired; /**< year in which another took its place; 0: in use */
};

/** The root servers; by value. Nothing is known of the root when count is 0. */
struct gw_reference_roots {
    uint32_t count;
    struct gw_reference_root root[GW_ROOT_ADDRESSES_MAX];
};

/** What the table says of an address of a name. */
enum gw_reference_root_word {
    GW_ROOT_SILENT,  /**< the name is no root server's, or no address of this family is known */
    GW_ROOT_PRESENT, /**< it has that address */
    GW_ROOT_RETIRED, /**< it had */
    GW_ROOT_WRONG,   /**< it never had */
};

/** Fill @p ret_roots with the root servers as IANA lists them (the date is in roots.c). */
void gw_reference_roots_known(struct gw_reference_roots *ret_roots);

/** Add an address of the root server @p name, in use; false past GW_ROOT_ADDRESSES_MAX. */
bool gw_reference_roots_add(
    struct gw_reference_roots *roots, const struct gw_name *name, const struct gw_addr *addr);

/** Find the entry of @p addr, whoever's it is, or return NULL; @p roots may be NULL. */
const struct gw_reference_root *gw_reference_roots_at(
    const struct gw_reference_roots *roots, const struct gw_addr *addr);

/** Tell whether the canonical name @p wire is a root server's. */
bool gw_reference_roots_names(
    const struct gw_reference_roots *roots, const uint8_t *wire, uint8_t len);

/** Judge that the name @p wire has the address @p addr. */
enum gw_reference_root_word gw_reference_roots_say(const struct gw_reference_roots *roots,
    const uint8_t *wire, uint8_t len, const struct gw_addr *addr);

#endif
