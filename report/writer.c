/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/text.h"

/* What cannot be shown in full ends in dots; a path is only there to be recognised. */
static void
set_name(struct gw_sink_writer *writer, const char *path)
{
    struct gw_text text;

    gw_text_init(&text, writer->name, sizeof(writer->name) - 3);
    gw_text_outside(&text, path);
    if (text.cut)
        memcpy(text.data + text.len, "...", 4);
}

static int
fail(struct gw_sink_writer *writer, const char *doing, int reason)
{
    writer->status = GW_E_WRITE;
    writer->broken_pipe = reason == EPIPE;
    writer->len = 0;
    (void)snprintf(writer->error.text, sizeof(writer->error.text), "%s: %s: %s", writer->name,
        doing, strerror(reason));
    return GW_E_WRITE;
}

int
gw_sink_writer_open(
    struct gw_sink_writer *writer, const char *path, struct gw_error_text *ret_error)
{
    const bool standard = path == NULL || strcmp(path, "-") == 0;

    writer->fd = STDOUT_FILENO;
    writer->owned = !standard;
    writer->broken_pipe = false;
    writer->status = GW_DONE;
    writer->len = 0;
    writer->error.text[0] = '\0';
    set_name(writer, standard ? "standard output" : path);
    if (standard)
        return GW_DONE;

    writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (writer->fd < 0) {
        (void)snprintf(ret_error->text, sizeof(ret_error->text), "%s: cannot be opened: %s",
            writer->name, strerror(errno));
        return GW_E_OPEN;
    }
    return GW_DONE;
}

int
gw_sink_writer_flush(struct gw_sink_writer *writer)
{
    size_t done = 0;

    while (writer->status == GW_DONE && done < writer->len) {
        const ssize_t written = write(writer->fd, writer->buffer + done, writer->len - done);

        if (written > 0)
            done += (size_t)written;
        else if (written == 0 || errno != EINTR)
            return fail(writer, "writing failed", written == 0 ? EIO : errno);
    }
    writer->len = 0;
    return writer->status;
}

int
gw_sink_writer_put(struct gw_sink_writer *writer, const char *octets, size_t len)
{
    while (writer->status == GW_DONE && len > 0) {
        const size_t room = sizeof(writer->buffer) - writer->len;
        const size_t part = len < room ? len : room;

        memcpy(writer->buffer + writer->len, octets, part);
        writer->len += part;
        octets += part;
        len -= part;
        if (writer->len == sizeof(writer->buffer) && gw_sink_writer_flush(writer) != GW_DONE)
            return GW_E_WRITE;
    }
    return writer->status;
}

int
gw_sink_writer_finish(struct gw_sink_writer *writer)
{
    if (gw_sink_writer_flush(writer) == GW_DONE && writer->owned) {
        writer->owned = false;
        if (close(writer->fd) != 0 && errno != EINTR)
            return fail(writer, "closing failed", errno);
    }
    return writer->status;
}

void
gw_sink_writer_close(struct gw_sink_writer *writer)
{
    if (writer->owned)
        (void)close(writer->fd);
    writer->owned = false;
}
