/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads capture files with our reader and with libpcap and compares every frame: number, time,
 * lengths, link type and octets; and where reading ends. Files and directories (searched to the
 * bottom) are given as arguments or by the environment variable GLUEWATCH_CAPTURES.
 *
 * Packed files are unpacked by gzip, xz, zstd or lz4 for libpcap, which does not read them.
 *
 * Differences that have a reason are written down in `rules` below; any other fails the test.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "capture/filter.h"
#include "capture/source.h"
#include "tests/support/capture_tree.h"

#define SKIPPED 77

/* Files by how their comparison ended, and how often each rule was used. */
struct tally {
    uint64_t files, frames, equal, explained, differing, no_captures;
    uint64_t rule_used[16];
};

/* One file under comparison. */
struct pair {
    const char *path;
    struct gw_source *source;
    struct gw_batch batch;
    uint32_t next;    /* frame of the batch that comes next */
    bool open_failed; /* ours */
    char ours_error[600];
    pcap_t *pcap; /* NULL: libpcap refused the file at once */
    FILE *stream;
    char theirs_error[PCAP_ERRBUF_SIZE];
    uint64_t compared;
    char difference[700]; /* empty: none */
};

/* What both sides said at one place. */
struct verdict {
    bool ours_frame, theirs_frame;
    const struct gw_input *input;
    const char *theirs; /* libpcap's error, "" for a clean end */
    const struct pcap_pkthdr *header;
    uint64_t number;
};

/* A reason for which one side may go on where the other ends. */
struct rule {
    const char *text;
    bool (*holds)(const struct verdict *verdict);
};

static bool
theirs_says(const struct verdict *verdict, const char *text)
{
    return strstr(verdict->theirs, text) != NULL;
}

static bool
rule_same_end(const struct verdict *verdict)
{
    return !verdict->ours_frame && !verdict->theirs_frame && verdict->theirs[0] != '\0' &&
           verdict->input != NULL && verdict->input->damage.damaged;
}

static bool
rule_link_types(const struct verdict *verdict)
{
    return theirs_says(verdict, "different from the type of the first interface");
}

static bool
rule_snap_lens(const struct verdict *verdict)
{
    return theirs_says(verdict, "different from the snapshot length of the first interface");
}

static bool
rule_over_snap(const struct verdict *verdict)
{
    return theirs_says(verdict, "bigger than snaplen");
}

static bool
rule_too_long(const struct verdict *verdict)
{
    return theirs_says(verdict, "bigger than maximum") || theirs_says(verdict, "> maximum");
}

static bool
rule_byte_orders(const struct verdict *verdict)
{
    return theirs_says(verdict, "sections with different byte orders");
}

static bool
rule_no_interface(const struct verdict *verdict)
{
    return !verdict->ours_frame &&
           (theirs_says(verdict, "has no Interface Description Blocks") ||
               theirs_says(verdict, "before any Interface Description Blocks"));
}

static bool
rule_zeros(const struct verdict *verdict)
{
    return !verdict->ours_frame && verdict->theirs_frame && verdict->header->caplen == 0 &&
           verdict->header->len == 0 && verdict->header->ts.tv_sec == 0;
}

static bool
rule_reserved_bits(const struct verdict *verdict)
{
    return theirs_says(verdict, "reserved bits");
}

static const struct rule rules[] = {
    {"both stop at the same record; libpcap calls it an error, we call it damage", rule_same_end},
    {"libpcap refuses interfaces of several link types in one file", rule_link_types},
    {"libpcap refuses interfaces of several snap lengths in one file", rule_snap_lens},
    {"libpcap refuses a pcapng frame longer than the snap length", rule_over_snap},
    {"libpcap ends at a frame or block over its bound, we pass over it", rule_too_long},
    {"libpcap refuses sections of both byte orders in one file", rule_byte_orders},
    {"libpcap refuses pcapng without an interface, for us it is empty or damaged",
        rule_no_interface},
    {"libpcap reads zero octets as empty packets of 1970, for us they are damage", rule_zeros},
    {"libpcap refuses reserved bits in the link type field, we ignore them", rule_reserved_bits},
};

_Static_assert(GW_ARRAY_LEN(rules) <= 16, "the tally has room for every rule");

/* Unpack @p path by a program into an unnamed file; NULL when there is none for its kind. */
static FILE *
unpacked(const char *path, const char *compression)
{
    char template[] = "/tmp/gluewatch-unpacked-XXXXXX";
    const int fd = mkstemp(template);

    if (fd < 0)
        return NULL;
    unlink(template);

    const pid_t pid = fork();

    if (pid == 0) {
        dup2(fd, STDOUT_FILENO);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        execlp(compression, compression, "-dc", path, (char *)NULL);
        _exit(127);
    }

    int status = 0;

    waitpid(pid, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        close(fd);
        return NULL;
    }
    lseek(fd, 0, SEEK_SET);
    return fdopen(fd, "rb");
}

static void __attribute__((format(printf, 2, 3))) differ(struct pair *pair, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(pair->difference, sizeof(pair->difference), format, args);
    va_end(args);
}

/* Make the next frame of ours ready; false at the end. */
static bool
next_of_ours(struct pair *pair)
{
    if (pair->open_failed)
        return false;
    if (pair->next < pair->batch.count)
        return true;
    pair->source->ops->release(pair->source);
    pair->next = 0;
    if (pair->source->ops->fill(pair->source, &pair->batch) <= 0)
        pair->batch.count = 0;
    return pair->batch.count > 0;
}

/*
 * libpcap reads the two parts of a pcap time as signed where the file has the host's byte order;
 * they are unsigned. Tell whether that explains the difference.
 */
static bool
same_time(int64_t ours_ns, const struct timeval *theirs)
{
    const int64_t lift = (int64_t)UINT32_MAX + 1;

    for (int64_t s_lift = 0; s_lift <= lift; s_lift += lift) {
        const int64_t s = (int64_t)theirs->tv_sec + (theirs->tv_sec < 0 ? s_lift : 0);

        for (int64_t unit_ns = 0; unit_ns <= 1000; unit_ns += unit_ns == 0 ? 1 : 999) {
            const int64_t fraction_lift = theirs->tv_usec < 0 ? lift * unit_ns : 0;

            if (ours_ns == s * GW_NS_PER_S + theirs->tv_usec + fraction_lift)
                return true;
        }
    }
    return false;
}

/* Compare one frame; what differs is put down in the pair. */
static void
compare_frame(struct pair *pair, const struct pcap_pkthdr *header, const uint8_t *data)
{
    const struct gw_batch *batch = &pair->batch;
    const uint32_t i = pair->next;
    /* Ours is never less than the captured length. */
    const uint32_t wire_len = header->len > header->caplen ? header->len : header->caplen;

    if (batch->number[i] != pair->compared + 1)
        differ(pair, "number %" PRIu64, batch->number[i]);
    if (batch->captured_len[i] != header->caplen || batch->wire_len[i] != wire_len)
        differ(pair, "lengths %u of %u, libpcap: %u of %u", batch->captured_len[i],
            batch->wire_len[i], header->caplen, header->len);
    else if (memcmp(batch->data[i], data, header->caplen) != 0)
        differ(pair, "octets differ");
    if (!same_time(batch->time_ns[i], &header->ts))
        differ(pair, "time %" PRId64 ", libpcap: %lld s + %lld ns", batch->time_ns[i],
            (long long)header->ts.tv_sec, (long long)header->ts.tv_usec);
    if (gw_source_filter_dlt(batch->link_type[i]) != pcap_datalink(pair->pcap))
        differ(
            pair, "link type %u, libpcap: DLT %d", batch->link_type[i], pcap_datalink(pair->pcap));
}

/* Both sides have come to where one of them has no frame: is there a rule for it? */
static void
judge_end(struct pair *pair, struct tally *tally, const struct verdict *verdict)
{
    const bool damaged = verdict->input != NULL && verdict->input->damage.damaged;

    if (!verdict->ours_frame && !verdict->theirs_frame && !damaged && verdict->theirs[0] == '\0' &&
        !pair->open_failed) {
        tally->equal++;
        return;
    }
    if (pair->open_failed && pair->pcap == NULL) {
        tally->no_captures++;
        return;
    }
    for (size_t i = 0; i < GW_ARRAY_LEN(rules); i++) {
        if (rules[i].holds(verdict)) {
            tally->rule_used[i]++;
            tally->explained++;
            printf("%s: record %" PRIu64 ": %s (%s)\n", pair->path, verdict->number, rules[i].text,
                verdict->theirs_frame ? "a frame" : verdict->theirs);
            return;
        }
    }
    differ(pair, "ours: %s%s; libpcap: %s",
        verdict->ours_frame ? "a frame"
        : pair->open_failed ? pair->ours_error
        : damaged           ? "damaged: "
                            : "end",
        damaged && !verdict->ours_frame ? verdict->input->damage.what : "",
        verdict->theirs_frame        ? "a frame"
        : verdict->theirs[0] != '\0' ? verdict->theirs
                                     : "end");
}

static void
compare(struct pair *pair, struct tally *tally)
{
    struct verdict verdict = {.theirs = pair->theirs_error};

    for (;;) {
        struct pcap_pkthdr *header = NULL;
        const u_char *data = NULL;
        int result = PCAP_ERROR;

        if (pair->pcap != NULL)
            result = pcap_next_ex(pair->pcap, &header, &data);
        if (pair->pcap != NULL && result < 0)
            verdict.theirs = result == PCAP_ERROR_BREAK ? "" : pcap_geterr(pair->pcap);
        verdict.theirs_frame = result == 1;
        verdict.header = header;
        verdict.ours_frame = next_of_ours(pair);
        if (!verdict.ours_frame || !verdict.theirs_frame)
            break;
        compare_frame(pair, header, data);
        if (pair->difference[0] != '\0')
            break;
        pair->next++;
        pair->compared++;
    }
    tally->frames += pair->compared;
    verdict.input = pair->open_failed ? NULL : &pair->source->input[0];
    verdict.number = pair->compared + 1;
    if (pair->difference[0] == '\0')
        judge_end(pair, tally, &verdict);
}

static void
compare_file(const char *path, struct tally *tally)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    struct gw_error_text error;
    const char *paths[] = {path};
    const struct gw_source_spec spec = {.path = paths, .path_count = 1};

    if (pair == NULL)
        abort();
    pair->path = path;
    if (gw_source_open_files(&spec, &pair->source, &error) != GW_DONE) {
        pair->open_failed = true;
        snprintf(pair->ours_error, sizeof(pair->ours_error), "refused: %s", error.text);
    }

    bool packed = false;

    if (!pair->open_failed) {
        next_of_ours(pair); /* the compression is known from here on */
        packed = strcmp(pair->source->input[0].compression, "none") != 0;
    }
    pair->stream = packed ? unpacked(path, pair->source->input[0].compression) : fopen(path, "rb");
    if (pair->stream != NULL)
        pair->pcap = pcap_fopen_offline_with_tstamp_precision(
            pair->stream, PCAP_TSTAMP_PRECISION_NANO, pair->theirs_error);

    tally->files++;
    compare(pair, tally);
    if (pair->difference[0] != '\0') {
        tally->differing++;
        printf("%s: record %" PRIu64 ": %s\n", path, pair->compared + 1, pair->difference);
    }
    if (pair->pcap != NULL)
        pcap_close(pair->pcap);
    else if (pair->stream != NULL)
        fclose(pair->stream);
    if (!pair->open_failed)
        pair->source->ops->close(pair->source);
    free(pair);
}

static void
visit_file(const char *path, void *tally)
{
    compare_file(path, tally);
}

int
main(int argc, char **argv)
{
    struct tally tally = {0};

    if (!gw_capture_tree_visit(argc, argv, visit_file, &tally))
        return SKIPPED;
    printf("%" PRIu64 " files, %" PRIu64 " frames equal; files: %" PRIu64 " equal, %" PRIu64
           " explained, %" PRIu64 " no captures for both, %" PRIu64 " differing\n",
        tally.files, tally.frames, tally.equal, tally.explained, tally.no_captures,
        tally.differing);
    for (size_t i = 0; i < GW_ARRAY_LEN(rules); i++)
        printf("%6" PRIu64 "  %s\n", tally.rule_used[i], rules[i].text);
    return tally.files > 0 && tally.differing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
