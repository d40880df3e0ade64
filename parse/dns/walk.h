/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file walk.h
 * All records of a response: are they sound, and what do they say about the message.
 */
#ifndef GLUEWATCH_PARSE_DNS_WALK_H
#define GLUEWATCH_PARSE_DNS_WALK_H

#include "parse/dns/message.h"
#include "parse/dns/name.h"

/**
 * Walk the records of a response whose header and question are already in @p msg.
 *
 * @param msg     gets section_off, edns_size, facts, notes and referral_shaped; where the records
 *                break off, what was seen so far
 * @param reader  the message; names are taken off its budget
 * @param qname   the QNAME; the root when there is no question
 * @param ret_evidence  enum gw_evidence of the records seen; written always
 * @return GW_OK or a reason of stage MESSAGE
 */
GW_MUST_CHECK enum gw_why gw_msg_walk(struct gw_msg *msg, struct gw_name_reader *reader,
    const struct gw_name *qname, uint32_t *ret_evidence);

#endif
