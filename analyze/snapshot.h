/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file snapshot.h
 * What is known, written down so that another run can go on with it: one record for each
 * delegation, each name server and each incident, free of numbers that mean something in one run
 * only.
 *
 * Records are in ascending order of their keys (kind, then name as octets, then address or id),
 * members and rows in theirs, so that the same knowledge is always the same octets. Two records of
 * one key merge into one, with the same result in either order and however often (each field is a
 * union, a smallest, a largest, or goes with the later of two in a total order).
 *
 * All integers are little-endian. Times are ns since 1970 UTC. Nothing is believed of what is
 * read: lengths, orders, names and masks are checked.
 */
#ifndef GLUEWATCH_ANALYZE_SNAPSHOT_H
#define GLUEWATCH_ANALYZE_SNAPSHOT_H

#include "analyze/record.h"
#include "analyze/snapshot_matter.h"
#include "gluewatch/finding.h"

/** Version of the records; another one is refused. */
#define GW_SNAPSHOT_VERSION 1u

/** Octets that one record may take. */
#define GW_SNAPSHOT_RECORD_MAX (192u * 1024u)

/** What a record is about. */
enum gw_snapshot_kind {
    GW_SNAPSHOT_CUT = 1,
    GW_SNAPSHOT_HOST = 2,
    GW_SNAPSHOT_SERVER = 3,  /**< a server of a zone: member[0] is the address, no rows */
    GW_SNAPSHOT_INCIDENT = 4 /**< one that is open or was lately; its name is the root */
};

/** A member of a set: a name server of a cut, an address of a host, the server of a zone. */
struct gw_snapshot_member {
    struct gw_name name; /**< of a cut; else len 0 */
    struct gw_addr addr; /**< of a host or server; else family 0 */
    uint8_t flags;       /**< as gw_claim.flags */
    uint32_t messages;   /**< that said it */
    uint32_t ttl_min_s, ttl_max_s;
    int64_t first_ns, last_ns;
    struct gw_addr resolver; /**< who was told first */
    struct gw_addr server;   /**< by whom */
    uint64_t packet;         /**< gw_packet_ref() of that message, in its own run */
    uint64_t with;           /**< members that some message said together with it */
};

/** What one witness says. */
struct gw_snapshot_row {
    struct gw_addr group;    /**< the resolver group's key: a masked address */
    struct gw_addr resolver; /**< an address of the group, the smallest of those that are known */
    struct gw_addr server;
    struct gw_name zone; /**< that the server was asked in; len 0: not known */
    int64_t since_ns, last_ns;
    uint64_t frame;
    uint32_t count, told;
    uint8_t exact;
    uint8_t flips[2];
    uint64_t now, ever; /**< masks over the members */
};

/** One record, decoded. Large: static or heap. */
struct gw_snapshot_record {
    enum gw_snapshot_kind kind;
    struct gw_name name;
    struct gw_name zone; /**< of a cut: its parent zone; len 0: not known */
    uint32_t messages;
    int64_t first_ns, last_ns;
    uint32_t member_count; /**< 0..GW_CLAIMS_MAX, ascending */
    uint32_t row_count;    /**< 0..GW_ROWS_MAX, ascending by group, server, zone */
    uint32_t own_count;    /**< addresses that the name server's own zone gives, 0..8, ascending */
    int64_t own_ns;        /**< when it gave them last */
    struct gw_addr own[8];
    struct gw_snapshot_member member[GW_CLAIMS_MAX];
    struct gw_snapshot_row row[GW_ROWS_MAX];
    struct gw_snapshot_matter incident; /**< meaningful for an incident only */
};

/** Compare the keys of two records: <0, 0, >0. */
int gw_snapshot_order(
    const struct gw_snapshot_record *left, const struct gw_snapshot_record *right);

/** Tell whether @p len octets @p wire are a name in canonical form, all in lower case. */
bool gw_snapshot_is_canonical(const uint8_t *wire, uint32_t len);

/** Compare two addresses by family, then by octets: <0, 0, >0. */
int gw_snapshot_order_addrs(const struct gw_addr *left, const struct gw_addr *right);

/** Put members and rows into their order, and join rows of one witness; masks follow. */
void gw_snapshot_sort(struct gw_snapshot_record *record);

/**
 * Write @p record, sorted, to @p ret_octets.
 *
 * @return octets written, at most GW_SNAPSHOT_RECORD_MAX
 */
size_t gw_snapshot_encode(
    const struct gw_snapshot_record *record, uint8_t ret_octets[GW_SNAPSHOT_RECORD_MAX]);

/**
 * Read the record at the start of @p len octets @p octets.
 *
 * @param ret_len  octets that it took
 * @return NULL, or what is wrong with it, in static text
 */
const char *gw_snapshot_decode(
    const uint8_t *octets, size_t len, struct gw_snapshot_record *ret_record, size_t *ret_len);

/** Room for merging; owned by the caller. */
struct gw_snapshot_merger;

/** Make room for merging; NULL without memory. */
struct gw_snapshot_merger *gw_snapshot_merger_new(void);

/** Free it; accepts NULL. */
void gw_snapshot_merger_free(struct gw_snapshot_merger *merger);

/**
 * Merge @p other into @p record of the same key. Members and rows beyond the bounds are left out:
 * those with least messages first, then the later, then the larger key.
 */
void gw_snapshot_merge(struct gw_snapshot_merger *merger, struct gw_snapshot_record *record,
    const struct gw_snapshot_record *other);

#endif
