/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gluewatch: judge the glue in referral responses. The door to the street: argv, signals, exit
 * codes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/source.h"
#include "cmd/compare.h"
#include "cmd/environment.h"
#include "cmd/listfile.h"
#include "cmd/options.h"
#include "cmd/outputs.h"
#include "cmd/pipeline.h"
#include "cmd/state.h"
#include "cmd/zonefile.h"

/* Two paths at most, and words. */
#define NOTE_SIZE 10000u

enum exit_code {
    RAN = 0,
    COULD_NOT_RUN = 1,
    USAGE = 2,
    FINDINGS = 3,
    DAMAGED = 4
};

/* The only state that a signal may touch. */
static volatile sig_atomic_t stop;

/* A read that begins just after the signal would wait on: the alarm interrupts it. */
static void
on_stop_signal(int signal)
{
    (void)signal;
    stop = 1;
    alarm(1);
}

/*
 * Without SA_RESTART, so that a read that waits is given up. The second signal of a kind ends the
 * program as if it had not been caught: writing may wait for ever.
 */
static void
catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_stop_signal;
    sigaction(SIGALRM, &action, NULL);
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_flags = 0;
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

/* No capture or output may become descriptor 0, 1 or 2 because the caller closed these. */
static bool
open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

/* One line to standard error. Paths may hold anything: a terminal shall get printable ASCII only.
 */
GW_PRINTF(1, 2)
static void
say(const char *format, ...)
{
    char text[NOTE_SIZE];
    char shown[4 * NOTE_SIZE];
    size_t len = 0;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (const char *pos = text; *pos != '\0'; pos++) {
        const bool plain = *pos >= ' ' && *pos <= '~';

        len += (size_t)snprintf(
            shown + len, sizeof(shown) - len, plain ? "%c" : "\\%03d", (unsigned char)*pos);
    }
    fprintf(stderr, "gluewatch: %s\n", shown);
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

    if (gw_conf_number("GLUEWATCH_BATCH", &batch) && batch <= GW_BATCH_FRAMES)
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
        say("%s: record %llu at offset %llu: %s; what came before it was read",
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
        say("the filter did not match %llu tagged and %llu tunnelled frames, which may carry DNS",
            (unsigned long long)tagged, (unsigned long long)tunnelled);
}

static void
tell_inputs(const struct gw_stats *stats)
{
    for (uint32_t i = 0; i < stats->input_count; i++) {
        const struct gw_input *input = &stats->input[i];
        const bool packed = strcmp(input->compression, "none") != 0;

        say("%s: %s%s%s, %llu packets", input->path, input->format, packed ? " in " : "",
            packed ? input->compression : "", (unsigned long long)input->packets);
    }
}

static void
tell_passed_over(const struct gw_opt *opt, const struct gw_source *source)
{
    const char *const *paths;
    const uint32_t count = gw_source_passed_over(source, &paths);

    for (uint32_t i = 0; opt->verbose && i < count; i++)
        say("%s: not a capture, passed over", paths[i]);
    if (!opt->verbose && !opt->quiet && count != 0)
        say("%u file%s passed over that %s no capture (-v names them)", count,
            count == 1 ? "" : "s", count == 1 ? "is" : "are");
}

static bool
is_serious(const struct gw_opt *opt, const struct gw_stats *stats)
{
    for (uint32_t severity = opt->fail_on; severity < GW_SEVERITY_COUNT; severity++)
        if (stats->finding.by_severity[severity] != 0 || stats->incident.by_severity[severity] != 0)
            return true;
    return false;
}

/*
 * A reader that went away knows it; every other output that is not whole is told. The state is
 * written only when all of them are.
 */
static void
tell_lost_outputs(const struct gw_pipeline_spec *spec, const struct gw_error_text *error)
{
    bool any = false;

    for (uint32_t i = 0; i < spec->sink_count; i++) {
        const char *text = gw_sink_error(spec->sink[i])->text;

        any |= text[0] != '\0';
        if (text[0] != '\0' && !gw_sink_broken_pipe(spec->sink[i]))
            say("%s", text);
    }
    if (!any)
        say("%s", error->text);
}

/* What is known before the first packet; owned by the run. */
struct known {
    struct gw_reference *reference;
    struct gw_reference_roots roots;
    struct gw_lists *lists;
    struct gw_state history;
    bool has_history;
};

/* An explanation of nothing is no success, and neither is one of several things at once. */
static int
tell_explained(const struct gw_opt *opt, const struct gw_pipeline_spec *spec)
{
    uint32_t matches = 0;

    if (opt->explain == NULL)
        return RAN;
    for (uint32_t i = 0; i < spec->sink_count; i++)
        matches += gw_sink_matches(spec->sink[i]);
    if (matches == 1)
        return RAN;
    if (matches == 0)
        say("no finding or incident has an id that begins with %.40s", opt->explain);
    else
        say("%u findings and incidents have ids that begin with %.40s", matches, opt->explain);
    return matches == 0 ? COULD_NOT_RUN : USAGE;
}

static int
open_roots(const struct gw_opt *opt, struct known *known, struct gw_error_text *ret_error)
{
    if (opt->root_hints == NULL && !opt->lab)
        gw_reference_roots_known(&known->roots);
    if (opt->root_hints == NULL || strcmp(opt->root_hints, "none") == 0)
        return GW_DONE;
    return gw_conf_roots_open(opt->root_hints, &known->roots, ret_error);
}

/* A state file that is not there yet is none; every other that cannot be read is refused. */
static int
open_history(const struct gw_opt *opt, struct gw_pipeline_spec *spec, struct known *known,
    struct gw_error_text *ret_error)
{
    int result;

    spec->state_path = opt->state_path;
    if (opt->state_path == NULL || (access(opt->state_path, F_OK) != 0 && errno == ENOENT))
        return opt->state_path == NULL ? GW_DONE : gw_state_may_save(opt->state_path, ret_error);
    result = gw_state_open(opt->state_path, &known->history, ret_error);
    known->has_history = result == GW_DONE;
    spec->history = known->has_history ? &known->history : NULL;
    return result != GW_DONE ? result : gw_state_may_save(opt->state_path, ret_error);
}

static struct gw_conf_paths
paths_of(const struct gw_opt_files *files)
{
    return (struct gw_conf_paths){files->path, files->count};
}

static int
open_known(const struct gw_opt *opt, struct gw_pipeline_spec *spec, struct known *known,
    struct gw_error_text *ret_error)
{
    const struct gw_conf_zones zones = {
        .path = opt->reference.path,
        .path_count = opt->reference.count,
        .has_time = opt->has_reference_time,
        .loaded_ns = opt->reference_time_ns,
        .budget = opt->memory / 2,
        .key = &spec->key,
    };
    const struct gw_conf_list_spec lists = {
        .watch = paths_of(&opt->watch),
        .internal = paths_of(&opt->internal),
        .groups = paths_of(&opt->groups),
        .suppress = paths_of(&opt->suppress),
    };
    int result = gw_conf_lists_open(&lists, &known->lists, ret_error);

    if (result == GW_DONE)
        result = open_roots(opt, known, ret_error);
    if (result == GW_DONE)
        result = gw_conf_reference_open(&zones, &known->reference, ret_error);
    spec->reference = known->reference;
    spec->roots = &known->roots;
    spec->lists = known->lists;
    return result;
}

static void
close_known(struct known *known)
{
    gw_reference_free(known->reference);
    gw_lists_free(known->lists);
    gw_state_close(&known->history);
}

/* What the reference came to; and once, when it proved to be out of date. */
static void
tell_reference(const struct gw_opt *opt, const struct known *known, const struct gw_stats *stats)
{
    const struct gw_reference_stats *reference = &stats->reference;

    if (known->reference == NULL)
        return;
    if (opt->verbose)
        say("reference: %llu zones, %llu delegations in %llu octets; %llu compared, %llu differ",
            (unsigned long long)reference->zones, (unsigned long long)reference->delegations,
            (unsigned long long)reference->memory_octets, (unsigned long long)reference->compared,
            (unsigned long long)reference->differing);
    if (reference->stale && !opt->quiet)
        say("the reference is out of date: %llu of %llu delegations differ; from then on it was "
            "not used",
            (unsigned long long)reference->differing, (unsigned long long)reference->compared);
}

static int
run(struct gw_opt *opt, struct gw_pipeline_spec *spec, const struct known *known,
    struct gw_error_text *ret_error)
{
    struct gw_progress progress;
    struct gw_stats stats = {.lab_profile = opt->lab, .filter = opt->filter};
    int result;

    gw_progress_init(&progress, isatty(STDERR_FILENO) && !opt->quiet);
    spec->progress = &progress;
    tell_passed_over(opt, spec->source);
    result = gw_pipeline_run(spec, &stats, ret_error);
    if (result == GW_E_WRITE)
        tell_lost_outputs(spec, ret_error);
    else if (result != GW_DONE)
        say("%s", ret_error->text);
    if (result != GW_DONE)
        return COULD_NOT_RUN;
    if (opt->verbose)
        tell_inputs(&stats);
    if (!opt->quiet)
        tell_hidden(&stats);
    tell_reference(opt, known, &stats);

    const bool damaged = tell_damage(&stats);
    const int explained = tell_explained(opt, spec);

    if (explained != RAN)
        return explained;
    if (is_serious(opt, &stats))
        return FINDINGS;
    return damaged ? DAMAGED : RAN;
}

/* A mistyped file name becomes a filter expression, and the complaint about that would puzzle. */
static void
tell_why_not_opened(const struct gw_opt *opt, int result, const struct gw_error_text *error)
{
    if (result == GW_E_FILTER && opt->first_word != NULL)
        say("%s (and there is no file %s)", error->text, opt->first_word);
    else
        say("%s", error->text);
}

static int
make_key(struct gw_hash_key *ret_key, struct gw_error_text *ret_error)
{
    uint64_t seed;
    int result = GW_DONE;

    if (gw_conf_number("GLUEWATCH_HASH_SEED", &seed))
        gw_hash_key_seeded(ret_key, seed);
    else
        result = gw_hash_key_random(ret_key);
    if (result != GW_DONE)
        snprintf(ret_error->text, sizeof(ret_error->text), "no random octets from the system");
    return result;
}

static int
open_and_run(struct gw_opt *opt, struct gw_error_text *ret_error)
{
    struct gw_pipeline_spec spec = {
        .memory = opt->memory,
        .workers = opt->workers,
        .lab = opt->lab,
        .frame_max = opt->frame_max,
        .stop = &stop,
    };
    struct known known = {0};
    int code = COULD_NOT_RUN;
    int result = make_key(&spec.key, ret_error);

    if (result == GW_DONE)
        result = open_known(opt, &spec, &known, ret_error);
    if (result == GW_DONE)
        result = open_history(opt, &spec, &known, ret_error);
    if (result == GW_DONE)
        result = open_source(opt, &spec.source, ret_error);
    if (result == GW_DONE)
        result = gw_conf_outputs_open(opt, &spec, ret_error);
    if (result == GW_DONE)
        code = run(opt, &spec, &known, ret_error);
    else
        tell_why_not_opened(opt, result, ret_error);
    if (result == GW_E_USAGE || result == GW_E_FILTER)
        code = USAGE;
    for (uint32_t i = 0; i < spec.sink_count; i++)
        gw_sink_close(spec.sink[i]);
    if (spec.source != NULL)
        spec.source->ops->close(spec.source);
    close_known(&known);
    return code;
}

/* Analyze one capture into a temporary file. Returns an exit code. */
static int
take_snapshot(const struct gw_opt *opt, const char *path, struct gw_pipeline_spec *spec,
    struct gw_error_text *ret_error)
{
    struct gw_opt alone = *opt;
    struct gw_progress progress;
    struct gw_stats stats = {.lab_profile = opt->lab, .filter = opt->filter};
    int code = RAN;
    int result;

    alone.input = &path;
    alone.input_count = 1;
    gw_progress_init(&progress, isatty(STDERR_FILENO) && !opt->quiet);
    spec->progress = &progress;
    result = open_source(&alone, &spec->source, ret_error);
    if (result == GW_DONE) {
        tell_passed_over(opt, spec->source);
        result = gw_pipeline_run(spec, &stats, ret_error);
    }
    if (result != GW_DONE) {
        tell_why_not_opened(opt, result, ret_error);
        code = result == GW_E_USAGE || result == GW_E_FILTER ? USAGE : COULD_NOT_RUN;
    } else {
        if (opt->verbose)
            tell_inputs(&stats);
        if (!opt->quiet)
            tell_hidden(&stats);
        code = tell_damage(&stats) ? DAMAGED : RAN;
    }
    if (spec->source != NULL)
        spec->source->ops->close(spec->source);
    spec->source = NULL;
    return code;
}

/* Know one side of a comparison: a state file, or a capture. Returns an exit code. */
static int
open_side(const struct gw_opt *opt, const char *path, struct gw_pipeline_spec *spec,
    struct gw_state *ret_state, struct gw_error_text *ret_error)
{
    int code = RAN;

    if (gw_state_is_one(path)) {
        if (gw_state_open(path, ret_state, ret_error) == GW_DONE)
            return RAN;
        say("%s", ret_error->text);
        return COULD_NOT_RUN;
    }
    spec->snapshot = tmpfile();
    if (spec->snapshot == NULL) {
        say("no temporary file can be made");
        return COULD_NOT_RUN;
    }
    code = take_snapshot(opt, path, spec, ret_error);
    rewind(spec->snapshot);
    if ((code == RAN || code == DAMAGED) &&
        gw_state_read(spec->snapshot, path, ret_state, ret_error) != GW_DONE) {
        say("%s", ret_error->text);
        code = COULD_NOT_RUN;
    }
    fclose(spec->snapshot);
    return code;
}

static int
tell_differences(const struct gw_opt *opt, struct gw_state side[2], struct gw_error_text *ret_error)
{
    const bool json = opt->output_count != 0 && strcmp(opt->output[0], "json") == 0;
    const int result = gw_compare_tell(&side[0], &side[1], json, stdout, ret_error);

    if (result == GW_DONE)
        return RAN;
    say("%s", ret_error->text);
    return COULD_NOT_RUN;
}

static int
diff(const struct gw_opt *opt, struct gw_error_text *ret_error)
{
    struct gw_pipeline_spec spec = {
        .memory = opt->memory, .lab = opt->lab, .frame_max = opt->frame_max, .stop = &stop};
    struct gw_state side[2] = {{0}};
    struct known known = {0};
    int result = make_key(&spec.key, ret_error);
    int code = COULD_NOT_RUN;
    bool damaged = false;

    if (result == GW_DONE)
        result = open_known(opt, &spec, &known, ret_error);
    if (result == GW_DONE)
        code = RAN;
    else
        say("%s", ret_error->text);
    for (uint32_t i = 0; i < 2 && code == RAN; i++) {
        code = open_side(opt, opt->input[i], &spec, &side[i], ret_error);
        damaged |= code == DAMAGED;
        code = code == DAMAGED ? RAN : code;
    }
    if (code == RAN)
        code = tell_differences(opt, side, ret_error);
    gw_state_close(&side[0]);
    gw_state_close(&side[1]);
    close_known(&known);
    return code == RAN && damaged ? DAMAGED : code;
}

static int
merge(const struct gw_opt *opt, struct gw_error_text *ret_error)
{
    if (gw_state_merge(opt->output[0], opt->input, opt->input_count, ret_error) == GW_DONE)
        return RAN;
    say("%s", ret_error->text);
    return COULD_NOT_RUN;
}

/* Help and version are data, too: lost output is an error. */
static int
print_and_check(const struct gw_opt *opt)
{
    if (opt->help)
        gw_opt_help();
    else
        puts("gluewatch " GLUEWATCH_VERSION);
    if (fflush(stdout) == 0)
        return RAN;
    say("standard output: writing failed");
    return COULD_NOT_RUN;
}

int
main(int argc, char **argv)
{
    struct gw_opt opt;
    struct gw_error_text error = {.text = ""};
    int code = RAN;

    if (!open_standard_descriptors())
        return COULD_NOT_RUN;
    catch_signals();

    const int result = gw_opt_parse(&opt, argc, argv, &error);

    if (result != GW_DONE) {
        say("%s", error.text);
        code = result == GW_E_USAGE ? USAGE : COULD_NOT_RUN;
    } else if (opt.help || opt.version) {
        code = print_and_check(&opt);
    } else if (opt.command == GW_OPT_MERGE) {
        code = merge(&opt, &error);
    } else if (opt.command == GW_OPT_DIFF) {
        code = diff(&opt, &error);
    } else {
        code = open_and_run(&opt, &error);
    }
    gw_opt_done(&opt);
    return code;
}
