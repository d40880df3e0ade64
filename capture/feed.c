/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/feed.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Holds the longest block and, behind it, what one read brings. */
#define BUFFER_LEN (1024u * 1024u)

/* Unpacking in pieces that stay in the cache until they are walked over. */
#define UNPACK_STEP (256u * 1024u)
#define PACKED_LEN  (64u * 1024u)

/* Mapped pages behind the window are given back in pieces of this size. */
#define DROP_STEP (8u * 1024u * 1024u)

_Static_assert(BUFFER_LEN >= GW_PCAPFILE_BLOCK_MAX + UNPACK_STEP, "the longest block fits");

static int
fail(struct gw_error_text *ret_error, enum gw_error error, const char *path, const char *why)
{
    snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", path, why);
    return error;
}

static size_t
page_up(size_t len)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (len + page - 1) / page * page;
}

/*
 * Map the file over the start of a reserved range that is one page longer, so that the octets
 * behind its last frame can be read whatever its length is.
 */
static bool
map_file(struct gw_feed *feed, size_t len)
{
    const size_t reserved_len = page_up(len) + page_up(GW_FRAME_PAD);
    void *range =
        mmap(NULL, reserved_len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (range == MAP_FAILED)
        return false;
    if (mmap(range, len, PROT_READ, MAP_PRIVATE | MAP_FIXED, feed->fd, 0) == MAP_FAILED) {
        munmap(range, reserved_len);
        return false;
    }
    (void)madvise(range, len, MADV_SEQUENTIAL);
    feed->map = range;
    feed->map_len = len;
    feed->reserved_len = reserved_len;
    feed->dropped = feed->map;
    feed->window.pos = feed->map;
    feed->window.end = feed->map + len;
    return true;
}

static bool
is_stopped(const struct gw_feed *feed)
{
    return feed->stop != NULL && *feed->stop != 0;
}

/* Read up to @p room octets; 0 at the end and when reading fails, which sets feed->what. */
static size_t
read_octets(struct gw_feed *feed, uint8_t *octets, size_t room)
{
    ssize_t got;

    if (feed->input_ended)
        return 0;
    do {
        got = is_stopped(feed) ? 0 : read(feed->fd, octets, room);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        /* A signal to a whole pipeline ends its writer, too, perhaps amid a record. */
        feed->stopped = is_stopped(feed);
        feed->input_ended = true;
        if (got < 0)
            feed->what = "reading failed";
        return 0;
    }
    feed->done += (uint64_t)got;
    return (size_t)got;
}

/* Move what is left of the window to the buffer's start; return the room behind it. */
static size_t
make_room(struct gw_feed *feed)
{
    const size_t left = (size_t)(feed->window.end - feed->window.pos);

    if (left > 0)
        memmove(feed->buffer, feed->window.pos, left);
    feed->window.pos = feed->buffer;
    feed->window.end = feed->buffer + left;
    return BUFFER_LEN - left;
}

/* Unpack one piece to the window's end. */
static void
unpack_step(struct gw_feed *feed, size_t room)
{
    if (feed->packed_pos == feed->packed_end) {
        feed->packed_pos = 0;
        feed->packed_end = read_octets(feed, feed->packed, PACKED_LEN);
    }

    uint8_t *out = feed->buffer + (feed->window.end - feed->buffer);
    struct gw_unpack_io io = {.in = feed->packed + feed->packed_pos,
        .in_len = feed->packed_end - feed->packed_pos,
        .out = out,
        .out_len = room < UNPACK_STEP ? room : UNPACK_STEP,
        .last = feed->input_ended};
    const char *what;
    const enum gw_unpack_state state = gw_source_unpack_run(feed->unpack, &io, &what);

    feed->packed_pos = feed->packed_end - io.in_len;
    feed->window.end = io.out;
    if (state == GW_UNPACK_FAILED && feed->what == NULL)
        feed->what = what;
    if (state != GW_UNPACK_GOING)
        feed->octets_ended = true;
}

bool
gw_source_feed_more(struct gw_feed *feed, size_t need)
{
    assert(need <= GW_PCAPFILE_BLOCK_MAX);
    if (feed->buffer == NULL)
        return (size_t)(feed->window.end - feed->window.pos) >= need;

    size_t room = make_room(feed);

    while (BUFFER_LEN - room < need && !feed->octets_ended) {
        if (feed->unpack != NULL) {
            unpack_step(feed, room);
        } else {
            const size_t got = read_octets(feed, feed->buffer + (BUFFER_LEN - room), room);

            feed->window.end += got;
            feed->octets_ended = got == 0;
        }
        room = BUFFER_LEN - (size_t)(feed->window.end - feed->buffer);
    }
    return BUFFER_LEN - room >= need;
}

void
gw_source_feed_check(struct gw_feed *feed)
{
    struct stat status;

    if (feed->map == NULL || feed->what != NULL)
        return;
    feed->done = (uint64_t)(feed->window.pos - feed->map);
    if (fstat(feed->fd, &status) != 0 || (uint64_t)status.st_size >= feed->map_len)
        return;

    const uint8_t *end = feed->map + (status.st_size > 0 ? (size_t)status.st_size : 0);

    feed->what = "file shrank while it was read";
    feed->window.end = end > feed->window.pos ? end : feed->window.pos;
}

void
gw_source_feed_release(struct gw_feed *feed)
{
    if (feed->map == NULL || feed->window.pos - feed->dropped < (ptrdiff_t)(2 * DROP_STEP))
        return;
    (void)madvise(feed->map + (feed->dropped - feed->map), DROP_STEP, MADV_DONTNEED);
    feed->dropped += DROP_STEP;
}

/* Get the buffers for an input that is not mapped, and its first octets. */
static int
buffered_open(struct gw_feed *feed)
{
    feed->buffer = malloc(BUFFER_LEN + GW_FRAME_PAD);
    if (feed->buffer == NULL)
        return GW_E_NOMEM;
    memset(feed->buffer + BUFFER_LEN, 0, GW_FRAME_PAD);
    feed->window.pos = feed->buffer;
    feed->window.end = feed->buffer;
    gw_source_feed_more(feed, GW_UNPACK_MAGIC_LEN);
    return GW_DONE;
}

/* Put an unpacker between the file and the buffer. */
static int
packed_open(struct gw_feed *feed)
{
    feed->packed = malloc(BUFFER_LEN);
    if (feed->packed == NULL || gw_source_unpack_new(feed->kind, &feed->unpack) != GW_DONE)
        return GW_E_NOMEM;
    /* What was read to see the magic is packed. */
    feed->packed_end = (size_t)(feed->window.end - feed->window.pos);
    memcpy(feed->packed, feed->window.pos, feed->packed_end);
    feed->window.pos = feed->buffer;
    feed->window.end = feed->buffer;
    feed->octets_ended = false;
    return GW_DONE;
}

static int
open_descriptor(struct gw_feed *feed, const char *path, struct gw_error_text *ret_error)
{
    struct stat status;

    feed->fd =
        strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (feed->fd < 0 || fstat(feed->fd, &status) != 0)
        return fail(ret_error, GW_E_OPEN, path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fail(ret_error, GW_E_OPEN, path, "is a directory");
    feed->lasting = !S_ISREG(status.st_mode) || strcmp(path, "-") == 0;
    if (S_ISREG(status.st_mode) && status.st_size > 0)
        feed->total = (uint64_t)status.st_size;
    return GW_DONE;
}

/* A file is shown from its start, but standard input from where it stands. */
static bool
can_be_mapped(const struct gw_feed *feed)
{
    uint8_t magic[GW_UNPACK_MAGIC_LEN];

    if (feed->lasting || feed->total == 0 || feed->total > SIZE_MAX / 2)
        return false;

    const ssize_t got = pread(feed->fd, magic, sizeof(magic), 0);

    return got > 0 && gw_source_unpack_kind(magic, (size_t)got) == GW_UNPACK_NONE;
}

int
gw_source_feed_open(const char *path, const volatile sig_atomic_t *stop, struct gw_feed *ret_feed,
    struct gw_error_text *ret_error)
{
    struct gw_feed feed = {.fd = -1, .stop = stop};
    int error = open_descriptor(&feed, path, ret_error);

    if (error != GW_DONE)
        goto failed;
    if (can_be_mapped(&feed) && map_file(&feed, (size_t)feed.total)) {
        *ret_feed = feed;
        return GW_DONE;
    }
    error = buffered_open(&feed);
    if (error == GW_DONE) {
        feed.kind =
            gw_source_unpack_kind(feed.window.pos, (size_t)(feed.window.end - feed.window.pos));
        if (feed.kind != GW_UNPACK_NONE)
            error = packed_open(&feed);
    }
    if (error != GW_DONE) {
        fail(ret_error, GW_E_NOMEM, path, "no memory");
        goto failed;
    }
    *ret_feed = feed;
    return GW_DONE;

failed:
    gw_source_feed_close(&feed);
    return error;
}

void
gw_source_feed_close(struct gw_feed *feed)
{
    if (feed->map != NULL)
        munmap(feed->map, feed->reserved_len);
    /* A zeroed feed holds nothing, and its descriptor is not ours. */
    if (feed->fd > 0 || (feed->fd == 0 && (feed->map != NULL || feed->buffer != NULL)))
        close(feed->fd);
    free(feed->buffer);
    free(feed->packed);
    gw_source_unpack_free(feed->unpack);
    *feed = (struct gw_feed){.fd = -1};
}
