/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/outputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/environment.h"

/* A path that is longer is refused by the system. */
#define SPEC_SIZE (4096 + 16)

static bool
is_utf8(void)
{
    const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < GW_ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && *value != '\0')
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL;
    }
    return false;
}

static uint32_t
terminal_width(void)
{
    struct winsize size;
    uint64_t columns;

    if (gw_conf_number("COLUMNS", &columns) && columns < 1000)
        return (uint32_t)columns;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Return the path in @p output, or NULL for standard output. */
static const char *
destination(const char *output)
{
    const char *colon = strchr(output, ':');

    return colon == NULL || colon[1] == '\0' || strcmp(colon + 1, "-") == 0 ? NULL : colon + 1;
}

static bool
on_terminal(const char *output)
{
    return destination(output) == NULL && isatty(STDOUT_FILENO);
}

static bool
wants_colour(const struct gw_opt *opt, const char *output)
{
    const char *terminal = getenv("TERM");

    if (opt->colour != GW_OPT_COLOUR_AUTO)
        return opt->colour == GW_OPT_COLOUR_ALWAYS;
    return on_terminal(output) && !gw_conf_is_set("NO_COLOR") && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

static bool
is_file(const char *path, const struct stat *file)
{
    struct stat status;
    const int result = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(path, &status);

    return result == 0 && status.st_dev == file->st_dev && status.st_ino == file->st_ino;
}

/* An output is truncated when it is opened: what would be lost by that is looked for before. */
static const char *
conflict(const struct gw_opt *opt, const struct gw_source *source, const char *const *output,
    uint32_t index)
{
    const char *path = destination(output[index]);
    struct stat file;
    const bool exists = path != NULL && stat(path, &file) == 0 && S_ISREG(file.st_mode);

    for (uint32_t i = 0; exists && i < source->input_count; i++)
        if (is_file(source->input[i].path, &file))
            return "is an input, and would be overwritten";
    if (exists && opt->state_path != NULL && is_file(opt->state_path, &file))
        return "is the state file, and would be overwritten";
    for (uint32_t i = 0; i < index; i++) {
        const char *other = destination(output[i]);

        if (path == NULL ? other == NULL : exists && other != NULL && is_file(other, &file))
            return "is the destination of two outputs";
    }
    return NULL;
}

static int
open_one(const struct gw_opt *opt, struct gw_pipeline_spec *spec, const char *output,
    struct gw_error_text *ret_error)
{
    const struct gw_sink_options options = {
        .width = terminal_width(),
        .colour = wants_colour(opt, output),
        .utf8 = on_terminal(output) && is_utf8(),
        .source = spec->source,
        .explain = opt->explain,
    };
    const int result = gw_sink_open(output, &options, &spec->sink[spec->sink_count], ret_error);

    spec->sink_count += result == GW_DONE;
    return result;
}

int
gw_conf_outputs_open(
    const struct gw_opt *opt, struct gw_pipeline_spec *spec, struct gw_error_text *ret_error)
{
    const char *output[GW_PIPELINE_SINKS_MAX];
    char stats_spec[SPEC_SIZE];
    uint32_t count = opt->output_count;

    memcpy(output, opt->output, count * sizeof(*output));
    if (opt->explain != NULL)
        output[count++] = "explain";
    if (count == 0)
        output[count++] = isatty(STDOUT_FILENO) ? "text" : "json";
    if (opt->stats_path != NULL) {
        snprintf(stats_spec, sizeof(stats_spec), "stats:%s", opt->stats_path);
        output[count++] = stats_spec;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *problem = conflict(opt, spec->source, output, i);

        if (problem != NULL) {
            const char *path = destination(output[i]);

            snprintf(ret_error->text, sizeof(ret_error->text), "%.300s: %s",
                path == NULL ? "standard output" : path, problem);
            return GW_E_USAGE;
        }

        const int result = open_one(opt, spec, output[i], ret_error);

        if (result != GW_DONE)
            return result;
    }
    return GW_DONE;
}
