/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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

/* A snapshot being written. */
struct writer {
    FILE *file;
    int error; /* errno of the first write that failed; 0: none */
    uint64_t record_count;
    struct digest digest;
    uint8_t record[GW_SNAPSHOT_RECORD_MAX];
};

/* A file being written beside the one whose place it takes. */
struct draft {
    FILE *file;
    char *place; /* of the file, links followed; owned */
    char *path;  /* where it is written; owned */
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

/* One that shrinks while it is read gives a short count, no signal. */
static int
read_whole(FILE *file, struct gw_state *state, struct gw_error_text *ret_error)
{
    struct stat status;

    if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ret_error, GW_E_FORMAT, state->path, "a state file is a plain file");
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
gw_state_read(
    FILE *file, const char *path, struct gw_state *ret_state, struct gw_error_text *ret_error)
{
    struct gw_state state = {.path = path};
    int result = read_whole(file, &state, ret_error);

    if (result == GW_DONE)
        result = check(&state, ret_error);
    if (result == GW_DONE)
        *ret_state = state;
    else
        gw_state_close(&state);
    return result;
}

int
gw_state_open(const char *path, struct gw_state *ret_state, struct gw_error_text *ret_error)
{
    /* A pipe in the place of a file must not hold the program up. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
    int result;

    if (file == NULL) {
        result = fail(ret_error, GW_E_OPEN, path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return result;
    }
    result = gw_state_read(file, path, ret_state, ret_error);
    fclose(file);
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
write_plain(struct writer *writer, const uint8_t *octets, size_t len)
{
    if (writer->error == 0 && fwrite(octets, 1, len, writer->file) != len)
        writer->error = errno != 0 ? errno : EIO;
}

static void
write_octets(struct writer *writer, const uint8_t *octets, size_t len)
{
    digest_add(&writer->digest, octets, len);
    write_plain(writer, octets, len);
}

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

static void
write_record(struct writer *writer, const struct gw_snapshot_record *record)
{
    const size_t len = gw_snapshot_encode(record, writer->record);

    write_octets(writer, writer->record, len);
    writer->record_count++;
}

/* Write the digest, and see to it that everything has left the program. */
static int
write_end(struct writer *writer)
{
    digest_block(&writer->digest);
    write_plain(writer, writer->digest.octets, DIGEST_LEN);
    if (fflush(writer->file) != 0 && writer->error == 0)
        writer->error = errno;
    return writer->error;
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

/*
 * Two runs must not write one file: whoever holds the lock does. It may have become the state file
 * of another run while this one waited for nothing: then it has another name.
 */
static FILE *
open_alone(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    struct stat held;
    struct stat named;
    FILE *file = NULL;

    if (fd < 0)
        return NULL;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 && stat(path, &named) == 0) {
        if (held.st_ino == named.st_ino && S_ISREG(held.st_mode) && ftruncate(fd, 0) == 0)
            file = fdopen(fd, "wb");
        else
            errno = EBUSY;
    }
    if (file == NULL) {
        const int error = errno;

        close(fd);
        errno = error == EWOULDBLOCK ? EBUSY : error;
    }
    return file;
}

static void
draft_done(struct draft *draft)
{
    free(draft->place);
    free(draft->path);
}

static int
draft_open(const char *path, struct draft *ret_draft, struct gw_error_text *ret_error)
{
    static const char suffix[] = ".new";
    char *followed = realpath(path, NULL);
    struct draft draft = {.place = followed == NULL ? strdup(path) : followed};
    const size_t size = draft.place == NULL ? 0 : strlen(draft.place) + sizeof(suffix);
    int result = GW_DONE;

    draft.path = size == 0 ? NULL : malloc(size);
    if (draft.path == NULL) {
        result = fail(ret_error, GW_E_NOMEM, path, "no memory for the state");
    } else {
        snprintf(draft.path, size, "%s%s", draft.place, suffix);
        draft.file = open_alone(draft.path);
        if (draft.file == NULL)
            result = fail(ret_error, GW_E_WRITE, draft.path, strerror(errno));
    }
    if (result == GW_DONE)
        *ret_draft = draft;
    else
        draft_done(&draft);
    return result;
}

/* Everything is on the disk before the new file takes the place of the old one. */
static int
draft_close(struct draft *draft, int error, struct gw_error_text *ret_error)
{
    int result = GW_DONE;

    if (error == 0 && fsync(fileno(draft->file)) != 0)
        error = errno;
    if (error == 0 && rename(draft->path, draft->place) != 0)
        error = errno;
    if (error != 0)
        (void)unlink(draft->path);
    if (fclose(draft->file) != 0 && error == 0)
        error = errno;
    if (error == 0 && !sync_directory(draft->place))
        error = errno;
    if (error != 0)
        result = fail(ret_error, GW_E_WRITE, draft->place, strerror(error));
    draft_done(draft);
    return result;
}

int
gw_state_may_save(const char *path, struct gw_error_text *ret_error)
{
    struct draft draft;
    int result = draft_open(path, &draft, ret_error);

    if (result == GW_DONE) {
        (void)unlink(draft.path);
        fclose(draft.file);
        draft_done(&draft);
    }
    return result;
}

int
gw_state_write(FILE *file, struct gw_analyzer *analyzer, int64_t begin_ns, int64_t latest_ns)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    struct gw_snapshot_record *record = malloc(sizeof(*record));
    struct gw_snapshot_walk *walk = gw_analyzer_walk_new(analyzer);
    uint8_t head[HEAD_LEN];
    int error = ENOMEM;

    if (writer != NULL && record != NULL && walk != NULL) {
        writer->file = file;
        make_head(head, begin_ns, latest_ns, gw_snapshot_walk_count(walk));
        write_octets(writer, head, sizeof(head));
        while (gw_snapshot_walk_next(walk, record))
            write_record(writer, record);
        error = write_end(writer);
    }
    gw_snapshot_walk_free(walk);
    free(record);
    free(writer);
    return error;
}

int
gw_state_save(const char *path, struct gw_analyzer *analyzer, int64_t begin_ns, int64_t latest_ns,
    struct gw_error_text *ret_error)
{
    struct draft draft;
    const int result = draft_open(path, &draft, ret_error);

    if (result != GW_DONE)
        return result;
    return draft_close(
        &draft, gw_state_write(draft.file, analyzer, begin_ns, latest_ns), ret_error);
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

/* The earliest begin and the latest end of those that hold anything. */
static void
span_all(const struct merging *merging, int64_t *ret_begin_ns, int64_t *ret_latest_ns)
{
    bool any = false;

    *ret_begin_ns = 0;
    *ret_latest_ns = 0;
    for (uint32_t i = 0; i < merging->count; i++) {
        const struct gw_state *state = &merging->state[i];

        if (state->record_count == 0)
            continue;
        if (!any || state->begin_ns < *ret_begin_ns)
            *ret_begin_ns = state->begin_ns;
        if (!any || state->latest_ns > *ret_latest_ns)
            *ret_latest_ns = state->latest_ns;
        any = true;
    }
}

/* Returns 0 or an errno. */
static int
merge_into(struct merging *merging, FILE *file)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    int64_t begin_ns, latest_ns;
    uint64_t count = 0;
    uint8_t head[HEAD_LEN];
    int error;

    if (writer == NULL)
        return ENOMEM;
    writer->file = file;
    span_all(merging, &begin_ns, &latest_ns);
    rewind_all(merging);
    while (join_next(merging)) /* the head says how many there are */
        count++;
    make_head(head, begin_ns, latest_ns, count);
    write_octets(writer, head, sizeof(head));
    rewind_all(merging);
    while (join_next(merging))
        write_record(writer, merging->joined);
    error = write_end(writer);
    free(writer);
    return error;
}

int
gw_state_merge(
    const char *out, const char *const *paths, uint32_t path_count, struct gw_error_text *ret_error)
{
    struct merging merging = {.count = path_count};
    struct draft draft;
    int result = merging_open(&merging, paths, ret_error);

    if (result == GW_DONE)
        result = draft_open(out, &draft, ret_error);
    if (result == GW_DONE)
        result = draft_close(&draft, merge_into(&merging, draft.file), ret_error);
    merging_done(&merging);
    return result;
}
