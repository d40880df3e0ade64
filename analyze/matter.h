/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file matter.h
 * What the log of incidents holds of one matter, and the steps that it goes through. Only for
 * analyze/incident*.c, and for what writes matters down, analyze/snapshot*.c.
 */
#ifndef GLUEWATCH_ANALYZE_MATTER_H
#define GLUEWATCH_ANALYZE_MATTER_H

#include "analyze/incident.h"

#define GW_MATTER_KEYS      16u /**< names that lead to a matter */
#define GW_MATTER_ADDRESSES 8u  /**< addresses likewise */
#define GW_MATTER_QUESTIONS 8u  /**< questions with two answers, of one resolver and server */
#define GW_MATTER_SUREST    20u /**< delegations of a wide matter: the surest */
#define GW_MATTER_SAMPLE    20u /**< and of all of them a sample */

_Static_assert(
    GW_MATTER_SUREST + GW_MATTER_SAMPLE <= GW_INCIDENT_CUTS_MAX, "an incident names all of them");

/** How far evidence may reach: matters of different sorts never become one. */
enum gw_matter_sort {
    GW_MATTER_ATTACK, /**< poison-race, path-injection, delegation-hijack */
    GW_MATTER_BROKEN, /**< misconfig */
    GW_MATTER_DOS,    /**< resolver-dos */
};

/** One finding as it counts. */
struct gw_matter_evidence {
    uint8_t id[16];
    enum gw_kind kind;
    enum gw_severity severity;
    bool server_split;               /**< one server against the others */
    bool told_by_several;            /**< one resolver against the others, told by servers alike */
    double base;                     /**< points of its first term */
    double confidence;               /**< of the finding */
    double points[GW_CHANNEL_COUNT]; /**< sums of its terms by channel */
    bool settled; /**< of an earlier run: what halves this run's evidence leaves it alone */
};

/** A delegation of a wide matter. */
struct gw_matter_cut {
    struct gw_name name;
    uint64_t key;
    double confidence;
};

/** The delegations that a wide matter names. */
struct gw_matter_cuts {
    uint32_t surest_count, sample_count;
    struct gw_matter_cut surest[GW_MATTER_SUREST]; /**< by falling confidence */
    struct gw_matter_cut sample[GW_MATTER_SAMPLE]; /**< those with the smallest keys */
};

/** A finding, in the form in which it is compared with matters. */
struct gw_matter_clue {
    const struct gw_finding *finding;
    enum gw_matter_sort sort;
    enum gw_channel channel;            /**< of its kind */
    uint64_t zone, cut, name, question; /**< keys of its names; 0: absent */
    int64_t now_ns;                     /**< packet time */
};

/** One matter. */
struct gw_matter {
    bool used;
    uint16_t generation; /**< of the slot */
    uint32_t merged;     /**< slot that it became part of, plus 1; 0: it stands for itself */
    enum gw_matter_sort sort;
    bool injection; /**< two answers to many questions, and no guessing */
    bool rolled;    /**< holds many delegations of one parent zone */
    bool has_cut;   /**< evidence names a delegation: not of transport alone */
    bool opened;    /**< reached the bound once */
    bool watched;
    enum gw_kind rolled_kind;
    uint32_t again; /**< times that an incident of the same names was opened before */
    /* What it is about. */
    struct gw_name zone, cut, name, question;
    struct gw_addr server, resolver, address;
    uint64_t zone_key;
    uint32_t key_count, host_count, cut_count, address_count, question_count;
    uint64_t key[GW_MATTER_KEYS]; /**< of delegations and name servers */
    uint64_t asked[GW_MATTER_QUESTIONS];
    struct gw_addr addresses[GW_MATTER_ADDRESSES]; /**< that the contrary sides gave */
    uint32_t resolver_count;
    uint64_t resolver_total;
    struct gw_addr resolvers[GW_INCIDENT_RESOLVERS_MAX];
    bool many_servers;
    bool by_server;              /**< holds what one server alone says, against the others */
    uint64_t delegation_count;   /**< the most that hang on one of its name servers */
    struct gw_matter_cuts *cuts; /**< NULL: one delegation, or no room */
    /* Its evidence. */
    uint32_t evidence_count;
    struct gw_matter_evidence evidence[GW_INCIDENT_FINDINGS_MAX]; /**< by falling confidence */
    uint64_t finding_total;
    uint32_t kind_count[GW_KIND_COUNT];
    uint32_t caveats;
    enum gw_severity worst; /**< severity of its gravest finding so far */
    /* What came of it. */
    enum gw_family family;
    double channel[GW_CHANNEL_COUNT];
    double prior, confidence;
    enum gw_severity severity, severity_then; /**< now, and when it was opened */
    uint32_t channels_then;                   /**< bit per channel with points when it was opened */
    int64_t first_ns, last_ns, opened_ns;
    int64_t explained_ns; /**< when everybody had gone over to what was contrary; 0: not */
    uint32_t ttl_s;       /**< longest TTL of a contrary side */
    uint8_t id[16];       /**< set at the end of the run */
    bool has_id;          /**< or it was set in an earlier run, and stays */
    bool dormant;         /**< was closed in an earlier run, and did not come back */
    enum gw_incident_state state;
    enum gw_incident_reason reason;
    int64_t closed_ns; /**< meaningful when state is closed */
};

/** What delegations of one parent zone showed one kind of late. */
struct gw_matter_trend {
    uint64_t zone; /**< 0: free */
    enum gw_kind kind;
    enum gw_matter_sort sort;
    uint32_t at, count;
    int64_t when_ns[20];
};

#define GW_MATTER_TRENDS 64u

/** All matters of a run. */
struct gw_incident_log {
    struct gw_incident_stats *stats;
    uint32_t most, count; /**< slots; slots ever used */
    struct gw_matter *matter;
    uint32_t cuts_most, cuts_used;
    struct gw_matter_cuts *cuts;
    struct gw_matter_trend trend[GW_MATTER_TRENDS];
    uint32_t trend_next;
    int64_t last_ns; /**< packet time of the run's last record; set at the end */
    uint32_t told_count;
    uint32_t *told;         /**< slots in order of telling */
    struct gw_incident one; /**< the incident told last */
};

/** Return the key of @p name: the same in every run; 0 when it is absent. */
uint64_t gw_incident_key(const struct gw_name *name);

/** Return the channel of @p kind's own evidence. */
enum gw_channel gw_incident_channel(enum gw_kind kind);

/** Return which sort of matter @p finding begins. */
enum gw_matter_sort gw_incident_sort(const struct gw_finding *finding);

/**
 * Return the first set of @p finding whose addresses may be forged: the last, or both of two
 * responses to one query of which neither is known to be right.
 */
uint32_t gw_incident_first_odd(const struct gw_finding *finding);

/** Tell whether two resolvers are of one group. */
bool gw_incident_same_group(const struct gw_addr *left, const struct gw_addr *right);

/** Tell whether a resolver of the group of @p resolver was told in @p matter. */
bool gw_incident_has_resolver(const struct gw_matter *matter, const struct gw_addr *resolver);

/** Tell whether @p matter leads to key @p key. */
bool gw_incident_has_key(const struct gw_matter *matter, uint64_t key);

/** Tell whether @p clue belongs to @p matter. */
bool gw_incident_fits(const struct gw_matter *matter, const struct gw_matter_clue *clue);

/** Put @p clue into @p matter, as evidence @p again or for the first time. */
void gw_incident_collect(struct gw_incident_log *log, struct gw_matter *matter,
    const struct gw_matter_clue *clue, bool again);

/** Move everything that @p from holds to @p to. */
void gw_incident_merge(struct gw_incident_log *log, struct gw_matter *to, struct gw_matter *from);

/** Note a delegation of a matter that holds several. */
void gw_incident_note_cut(struct gw_incident_log *log, struct gw_matter *matter,
    const struct gw_name *cut, double confidence);

/** Compute family, channels, prior, confidence and severity of @p matter. */
void gw_incident_score(struct gw_matter *matter);

/** Return a bit for each channel in which @p matter has points. */
uint32_t gw_incident_channels(const struct gw_matter *matter);

/** Bring the state of @p matter up to @p now_ns. */
void gw_incident_advance(struct gw_matter *matter, int64_t now_ns);

/** Return the slot where what was kept in slot @p index is now. */
uint32_t gw_incident_follow(const struct gw_incident_log *log, uint32_t index);

#endif
