/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file reader.h
 * One open input: its octets and the decoder that walks over them. Owned by the file source.
 */
#ifndef GLUEWATCH_CAPTURE_READER_H
#define GLUEWATCH_CAPTURE_READER_H

#include "gluewatch/source.h"

#include "capture/feed.h"

/** The first group is for the source to read. */
struct gw_reader {
    struct gw_feed feed;
    struct gw_pcapfile file;
    struct gw_damage damage; /**< set when reading had to stop early */
    bool ended;              /**< no frames follow */

    bool peeked;           /**< ahead holds what comes next */
    struct gw_batch ahead; /**< its first frame, read to learn the time */
};

/**
 * Open the input @p path and read its file header.
 *
 * @param stop        see gw_source_feed_open()
 * @param ret_reader  owned by the caller, to be freed with gw_source_reader_close()
 * @return GW_DONE; GW_E_OPEN, GW_E_FORMAT or GW_E_NOMEM with @p ret_error written
 */
GW_MUST_CHECK int gw_source_reader_open(const char *path, const volatile sig_atomic_t *stop,
    struct gw_reader **ret_reader, struct gw_error_text *ret_error);

/** Close @p reader and free it; accepts NULL. */
void gw_source_reader_close(struct gw_reader *reader);

/** Read the first frame ahead, so that the decoder knows the time and link type of it. */
void gw_source_reader_peek(struct gw_reader *reader);

/**
 * Read the next frames, in place of those that @p batch held.
 *
 * Waits for one frame, not for more. `input` of the batch is left alone.
 *
 * @param frame_max  frames to read at most, 1..GW_BATCH_FRAMES
 * @return frames in the batch; 0 when the input has ended
 */
uint32_t gw_source_reader_fill(
    struct gw_reader *reader, uint32_t frame_max, struct gw_batch *batch);

#endif
