/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file expect.h
 * What a scenario says must, may and must not be found in its capture.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_EXPECT_H
#define GLUEWATCH_TESTS_SCENARIO_EXPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SC_EXPECT_MAX   48u
#define SC_EXPECT_NAMES 4u
#define SC_EXPECT_FILES 4u
#define SC_EXPECT_ARGS  16u

enum sc_verdict {
    SC_MUST,
    SC_MAY,
    SC_MUST_NOT,
};

/** One expected finding. NULL members do not matter. */
struct sc_expected {
    enum sc_verdict verdict;
    const char *kind;
    const char *variant;
    const char *name[SC_EXPECT_NAMES]; /**< cuts or name servers, any of which is to be named */
    const char *min_severity;
    int64_t complete_ns; /**< when the evidence is complete; 0: unknown */
    uint32_t most;       /**< findings of this kind and name; 0: any number */
    double confidence;   /**< of SC_MUST, at least */
};

/** A file that is written beside the capture. */
struct sc_companion {
    const char *name;
    const char *content;
};

/** All that is expected of one capture. */
struct sc_expect {
    uint32_t count;
    struct sc_expected list[SC_EXPECT_MAX];
    const char *incident_family;     /**< NULL: none */
    const char *incident_severity;   /**< at least */
    uint32_t incidents_max;          /**< 0: any number */
    bool incident_optional;          /**< it may be missing; other incidents are wrong as ever */
    const char *arg[SC_EXPECT_ARGS]; /**< of the command line */
    uint32_t arg_count;
    struct sc_companion file[SC_EXPECT_FILES];
    uint32_t file_count;
    int64_t complete_ns; /**< of the whole attack: the latest of all */
};

struct sc_world;

/**
 * Expect a finding of @p kind with confidence >= 0.7 about @p name (a cut or name server; NULL:
 * any), of at least @p min_severity ("low", ...; NULL: any), raised once the packet at
 * @p complete_ns was seen.
 *
 * @return the entry, in which further names and the variant may be set, and another confidence
 * where the kind by itself is no more certain
 */
struct sc_expected *sc_must(struct sc_world *world, const char *kind, const char *name,
    const char *min_severity, int64_t complete_ns);

/** Say that @p kind about @p name (NULL: any) is right when it comes, but may be missing. */
struct sc_expected *sc_may(struct sc_world *world, const char *kind, const char *name);

/** Say that no finding of @p kind ("*" at its end: any that begins so;
 * kinds in must or may are never meant by that) has @p severity and more. */
void sc_must_not(struct sc_world *world, const char *kind, const char *severity);

/** Say that the capture is harmless, and that nothing but what may be found has @p severity. */
void sc_benign(struct sc_world *world, const char *severity);

/**
 * Expect an incident of @p family ("poison-race"; "one|other": either) of at least @p min_severity.
 * Without this, every incident of confidence >= 0.7 is wrong.
 */
void sc_incident(struct sc_world *world, const char *family, const char *min_severity);

/** Say that an incident is right when it comes, but may be missing. */
void sc_incident_may(struct sc_world *world, const char *family);

/** Give the program an argument more; a file is named as for sc_file(). */
void sc_arg(struct sc_world *world, const char *argument);

/** Write a file @p name with the text @p content beside the capture. */
void sc_file(struct sc_world *world, const char *name, const char *content);

/** Write expected.json of @p world; @p id is the scenario's. */
void sc_expect_write(const struct sc_world *world, const char *id, FILE *stream);

#endif
