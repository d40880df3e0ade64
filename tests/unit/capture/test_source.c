/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/source.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include <cmocka.h>

#include "capture/filter.h"
#include "tests/support/make_capture.h"
#include "tests/support/pack.h"

#define FRAMES_MAX 4096u

/* All that a source delivered. */
struct seen {
    uint32_t count;
    uint32_t batches;
    uint64_t sum; /* over octets, in order */
    struct {
        int64_t time_ns;
        uint64_t number;
        uint32_t input, len, wire_len;
        uint8_t first;
    } frame[FRAMES_MAX];
};

static struct make made;
static struct seen seen, other;
static uint8_t packed[MAKE_ROOM];
static char folder[] = "/tmp/gluewatch-test-XXXXXX";

static int
make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static const char *
in_folder(const char *name)
{
    static char path[32][128];
    static uint32_t turn;
    char *result = path[turn++ % 32];

    snprintf(result, sizeof(path[0]), "%s/%s", folder, name);
    return result;
}

static int
clear_folder(void **state)
{
    char command[200];

    (void)state;
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static const char *
write_octets(const char *name, const uint8_t *octets, size_t len)
{
    const char *path = in_folder(name);
    FILE *stream = fopen(path, "wb");

    assert_non_null(stream);
    assert_int_equal(fwrite(octets, 1, len, stream), len);
    assert_int_equal(fclose(stream), 0);
    return path;
}

/* Make a pcap file of @p count frames of different lengths, one a second from @p first_s on. */
static void
make_frames(uint32_t first_s, uint32_t count, uint8_t first_octet)
{
    made.len = 0;
    make_pcap(&made, 0xa1b2c3d4, 0, 1);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t len = 1 + i * 7 % 300;

        make_record_header(&made, first_s + i, 0, len, len + i % 3);
        make_fill(&made, (uint8_t)(first_octet + i), len);
    }
}

static const char *
write_frames(const char *name, uint32_t first_s, uint32_t count, uint8_t first_octet)
{
    make_frames(first_s, count, first_octet);
    return write_octets(name, made.octets, made.len);
}

static void
take(struct seen *into, const struct gw_batch *batch)
{
    into->batches++;
    for (uint32_t i = 0; i < batch->count; i++) {
        const uint32_t k = into->count++;
        uint8_t pad = 0;

        assert_true(k < FRAMES_MAX);
        into->frame[k].time_ns = batch->time_ns[i];
        into->frame[k].number = batch->number[i];
        into->frame[k].input = batch->input;
        into->frame[k].len = batch->captured_len[i];
        into->frame[k].wire_len = batch->wire_len[i];
        into->frame[k].first = batch->captured_len[i] > 0 ? batch->data[i][0] : 0;
        for (uint32_t j = 0; j < batch->captured_len[i]; j++)
            into->sum = into->sum * 31 + batch->data[i][j];
        for (uint32_t j = 0; j < GW_FRAME_PAD; j++)
            pad |= batch->data[i][batch->captured_len[i] + j];
        (void)pad; /* it was readable */
    }
}

static void
read_to_the_end(struct gw_source *source, uint32_t batch_frames, struct seen *into)
{
    struct gw_batch batch;
    int got;

    memset(into, 0, sizeof(*into));
    while ((got = source->ops->fill(source, &batch)) > 0) {
        assert_int_equal(got, batch.count);
        assert_true(batch.count <= batch_frames);
        take(into, &batch);
        source->ops->release(source);
    }
    assert_int_equal(got, 0);

    uint64_t delivered = 0;
    uint64_t told = 0;

    for (uint32_t i = 0; i < source->input_count; i++) {
        const struct gw_input *input = &source->input[i];

        delivered += input->packets - input->filtered - input->too_long;
    }
    told = into->count;
    assert_int_equal(delivered, told);
}

static struct gw_source *
open_spec(const struct gw_source_spec *spec)
{
    struct gw_source *source = NULL;
    struct gw_error_text error = {""};

    if (gw_source_open_files(spec, &source, &error) != GW_DONE)
        fail_msg("%s", error.text);
    return source;
}

static struct gw_source *
open_paths(const char *const *paths, uint32_t count)
{
    return open_spec(&(struct gw_source_spec){.path = paths, .path_count = count});
}

static void
expect_refusal(const struct gw_source_spec *spec, int error_expected, const char *text)
{
    struct gw_source *source = NULL;
    struct gw_error_text error = {""};

    assert_int_equal(gw_source_open_files(spec, &source, &error), error_expected);
    assert_null(source);
    if (strstr(error.text, text) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, text);
}

static void
batches_of_any_size_bring_the_same_frames(void **state)
{
    static const uint32_t sizes[] = {1, 7, 64};
    const char *paths[] = {write_frames("sizes.pcap", 1000, 1000, 0)};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(sizes); i++) {
        struct gw_source *source = open_spec(
            &(struct gw_source_spec){.path = paths, .path_count = 1, .batch_frames = sizes[i]});

        read_to_the_end(source, sizes[i], i == 0 ? &other : &seen);
        if (i > 0) {
            seen.batches = other.batches;
            assert_memory_equal(&seen, &other, sizeof(seen));
        }
        assert_int_equal(source->input[0].packets, 1000);
        assert_int_equal(source->input[0].first_ns, 1000 * GW_NS_PER_S);
        assert_int_equal(source->input[0].last_ns, 1999 * GW_NS_PER_S);
        assert_false(source->input[0].damage.damaged);
        assert_string_equal(source->input[0].format, "pcap");
        source->ops->close(source);
    }
}

static void
packed_files_bring_the_same_frames_and_are_told_by_their_octets(void **state)
{
    static const enum gw_unpack_kind kinds[] = {
        GW_UNPACK_NONE, GW_UNPACK_GZIP, GW_UNPACK_XZ, GW_UNPACK_ZSTD, GW_UNPACK_LZ4};

    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(kinds); i++) {
        make_frames(1000, 2000, 0);

        const size_t len = pack(kinds[i], made.octets, made.len, packed, sizeof(packed));
        const char *paths[] = {write_octets("packed.pcap", packed, len)};
        struct gw_source *source = open_paths(paths, 1);
        uint64_t done, total;

        read_to_the_end(source, 64, i == 0 ? &other : &seen);
        if (i > 0) {
            assert_int_equal(seen.count, other.count);
            assert_memory_equal(seen.frame, other.frame, sizeof(seen.frame));
            assert_true(seen.sum == other.sum);
        }
        assert_string_equal(source->input[0].compression, gw_source_unpack_name(kinds[i]));
        source->ops->progress(source, &done, &total);
        assert_int_equal(done, len);
        assert_int_equal(total, len);
        source->ops->close(source);
    }
}

static void
a_packed_file_that_is_cut_is_damaged_after_what_came_before(void **state)
{
    (void)state;
    make_frames(1000, 2000, 0);

    const size_t len = pack(GW_UNPACK_GZIP, made.octets, made.len, packed, sizeof(packed));
    const char *paths[] = {write_octets("cut.pcap.gz", packed, len / 2)};
    struct gw_source *source = open_paths(paths, 1);

    read_to_the_end(source, 64, &seen);
    assert_true(seen.count > 100 && seen.count < 2000);
    assert_true(source->input[0].damage.damaged);
    assert_string_equal(source->input[0].damage.what, "compressed data ends early");
    assert_int_equal(source->input[0].damage.record, seen.count + 1);
    source->ops->close(source);
}

static void
inputs_are_read_in_the_order_of_their_first_packets(void **state)
{
    const char *late = write_frames("a-late.pcap", 5000, 3, 'l');
    const char *early = write_frames("z-early.pcap", 1000, 3, 'e');
    const char *twin = write_frames("twin.pcap", 5000, 3, 't');
    const char *empty = write_frames("header-only.pcap", 0, 0, 0);
    const char *paths[] = {late, twin, empty, early};
    struct gw_source *source = open_paths(paths, 4);

    (void)state;
    assert_int_equal(source->input_count, 4);
    assert_string_equal(source->input[0].path, empty);
    assert_string_equal(source->input[1].path, early);
    assert_string_equal(source->input[2].path, late);
    assert_string_equal(source->input[3].path, twin);
    read_to_the_end(source, 64, &seen);
    assert_int_equal(seen.count, 9);
    assert_int_equal(seen.batches, 3); /* none spans two inputs */
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(seen.frame[i].input, 1 + i / 3);
        assert_int_equal(seen.frame[i].number, 1 + i % 3);
    }
    assert_false(source->input[0].damage.damaged);
    source->ops->close(source);
}

static void
directories_stand_for_the_captures_in_them(void **state)
{
    const struct gw_source_spec spec = {
        .path = (const char *const[]){in_folder("d")}, .path_count = 1};
    const char *const *passed_over;

    (void)state;
    assert_int_equal(mkdir(in_folder("d"), 0700), 0);
    assert_int_equal(mkdir(in_folder("d/inner"), 0700), 0);
    expect_refusal(&spec, GW_E_FORMAT, "no capture in this directory");
    write_octets("d/notes.txt", (const uint8_t *)"notes", 5);
    write_octets("d/empty", made.octets, 0);
    expect_refusal(&spec, GW_E_FORMAT, "no capture in this directory");
    write_frames("d/inner/deep.pcap", 1, 1, 0);
    write_frames("d/.hidden.pcap", 1, 1, 0);
    write_frames("d/b", 7, 1, 'b');
    write_frames("d/a", 7, 1, 'a');
    make_frames(3, 1, 'p');
    write_octets(
        "d/packed", packed, pack(GW_UNPACK_ZSTD, made.octets, made.len, packed, sizeof(packed)));
    write_octets("d/packed-notes", packed,
        pack(GW_UNPACK_XZ, (const uint8_t *)"notes", 5, packed, sizeof(packed)));

    struct gw_source *source = open_spec(&spec);

    assert_int_equal(source->input_count, 3);
    assert_string_equal(source->input[0].path, in_folder("d/packed"));
    assert_string_equal(source->input[1].path, in_folder("d/a"));
    assert_string_equal(source->input[2].path, in_folder("d/b"));
    assert_int_equal(gw_source_passed_over(source, &passed_over), 3);
    assert_string_equal(passed_over[0], in_folder("d/empty"));
    assert_string_equal(passed_over[1], in_folder("d/notes.txt"));
    assert_string_equal(passed_over[2], in_folder("d/packed-notes"));
    read_to_the_end(source, 64, &seen);
    assert_int_equal(seen.count, 3);
    source->ops->close(source);
}

static void
what_cannot_be_read_is_refused_by_name(void **state)
{
    const char *good = write_frames("good.pcap", 1, 1, 0);
    const char *text = write_octets("text", (const uint8_t *)"just some text", 14);
    const size_t len =
        pack(GW_UNPACK_LZ4, (const uint8_t *)"just some text", 14, packed, sizeof(packed));
    const char *packed_text = write_octets("text.lz4", packed, len);

    (void)state;
    expect_refusal(&(struct gw_source_spec){.path = (const char *const[]){good, in_folder("none")},
                       .path_count = 2},
        GW_E_OPEN, "none: No such file");
    expect_refusal(
        &(struct gw_source_spec){.path = (const char *const[]){good, text}, .path_count = 2},
        GW_E_FORMAT, "text: is neither a pcap nor a pcapng file");
    expect_refusal(
        &(struct gw_source_spec){.path = (const char *const[]){packed_text}, .path_count = 1},
        GW_E_FORMAT, "text.lz4: unpacked, it is neither");
    expect_refusal(&(struct gw_source_spec){.path_count = 0}, GW_E_USAGE, "none given");
}

static void
an_empty_file_is_damaged_and_the_next_one_is_read(void **state)
{
    const char *paths[] = {
        write_octets("nothing.pcap", made.octets, 0), write_frames("after.pcap", 9, 2, 0)};
    struct gw_source *source = open_paths(paths, 2);

    (void)state;
    read_to_the_end(source, 64, &seen);
    assert_int_equal(seen.count, 2);
    assert_true(source->input[0].damage.damaged);
    assert_string_equal(source->input[0].damage.what, "file is empty");
    assert_int_equal(source->input[0].damage.record, 1);
    assert_int_equal(source->input[0].damage.offset, 0);
    assert_false(source->input[1].damage.damaged);
    source->ops->close(source);
}

static void
every_prefix_is_read_alike_mapped_and_buffered(void **state)
{
    (void)state;
    make_frames(1000, 5, 'a');
    for (size_t len = 4; len <= made.len; len++) {
        const char *plain[] = {write_octets("prefix", made.octets, len)};
        struct gw_source *mapped = open_paths(plain, 1);

        read_to_the_end(mapped, 64, &other);

        const size_t packed_len = pack(GW_UNPACK_ZSTD, made.octets, len, packed, sizeof(packed));
        const char *zstd[] = {write_octets("prefix.zst", packed, packed_len)};
        struct gw_source *buffered = open_paths(zstd, 1);

        read_to_the_end(buffered, 64, &seen);
        assert_int_equal(seen.count, other.count);
        assert_memory_equal(seen.frame, other.frame, sizeof(seen.frame[0]) * seen.count);

        const struct gw_damage *one = &mapped->input[0].damage;
        const struct gw_damage *two = &buffered->input[0].damage;

        assert_true(one->damaged == two->damaged && one->record == two->record &&
                    one->offset == two->offset && one->what == two->what);
        mapped->ops->close(mapped);
        buffered->ops->close(buffered);
    }
}

static void
a_number_of_frames_can_be_asked_for(void **state)
{
    const char *paths[] = {
        write_frames("first.pcap", 1, 100, 0), write_frames("second.pcap", 2, 100, 0)};

    (void)state;
    for (uint64_t frame_max = 1; frame_max <= 200; frame_max += 33) {
        struct gw_source *source = open_spec(
            &(struct gw_source_spec){.path = paths, .path_count = 2, .frame_max = frame_max});

        read_to_the_end(source, 64, &seen);
        assert_int_equal(seen.count, frame_max);
        source->ops->close(source);
    }
}

/* Write octets into a FIFO, in small pieces. */
static void *
write_slowly(void *argument)
{
    const int fd = open(argument, O_WRONLY);

    for (size_t pos = 0; pos < made.len;) {
        const size_t step = made.len - pos < 1000 ? made.len - pos : 1000;
        const ssize_t put = write(fd, made.octets + pos, step);

        if (put <= 0)
            break;
        pos += (size_t)put;
    }
    close(fd);
    return NULL;
}

static void
a_fifo_is_read_like_a_file(void **state)
{
    const char *plain = write_frames("later.pcap", 2000, 1000, 0);
    char path[128];
    pthread_t writer;

    (void)state;
    snprintf(path, sizeof(path), "%s", in_folder("fifo"));
    make_frames(1000, 1000, 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_slowly, path), 0);

    const char *paths[] = {plain, path};
    struct gw_source *source = open_paths(paths, 2);
    uint64_t done, total;

    assert_string_equal(source->input[0].path, path); /* it holds the earlier packets */
    read_to_the_end(source, 64, &seen);
    pthread_join(writer, NULL);
    assert_int_equal(seen.count, 2000);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(seen.frame[i].number, i + 1);
        assert_int_equal(seen.frame[i].time_ns, (1000 + i) * GW_NS_PER_S);
        assert_int_equal(seen.frame[i].len, seen.frame[1000 + i].len);
    }
    source->ops->progress(source, &done, &total);
    assert_int_equal(total, 0); /* nobody knew */
    source->ops->close(source);
}

static void
frames_of_a_live_writer_are_not_held_back(void **state)
{
    int ends[2];
    char path[64];

    (void)state;
    make_frames(1, 3, 'x');
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], made.octets, made.len - 1), made.len - 1);

    const char *paths[] = {path};
    struct gw_source *source = open_paths(paths, 1);
    struct gw_batch batch;

    assert_int_equal(source->ops->fill(source, &batch), 2); /* would wait for ever for a third */
    source->ops->release(source);
    assert_int_equal(write(ends[1], made.octets + made.len - 1, 1), 1);
    close(ends[1]);
    assert_int_equal(source->ops->fill(source, &batch), 1);
    assert_int_equal(batch.data[0][0], 'x' + 2);
    assert_int_equal(batch.number[0], 3);
    source->ops->release(source);
    assert_int_equal(source->ops->fill(source, &batch), 0);
    assert_false(source->input[0].damage.damaged);
    source->ops->close(source);
    close(ends[0]);
}

static void
a_wait_is_given_up_when_asked_to(void **state)
{
    volatile sig_atomic_t stop = 0;
    int ends[2];
    char path[64];

    (void)state;
    make_frames(1, 3, 'x');
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], made.octets, made.len - 1), made.len - 1);

    const char *paths[] = {path};
    struct gw_source *source =
        open_spec(&(struct gw_source_spec){.path = paths, .path_count = 1, .stop = &stop});
    struct gw_batch batch;

    assert_int_equal(source->ops->fill(source, &batch), 2);
    stop = 1;
    assert_int_equal(source->ops->fill(source, &batch), 0);
    assert_false(source->input[0].damage.damaged);
    source->ops->close(source);
    close(ends[0]);
    close(ends[1]);
}

static void
a_file_that_shrinks_is_damaged_and_no_crash(void **state)
{
    const char *path = write_frames("shrinks.pcap", 1, 2000, 0);
    const char *paths[] = {path};
    struct gw_source *source = open_paths(paths, 1);
    struct gw_batch batch;
    int count = source->ops->fill(source, &batch);
    int got;

    (void)state;
    assert_int_equal(count, 64);
    source->ops->release(source);
    assert_int_equal(truncate(path, 20000), 0);
    while ((got = source->ops->fill(source, &batch)) > 0) {
        count += got;
        source->ops->release(source);
    }
    assert_int_equal(got, 0);
    assert_true(count > 64 && count < 200);
    assert_true(source->input[0].damage.damaged);
    assert_string_equal(source->input[0].damage.what, "file shrank while it was read");
    source->ops->close(source);
}

/* Frames and whether they are hidden from a filter for a port. */
static const struct {
    const char *what;
    uint8_t octets[60];
    uint32_t tagged, tunnelled;
} hidden[] = {
    {"ARP", {[12] = 0x08, 0x06}, 0, 0},
    {"IPv4 with TCP", {[12] = 0x08, 0x00, 0x45, [23] = 6}, 0, 0},
    {"a tag of IEEE 802.1Q", {[12] = 0x81, 0x00}, 1, 0},
    {"a tag of IEEE 802.1ad", {[12] = 0x88, 0xa8}, 1, 0},
    {"an old double tag", {[12] = 0x91, 0x00}, 1, 0},
    {"MPLS", {[12] = 0x88, 0x47}, 1, 0},
    {"MPLS to many", {[12] = 0x88, 0x48}, 1, 0},
    {"PPPoE", {[12] = 0x88, 0x64}, 1, 0},
    {"IPv4 in IPv4", {[12] = 0x08, 0x00, 0x45, [23] = 4}, 0, 1},
    {"IPv6 in IPv4", {[12] = 0x08, 0x00, 0x45, [23] = 41}, 0, 1},
    {"GRE in IPv4", {[12] = 0x08, 0x00, 0x45, [23] = 47}, 0, 1},
    {"GRE in IPv6", {[12] = 0x86, 0xdd, 0x60, [20] = 47}, 0, 1},
    {"VXLAN", {[12] = 0x08, 0x00, 0x45, [23] = 17, [36] = 0x12, 0xb5}, 0, 1},
    {"VXLAN behind IPv4 options", {[12] = 0x08, 0x00, 0x46, [23] = 17, [40] = 0x12, 0xb5}, 0, 1},
    {"Geneve in IPv6", {[12] = 0x86, 0xdd, 0x60, [20] = 17, [56] = 0x17, 0xc1}, 0, 1},
    {"VXLAN of old", {[12] = 0x08, 0x00, 0x45, [23] = 17, [36] = 0x21, 0x18}, 0, 1},
    {"UDP to another port", {[12] = 0x08, 0x00, 0x45, [23] = 17, [36] = 0x21, 0x19}, 0, 0},
};

static void
frames_that_a_filter_may_hide_are_counted(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(hidden); i++) {
        made.len = 0;
        make_pcap(&made, 0xa1b2c3d4, 0, 1);
        for (uint32_t len = 0; len <= 60; len++) { /* every prefix, the whole frame last */
            make_record_header(&made, 1, 0, len, 60);
            make_octets(&made, hidden[i].octets, len);
        }

        const char *paths[] = {write_octets("hidden.pcap", made.octets, made.len)};
        struct gw_source *source = open_spec(
            &(struct gw_source_spec){.path = paths, .path_count = 1, .filter = "udp port 53"});
        struct gw_source *knowing = open_spec(&(struct gw_source_spec){
            .path = paths, .path_count = 1, .filter = "port 53 or (vlan and port 53)"});

        read_to_the_end(source, 64, &seen);
        read_to_the_end(knowing, 64, &other);
        assert_int_equal(seen.count, 0);
        assert_int_equal(source->input[0].filtered, 61);
        if ((source->input[0].hidden_tagged > 0) != (hidden[i].tagged > 0) ||
            (source->input[0].hidden_tunnelled > 0) != (hidden[i].tunnelled > 0))
            fail_msg("%s", hidden[i].what);
        assert_int_equal(knowing->input[0].hidden_tagged, 0);
        source->ops->close(source);
        knowing->ops->close(knowing);
    }
}

static void
a_filter_lets_through_what_matches(void **state)
{
    static const uint8_t query[60] = {
        [12] = 0x08, 0x00, 0x45, [23] = 17, [34] = 0x30, 0x39, [36] = 0, 53};

    (void)state;
    made.len = 0;
    make_pcap(&made, 0xa1b2c3d4, 0, 1);
    for (uint32_t i = 0; i < 300; i++) {
        make_record_header(&made, i, 0, 60, 60);
        make_octets(&made, query, 36);
        make_u16(&made, i % 3 == 0 ? 0x3500 : 0x3600);
        make_fill(&made, 0, 22);
    }

    const char *paths[] = {write_octets("filter.pcap", made.octets, made.len)};
    struct gw_source *source = open_spec(&(struct gw_source_spec){
        .path = paths, .path_count = 1, .filter = "udp dst port 53", .frame_max = 50});

    read_to_the_end(source, 64, &seen);
    assert_int_equal(seen.count, 50);
    for (uint32_t i = 0; i < 50; i++)
        assert_int_equal(seen.frame[i].number, 1 + 3 * i);
    source->ops->close(source);

    expect_refusal(&(struct gw_source_spec){.path = paths, .path_count = 1, .filter = "port port"},
        GW_E_FILTER, "filter 'port port'");
}

static void
a_filter_that_a_link_type_cannot_have_is_an_error(void **state)
{
    made.len = 0;
    make_section(&made);
    make_interface(&made, 1, 0, -1, 0);
    make_interface(&made, 101, 0, -1, 0);
    make_packet(&made, &(struct make_packet){0, 0, 4}, "\1\2\3\4", 4);
    make_packet(&made, &(struct make_packet){1, 0, 4}, "\1\2\3\4", 4);

    const char *paths[] = {write_octets("types.pcapng", made.octets, made.len)};
    struct gw_source *source = open_spec(&(struct gw_source_spec){
        .path = paths, .path_count = 1, .filter = "ether host 00:00:00:00:00:01"});
    struct gw_batch batch;
    int got;

    (void)state;
    do
        got = source->ops->fill(source, &batch);
    while (got > 0);
    assert_int_equal(got, GW_E_FILTER);
    assert_non_null(strstr(source->error.text, "link type 101"));
    source->ops->close(source);
}

static void
link_types_are_mapped_as_libpcap_maps_them(void **state)
{
    (void)state;
    for (uint16_t link_type = 0; link_type < 320; link_type++) {
        char error[PCAP_ERRBUF_SIZE];

        made.len = 0;
        make_pcap(&made, 0xa1b2c3d4, 65535, link_type);

        FILE *stream = fmemopen(made.octets, made.len, "rb");
        pcap_t *pcap = pcap_fopen_offline(stream, error);

        assert_non_null(pcap);
        if (pcap_datalink(pcap) != gw_source_filter_dlt(link_type))
            fail_msg("link type %u is DLT %d", link_type, pcap_datalink(pcap));
        pcap_close(pcap);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_any_size_bring_the_same_frames),
        cmocka_unit_test(packed_files_bring_the_same_frames_and_are_told_by_their_octets),
        cmocka_unit_test(a_packed_file_that_is_cut_is_damaged_after_what_came_before),
        cmocka_unit_test(inputs_are_read_in_the_order_of_their_first_packets),
        cmocka_unit_test(directories_stand_for_the_captures_in_them),
        cmocka_unit_test(what_cannot_be_read_is_refused_by_name),
        cmocka_unit_test(an_empty_file_is_damaged_and_the_next_one_is_read),
        cmocka_unit_test(every_prefix_is_read_alike_mapped_and_buffered),
        cmocka_unit_test(a_number_of_frames_can_be_asked_for),
        cmocka_unit_test(a_fifo_is_read_like_a_file),
        cmocka_unit_test(frames_of_a_live_writer_are_not_held_back),
        cmocka_unit_test(a_wait_is_given_up_when_asked_to),
        cmocka_unit_test(a_file_that_shrinks_is_damaged_and_no_crash),
        cmocka_unit_test(frames_that_a_filter_may_hide_are_counted),
        cmocka_unit_test(a_filter_lets_through_what_matches),
        cmocka_unit_test(a_filter_that_a_link_type_cannot_have_is_an_error),
        cmocka_unit_test(link_types_are_mapped_as_libpcap_maps_them),
    };

    return cmocka_run_group_tests(tests, make_folder, clear_folder);
}
