/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file class.h
 * The class of a response, as far as the message alone decides it: the table of docs/DETECTION.md.
 */
#ifndef GLUEWATCH_PARSE_DNS_CLASS_H
#define GLUEWATCH_PARSE_DNS_CLASS_H

#include "gluewatch/message.h"

/** What the table asks about a response, or-ed together. Records of class IN only. */
enum gw_evidence {
    GW_EVIDENCE_ERROR = 1u << 0,    /**< extended RCODE not NOERROR, NXDOMAIN or YXDOMAIN */
    GW_EVIDENCE_NEGATIVE = 1u << 1, /**< RCODE NXDOMAIN or YXDOMAIN */
    GW_EVIDENCE_AA = 1u << 2,       /**< AA bit */
    GW_EVIDENCE_TC = 1u << 3,       /**< TC bit */
    GW_EVIDENCE_RD = 1u << 4,       /**< RD bit, copied from the query (RFC 1035 section 4.1.1) */
    GW_EVIDENCE_RA = 1u << 5,       /**< RA bit */
    GW_EVIDENCE_ROOT_NS = 1u << 6,  /**< QNAME is the root and QTYPE is NS */
    GW_EVIDENCE_ANSWER = 1u << 7,   /**< ANSWER is not empty */
    GW_EVIDENCE_NS_AT_QNAME = 1u << 8, /**< an NS record of the QNAME in ANSWER */
    GW_EVIDENCE_AUTHORITY = 1u << 9,   /**< AUTHORITY is not empty */
    GW_EVIDENCE_NS = 1u << 10,         /**< an NS record in AUTHORITY */
    GW_EVIDENCE_NS_OWNERS = 1u << 11,  /**< NS records of more than one owner in AUTHORITY */
    GW_EVIDENCE_SOA = 1u << 12,        /**< SOA in AUTHORITY, the QNAME under its owner */
};

/**
 * Decide the class of a response with @p evidence (enum gw_evidence).
 *
 * @param ret_facts  the facts that the row adds (GW_FACT_PROMISCUOUS, GW_FACT_NS_IN_ANSWER), or 0
 * @return GW_CLASS_DELEGATION where the zone that the server was asked in decides; never
 *         GW_CLASS_QUERY, GW_CLASS_MALFORMED, GW_CLASS_IGNORED or GW_CLASS_CUT: the gates before
 *         the table decide those
 */
enum gw_class gw_msg_classify(uint32_t evidence, uint32_t *ret_facts);

#endif
