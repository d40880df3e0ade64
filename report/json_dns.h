/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file json_dns.h
 * Names, addresses, times and sets of words as JSON values. Only for report.
 */
#ifndef GLUEWATCH_REPORT_JSON_DNS_H
#define GLUEWATCH_REPORT_JSON_DNS_H

#include "gluewatch/finding.h"
#include "report/json.h"

/** Write a name of @p len octets in wire form as a string in presentation form. */
void gw_json_wire(struct gw_json *json, const uint8_t *wire, size_t len);

/** Write an address as a string. */
void gw_json_addr(struct gw_json *json, const struct gw_addr *addr);

/** Write a member with a name; nothing when the name is absent. */
void gw_json_put_name(struct gw_json *json, const char *key, const struct gw_name *name);

/** Write a member with an address; nothing when it was never set. */
void gw_json_put_addr(struct gw_json *json, const char *key, const struct gw_addr *addr);

/** Write a member with a time: RFC 3339, UTC, nanoseconds. */
void gw_json_put_time(struct gw_json *json, const char *key, int64_t time_ns);

/**
 * Write a member with the words for the bits of @p bits.
 *
 * @param word  the word for a bit's number, or NULL past the last one, as gw_text_fact()
 */
void gw_json_put_bits(
    struct gw_json *json, const char *key, uint32_t bits, const char *(*word)(uint32_t));

#endif
