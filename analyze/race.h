/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file race.h
 * What the rules about races and transport share: a log of the latest evidence, counts of odd
 * responses by resolver and claimed server, and how their findings are concluded.
 */
#ifndef GLUEWATCH_ANALYZE_RACE_H
#define GLUEWATCH_ANALYZE_RACE_H

#include "analyze/recent.h"
#include "analyze/resolver.h"
#include "analyze/rules.h"
#include "analyze/server.h"

/** Transport evidence from this confidence on speaks in the rules about content. */
#define GW_RACE_CONFIDENCE 0.5

/** One piece of transport evidence. */
struct gw_race {
    struct gw_addr group;  /**< of the resolver */
    struct gw_addr server; /**< whom the response claims to come from */
    enum gw_kind kind;
    uint64_t qname_hash; /**< as in gw_exchange; 0: of no question */
    int64_t first_ns;    /**< of the first of its kind; ns since 1970 UTC */
    int64_t last_ns;     /**< of the latest */
};

/** Ports are told apart by as many bits: a count of distinct ones is "at least". */
#define GW_RACE_PORT_BITS 4096u

/** What responses of one claimed server to one resolver were odd. */
struct gw_race_pair {
    /* Nobody asked: ten seconds from the first. */
    int64_t spray_ns;     /**< when the window began */
    uint32_t spray_count; /**< responses */
    uint32_t spray_ports; /**< distinct ports among them, at least */
    uint32_t spray_first; /**< responses that were asked for in the window */
    uint32_t unreachable; /**< ICMP errors of the resolver in the window */
    uint64_t spray_port[GW_RACE_PORT_BITS / 64];
    /* Wrong message IDs or questions: ten minutes from the first. */
    int64_t burst_ns;      /**< when the window began */
    uint64_t burst_count;  /**< responses */
    uint32_t burst_worst;  /**< most of them to one query */
    uint64_t burst_qname;  /**< hash of the latest one's question */
    int64_t burst_last_ns; /**< when the latest came */
    bool burst_retried;    /**< the resolver asked again over TCP */
    bool burst_even;       /**< IDs in steps of one, or spaced by less than 100 µs */
    bool burst_birthday;   /**< to one of many open queries with the same question */
    struct gw_finding_transport burst_transport; /**< of the latest response */
    /* Fragments. */
    int64_t orphan_ns;     /**< when a window of thirty seconds began */
    uint32_t orphan_count; /**< later fragments without a first, in the window */
    uint32_t orphan_steps; /**< of them, one identification above the one before */
    uint32_t orphan_id;    /**< identification of the latest */
    int64_t conflict_ns;   /**< when two fragments contradicted each other last; 0: never */
    /* Two responses to one query, and others of which there may be too many: by day. */
    int64_t day_no;
    uint32_t day_count;   /**< names; one that comes back after another counts again */
    uint8_t day_name[16]; /**< stable hash of the latest */
};

/** A query that was sent again, and a response from another address than was asked. */
struct gw_race_note {
    struct gw_addr resolver;
    uint16_t port; /**< of the resolver, host order */
    uint16_t id;
    uint64_t qname_hash;
    int64_t time_ns;
};

#define GW_RACE_NOTES 256u

/** Findings about messages in fragments that wait for a fragment that contradicts theirs. */
#define GW_RACE_FRAGMENTED 8u

/** Evidence and counts; owned by the analyzer. */
struct gw_race_log {
    struct gw_race race[GW_RACES_KEPT];
    uint32_t count;         /**< entries in use */
    uint32_t next;          /**< where the next goes */
    struct gw_recent pairs; /**< key: resolver and server; struct gw_race_pair */
    struct gw_race_note again[GW_RACE_NOTES];
    uint32_t again_next;
    struct gw_finding fragmented[GW_RACE_FRAGMENTED]; /**< server.family 0: none */
    uint32_t fragmented_next;
};

/** Make an empty log; NULL without memory. @p key outlives it. */
struct gw_race_log *gw_race_new(const struct gw_hash_key *key);

/** Free @p log; accepts NULL. */
void gw_race_free(struct gw_race_log *log);

/** Return the octets of memory that it may touch. */
uint64_t gw_race_octets(const struct gw_race_log *log);

/** Note a query that was sent again; every message may be given. */
void gw_race_learn(struct gw_race_log *log, const struct gw_exchange *exchange);

/** Tell whether the query that @p exchange responds to was sent again, same ID, in 10 s before. */
bool gw_race_was_asked_again(const struct gw_race_log *log, const struct gw_exchange *exchange);

/** Return what is counted of the two, or NULL. */
struct gw_race_pair *gw_race_pair_find(
    const struct gw_race_log *log, const struct gw_addr *resolver, const struct gw_addr *server);

/** Return what is counted of the two; valid until the next pair is met. */
struct gw_race_pair *gw_race_pair_meet(
    struct gw_race_log *log, const struct gw_addr *resolver, const struct gw_addr *server);

/**
 * Tell whether transport evidence of confidence 0.5 and more speaks about responses of @p server
 * (NULL: of any) to the group of @p resolver in the time from @p from_ns to @p to_ns (both
 * included).
 */
bool gw_race_near(const struct gw_race_log *log, const struct gw_addr *resolver,
    const struct gw_addr *server, int64_t from_ns, int64_t to_ns);

/** Tell the same of one question only: @p qname_hash as in gw_exchange. */
bool gw_race_near_question(const struct gw_race_log *log, const struct gw_exchange *exchange);

/** Return the group of @p resolver: its /24 or /56. */
struct gw_addr gw_race_group(const struct gw_addr *resolver);

/** What makes a finding about transport one matter. */
struct gw_race_key {
    const struct gw_addr *resolver; /**< its group counts; NULL: whichever */
    const struct gw_addr *server;   /**< NULL: whichever */
    const struct gw_name *name;     /**< NULL: whichever */
    int64_t period;                 /**< number of the window, hour or day; 0: for good */
    uint8_t shape;                  /**< tells forms of a kind apart */
};

/**
 * Finish @p finding about how a message came: its confidence is lowered where few exchanges were
 * seen, it goes into the log, and to the store. Severity `medium` and more needs a confidence of
 * 0.5.
 */
void gw_race_conclude(
    const struct gw_rule_event *event, struct gw_finding *finding, const struct gw_race_key *key);

/** Tell whether a response is of those that rules about races judge: over UDP or TCP, upstream. */
bool gw_race_is_judged(const struct gw_rule_event *event);

/** Count @p pair's names of today; false when there were too many before @p name. */
bool gw_race_has_room(struct gw_race_pair *pair, const struct gw_name *name, int64_t time_ns);

/** How a member of a set stands to what the table holds. */
enum gw_race_standing {
    GW_RACE_NEW,   /**< nothing is known of the name, or of this family */
    GW_RACE_KNOWN, /**< another message or the name's own zone told it */
    GW_RACE_OTHER, /**< others are known, this one is not */
};

/**
 * Tell how the address @p addr of the name @p name stands, without the response @p told and what
 * its resolver group alone was told in the minute before it.
 */
enum gw_race_standing gw_race_address_standing(const struct gw_table *table,
    const struct gw_table_name *name, const struct gw_addr *addr,
    const struct gw_observation *told);

/** Tell the same of the name server @p target of the delegation @p cut. */
enum gw_race_standing gw_race_target_standing(const struct gw_table *table,
    const struct gw_table_name *cut, const struct gw_table_name *target,
    const struct gw_observation *told);

#endif
