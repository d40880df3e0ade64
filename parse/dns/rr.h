/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file rr.h
 * Resource records on the wire: a bounds-checked cursor over one section.
 */
#ifndef GLUEWATCH_PARSE_DNS_RR_H
#define GLUEWATCH_PARSE_DNS_RR_H

#include "gluewatch/base.h"
#include "gluewatch/message.h"

/** RR types that are looked into; IANA's registry of DNS parameters. */
enum gw_type {
    GW_TYPE_A = 1,      /**< RFC 1035 section 3.4.1 */
    GW_TYPE_NS = 2,     /**< RFC 1035 section 3.3.11 */
    GW_TYPE_CNAME = 5,  /**< RFC 1035 section 3.3.1 */
    GW_TYPE_SOA = 6,    /**< RFC 1035 section 3.3.13 */
    GW_TYPE_MX = 15,    /**< RFC 1035 section 3.3.9 */
    GW_TYPE_SIG = 24,   /**< SIG(0): RFC 2931 */
    GW_TYPE_AAAA = 28,  /**< RFC 3596 section 2.1 */
    GW_TYPE_DNAME = 39, /**< RFC 6672 section 2.1 */
    GW_TYPE_OPT = 41,   /**< RFC 6891 section 6.1 */
    GW_TYPE_DS = 43,    /**< RFC 4034 section 5 */
    GW_TYPE_RRSIG = 46, /**< RFC 4034 section 3 */
    GW_TYPE_TKEY = 249, /**< RFC 2930 section 2 */
    GW_TYPE_TSIG = 250, /**< RFC 8945 section 4 */
};

/** Classes of records and questions (RFC 1035 section 3.2.4). */
enum gw_rr_class {
    GW_RRCLASS_IN = 1,
    GW_RRCLASS_ANY = 255
};

/** Response codes that decide something (RFC 1035 section 4.1.1, RFC 2136 section 2.2). */
enum gw_rcode {
    GW_RCODE_NOERROR = 0,
    GW_RCODE_FORMERR = 1,
    GW_RCODE_NXDOMAIN = 3,
    GW_RCODE_NOTIMP = 4,
    GW_RCODE_REFUSED = 5,
    GW_RCODE_YXDOMAIN = 6,
};

/** Sections, as indices into gw_msg.count and gw_msg.section_off. */
enum gw_section {
    GW_QUESTION,
    GW_ANSWER,
    GW_AUTHORITY,
    GW_ADDITIONAL
};

/** Octets of a record between its owner and its RDATA: type, class, TTL, RDLENGTH. */
#define GW_RR_FIXED_LEN 10u

/** One record: offsets from the message's first octet, integers in host order. */
struct gw_rr {
    uint32_t owner_off; /**< to the owner name */
    uint32_t rdata_off; /**< to the RDATA; rdata_off + rdata_len <= octets of the message */
    uint32_t rdata_len; /**< octets of the RDATA, 0..65535 */
    uint32_t ttl_s;     /**< as on the wire; see gw_rr_ttl() */
    uint16_t type;      /**< any value; enum gw_type names some */
    uint16_t class;     /**< any value */
};

/** Where the next record of a section starts; a plain value. */
struct gw_rr_cursor {
    const uint8_t *msg; /**< first octet of the DNS header */
    uint32_t len;       /**< octets readable at msg */
    uint32_t pos;       /**< octets from msg to the next record */
    uint32_t left;      /**< records still to come by the header's count */
};

/**
 * Return a cursor over @p section (GW_ANSWER..GW_ADDITIONAL) of a parsed @p msg; an empty one
 * when the parser did not get as far as that section.
 */
struct gw_rr_cursor gw_rr_section(const struct gw_msg *msg, enum gw_section section);

/**
 * Read the next record and step over it. There must be one: cursor->left > 0.
 *
 * @param cursor  moves only on GW_OK
 * @param ret_rr  the record; written only on GW_OK; its owner's compression is not checked
 * @return GW_OK, GW_RR_CUT, or what gw_name_skip() says about the owner
 *
 * Source: RFC 1035 sections 3.2.1 and 4.1.3.
 */
GW_MUST_CHECK enum gw_why gw_rr_next(struct gw_rr_cursor *cursor, struct gw_rr *ret_rr);

/** Return the TTL of @p rr in seconds; one with its highest bit set is 0 (RFC 2181 section 8). */
static inline uint32_t
gw_rr_ttl(const struct gw_rr *rr)
{
    return rr->ttl_s >> 31 != 0 ? 0 : rr->ttl_s;
}

/** Return the octets that an address of @p type has: 4 for A, 16 for AAAA, 0 for other types. */
static inline uint32_t
gw_rr_address_len(uint16_t type)
{
    if (type == GW_TYPE_A)
        return 4;
    return type == GW_TYPE_AAAA ? 16 : 0;
}

/** Whether @p rr is an A or AAAA record of class IN with the length that it must have. */
static inline bool
gw_rr_is_address(const struct gw_rr *rr)
{
    const uint32_t len = gw_rr_address_len(rr->type);

    return len != 0 && rr->class == GW_RRCLASS_IN && rr->rdata_len == len;
}

/** Whether a record of this type never stands in @p section, AUTHORITY or ADDITIONAL. */
static inline bool
gw_rr_is_misplaced(const struct gw_rr *rr, enum gw_section section)
{
    if (rr->type == GW_TYPE_CNAME || rr->type == GW_TYPE_DNAME)
        return true;
    return section == GW_AUTHORITY ? rr->type == GW_TYPE_MX || gw_rr_is_address(rr)
                                   : rr->type == GW_TYPE_NS;
}

/** Return the address in @p rr, a record for which gw_rr_is_address() holds. */
struct gw_addr gw_rr_address(const uint8_t *msg, const struct gw_rr *rr);

#endif
