/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file writer.h
 * Buffered writing to one destination, in which no failed write goes unnoticed.
 */
#ifndef GLUEWATCH_REPORT_WRITER_H
#define GLUEWATCH_REPORT_WRITER_H

#include "gluewatch/base.h"

#define GW_SINK_BUFFER_LEN 65536u

/** A destination; owned by its sink. After the first error it takes and writes nothing more. */
struct gw_sink_writer {
    int fd;
    bool owned;       /**< a file that we opened; not standard output */
    bool broken_pipe; /**< the reader at the other end went away (EPIPE) */
    int status;       /**< GW_DONE or GW_E_WRITE */
    size_t len;       /**< octets waiting in buffer */
    struct gw_error_text error;
    char name[256]; /**< the destination, for messages: printable ASCII */
    char buffer[GW_SINK_BUFFER_LEN];
};

/**
 * Open @p path for writing from its start; NULL or "-" is standard output.
 *
 * @return GW_DONE, or GW_E_OPEN with @p ret_error
 */
GW_MUST_CHECK int gw_sink_writer_open(
    struct gw_sink_writer *writer, const char *path, struct gw_error_text *ret_error);

/** Add @p len octets. @return GW_DONE or GW_E_WRITE, as do all calls after it */
GW_MUST_CHECK int gw_sink_writer_put(struct gw_sink_writer *writer, const char *octets, size_t len);

/** Write out what waits. @return GW_DONE or GW_E_WRITE */
GW_MUST_CHECK int gw_sink_writer_flush(struct gw_sink_writer *writer);

/** Write out what waits and close a file of ours, so that a full disk shows. */
GW_MUST_CHECK int gw_sink_writer_finish(struct gw_sink_writer *writer);

/** Close without writing; harmless after gw_sink_writer_finish(). */
void gw_sink_writer_close(struct gw_sink_writer *writer);

#endif
