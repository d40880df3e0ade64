/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/reader.h"

#include <stdio.h>
#include <stdlib.h>

static void
stop_damaged(struct gw_reader *reader, const char *what)
{
    reader->ended = true;
    reader->damage = (struct gw_damage){.damaged = true,
        .record = reader->file.record + 1,
        .offset = gw_pcapfile_at(&reader->file),
        .what = what};
}

/* The octets have ended; find out whether they should have. */
static void
stop_at_end(struct gw_reader *reader)
{
    const struct gw_pcapfile_window *window = &reader->feed.window;
    const bool clean = gw_pcapfile_end(&reader->file, (size_t)(window->end - window->pos));

    reader->ended = true;
    if (reader->feed.stopped)
        return; /* what is missing is nobody's fault */
    if (reader->feed.what != NULL)
        stop_damaged(reader, reader->feed.what);
    else if (!clean)
        stop_damaged(reader, reader->file.what);
}

/* Walk until the batch is full, or could only grow by moving the octets that it points to. */
static enum gw_pcapfile_step
walk(struct gw_reader *reader, uint32_t frame_max, struct gw_batch *batch)
{
    struct gw_feed *feed = &reader->feed;
    enum gw_pcapfile_step step;

    for (;;) {
        step = gw_pcapfile_walk(&reader->file, &feed->window, frame_max, batch);
        if (step != GW_PCAPFILE_MORE || batch->count > 0)
            break;
        if (!gw_source_feed_more(feed, reader->file.need)) {
            stop_at_end(reader);
            break;
        }
    }
    return step;
}

int
gw_source_reader_open(const char *path, const volatile sig_atomic_t *stop,
    struct gw_reader **ret_reader, struct gw_error_text *ret_error)
{
    struct gw_reader *reader = calloc(1, sizeof(*reader));

    if (reader == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%s: no memory", path);
        return GW_E_NOMEM;
    }
    gw_pcapfile_start(&reader->file);

    int error = gw_source_feed_open(path, stop, &reader->feed, ret_error);

    if (error == GW_DONE && walk(reader, 0, &reader->ahead) == GW_PCAPFILE_FOREIGN) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s%s", path,
            reader->feed.kind == GW_UNPACK_NONE ? "" : "unpacked, it ", reader->file.what);
        error = GW_E_FORMAT;
    }
    if (error != GW_DONE) {
        gw_source_reader_close(reader);
        return error;
    }
    *ret_reader = reader;
    return GW_DONE;
}

void
gw_source_reader_close(struct gw_reader *reader)
{
    if (reader == NULL)
        return;
    gw_source_feed_close(&reader->feed);
    free(reader);
}

uint32_t
gw_source_reader_fill(struct gw_reader *reader, uint32_t frame_max, struct gw_batch *batch)
{
    if (reader->peeked) {
        const uint32_t input = batch->input;

        *batch = reader->ahead;
        batch->input = input;
        reader->peeked = false;
        if (batch->count > 0)
            return batch->count;
    }
    batch->count = 0;
    if (reader->ended)
        return 0;
    gw_source_feed_check(&reader->feed);

    const enum gw_pcapfile_step step = walk(reader, frame_max, batch);

    if (step == GW_PCAPFILE_DAMAGED || step == GW_PCAPFILE_FOREIGN) {
        stop_damaged(reader, reader->file.what);
    } else if (step == GW_PCAPFILE_MORE && reader->feed.map != NULL && !reader->ended) {
        stop_at_end(reader); /* a mapped input is at hand as a whole */
    }
    return batch->count;
}

void
gw_source_reader_peek(struct gw_reader *reader)
{
    (void)gw_source_reader_fill(reader, 1, &reader->ahead);
    reader->peeked = true;
}
