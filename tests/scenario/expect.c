/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/scenario/expect.h"

#include <inttypes.h>

#include "tests/scenario/world.h"

#define CONFIDENCE 0.7

static struct sc_expected *
expect(struct sc_world *world, enum sc_verdict verdict, const char *kind)
{
    if (world->expect.count == SC_EXPECT_MAX) {
        sc_die("too much is expected");
    }
    struct sc_expected *entry = &world->expect.list[world->expect.count++];
    *entry = (struct sc_expected){.verdict = verdict, .kind = kind};
    return entry;
}

struct sc_expected *
sc_must(struct sc_world *world, const char *kind, const char *name, const char *min_severity,
    int64_t complete_ns)
{
    struct sc_expected *entry = expect(world, SC_MUST, kind);

    entry->name[0] = name;
    entry->min_severity = min_severity;
    entry->complete_ns = complete_ns;
    entry->confidence = CONFIDENCE;
    if (complete_ns > world->expect.complete_ns) {
        world->expect.complete_ns = complete_ns;
    }
    return entry;
}

struct sc_expected *
sc_may(struct sc_world *world, const char *kind, const char *name)
{
    struct sc_expected *entry = expect(world, SC_MAY, kind);

    entry->name[0] = name;
    return entry;
}

void
sc_must_not(struct sc_world *world, const char *kind, const char *severity)
{
    expect(world, SC_MUST_NOT, kind)->min_severity = severity;
}

void
sc_benign(struct sc_world *world, const char *severity)
{
    world->benign = true;
    sc_must_not(world, "*", severity);
}

void
sc_incident(struct sc_world *world, const char *family, const char *min_severity)
{
    world->expect.incident_family = family;
    world->expect.incident_severity = min_severity;
}

void
sc_incident_may(struct sc_world *world, const char *family)
{
    sc_incident(world, family, "info");
    world->expect.incident_optional = true;
}

void
sc_arg(struct sc_world *world, const char *argument)
{
    if (world->expect.arg_count == SC_EXPECT_ARGS) {
        sc_die("too many arguments");
    }
    world->expect.arg[world->expect.arg_count++] = argument;
}

void
sc_file(struct sc_world *world, const char *name, const char *content)
{
    if (world->expect.file_count == SC_EXPECT_FILES) {
        sc_die("too many files");
    }
    world->expect.file[world->expect.file_count++] = (struct sc_companion){name, content};
}

/** Time as it stands in the capture; 0 stays 0. */
static int64_t
recorded(const struct sc_world *world, int64_t at_ns)
{
    return at_ns ? at_ns + world->capture.recording.shift_ns : 0;
}

static void
write_text(FILE *stream, const char *key, const char *text)
{
    if (text) {
        fprintf(stream, ", \"%s\": \"%s\"", key, text);
    }
}

static void
write_entry(const struct sc_world *world, const struct sc_expected *entry, FILE *stream)
{
    fprintf(stream, "{\"kind\": \"%s\"", entry->kind);
    write_text(stream, "variant", entry->variant);
    fputs(", \"names\": [", stream);
    for (uint32_t i = 0; i < SC_EXPECT_NAMES && entry->name[i]; i++) {
        fprintf(stream, "%s\"%s\"", i ? ", " : "", entry->name[i]);
    }
    fputs("]", stream);
    write_text(stream, "min_severity", entry->min_severity);
    if (entry->verdict == SC_MUST) {
        fprintf(stream, ", \"min_confidence\": %.2f, \"complete_ns\": %" PRId64, entry->confidence,
            recorded(world, entry->complete_ns));
    }
    if (entry->most != 0) {
        fprintf(stream, ", \"most\": %u", entry->most);
    }
    fputs("}", stream);
}

static void
write_list(const struct sc_world *world, enum sc_verdict verdict, const char *key, FILE *stream)
{
    const char *between = "\n  ";

    fprintf(stream, " \"%s\": [", key);
    for (uint32_t i = 0; i < world->expect.count; i++) {
        if (world->expect.list[i].verdict == verdict) {
            fputs(between, stream);
            write_entry(world, &world->expect.list[i], stream);
            between = ",\n  ";
        }
    }
    fputs("],\n", stream);
}

void
sc_expect_write(const struct sc_world *world, const char *id, FILE *stream)
{
    const struct sc_expect *expect = &world->expect;

    fprintf(stream, "{\"id\": \"%s\", \"seed\": %" PRIu64 ", \"variant\": \"%s\",", id, world->seed,
        world->manner->name);
    fprintf(stream, " \"short\": %s,\n", world->is_short ? "true" : "false");
    fprintf(stream, " \"attack_start_ns\": %" PRId64 ", \"attack_complete_ns\": %" PRId64 ",\n",
        recorded(world, world->benign ? 0 : world->attack_ns),
        recorded(world, expect->complete_ns));
    write_list(world, SC_MUST, "must", stream);
    write_list(world, SC_MAY, "may", stream);
    write_list(world, SC_MUST_NOT, "must_not", stream);
    if (expect->incident_family) {
        fprintf(stream,
            " \"incident\": {\"family\": \"%s\", \"min_severity\": \"%s\", "
            "\"max\": %u, \"optional\": %s},\n",
            expect->incident_family, expect->incident_severity, expect->incidents_max,
            expect->incident_optional ? "true" : "false");
    } else {
        fputs(" \"incident\": null,\n", stream);
    }
    fprintf(stream, " \"odd_checksums\": %s, \"odd_messages\": %s,\n",
        world->odd_checksums ? "true" : "false", world->odd_messages ? "true" : "false");
    fprintf(
        stream, " \"cut_short\": %s,\n", world->capture.recording.snap_len != 0 ? "true" : "false");
    fprintf(stream, " \"benign\": %s}\n", world->benign ? "true" : "false");
}
