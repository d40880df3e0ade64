/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file source.h
 * What every capture source is to the rest of the program: something that fills batches.
 */
#ifndef GLUEWATCH_SOURCE_H
#define GLUEWATCH_SOURCE_H

#include "gluewatch/batch.h"

/** What is wrong with an input, and where. Everything before it was delivered. */
struct gw_damage {
    bool damaged;     /**< the rest is meaningful only when true */
    uint64_t record;  /**< number of the record or block that could not be read, from 1 */
    uint64_t offset;  /**< octets from the start of the (decompressed) input to it */
    const char *what; /**< static text, e.g. "record runs past the end of the file" */
};

/** What one input was and how its reading ended. Owned by the source, valid until it is closed. */
struct gw_input {
    const char *path;        /**< as given; "-" is standard input */
    const char *format;      /**< static text: "pcap", "pcapng", "unknown" */
    const char *compression; /**< static text: "none", "gzip", "xz", "zstd", "lz4" */
    uint64_t packets;        /**< records delivered or filtered, so far */
    uint64_t filtered;       /**< of them, not matched by the filter expression */
    uint64_t too_long;       /**< of them, captured length over GW_FRAME_MAX, not delivered */
    uint64_t hidden_tagged;  /**< filtered frames with a tag that the expression does not mention */
    uint64_t hidden_tunnelled; /**< filtered frames that carry a tunnel, and maybe DNS inside it */
    int64_t first_ns;          /**< time of the first record */
    int64_t last_ns;           /**< latest time of any record so far */
    struct gw_damage damage;   /**< set when reading had to stop early */
};

struct gw_source;

/** The functions of one kind of source. */
struct gw_source_ops {
    /**
     * Fill @p batch with the next frames of one input.
     *
     * @return frames in the batch, 0 at the end of all inputs, or a negative enum gw_error
     */
    int (*fill)(struct gw_source *source, struct gw_batch *batch);
    /** Give back what the last fill() delivered; its octets are not valid any more. */
    void (*release)(struct gw_source *source);
    /**
     * Octets read and octets in all, of the compressed input where it is compressed; total 0:
     * unknown.
     */
    void (*progress)(const struct gw_source *source, uint64_t *ret_done, uint64_t *ret_total);
    /** Close it and free everything; accepts NULL. */
    void (*close)(struct gw_source *source);
};

/** A source: its functions, and its inputs in the order in which they are read. */
struct gw_source {
    const struct gw_source_ops *ops;
    uint32_t input_count;         /**< inputs */
    const struct gw_input *input; /**< one per input; owned by the source */
    struct gw_error_text error;   /**< says what went wrong after a negative return */
};

#endif
