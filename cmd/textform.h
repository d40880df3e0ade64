/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file textform.h
 * Names, prefixes and times as people write them.
 */
#ifndef GLUEWATCH_CMD_TEXTFORM_H
#define GLUEWATCH_CMD_TEXTFORM_H

#include "analyze/lists.h"

/**
 * Read a name in presentation form (RFC 1035 section 5.1); relative ones count as absolute.
 *
 * @param text      @p len octets
 * @param ret_name  canonical
 * @return false when it is none
 */
bool gw_conf_name(const char *text, size_t len, struct gw_name *ret_name);

/**
 * Read an address, or an address with a slash and a number of bits.
 *
 * @param text  @p len octets
 * @return NULL, or static text that says what is wrong with it
 */
const char *gw_conf_prefix(const char *text, size_t len, struct gw_lists_prefix *ret_prefix);

/** Write @p prefix as gw_conf_prefix() reads it; @p size is 64 or more. */
void gw_conf_prefix_text(const struct gw_lists_prefix *prefix, char *ret_text, size_t size);

/**
 * Read a time in UTC: 2026-11-23, 2026-11-23T08:00:00Z, or seconds since 1970.
 *
 * @param text    @p len octets
 * @param ret_ns  ns since 1970
 */
bool gw_conf_time(const char *text, size_t len, int64_t *ret_ns);

#endif
