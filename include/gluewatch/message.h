/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file message.h
 * A DNS message as parse/dns understands it: a view, and the class it has by itself.
 */
#ifndef GLUEWATCH_MESSAGE_H
#define GLUEWATCH_MESSAGE_H

#include "gluewatch/payload.h"
#include "gluewatch/why.h"

/* X(enumerator, name, text): what a message is; docs/DETECTION.md has the table that decides. */
#define GW_CLASS_LIST(X)                                                                         \
    X(QUERY, "query", "a query")                                                                 \
    X(MALFORMED, "malformed", "cannot be understood; the reason is counted apart")               \
    X(IGNORED, "ignored", "another opcode than QUERY, or another class than IN")                 \
    X(CUT, "cut", "response cut by the snap length: nothing is concluded from it")               \
    X(ERROR, "error", "RCODE other than NOERROR, NXDOMAIN and YXDOMAIN")                         \
    X(RECURSIVE_ANSWER, "recursive-answer", "a resolver's answer to its client")                 \
    X(NEGATIVE, "negative", "NXDOMAIN or YXDOMAIN")                                              \
    X(NODATA, "nodata", "no data of this type; SOA in AUTHORITY")                                \
    X(PRIMING, "priming", "the NS RRset of the root, in ANSWER")                                 \
    X(AUTH_NS, "auth-ns", "the NS RRset of the QNAME, authoritative")                            \
    X(REFERRAL, "referral", "a referral to a child zone")                                        \
    X(PARTIAL_REFERRAL, "partial-referral", "an alias whose target is referred to a child zone") \
    X(ANSWER, "answer", "an answer")                                                             \
    X(MULTI_CUT, "multi-cut", "NS records of more than one owner in AUTHORITY")                  \
    X(SIDEWAYS, "sideways", "NS records of a zone that the QNAME is not under")                  \
    X(SELF_REFERRAL, "self-referral", "a referral to the zone that the server was asked in")     \
    X(NODATA_NOSOA, "nodata-nosoa", "no data of this type; apex NS instead of the SOA")          \
    X(UPWARD, "upward", "a referral above the zone that the server was asked in")                \
    X(EMPTY, "empty", "neither ANSWER nor AUTHORITY")                                            \
    X(TC_EMPTY, "tc-empty", "the same, truncated: to be asked again over TCP")                   \
    X(OTHER, "other", "none of the other classes")

enum gw_class {
#define GW_CLASS_ENUM(id, name, text) GW_CLASS_##id,
    GW_CLASS_LIST(GW_CLASS_ENUM)
#undef GW_CLASS_ENUM
    GW_CLASS_COUNT,
    /**
     * NS in AUTHORITY, and which zone the server was asked in decides; resolved by analyze/zone.
     */
    GW_CLASS_DELEGATION = GW_CLASS_COUNT,
};

/** Facts of a message, or-ed into gw_msg.facts and gw_observation.facts. */
enum gw_fact {
    GW_FACT_AA = 1u << 0,           /**< AA bit */
    GW_FACT_TC = 1u << 1,           /**< TC bit: presence counts, absence means nothing */
    GW_FACT_RD = 1u << 2,           /**< RD bit */
    GW_FACT_RA = 1u << 3,           /**< RA bit */
    GW_FACT_OPT = 1u << 4,          /**< has an OPT record */
    GW_FACT_DO = 1u << 5,           /**< DNSSEC OK in the OPT record */
    GW_FACT_DS = 1u << 6,           /**< DS in AUTHORITY, owner = the NS owner */
    GW_FACT_NS_IN_ANSWER = 1u << 7, /**< the delegation's NS RRset stood in ANSWER, AA=0 */
    GW_FACT_ALIAS = 1u << 8,        /**< ANSWER holds only a CNAME/DNAME chain */
    GW_FACT_ANSWERED = 1u << 9,     /**< ANSWER holds something else than such a chain */
    GW_FACT_UNDER_CUT = 1u << 10,   /**< QNAME (end of the chain, parent for DS) is under the cut */
    GW_FACT_MULTI_CUT = 1u << 11,   /**< NS records of more than one owner in AUTHORITY */
    GW_FACT_SOA = 1u << 12,         /**< SOA in AUTHORITY, QNAME under its owner */
    GW_FACT_NS = 1u << 13,          /**< at least one NS record in AUTHORITY */
    GW_FACT_ADDRESS = 1u << 14,     /**< A or AAAA of the QNAME in ANSWER */
    GW_FACT_CLIPPED = 1u << 15,     /**< so near a size limit that absence means nothing */
    GW_FACT_COOKIE = 1u << 16,      /**< OPT with a COOKIE that has a server part (RFC 7873) */
    GW_FACT_SIGNED = 1u << 17,      /**< TSIG or SIG(0) */
    GW_FACT_WRONG_SECTION =
        1u << 18,                   /**< A, AAAA in AUTHORITY, or NS, CNAME, DNAME in ADDITIONAL */
    GW_FACT_PROMISCUOUS = 1u << 19, /**< NS in AUTHORITY where no delegation is being given */
    GW_FACT_TCP = 1u << 20,         /**< came over TCP */
    GW_FACT_FRAGMENTED = 1u << 21,  /**< came in IP fragments */
};

/**
 * View of one DNS message. Made by gw_msg_parse(); points into the payload and is valid as long
 * as it. Offsets are octets from the message's first octet. All integers are in host order.
 */
struct gw_msg {
    const struct gw_payload *payload; /**< the octets and where they came from */
    enum gw_why why;                  /**< GW_OK, or why the class is GW_CLASS_MALFORMED */
    enum gw_class class;              /**< decided by this message alone, or GW_CLASS_DELEGATION */
    uint32_t facts;                   /**< enum gw_fact */
    uint32_t notes;                   /**< bit per enum gw_why of stage RECORD, from GW_RR_CLASS */
    bool response;                    /**< QR bit */
    bool referral_shaped;    /**< response, opcode 0, AA 0, RCODE 0, ANCOUNT 0, NS, no SOA */
    bool teaches;            /**< gw_observation_extract() would yield something of use */
    uint8_t opcode;          /**< 0..15 */
    uint8_t rcode;           /**< 0..15, without EDNS's extension */
    uint16_t id;             /**< any value, 0 included */
    uint16_t count[4];       /**< QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT as in the header */
    uint16_t qtype;          /**< meaningful when the question was read */
    uint16_t qclass;         /**< likewise */
    uint16_t qname_off;      /**< likewise: where the QNAME starts (always 12) */
    uint16_t section_off[4]; /**< where question, ANSWER, AUTHORITY, ADDITIONAL start */
    uint16_t edns_size;      /**< the sender's UDP size; meaningful with GW_FACT_OPT */
    uint16_t opt_off; /**< where the RDATA of the OPT record stands; likewise, of responses */
    uint16_t opt_len; /**< octets of it */
};

#endif
