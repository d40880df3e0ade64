/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture/pcapfile.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/load.h"

#define MAGIC_MICRO    0xa1b2c3d4u
#define MAGIC_NANO     0xa1b23c4du
#define MAGIC_MODIFIED 0xa1b2cd34u /* with interface index, protocol and type in each record */
#define MAGIC_SECTION  0x0a0d0d0au /* reads the same in both byte orders */
#define MAGIC_ORDER    0x1a2b3c4du

#define FILE_HEADER_LEN     24u
#define RECORD_HEADER_LEN   16u
#define MODIFIED_HEADER_LEN 24u

#define BLOCK_INTERFACE 1u
#define BLOCK_OBSOLETE  2u
#define BLOCK_SIMPLE    3u
#define BLOCK_ENHANCED  6u

#define BLOCK_HEADER_LEN   8u
#define BLOCK_TRAILER_LEN  4u
#define BLOCK_MIN          (BLOCK_HEADER_LEN + BLOCK_TRAILER_LEN)
#define SECTION_HEADER_LEN 24u
#define PACKET_HEADER_LEN  28u /* of enhanced and obsolete packet blocks */
#define SIMPLE_HEADER_LEN  12u
#define INTERFACE_LEN      16u

#define OPTION_END     0u
#define OPTION_TSRESOL 9u
#define OPTION_TSOFF   14u

/* No capture tool writes records as long as this: the length is a lie. */
#define RECORD_MAX (256u * 1024u * 1024u)

/* Far enough for memory to answer while the records between are walked over. */
#define PREFETCH_AHEAD 4096

__extension__ typedef __int128 wide_int;
__extension__ typedef unsigned __int128 wide_uint;

/* One packet as the file tells it. */
struct record {
    const uint8_t *data;
    uint32_t captured_len;
    uint32_t wire_len;
    int64_t time_ns;
    uint16_t link_type;
};

static uint32_t
load32(const struct gw_pcapfile *file, const uint8_t *octets)
{
    const uint32_t value = gw_load_ne32(octets);

    return file->swapped ? __builtin_bswap32(value) : value;
}

static uint16_t
load16(const struct gw_pcapfile *file, const uint8_t *octets)
{
    uint16_t value;

    memcpy(&value, octets, sizeof(value));
    return file->swapped ? __builtin_bswap16(value) : value;
}

static uint64_t
load64(const struct gw_pcapfile *file, const uint8_t *octets)
{
    const uint64_t value = gw_load_ne64(octets);

    return file->swapped ? __builtin_bswap64(value) : value;
}

static size_t
at_hand(const struct gw_pcapfile_window *window)
{
    return (size_t)(window->end - window->pos);
}

/* Four lines cover what is walked over with most records, headers and DNS alike. */
static void
prefetch_ahead(const struct gw_pcapfile_window *window)
{
    if (at_hand(window) < PREFETCH_AHEAD + 256)
        return;

    const uint8_t *ahead = window->pos + PREFETCH_AHEAD;

    GW_PREFETCH(ahead);
    GW_PREFETCH(ahead + 64);
    GW_PREFETCH(ahead + 128);
    GW_PREFETCH(ahead + 192);
}

static void
advance(struct gw_pcapfile *file, struct gw_pcapfile_window *window, size_t len)
{
    window->pos += len;
    file->offset += len;
}

static enum gw_pcapfile_step
damaged(struct gw_pcapfile *file, const char *what)
{
    file->what = what;
    return GW_PCAPFILE_DAMAGED;
}

static enum gw_pcapfile_step
foreign(struct gw_pcapfile *file, const char *what)
{
    file->what = what;
    return GW_PCAPFILE_FOREIGN;
}

static enum gw_pcapfile_step
more(struct gw_pcapfile *file, size_t need)
{
    file->need = need;
    return GW_PCAPFILE_MORE;
}

static void
note_record(struct gw_pcapfile *file, int64_t time_ns)
{
    if (file->record == 0) {
        file->first_ns = time_ns;
        file->last_ns = time_ns;
    } else if (time_ns > file->last_ns) {
        file->last_ns = time_ns;
    }
    file->record++;
}

static void
append(struct gw_pcapfile *file, struct gw_batch *batch, const struct record *record)
{
    const uint32_t i = batch->count;

    note_record(file, record->time_ns);
    batch->data[i] = record->data;
    batch->captured_len[i] = record->captured_len;
    /* A file may claim to hold more of a frame than there was of it. */
    batch->wire_len[i] =
        record->wire_len > record->captured_len ? record->wire_len : record->captured_len;
    batch->time_ns[i] = record->time_ns;
    batch->number[i] = file->record;
    batch->link_type[i] = record->link_type;
    batch->count = i + 1;
}

/* Begin to pass over a record whose first @p header_len octets are in the window. */
static void
skip_begin(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t header_len,
    uint64_t body_len)
{
    file->skipping = true;
    file->skip_counts = false;
    file->trailer = 0;
    file->skip_from = file->offset;
    file->skip_len = body_len;
    advance(file, window, header_len);
}

static void
skip_block(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t block_len)
{
    skip_begin(file, window, BLOCK_HEADER_LEN, block_len - BLOCK_MIN);
    file->trailer = block_len;
}

static void
skip_packet(struct gw_pcapfile *file, int64_t time_ns)
{
    file->skip_counts = true;
    file->skip_ns = time_ns;
}

/* Go on passing over a record; FULL when it has been passed. */
static enum gw_pcapfile_step
skip_on(struct gw_pcapfile *file, struct gw_pcapfile_window *window)
{
    const size_t len = at_hand(window);
    const size_t take = len < file->skip_len ? len : (size_t)file->skip_len;

    advance(file, window, take);
    file->skip_len -= take;
    if (file->skip_len > 0)
        return more(file, 1);
    if (file->trailer != 0) {
        if (at_hand(window) < BLOCK_TRAILER_LEN)
            return more(file, BLOCK_TRAILER_LEN);
        if (load32(file, window->pos) != file->trailer)
            return damaged(file, "block's two lengths differ");
        advance(file, window, BLOCK_TRAILER_LEN);
    }
    if (file->skip_counts) {
        note_record(file, file->skip_ns);
        file->too_long++;
    }
    file->skipping = false;
    return GW_PCAPFILE_FULL;
}

static uint32_t
snap_bound(uint32_t snap_len)
{
    return snap_len == 0 || snap_len > INT32_MAX ? UINT32_MAX : snap_len;
}

/* Read pcap's file header but for the magic. */
static enum gw_pcapfile_step
start_pcap(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t magic)
{
    if (at_hand(window) < FILE_HEADER_LEN)
        return more(file, FILE_HEADER_LEN);

    const uint8_t *header = window->pos;
    const uint16_t major = load16(file, header + 4);
    const uint16_t minor = load16(file, header + 6);

    if (!(major == 2 && minor <= 4) && !(major == 543 && minor == 0))
        return foreign(file, "is of an unknown version of pcap");
    file->order = GW_PCAPFILE_CAPTURED_FIRST;
    if (major == 543 || minor < 3)
        file->order = GW_PCAPFILE_WIRE_FIRST;
    else if (minor == 3)
        file->order = GW_PCAPFILE_LESSER_FIRST;

    file->header_len = magic == MAGIC_MODIFIED ? MODIFIED_HEADER_LEN : RECORD_HEADER_LEN;
    file->fraction_ns = magic == MAGIC_NANO ? 1 : 1000;
    file->link_type = (uint16_t)load32(file, header + 20);
    file->snap_len = snap_bound(load32(file, header + 16));
    /* Its writers could put an Ethernet header before what they had captured. */
    if (magic == MAGIC_MODIFIED && file->link_type == 1 && file->snap_len != UINT32_MAX)
        file->snap_len += 14;
    file->format = GW_PCAPFILE_PCAP;
    advance(file, window, FILE_HEADER_LEN);
    return GW_PCAPFILE_FULL;
}

static bool
pcap_magic(uint32_t magic)
{
    return magic == MAGIC_MICRO || magic == MAGIC_NANO || magic == MAGIC_MODIFIED;
}

/* Find out what the octets are; for pcapng leave the section header to the block walk. */
static enum gw_pcapfile_step
start(struct gw_pcapfile *file, struct gw_pcapfile_window *window)
{
    if (at_hand(window) < 4)
        return more(file, 4);

    const uint32_t magic = gw_load_ne32(window->pos);

    if (pcap_magic(magic))
        return start_pcap(file, window, magic);
    if (pcap_magic(__builtin_bswap32(magic))) {
        file->swapped = true;
        return start_pcap(file, window, __builtin_bswap32(magic));
    }
    if (magic != MAGIC_SECTION)
        return foreign(file, "is neither a pcap nor a pcapng file");
    if (at_hand(window) < BLOCK_MIN)
        return more(file, BLOCK_MIN);

    const uint32_t order = gw_load_ne32(window->pos + BLOCK_HEADER_LEN);

    if (order != MAGIC_ORDER && order != __builtin_bswap32(MAGIC_ORDER))
        return foreign(file, "begins like a pcapng file but has no byte order mark");
    file->format = GW_PCAPFILE_PCAPNG;
    return GW_PCAPFILE_FULL;
}

/* Put the lengths of a pcap record into the order in which version 2.4 has them. */
static void
order_lengths(const struct gw_pcapfile *file, struct record *record)
{
    if (file->order == GW_PCAPFILE_WIRE_FIRST ||
        (file->order == GW_PCAPFILE_LESSER_FIRST && record->captured_len > record->wire_len)) {
        const uint32_t len = record->captured_len;

        record->captured_len = record->wire_len;
        record->wire_len = len;
    }
}

static bool
all_zero(const uint8_t *octets)
{
    return (gw_load_ne64(octets) | gw_load_ne64(octets + 8)) == 0;
}

static enum gw_pcapfile_step
walk_records(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t frame_max,
    struct gw_batch *batch)
{
    while (batch->count < frame_max) {
        const size_t len = at_hand(window);

        if (len < file->header_len)
            return more(file, file->header_len);
        prefetch_ahead(window);

        const uint8_t *header = window->pos;
        struct record record = {.data = header + file->header_len,
            .captured_len = load32(file, header + 8),
            .wire_len = load32(file, header + 12),
            .time_ns = (int64_t)load32(file, header) * GW_NS_PER_S +
                       (int64_t)load32(file, header + 4) * file->fraction_ns,
            .link_type = file->link_type};

        order_lengths(file, &record);
        if (record.captured_len > RECORD_MAX)
            return damaged(file, "record has an impossible length");
        if (record.captured_len > GW_FRAME_MAX) {
            skip_begin(file, window, file->header_len, record.captured_len);
            skip_packet(file, record.time_ns);
            return GW_PCAPFILE_FULL;
        }
        /* What a writer reserved and never wrote would read as empty packets of 1970, for ever. */
        if (record.captured_len == 0 && all_zero(header))
            return damaged(file, "zero octets instead of a record");
        if (len - file->header_len < record.captured_len)
            return more(file, file->header_len + record.captured_len);

        advance(file, window, file->header_len + record.captured_len);
        if (record.captured_len > file->snap_len)
            record.captured_len = file->snap_len;
        append(file, batch, &record);
    }
    return GW_PCAPFILE_FULL;
}

static int64_t
wide_clamp(wide_int value)
{
    if (value > INT64_MAX)
        return INT64_MAX;
    return value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

static int64_t
interface_time(const struct gw_pcapfile_interface *interface, uint64_t units)
{
    if (interface->offset_s == 0 && interface->unit_ns != 0) {
        uint64_t time_ns;

        if (!__builtin_mul_overflow(units, interface->unit_ns, &time_ns) && time_ns <= INT64_MAX)
            return (int64_t)time_ns;
        return INT64_MAX;
    }

    const uint64_t fraction = units % interface->units_per_s;
    const wide_int seconds = (wide_int)(units / interface->units_per_s) + interface->offset_s;
    const wide_uint fraction_ns =
        (wide_uint)fraction * (uint64_t)GW_NS_PER_S / interface->units_per_s;

    return wide_clamp(seconds * GW_NS_PER_S + (wide_int)fraction_ns);
}

/* Set the units of time from an if_tsresol option; false when a second does not fit in 64 bits. */
static bool
set_resolution(struct gw_pcapfile_interface *interface, uint8_t resolution)
{
    uint64_t units_per_s = 1;

    if ((resolution & 0x80) != 0) {
        if ((resolution & 0x7f) > 63)
            return false;
        units_per_s <<= resolution & 0x7f;
    } else {
        if (resolution > 19)
            return false;
        for (uint8_t i = 0; i < resolution; i++)
            units_per_s *= 10;
    }
    interface->units_per_s = units_per_s;
    interface->unit_ns =
        (uint64_t)GW_NS_PER_S % units_per_s == 0 ? (uint64_t)GW_NS_PER_S / units_per_s : 0;
    return true;
}

/* Read the options [pos, end) of an interface; return what is wrong with them, or NULL. */
static const char *
interface_options(const struct gw_pcapfile *file, struct gw_pcapfile_interface *interface,
    const uint8_t *pos, const uint8_t *end)
{
    bool resolution_seen = false;
    bool offset_seen = false;

    while (end - pos >= 4) {
        const uint16_t code = load16(file, pos);
        const uint16_t len = load16(file, pos + 2);
        const size_t room = (size_t)(end - pos) - 4;

        if (code == OPTION_END)
            return len == 0 ? NULL : "interface block has corrupt options";
        if (((len + 3u) & ~3u) > room)
            return "interface block has corrupt options";
        if (code == OPTION_TSRESOL) {
            if (resolution_seen || len != 1)
                return "interface block has corrupt options";
            if (!set_resolution(interface, pos[4]))
                return "interface has an impossible time resolution";
            resolution_seen = true;
        } else if (code == OPTION_TSOFF) {
            if (offset_seen || len != 8)
                return "interface block has corrupt options";
            interface->offset_s = (int64_t)load64(file, pos + 4);
            offset_seen = true;
        }
        pos += 4 + ((len + 3u) & ~3u);
    }
    return pos == end ? NULL : "interface block has corrupt options";
}

static enum gw_pcapfile_step
walk_interface(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t block_len)
{
    const uint8_t *block = window->pos;

    if (block_len < INTERFACE_LEN + BLOCK_TRAILER_LEN)
        return damaged(file, "block is shorter than its fields");
    if (block_len > GW_PCAPFILE_BLOCK_MAX)
        return damaged(file, "interface block is too long");
    if (at_hand(window) < block_len)
        return more(file, block_len);
    if (load32(file, block + block_len - BLOCK_TRAILER_LEN) != block_len)
        return damaged(file, "block's two lengths differ");
    if (file->interface_count == GW_PCAPFILE_INTERFACES_MAX)
        return damaged(file, "more than 4096 interfaces");

    struct gw_pcapfile_interface *interface = &file->interface[file->interface_count];

    *interface = (struct gw_pcapfile_interface){.units_per_s = 1000000,
        .unit_ns = 1000,
        .snap_len = snap_bound(load32(file, block + 12)),
        .link_type = load16(file, block + 8)};

    const char *wrong = interface_options(
        file, interface, block + INTERFACE_LEN, block + block_len - BLOCK_TRAILER_LEN);

    if (wrong != NULL)
        return damaged(file, wrong);
    file->interface_count++;
    advance(file, window, block_len);
    return GW_PCAPFILE_FULL;
}

/* Begin a section: interfaces and byte order are its own. */
static enum gw_pcapfile_step
walk_section(struct gw_pcapfile *file, struct gw_pcapfile_window *window)
{
    if (at_hand(window) < SECTION_HEADER_LEN)
        return more(file, SECTION_HEADER_LEN);

    const uint8_t *block = window->pos;
    const uint32_t order = gw_load_ne32(block + BLOCK_HEADER_LEN);

    if (order != MAGIC_ORDER && order != __builtin_bswap32(MAGIC_ORDER))
        return damaged(file, "section has no byte order mark");
    file->swapped = order != MAGIC_ORDER;

    const uint32_t block_len = load32(file, block + 4);
    const uint16_t minor = load16(file, block + 14);

    if (block_len < SECTION_HEADER_LEN + BLOCK_TRAILER_LEN || block_len % 4 != 0 ||
        block_len > RECORD_MAX)
        return damaged(file, "block has an impossible length");
    /* Some writers say 1.2 and mean 1.0. */
    if (load16(file, block + 12) != 1 || (minor != 0 && minor != 2))
        return damaged(file, "section is of an unknown version of pcapng");
    file->interface_count = 0;
    skip_block(file, window, block_len);
    return GW_PCAPFILE_FULL;
}

/* Read the fields of an enhanced or obsolete packet block; return the number of its interface. */
static uint32_t
packet_fields(const struct gw_pcapfile *file, const uint8_t *block, struct record *record,
    uint64_t *ret_units)
{
    const uint64_t high = load32(file, block + 12);

    *ret_units = high << 32 | load32(file, block + 16);
    record->captured_len = load32(file, block + 20);
    record->wire_len = load32(file, block + 24);
    record->data = block + PACKET_HEADER_LEN;
    return load32(file, block) == BLOCK_OBSOLETE ? load16(file, block + 8)
                                                 : load32(file, block + 8);
}

/* Read the fields of a simple packet block, which belongs to the first interface and has no time.
 */
static void
simple_fields(const struct gw_pcapfile *file, const uint8_t *block, struct record *record)
{
    record->wire_len = load32(file, block + 8);
    record->captured_len = record->wire_len;
    if (file->interface_count > 0 && record->captured_len > file->interface[0].snap_len)
        record->captured_len = file->interface[0].snap_len;
    record->data = block + SIMPLE_HEADER_LEN;
}

static enum gw_pcapfile_step
walk_packet(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t block_len,
    struct gw_batch *batch)
{
    const uint8_t *block = window->pos;
    const bool simple = load32(file, block) == BLOCK_SIMPLE;
    const uint32_t header_len = simple ? SIMPLE_HEADER_LEN : PACKET_HEADER_LEN;
    struct record record = {0};
    uint64_t units = 0;
    uint32_t id = 0;

    if (block_len < header_len + BLOCK_TRAILER_LEN)
        return damaged(file, "block is shorter than its fields");
    if (at_hand(window) < header_len)
        return more(file, header_len);
    if (simple)
        simple_fields(file, block, &record);
    else
        id = packet_fields(file, block, &record, &units);
    if (id >= file->interface_count)
        return damaged(file, "packet of an interface that was not described");
    if (record.captured_len > block_len - header_len - BLOCK_TRAILER_LEN)
        return damaged(file, "captured length runs past the end of its block");

    record.time_ns = interface_time(&file->interface[id], units);
    record.link_type = file->interface[id].link_type;
    if (record.captured_len > GW_FRAME_MAX || block_len > GW_PCAPFILE_BLOCK_MAX) {
        skip_block(file, window, block_len);
        skip_packet(file, record.time_ns);
        return GW_PCAPFILE_FULL;
    }
    if (at_hand(window) < block_len)
        return more(file, block_len);
    if (load32(file, block + block_len - BLOCK_TRAILER_LEN) != block_len)
        return damaged(file, "block's two lengths differ");
    advance(file, window, block_len);
    append(file, batch, &record);
    return GW_PCAPFILE_FULL;
}

static enum gw_pcapfile_step
walk_block(struct gw_pcapfile *file, struct gw_pcapfile_window *window, struct gw_batch *batch)
{
    const size_t len = at_hand(window);

    if (len < BLOCK_HEADER_LEN)
        return more(file, BLOCK_HEADER_LEN);
    prefetch_ahead(window);

    const uint32_t type = load32(file, window->pos);
    const uint32_t block_len = load32(file, window->pos + 4);

    if (type == MAGIC_SECTION)
        return walk_section(file, window);
    if (block_len < BLOCK_MIN || block_len % 4 != 0 || block_len > RECORD_MAX)
        return damaged(file, "block has an impossible length");
    if (type == BLOCK_INTERFACE)
        return walk_interface(file, window, block_len);
    if (type == BLOCK_ENHANCED || type == BLOCK_SIMPLE || type == BLOCK_OBSOLETE)
        return walk_packet(file, window, block_len, batch);
    skip_block(file, window, block_len);
    return GW_PCAPFILE_FULL;
}

void
gw_pcapfile_start(struct gw_pcapfile *file)
{
    /* The interfaces are written before they are read. */
    memset(file, 0, offsetof(struct gw_pcapfile, interface));
}

enum gw_pcapfile_step
gw_pcapfile_walk(struct gw_pcapfile *file, struct gw_pcapfile_window *window, uint32_t frame_max,
    struct gw_batch *batch)
{
    enum gw_pcapfile_step step = GW_PCAPFILE_FULL;

    assert(frame_max <= GW_BATCH_FRAMES);
    if (file->format == GW_PCAPFILE_UNKNOWN)
        step = start(file, window);
    while (step == GW_PCAPFILE_FULL && batch->count < frame_max) {
        if (file->skipping)
            step = skip_on(file, window);
        else if (file->format == GW_PCAPFILE_PCAP)
            step = walk_records(file, window, frame_max, batch);
        else
            step = walk_block(file, window, batch);
    }
    return step;
}

bool
gw_pcapfile_end(struct gw_pcapfile *file, size_t left)
{
    const uint32_t header_len =
        file->format == GW_PCAPFILE_PCAP ? file->header_len : BLOCK_HEADER_LEN;

    if (file->format == GW_PCAPFILE_UNKNOWN)
        file->what = left == 0 ? "file is empty" : "file header is cut";
    else if (file->skipping)
        file->what = "record runs past the end of the file";
    else if (left == 0)
        return true;
    else if (file->offset == 0)
        file->what = "file header is cut";
    else if (left < header_len)
        file->what = "record header is cut";
    else
        file->what = "record runs past the end of the file";
    return false;
}

uint64_t
gw_pcapfile_at(const struct gw_pcapfile *file)
{
    return file->skipping ? file->skip_from : file->offset;
}

const char *
gw_pcapfile_name(enum gw_pcapfile_format format)
{
    if (format == GW_PCAPFILE_PCAP)
        return "pcap";
    return format == GW_PCAPFILE_PCAPNG ? "pcapng" : "unknown";
}

bool
gw_pcapfile_magic(const uint8_t *octets, size_t len)
{
    if (len < 4)
        return false;

    const uint32_t magic = gw_load_ne32(octets);

    return magic == MAGIC_SECTION || pcap_magic(magic) || pcap_magic(__builtin_bswap32(magic));
}
