/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file compress.h
 * Unpacking of compressed input, told by its magic and never by a file's name. Works on the
 * caller's memory, in pieces of any size.
 *
 * Quirks: one level only; several members or streams one after the other are one input.
 */
#ifndef GLUEWATCH_CAPTURE_COMPRESS_H
#define GLUEWATCH_CAPTURE_COMPRESS_H

#include "gluewatch/base.h"

/** Octets from the start of an input that gw_source_unpack_kind() wants to see. */
#define GW_UNPACK_MAGIC_LEN 6u

/** How an input is compressed. */
enum gw_unpack_kind {
    GW_UNPACK_NONE,
    GW_UNPACK_GZIP,
    GW_UNPACK_XZ,
    GW_UNPACK_ZSTD,
    GW_UNPACK_LZ4,
};

/** Where unpacking reads and writes; moved on by gw_source_unpack_run(). */
struct gw_unpack_io {
    const uint8_t *in; /**< packed octets at hand */
    size_t in_len;
    uint8_t *out; /**< room for unpacked octets */
    size_t out_len;
    bool last; /**< no packed octets follow those at hand */
};

/** How far unpacking has come. */
enum gw_unpack_state {
    GW_UNPACK_GOING,    /**< the room is full, or all packed octets at hand are used */
    GW_UNPACK_COMPLETE, /**< `last` was set and the packed data ended where it should */
    GW_UNPACK_FAILED,   /**< `last` was set too early, or the data is corrupt; no more calls */
};

struct gw_unpack;

/** Tell how an input is compressed from its first @p len octets; fewer than it wants may do. */
enum gw_unpack_kind gw_source_unpack_kind(const uint8_t *octets, size_t len);

/** Return "none", "gzip", "xz", "zstd" or "lz4"; static text. */
const char *gw_source_unpack_name(enum gw_unpack_kind kind);

/**
 * Make an unpacker for @p kind, which is not GW_UNPACK_NONE.
 *
 * @param ret_unpack  owned by the caller, to be freed with gw_source_unpack_free()
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_source_unpack_new(enum gw_unpack_kind kind, struct gw_unpack **ret_unpack);

/** Free @p unpack; accepts NULL. */
void gw_source_unpack_free(struct gw_unpack *unpack);

/**
 * Unpack until the room is full or the octets at hand are used up.
 *
 * What was written into the room is good even when the state is GW_UNPACK_FAILED.
 *
 * @param ret_what  static text about the failure; written only on GW_UNPACK_FAILED
 */
GW_MUST_CHECK enum gw_unpack_state gw_source_unpack_run(
    struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what);

#endif
