/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file frames.h
 * Where to look: the frames behind a finding, and a Wireshark filter that shows them.
 */
#ifndef GLUEWATCH_REPORT_FRAMES_H
#define GLUEWATCH_REPORT_FRAMES_H

#include "report/text.h"

/**
 * Frames a finding can name: one for each witness kept, the one that completed it, its query, the
 * other response to that, and the fragment that brought the record.
 */
#define GW_TEXT_FRAMES_MAX (4u + GW_FINDING_SETS_MAX * GW_FINDING_WITNESSES_MAX)

/** Room for the display filter of that many frames, NUL included. */
#define GW_TEXT_FILTER_SIZE (GW_TEXT_FRAMES_MAX * 40u)

/** A frame by its input and its record number there. */
struct gw_text_frame {
    uint32_t input;
    uint64_t number;
};

/**
 * Collect the frames behind @p finding, each once.
 *
 * @param ret_frames  the frames, by input, then number
 * @return how many, at least 1
 */
uint32_t gw_text_frames(
    const struct gw_finding *finding, struct gw_text_frame ret_frames[GW_TEXT_FRAMES_MAX]);

/** Return how many of the @p count frames at @p frames, from the first on, are of its input. */
uint32_t gw_text_frames_of_input(const struct gw_text_frame *frames, uint32_t count);

/**
 * Append the display filter for @p count frames of one input: "frame.number == 7 || …". Comparisons
 * instead of a set, because the way to write a set changed between Wireshark's versions.
 */
void gw_text_frame_filter(struct gw_text *text, const struct gw_text_frame *frames, uint32_t count);

#endif
