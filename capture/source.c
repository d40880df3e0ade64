/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/filter.h"
#include "capture/inputs.h"
#include "capture/reader.h"

#define LINK_ETHERNET 1u

/* One input in the order of reading. */
struct part {
    char *path;          /* owned by the list of inputs */
    uint32_t path_index; /* of the path given that it comes from */
    uint32_t given;      /* place in the order given */
    int64_t first_ns;    /* INT64_MIN: no packet */
    bool typed;          /* there is a first packet, of link_type */
    uint16_t link_type;
    uint64_t total;           /* octets it has; 0: unknown */
    struct gw_reader *reader; /* NULL: to be opened when its time comes */
};

/* A source of capture files. The base comes first: a pointer to one is a pointer to the other. */
struct file_source {
    struct gw_source base;
    struct gw_inputs found;
    struct part *part;
    struct gw_input *input;
    const char **passed_over;
    uint32_t passed_over_count;
    uint32_t part_count;
    uint32_t current;
    uint32_t batch_frames;
    uint64_t frames_left;
    const volatile sig_atomic_t *stop;
    struct gw_filter *filter;
};

static struct file_source *
file_source_of(struct gw_source *source)
{
    return (struct file_source *)(void *)source;
}

/* Paths and filters may hold anything. */
static void
make_printable(struct gw_error_text *error)
{
    for (char *text = error->text; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~')
            *text = '?';
    }
}

/* Bring what is told about an input up to date. */
static void
note_reader(struct gw_input *input, const struct gw_reader *reader)
{
    input->format = gw_pcapfile_name(reader->file.format);
    input->compression = gw_source_unpack_name(reader->feed.kind);
    input->packets = reader->file.record;
    input->too_long = reader->file.too_long;
    if (reader->file.record > 0) {
        input->first_ns = reader->file.first_ns;
        input->last_ns = reader->file.last_ns;
    }
    input->damage = reader->damage;
}

/* Open the current input again, which was a capture when the source was opened. */
static bool
open_current(struct file_source *files)
{
    struct part *part = &files->part[files->current];
    struct gw_error_text error;

    if (part->reader != NULL)
        return true;
    if (gw_source_reader_open(part->path, files->stop, &part->reader, &error) == GW_DONE)
        return true;
    part->reader = NULL;
    files->input[files->current].damage = (struct gw_damage){
        .damaged = true, .record = 1, .offset = 0, .what = "file vanished or was replaced"};
    return false;
}

/* Read frames of the current input and filter them; all of them may have been filtered out. */
static int
fill_part(struct file_source *files, struct gw_batch *batch)
{
    struct gw_reader *reader = files->part[files->current].reader;
    struct gw_input *input = &files->input[files->current];
    const uint32_t frame_max = files->frames_left < files->batch_frames
                                   ? (uint32_t)files->frames_left
                                   : files->batch_frames;

    batch->input = files->current;
    (void)gw_source_reader_fill(reader, frame_max, batch);
    note_reader(input, reader);
    if (files->filter == NULL || batch->count == 0)
        return GW_DONE;

    const int error = gw_source_filter_bulk(files->filter, batch, input, &files->base.error);

    if (error != GW_DONE)
        batch->count = 0;
    return error;
}

static int
files_fill(struct gw_source *source, struct gw_batch *batch)
{
    struct file_source *files = file_source_of(source);

    batch->count = 0;
    while (files->current < files->part_count && files->frames_left > 0) {
        struct part *part = &files->part[files->current];

        if (!open_current(files)) {
            files->current++;
            continue;
        }

        const int error = fill_part(files, batch);

        if (error != GW_DONE) {
            make_printable(&source->error);
            return error;
        }
        if (batch->count > 0) {
            files->frames_left -= batch->count;
            return (int)batch->count;
        }
        if (part->reader->feed.stopped)
            break;
        if (part->reader->ended) {
            gw_source_reader_close(part->reader);
            part->reader = NULL;
            files->current++;
        }
    }
    return 0;
}

static void
files_release(struct gw_source *source)
{
    struct file_source *files = file_source_of(source);

    if (files->current < files->part_count && files->part[files->current].reader != NULL)
        gw_source_feed_release(&files->part[files->current].reader->feed);
}

static void
files_progress(const struct gw_source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct file_source *files = (const struct file_source *)(const void *)source;
    uint64_t done = 0;
    uint64_t total = 0;
    bool known = true;

    for (uint32_t i = 0; i < files->part_count; i++) {
        const struct part *part = &files->part[i];

        known = known && part->total > 0;
        total += part->total;
        if (i < files->current)
            done += part->total;
        else if (part->reader != NULL)
            done += part->reader->feed.done;
    }
    *ret_done = done;
    *ret_total = known ? total : 0;
}

static void
files_close(struct gw_source *source)
{
    struct file_source *files = file_source_of(source);

    if (files == NULL)
        return;
    for (uint32_t i = 0; i < files->part_count; i++)
        gw_source_reader_close(files->part[i].reader);
    gw_source_filter_free(files->filter);
    gw_source_inputs_free(&files->found);
    free(files->part);
    free(files->input);
    free(files->passed_over);
    free(files);
}

static const struct gw_source_ops files_ops = {
    .fill = files_fill,
    .release = files_release,
    .progress = files_progress,
    .close = files_close,
};

static int
fail(struct gw_error_text *ret_error, enum gw_error error, const char *path, const char *why)
{
    snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", path, why);
    return error;
}

/* Learn when an input begins and of which link type it is. */
static void
look_ahead(struct part *part, struct gw_reader *reader)
{
    gw_source_reader_peek(reader);
    if (reader->file.record > 0)
        part->first_ns = reader->file.first_ns;
    if (reader->ahead.count > 0) {
        part->typed = true;
        part->link_type = reader->ahead.link_type[0];
    }
}

/* Open one input, learn what it is and when it begins; pass over what is no capture in a directory.
 */
static int
look_at_open(struct file_source *files, const struct gw_inputs_entry *entry, bool alone,
    struct gw_error_text *ret_error)
{
    struct gw_reader *reader;
    const int error = gw_source_reader_open(entry->path, files->stop, &reader, ret_error);

    if (error != GW_DONE && !(error == GW_E_FORMAT && entry->found))
        return error;
    if (error == GW_E_FORMAT || (entry->found && reader->file.format == GW_PCAPFILE_UNKNOWN)) {
        if (error == GW_DONE)
            gw_source_reader_close(reader);
        files->passed_over[files->passed_over_count++] = entry->path;
        return GW_DONE;
    }

    struct part *part = &files->part[files->part_count];

    *part = (struct part){.path = entry->path,
        .path_index = entry->path_index,
        .given = files->part_count,
        .first_ns = INT64_MIN,
        .total = reader->feed.total,
        .reader = reader};
    files->part_count++;
    /* Waiting for a packet would keep a live input from being opened. */
    if (!alone || !reader->feed.lasting)
        look_ahead(part, reader);
    if (!reader->feed.lasting) {
        gw_source_reader_close(reader);
        part->reader = NULL;
    }
    return GW_DONE;
}

static int
compare_parts(const void *left, const void *right)
{
    const struct part *one = left;
    const struct part *other = right;

    if (one->first_ns != other->first_ns)
        return one->first_ns < other->first_ns ? -1 : 1;
    return one->given < other->given ? -1 : one->given > other->given;
}

/* List the inputs that the paths stand for, and look at each. */
static int
parts_open(
    struct file_source *files, const struct gw_source_spec *spec, struct gw_error_text *ret_error)
{
    for (uint32_t i = 0; i < spec->path_count; i++) {
        const int error = gw_source_inputs_open(&files->found, spec->path[i], i, ret_error);

        if (error != GW_DONE)
            return error;
    }

    const uint32_t count = files->found.count + 1; /* not none, which calloc may refuse */

    files->part = calloc(count, sizeof(*files->part));
    files->input = calloc(count, sizeof(*files->input));
    files->passed_over = calloc(count, sizeof(*files->passed_over));
    if (files->part == NULL || files->input == NULL || files->passed_over == NULL)
        return fail(ret_error, GW_E_NOMEM, spec->path[0], "no memory");

    for (uint32_t i = 0; i < files->found.count; i++) {
        const int error =
            look_at_open(files, &files->found.entry[i], files->found.count == 1, ret_error);

        if (error != GW_DONE)
            return error;
    }
    return GW_DONE;
}

/* Refuse a directory that gave no input. */
static int
check_folders(const struct file_source *files, const struct gw_source_spec *spec,
    struct gw_error_text *ret_error)
{
    for (uint32_t i = 0; i < spec->path_count; i++) {
        bool gave = false;

        for (uint32_t k = 0; k < files->part_count && !gave; k++)
            gave = files->part[k].path_index == i;
        if (!gave)
            return fail(ret_error, GW_E_FORMAT, spec->path[i], "no capture in this directory");
    }
    return GW_DONE;
}

/* Compile the filter for every link type that is known by now. */
static int
filter_open(struct file_source *files, const char *expression, struct gw_error_text *ret_error)
{
    uint16_t link_type = LINK_ETHERNET;

    for (uint32_t i = files->part_count; i-- > 0;) {
        if (files->part[i].typed)
            link_type = files->part[i].link_type;
    }

    int error = gw_source_filter_new(expression, link_type, &files->filter, ret_error);

    for (uint32_t i = 0; error == GW_DONE && i < files->part_count; i++) {
        if (files->part[i].typed)
            error = gw_source_filter_prepare(files->filter, files->part[i].link_type, ret_error);
    }
    return error;
}

static void
settle_order(struct file_source *files)
{
    qsort(files->part, files->part_count, sizeof(*files->part), compare_parts);
    for (uint32_t i = 0; i < files->part_count; i++)
        files->input[i] = (struct gw_input){
            .path = files->part[i].path, .format = "unknown", .compression = "none"};
    files->base.input = files->input;
    files->base.input_count = files->part_count;
}

static struct file_source *
files_new(const struct gw_source_spec *spec)
{
    struct file_source *files = calloc(1, sizeof(*files));

    if (files == NULL)
        return NULL;
    files->base.ops = &files_ops;
    files->batch_frames = spec->batch_frames == 0 ? GW_BATCH_FRAMES : spec->batch_frames;
    files->frames_left = spec->frame_max == 0 ? UINT64_MAX : spec->frame_max;
    files->stop = spec->stop;
    return files;
}

int
gw_source_open_files(const struct gw_source_spec *spec, struct gw_source **ret_source,
    struct gw_error_text *ret_error)
{
    if (spec->path_count == 0 || spec->batch_frames > GW_BATCH_FRAMES)
        return fail(
            ret_error, GW_E_USAGE, "capture files", "none given, or a batch over 64 frames");

    struct file_source *files = files_new(spec);

    if (files == NULL)
        return fail(ret_error, GW_E_NOMEM, spec->path[0], "no memory");

    int error = parts_open(files, spec, ret_error);

    if (error == GW_DONE)
        error = check_folders(files, spec, ret_error);
    if (error == GW_DONE)
        settle_order(files);
    if (error == GW_DONE && spec->filter != NULL)
        error = filter_open(files, spec->filter, ret_error);
    if (error != GW_DONE) {
        make_printable(ret_error);
        files_close(&files->base);
        return error;
    }
    *ret_source = &files->base;
    return GW_DONE;
}

uint32_t
gw_source_passed_over(const struct gw_source *source, const char *const **ret_paths)
{
    const struct file_source *files = (const struct file_source *)(const void *)source;

    *ret_paths = files->passed_over;
    return files->passed_over_count;
}
