/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file pcapfile.h
 * Decoder of pcap and pcapng files over a window of octets. It knows neither files nor memory: a
 * reader shows it the octets at hand, mapped or buffered, and it fills a batch with frames that
 * point into them. One decoder serves one input; owned by that input's reader.
 *
 * Quirks:
 * - Options are ignored, but for an interface's time resolution and offset.
 * - Of pcap's link type field only the lower 16 bits count; the length of a frame check sequence is
 *   not used.
 * - Seconds of pcap are unsigned, so that they reach to 2106.
 * - Records are packets: blocks that some programs show among the packets get no number.
 * - A time that does not fit in 64 bits of nanoseconds is told as the nearest one that does.
 * - There is no search for the next good record after damage.
 */
#ifndef GLUEWATCH_CAPTURE_PCAPFILE_H
#define GLUEWATCH_CAPTURE_PCAPFILE_H

#include "gluewatch/batch.h"

/** Interfaces in one section of a pcapng file; one more is damage. */
#define GW_PCAPFILE_INTERFACES_MAX 4096u

/**
 * Longest block with a packet or an interface that is looked into: the longest frame and 128 KiB
 * for its options. A longer packet block counts as too long, a longer interface block is damage.
 */
#define GW_PCAPFILE_BLOCK_MAX (GW_FRAME_MAX + 128u * 1024u)

/** The octets at hand, [pos, end). The decoder moves pos over what it is done with. */
struct gw_pcapfile_window {
    const uint8_t *pos;
    const uint8_t *end;
};

/** How a walk ended. */
enum gw_pcapfile_step {
    GW_PCAPFILE_FULL,    /**< the batch holds as many frames as were asked for */
    GW_PCAPFILE_MORE,    /**< gw_pcapfile.need octets from pos are needed to go on */
    GW_PCAPFILE_DAMAGED, /**< gw_pcapfile.what says what is wrong; do not walk again */
    GW_PCAPFILE_FOREIGN, /**< no capture of a known kind; gw_pcapfile.what says why */
};

/** What the octets were found to be. */
enum gw_pcapfile_format {
    GW_PCAPFILE_UNKNOWN,
    GW_PCAPFILE_PCAP,
    GW_PCAPFILE_PCAPNG
};

/** Which of a pcap record's two lengths comes first; old versions differ. */
enum gw_pcapfile_order {
    GW_PCAPFILE_CAPTURED_FIRST,
    GW_PCAPFILE_WIRE_FIRST,   /**< before version 2.3, and 543.0 */
    GW_PCAPFILE_LESSER_FIRST, /**< version 2.3: either, the captured length is the lesser one */
};

/** One interface of a pcapng section. */
struct gw_pcapfile_interface {
    uint64_t units_per_s; /**< units of a time stamp in a second, not 0 */
    uint64_t unit_ns;     /**< nanoseconds in a unit; 0 where that is no whole number */
    int64_t offset_s;     /**< seconds to add to each time */
    uint32_t snap_len;    /**< most octets captured of a frame; UINT32_MAX: no bound */
    uint16_t link_type;   /**< LINKTYPE_ value */
};

/** The decoder's state. Zeroed by gw_pcapfile_start(); the first group is for readers to read. */
struct gw_pcapfile {
    enum gw_pcapfile_format format;
    uint64_t record;   /**< packet records walked over so far */
    uint64_t too_long; /**< of them, longer than GW_FRAME_MAX and not delivered */
    uint64_t offset;   /**< octets walked over so far */
    int64_t first_ns;  /**< time of the first record; meaningful when record > 0 */
    int64_t last_ns;   /**< latest time of any record; likewise */
    size_t need;       /**< octets from pos that the walk needs, 1..GW_PCAPFILE_BLOCK_MAX */
    const char *what;  /**< static text about the damage */

    bool swapped;       /**< the file's byte order is not the host's */
    bool skipping;      /**< inside a record or block that is passed over */
    bool skip_counts;   /**< it is a packet record that is too long */
    uint32_t trailer;   /**< length that must follow it; 0: none */
    uint64_t skip_len;  /**< octets of it still to pass, trailer excluded */
    uint64_t skip_from; /**< offset at which it starts */
    int64_t skip_ns;    /**< its time */

    enum gw_pcapfile_order order; /**< pcap only, down to here */
    uint32_t header_len;          /**< octets of a record header */
    uint32_t fraction_ns;         /**< nanoseconds in a time stamp's lower part */
    uint32_t snap_len;
    uint16_t link_type;

    uint32_t interface_count; /**< pcapng only */
    struct gw_pcapfile_interface interface[GW_PCAPFILE_INTERFACES_MAX];
};

/** Make @p file ready for the first octet of an input. */
void gw_pcapfile_start(struct gw_pcapfile *file);

/**
 * Walk over records and append their frames to @p batch, pointing into @p window.
 *
 * @param window     from the first octet not walked over yet; may be empty
 * @param frame_max  frames at which to stop, 0..GW_BATCH_FRAMES; 0 reads the file header only
 * @param batch      count says how many it holds; `input` is left alone
 *
 * Source: draft-ietf-opsawg-pcap section 5, draft-ietf-opsawg-pcapng sections 3 and 4.
 */
GW_MUST_CHECK enum gw_pcapfile_step gw_pcapfile_walk(struct gw_pcapfile *file,
    struct gw_pcapfile_window *window, uint32_t frame_max, struct gw_batch *batch);

/**
 * Judge the end of the input, when a walk wants more octets than there are.
 *
 * @param left  octets that the last walk left in the window
 * @return true when the input ends where a record ends; else gw_pcapfile.what says what is cut
 */
GW_MUST_CHECK bool gw_pcapfile_end(struct gw_pcapfile *file, size_t left);

/** Return the offset of the record or block in which the walk is, in octets from the start. */
uint64_t gw_pcapfile_at(const struct gw_pcapfile *file);

/** Return "pcap", "pcapng" or "unknown"; static text. */
const char *gw_pcapfile_name(enum gw_pcapfile_format format);

/** Tell whether @p len octets (any number) may begin a capture, by the first four of them. */
bool gw_pcapfile_magic(const uint8_t *octets, size_t len);

#endif
