/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file referral.h
 * A referral at its smallest: what the table needs to tell a repeat from something new.
 */
#ifndef GLUEWATCH_REFERRAL_H
#define GLUEWATCH_REFERRAL_H

#include "gluewatch/message.h"

/**
 * Digest of one response with a delegation (class GW_CLASS_DELEGATION). Filled by parse/dns, read
 * by the table's look-up; valid until the batch is released.
 *
 * The content hash does not depend on the order of records, on letter case or on compression. It
 * covers the cut, the NS targets, every address record with its owner, their TTLs, and those facts
 * that change what the message means (GW_REFERRAL_FACTS).
 */
struct gw_referral {
    const struct gw_msg *msg; /**< the message */
    uint64_t cut_hash;        /**< keyed hash of the canonical cut name */
    uint64_t content;         /**< order-free keyed hash of what the message says */
    uint8_t cut_len;          /**< octets of the cut name, 1..255, root label included */
    uint8_t
        cut[GW_NAME_MAX]; /**< the zone cut's name: uncompressed wire form, folded to lower case */
};

/** The facts that gw_referral.content covers. */
#define GW_REFERRAL_FACTS                                                                       \
    (GW_FACT_AA | GW_FACT_TC | GW_FACT_RA | GW_FACT_DS | GW_FACT_NS_IN_ANSWER | GW_FACT_ALIAS | \
        GW_FACT_ANSWERED | GW_FACT_UNDER_CUT | GW_FACT_MULTI_CUT | GW_FACT_CLIPPED |            \
        GW_FACT_WRONG_SECTION | GW_FACT_TCP)

#endif
