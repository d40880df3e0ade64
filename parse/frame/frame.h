/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file frame.h
 * From frames to DNS message octets: link, tags, tunnels, IP, reassembly, UDP and TCP.
 *
 * Fills gluewatch/payload.h from gluewatch/batch.h. Every frame is counted in seen and ends with
 * exactly one fate; while its octets wait for others it counts in held:
 * seen = parsed + sum of skipped + held between calls, and held is 0 after gw_frame_finish().
 */
#ifndef GLUEWATCH_PARSE_FRAME_FRAME_H
#define GLUEWATCH_PARSE_FRAME_FRAME_H

#include "gluewatch/batch.h"
#include "gluewatch/payload.h"
#include "gluewatch/stats.h"

/** A decoder with its bounded reassembly state; one per worker, not for two threads at a time. */
struct gw_frame;

/**
 * Make a decoder. Its pools are reserved here and touched only as they are used.
 *
 * @param stats  where fates are counted; owned by the caller, outlives the decoder
 * @return the decoder, owned by the caller; NULL without memory or without a random source
 */
GW_MUST_CHECK struct gw_frame *gw_frame_new(struct gw_packet_stats *stats);

/** Free @p frame and all it holds; accepts NULL. Held frames get no fate: see gw_frame_finish(). */
void gw_frame_free(struct gw_frame *frame);

/**
 * Decode the frames of @p batch, or those that earlier calls with the same batch left.
 *
 * @param batch         unchanged between the calls that it takes
 * @param ret_payloads  messages in capture order, 0..GW_BATCH_FRAMES; valid until the next call or
 *                      until the batch is released
 * @return true while the batch has more to give: call again with the same batch
 */
GW_MUST_CHECK bool gw_frame_decode(
    struct gw_frame *frame, const struct gw_batch *batch, struct gw_payloads *ret_payloads);

/** End of all input: everything held gets its fate. The decoder can be used again from fresh. */
void gw_frame_finish(struct gw_frame *frame);

#endif
