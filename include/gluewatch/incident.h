/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file incident.h
 * What analyze makes of findings that belong together, for people to act on: one matter, its
 * score, its state. Findings are many and each stands for itself; incidents are few.
 */
#ifndef GLUEWATCH_INCIDENT_H
#define GLUEWATCH_INCIDENT_H

#include "gluewatch/finding.h"

/** Findings of which an incident keeps the ids; more are counted. */
#define GW_INCIDENT_FINDINGS_MAX 32u

/** Delegations that a rolled-up incident names: the surest, and a sample of the others. */
#define GW_INCIDENT_CUTS_MAX 40u

/** Resolvers that an incident names. */
#define GW_INCIDENT_RESOLVERS_MAX 16u

/* X(enumerator, name, text) */
#define GW_FAMILY_LIST(X)                                                                        \
    X(POISON_RACE, "poison-race", "forged responses race with true ones for a resolver's cache") \
    X(PATH_INJECTION, "path-injection",                                                          \
        "something on the path answers in a server's place, for many names")                     \
    X(DELEGATION_HIJACK, "delegation-hijack", "a delegation was taken over at its parent")       \
    X(MISCONFIG, "misconfig", "a delegation is broken")                                          \
    X(RESOLVER_DOS, "resolver-dos", "referrals make resolvers work for nothing")

enum gw_family {
#define GW_FAMILY_ENUM(id, name, text) GW_FAMILY_##id,
    GW_FAMILY_LIST(GW_FAMILY_ENUM)
#undef GW_FAMILY_ENUM
    GW_FAMILY_COUNT
};

/** What an incident is about: the narrowest thing that holds all of its evidence. */
enum gw_scope {
    GW_SCOPE_HOST,     /**< one name server */
    GW_SCOPE_CUT,      /**< one delegation */
    GW_SCOPE_PARENT,   /**< many delegations of one parent zone */
    GW_SCOPE_SERVER,   /**< one server */
    GW_SCOPE_RESOLVER, /**< one resolver */
    GW_SCOPE_ADDRESS,  /**< one address that many name servers gained */
};

/** Its state at the end of the run. Names: new, open, updated, quiet, closed. */
enum gw_incident_state {
    GW_INCIDENT_NEW,     /**< opened by the latest evidence */
    GW_INCIDENT_OPEN,    /**< told */
    GW_INCIDENT_UPDATED, /**< graver, or shown by another channel, since it was told */
    GW_INCIDENT_QUIET,   /**< nothing new for an hour, or the TTL of what was forged */
    GW_INCIDENT_CLOSED,
};

/** Why it was closed. */
enum gw_incident_reason {
    GW_CLOSED_NOT,        /**< it is not */
    GW_CLOSED_RESOLVED,   /**< a day without evidence, and the known side is said again */
    GW_CLOSED_SUPERSEDED, /**< rolled up into a wider one */
    GW_CLOSED_EXPLAINED,  /**< everybody went over: it was a change */
    GW_CLOSED_OPERATOR,   /**< the operator said so */
};

/** One incident, by value. Made by analyze, told by report; valid until the consumer advances. */
struct gw_incident {
    uint8_t id[16];    /**< the same for the same family and scope, in every run */
    uint64_t sequence; /**< from 1, in the order of telling */
    enum gw_family family;
    enum gw_scope scope;
    enum gw_incident_state state;
    enum gw_incident_reason reason;
    enum gw_severity severity;
    double confidence;                             /**< 0.01..0.99 */
    double prior;                                  /**< points that it begins with */
    double channel[GW_CHANNEL_COUNT];              /**< points of each channel, capped */
    uint64_t kinds;                                /**< bit per enum gw_kind that is evidence */
    struct gw_name zone, cut, name;                /**< as in the gravest finding; len 0: none */
    struct gw_addr server, resolver, address;      /**< likewise; family 0: none */
    int64_t opened_ns;                             /**< when it reached the bound for opening */
    int64_t first_ns, last_ns;                     /**< of its evidence */
    int64_t closed_ns;                             /**< meaningful when closed */
    uint64_t finding_total;                        /**< findings behind it */
    uint32_t finding_count;                        /**< entries in finding */
    uint8_t finding[GW_INCIDENT_FINDINGS_MAX][16]; /**< ids, the surest first */
    uint64_t
        delegation_total;    /**< delegations concerned: those that hang on its name servers, too */
    uint64_t resolver_total; /**< resolver groups that were told */
    uint32_t cut_count;      /**< entries in cuts; 0 unless several are concerned */
    struct gw_name cuts[GW_INCIDENT_CUTS_MAX];
    uint32_t resolver_count;                             /**< entries in resolvers */
    struct gw_addr resolvers[GW_INCIDENT_RESOLVERS_MAX]; /**< in order of first evidence */
    uint32_t caveats;                                    /**< enum gw_caveat, of its findings */
    bool watched;                                        /**< on the operator's watch list */
};

#endif
