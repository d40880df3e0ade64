/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file world.h
 * The world that scenarios play in: a zone (the notation of the scenarios calls it `example`) with
 * four parent servers P1-P4, 201 delegations below it, their name servers, the root servers, and
 * five resolvers R1-R5 in five groups. All names, addresses, habits and times come from the seed.
 *
 * A scenario is one function. It may first change habits of servers and resolvers, and set
 * `edit`; it calls sc_base() once, which plays the ordinary traffic from start_ns to end_ns; and it
 * adds its own packets around attack_ns, in any order of time. Beside what it plays it says what is
 * to be found (sc_must() and the like). All of its own randomness comes from `draw`.
 *
 *     void
 *     sc_play_a01(struct sc_world *world)
 *     {
 *         sc_base(world);
 *         struct sc_tx tx;
 *         sc_tx_init(world, &tx, world->resolver, world->parent[0], "r1.foo.example", SC_A, t);
 *         sc_tx_send(world, &tx);
 *         struct sc_reply reply = sc_reply_forged(world, &tx, t + 1000);
 *         sc_msg_referral(world, &world->msg, world->parent[0], &bad_cut, false);
 *         sc_reply_send(world, &tx, &reply, &world->msg);
 *     }
 *
 * Addresses are public ones, so no profile is needed; IPv4 A.B.C.D goes with IPv6
 * 2a10:AABB:CC00::DD. Times are nanoseconds since 1970. Texts given to the world must live as long
 * as it does: sc_text() makes such.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_WORLD_H
#define GLUEWATCH_TESTS_SCENARIO_WORLD_H

#include "tests/scenario/capture_writer.h"
#include "tests/scenario/expect.h"

#define SC_US     INT64_C(1000)
#define SC_MS     INT64_C(1000000)
#define SC_SECOND INT64_C(1000000000)

#define SC_PARENTS     4u
#define SC_RESOLVERS   5u
#define SC_CUTS        201u
#define SC_CUTS_MAX    768u
#define SC_FLOOD       200000u
#define SC_SERVERS_MAX 1024u
#define SC_CUT_NS_MAX  13u
#define SC_ROOTS       13u
#define SC_NAME_MAX    256u

enum sc_vendor {
    SC_BIND,
    SC_NSD,
    SC_KNOT,
    SC_PDNS,
};

/** How a server numbers its IP packets. */
enum sc_ipid {
    SC_IPID_COUNTER,
    SC_IPID_RANDOM,
    SC_IPID_ZERO, /**< with DF */
};

/** A name server and its habits. */
struct sc_server {
    const char *name; /**< host name */
    struct sc_addr v4;
    struct sc_addr v6;
    enum sc_vendor vendor;
    enum sc_ipid ipid;
    uint8_t ip_ttl;     /**< as it arrives at the tap */
    int64_t rtt_ns;     /**< the least; replies take up to an eighth more, few longer */
    uint16_t edns_size; /**< 0: it knows no EDNS */
    bool cookies;
    uint64_t secret; /**< of its cookies and IP identifications */
};

/** A resolver and its habits. */
struct sc_resolver {
    struct sc_addr v4;
    struct sc_addr v6;
    uint16_t edns_size; /**< 0: no EDNS */
    bool dnssec;        /**< sets DO */
    bool cookies;
    bool mixed_case;        /**< 0x20 */
    uint32_t six_per_mille; /**< of its queries that go over IPv6 */
    uint64_t secret;
};

/** One name server of a delegation, as the parent hands it out. */
struct sc_ns {
    const char *name;
    struct sc_addr v4; /**< glue; family 0: none is sent */
    struct sc_addr v6;
    const struct sc_server *server; /**< who really serves */
};

/** A delegation. Scenarios copy one, change the copy and hand that out. */
struct sc_cut {
    const char *name;
    const char *www;         /**< a host name in it */
    struct sc_addr www_addr; /**< and its address */
    uint32_t ns_ttl;
    uint32_t glue_ttl;
    bool has_ds;
    uint32_t ns_count;
    struct sc_ns ns[SC_CUT_NS_MAX]; /**< neighbours of one name are one server's addresses */
};

/** A question on its way. Made by sc_tx_init(), may be changed before sc_tx_send(). */
struct sc_tx {
    const struct sc_resolver *resolver;
    const struct sc_server *server;
    struct sc_packet packet; /**< of the query: its time, ports, addresses */
    uint16_t id;
    uint16_t qtype;
    bool rd;
    char qname[SC_NAME_MAX]; /**< in the case that is sent */
    struct sc_edns edns;
};

/** How a reply travels. sc_reply_honest() and sc_reply_forged() fill it; change what you like. */
struct sc_reply {
    struct sc_packet packet;
    uint16_t id;
    const char *qname; /**< as it stands in the question */
    uint16_t qtype;
    struct sc_edns edns;
    bool carries_case;
};

/** Which server is asked in ordinary traffic. */
enum sc_role {
    SC_TO_ROOT,
    SC_TO_PARENT,
    SC_TO_CHILD,
};

/** A question of ordinary traffic and its answer, before they are sent: for sc_edit. */
struct sc_exchange {
    enum sc_role role;
    const struct sc_cut *cut; /**< that it is about; NULL for the root */
    struct sc_tx tx;
    struct sc_reply reply; /**< ignored when `answered` is false */
    struct sc_msg *msg;    /**< what is answered; sc_msg_init() and write it anew to change it */
    bool skipped;          /**< set: the question is not even asked */
    bool answered;         /**< cleared: no reply */
};

struct sc_world;

/** A resolver's business with a delegation: for sc_version. */
struct sc_visit {
    enum sc_role role;
    const struct sc_resolver *resolver;
    const struct sc_server *server; /**< who is asked */
    const struct sc_cut *cut;       /**< of world->cut */
    const struct sc_cut *given;     /**< SC_TO_CHILD: what the parent's server handed out before */
    int64_t at_ns;                  /**< when it asks */
};

/**
 * Say which version of visit->cut the server that is asked has, for scenarios where delegations
 * change or differ. What a parent's server has is handed out, and its name servers are asked next;
 * what a child's server has is what it answers. To leave things alone: visit->cut (parent) and
 * visit->given (child). The result must stay until the next call.
 */
typedef const struct sc_cut *sc_version(struct sc_world *world, const struct sc_visit *visit);

/** Change @p exchange of the ordinary traffic as the scenario wants it. */
typedef void sc_edit(struct sc_world *world, struct sc_exchange *exchange);

/** How the world speaks, for the variants of a scenario. */
struct sc_manner {
    const char *name; /**< of the variant */
    bool dnssec;      /**< every resolver sets DO */
    bool plain;       /**< no compression */
    bool shuffled;    /**< records in random order */
    bool mixed_case;  /**< every resolver uses 0x20 */
    struct sc_recording recording;
};

/** The world. Large: heap or static. */
struct sc_world {
    uint64_t seed;
    const struct sc_manner *manner;
    bool is_short;             /**< a busy capture of 20 seconds in place of a week */
    bool benign;               /**< set by scenarios without an attack */
    bool odd_checksums;        /**< set by scenarios that send wrong checksums on purpose */
    bool odd_messages;         /**< set by scenarios that send malformed messages on purpose */
    struct sc_draw draw;       /**< of the scenario itself */
    struct sc_draw base_draw;  /**< of the ordinary traffic */
    struct sc_draw style_draw; /**< of what variants draw */
    int64_t start_ns;          /**< of the ordinary traffic */
    int64_t attack_ns;         /**< 7 days (12 s when short) and a bit later */
    int64_t end_ns;            /**< of the ordinary traffic: a round and a bit later */
    int64_t round_ns;          /**< each resolver meets each cut once: 6 h (4 s when short) */
    int64_t hour_ns;           /**< for sc_hours() */
    uint32_t flood;            /**< random delegations where the scenario is a flood of them */

    const char *zone;                          /**< that P1-P4 serve: `example` */
    struct sc_server *parent[SC_PARENTS];      /**< P1-P4 */
    struct sc_server *root[SC_ROOTS];          /**< at the real addresses of a to m */
    struct sc_server *foreign;                 /**< name servers outside of the zone, in pairs */
    struct sc_resolver resolver[SC_RESOLVERS]; /**< R1-R5 */
    struct sc_cut cut[SC_CUTS_MAX]; /**< cut[0] is `foo.example` with ns1, ns2 in-domain */
    uint32_t cut_count;             /**< SC_CUTS, unless the scenario adds some */
    struct sc_cut *foo;             /**< cut[0] */
    struct sc_server *attacker;     /**< X: a server at the attacker's address */
    const char *evil;               /**< a second-level name outside of the zone: evil.test */
    const char *bank;               /**< likewise, an innocent one: bank.test */

    sc_edit *edit;       /**< of ordinary traffic, or NULL */
    sc_version *version; /**< or NULL: nothing changes */
    void *edit_data;     /**< for both */

    struct sc_server server[SC_SERVERS_MAX];
    uint32_t server_count;
    uint32_t addr_count; /**< of sc_addr_new() */
    struct sc_capture capture;
    struct sc_expect expect;
    struct sc_msg msg;      /**< for scenarios */
    struct sc_msg base_msg; /**< of sc_base() */
    struct sc_msg query;    /**< of sc_tx_send() */
    uint8_t octets[SC_MESSAGE_MAX];
    char *texts; /**< of sc_text() */
    uint32_t texts_len;
};

/** Make the world of @p seed in @p manner, which must live as long; without memory it ends. */
struct sc_world *sc_world_new(uint64_t seed, bool is_short, const struct sc_manner *manner);
void sc_world_free(struct sc_world *world);

/** Return a text made as by printf() that lives as long as the world. */
const char *sc_text(struct sc_world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Return a made-up label of @p low to @p high letters, drawn from `draw` of the world. */
const char *sc_label(struct sc_world *world, uint32_t low, uint32_t high);

/** Return an address in a /24 that no other host of the world has. */
struct sc_addr sc_addr_new(struct sc_world *world);

/** Add a server with drawn habits, named @p name, at new addresses. */
struct sc_server *sc_server_new(struct sc_world *world, const char *name);

/**
 * Return how long @p hours of the scenario last: as many hours, or their share of a round in a
 * short capture. For races and round trips use true times instead.
 */
int64_t sc_hours(const struct sc_world *world, double hours);

/**
 * Let the ordinary traffic last @p before_hours longer before attack_ns, and @p after_hours longer
 * after it. For use before sc_base(), and never in a short capture.
 */
void sc_lengthen(struct sc_world *world, double before_hours, double after_hours);

/** Add a delegation `name`.zone for sc_base(), without name servers. */
struct sc_cut *sc_cut_new(struct sc_world *world);

/** Add to @p cut the name server @p server, with its name and glue of the families wanted. */
void sc_cut_serve(struct sc_cut *cut, const struct sc_server *server, bool four, bool six);

/** Play the ordinary traffic of all resolvers, from start_ns to end_ns. */
void sc_base(struct sc_world *world);

/**
 * Prepare a question of @p resolver to @p server at @p at_ns: random port and id, OPT, cookie and
 * case after the resolver's habits; over IPv4. It is drawn from `draw`.
 */
void sc_tx_init(struct sc_world *world, struct sc_tx *tx, const struct sc_resolver *resolver,
    const struct sc_server *server, const char *qname, uint16_t qtype, int64_t at_ns);

/** Send the question. */
void sc_tx_send(struct sc_world *world, const struct sc_tx *tx);

/** Return when a reply of the server asked in @p tx arrives, drawn from `draw`. */
int64_t sc_tx_answered_ns(struct sc_world *world, const struct sc_tx *tx);

/** How the server that was asked replies at @p at_ns. */
struct sc_reply sc_reply_honest(struct sc_world *world, const struct sc_tx *tx, int64_t at_ns);

/**
 * How somebody replies in its name who sees nothing but guesses all right: same addresses, ports,
 * id and question, an OPT without cookie, another IP TTL (by 3 and more) and a random IP ID.
 */
struct sc_reply sc_reply_forged(struct sc_world *world, const struct sc_tx *tx, int64_t at_ns);

/**
 * Encode @p msg as the reply @p reply says (question, id and OPT come from @p reply; AA, RCODE and
 * records from @p msg) into world->octets, without sending. @return octets
 */
uint32_t sc_reply_encode(
    struct sc_world *world, const struct sc_reply *reply, const struct sc_msg *msg);

/** Encode and send over UDP. */
void sc_reply_send(struct sc_world *world, const struct sc_reply *reply, const struct sc_msg *msg);

/** Send the honest reply with @p msg after the server's round trip. @return its time */
int64_t sc_answer(struct sc_world *world, const struct sc_tx *tx, const struct sc_msg *msg);

/** Ask over TCP from tx->packet.at_ns and get @p msg. @return time of the reply's last segment */
int64_t sc_tcp_ask(struct sc_world *world, const struct sc_tx *tx, const struct sc_msg *msg);

/** Write the referral to @p cut into @p msg as @p server would; DS, RRSIG when @p dnssec. */
void sc_msg_referral(struct sc_world *world, struct sc_msg *msg, const struct sc_server *server,
    const struct sc_cut *cut, bool dnssec);

/**
 * Write what a server of @p cut answers for @p qname and @p qtype: AA=1, with the apex's NS records
 * after the habit of @p server. The answer is by the truth of @p cut: its www, NS, SOA, its name
 * servers' addresses; NODATA with SOA for anything else in these names; other names are like www.
 */
void sc_msg_answer(struct sc_world *world, struct sc_msg *msg, const struct sc_server *server,
    const struct sc_cut *cut, const char *qname, uint16_t qtype);

/** Write the root's answer for its own NS records; with addresses if @p room octets suffice. */
void sc_msg_priming(struct sc_world *world, struct sc_msg *msg, uint32_t room);

/** Write the root's referral to @p zone, which P1-P4 serve. */
void sc_msg_root_referral(struct sc_world *world, struct sc_msg *msg, const char *zone);

/** Write a negative answer: NXDOMAIN or NODATA (@p rcode) with the SOA of @p zone, AA=1. */
void sc_msg_negative(
    struct sc_world *world, struct sc_msg *msg, const char *zone, const char *qname, uint8_t rcode);

/** Return the zone of P1-P4 as a master file, with its delegations as they are in world->cut. */
const char *sc_zone_text(struct sc_world *world);

/** Return whether @p name equals @p zone or lies below it, whatever the case. */
bool sc_name_under(const char *name, const char *zone);

/**
 * Let @p resolver ask @p server about the www of @p cut, and be referred or answered as honest
 * servers do. @return time of the reply
 */
int64_t sc_visit_parent(struct sc_world *world, const struct sc_resolver *resolver,
    const struct sc_server *server, const struct sc_cut *cut, int64_t at_ns);
int64_t sc_visit_child(struct sc_world *world, const struct sc_resolver *resolver,
    const struct sc_server *server, const struct sc_cut *cut, int64_t at_ns);

/**
 * Let the host at @p client ask @p resolver for the address of @p qname, which answers out of its
 * cache with @p answer. @return time of the answer
 */
int64_t sc_client_asks(struct sc_world *world, struct sc_addr client,
    const struct sc_resolver *resolver, const char *qname, struct sc_addr answer, int64_t at_ns);

/** Let @p resolver ask the server of name server @p ns of @p cut for @p qname, and be answered. */
int64_t sc_ask_child(struct sc_world *world, const struct sc_resolver *resolver,
    const struct sc_cut *cut, uint32_t ns, const char *qname, uint16_t qtype, int64_t at_ns);

#endif
