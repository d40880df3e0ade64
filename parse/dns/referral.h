/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file referral.h
 * From a message with a delegation to its digest.
 */
#ifndef GLUEWATCH_PARSE_DNS_REFERRAL_H
#define GLUEWATCH_PARSE_DNS_REFERRAL_H

#include "base/hash.h"
#include "gluewatch/referral.h"

/**
 * Digest @p msg: the owner of its first NS record, and an order-free hash of what it says.
 *
 * The hash is a sum over the distinct records of a keyed hash of owner, type and RDATA: the NS
 * records of AUTHORITY (of the QNAME in ANSWER with GW_FACT_NS_IN_ANSWER), the addresses of
 * AUTHORITY and ADDITIONAL, and those of the QNAME in ANSWER when the QNAME is one of the NS
 * targets (so that a child's own word about its name servers is never taken for a repeat). Names
 * are folded and hashed once.
 *
 * @param msg  any parsed message that is not malformed; must outlive @p ret_referral
 * @param ret_referral  written only when true is returned
 * @return whether the message has an NS record to digest: always for GW_CLASS_DELEGATION
 *
 * Quirks: duplicates beyond the first 64 distinct records change the hash. A TTL never does.
 */
bool gw_referral_digest(
    const struct gw_msg *msg, const struct gw_hash_key *key, struct gw_referral *ret_referral);

/**
 * Digest all messages of class GW_CLASS_DELEGATION among the first @p count (0..GW_BATCH_FRAMES).
 *
 * @param ret_referrals  room for @p count; filled from the front in the order of the messages
 * @return digests written
 */
uint32_t gw_referral_digest_bulk(const struct gw_msg *msgs, uint32_t count,
    const struct gw_hash_key *key, struct gw_referral *ret_referrals);

#endif
