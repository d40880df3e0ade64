/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/textform.h"

#define MEMORY_MIN (8ull * 1024 * 1024)

/* Columns of the help, with two before and one between. */
#define HELP_WIDTH   80
#define HELP_OPTIONS 30
#define HELP_FORMATS 10

/* A filter file longer than this is a mistake. */
#define FILTER_FILE_MAX 65536u

enum long_only {
    OPT_STATS = 256,
    OPT_STATE,
    OPT_MEMORY,
    OPT_PROFILE,
    OPT_FAIL_ON,
    OPT_REFERENCE,
    OPT_REFERENCE_TIME,
    OPT_ROOT_HINTS,
    OPT_WATCH,
    OPT_INTERNAL,
    OPT_GROUPS,
    OPT_SUPPRESS,
    OPT_COLOR,
    OPT_EXPLAIN,
    OPT_WORKERS
};

struct row {
    int letter; /* or enum long_only */
    const char *name;
    const char *value; /* NULL: takes none */
    const char *text;
};

static const struct row table[] = {
    {'r', "read", "FILE|DIR|-", "read captures; repeatable, plain arguments are the same"},
    {'o', "output", "FORMAT[:DEST]",
        "write findings; repeatable; DEST is a file, - or none for standard output"},
    {OPT_STATS, "stats", "FILE", "write all counters as one JSON object"},
    {OPT_STATE, "state", "FILE",
        "know what the last run with this file knew, and write it for the next"},
    {OPT_MEMORY, "memory", "N[K|M|G|T]", "memory for delegations and findings (default 512M)"},
    {OPT_WORKERS, "workers", "N", "threads, 1 to 64 (default 1); findings are the same for any N"},
    {OPT_PROFILE, "profile", "default|lab",
        "lab: documentation and benchmarking addresses count as public"},
    {OPT_FAIL_ON, "fail-on", "SEVERITY",
        "exit with 3 when a finding or incident is at least info, low, medium, high or critical"},
    {OPT_REFERENCE, "reference", "[ZONE=]FILE",
        "zone file whose delegations are known to be true; repeatable, as the lists below are"},
    {OPT_REFERENCE_TIME, "reference-time", "TIME",
        "when the zone files were made (default: when they were changed last)"},
    {OPT_ROOT_HINTS, "root-hints", "FILE|none",
        "root servers other than IANA's, or none; --profile lab knows none by itself"},
    {OPT_WATCH, "watch", "FILE", "delegations that matter most, one name per line"},
    {OPT_INTERNAL, "internal", "FILE|PREFIX",
        "prefixes and zones where private addresses are expected"},
    {OPT_GROUPS, "groups", "FILE", "resolvers that are one: lines of a name and its addresses"},
    {OPT_SUPPRESS, "suppress", "FILE", "findings to hold back, each with a reason and an end"},
    {OPT_EXPLAIN, "explain", "ID",
        "say everything behind the finding or incident whose id begins with ID"},
    {'c', "count", "N", "stop after N packets that match the filter"},
    {'F', "filter-file", "FILE", "read the filter expression from FILE"},
    {OPT_COLOR, "color", "auto|always|never", "colours in text reports (default auto)"},
    {'q', "quiet", NULL, "no progress, no notes; errors only"},
    {'v', "verbose", NULL, "say more about what is read"},
    {'V', "version", NULL, "print the version"},
    {'h', "help", NULL, "print this help"},
};

/* In the order of enum gw_opt_command. */
static const char *const command_names[] = {"", "merge", "diff"};

static const char *const severity_names[GW_SEVERITY_COUNT] = {
    "info", "low", "medium", "high", "critical"};

/* Print @p text behind @p left, in lines that an 80-column terminal shows whole. */
static void
put_row(int left_width, const char *left, const char *text)
{
    const size_t room = HELP_WIDTH - 3u - (size_t)left_width;
    const char *rest = text;

    printf("  %-*s ", left_width, left);
    while (strlen(rest) > room) {
        size_t len = room;

        while (rest[len] != ' ')
            len--;
        printf("%.*s\n   %*s", (int)len, rest, left_width, "");
        rest += len + 1;
    }
    puts(rest);
}

void
gw_opt_help(void)
{
    char left[64];

    puts("usage: gluewatch [option]... [FILE|DIR|-]... [filter expression]\n"
         "       gluewatch merge -o OUT STATE...\n"
         "       gluewatch diff [option]... [-o text|json] STATE|FILE STATE|FILE\n"
         "\n"
         "Judges the glue in referral responses of packet captures: which delegations were\n"
         "told inconsistently, by whom, to whom, and why that matters. merge joins what\n"
         "several runs or sensors know; diff says what changed between two of them.\n");
    for (size_t i = 0; i < GW_ARRAY_LEN(table); i++) {
        const struct row *row = &table[i];

        if (row->letter < OPT_STATS)
            snprintf(left, sizeof(left), "-%c, --%s%s%s", row->letter, row->name,
                row->value == NULL ? "" : " ", row->value == NULL ? "" : row->value);
        else
            snprintf(left, sizeof(left), "    --%s %s", row->name, row->value);
        put_row(HELP_OPTIONS, left, row->text);
    }
    puts("\nFORMAT is one of:");
    for (uint32_t i = 0; gw_sink_format(i) != NULL; i++)
        put_row(HELP_FORMATS, gw_sink_format(i)->name, gw_sink_format(i)->text);
    puts("\nThe default is text on a terminal and json elsewhere.\n"
         "\n"
         "What follows the inputs, or `--`, is a filter expression as of tcpdump:\n"
         "  gluewatch monday.pcap.gz tuesday.pcap.gz\n"
         "  gluewatch -o json:findings.jsonl captures/ udp port 53\n"
         "\n"
         "Exit: 0 ran, 1 could not run, 2 usage, 3 findings or incidents at or above\n"
         "      --fail-on, 4 input damaged, the rest was analyzed.");
}

static int
usage_error(struct gw_error_text *ret_error, const char *what, const char *value)
{
    snprintf(
        ret_error->text, sizeof(ret_error->text), "%s: %.300s (see gluewatch -h)", what, value);
    return GW_E_USAGE;
}

static int
parse_number(const char *text, uint64_t *ret_value, const char **ret_end)
{
    char *end;

    errno = 0;

    const unsigned long long value = strtoull(text, &end, 10);

    if (errno != 0 || end == text || text[0] < '0' || text[0] > '9')
        return GW_E_USAGE;
    *ret_value = value;
    *ret_end = end;
    return GW_DONE;
}

static int
parse_memory(const char *text, uint64_t *ret_value)
{
    static const char units[] = "KMGT";
    const char *end;
    uint64_t value;

    if (parse_number(text, &value, &end) != GW_DONE)
        return GW_E_USAGE;
    if (end[0] != '\0') {
        const char *unit = strchr(units, end[0] & ~0x20);

        if (unit == NULL || end[1] != '\0')
            return GW_E_USAGE;
        for (long i = 0; i <= unit - units; i++) {
            if (value > UINT64_MAX / 1024)
                return GW_E_USAGE;
            value *= 1024;
        }
    }
    if (value < MEMORY_MIN || value > (1ull << 44))
        return GW_E_USAGE;
    *ret_value = value;
    return GW_DONE;
}

static int
parse_choice(const char *text, const char *const *names, uint32_t count, uint32_t *ret_choice)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret_choice = i;
            return GW_DONE;
        }
    return GW_E_USAGE;
}

/* As tcpdump does it: a comment runs from a number sign to the end of the line. */
static void
blank_comments(char *text)
{
    bool inside = false;

    for (; *text != '\0'; text++) {
        inside = *text != '\n' && (inside || *text == '#');
        if (inside)
            *text = ' ';
    }
}

static int
read_filter_file(struct gw_opt *opt, const char *path, struct gw_error_text *ret_error)
{
    FILE *file = fopen(path, "r");
    const char *problem = NULL;
    size_t len = 0;

    free(opt->filter);
    opt->filter = file == NULL ? NULL : calloc(1, FILTER_FILE_MAX + 1);
    if (opt->filter != NULL)
        len = fread(opt->filter, 1, FILTER_FILE_MAX + 1, file);
    if (opt->filter == NULL || ferror(file))
        problem = strerror(errno);
    else if (len > FILTER_FILE_MAX)
        problem = "filter expression over 64 KiB";
    else if (memchr(opt->filter, '\0', len) != NULL)
        problem = "a filter expression is text";
    else
        blank_comments(opt->filter);
    if (file != NULL)
        fclose(file);
    if (problem == NULL)
        return GW_DONE;
    snprintf(ret_error->text, sizeof(ret_error->text), "%.300s: %s", path, problem);
    return GW_E_USAGE;
}

/* There are never more inputs than arguments. */
static int
add_input(struct gw_opt *opt, const char *path, struct gw_error_text *ret_error)
{
    if (*path == '\0')
        return usage_error(ret_error, "an input has a name, not", "''");
    opt->input[opt->input_count++] = path;
    return GW_DONE;
}

static int
take_choice(struct gw_opt *opt, int letter, const char *value, struct gw_error_text *ret_error)
{
    static const char *const profiles[] = {"default", "lab"};
    static const char *const colours[] = {"auto", "always", "never"};
    uint32_t choice = 0;

    switch (letter) {
    case OPT_PROFILE:
        if (parse_choice(value, profiles, 2, &choice) != GW_DONE)
            return usage_error(ret_error, "--profile is default or lab, not", value);
        opt->lab = choice == 1;
        return GW_DONE;
    case OPT_FAIL_ON:
        if (parse_choice(value, severity_names, GW_SEVERITY_COUNT, &choice) != GW_DONE)
            return usage_error(
                ret_error, "--fail-on is info, low, medium, high or critical, not", value);
        opt->fail_on = (enum gw_severity)choice;
        return GW_DONE;
    default:
        if (parse_choice(value, colours, 3, &choice) != GW_DONE)
            return usage_error(ret_error, "--color is auto, always or never, not", value);
        opt->colour = choice == 0   ? GW_OPT_COLOUR_AUTO
                      : choice == 1 ? GW_OPT_COLOUR_ALWAYS
                                    : GW_OPT_COLOUR_NEVER;
        return GW_DONE;
    }
}

static int
add_file(struct gw_opt_files *files, const char *value, struct gw_error_text *ret_error)
{
    if (*value == '\0')
        return usage_error(ret_error, "a file has a name, not", "''");
    if (files->count == GW_OPT_FILES_MAX)
        return usage_error(ret_error, "too many files of one kind", value);
    files->path[files->count++] = value;
    return GW_DONE;
}

/* What is known beforehand. */
static int
take_known(struct gw_opt *opt, int letter, const char *value, struct gw_error_text *ret_error)
{
    switch (letter) {
    case OPT_REFERENCE:
        return add_file(&opt->reference, value, ret_error);
    case OPT_WATCH:
        return add_file(&opt->watch, value, ret_error);
    case OPT_INTERNAL:
        return add_file(&opt->internal, value, ret_error);
    case OPT_GROUPS:
        return add_file(&opt->groups, value, ret_error);
    case OPT_SUPPRESS:
        return add_file(&opt->suppress, value, ret_error);
    case OPT_REFERENCE_TIME:
        opt->has_reference_time = gw_conf_time(value, strlen(value), &opt->reference_time_ns);
        return opt->has_reference_time
                   ? GW_DONE
                   : usage_error(ret_error,
                         "--reference-time takes 2026-11-23, 2026-11-23T08:00:00Z or seconds "
                         "since 1970, not",
                         value);
    case OPT_ROOT_HINTS:
        if (*value == '\0')
            return usage_error(ret_error, "--root-hints takes a file or none, not", "''");
        opt->root_hints = value;
        return GW_DONE;
    default:
        return take_choice(opt, letter, value, ret_error);
    }
}

static int
take_value(struct gw_opt *opt, int letter, const char *value, struct gw_error_text *ret_error)
{
    const char *end;
    uint64_t number = 0;

    switch (letter) {
    case 'r':
        return add_input(opt, value, ret_error);
    case 'o':
        if (opt->output_count == GW_OPT_OUTPUTS_MAX)
            return usage_error(ret_error, "too many outputs", value);
        opt->output[opt->output_count++] = value;
        return GW_DONE;
    case 'F':
        return read_filter_file(opt, value, ret_error);
    case 'c':
        if (parse_number(value, &opt->frame_max, &end) != GW_DONE || *end != '\0' ||
            opt->frame_max == 0)
            return usage_error(ret_error, "--count takes a number of packets from 1, not", value);
        return GW_DONE;
    case OPT_EXPLAIN:
        opt->explain = value;
        return GW_DONE;
    case OPT_STATS:
        if (*value == '\0')
            return usage_error(ret_error, "--stats takes the name of a file, not", "''");
        opt->stats_path = value;
        return GW_DONE;
    case OPT_STATE:
        if (*value == '\0')
            return usage_error(ret_error, "--state takes the name of a file, not", "''");
        opt->state_path = value;
        return GW_DONE;
    case OPT_MEMORY:
        if (parse_memory(value, &opt->memory) != GW_DONE)
            return usage_error(ret_error,
                "--memory takes octets, or a number with K, M, G or T, from 8M, not", value);
        return GW_DONE;
    case OPT_WORKERS:
        if (parse_number(value, &number, &end) != GW_DONE || *end != '\0' || number < 1 ||
            number > GW_CREW_MAX)
            return usage_error(ret_error, "--workers takes a number from 1 to 64, not", value);
        opt->workers = (uint32_t)number;
        return GW_DONE;
    default:
        return take_known(opt, letter, value, ret_error);
    }
}

/* Merging reads no packets; a comparison has no findings to tell of and leaves no state. */
static bool
has_option(enum gw_opt_command command, int letter)
{
    if (command == GW_OPT_MERGE)
        return letter < OPT_STATS && strchr("roqvVh", letter) != NULL;
    return command == GW_OPT_ANALYZE ||
           (letter != OPT_STATS && letter != OPT_STATE && letter != OPT_FAIL_ON &&
               letter != OPT_COLOR && letter != OPT_EXPLAIN);
}

static void
take_flag(struct gw_opt *opt, int letter)
{
    opt->quiet |= letter == 'q';
    opt->verbose |= letter == 'v';
    opt->help |= letter == 'h';
    opt->version |= letter == 'V';
}

/* The table in the form that getopt_long() wants. */
static void
fill_getopt(struct option *options, char *letters)
{
    size_t len = 0;

    letters[len++] = '+'; /* plain arguments end the options: a filter may hold a dash */
    letters[len++] = ':';
    for (size_t i = 0; i < GW_ARRAY_LEN(table); i++) {
        const struct row *row = &table[i];

        options[i] = (struct option){.name = row->name,
            .has_arg = row->value == NULL ? no_argument : required_argument,
            .val = row->letter};
        if (row->letter >= OPT_STATS)
            continue;
        letters[len++] = (char)row->letter;
        if (row->value != NULL)
            letters[len++] = ':';
    }
    letters[len] = '\0';
}

static int
join_filter(struct gw_opt *opt, int count, char **words, struct gw_error_text *ret_error)
{
    size_t size = 1;
    char *end;

    if (count == 0)
        return GW_DONE;
    if (opt->filter != NULL)
        return usage_error(ret_error, "a filter expression beside -F", words[0]);
    for (int i = 0; i < count; i++)
        size += strlen(words[i]) + 1;
    opt->filter = malloc(size);
    if (opt->filter == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory");
        return GW_E_NOMEM;
    }
    end = opt->filter;
    for (int i = 0; i < count; i++)
        end +=
            snprintf(end, size - (size_t)(end - opt->filter), "%s%s", i == 0 ? "" : " ", words[i]);
    optind += count;
    return GW_DONE;
}

static bool
is_input(const char *argument)
{
    struct stat status;

    return strcmp(argument, "-") == 0 || stat(argument, &status) == 0;
}

/* Options and plain arguments may alternate until the filter expression begins. */
static int
take_plain(struct gw_opt *opt, int argc, char **argv, struct gw_error_text *ret_error)
{
    const char *argument = argv[optind];

    if (is_input(argument)) {
        optind++;
        return add_input(opt, argument, ret_error);
    }
    if (opt->input_count == 0) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%.300s: %s", argument, strerror(errno));
        return GW_E_OPEN;
    }
    opt->first_word = argument;
    return join_filter(opt, argc - optind, argv + optind, ret_error);
}

/* Say what getopt_long() did not like about the argument that it has just read. */
static int
bad_option(int letter, const char *argument, struct gw_error_text *ret_error)
{
    const bool is_long = strncmp(argument, "--", 2) == 0;
    const char name[] = {'-', (char)optopt, '\0'};

    if (letter == ':')
        return usage_error(ret_error, "option without its value", is_long ? argument : name);
    if (is_long && optopt != 0)
        return usage_error(ret_error, "option that takes no value", argument);
    if (is_long)
        return usage_error(ret_error, "unknown or ambiguous option", argument);
    return usage_error(ret_error, "unknown option", name);
}

static int
take_all(struct gw_opt *opt, int argc, char **argv, struct gw_error_text *ret_error)
{
    struct option options[GW_ARRAY_LEN(table) + 1] = {0};
    char letters[2 * GW_ARRAY_LEN(table) + 3];
    int result = GW_DONE;

    fill_getopt(options, letters);
    opterr = 0;
    optind = 0; /* begin anew, whoever read a command line before */
    while (result == GW_DONE && optind < argc) {
        const int before = optind > 0 ? optind : 1;
        const int letter = getopt_long(argc, argv, letters, options, NULL);

        if (letter == '?' || letter == ':')
            return bad_option(letter, argv[before], ret_error);
        if (letter != -1 && !has_option(opt->command, letter))
            return usage_error(ret_error, "not an option of this command", argv[before]);
        if (letter != -1 && optarg != NULL)
            result = take_value(opt, letter, optarg, ret_error);
        else if (letter != -1)
            take_flag(opt, letter);
        else if (optind > before) /* past a `--` */
            result = join_filter(opt, argc - optind, argv + optind, ret_error);
        else if (optind < argc)
            result = take_plain(opt, argc, argv, ret_error);
    }
    return result;
}

/* What each command needs beside what it may take. */
static int
check_command(const struct gw_opt *opt, struct gw_error_text *ret_error)
{
    const char *output = opt->output_count == 0 ? "text" : opt->output[0];

    if (opt->command != GW_OPT_DIFF && opt->input_count == 0)
        return usage_error(ret_error, "nothing to read",
            opt->command == GW_OPT_MERGE ? "name the state files to merge"
                                         : "name a capture file, a directory or -");
    if (opt->command == GW_OPT_MERGE && opt->filter != NULL)
        return usage_error(ret_error, "no such state file", opt->filter);
    if (opt->command == GW_OPT_MERGE && (opt->output_count != 1 || *output == '\0'))
        return usage_error(ret_error, "merge writes to one file", "name it with -o");
    if (opt->command == GW_OPT_DIFF && opt->input_count != 2)
        return usage_error(ret_error, "diff compares two", "name two state files or captures");
    if (opt->command == GW_OPT_DIFF &&
        (opt->output_count > 1 || (strcmp(output, "text") != 0 && strcmp(output, "json") != 0)))
        return usage_error(ret_error, "-o of diff is text or json, not", output);
    return GW_DONE;
}

int
gw_opt_parse(struct gw_opt *opt, int argc, char **argv, struct gw_error_text *ret_error)
{
    int result;

    *opt = (struct gw_opt){.memory = GW_MEMORY_DEFAULT, .workers = 1, .fail_on = GW_SEVERITY_COUNT};
    opt->input = calloc((size_t)argc + 1, sizeof(*opt->input));
    if (opt->input == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory");
        return GW_E_NOMEM;
    }
    for (uint32_t i = GW_OPT_MERGE; argc > 1 && i < GW_ARRAY_LEN(command_names); i++)
        if (strcmp(argv[1], command_names[i]) == 0)
            opt->command = (enum gw_opt_command)i;
    if (opt->command != GW_OPT_ANALYZE)
        result = take_all(opt, argc - 1, argv + 1, ret_error);
    else
        result = take_all(opt, argc, argv, ret_error);
    if (result != GW_DONE || opt->help || opt->version)
        return result;
    return check_command(opt, ret_error);
}

void
gw_opt_done(struct gw_opt *opt)
{
    free(opt->input);
    free(opt->filter);
    *opt = (struct gw_opt){0};
}
