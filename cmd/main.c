/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gluewatch: judge the glue in referral responses. The door to the street: argv, signals, exit
 * codes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "capture/source.h"
#include "cmd/options.h"
#include "cmd/pipeline.h"
#include "report/stats.h"

enum exit_code {
    RAN = 0,
    COULD_NOT_RUN = 1,
    USAGE = 2,
    FINDINGS = 3,
    DAMAGED = 4
};

/* The only state that a signal may touch. */
static volatile sig_atomic_t stop;

static void
on_stop_signal(int signal)
{
    (void)signal;
    stop = 1;
}

/* Without SA_RESTART, so that a read that waits is given up. */
static void
catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_stop_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

static int
complain(const struct gw_error_text *error, enum exit_code code)
{
    fprintf(stderr, "gluewatch: %s\n", error->text);
    return (int)code;
}

static bool
number_from_environment(const char *name, uint64_t *ret_value)
{
    const char *text = getenv(name);
    char *end;

    if (text == NULL || *text == '\0')
        return false;

    const unsigned long long value = strtoull(text, &end, 10);

    if (*end != '\0')
        return false;
    *ret_value = value;
    return true;
}

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

    if (number_from_environment("COLUMNS", &columns) && columns < 1000)
        return (uint32_t)columns;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static struct gw_sink_options
sink_options(const struct gw_opt *opt, const struct gw_source *source)
{
    const char *no_colour = getenv("NO_COLOR");
    const bool automatic = isatty(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0');

    return (struct gw_sink_options){
        .width = terminal_width(),
        .colour =
            opt->colour == GW_OPT_COLOUR_ALWAYS || (opt->colour == GW_OPT_COLOUR_AUTO && automatic),
        .utf8 = isatty(STDOUT_FILENO) && is_utf8(),
        .source = source,
    };
}

static int
open_sinks(struct gw_opt *opt, struct gw_pipeline_spec *spec, struct gw_error_text *ret_error)
{
    const struct gw_sink_options options = sink_options(opt, spec->source);

    if (opt->output_count == 0)
        opt->output[opt->output_count++] = isatty(STDOUT_FILENO) ? "text" : "json";
    for (uint32_t i = 0; i < opt->output_count; i++) {
        const int result = gw_sink_open(opt->output[i], &options, &spec->sink[i], ret_error);

        if (result != GW_DONE)
            return result;
        spec->sink_count++;
    }
    if (opt->stats_path == NULL)
        return GW_DONE;

    char stats_spec[4096 + 8];

    snprintf(stats_spec, sizeof(stats_spec), "stats:%s", opt->stats_path);

    const int result = gw_sink_open(stats_spec, &options, &spec->sink[spec->sink_count], ret_error);

    spec->sink_count += result == GW_DONE;
    return result;
}

static int
open_source(
    const struct gw_opt *opt, struct gw_source **ret_source, struct gw_error_text *ret_error)
{
    uint64_t batch = 0;
    struct gw_source_spec spec = {
        .path = opt->input,
        .path_count = opt->input_count,
        .filter = opt->filter,
        .frame_max = opt->frame_max,
        .stop = &stop,
    };

    if (number_from_environment("GLUEWATCH_BATCH", &batch) && batch <= GW_BATCH_FRAMES)
        spec.batch_frames = (uint32_t)batch;
    return gw_source_open_files(&spec, ret_source, ret_error);
}

/* One line per input that was damaged; returns whether there was one. */
static bool
tell_damage(const struct gw_stats *stats)
{
    bool any = false;

    for (uint32_t i = 0; i < stats->input_count; i++) {
        const struct gw_damage *damage = &stats->input[i].damage;

        if (!damage->damaged)
            continue;
        any = true;
        fprintf(stderr,
            "gluewatch: %s: record %llu at offset %llu: %s; what came before it was read\n",
            stats->input[i].path, (unsigned long long)damage->record,
            (unsigned long long)damage->offset, damage->what);
    }
    return any;
}

/* A filter that hides what it seems to ask for is worth a line. */
static void
tell_hidden(const struct gw_stats *stats)
{
    uint64_t tagged = 0;
    uint64_t tunnelled = 0;

    for (uint32_t i = 0; i < stats->input_count; i++) {
        tagged += stats->input[i].hidden_tagged;
        tunnelled += stats->input[i].hidden_tunnelled;
    }
    if (tagged + tunnelled != 0)
        fprintf(stderr,
            "gluewatch: the filter did not match %llu tagged and %llu tunnelled frames, which may "
            "carry DNS\n",
            (unsigned long long)tagged, (unsigned long long)tunnelled);
}

static void
tell_passed_over(const struct gw_opt *opt, const struct gw_source *source)
{
    const char *const *paths;
    const uint32_t count = gw_source_passed_over(source, &paths);

    for (uint32_t i = 0; opt->verbose && i < count; i++)
        fprintf(stderr, "gluewatch: %s: not a capture, passed over\n", paths[i]);
    if (!opt->verbose && !opt->quiet && count != 0)
        fprintf(stderr, "gluewatch: %u file%s passed over that %s no capture (-v names them)\n",
            count, count == 1 ? "" : "s", count == 1 ? "is" : "are");
}

static bool
is_serious(const struct gw_opt *opt, const struct gw_stats *stats)
{
    for (uint32_t severity = opt->fail_on; severity < GW_SEVERITY_COUNT; severity++)
        if (stats->finding.by_severity[severity] != 0)
            return true;
    return false;
}

static int
run(struct gw_opt *opt, struct gw_pipeline_spec *spec, struct gw_error_text *ret_error)
{
    struct gw_progress progress;
    struct gw_stats stats = {.lab_profile = opt->lab, .filter = opt->filter};
    int result;

    gw_progress_init(&progress, isatty(STDERR_FILENO) && !opt->quiet);
    spec->progress = &progress;
    tell_passed_over(opt, spec->source);
    result = gw_pipeline_run(spec, &stats, ret_error);
    if (result == GW_E_WRITE)
        for (uint32_t i = 0; i < spec->sink_count; i++)
            if (gw_sink_broken_pipe(spec->sink[i]))
                return COULD_NOT_RUN; /* the reader went away: it knows */
    if (result != GW_DONE)
        return complain(ret_error, COULD_NOT_RUN);
    if (!opt->quiet)
        tell_hidden(&stats);

    const bool damaged = tell_damage(&stats);

    if (is_serious(opt, &stats))
        return FINDINGS;
    return damaged ? DAMAGED : RAN;
}

static int
open_and_run(struct gw_opt *opt, struct gw_error_text *ret_error)
{
    struct gw_pipeline_spec spec = {.memory = opt->memory, .lab = opt->lab, .stop = &stop};
    uint64_t seed;
    int code = COULD_NOT_RUN;

    if (number_from_environment("GLUEWATCH_HASH_SEED", &seed))
        gw_hash_key_seeded(&spec.key, seed);
    else if (gw_hash_key_random(&spec.key) != GW_DONE)
        return COULD_NOT_RUN;

    int result = open_source(opt, &spec.source, ret_error);

    if (result == GW_DONE)
        result = open_sinks(opt, &spec, ret_error);
    if (result == GW_DONE)
        code = run(opt, &spec, ret_error);
    else
        code = complain(
            ret_error, result == GW_E_USAGE || result == GW_E_FILTER ? USAGE : COULD_NOT_RUN);
    for (uint32_t i = 0; i < spec.sink_count; i++)
        gw_sink_close(spec.sink[i]);
    if (spec.source != NULL)
        spec.source->ops->close(spec.source);
    return code;
}

int
main(int argc, char **argv)
{
    static struct gw_opt opt;
    struct gw_error_text error = {.text = ""};
    const int result = gw_opt_parse(&opt, argc, argv, &error);
    int code = RAN;

    catch_signals();
    if (result != GW_DONE)
        code = complain(&error, result == GW_E_USAGE ? USAGE : COULD_NOT_RUN);
    else if (opt.help)
        gw_opt_help();
    else if (opt.version)
        puts("gluewatch " GLUEWATCH_VERSION);
    else
        code = open_and_run(&opt, &error);
    gw_opt_done(&opt);
    return code;
}
