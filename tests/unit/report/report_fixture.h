/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file report_fixture.h
 * Running findings through a sink into a temporary file and reading back what was written.
 */
#ifndef GLUEWATCH_TESTS_REPORT_FIXTURE_H
#define GLUEWATCH_TESTS_REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/sink.h"
#include "tests/support/sample_finding.h"

/** A sink that writes to a file of its own. */
struct report_fixture {
    char path[64];
    struct gw_sink *sink;
    char *text;      /**< what was written, NUL-terminated, after report_fixture_end() */
    size_t text_len; /**< its octets */
};

/** Open a sink of @p format. */
static inline void
report_fixture_open(
    struct report_fixture *fixture, const char *format, const struct gw_sink_options *options)
{
    struct gw_error_text error;
    char spec[96];

    *fixture = (struct report_fixture){.path = "/tmp/gluewatch-test-XXXXXX"};

    const int fd = mkstemp(fixture->path);

    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(spec, sizeof(spec), "%s:%s", format, fixture->path);
    assert_int_equal(gw_sink_open(spec, options, &fixture->sink, &error), GW_DONE);
}

/** End the run, read what was written and remove the file. */
static inline void
report_fixture_end(struct report_fixture *fixture, const struct gw_stats *stats)
{
    assert_int_equal(gw_sink_end(fixture->sink, stats), GW_DONE);
    gw_sink_close(fixture->sink);

    FILE *file = fopen(fixture->path, "rb");

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    fixture->text_len = (size_t)ftell(file);
    rewind(file);
    fixture->text = calloc(1, fixture->text_len + 1);
    assert_non_null(fixture->text);
    assert_int_equal(fread(fixture->text, 1, fixture->text_len, file), fixture->text_len);
    (void)fclose(file);
    (void)unlink(fixture->path);
}

static inline void
report_fixture_done(struct report_fixture *fixture)
{
    free(fixture->text);
}

#endif
