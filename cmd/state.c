/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define HEAD_LEN   64u
#define DIGEST_LEN 16u
#define BLOCK_LEN  65536u

/* Larger files are no snapshots of ours. */
#define FILE_MAX (64ull << 30)

static const char magic[16] = {
    'g', 'l', 'u', 'e', 'w', 'a', 't', 'c', 'h', ' ', 's', 't', 'a', 't', 'e', '\n'};

/* A digest over blocks: each block's is taken over the one before it and the block. */
struct digest {
    size_t fill;
    uint8_t octets[DIGEST_LEN + BLOCK_LEN];
};

/* A snapshot being written beside its place. */
struct writer {
    FILE *file;
    char *path; /* where it is written; owned */
    uint64_t record_count;
    struct digest digest;
    uint8_t record[GW_SNAPSHOT_RECORD_MAX];
};

static void
digest_block(struct digest *digest)
{
    uint8_t next[DIGEST_LEN];

    gw_hash_stable(digest->octets, DIGEST_LEN + digest->fill, next);
    memcpy(digest->octets, next, DIGEST_LEN);
    digest->fill = 0;
}

static void
digest_add(struct digest *digest, const uint8_t *octets, size_t len)
{
    while (len > 0) {
        const size_t room = BLOCK_LEN - digest->fill;
        const size_t part = len < room ? len : room;

        memcpy(digest->octets + DIGEST_LEN + digest->fill, octets, part);
        digest->fill += part;
        octets += part;
        len -= part;
        if (digest->fill == BLOCK_LEN)
            digest_block(digest);
    }
}

static void
put_le(uint8_t *to, uint64_t value, uint32_t octets)
{
    for (uint32_t i = 0; i < octets; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t
get_le(const uint8_t *from, uint32_t octets)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < octets; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static int
fail(struct gw_error_text *ret_error, int error, const char *path, const char *what)
{
    snprintf(ret_error->text, sizeof(ret_error->text), "%.300s: %s", path, what);
    return error;
}

bool
gw_state_is_one(const char *path)
{
    FILE *file = fopen(path, "rb");
    char start[sizeof(magic)];
    const bool is_one = file != NULL && fread(start, 1, sizeof(start), file) == sizeof(start) &&
                        memcmp(start, magic, sizeof(magic)) == 0;

    if (file != NULL)
        fclose(file);
    return is_one;
}

/* Read the whole file: one that shrinks while it is read gives a short count, no signal. */
static int
read_whole(FILE *file, struct gw_state *state, struct gw_error_text *ret_error)
{
    struct stat status;

    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ret_error, GW_E_FORMAT, state->path, "not a plain file");
    if ((uint64_t)status.st_size > FILE_MAX)
        return fail(ret_error, GW_E_FORMAT, state->path, "too large for a state file");
    state->len = (size_t)status.st_size;
    state->octets = malloc(state->len + 1);
    if (state->octets == NULL)
        return fail(ret_error, GW_E_NOMEM, state->path, "no memory for the state");
    if (fread(state->octets, 1, state->len, file) != state->len)
        return fail(ret_error, GW_E_READ, state->path, "reading the state failed");
    return GW_DONE;
}

static bool
digest_fits(const struct gw_state *state)
{
    struct digest *digest = calloc(1, sizeof(*digest));
    bool fits;

    if (digest == NULL)
        return false;
    digest_add(digest, state->octets, state->end);
    digest_block(digest);
    fits = memcmp(digest->octets, state->octets + state->end, DIGEST_LEN) == 0;
    free(digest);
    return fits;
}

/* Every record can be read, and they are in order. */
static const char *
check_records(struct gw_state *state)
{
    struct gw_snapshot_record *record = calloc(2, sizeof(*record));
    const char *bad = record == NULL ? "no memory for the state" : NULL;
    uint64_t count = 0;

    for (size_t pos = HEAD_LEN; bad == NULL && pos < state->end; count++) {
        size_t len = 0;

        bad = gw_snapshot_decode(state->octets + pos, state->end - pos, &record[count % 2], &len);
        if (bad == NULL && count > 0 &&
            gw_snapshot_order(&record[(count + 1) % 2], &record[count % 2]) >= 0)
            bad = "the records are not in order";
        pos += len;
    }
    if (bad == NULL && count != state->record_count)
        bad = "the records are not as many as announced";
    free(record);
    return bad;
}

static int
check(struct gw_state *state, struct gw_error_text *ret_error)
{
    const char *bad = NULL;

    if (state->len < HEAD_LEN + DIGEST_LEN || memcmp(state->octets, magic, sizeof(magic)) != 0)
        return fail(ret_error, GW_E_FORMAT, state->path, "not a state file of gluewatch");
    if (get_le(state->octets + 16, 4) != GW_SNAPSHOT_VERSION)
        return fail(
            ret_error, GW_E_FORMAT, state->path, "a state file of another version of gluewatch");
    state->end = state->len - DIGEST_LEN;
    state->pos = HEAD_LEN;
    state->begin_ns = (int64_t)get_le(state->octets + 24, 8);
    state->latest_ns = (int64_t)get_le(state->octets + 32, 8);
    state->record_count = get_le(state->octets + 40, 8);
    if (!digest_fits(state))
        bad = "the state file is damaged: its digest does not fit";
    if (bad == NULL)
        bad = check_records(state);
    return bad == NULL ? GW_DONE : fail(ret_error, GW_E_FORMAT, state->path, bad);
}

int
gw_state_open(const char *path, struct gw_state *ret_state, struct gw_error_text *ret_error)
{
    FILE *file = fopen(path, "rb");
    struct gw_state state = {.path = path};
    int result;

    if (file == NULL)
        return fail(ret_error, GW_E_OPEN, path, strerror(errno));
    result = read_whole(file, &state, ret_error);
    fclose(file);
    if (result == GW_DONE)
        result = check(&state, ret_error);
    if (result == GW_DONE)
        *ret_state = state;
    else
        gw_state_close(&state);
    return result;
}

void
gw_state_close(struct gw_state *state)
{
    free(state->octets);
    state->octets = NULL;
}

bool
gw_state_next(struct gw_state *state, struct gw_snapshot_record *ret_record)
{
    size_t len = 0;

    if (state->pos >= state->end ||
        gw_snapshot_decode(state->octets + state->pos, state->end - state->pos, ret_record, &len))
        return false;
    state->pos += len;
    return true;
}

int
gw_state_recall(
    struct gw_state *state, struct gw_analyzer *analyzer, struct gw_error_text *ret_error)
{
    struct gw_snapshot_record *record = malloc(sizeof(*record));

    if (record == NULL)
        return fail(ret_error, GW_E_NOMEM, state->path, "no memory for the state");
    if (state->record_count != 0)
        gw_analyzer_recall_begin(analyzer, state->begin_ns, state->latest_ns);
    state->pos = HEAD_LEN;
    while (gw_state_next(state, record))
        gw_analyzer_recall(analyzer, record);
    free(record);
    return GW_DONE;
}

static void
write_octets(struct writer *writer, const uint8_t *octets, size_t len)
{
    digest_add(&writer->digest, octets, len);
    (void)fwrite(octets, 1, len, writer->file); /* asked for once, by ferror() */
}

/* What is known in time of the head goes into it; the count is put in at the end. */
static void
make_head(uint8_t head[HEAD_LEN], int64_t begin_ns, int64_t latest_ns, uint64_t record_count)
{
    memset(head, 0, HEAD_LEN);
    memcpy(head, magic, sizeof(magic));
    put_le(head + 16, GW_SNAPSHOT_VERSION, 4);
    put_le(head + 24, (uint64_t)begin_ns, 8);
    put_le(head + 32, (uint64_t)latest_ns, 8);
    put_le(head + 40, record_count, 8);
}

static struct writer *
writer_open(const char *path, struct gw_error_text *ret_error)
{
    static const char suffix[] = ".new";
    struct writer *writer = calloc(1, sizeof(*writer));
    const size_t size = strlen(path) + sizeof(suffix);

    if (writer != NULL)
        writer->path = malloc(size);
    if (writer == NULL || writer->path == NULL) {
        free(writer);
        (void)fail(ret_error, GW_E_NOMEM, path, "no memory for the state");
        return NULL;
    }
    snprintf(writer->path, size, "%s%s", path, suffix);

    const int fd = open(writer->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    writer->file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (writer->file == NULL) {
        (void)fail(ret_error, GW_E_WRITE, writer->path, strerror(errno));
        if (fd >= 0)
            close(fd);
        free(writer->path);
        free(writer);
        return NULL;
    }
    return writer;
}

static void
write_record(struct writer *writer, const struct gw_snapshot_record *record)
{
    const size_t len = gw_snapshot_encode(record, writer->record);

    write_octets(writer, writer->record, len);
    writer->record_count++;
}

/* The directory holds the new name only when it was written itself. */
static bool
sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    const int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

    if (fd >= 0)
        close(fd);
    free(folder);
    return synced;
}

/* Everything is on the disk before the new file takes the place of the old one. */
static int
writer_close(struct writer *writer, const char *path, bool keep, struct gw_error_text *ret_error)
{
    bool good = keep;

    if (keep) {
        digest_block(&writer->digest);
        (void)fwrite(writer->digest.octets, 1, DIGEST_LEN, writer->file);
        good =
            fflush(writer->file) == 0 && !ferror(writer->file) && fsync(fileno(writer->file)) == 0;
    }
    if (fclose(writer->file) != 0)
        good = false;
    if (good)
        good = rename(writer->path, path) == 0 && sync_directory(path);

    const int result =
        !keep || good ? GW_DONE : fail(ret_error, GW_E_WRITE, writer->path, strerror(errno));

    if (!good)
        (void)unlink(writer->path);
    free(writer->path);
    free(writer);
    return result;
}

/* Count what a walk will tell: the head holds it, and the digest covers the head. */
static uint64_t
count_records(struct gw_analyzer *analyzer, struct gw_snapshot_record *record)
{
    struct gw_snapshot_walk *walk = gw_analyzer_walk_new(analyzer);
    uint64_t count = 0;

    while (walk != NULL && gw_snapshot_walk_next(walk, record))
        count++;
    gw_snapshot_walk_free(walk);
    return count;
}

int
gw_state_save(const char *path, struct gw_analyzer *analyzer, int64_t begin_ns, int64_t latest_ns,
    struct gw_error_text *ret_error)
{
    struct writer *writer = writer_open(path, ret_error);
    struct gw_snapshot_record *record = malloc(sizeof(*record));
    struct gw_snapshot_walk *walk = gw_analyzer_walk_new(analyzer);
    const bool ready = writer != NULL && record != NULL && walk != NULL;
    uint8_t head[HEAD_LEN];
    int result = writer == NULL ? GW_E_WRITE : GW_E_NOMEM;

    if (ready) {
        make_head(head, begin_ns, latest_ns, count_records(analyzer, record));
        write_octets(writer, head, sizeof(head));
        while (gw_snapshot_walk_next(walk, record))
            write_record(writer, record);
        result = writer_close(writer, path, true, ret_error);
    } else if (writer != NULL) {
        (void)writer_close(writer, path, false, ret_error);
        (void)fail(ret_error, result, path, "no memory for the state");
    }
    gw_snapshot_walk_free(walk);
    free(record);
    return result;
}

/* The snapshots that are merged, each with its next record. */
struct merging {
    uint32_t count;
    struct gw_state *state;
    struct gw_snapshot_record *next;
    bool *has_next;
    struct gw_snapshot_record *joined;
    struct gw_snapshot_merger *merger;
};

static void
merging_done(struct merging *merging)
{
    for (uint32_t i = 0; merging->state != NULL && i < merging->count; i++)
        gw_state_close(&merging->state[i]);
    free(merging->state);
    free(merging->next);
    free(merging->has_next);
    free(merging->joined);
    gw_snapshot_merger_free(merging->merger);
}

static int
merging_open(struct merging *merging, const char *const *paths, struct gw_error_text *ret_error)
{
    int result = GW_DONE;

    merging->state = calloc(merging->count, sizeof(*merging->state));
    merging->next = calloc(merging->count, sizeof(*merging->next));
    merging->has_next = calloc(merging->count, sizeof(*merging->has_next));
    merging->joined = calloc(1, sizeof(*merging->joined));
    merging->merger = gw_snapshot_merger_new();
    if (merging->state == NULL || merging->next == NULL || merging->has_next == NULL ||
        merging->joined == NULL || merging->merger == NULL)
        return fail(ret_error, GW_E_NOMEM, paths[0], "no memory for merging");
    for (uint32_t i = 0; result == GW_DONE && i < merging->count; i++)
        result = gw_state_open(paths[i], &merging->state[i], ret_error);
    return result;
}

/* Join the next records of all snapshots that have the smallest key; false when there is none. */
static bool
join_next(struct merging *merging)
{
    const struct gw_snapshot_record *smallest = NULL;

    for (uint32_t i = 0; i < merging->count; i++) {
        const struct gw_snapshot_record *next = &merging->next[i];

        if (merging->has_next[i] && (smallest == NULL || gw_snapshot_order(next, smallest) < 0))
            smallest = next;
    }
    if (smallest == NULL)
        return false;
    *merging->joined = *smallest;
    for (uint32_t i = 0; i < merging->count; i++) {
        if (!merging->has_next[i] || gw_snapshot_order(&merging->next[i], merging->joined) != 0)
            continue;
        gw_snapshot_merge(merging->merger, merging->joined, &merging->next[i]);
        merging->has_next[i] = gw_state_next(&merging->state[i], &merging->next[i]);
    }
    return true;
}

static void
rewind_all(struct merging *merging)
{
    for (uint32_t i = 0; i < merging->count; i++) {
        merging->state[i].pos = HEAD_LEN;
        merging->has_next[i] = gw_state_next(&merging->state[i], &merging->next[i]);
    }
}

static int
merge_into(struct merging *merging, const char *out, struct gw_error_text *ret_error)
{
    struct writer *writer = writer_open(out, ret_error);
    int64_t begin_ns = INT64_MAX;
    int64_t latest_ns = INT64_MIN;
    uint64_t count = 0;
    uint8_t head[HEAD_LEN];

    if (writer == NULL)
        return GW_E_WRITE;
    for (uint32_t i = 0; i < merging->count; i++) {
        if (merging->state[i].begin_ns < begin_ns)
            begin_ns = merging->state[i].begin_ns;
        if (merging->state[i].latest_ns > latest_ns)
            latest_ns = merging->state[i].latest_ns;
    }
    rewind_all(merging);
    while (join_next(merging))
        count++;
    make_head(head, begin_ns, latest_ns, count);
    write_octets(writer, head, sizeof(head));
    rewind_all(merging);
    while (join_next(merging))
        write_record(writer, merging->joined);
    return writer_close(writer, out, true, ret_error);
}

int
gw_state_merge(
    const char *out, const char *const *paths, uint32_t path_count, struct gw_error_text *ret_error)
{
    struct merging merging = {.count = path_count};
    int result = merging_open(&merging, paths, ret_error);

    if (result == GW_DONE)
        result = merge_into(&merging, out, ret_error);
    merging_done(&merging);
    return result;
}
