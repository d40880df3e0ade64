/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file escape.h
 * The one way in which names, addresses and times from the wire become text. Everything that report
 * tells goes through here, so that no octet of a packet reaches a terminal or a file as it was.
 */
#ifndef GLUEWATCH_REPORT_ESCAPE_H
#define GLUEWATCH_REPORT_ESCAPE_H

#include "gluewatch/finding.h"

/** Room for 255 octets as `\DDD` with NUL. The text of a valid name has 1,003 at most. */
#define GW_ESCAPE_NAME_SIZE 1024u

/** Room for an address, NUL included. */
#define GW_ESCAPE_ADDR_SIZE 46u

/** Room for a time, NUL included: "2026-11-23T01:04:59.120000000Z". */
#define GW_ESCAPE_TIME_SIZE 31u

/**
 * Write a name in presentation form. The root is "."; no other name has a final dot. Octets outside
 * 0x21..0x7e become `\DDD`; the dot inside a label and `\ " ; ( ) @ $` get a backslash.
 *
 * @param wire      canonical wire form; for the call
 * @param len       octets at @p wire, 0..255; 0 yields an empty text
 * @param ret_text  the text, printable ASCII, NUL-terminated
 * @return octets of the text without NUL
 *
 * Source: RFC 1035 section 5.1; RFC 4343 section 2.1.
 * Quirks: a label that runs past @p len ends there.
 */
size_t gw_escape_name(const uint8_t *wire, size_t len, char ret_text[GW_ESCAPE_NAME_SIZE]);

/**
 * Read a name from presentation form; the inverse of gw_escape_name(). A final dot is allowed.
 *
 * @param text      the text; for the call
 * @param len       octets at @p text
 * @param ret_name  its wire form, letters folded to lower case; written only on success
 * @return false for an empty label, a label over 63 or a name over 255 octets, a broken escape
 *         or an octet that must be escaped and is not
 */
GW_MUST_CHECK bool gw_escape_parse_name(const char *text, size_t len, struct gw_name *ret_name);

/**
 * Return the octets of the first unit of @p text that must not be cut: a whole escape, or one
 * octet.
 *
 * @param len  octets at @p text, at least 1
 */
size_t gw_escape_unit(const char *text, size_t len);

/**
 * Write an address as text; "-" for an address never set.
 *
 * @return octets of the text without NUL
 *
 * Source: RFC 5952 sections 4 and 5.
 */
size_t gw_escape_addr(const struct gw_addr *addr, char ret_text[GW_ESCAPE_ADDR_SIZE]);

/**
 * Write a time as RFC 3339 text in UTC with nine decimals. 64 bits of nanoseconds reach from 1677
 * to 2262, so the year always has four digits; times before 1970 are exact as well.
 *
 * @param time_ns  nanoseconds since 1970 UTC, may be negative
 * @return octets of the text without NUL, always 30
 */
size_t gw_escape_time(int64_t time_ns, char ret_text[GW_ESCAPE_TIME_SIZE]);

#endif
