/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file feed.h
 * The octets of one input as a window that moves forward: a regular file is mapped and shown whole,
 * everything else (standard input, FIFOs, compressed files) is read into a buffer of fixed size.
 *
 * The octets of a window stay where they are until the next gw_source_feed_more(), and GW_FRAME_PAD
 * octets behind it are readable.
 *
 * A file that shrinks under its mapping is noticed by gw_source_feed_check(), once per batch.
 * Between that and the use of the batch's octets there remains a moment in which a page that is not
 * there any more may be touched, and the system ends the program with SIGBUS.
 */
#ifndef GLUEWATCH_CAPTURE_FEED_H
#define GLUEWATCH_CAPTURE_FEED_H

#include <signal.h>

#include "capture/compress.h"
#include "capture/pcapfile.h"

/** One open input. Owned by the source; the second group is private. */
struct gw_feed {
    struct gw_pcapfile_window window;  /**< octets at hand; the decoder moves its start */
    enum gw_unpack_kind kind;          /**< how the input is compressed */
    bool lasting;                      /**< it cannot be opened again: no regular file */
    uint64_t done;                     /**< octets read of the input as it is stored */
    uint64_t total;                    /**< octets that it has; 0: unknown */
    const volatile sig_atomic_t *stop; /**< not 0: give up waiting; NULL: wait on */
    bool stopped;                      /**< waiting was given up */
    const char *what; /**< why the octets ended before their time; NULL: they did not */

    int fd;
    uint8_t *map; /**< NULL: not mapped */
    size_t map_len;
    size_t reserved_len;    /**< octets of address space that the mapping holds */
    const uint8_t *dropped; /**< pages before it were given back */
    uint8_t *buffer;        /**< NULL: mapped */
    uint8_t *packed;        /**< NULL: not compressed */
    size_t packed_pos, packed_end;
    struct gw_unpack *unpack;
    bool input_ended;  /**< read() said so */
    bool octets_ended; /**< nothing can come any more */
};

/**
 * Open the input @p path, or standard input where it is "-", and show its first octets.
 *
 * @param stop  not 0 when a read that waits is to be given up after a signal; NULL: never
 * @return GW_DONE; GW_E_OPEN or GW_E_NOMEM with @p ret_error written
 */
GW_MUST_CHECK int gw_source_feed_open(const char *path, const volatile sig_atomic_t *stop,
    struct gw_feed *ret_feed, struct gw_error_text *ret_error);

/** Close @p feed; accepts one that was closed or zeroed. */
void gw_source_feed_close(struct gw_feed *feed);

/**
 * Bring more octets, so that the window holds @p need of them or the input has ended.
 *
 * Octets shown before are not where they were any more, unless the feed is mapped.
 *
 * @param need  octets from the window's start, 1..GW_PCAPFILE_BLOCK_MAX
 * @return true when the window holds at least @p need octets
 */
bool gw_source_feed_more(struct gw_feed *feed, size_t need);

/** Make sure that the file still holds what its mapping shows; what is set when it does not. */
void gw_source_feed_check(struct gw_feed *feed);

/** Give back the pages before the window. No octets shown before are valid after that. */
void gw_source_feed_release(struct gw_feed *feed);

#endif
