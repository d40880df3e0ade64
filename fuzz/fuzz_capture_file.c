/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a capture file. The mapped and the buffered reader, and batches of one and of many
 * frames, must agree in every frame and in the damage; no packet may get lost in the counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "capture/source.h"

/* What a pipe holds without a reader; longer inputs are cut. */
#define LEN_MAX 65536u

/* A digest of all that one reading brought. */
struct digest {
    int opened;
    uint64_t frames, hash;
    uint64_t packets, filtered, too_long;
    struct gw_damage damage;
};

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static void
require(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void
add_batch(struct digest *digest, const struct gw_hash_key *key, const struct gw_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const uint64_t fields[] = {batch->captured_len[i], batch->wire_len[i],
            (uint64_t)batch->time_ns[i], batch->number[i], batch->link_type[i]};
        volatile uint8_t pad;

        require(batch->captured_len[i] <= batch->wire_len[i], "captured more than was there");
        require(batch->captured_len[i] <= GW_FRAME_MAX, "frame over the bound");
        digest->hash = gw_hash_mix(digest->hash, gw_hash_octets(key, fields, sizeof(fields)));
        digest->hash =
            gw_hash_mix(digest->hash, gw_hash_octets(key, batch->data[i], batch->captured_len[i]));
        for (uint32_t k = 0; k < GW_FRAME_PAD; k++)
            pad = batch->data[i][batch->captured_len[i] + k];
        (void)pad;
    }
    digest->frames += batch->count;
}

/* Read what descriptor @p fd shows as a path of its own. */
static struct digest
read_all(int fd, uint32_t batch_frames, const char *filter)
{
    char path[64];
    const char *paths[] = {path};
    const struct gw_source_spec spec = {
        .path = paths, .path_count = 1, .batch_frames = batch_frames, .filter = filter};
    struct gw_hash_key key;
    struct gw_source *source;
    struct gw_error_text error = {""};
    struct gw_batch batch;
    struct digest digest = {0};

    gw_hash_key_seeded(&key, 1);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    digest.opened = gw_source_open_files(&spec, &source, &error);
    if (digest.opened != GW_DONE) {
        require(error.text[0] != '\0', "an error without a text");
        return digest;
    }

    int got;

    while ((got = source->ops->fill(source, &batch)) > 0) {
        add_batch(&digest, &key, &batch);
        source->ops->release(source);
    }
    digest.packets = source->input[0].packets;
    digest.filtered = source->input[0].filtered;
    digest.too_long = source->input[0].too_long;
    digest.damage = source->input[0].damage;
    require(got < 0 || digest.packets == digest.frames + digest.filtered + digest.too_long,
        "packets got lost");
    source->ops->close(source);
    return digest;
}

static void
require_same(const struct digest *one, const struct digest *other)
{
    require(one->opened == other->opened, "one opens and the other does not");
    require(one->frames == other->frames && one->hash == other->hash, "frames differ");
    require(one->packets == other->packets && one->too_long == other->too_long, "counts differ");
    require(one->damage.damaged == other->damage.damaged &&
                one->damage.record == other->damage.record &&
                one->damage.offset == other->damage.offset &&
                one->damage.what == other->damage.what,
        "damage differs");
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    const int fd = memfd_create("capture", MFD_CLOEXEC);
    int ends[2];

    if (len > LEN_MAX)
        len = LEN_MAX;
    require(fd >= 0 && pipe(ends) == 0, "no descriptors");
    require(write(fd, octets, len) == (ssize_t)len, "memory file too short");
    require(write(ends[1], octets, len) == (ssize_t)len, "pipe too short");
    close(ends[1]);

    const struct digest mapped = read_all(fd, 64, NULL);
    const struct digest single = read_all(fd, 1, NULL);
    const struct digest piped = read_all(ends[0], 64, NULL);

    require_same(&mapped, &single);
    require_same(&mapped, &piped);
    if (len > 0 && octets[len - 1] % 8 == 0)
        (void)read_all(fd, 7, "udp port 53 or tcp port 53");
    close(fd);
    close(ends[0]);
    return 0;
}
