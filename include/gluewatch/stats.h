/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file stats.h
 * Every counter of a run, and the laws between them. Filled by the rooms, told by report.
 */
#ifndef GLUEWATCH_STATS_H
#define GLUEWATCH_STATS_H

#include "gluewatch/exchange.h"
#include "gluewatch/incident.h"
#include "gluewatch/source.h"

/**
 * Fates of packets. Law: seen = parsed + sum of skipped[] + held; held is 0 at the end of a run.
 * A packet is parsed when its octets went into a DNS message or stream.
 */
struct gw_packet_stats {
    uint64_t seen;                                  /**< records of all inputs */
    uint64_t parsed;                                /**< their octets were read as DNS */
    uint64_t held;                                  /**< wait in reassembly now */
    uint64_t skipped[GW_WHY_COUNT];                 /**< by reason of stage PACKET */
    uint64_t tagged, tunnelled, fragments, snapped; /**< of those seen; may overlap */
    uint64_t ip4, ip6, udp, tcp;                    /**< of the messages: how they travelled */
    uint64_t encrypted;         /**< packets on port 853: DNS that cannot be read */
    uint64_t sightings[3];      /**< by enum gw_sighting_kind */
    uint64_t sightings_dropped; /**< beyond GW_FRAME_SIGHTINGS of one frame */
};

/**
 * DNS messages. Law: seen = sum of class[]; class[MALFORMED] = sum of malformed[].
 */
struct gw_message_stats {
    uint64_t seen;                    /**< with a complete header */
    uint64_t queries, responses;      /**< by the QR bit; malformed and cut ones included */
    uint64_t classes[GW_CLASS_COUNT]; /**< by enum gw_class */
    uint64_t malformed[GW_WHY_COUNT]; /**< by reason of stage MESSAGE */
    uint64_t notes[GW_WHY_COUNT];     /**< messages with something passed over, by reason */
    uint64_t referral_shaped;         /**< see gw_msg.referral_shaped */
    uint64_t tc, aa, udp, tcp;        /**< responses with TC, with AA; messages by transport */
};

/** The tables of the analysis. Law: inserted = live + evicted. */
struct gw_table_stats {
    uint64_t delegations, name_servers, witnesses, resolver_groups, servers; /**< live now */
    uint64_t inserted, evicted;                                              /**< zone cuts */
    uint64_t refused_admission, refused_quota, refused_memory; /**< zone cuts not taken in */
    uint64_t repeats;                      /**< referrals that said nothing new */
    uint64_t observations;                 /**< that took the slow path */
    uint64_t memory_octets, memory_budget; /**< used, allowed */
    uint64_t zone_known, zone_unknown;     /**< delegations by what is known of the parent zone */
    uint64_t claims_dropped, rows_dropped, targets_dropped; /**< bounds hit */
};

/** Findings. Law: raised = emitted + aggregated + suppressed. */
struct gw_finding_stats {
    uint64_t raised;          /**< times a rule held */
    uint64_t emitted;         /**< findings told */
    uint64_t aggregated;      /**< joined to a finding already held */
    uint64_t suppressed_low;  /**< confidence below the bound for telling */
    uint64_t suppressed_full; /**< the store was full */
    uint64_t suppressed_rule; /**< an operator's rule holds them back */
    uint64_t suppressed_rate; /**< too many of one kind, parent zone or resolver in a minute */
    uint64_t by_kind[GW_KIND_COUNT]; /**< of those emitted */
    uint64_t by_severity[GW_SEVERITY_COUNT];
};

/** Incidents. Law: opened = open + closed. */
struct gw_incident_stats {
    uint64_t opened, closed, open;           /**< incidents that reached the bound for opening */
    uint64_t evidence;                       /**< matters held as evidence that never reached it */
    uint64_t rolled_up;                      /**< incidents that became part of a wider one */
    uint64_t suppressed;                     /**< by an operator's rule */
    uint64_t dropped;                        /**< matters that there was no room for */
    uint64_t by_severity[GW_SEVERITY_COUNT]; /**< of those opened, at their worst */
};

/** The reference zones, and how the traffic compares with them. */
struct gw_reference_stats {
    uint64_t zones, delegations, names; /**< known */
    uint64_t memory_octets;             /**< that they take, beside gw_table_stats */
    uint64_t compared, differing;       /**< delegations, each once */
    uint64_t withheld;                  /**< differences not judged because of `stale` */
    bool stale;                         /**< so many differ that the files must be out of date */
};

/** What was known before the first packet, from earlier runs. */
struct gw_history_stats {
    bool loaded;                 /**< there was a state file; else the rest is 0 */
    uint64_t records;            /**< of delegations, name servers, servers and incidents */
    int64_t begin_ns, latest_ns; /**< packet times of the first and last packet behind them */
};

/** Everything counted in one run. */
struct gw_stats {
    struct gw_packet_stats packet;
    struct gw_message_stats message;
    struct gw_table_stats table;
    struct gw_match_stats match;
    struct gw_finding_stats finding;
    struct gw_incident_stats incident;
    struct gw_reference_stats reference;
    struct gw_history_stats history;
    int64_t first_ns, last_ns; /**< packet time of the first and last record */
    uint32_t input_count;
    const struct gw_input *input; /**< as gw_source.input; owned by the source */
    bool responses_only;          /**< responses were seen, and no query */
    bool lab_profile;             /**< documentation ranges count as public */
    bool interrupted;             /**< ended by a signal or by -c before the inputs' end */
    const char *filter;           /**< filter expression, or NULL */
    uint64_t elapsed_ns;          /**< wall time of the run */
    uint32_t workers;             /**< threads that the run had */
    uint64_t parcel_octets;       /**< memory for messages between threads, beside --memory */
};

#endif
