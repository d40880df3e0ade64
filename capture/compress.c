/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/compress.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Enough for every preset of xz; a file that asks for more is not read. */
#define XZ_MEMORY_MAX (256ull * 1024 * 1024)

/* What zstd and lz4 are given of a frame before they say how much they want. */
#define MAGIC_LEN 4u

#define ENDS_EARLY "compressed data ends early"
#define CORRUPT    "compressed data is corrupt"
#define TOO_BIG    "compressed data needs too much memory to be unpacked"

struct gw_unpack {
    enum gw_unpack_kind kind;
    bool between; /* a member or frame has ended and no other has begun */
    /*
     * Octets that the codec would like next. Given more, zstd and lz4 unpack several blocks in a
     * call, and an error in the last of them would take the others with it.
     */
    size_t hint;
    z_stream gzip;
    lzma_stream xz;
    ZSTD_DStream *zstd;
    LZ4F_dctx *lz4;
};

static const struct {
    enum gw_unpack_kind kind;
    uint8_t len;
    uint8_t octets[GW_UNPACK_MAGIC_LEN];
} magics[] = {
    {GW_UNPACK_GZIP, 2, {0x1f, 0x8b}},
    {GW_UNPACK_XZ, 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
    {GW_UNPACK_ZSTD, 4, {0x28, 0xb5, 0x2f, 0xfd}},
    {GW_UNPACK_LZ4, 4, {0x04, 0x22, 0x4d, 0x18}},
};

enum gw_unpack_kind
gw_source_unpack_kind(const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(magics); i++) {
        if (len >= magics[i].len && memcmp(octets, magics[i].octets, magics[i].len) == 0)
            return magics[i].kind;
    }
    return GW_UNPACK_NONE;
}

const char *
gw_source_unpack_name(enum gw_unpack_kind kind)
{
    static const char *const names[] = {"none", "gzip", "xz", "zstd", "lz4"};

    assert(kind < GW_ARRAY_LEN(names));
    return names[kind];
}

static bool
start_codec(struct gw_unpack *unpack)
{
    switch (unpack->kind) {
    case GW_UNPACK_GZIP:
        return inflateInit2(&unpack->gzip, 15 + 16) == Z_OK; /* 16: with gzip's header only */
    case GW_UNPACK_XZ:
        return lzma_stream_decoder(&unpack->xz, XZ_MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK;
    case GW_UNPACK_ZSTD:
        unpack->zstd = ZSTD_createDStream();
        unpack->hint = MAGIC_LEN;
        return unpack->zstd != NULL;
    case GW_UNPACK_LZ4:
        unpack->hint = MAGIC_LEN;
        return !LZ4F_isError(LZ4F_createDecompressionContext(&unpack->lz4, LZ4F_VERSION));
    case GW_UNPACK_NONE:
        break;
    }
    return false;
}

int
gw_source_unpack_new(enum gw_unpack_kind kind, struct gw_unpack **ret_unpack)
{
    struct gw_unpack *unpack = calloc(1, sizeof(*unpack));

    if (unpack == NULL)
        return GW_E_NOMEM;
    unpack->kind = kind;
    if (!start_codec(unpack)) {
        gw_source_unpack_free(unpack);
        return GW_E_NOMEM;
    }
    *ret_unpack = unpack;
    return GW_DONE;
}

void
gw_source_unpack_free(struct gw_unpack *unpack)
{
    if (unpack == NULL)
        return;
    if (unpack->kind == GW_UNPACK_GZIP)
        inflateEnd(&unpack->gzip);
    if (unpack->kind == GW_UNPACK_XZ)
        lzma_end(&unpack->xz);
    ZSTD_freeDStream(unpack->zstd);
    LZ4F_freeDecompressionContext(unpack->lz4);
    free(unpack);
}

static enum gw_unpack_state
failed(const char *what, const char **ret_what)
{
    *ret_what = what;
    return GW_UNPACK_FAILED;
}

/* Judge a run that could not fill the room: were the last octets the last of a member? */
static enum gw_unpack_state
ended(const struct gw_unpack *unpack, const struct gw_unpack_io *io, const char **ret_what)
{
    if (io->out_len == 0 || !io->last)
        return GW_UNPACK_GOING;
    return unpack->between ? GW_UNPACK_COMPLETE : failed(ENDS_EARLY, ret_what);
}

static void
move_on(struct gw_unpack_io *io, size_t in_used, size_t out_used)
{
    io->in += in_used;
    io->in_len -= in_used;
    io->out += out_used;
    io->out_len -= out_used;
}

static enum gw_unpack_state
run_gzip(struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what)
{
    z_stream *gzip = &unpack->gzip;

    while (io->out_len > 0) {
        if (unpack->between && io->in_len == 0)
            break;
        if (unpack->between && inflateReset(gzip) != Z_OK)
            return failed(CORRUPT, ret_what);
        unpack->between = false;
        gzip->next_in = io->in;
        gzip->avail_in = (uInt)io->in_len;
        gzip->next_out = io->out;
        gzip->avail_out = (uInt)io->out_len;

        const int result = inflate(gzip, Z_NO_FLUSH);

        move_on(io, io->in_len - gzip->avail_in, io->out_len - gzip->avail_out);
        if (result == Z_STREAM_END)
            unpack->between = true;
        else if (result == Z_BUF_ERROR || (result == Z_OK && io->in_len == 0))
            break;
        else if (result != Z_OK)
            return failed(result == Z_MEM_ERROR ? TOO_BIG : CORRUPT, ret_what);
    }
    return ended(unpack, io, ret_what);
}

static enum gw_unpack_state
run_xz(struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what)
{
    lzma_stream *xz = &unpack->xz;
    lzma_ret result;

    do {
        xz->next_in = io->in;
        xz->avail_in = io->in_len;
        xz->next_out = io->out;
        xz->avail_out = io->out_len;
        result = lzma_code(xz, io->last ? LZMA_FINISH : LZMA_RUN);
        move_on(io, io->in_len - xz->avail_in, io->out_len - xz->avail_out);
    } while (result == LZMA_OK && io->out_len > 0 && (io->in_len > 0 || io->last));

    if (result == LZMA_STREAM_END)
        return GW_UNPACK_COMPLETE;
    /* The library says so when it is called twice without getting any further. */
    if (result == LZMA_BUF_ERROR)
        return io->last && io->out_len > 0 ? failed(ENDS_EARLY, ret_what) : GW_UNPACK_GOING;
    if (result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR)
        return failed(TOO_BIG, ret_what);
    return result == LZMA_OK ? GW_UNPACK_GOING : failed(CORRUPT, ret_what);
}

static size_t
lesser(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Unpack up to one block; false when nothing moved, or with ret_what written when it is corrupt. */
static bool
zstd_block(struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what)
{
    ZSTD_inBuffer in = {.src = io->in, .size = lesser(io->in_len, unpack->hint)};
    ZSTD_outBuffer out = {.dst = io->out, .size = io->out_len};
    const size_t result = ZSTD_decompressStream(unpack->zstd, &out, &in);

    if (ZSTD_isError(result)) {
        const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);

        *ret_what =
            code == ZSTD_error_frameParameter_windowTooLarge || code == ZSTD_error_memory_allocation
                ? TOO_BIG
                : CORRUPT;
        return false;
    }
    unpack->between = result == 0;
    unpack->hint = result == 0 ? MAGIC_LEN : result;
    move_on(io, in.pos, out.pos);
    return in.pos > 0 || out.pos > 0;
}

/* The same for lz4. */
static bool
lz4_block(struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what)
{
    size_t in_used = lesser(io->in_len, unpack->hint);
    size_t out_used = io->out_len;
    const size_t result = LZ4F_decompress(unpack->lz4, io->out, &out_used, io->in, &in_used, NULL);

    if (LZ4F_isError(result)) {
        *ret_what = CORRUPT;
        return false;
    }
    unpack->between = result == 0;
    unpack->hint = result == 0 ? MAGIC_LEN : result;
    move_on(io, in_used, out_used);
    return in_used > 0 || out_used > 0;
}

static enum gw_unpack_state
run_blocks(struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what)
{
    const char *what = NULL;
    bool moved = true;

    /* Without new octets a codec may still hold some to give; at a frame's end it does not. */
    while (moved && io->out_len > 0 && (io->in_len > 0 || !unpack->between)) {
        moved = unpack->kind == GW_UNPACK_ZSTD ? zstd_block(unpack, io, &what)
                                               : lz4_block(unpack, io, &what);
    }
    return what != NULL ? failed(what, ret_what) : ended(unpack, io, ret_what);
}

enum gw_unpack_state
gw_source_unpack_run(struct gw_unpack *unpack, struct gw_unpack_io *io, const char **ret_what)
{
    switch (unpack->kind) {
    case GW_UNPACK_GZIP:
        return run_gzip(unpack, io, ret_what);
    case GW_UNPACK_XZ:
        return run_xz(unpack, io, ret_what);
    case GW_UNPACK_ZSTD:
    case GW_UNPACK_LZ4:
        return run_blocks(unpack, io, ret_what);
    case GW_UNPACK_NONE:
        break;
    }
    return failed(CORRUPT, ret_what);
}
