/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file batch.h
 * Frames on their way from capture to parse: a structure of arrays, filled by a source.
 */
#ifndef GLUEWATCH_BATCH_H
#define GLUEWATCH_BATCH_H

#include "gluewatch/base.h"
#include "gluewatch/limits.h"

/**
 * Up to GW_BATCH_FRAMES frames of one input, in capture order. Filled by a source; everything in
 * it, the octets included, is valid until the batch is released. GW_FRAME_PAD octets after each
 * frame's captured octets are readable (their content means nothing).
 */
struct gw_batch {
    uint32_t count;                         /**< frames, 0..GW_BATCH_FRAMES */
    uint32_t input;                         /**< index of the input they come from */
    const uint8_t *data[GW_BATCH_FRAMES];   /**< first captured octet */
    uint32_t captured_len[GW_BATCH_FRAMES]; /**< octets at hand, 0..wire_len, <= GW_FRAME_MAX */
    uint32_t wire_len[GW_BATCH_FRAMES];     /**< octets the frame had on the wire */
    int64_t time_ns[GW_BATCH_FRAMES];    /**< nanoseconds since 1970-01-01 UTC, may be negative */
    uint64_t number[GW_BATCH_FRAMES];    /**< record number in the input, from 1 (Wireshark's) */
    uint16_t link_type[GW_BATCH_FRAMES]; /**< LINKTYPE_ value as in capture files */
};

#endif
