/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/zonefile.h"

#include <libzscanner/scanner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/feed.h"
#include "cmd/textform.h"

#define CLASS_IN  1u
#define TYPE_A    1u
#define TYPE_NS   2u
#define TYPE_SOA  6u
#define TYPE_AAAA 28u

/* SOA: after MNAME and RNAME come serial, refresh, retry, expire and minimum. */
#define SOA_NUMBERS_LEN 20u

/* TTL of records before any is given; nothing depends on it. */
#define TTL_DEFAULT 3600u

/* Octets looked at for the end of a record; the longest record, in any notation, is far shorter. */
#define PIECE_LEN (256u * 1024u)

_Static_assert(PIECE_LEN <= GW_PCAPFILE_BLOCK_MAX, "a feed can show it");

/* What relative names come to lie under when a file says no origin: no zone has this name. */
#define NO_ORIGIN "no-origin.gluewatch.invalid."
static const uint8_t no_origin[] = "\011no-origin\011gluewatch\007invalid";

/* Takes one record; returns NULL, or what is wrong with it. */
typedef const char *(*take_record_fn)(void *to, const zs_scanner_t *scanner);

/* A file being read. */
struct reading {
    const char *path;
    zs_scanner_t *scanner;
    uint64_t line; /* where the piece at hand begins */
    take_record_fn take;
    void *to;
    int error; /* enum gw_error that a refused record means */
};

static int
fail(const struct reading *reading, int error, const char *what, struct gw_error_text *ret_error)
{
    snprintf(ret_error->text, sizeof(ret_error->text), "%.300s: line %llu: %s", reading->path,
        (unsigned long long)reading->scanner->line_counter, what);
    return error;
}

/*
 * The end of the last line that ends a record, or NULL: not one within parentheses or quotes. The
 * scanner is given whole records only, as it takes the end of its input for the end of the file.
 */
static const uint8_t *
records_end(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *last = NULL;
    unsigned depth = 0;
    bool quoted = false;

    for (const uint8_t *pos = from; pos < end; pos++) {
        if (*pos == '\\') {
            pos++;
        } else if (*pos == '"') {
            quoted = !quoted;
        } else if (!quoted && *pos == ';') {
            pos = memchr(pos, '\n', (size_t)(end - pos));
            if (pos == NULL)
                break;
            last = depth == 0 ? pos + 1 : last;
        } else if (!quoted && *pos == '(') {
            depth++;
        } else if (!quoted && *pos == ')') {
            depth -= depth > 0;
        } else if (*pos == '\n' && !quoted && depth == 0) {
            last = pos + 1;
        }
    }
    return last;
}

static bool
is_relative(const zs_scanner_t *scanner)
{
    const size_t len = sizeof(no_origin);

    return scanner->r_owner_length >= len &&
           memcmp(scanner->r_owner + scanner->r_owner_length - len, no_origin, len) == 0;
}

static int
read_piece(
    struct reading *reading, const uint8_t *piece, size_t len, struct gw_error_text *ret_error)
{
    zs_scanner_t *scanner = reading->scanner;
    const char *problem;

    scanner->line_counter = reading->line;
    if (zs_set_input_string(scanner, (const char *)piece, len) != 0)
        return fail(reading, GW_E_NOMEM, zs_strerror(scanner->error.code), ret_error);
    for (;;) {
        if (zs_parse_record(scanner) != 0)
            return fail(reading, GW_E_FORMAT, zs_strerror(scanner->error.code), ret_error);
        switch (scanner->state) {
        case ZS_STATE_DATA:
            problem = is_relative(scanner)
                          ? "a relative name and no $ORIGIN: name the file as ZONE=FILE"
                          : reading->take(reading->to, scanner);
            if (problem != NULL)
                return fail(reading, reading->error, problem, ret_error);
            break;
        case ZS_STATE_INCLUDE:
            return fail(reading, GW_E_FORMAT, "$INCLUDE is not followed", ret_error);
        case ZS_STATE_EOF:
            return GW_DONE;
        case ZS_STATE_ERROR:
            return fail(reading, GW_E_FORMAT, zs_strerror(scanner->error.code), ret_error);
        case ZS_STATE_NONE:
        case ZS_STATE_STOP:
            return fail(reading, GW_E_FORMAT, "this cannot be read", ret_error);
        }
    }
}

static uint64_t
count_lines(const uint8_t *from, const uint8_t *end)
{
    uint64_t lines = 0;

    while ((from = memchr(from, '\n', (size_t)(end - from))) != NULL) {
        lines++;
        if (++from == end)
            break;
    }
    return lines;
}

static int
read_feed(struct reading *reading, struct gw_feed *feed, struct gw_error_text *ret_error)
{
    for (;;) {
        const bool more = gw_source_feed_more(feed, PIECE_LEN);
        const uint8_t *pos = feed->window.pos;
        const uint8_t *end = more ? pos + PIECE_LEN : feed->window.end;
        int result;

        if (pos == end)
            break;
        if (more)
            end = records_end(pos, end);
        reading->scanner->line_counter = reading->line;
        if (end == NULL)
            return fail(reading, GW_E_FORMAT, "a record longer than 256 KiB", ret_error);
        result = read_piece(reading, pos, (size_t)(end - pos), ret_error);
        if (result != GW_DONE)
            return result;
        reading->line += count_lines(pos, end);
        gw_source_feed_check(feed);
        feed->window.pos = end;
        gw_source_feed_release(feed);
    }
    if (feed->what == NULL)
        return GW_DONE;
    reading->scanner->line_counter = reading->line;
    return fail(reading, GW_E_READ, feed->what, ret_error);
}

static int
read_file(struct reading *reading, const char *origin, struct gw_error_text *ret_error)
{
    struct gw_feed feed;
    int result = gw_source_feed_open(reading->path, NULL, &feed, ret_error);

    if (result != GW_DONE)
        return result;
    reading->line = 1;
    reading->scanner = calloc(1, sizeof(*reading->scanner));
    if (reading->scanner == NULL || zs_init(reading->scanner, origin, CLASS_IN, TTL_DEFAULT) != 0) {
        snprintf(ret_error->text, sizeof(ret_error->text), "%.300s: no memory, or no zone %.100s",
            reading->path, origin);
        result = GW_E_FORMAT;
    } else {
        result = read_feed(reading, &feed, ret_error);
        zs_deinit(reading->scanner);
    }
    free(reading->scanner);
    gw_source_feed_close(&feed);
    return result;
}

/* Canonical: folded to lower case; octets of length are below 'A'. */
static bool
fold(const uint8_t *wire, uint32_t len, struct gw_name *ret_name)
{
    if (len == 0 || len > GW_NAME_MAX)
        return false;
    memset(ret_name, 0, sizeof(*ret_name));
    ret_name->len = (uint8_t)len;
    for (uint32_t i = 0; i < len; i++)
        ret_name->wire[i] = wire[i] >= 'A' && wire[i] <= 'Z' ? (uint8_t)(wire[i] | 0x20) : wire[i];
    return true;
}

/* A reference zone being loaded. */
struct loading {
    struct gw_reference *reference;
    struct gw_reference_zone zone;
    bool begun;
    bool full; /* the budget, not the file, is to blame */
};

static uint32_t
number_at(const uint8_t *octet)
{
    return (uint32_t)octet[0] << 24 | (uint32_t)octet[1] << 16 | (uint32_t)octet[2] << 8 | octet[3];
}

static const char *
take_soa(struct loading *loading, const struct gw_name *owner, const zs_scanner_t *scanner)
{
    const uint8_t *numbers = scanner->r_data + scanner->r_data_length - SOA_NUMBERS_LEN;

    if (loading->begun) /* a zone transfer ends with the SOA that it began with */
        return owner->len == loading->zone.apex.len &&
                       memcmp(owner->wire, loading->zone.apex.wire, owner->len) == 0
                   ? NULL
                   : "the SOA record of another zone";
    loading->zone.apex = *owner;
    loading->zone.serial = number_at(numbers);
    loading->zone.refresh_s = number_at(numbers + 4);
    loading->begun = true;
    return gw_reference_zone_begin(loading->reference, &loading->zone) == GW_DONE
               ? NULL
               : "this zone is loaded already, or there are too many";
}

static const char *
take_record(void *to, const zs_scanner_t *scanner)
{
    struct loading *loading = to;
    struct gw_name owner;

    if (scanner->r_class != CLASS_IN || !fold(scanner->r_owner, scanner->r_owner_length, &owner))
        return "a record of another class than IN";
    if (scanner->r_type == TYPE_SOA && scanner->r_data_length > SOA_NUMBERS_LEN)
        return take_soa(loading, &owner, scanner);
    if (!loading->begun)
        return "a zone begins with its SOA record";

    const struct gw_reference_record record = {
        .owner = owner.wire,
        .rdata = scanner->r_data,
        .rdata_len = (uint16_t)scanner->r_data_length,
        .type = scanner->r_type,
        .owner_len = owner.len,
    };

    loading->full = gw_reference_add(loading->reference, &record) != GW_DONE;
    return loading->full ? "no room for more in memory: reference zones take half of --memory"
                         : NULL;
}

/* The part of ZONE=FILE before the sign, or NULL: a file may have the sign in its name, too. */
static const char *
split_origin(const char *argument, char *origin, size_t size, const char **ret_path)
{
    const char *sign = strchr(argument, '=');
    struct gw_name name;
    struct stat status;

    *ret_path = argument;
    if (sign == NULL || stat(argument, &status) == 0 ||
        !gw_conf_name(argument, (size_t)(sign - argument), &name) ||
        (size_t)(sign - argument) + 2 > size)
        return NO_ORIGIN;
    memcpy(origin, argument, (size_t)(sign - argument));
    origin[sign - argument] = '\0';
    if (sign[-1] != '.')
        memcpy(origin + (sign - argument), ".", 2);
    *ret_path = sign + 1;
    return origin;
}

static int
load_zone(const struct gw_conf_zones *zones, const char *argument, struct gw_reference *reference,
    struct gw_error_text *ret_error)
{
    char text[GW_LIST_LINE_MAX];
    struct loading loading = {.reference = reference};
    struct reading reading = {.take = take_record, .to = &loading, .error = GW_E_FORMAT};
    const char *origin = split_origin(argument, text, sizeof(text), &reading.path);
    struct stat status;
    int result;

    loading.zone.loaded_ns = zones->loaded_ns;
    if (!zones->has_time && stat(reading.path, &status) == 0)
        loading.zone.loaded_ns = (int64_t)status.st_mtim.tv_sec * GW_NS_PER_S;
    result = read_file(&reading, origin, ret_error);
    if (result == GW_DONE && !loading.begun) {
        snprintf(
            ret_error->text, sizeof(ret_error->text), "%.300s: no SOA record in it", reading.path);
        result = GW_E_FORMAT;
    }
    return loading.full ? GW_E_NOMEM : result;
}

int
gw_conf_reference_open(const struct gw_conf_zones *zones, struct gw_reference **ret_reference,
    struct gw_error_text *ret_error)
{
    struct gw_reference *reference;
    int result = GW_DONE;

    *ret_reference = NULL;
    if (zones->path_count == 0)
        return GW_DONE;
    reference = gw_reference_new(zones->key, zones->budget);
    if (reference == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory for reference zones");
        return GW_E_NOMEM;
    }
    for (uint32_t i = 0; i < zones->path_count && result == GW_DONE; i++)
        result = load_zone(zones, zones->path[i], reference, ret_error);
    if (result != GW_DONE) {
        gw_reference_free(reference);
        return result;
    }
    gw_reference_seal(reference);
    *ret_reference = reference;
    return GW_DONE;
}

/* Root servers being collected: their names and addresses may come in any order. */
struct collecting {
    struct gw_name server[GW_ROOT_ADDRESSES_MAX];
    uint32_t server_count;
    struct gw_reference_root address[GW_ROOT_ADDRESSES_MAX];
    uint32_t address_count;
};

static const char *
take_hint(void *to, const zs_scanner_t *scanner)
{
    struct collecting *all = to;
    struct gw_name owner;

    if (scanner->r_class != CLASS_IN || !fold(scanner->r_owner, scanner->r_owner_length, &owner))
        return "a record of another class than IN";
    if (scanner->r_type == TYPE_NS && owner.len == 1) {
        if (all->server_count == GW_ROOT_ADDRESSES_MAX ||
            !fold(scanner->r_data, scanner->r_data_length, &all->server[all->server_count++]))
            return "too many root servers";
    } else if (scanner->r_type == TYPE_A || scanner->r_type == TYPE_AAAA) {
        struct gw_reference_root *root = &all->address[all->address_count];

        if (all->address_count == GW_ROOT_ADDRESSES_MAX)
            return "too many addresses: root hints are wanted, not a zone";
        all->address_count++;
        *root = (struct gw_reference_root){.name = owner};
        root->addr.family = scanner->r_type == TYPE_A ? 4 : 6;
        memcpy(root->addr.octet, scanner->r_data, scanner->r_data_length);
    }
    return NULL;
}

int
gw_conf_roots_open(
    const char *path, struct gw_reference_roots *ret_roots, struct gw_error_text *ret_error)
{
    struct collecting *all = calloc(1, sizeof(*all));
    struct reading reading = {.path = path, .take = take_hint, .to = all, .error = GW_E_FORMAT};
    int result;

    memset(ret_roots, 0, sizeof(*ret_roots));
    if (all == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory for root hints");
        return GW_E_NOMEM;
    }
    result = read_file(&reading, NO_ORIGIN, ret_error);
    for (uint32_t i = 0; result == GW_DONE && i < all->address_count; i++)
        for (uint32_t j = 0; j < all->server_count; j++)
            if (all->server[j].len == all->address[i].name.len &&
                memcmp(all->server[j].wire, all->address[i].name.wire, all->server[j].len) == 0)
                (void)gw_reference_roots_add(
                    ret_roots, &all->address[i].name, &all->address[i].addr);
    if (result == GW_DONE && ret_roots->count == 0) {
        snprintf(ret_error->text, sizeof(ret_error->text),
            "%.300s: no NS record of the root that has an address", path);
        result = GW_E_FORMAT;
    }
    free(all);
    return result;
}
