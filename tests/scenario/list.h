/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file list.h
 * The list of scenarios. Adding one: a line here and its function in one of the files beside.
 */
#ifndef GLUEWATCH_TESTS_SCENARIO_LIST_H
#define GLUEWATCH_TESTS_SCENARIO_LIST_H

#include "tests/scenario/world.h"

/* X(id, function, what happens) */
#define SC_LIST(X)                                                                               \
    X("A01", sc_play_a01, "forged referrals with guessed ids, one of them right, then followed") \
    X("A02", sc_play_a02, "forged referrals with wrong ids only, after the true one")            \
    X("A03", sc_play_a03, "one forged referral with a wrong id for each of many questions")      \
    X("A04", sc_play_a04, "answers injected before the true referral")                           \
    X("A05", sc_play_a05, "answers injected after the true referral")                            \
    X("A06", sc_play_a06, "three answers injected for each question")                            \
    X("A07", sc_play_a07, "a forged second fragment before the true one")                        \
    X("A08", sc_play_a08, "a forged second fragment in place of the true one")                   \
    X("A09", sc_play_a09, "a sweep over the ports, then a burst on one")                         \
    X("A10", sc_play_a10, "many equal questions at a time, and guesses at all of them")          \
    X("A11", sc_play_a11, "a forwarder's answer with NS records of a TLD")                       \
    X("A12", sc_play_a12, "a positive answer with NS records of the zone above")                 \
    X("A13", sc_play_a13, "a negative answer with NS records of the zone itself")                \
    X("A14", sc_play_a14, "an answer with a misplaced MX record and the address of a bank")

#define SC_DECLARE(id, function, line) void function(struct sc_world *world);
SC_LIST(SC_DECLARE)
#undef SC_DECLARE

#endif
