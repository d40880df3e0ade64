/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file list.h
 * The list of scenarios. Adding one: a line here and its function in one of the files beside.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_LIST_H
#define GLUEWATCH_TESTS_SCENARIO_LIST_H

#include "tests/scenario/world.h"

/* X(id, function, whether it can happen in 20 seconds, what happens) */
#define SC_LIST(X)                                                                                \
    X("A01", sc_play_a01, true,                                                                   \
        "forged referrals with guessed ids, one of them right, then followed")                    \
    X("A02", sc_play_a02, true, "forged referrals with wrong ids only, after the true one")       \
    X("A03", sc_play_a03, true, "one forged referral with a wrong id for each of many questions") \
    X("A04", sc_play_a04, true, "answers injected before the true referral")                      \
    X("A05", sc_play_a05, true, "answers injected after the true referral")                       \
    X("A06", sc_play_a06, true, "three answers injected for each question")                       \
    X("A07", sc_play_a07, true, "a forged second fragment before the true one")                   \
    X("A08", sc_play_a08, true, "a forged second fragment in place of the true one")              \
    X("A09", sc_play_a09, true, "a sweep over the ports, then a burst on one")                    \
    X("A10", sc_play_a10, true, "many equal questions at a time, and guesses at all of them")     \
    X("A11", sc_play_a11, true, "a forwarder's answer with NS records of a TLD")                  \
    X("A12", sc_play_a12, true, "a positive answer with NS records of the zone above")            \
    X("A13", sc_play_a13, true, "a negative answer with NS records of the zone itself")           \
    X("A14", sc_play_a14, true, "an answer with a misplaced MX record and the address of a bank") \
    X("A15", sc_play_a15, false,                                                                  \
        "other name servers for two hours, from all servers of the parent")                       \
    X("A16", sc_play_a16, true, "another address for a name server, unlike what its zone says")   \
    X("A17", sc_play_a17, true, "another address from one server of the parent")                  \
    X("A18", sc_play_a18, true, "somebody between one resolver and all servers of the parent")    \
    X("A19", sc_play_a19, true,                                                                   \
        "the race of A01, then clients are told an address of the attacker's")                    \
    X("A20", sc_play_a20, true, "referrals that make a resolver ask a victim's servers")          \
    X("A21", sc_play_a21, true, "a referral with 1500 name servers")                              \
    X("A22", sc_play_a22, true, "the race of A01 in a flood of random delegations")               \
    X("A23", sc_play_a23, false, "a withdrawn delegation that one resolver keeps")                \
    X("A24", sc_play_a24, true, "another address of a root server, from a root server")           \
    X("A25", sc_play_a25, true, "unspecified and loopback addresses as glue")                     \
    X("A26", sc_play_a26, false, "a zone that nobody served is claimed")                          \
    X("A27", sc_play_a27, true, "one address for many name servers")                              \
    X("B01", sc_play_b01, true, "the ordinary traffic, with records in any order")                \
    X("B02", sc_play_b02, true, "referrals of just 512 octets that miss an address")              \
    X("B03", sc_play_b03, true, "truncated referrals, then whole ones over TCP")                  \
    X("B04", sc_play_b04, true, "servers of one zone that differ in their optional glue")         \
    X("B05", sc_play_b05, true, "a name server gets another address, one parent server lags")     \
    X("B06", sc_play_b06, true, "five hundred delegations move to one provider in an hour")       \
    X("B07", sc_play_b07, true, "every packet twice, also from behind a router")                  \
    X("B08", sc_play_b08, true, "questions asked twice, and late answers to the first")           \
    X("B09", sc_play_b09, true, "a server at two places")                                         \
    X("B10", sc_play_b10, true, "a poor tap: responses only, losses, or short packets")           \
    X("B11", sc_play_b11, true, "answers to questions that somebody else sent")                   \
    X("B12", sc_play_b12, true, "servers of the parent that serve the child, too")                \
    X("B13", sc_play_b13, true, "aliases into a delegation")                                      \
    X("B14", sc_play_b14, true, "one platform for two zones, with glue across")                   \
    X("B15", sc_play_b15, true, "old glue, more name servers and a TTL of 0 in the child")        \
    X("B16", sc_play_b16, true, "an upward referral a day")                                       \
    X("B17", sc_play_b17, true, "a name server with twelve addresses, eight shown at a time")     \
    X("B18", sc_play_b18, true, "other TTLs in all of a zone")                                    \
    X("B19", sc_play_b19, true, "private addresses as glue, where they are meant")                \
    X("B20", sc_play_b20, true, "long signed referrals in fragments")                             \
    X("B21", sc_play_b21, true, "a server that folds names, and one with two addresses")          \
    X("B22", sc_play_b22, true, "a route that changes for good")                                  \
    X("B23", sc_play_b23, true, "old hints of the root, and a local copy of it")                  \
    X("B24", sc_play_b24, true, "answers by where the question comes from")                       \
    X("B25", sc_play_b25, true, "delegations to nowhere, new types, checksums left to the card")  \
    X("C01", sc_play_c01, true, "one server's other address for one resolver, to and fro")        \
    X("C02", sc_play_c02, true, "one forged referral with TTLs of weeks")                         \
    X("C03", sc_play_c03, true, "a forged referral to a zone beside")                             \
    X("C04", sc_play_c04, true, "a forged referral to two zones, a true one past a cut")          \
    X("C05", sc_play_c05, true, "name servers that are an alias, an address, no host name")       \
    X("C06", sc_play_c06, true, "name servers of a domain that is gone")                          \
    X("C07", sc_play_c07, true, "a forged reply in lower case, from a server that echoes")        \
    X("C08", sc_play_c08, true, "guesses, the right one from another address")                    \
    X("C09", sc_play_c09, true, "guesses, the right one with a wrong checksum")                   \
    X("N01", sc_play_n01, true, "three addresses in turn, for everybody")                         \
    X("N02", sc_play_n02, true, "other TTLs in all of a zone, and then a server that moves")      \
    X("N03", sc_play_n03, true, "aliases from one zone into another, with its NS records")        \
    X("N04", sc_play_n04, true, "delegations below empty names, a server of parent and child")    \
    X("N05", sc_play_n05, true, "name servers with odd names that are right, and none")           \
    X("N06", sc_play_n06, true, "hosts that a registry keeps while their domain is there")        \
    X("N07", sc_play_n07, true, "servers that always fold names")                                 \
    X("N08", sc_play_n08, true, "replies that always come from elsewhere")                        \
    X("N09", sc_play_n09, true, "a capture at the servers, whose cards make the checksums")

#define SC_DECLARE(id, function, is_quick, line) void function(struct sc_world *world);
SC_LIST(SC_DECLARE)
#undef SC_DECLARE

#endif
