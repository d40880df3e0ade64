/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file kept.h
 * Octets of messages, kept as long as there is room: the newest displace the oldest. For this
 * folder only.
 */
#ifndef GLUEWATCH_PARSE_MATCH_KEPT_H
#define GLUEWATCH_PARSE_MATCH_KEPT_H

#include "gluewatch/payload.h"

/** A ring of payloads with their octets. */
struct gw_match_kept {
    uint8_t *octets;  /**< GW_FRAME_PAD more than size are readable */
    uint64_t size;    /**< octets that it may hold */
    uint64_t written; /**< place after the newest, counted from the first ever written */
};

/** Set up @p kept with room for @p size octets; GW_DONE or GW_E_NOMEM. */
GW_MUST_CHECK int gw_match_kept_init(struct gw_match_kept *kept, uint64_t size);

/** Free what it holds. */
void gw_match_kept_done(struct gw_match_kept *kept);

/**
 * Keep a copy of @p payload with its octets and fragment map.
 *
 * @param ret_place  where it is, for gw_match_kept_at()
 * @return false when it is larger than a quarter of the ring
 */
GW_MUST_CHECK bool gw_match_kept_put(
    struct gw_match_kept *kept, const struct gw_payload *payload, uint64_t *ret_place);

/** Return where the ring would stand after keeping @p payload. */
uint64_t gw_match_kept_after(const struct gw_match_kept *kept, const struct gw_payload *payload);

/** Return what was kept at @p place, or NULL when it was displaced; valid until the next put. */
const struct gw_payload *gw_match_kept_at(const struct gw_match_kept *kept, uint64_t place);

#endif
