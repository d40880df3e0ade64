/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file finding.h
 * What analyze concludes and report tells: one finding with its proof, by value.
 */
#ifndef GLUEWATCH_FINDING_H
#define GLUEWATCH_FINDING_H

#include "gluewatch/kind.h"
#include "gluewatch/message.h"

#define GW_TERMS_MAX             12u /**< terms of a confidence */
#define GW_FINDING_SETS_MAX      2u  /**< the known side and the contrary side */
#define GW_FINDING_MEMBERS_MAX   16u /**< members kept of a set; more are counted */
#define GW_FINDING_WITNESSES_MAX 16u /**< witnesses kept of a set; more are counted */

/** A name by value: canonical wire form. len 0: absent. */
struct gw_name {
    uint8_t len;               /**< octets used, 0..255, root label included */
    uint8_t wire[GW_NAME_MAX]; /**< uncompressed, folded to lower case */
};

/** One term of a confidence: L = sum of points, confidence = 1 / (1 + e^-L), within 0.01..0.99. */
struct gw_term {
    const char *name; /**< static text; docs/DETECTION.md explains each */
    double points;
};

/** Who said a set: a resolver that was told, by a server. */
struct gw_witness {
    struct gw_addr resolver; /**< destination of the referral; one address of its group */
    struct gw_addr server;   /**< source of the referral */
    int64_t first_ns;        /**< when this set was first said; ns since 1970 UTC */
    int64_t last_ns;         /**< when it was last said (whole seconds) */
    uint32_t count;          /**< messages that said it, at least this many */
    uint64_t frame;          /**< record number of the first of them */
    uint32_t input;          /**< and the index of its input */
};

/** What a finding sets side by side. */
enum gw_set_role {
    GW_SET_KNOWN,    /**< what the majority, the history or the rules say */
    GW_SET_CONTRARY, /**< what contradicts it */
};

/** One side: addresses or name server names, and who said them. */
struct gw_finding_set {
    enum gw_set_role role;
    uint32_t address_count; /**< entries in address; 0 for a set of names */
    uint32_t name_count;    /**< entries in name */
    uint32_t member_total;  /**< members of the set; may exceed what is kept */
    struct gw_addr address[GW_FINDING_MEMBERS_MAX];      /**< ascending */
    struct gw_name name[GW_FINDING_MEMBERS_MAX];         /**< ascending in wire form */
    uint32_t ttl_min_s, ttl_max_s;                       /**< of the records seen */
    uint32_t group_count;                                /**< distinct resolver groups */
    uint32_t server_count;                               /**< distinct servers */
    uint32_t witness_count;                              /**< entries in witness */
    uint32_t witness_total;                              /**< witnesses in all */
    struct gw_witness witness[GW_FINDING_WITNESSES_MAX]; /**< by first_ns, then frame */
};

/** How a split between two sets runs. */
enum gw_split {
    GW_SPLIT_NONE,     /**< no split: a matter of one message or of time */
    GW_SPLIT_RESOLVER, /**< one resolver group against the others */
    GW_SPLIT_SERVER,   /**< one parent server against the others */
    GW_SPLIT_BOTH,     /**< neither alone explains it */
};

/** What limits the finding's reach, or-ed into gw_finding.caveats. */
enum gw_caveat {
    GW_CAVEAT_RESPONSES_ONLY = 1u << 0, /**< the capture holds no queries: confidence halved */
    GW_CAVEAT_SHORT_BASELINE = 1u << 1, /**< the history behind it is short */
    GW_CAVEAT_ZONE_UNKNOWN = 1u << 2,   /**< which zone the server was asked in is not known */
    GW_CAVEAT_ONE_RESOLVER = 1u << 3,   /**< only one resolver group was seen */
    GW_CAVEAT_PACKETS_LOST = 1u << 4,   /**< the input was damaged or frames were cut */
};

/**
 * One finding, by value. Made by analyze, told by report; valid until the consumer advances.
 * Pointers are to static text only.
 */
struct gw_finding {
    uint8_t id[16];    /**< the same for the same kind, names and sides, in every run */
    uint64_t sequence; /**< from 1, in the order of telling */
    enum gw_kind kind;
    enum gw_severity severity;
    double confidence; /**< 0.01..0.99 */
    uint32_t term_count;
    struct gw_term term[GW_TERMS_MAX];
    enum gw_split split;
    /** resolver groups that said anything of it; 0 where nothing is split */
    uint32_t group_total;
    uint32_t server_total; /**< servers that said anything of it; 0 where nothing is split */
    uint32_t caveats;      /**< enum gw_caveat */
    struct gw_name zone;   /**< the parent zone; len 0 when unknown */
    struct gw_name cut;    /**< the zone cut */
    struct gw_name name;   /**< name server, or owner of the address; len 0: the whole delegation */
    uint8_t family;        /**< of the addresses: 4 or 6; 0 where not about one family */
    const char *block;     /**< special-purpose block with its RFC, or NULL */
    int64_t first_ns;      /**< first packet behind it; ns since 1970 UTC */
    int64_t last_ns;       /**< last packet behind it */
    uint64_t message_count; /**< messages that showed it, at least */
    uint32_t set_count;     /**< entries in set */
    struct gw_finding_set set[GW_FINDING_SETS_MAX];
    /* The message that completed it. */
    enum gw_class class;
    uint32_t facts;          /**< enum gw_fact */
    struct gw_addr server;   /**< sent it */
    struct gw_addr resolver; /**< was told */
    uint16_t server_port, resolver_port, id_dns, qtype;
    uint8_t transport; /**< enum gw_transport */
    uint8_t ip_ttl;
    struct gw_name qname;
    int64_t trigger_ns;
    uint64_t frame;
    uint32_t input;
    double baseline_s; /**< seconds of history behind the known side */
};

#endif
