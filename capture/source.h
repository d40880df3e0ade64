/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file source.h
 * Opening of capture sources by what the user asked for. Filled in by `cmd`, read by capture.
 */
#ifndef GLUEWATCH_CAPTURE_SOURCE_H
#define GLUEWATCH_CAPTURE_SOURCE_H

#include <signal.h>

#include "gluewatch/source.h"

/** What to read and how. What it points to need only live for the call, but for stop. */
struct gw_source_spec {
    const char *const *path; /**< files, directories, or "-" for standard input */
    uint32_t path_count;     /**< entries in path, at least 1 */
    const char *filter;      /**< filter expression of libpcap, or NULL for all frames */
    uint64_t frame_max;      /**< frames to deliver in all; 0: all of them */
    uint32_t batch_frames;   /**< frames in a batch at most, 1..GW_BATCH_FRAMES; 0: as many */
    /**
     * Set by a handler of signals that interrupt read(): gives up a read that waits, after which
     * the source is at its end. Lives until the source is closed; NULL: no such thing.
     */
    const volatile sig_atomic_t *stop;
};

/**
 * Open capture files: pcap and pcapng, plain or packed by gzip, xz, zstd or lz4.
 *
 * A directory stands for the captures directly inside it, told by their first octets; hidden files
 * are passed over. Inputs are read in the order of their first packets' times, equal times in the
 * order given, names inside a directory in ascending order. Where there are several inputs, the
 * first packet of each is waited for.
 *
 * @param ret_source  owned by the caller, to be closed with its close()
 * @return GW_DONE; GW_E_OPEN, GW_E_READ, GW_E_FORMAT, GW_E_FILTER, GW_E_USAGE or GW_E_NOMEM with
 *         @p ret_error written
 */
GW_MUST_CHECK int gw_source_open_files(const struct gw_source_spec *spec,
    struct gw_source **ret_source, struct gw_error_text *ret_error);

/**
 * Tell which files inside directories were passed over because they are no captures.
 *
 * @param source      opened by gw_source_open_files()
 * @param ret_paths   their paths, owned by the source
 * @return entries in @p ret_paths
 */
uint32_t gw_source_passed_over(const struct gw_source *source, const char *const **ret_paths);

#endif
