/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file state.h
 * Snapshots in files: what one run knew, for the next one, for another sensor, for a comparison.
 *
 * A file is a head of 64 octets, the records (analyze/snapshot.h) in ascending order of their
 * keys, and 16 octets of digest over all of that. It is written beside its place, as *path*.new,
 * and renamed, so that a reader sees the old one or the new one, whole. What is damaged, cut, of
 * another version or out of order is refused before anything of it is believed.
 */
#ifndef GLUEWATCH_CMD_STATE_H
#define GLUEWATCH_CMD_STATE_H

#include <stdio.h>

#include "analyze/analyzer.h"
#include "analyze/restore.h"

/** A snapshot in memory. */
struct gw_state {
    const char *path;            /**< as it was opened; owned by the caller */
    uint8_t *octets;             /**< the whole file; owned */
    size_t len, pos;             /**< of the file; of the next record */
    size_t end;                  /**< where the records end */
    int64_t begin_ns, latest_ns; /**< packet times of the first and last record behind it */
    uint64_t record_count;
};

/** Tell whether the file @p path begins like a snapshot. */
bool gw_state_is_one(const char *path);

/**
 * Read and check the snapshot @p path.
 *
 * @return GW_DONE, GW_E_OPEN, GW_E_READ, GW_E_FORMAT or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_state_open(
    const char *path, struct gw_state *ret_state, struct gw_error_text *ret_error);

/** The same for a file that is open for reading at its start; @p path is what messages call it. */
GW_MUST_CHECK int gw_state_read(
    FILE *file, const char *path, struct gw_state *ret_state, struct gw_error_text *ret_error);

/** Give it back; accepts a zeroed one. */
void gw_state_close(struct gw_state *state);

/** Read the next record; false after the last. */
bool gw_state_next(struct gw_state *state, struct gw_snapshot_record *ret_record);

/** Make @p analyzer know what @p state holds; before its first packet. */
GW_MUST_CHECK int gw_state_recall(
    struct gw_state *state, struct gw_analyzer *analyzer, struct gw_error_text *ret_error);

/**
 * Write what @p analyzer knows to @p file.
 *
 * @param begin_ns, latest_ns  packet times of the first and last record behind it
 * @return 0, or the errno that says why it is not whole
 */
GW_MUST_CHECK int gw_state_write(
    FILE *file, struct gw_analyzer *analyzer, int64_t begin_ns, int64_t latest_ns);

/**
 * Write what @p analyzer knows to the file @p path, in the place of an older one.
 *
 * @param begin_ns, latest_ns  packet times of the first and last record behind it
 * @return GW_DONE, GW_E_WRITE or GW_E_NOMEM; the older file is as it was when it fails
 */
GW_MUST_CHECK int gw_state_save(const char *path, struct gw_analyzer *analyzer, int64_t begin_ns,
    int64_t latest_ns, struct gw_error_text *ret_error);

/**
 * Tell before a run whether its state can probably be written to @p path at the end.
 *
 * @return GW_DONE or GW_E_WRITE
 */
GW_MUST_CHECK int gw_state_may_save(const char *path, struct gw_error_text *ret_error);

/** Merge the snapshots @p paths into the file @p out; the order of the paths does not matter. */
GW_MUST_CHECK int gw_state_merge(const char *out, const char *const *paths, uint32_t path_count,
    struct gw_error_text *ret_error);

#endif
