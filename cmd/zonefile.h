/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file zonefile.h
 * Zone files in master file format (RFC 1035 section 5), plain or compressed: reference zones and
 * root hints. Reads with the scanner of Knot DNS, a piece at a time; $INCLUDE is refused.
 */
#ifndef GLUEWATCH_CMD_ZONEFILE_H
#define GLUEWATCH_CMD_ZONEFILE_H

#include "analyze/reference.h"
#include "analyze/roots.h"

/** Which zone files to load, and how. */
struct gw_conf_zones {
    const char *const *path; /**< each FILE, or ZONE=FILE where the names in it are relative */
    uint32_t path_count;
    bool has_time;     /**< loaded_ns means something */
    int64_t loaded_ns; /**< when the files were made; else when they were changed last */
    uint64_t budget;   /**< octets that the reference may take */
    const struct gw_hash_key *key; /**< for its hashes; copied */
};

/**
 * Load zone files.
 *
 * @param ret_reference  sealed; owned by the caller; NULL when no file is named
 * @return GW_DONE; GW_E_OPEN, GW_E_READ, GW_E_FORMAT or GW_E_NOMEM with @p ret_error written
 */
GW_MUST_CHECK int gw_conf_reference_open(const struct gw_conf_zones *zones,
    struct gw_reference **ret_reference, struct gw_error_text *ret_error);

/** Load the root servers from the hints or zone file @p path; results as above. */
GW_MUST_CHECK int gw_conf_roots_open(
    const char *path, struct gw_reference_roots *ret_roots, struct gw_error_text *ret_error);

#endif
