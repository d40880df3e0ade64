/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file progress.h
 * The line on a terminal that tells how far a run is.
 */
#ifndef GLUEWATCH_CMD_PROGRESS_H
#define GLUEWATCH_CMD_PROGRESS_H

#include "gluewatch/stats.h"

/** State of the line; owned by the caller. */
struct gw_progress {
    bool on;           /**< standard error is a terminal, and the user does not want quiet */
    bool shown;        /**< a line is on the screen */
    uint64_t start_ns; /**< monotonic time of the start */
    uint64_t next_ns;  /**< monotonic time of the next line */
    uint32_t batches;  /**< since the clock was last read */
};

/** Start; nothing is shown unless @p on. */
void gw_progress_init(struct gw_progress *progress, bool on);

/** Show the rate, the share that is done and the time left, at most twice a second. */
void gw_progress_show(
    struct gw_progress *progress, const struct gw_source *source, const struct gw_stats *stats);

/** Take the line away. */
void gw_progress_end(struct gw_progress *progress);

/** Return nanoseconds of the monotonic clock. */
uint64_t gw_progress_clock_ns(void);

#endif
