/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file view.h
 * What matching needs of one message. For this folder only.
 */
#ifndef GLUEWATCH_PARSE_MATCH_VIEW_H
#define GLUEWATCH_PARSE_MATCH_VIEW_H

#include "base/hash.h"
#include "gluewatch/exchange.h"

/** What the OPT record of a message says (RFC 6891). */
struct gw_match_opt {
    bool present;
    bool dnssec_ok;
    bool has_cookie;
    bool has_subnet;
    uint16_t size;     /**< UDP size of the sender */
    uint8_t cookie[8]; /**< client part (RFC 7873 section 4) */
    uint64_t subnet;   /**< keyed hash of family, source prefix and address (RFC 7871 section 6) */
};

/** One message, its question and what it is found by. */
struct gw_match_view {
    const struct gw_msg *msg;
    const struct gw_payload *payload;
    struct gw_addr resolver, server; /**< who asks, who is asked */
    uint16_t resolver_port, server_port;
    bool has_question;
    bool mixed_case;        /**< letters of both cases in the QNAME */
    uint8_t qname_len;      /**< octets of qname; 0 without a question */
    uint16_t qtype;         /**< 0 without a question */
    uint64_t octets_hash;   /**< keyed hash of the message */
    uint64_t qname_hash;    /**< of the folded QNAME; without a question, of the opcode */
    uint64_t case_hash;     /**< of the QNAME as it stands */
    uint64_t port_hash;     /**< of resolver, its port and the message ID */
    uint64_t question_hash; /**< of resolver and question */
    struct gw_match_opt opt;
    uint8_t qname[GW_NAME_MAX + 9]; /**< folded; written eight octets at a time */
};

/**
 * Look at @p msg; it must outlive @p ret_view. Of its octets those of the question and the OPT
 * record are read, and all are hashed.
 */
void gw_match_view_make(
    const struct gw_hash_key *key, const struct gw_msg *msg, struct gw_match_view *ret_view);

/** Put what the message says of itself into @p ret_exchange; all else there becomes zero. */
void gw_match_view_tell(const struct gw_match_view *view, struct gw_exchange *ret_exchange);

/** Return enum gw_query_fact of a query. */
uint32_t gw_match_view_query_facts(const struct gw_match_view *view);

#endif
