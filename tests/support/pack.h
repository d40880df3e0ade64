/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file pack.h
 * Packing of octets with the libraries, for tests of unpacking.
 */
#ifndef GLUEWATCH_TESTS_PACK_H
#define GLUEWATCH_TESTS_PACK_H

#include <assert.h>
#include <string.h>

#define ZLIB_CONST
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "capture/compress.h"

static inline size_t
pack_gzip(const uint8_t *plain, size_t len, uint8_t *room, size_t room_len)
{
    z_stream gzip = {0};
    int result = deflateInit2(&gzip, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);

    assert(result == Z_OK);
    gzip.next_in = plain;
    gzip.avail_in = (uInt)len;
    gzip.next_out = room;
    gzip.avail_out = (uInt)room_len;
    result = deflate(&gzip, Z_FINISH);
    assert(result == Z_STREAM_END);
    (void)result;
    deflateEnd(&gzip);
    return room_len - gzip.avail_out;
}

static inline size_t
pack_xz(const uint8_t *plain, size_t len, uint8_t *room, size_t room_len)
{
    size_t pos = 0;
    const lzma_ret result =
        lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, plain, len, room, &pos, room_len);

    assert(result == LZMA_OK);
    (void)result;
    return pos;
}

static inline size_t
pack_zstd(const uint8_t *plain, size_t len, uint8_t *room, size_t room_len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();

    assert(context != NULL);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);

    const size_t result = ZSTD_compress2(context, room, room_len, plain, len);

    assert(!ZSTD_isError(result));
    ZSTD_freeCCtx(context);
    return result;
}

static inline size_t
pack_lz4(const uint8_t *plain, size_t len, uint8_t *room, size_t room_len)
{
    const LZ4F_preferences_t preferences = {
        .frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    const size_t result = LZ4F_compressFrame(room, room_len, plain, len, &preferences);

    assert(!LZ4F_isError(result));
    return result;
}

/** Pack @p len octets into @p room; return the packed length. GW_UNPACK_NONE copies them. */
static inline size_t
pack(enum gw_unpack_kind kind, const uint8_t *plain, size_t len, uint8_t *room, size_t room_len)
{
    switch (kind) {
    case GW_UNPACK_GZIP:
        return pack_gzip(plain, len, room, room_len);
    case GW_UNPACK_XZ:
        return pack_xz(plain, len, room, room_len);
    case GW_UNPACK_ZSTD:
        return pack_zstd(plain, len, room, room_len);
    case GW_UNPACK_LZ4:
        return pack_lz4(plain, len, room, room_len);
    case GW_UNPACK_NONE:
        break;
    }
    assert(len <= room_len);
    memcpy(room, plain, len);
    return len;
}

#endif
