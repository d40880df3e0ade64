/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file record.h
 * What the tables of the analysis hold. All records live in the table's arena and are named by
 * references; a reference stays valid until its record is evicted.
 *
 * Two things are judged in the same way: a zone cut, about which witnesses say sets of name
 * servers, and a name server (host), about which they say sets of addresses. Both are a
 * *subject*: claims (the members ever said) and rows (one per witness, with the set it says as a
 * mask over the claims).
 */
#ifndef GLUEWATCH_ANALYZE_RECORD_H
#define GLUEWATCH_ANALYZE_RECORD_H

#include "base/arena.h"
#include "gluewatch/base.h"
#include "gluewatch/limits.h"

/**
 * Packet time in ticks of 2^24 ns (16.8 ms) since a day before the run's first packet; saturates.
 */
typedef uint32_t gw_tick;

#define GW_TICK_SHIFT    24
#define GW_TICKS_PER_S   60u /* 2^-24 ns: 59.6 in truth; rounded where a threshold is wide */
#define GW_TICKS_PER_H   214577u
#define GW_TICKS_PER_DAY (24u * GW_TICKS_PER_H)

/** Number of a witness (a resolver group told by a server), dense, in order of first appearance. */
typedef uint32_t gw_witness_id;

/** Number of a zone name; see GW_ZONE_UNKNOWN and GW_ZONE_ROOT. */
typedef uint32_t gw_zone_id;

#define GW_ZONE_UNKNOWN 0u
#define GW_ZONE_ROOT    1u

#define GW_LINE_SLOTS 5u

/**
 * One cache line per zone cut: decides in one miss whether a referral is a repeat. A slot holds
 * what one witness said: `tag` is 32 bits of a keyed hash of witness and content, so that a
 * repeat is known by 96 keyed bits; counts and times are folded into the rows when the slow path
 * next meets the cut.
 */
struct gw_cut_line {
    uint64_t hash;                /**< keyed hash of the cut's name */
    gw_arena_ref cut;             /**< struct gw_cut; 0: the line is free */
    uint16_t partial;             /**< bit i: slot i is of class partial-referral */
    uint8_t count[GW_LINE_SLOTS]; /**< repeats not yet folded */
    uint8_t row[GW_LINE_SLOTS];   /**< index of the witness's row in the cut's subject */
    uint32_t tag[GW_LINE_SLOTS];  /**< 0: the slot is free */
    gw_tick last[GW_LINE_SLOTS];  /**< of the latest repeat */
};

_Static_assert(sizeof(struct gw_cut_line) == 64, "one cache line per zone cut");

/** Slots of a cut beside those in its line: one for each row. */
#define GW_SLOTS_MAX 64u

/** What one more witness said of a cut whose line is full. */
struct gw_slot {
    uint32_t tag;  /**< as in the line; 0: free */
    gw_tick last;  /**< of the latest repeat */
    uint8_t count; /**< repeats not yet folded */
    uint8_t row;   /**< index of the witness's row */
    bool partial;  /**< of class partial-referral */
};

/** That a cut names a host, and which cuts do so before and after it. In gw_claim.octet. */
struct gw_naming {
    gw_arena_ref host;
    gw_arena_ref older, newer; /**< cuts that name the host; 0 at the ends */
};

/** One member that was ever said of a subject: an address of a host, or a name server of a cut. */
struct gw_claim {
    uint8_t octet[16];     /**< the address; of a cut's claim a struct gw_naming */
    uint8_t family;        /**< 4 or 6; 0 for a cut's claim */
    uint8_t flags;         /**< see GW_CLAIM_UNRELATED */
    uint16_t messages;     /**< that said it, saturating; a lower bound between folds */
    gw_tick first, last;   /**< when it was said; `last` is a lower bound between folds */
    uint32_t ttl_min_s;    /**< smallest TTL seen */
    uint32_t ttl_max_s;    /**< largest TTL seen */
    gw_witness_id witness; /**< who was first to say it */
    int64_t first_ns;      /**< packet time of the first message that said it */
    uint64_t packet;       /**< where that message is: gw_packet_ref() */
    uint64_t with;         /**< claims that some message said together with it, itself included */
};

_Static_assert(sizeof(struct gw_claim) == 64, "one cache line per claim");

/** Pack where a message is: input index (24 bits) and record number (40 bits). */
static inline uint64_t
gw_packet_ref(uint32_t input, uint64_t frame)
{
    return (uint64_t)input << 40 | (frame & 0xffffffffffu);
}

/** Return the input index of @p packet. */
static inline uint32_t
gw_packet_input(uint64_t packet)
{
    return (uint32_t)(packet >> 40);
}

/** Return the record number of @p packet. */
static inline uint64_t
gw_packet_frame(uint64_t packet)
{
    return packet & 0xffffffffffu;
}

/** In gw_claim.flags: said only outside the parent zone of the name; never the known side. */
#define GW_CLAIM_UNRELATED 1u

/**
 * In gw_claim.flags: the contrary side of an open incident; never the known side while others are,
 * and never stable. Other claims come to be said beside it, but nobody's silence makes it true.
 */
#define GW_CLAIM_SUSPECT 2u

/** What one witness says of a subject. */
struct gw_row {
    gw_witness_id witness;
    gw_zone_id zone;  /**< zone that the server was asked in; GW_ZONE_UNKNOWN fits any */
    int64_t since_ns; /**< when `now` became what it is */
    uint64_t frame;   /**< record number of that message */
    uint64_t now;     /**< claims of the latest message, one bit each */
    uint64_t ever;    /**< claims of any message, until a day's silence or gw_table_settle() */
    gw_tick last;     /**< latest message */
    uint32_t input;   /**< index of the input of `frame` */
    uint32_t count;   /**< messages in all, saturating */
    uint32_t told;    /**< of them, those that said `now`, since it became what it is */
    uint8_t exact;    /**< 1: some message was neither truncated nor clipped */
    uint8_t flips[2]; /**< of a host, by family: times it went over to disjoint addresses */
    uint8_t spare;
    gw_tick flipped; /**< when it did so last */
};

_Static_assert(sizeof(struct gw_row) == 64, "one cache line per row");

/** Claims and rows of a cut or a host. */
struct gw_subject {
    gw_arena_ref claims; /**< array of struct gw_claim */
    gw_arena_ref rows;   /**< array of struct gw_row */
    uint8_t claim_count; /**< 0..GW_CLAIMS_MAX */
    uint8_t claim_room;  /**< entries that the array has room for */
    uint8_t row_count;   /**< 0..GW_ROWS_MAX */
    uint8_t row_room;
    uint8_t contested;   /**< witnesses disagreed: every referral takes the slow path */
    uint8_t frozen;      /**< some claim is GW_CLAIM_SUSPECT */
    uint8_t listed;      /**< is on the table's list of contested subjects */
    uint8_t disputed;    /**< queries that two responses answered, with disjoint addresses of it */
    uint16_t list_index; /**< where on that list */
    uint32_t messages;   /**< messages behind the rows, folded ones included */
    gw_tick first, last; /**< of any message */
    gw_tick judged;      /**< when its witnesses were compared last */
    /**
     * Messages before a second set of members was first said; of a host, by family. 0: there is
     * none, or that is not known.
     */
    uint32_t alone[2];
    /** When an older claim was first said again after a newer one; of a host, by family. */
    gw_tick again[2];
};

/** A name server by name. Lives as long as a cut names it. */
struct gw_host {
    struct gw_subject subject;   /**< addresses */
    gw_arena_ref name;           /**< canonical wire form */
    uint64_t hash;               /**< keyed hash of the name */
    gw_arena_ref truth;          /**< struct gw_truth, or 0 */
    uint32_t refs;               /**< claims of cuts that name it */
    gw_arena_ref oldest, newest; /**< cuts that name it, in order of naming it */
    uint8_t name_len;
};

/** Addresses of a host as its own zone's servers give them, AA=1. */
struct gw_truth {
    gw_tick last;       /**< when it gave any */
    gw_tick last_of[2]; /**< when it gave those of IPv4, and of IPv6 */
    uint8_t count;
    struct gw_addr addr[8];
};

/** A delegation. */
struct gw_cut {
    struct gw_subject subject;                 /**< name servers */
    gw_arena_ref name;                         /**< canonical wire form */
    uint64_t hash;                             /**< keyed hash of the name */
    gw_arena_ref older, newer;                 /**< neighbours in order of first sight */
    gw_arena_ref older_sibling, newer_sibling; /**< the same among the cuts of `parent` */
    gw_zone_id parent;                         /**< as first inferred; GW_ZONE_UNKNOWN until then */
    gw_arena_ref slots;                        /**< array of struct gw_slot, or 0 */
    uint8_t slot_count;                        /**< entries used, 0..GW_SLOTS_MAX */
    uint8_t slot_room;                         /**< entries that the array has room for */
    uint8_t pinned;                            /**< a finding tells of it, or it is anchored */
    uint8_t counted; /**< among the delegations that tell what is usual in its parent zone */
    uint8_t name_len;
};

#endif
