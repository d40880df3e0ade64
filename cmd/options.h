/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file options.h
 * The command line: one table yields the parser, the help and what the documents are checked
 * against.
 */
#ifndef GLUEWATCH_CMD_OPTIONS_H
#define GLUEWATCH_CMD_OPTIONS_H

#include "cmd/crew.h"
#include "cmd/pipeline.h"

/* One sink is for the statistics, one for an explanation. */
#define GW_OPT_OUTPUTS_MAX (GW_PIPELINE_SINKS_MAX - 2u)

/* Files of one option. */
#define GW_OPT_FILES_MAX 64u

/** Values of an option that may be repeated. */
struct gw_opt_files {
    const char *path[GW_OPT_FILES_MAX];
    uint32_t count;
};

/** What the program is asked to do: a word in the place of the first argument, or none. */
enum gw_opt_command {
    GW_OPT_ANALYZE,
    GW_OPT_MERGE, /**< state files into one */
    GW_OPT_DIFF   /**< what changed between two states or captures */
};

/** What the user asked for. Strings point into argv or are owned by this struct. */
struct gw_opt {
    enum gw_opt_command command;
    const char **input; /**< owned */
    uint32_t input_count;
    const char *output[GW_OPT_OUTPUTS_MAX]; /**< FORMAT[:DEST] */
    uint32_t output_count;
    const char *explain;           /**< id of what is to be explained; NULL: nothing */
    const char *stats_path;        /**< NULL: none */
    const char *state_path;        /**< file of what is known from run to run; NULL: none */
    char *filter;                  /**< expression, or NULL; owned */
    const char *first_word;        /**< argument that began the filter, being no file, or NULL */
    uint64_t memory;               /**< octets */
    uint64_t frame_max;            /**< 0: no limit */
    uint32_t workers;              /**< 1..GW_CREW_MAX */
    enum gw_severity fail_on;      /**< GW_SEVERITY_COUNT: never */
    struct gw_opt_files reference; /**< [ZONE=]FILE */
    struct gw_opt_files watch;
    struct gw_opt_files internal; /**< FILE|PREFIX */
    struct gw_opt_files groups;
    struct gw_opt_files suppress;
    const char *root_hints; /**< path, "none", or NULL */
    bool has_reference_time;
    int64_t reference_time_ns; /**< since 1970 UTC */
    bool lab;
    bool quiet;
    bool verbose;
    bool help;
    bool version;
    enum {
        GW_OPT_COLOUR_AUTO,
        GW_OPT_COLOUR_ALWAYS,
        GW_OPT_COLOUR_NEVER
    } colour;
};

/**
 * Read the command line.
 *
 * Plain arguments are inputs while they name something that exists; the first that does not
 * begins the filter expression, which takes all the rest. After `--` all is filter expression.
 * `merge` or `diff` as the first argument is a command, whatever files there are.
 * Uses getopt_long(), and so not to be called by two threads at a time.
 *
 * @return GW_DONE; GW_E_USAGE, GW_E_OPEN or GW_E_NOMEM with @p ret_error written. In all cases
 *         @p opt is to be given to gw_opt_done()
 */
GW_MUST_CHECK int gw_opt_parse(
    struct gw_opt *opt, int argc, char **argv, struct gw_error_text *ret_error);

/** Free what @p opt owns. */
void gw_opt_done(struct gw_opt *opt);

/** Print the help to standard output. */
void gw_opt_help(void);

#endif
