/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file rules.h
 * What a rule is, what it is given, and how it concludes. One rule per anomaly kind, each in its
 * own rule_<stem>.c; the list is GW_KIND_LIST.
 */
#ifndef GLUEWATCH_ANALYZE_RULES_H
#define GLUEWATCH_ANALYZE_RULES_H

#include "analyze/signal.h"
#include "analyze/split.h"
#include "analyze/zone.h"
#include "gluewatch/payload.h"

struct gw_server_table;
struct gw_resolver_table;
struct gw_race_log;
struct gw_suspects;
struct gw_answers;
struct gw_children;
struct gw_normal;
struct gw_denials;
struct gw_reference;
struct gw_reference_meter;
struct gw_reference_roots;
struct gw_lists;
struct gw_served;
struct gw_fanout;

/** Everything that rules may look at; owned by the analyzer. */
struct gw_rule_context {
    struct gw_table *table;
    struct gw_signal_store *store;
    struct gw_server_table *servers;     /**< how each server's responses look and travel */
    struct gw_resolver_table *resolvers; /**< how well each resolver's queries are paired */
    struct gw_race_log *races;           /**< latest transport evidence, by resolver and server */
    struct gw_suspects *suspects; /**< addresses that a finding tells of, and who asked them */
    struct gw_answers *answers;   /**< what clients were answered lately, and by whom */
    struct gw_children *children; /**< what zones say of themselves */
    struct gw_normal *normal;     /**< what is usual in each parent zone */
    struct gw_denials *denials;   /**< delegations that their parents deny */
    const struct gw_reference *reference; /**< what the operator knows to be true; NULL: nothing */
    struct gw_reference_meter *meter;     /**< how often it is contradicted; NULL without it */
    const struct gw_reference_roots *roots; /**< the root servers; none: nothing is known of them */
    const struct gw_lists *lists; /**< watch list, internal prefixes, groups; NULL: none */
    struct gw_served *served;     /**< what speaks against servers of zones */
    struct gw_fanout *fanout;     /**< large referrals, and what resolvers did with them */
    bool lab;                     /**< documentation and benchmarking ranges count as public */
};

/** What a rule judges by: one message as it was learned, or the end of the run. */
struct gw_rule_event {
    const struct gw_rule_context *context;
    struct gw_table *table;             /**< as in context */
    struct gw_signal_store *store;      /**< likewise */
    const struct gw_observation *seen;  /**< NULL at the end of the run, and in `exchange` */
    const struct gw_exchange *exchange; /**< how the message fits; NULL at the end of the run */
    struct gw_zone zone;                /**< that the server was asked in */
    enum gw_class class;                /**< final class of `seen` */
    struct gw_cut *cut;                 /**< the delegation; NULL when it was refused a place */
    gw_tick begin, now;                 /**< of the run's first packet, and of this event */
    bool lab; /**< documentation and benchmarking ranges count as public */
};

/** A subject whose witnesses differ. */
struct gw_rule_case {
    const struct gw_subject *subject;
    const struct gw_host *host; /**< the subject's host; NULL when it is the cut's NS set */
    uint8_t family;             /**< 4 or 6; 0 for the NS set */
    struct gw_split_view view;
};

/** A rule: the functions that are set judge, each on its occasion. */
struct gw_rule {
    enum gw_kind kind;
    /** A referral or partial referral, learned. */
    void (*message)(const struct gw_rule_event *event);
    /** A subject whose witnesses differ. */
    void (*split)(const struct gw_rule_event *event, const struct gw_rule_case *found);
    /**
     * A response with NS records that is no referral: upward, sideways, self, multi-cut,
     * promiscuous. Of the event's zone and class; nothing was learned from it.
     */
    void (*odd)(const struct gw_rule_event *event);
    /** Any other observation: authority, address, denial, error, alias, answer; before learning. */
    void (*fact)(const struct gw_rule_event *event);
    /** Any message, query or response, with how it fits; `seen` is NULL. */
    void (*exchange)(const struct gw_rule_event *event);
    /** A second response with other octets: `seen` and the response before it. */
    void (*second)(const struct gw_rule_event *event, const struct gw_observation *first);
    /** An ICMP error or a fragment that no message tells of. */
    void (*sighting)(const struct gw_rule_event *event, const struct gw_sighting *sighting);
    /** The end of the run, before findings are told. */
    void (*finish)(const struct gw_rule_event *event);
};

/** Let every rule judge @p event, a referral. */
void gw_rule_judge_message(const struct gw_rule_event *event);

/** Let every rule judge @p event, a response with NS records that is no referral. */
void gw_rule_judge_odd(const struct gw_rule_event *event);

/** Let every rule judge @p event, an observation of another kind. */
void gw_rule_judge_fact(const struct gw_rule_event *event);

/** Let every rule judge @p event by how its message fits what was asked. */
void gw_rule_judge_exchange(const struct gw_rule_event *event);

/** Let every rule judge two responses to one query. */
void gw_rule_judge_second(const struct gw_rule_event *event, const struct gw_observation *first);

/** Let every rule judge a sighting. */
void gw_rule_judge_sighting(const struct gw_rule_event *event, const struct gw_sighting *sighting);

/** Let every rule that waits for the end of the run judge now. */
void gw_rule_judge_finish(const struct gw_rule_event *event);

/** Compare the witnesses of @p subject and let every split rule judge what differs. */
void gw_rule_judge_subject(
    const struct gw_rule_event *event, struct gw_subject *subject, const struct gw_host *host);

/** Begin a finding of @p kind about the event's delegation; @p name NULL: about all of it. */
void gw_rule_begin(const struct gw_rule_event *event, enum gw_kind kind,
    const struct gw_table_name *name, struct gw_finding *ret_finding);

/**
 * Begin a finding of @p kind about one message, known by how it fits: no delegation is named, the
 * QNAME is.
 */
void gw_rule_begin_exchange(
    const struct gw_rule_event *event, enum gw_kind kind, struct gw_finding *ret_finding);

/**
 * Add a term of @p points to the confidence, in the channel of the finding's kind; nothing when it
 * is 0. @p name is static text.
 */
void gw_rule_term(struct gw_finding *finding, const char *name, double points);

/** Add a term that speaks in another channel than the finding's kind does. */
void gw_rule_term_in(
    struct gw_finding *finding, enum gw_channel channel, const char *name, double points);

/** Add the terms for how many groups and servers support the known side. */
void gw_rule_support_terms(struct gw_finding *finding, const struct gw_split_view *view);

/** Put both sides of @p found into @p finding, with their witnesses. */
void gw_rule_add_sides(const struct gw_rule_event *event, const struct gw_rule_case *found,
    struct gw_finding *finding);

/** Put what the claims of mask @p claims of @p subject say into @p finding, as one more side. */
void gw_rule_add_side(const struct gw_rule_event *event, const struct gw_subject *subject,
    uint64_t claims, enum gw_set_role role, struct gw_finding *finding);

/** Put one address that this message told into @p finding, as the contrary side. */
void gw_rule_add_address(const struct gw_rule_event *event, const struct gw_observation_glue *glue,
    struct gw_finding *finding);

/** Put one name that this message told into the contrary side, which is made when there is none. */
void gw_rule_add_name(const struct gw_rule_event *event, const struct gw_table_name *name,
    uint32_t ttl_s, struct gw_finding *finding);

/** Add a contrary side without members: who sent this message, and to whom. */
void gw_rule_add_teller(const struct gw_rule_event *event, struct gw_finding *finding);

/** Put @p name into @p set, in its place; beyond GW_FINDING_MEMBERS_MAX it is only counted. */
void gw_rule_put_name(const struct gw_name *name, struct gw_finding_set *set);

/**
 * Put the claims of mask @p claims of @p subject, and all who ever said one of them, into the empty
 * @p set; its role stays.
 */
void gw_rule_add_claims(const struct gw_rule_event *event, const struct gw_subject *subject,
    uint64_t claims, struct gw_finding_set *set);

/**
 * Put the addresses of @p host that are known from elsewhere into @p finding, as the known side;
 * nothing when none is.
 */
void gw_rule_add_known(
    const struct gw_rule_event *event, const struct gw_host *host, struct gw_finding *finding);

/**
 * Renew what @p finding says of one address of a name server: all who were told it, and how often.
 * For the end of a run; the host's repeats are folded before.
 */
void gw_rule_renew(
    const struct gw_table *table, const struct gw_host *host, struct gw_finding *finding);

/**
 * Finish @p finding and hand it to the store.
 *
 * @param extra     what tells this finding from others of its kind and names; may be NULL
 * @param extra_len octets of @p extra
 */
void gw_rule_conclude(const struct gw_rule_event *event, struct gw_finding *finding,
    const void *extra, size_t extra_len);

/**
 * Finish @p finding, which is about @p addr in all of its parent zone, and hand it to the store.
 */
void gw_rule_conclude_on_address(
    const struct gw_rule_event *event, struct gw_finding *finding, const struct gw_addr *addr);

/**
 * Hand @p finding, which has its identity and its confidence, to the store; count the delegations
 * that hang on its name server, and note its addresses where they are suspect.
 */
void gw_rule_raise(const struct gw_rule_event *event, struct gw_finding *finding);

/**
 * Tell whether a difference is neither a change in time nor the lag of one server behind another.
 * At the end of a run the lag that is allowed for is a quarter of the span that was seen.
 */
bool gw_rule_is_unexplained(const struct gw_rule_event *event, const struct gw_split_view *view);

/**
 * How long and how well the older side was known: +points by days, and a caveat when it is short.
 */
struct gw_rule_history {
    bool stable;   /**< long enough to speak of a change */
    bool is_short; /**< judged by the span of a short capture */
    double days;   /**< from its first sight to the newer side's */
};

/** Judge the history behind the older side of @p found. */
struct gw_rule_history gw_rule_history(
    const struct gw_rule_event *event, const struct gw_rule_case *found);

/** Add the term for the days that the older side was stable. */
void gw_rule_history_term(struct gw_finding *finding, const struct gw_rule_history *history);

/**
 * Add the terms for what else speaks about the contrary side: a race about the message that told
 * it, the operator's reference, a resolver that asked it.
 */
void gw_rule_cross_terms(const struct gw_rule_event *event, const struct gw_rule_case *found,
    struct gw_finding *finding);

/** Tell whether a race, a reference or a resolver that followed it speaks for an attack. */
bool gw_rule_is_attacked(const struct gw_finding *finding);

/**
 * Add the term for a change that everybody saw, and then the old set again: more for each of up to
 * two more servers that told it, for these show that it was in the zone.
 */
void gw_rule_reverted_term(const struct gw_rule_case *found, struct gw_finding *finding);

/**
 * Add the term for a server that alone says what is contrary, and said itself before what two
 * servers at least say still. One that merely lags, or never agreed, does not.
 */
void gw_rule_turned_term(const struct gw_rule_event *event, const struct gw_rule_case *found,
    struct gw_finding *finding);

/**
 * Note a change for everybody, and add the term for those that came with others: 20 or more of one
 * parent zone within an hour.
 */
void gw_rule_crowd_term(const struct gw_rule_event *event, const struct gw_rule_case *change,
    struct gw_finding *finding);

/** Tell whether the contrary side was told by several witnesses, in several messages. */
bool gw_rule_is_shared(const struct gw_split_view *view);

/**
 * Tell whether a stable set was replaced by a disjoint one for every witness, and seen so by more
 * than one resolver group where there is more than one.
 *
 * @param ret_change  @p found with the older side as the known one
 */
bool gw_rule_is_change(const struct gw_rule_event *event, const struct gw_rule_case *found,
    struct gw_rule_case *ret_change);

/** What the name server's own zone says of its address. */
enum gw_rule_child {
    GW_CHILD_SILENT,
    GW_CHILD_OLD,
    GW_CHILD_NEW
};

/**
 * Compare the child side's addresses with both sides of @p change. The old ones count when they
 * were given after the change.
 */
enum gw_rule_child gw_rule_child_says(
    const struct gw_rule_event *event, const struct gw_rule_case *change);

/** Return the name server that @p finding is about, or NULL. */
struct gw_host *gw_rule_host_of(const struct gw_table *table, const struct gw_finding *finding);

/** Mark the contrary side of @p finding while an incident about its subject is open. */
void gw_rule_freeze(const struct gw_rule_event *event, const struct gw_finding *finding);

/** Take the marks away when the incident about @p subject is closed; @p host NULL: it is a cut's.
 */
void gw_rule_thaw(
    const struct gw_rule_event *event, struct gw_subject *subject, const struct gw_host *host);

/** Return the name of @p host. */
struct gw_table_name gw_rule_host_name(const struct gw_table *table, const struct gw_host *host);

/** Return the owner of an address record of @p seen. */
struct gw_table_name gw_rule_glue_owner(
    const struct gw_observation *seen, const struct gw_observation_glue *glue);

/** Tell whether every address of one side lies in a /24 (/48) of the other side's. */
bool gw_rule_is_nearby(const struct gw_table *table, const struct gw_rule_case *found);

/** Tell whether the host has another address than @p addr from its own zone or by other glue. */
bool gw_rule_contradicts(
    const struct gw_rule_event *event, const struct gw_host *host, const struct gw_addr *addr);

/** Referrals behind a delegation whose NS set counts as known. */
#define GW_KNOWN_MESSAGES 3u

/** How the NS set of a message compares with what referrals say of the same zone cut. */
enum gw_rule_ns {
    GW_NS_NOT_KNOWN, /**< there were none, or too few */
    GW_NS_AS_KNOWN,  /**< a name server in common, or the servers of the root */
    GW_NS_OTHERWISE, /**< none in common */
};

/** Compare the NS set of the event's message with the table's. */
enum gw_rule_ns gw_rule_ns_known(const struct gw_rule_event *event);

/** Tell whether @p seen gives the root, and name servers under root-servers.net alone. */
bool gw_rule_is_root_set(const struct gw_observation *seen);

/** Tell whether @p seen came in a way that nobody can forge from elsewhere: TCP, cookie, TSIG. */
bool gw_rule_is_guarded(const struct gw_observation *seen);

/** Tell whether @p seen is, as far as is known, a resolver's response to its client. */
bool gw_rule_is_to_client(const struct gw_observation *seen);

/** Tell whether a name server that @p seen names comes with an address. */
bool gw_rule_has_glue(const struct gw_observation *seen);

/** Return the labels of @p wire without the root: 0 for the root, 1 for a TLD. */
uint32_t gw_rule_labels(const uint8_t *wire);

/** Have @p finding tell of the zone @p wire instead of the message's NS owner. */
void gw_rule_about(struct gw_finding *finding, const uint8_t *wire, uint8_t len);

/** Put the name servers that this message names into @p finding, as the contrary side. */
void gw_rule_add_targets(const struct gw_rule_event *event, struct gw_finding *finding);

/** Put the name servers that referrals give for the finding's cut before it, as the known side. */
void gw_rule_add_known_targets(const struct gw_rule_event *event, struct gw_finding *finding);

/** Which kind of block an address lies in. */
enum gw_rule_block_class {
    GW_BLOCK_PUBLIC,
    GW_BLOCK_SPECIAL,
    GW_BLOCK_SELF
};

/** A special-purpose address block (IANA registries, RFC 6890). */
struct gw_rule_block {
    enum gw_rule_block_class class; /**< SELF: a resolver would ask itself */
    const char *name; /**< e.g. "10.0.0.0/8 private use (RFC 1918)"; NULL for PUBLIC */
    bool unspecified; /**< 0.0.0.0/8 or :: */
};

/** Find the block of @p addr; with @p lab, documentation and benchmarking blocks are public. */
struct gw_rule_block gw_rule_block_of(const struct gw_addr *addr, bool lab);

/**
 * Tell whether the server that sent the event's message is at an address that nobody can reach from
 * outside: it speaks of an inner network, which may have private addresses and a root of its own.
 * Documentation and benchmarking ranges do not count.
 */
bool gw_rule_is_inner(const struct gw_rule_event *event);

/** How a kind judges glue in blocks of one class. */
struct gw_rule_block_judgement {
    enum gw_kind kind;
    enum gw_rule_block_class class;
    double base;               /**< points of the base term */
    enum gw_severity severity; /**< as a rule */
    enum gw_severity graver;   /**< when the name has another address, or the block is 0/8 or :: */
};

/** Raise a finding for each glue address of the event's message that lies in such a block. */
void gw_rule_judge_blocks(
    const struct gw_rule_event *event, const struct gw_rule_block_judgement *judgement);

#endif
