/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file finding.h
 * What analyze concludes and report tells: one finding with its proof, by value.
 */
#ifndef GLUEWATCH_FINDING_H
#define GLUEWATCH_FINDING_H

#include "gluewatch/exchange.h"
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
    enum gw_channel channel; /**< of the incident's score that it speaks in */
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
    GW_CAVEAT_RESPONSES_ONLY = 1u << 0,   /**< the capture holds no queries: confidence halved */
    GW_CAVEAT_SHORT_BASELINE = 1u << 1,   /**< the history behind it is short */
    GW_CAVEAT_ZONE_UNKNOWN = 1u << 2,     /**< which zone the server was asked in is not known */
    GW_CAVEAT_ONE_RESOLVER = 1u << 3,     /**< only one resolver group was seen */
    GW_CAVEAT_PACKETS_LOST = 1u << 4,     /**< the input was damaged or frames were cut */
    GW_CAVEAT_PAIRING_DEGRADED = 1u << 5, /**< too many queries or responses were not seen */
    GW_CAVEAT_STALE_REFERENCE = 1u << 6,  /**< the reference is older than its refresh time */
    GW_CAVEAT_TABLE_FULL = 1u << 7,       /**< memory was short: others were turned away */
};

/** Which resolver families would have believed a record, or-ed (docs/DETECTION.md, section 1). */
enum gw_accept {
    GW_ACCEPT_BIND = 1u << 0,
    GW_ACCEPT_UNBOUND = 1u << 1,
    GW_ACCEPT_KNOT = 1u << 2,
    GW_ACCEPT_POWERDNS = 1u << 3,
};

/** How the message that showed it travelled, beside what every message has. */
struct gw_finding_transport {
    enum gw_fit fit; /**< how it fits what was asked */
    enum gw_leg leg;
    bool has_query;       /**< the query_… fields mean something */
    int64_t rtt_ns;       /**< after its query */
    uint16_t query_id;    /**< message ID that was asked */
    uint64_t query_frame; /**< record number of the query */
    uint32_t query_input; /**< and its input */
    uint32_t wrong_count; /**< responses with a wrong ID, question or port behind it */
    uint32_t port_count;  /**< distinct ports among them; 0 when that is not counted */
    uint8_t usual_ip_ttl; /**< of this server; 0 when not known */
    int64_t usual_rtt_ns; /**< smallest of this server; 0 when not known */
    bool has_rival;       /**< the rival_… fields mean something */
    uint8_t rival_ip_ttl; /**< of the other response to the same query */
    enum gw_class rival_class;
    int64_t rival_ns;        /**< when it came */
    uint64_t rival_frame;    /**< its record number */
    uint32_t rival_input;    /**< and its input */
    struct gw_addr asked;    /**< whom the query was sent to, where that was another */
    uint32_t fragment_count; /**< pieces that the message came in; 0: whole */
    uint32_t fragment_from;  /**< the piece, from 0, that brought the record in question */
    uint64_t fragment_frame; /**< and its record number */
};

/**
 * One finding, by value. Made by analyze, told by report; valid until the consumer advances.
 * Pointers are to static text only.
 */
struct gw_finding {
    uint8_t id[16];    /**< the same for the same kind, names and sides, in every run */
    uint64_t sequence; /**< from 1, in the order of telling */
    enum gw_kind kind;
    const char *variant; /**< static text: which shape of the kind; NULL where it has one only */
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
    double baseline_s;   /**< seconds of history behind the known side */
    int64_t detected_ns; /**< packet time at which it was first raised */
    uint8_t accept;      /**< enum gw_accept; meaningful when accept_known */
    bool
        accept_known; /**< the finding is about a record, and a resolver's rules for it are known */
    bool watched;     /**< the delegation is on the operator's watch list */
    struct gw_finding_transport transport_facts;
    uint32_t delegation_count; /**< delegations that hang on the name server; 0: not counted */
    uint8_t incident[16];      /**< id of the incident that it is evidence of; zero: none */
};

#endif
