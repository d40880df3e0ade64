/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file parcel.h
 * Messages on their way from the decoder to the analysis, with all that they say by themselves.
 */
#ifndef GLUEWATCH_CMD_PARCEL_H
#define GLUEWATCH_CMD_PARCEL_H

#include "base/hash.h"
#include "gluewatch/referral.h"
#include "gluewatch/stats.h"

/** Octets of messages in one parcel: 64 of 1,232, or one of any length with its fragment map. */
#define GW_PARCEL_OCTETS (96u * 1024u)

/** Messages in the order of the capture. They point into the parcel itself, once they are copied.
 */
struct gw_parcel {
    struct gw_payloads payloads;
    struct gw_msg msg[GW_BATCH_FRAMES];           /**< views of payloads.item */
    struct gw_referral referral[GW_BATCH_FRAMES]; /**< of the delegations among them, in order */
    uint32_t referral_count;                      /**< entries in referral */
    struct gw_message_stats stats;                /**< what gw_parcel_read() counted */
    size_t octets_used;                           /**< of octets */
    uint8_t *octets; /**< GW_PARCEL_OCTETS, or NULL: holds no copies. Owned by who made it */
};

/** Take everything out of @p parcel; its memory stays. */
void gw_parcel_clear(struct gw_parcel *parcel);

/** Copy @p payload with its octets and fragment map into it; false when there is no room. */
GW_MUST_CHECK bool gw_parcel_put(struct gw_parcel *parcel, const struct gw_payload *payload);

/** Copy @p sighting behind the messages that are there; false when there is no room. */
GW_MUST_CHECK bool gw_parcel_sight(struct gw_parcel *parcel, const struct gw_sighting *sighting);

/**
 * Understand all messages of @p parcel and digest its delegations: what depends on their octets
 * and the secret alone, and so can be done by any thread at any time.
 */
void gw_parcel_read(struct gw_parcel *parcel, const struct gw_hash_key *key);

/** Add what gw_parcel_read() counted to @p stats. */
void gw_parcel_count(const struct gw_parcel *parcel, struct gw_message_stats *stats);

#endif
