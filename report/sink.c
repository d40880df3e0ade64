/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/sink.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/explain_text.h"
#include "report/finding_text.h"
#include "report/format.h"
#include "report/text.h"

/* A finding takes 200 KiB at most, an input in the counters 25 KiB when its path is hostile. */
#define LINE_MAX_LEN (64u * 1024u * 1024u)

#define WIDTH_DEFAULT 100u
#define WIDTH_MIN     60u
#define WIDTH_MAX     160u

static const struct gw_sink_ops *const formats[] = {
    &gw_text_ops, &gw_ecs_ops, &gw_sink_incidents_ops, &gw_sink_referrals_ops, &gw_stats_ops};

static const struct gw_sink_ops *
find_format(const char *name, size_t len)
{
    for (size_t i = 0; i < GW_ARRAY_LEN(formats); i++) {
        if (strlen(formats[i]->name) == len && memcmp(formats[i]->name, name, len) == 0)
            return formats[i];
    }
    return NULL;
}

static void
no_such_format(const char *spec, struct gw_error_text *ret_error)
{
    struct gw_text text;
    char shown[64];

    gw_text_init(&text, shown, sizeof(shown));
    gw_text_outside(&text, spec);
    gw_text_init(&text, ret_error->text, sizeof(ret_error->text));
    gw_text_format(&text, "no output format \"%s\"; there are", shown);
    for (size_t i = 0; i < GW_ARRAY_LEN(formats); i++)
        gw_text_format(&text, "%s %s", i > 0 ? "," : "", formats[i]->name);
}

static uint32_t
bounded_width(uint32_t width)
{
    if (width == 0)
        return WIDTH_DEFAULT;
    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

int
gw_sink_open(const char *spec, const struct gw_sink_options *options, struct gw_sink **ret_sink,
    struct gw_error_text *ret_error)
{
    const char *colon = strchr(spec, ':');
    const size_t name_len = colon != NULL ? (size_t)(colon - spec) : strlen(spec);
    const char *path = colon != NULL && colon[1] != '\0' ? colon + 1 : NULL;
    const struct gw_sink_ops *ops = find_format(spec, name_len);

    if (options->explain != NULL && strlen(gw_text_explain_ops.name) == name_len &&
        memcmp(spec, gw_text_explain_ops.name, name_len) == 0)
        ops = &gw_text_explain_ops;
    if (ops == NULL) {
        no_such_format(spec, ret_error);
        return GW_E_USAGE;
    }

    struct gw_sink *sink = calloc(1, sizeof(*sink));
    int status = GW_E_NOMEM;

    if (sink != NULL) {
        sink->ops = ops;
        sink->options = *options;
        sink->options.width = bounded_width(options->width);
        if (ops == &gw_text_explain_ops)
            status = gw_text_explain_new(options->explain, &sink->explain);
        else if (ops == &gw_text_ops)
            status = gw_text_report_new(&sink->report);
        else
            status = gw_json_init(&sink->json, LINE_MAX_LEN);
    }
    if (status == GW_E_USAGE)
        (void)snprintf(ret_error->text, sizeof(ret_error->text),
            "an id is 6 to 32 hexadecimal digits, not %.100s", options->explain);
    else if (status != GW_DONE)
        (void)snprintf(ret_error->text, sizeof(ret_error->text), "no memory for an output");
    else
        status = gw_sink_writer_open(&sink->writer, path, ret_error);
    if (status != GW_DONE) {
        gw_sink_close(sink);
        return status;
    }
    *ret_sink = sink;
    return GW_DONE;
}

const struct gw_sink_ops *
gw_sink_format(uint32_t index)
{
    return index < GW_ARRAY_LEN(formats) ? formats[index] : NULL;
}

bool
gw_sink_wants_referrals(const struct gw_sink *sink)
{
    return sink->ops->referral != NULL;
}

int
gw_sink_referral(struct gw_sink *sink, const struct gw_observation *seen, enum gw_class class)
{
    if (sink->ops->referral == NULL || sink->writer.status != GW_DONE)
        return sink->writer.status;
    return sink->ops->referral(sink, seen, class);
}

int
gw_sink_finding(struct gw_sink *sink, const struct gw_finding *finding)
{
    if (sink->ops->finding == NULL || sink->writer.status != GW_DONE)
        return sink->writer.status;
    return sink->ops->finding(sink, finding);
}

int
gw_sink_incident(struct gw_sink *sink, const struct gw_incident *incident)
{
    if (sink->ops->incident == NULL || sink->writer.status != GW_DONE)
        return sink->writer.status;
    return sink->ops->incident(sink, incident);
}

int
gw_sink_end(struct gw_sink *sink, const struct gw_stats *stats)
{
    assert(!sink->ended);
    sink->ended = true;
    if (sink->ops->end != NULL && sink->writer.status == GW_DONE &&
        sink->ops->end(sink, stats) != GW_DONE)
        return GW_E_WRITE;
    return gw_sink_writer_finish(&sink->writer);
}

uint32_t
gw_sink_matches(const struct gw_sink *sink)
{
    return sink->explain == NULL ? 0 : sink->explain->match_count;
}

const struct gw_error_text *
gw_sink_error(const struct gw_sink *sink)
{
    return &sink->writer.error;
}

bool
gw_sink_broken_pipe(const struct gw_sink *sink)
{
    return sink->writer.broken_pipe;
}

void
gw_sink_close(struct gw_sink *sink)
{
    if (sink == NULL)
        return;
    gw_sink_writer_close(&sink->writer);
    gw_json_done(&sink->json);
    gw_text_report_free(sink->report);
    gw_text_explain_free(sink->explain);
    free(sink);
}

int
gw_sink_json_line(struct gw_sink *sink)
{
    struct gw_json *json = &sink->json;
    int status = GW_E_WRITE;

    gw_json_line(json);
    if (json->full) {
        sink->writer.status = GW_E_WRITE;
        (void)snprintf(sink->writer.error.text, sizeof(sink->writer.error.text),
            "%s: a record is longer than %u octets", sink->writer.name, LINE_MAX_LEN);
    } else {
        status = gw_sink_writer_put(&sink->writer, json->data, json->len);
    }
    gw_json_reset(json);
    return status;
}

const char *
gw_sink_input_path(const struct gw_sink *sink, uint32_t index)
{
    const struct gw_source *source = sink->options.source;

    return source != NULL && index < source->input_count ? source->input[index].path : NULL;
}
