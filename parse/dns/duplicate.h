/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file duplicate.h
 * Which records of a message were there before (RFC 2181 section 5). Used by parse/dns only.
 */
#ifndef GLUEWATCH_PARSE_DNS_DUPLICATE_H
#define GLUEWATCH_PARSE_DNS_DUPLICATE_H

#include "parse/dns/name.h"
#include "parse/dns/rr.h"

/** Records remembered of one message. */
#define GW_RR_SEEN_MAX 64u

/** Records of one message, to compare further ones with; made by gw_rr_seen_init(). */
struct gw_rr_seen {
    uint32_t count;               /**< entries in use */
    struct gw_name_reader reader; /**< pays for comparing names, apart from the message's budget */
    uint64_t hint[4];             /**< a bit for each print: most records need no comparing */
    uint64_t
        print[GW_RR_SEEN_MAX]; /**< what is cheap to read, mixed: first labels, type, address */
    struct {
        struct gw_rr rr;
        enum gw_section section;
    } entry[GW_RR_SEEN_MAX];
};

/** Make @p seen empty, for records of the @p len octets at @p msg. */
void gw_rr_seen_init(struct gw_rr_seen *seen, const uint8_t *msg, uint32_t len);

/**
 * Remember @p rr (NS, CNAME, A or AAAA, names checked) and say whether the same record, in owner,
 * type and RDATA, came before in the same section. Past GW_RR_SEEN_MAX records, always false.
 */
bool gw_rr_seen_before(struct gw_rr_seen *seen, const struct gw_rr *rr, enum gw_section section);

#endif
