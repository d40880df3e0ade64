/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file message.h
 * From the octets of DNS messages to views of them with a class.
 */
#ifndef GLUEWATCH_PARSE_DNS_MESSAGE_H
#define GLUEWATCH_PARSE_DNS_MESSAGE_H

#include "gluewatch/message.h"
#include "gluewatch/stats.h"
#include "parse/dns/name.h"

/** CNAME and DNAME records followed from the QNAME. */
#define GW_ALIASES_MAX 16u

/** Octets that must be left below a size limit for absence to mean something. */
#define GW_ROOM_MIN 96u

/**
 * Understand one message.
 *
 * Of a query the header and the question are checked, of a response all records: names with their
 * compression, RDATA lengths, the names in the RDATA of NS, CNAME, DNAME and SOA.
 *
 * @param payload  the message; must outlive @p ret_msg
 * @param ret_msg  always written, whatever the octets are
 *
 * Quirks: a duplicate record is noted only among the first 64 NS, CNAME, A and AAAA records of a
 * message. Records whose class is not IN, and addresses of a wrong length, count as not there.
 */
void gw_msg_parse(const struct gw_payload *payload, struct gw_msg *ret_msg);

/**
 * Understand all messages of @p payloads; ret_msgs[i] is the view of payloads->item[i].
 *
 * @param stats  what was seen is added to it; messages of class GW_CLASS_DELEGATION are not yet
 *               added to its classes, because analyze decides what they are
 */
void gw_msg_parse_bulk(const struct gw_payloads *payloads, struct gw_msg ret_msgs[GW_BATCH_FRAMES],
    struct gw_message_stats *stats);

/**
 * Find the end of the CNAME chain in ANSWER.
 *
 * @param msg       a view for which the question was read
 * @param reader    a reader of the same message
 * @param ret_tail  the QNAME, or the target of the last CNAME that continues the chain
 * @return GW_OK, or what gw_name_canonical() says
 *
 * Quirks: a DNAME is not applied; the CNAME made from it stands beside it (RFC 6672 section 3.1).
 * At most GW_ALIASES_MAX CNAME records of ANSWER are looked at.
 */
GW_MUST_CHECK enum gw_why gw_msg_tail(
    const struct gw_msg *msg, struct gw_name_reader *reader, struct gw_name *ret_tail);

/** Return the bit of @p why (stage RECORD) in gw_msg.notes. */
static inline uint32_t
gw_msg_note(enum gw_why why)
{
    return 1u << ((uint32_t)why - (uint32_t)GW_RR_CLASS);
}

#endif
