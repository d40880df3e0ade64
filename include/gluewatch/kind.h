/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file kind.h
 * The list of anomaly kinds. Adding one: a line here, analyze/rule_<name>.c, a scenario that
 * shows it and one that nearly does, and a section in docs/DETECTION.md; the room tests fail while
 * one of them is missing.
 */
#ifndef GLUEWATCH_KIND_H
#define GLUEWATCH_KIND_H

/*
 * X(enumerator, name, rule file's stem, channel of its evidence, title, ATT&CK technique or "", CWE
 * or 0, source). The order is the order of reporting at equal times and is stable.
 */
#define GW_KIND_LIST(X)                                                                            \
    X(GLUE_ADDR_CONFLICT, "glue-addr-conflict", addr_conflict, CONTENT,                            \
        "Glue addresses conflict between witnesses", "T1557", 345, "RFC 1034 4.2.2")               \
    X(GLUE_ADDR_MINORITY, "glue-addr-minority", addr_minority, CONTENT,                            \
        "Glue address seen by a minority", "T1557", 349, "RFC 5452 4")                             \
    X(GLUE_CHANGED_AFTER_STABLE, "glue-changed-after-stable", changed_after_stable, HISTORY,       \
        "Glue replaced after a stable time", "T1584.002", 345, "RFC 1034 4.2.2")                   \
    X(GLUE_BOGON, "glue-bogon", bogon, CONTENT, "Glue in a special-purpose address block", "",     \
        345, "RFC 6890 2.2")                                                                       \
    X(GLUE_LOOPBACK, "glue-loopback", loopback, CONTENT, "Glue that points a resolver at itself",  \
        "T1499", 20, "RFC 1122 3.2.1.3")                                                           \
    X(GLUE_UNRELATED, "glue-unrelated", unrelated, CONTENT,                                        \
        "Glue of a name outside the parent zone", "T1557", 349, "RFC 9471 2")                      \
    X(GLUE_UNREFERENCED, "glue-unreferenced", unreferenced, CONTENT,                               \
        "Address record that no NS record asks for", "T1557", 349, "RFC 1034 4.3.2")               \
    X(NS_SET_DIVERGENCE, "ns-set-divergence", ns_divergence, CONTENT,                              \
        "NS sets of a delegation diverge between witnesses", "T1584.002", 345, "RFC 1034 4.2.2")   \
    X(NS_SET_CHANGED, "ns-set-changed", ns_changed, HISTORY,                                       \
        "NS set replaced after a stable time", "T1584.001", 345, "RFC 1034 4.2.2")                 \
    X(REQUIRED_GLUE_MISSING, "required-glue-missing", required_missing, CONTENT,                   \
        "In-domain name server without its required glue", "", 0, "RFC 9471 3.1")                  \
    X(GLUE_ADDR_FLAP, "glue-addr-flap", addr_flap, CONTENT, "Glue address that comes and goes",    \
        "T1557", 345, "RFC 2181 5")                                                                \
    X(GLUE_TTL_OUTLIER, "glue-ttl-outlier", ttl_outlier, HISTORY,                                  \
        "TTL unlike the parent zone's others", "T1565.002", 345, "RFC 2181 5.2")                   \
    X(GLUE_FANIN_SURGE, "glue-fanin-surge", fanin_surge, CONTENT,                                  \
        "Many name servers gain one address", "T1584.002", 345, "RFC 1034 4.2.2")                  \
    X(REFERRAL_UPWARD, "referral-upward", upward, CONTENT, "Referral above the zone asked in", "", \
        0, "RFC 9499 7")                                                                           \
    X(REFERRAL_SIDEWAYS, "referral-sideways", sideways, CONTENT,                                   \
        "Referral to a zone the question is not in", "T1557", 349, "RFC 5452 6")                   \
    X(DELEGATION_NOT_SERVED, "delegation-not-served", not_served, CONTENT,                         \
        "Name server does not serve a zone delegated to it", "T1584.001", 0, "RFC 1912 2.8")       \
    X(CUT_OVERLAP, "cut-overlap", cut_overlap, CONTENT,                                            \
        "Zone cuts that overlap in one server's referrals", "", 349, "RFC 2181 6")                 \
    X(NS_TARGET_INVALID, "ns-target-invalid", target_invalid, CONTENT,                             \
        "NS record that names no possible name server", "", 0, "RFC 2181 10.3")                    \
    X(NS_FANOUT, "ns-fanout", ns_fanout, CONTENT,                                                  \
        "Referral that makes a resolver ask for many names", "T1499", 406, "RFC 1034 4.2.2")       \
    X(GLUE_ORPHAN, "glue-orphan", orphan, CONTENT, "Address under a delegation that is gone",      \
        "T1583.001", 0, "RFC 9471 2")                                                              \
    X(PROMISCUOUS_NS, "promiscuous-ns", promiscuous, CONTENT,                                      \
        "NS records where no delegation is given", "T1557", 349, "RFC 2181 5.4.1")                 \
    X(RESP_UNSOLICITED, "resp-unsolicited", unsolicited, TRANSPORT,                                \
        "Responses that nobody asked for", "T1557", 346, "RFC 5452 9")                             \
    X(RESP_TXID_BURST, "resp-txid-burst", txid_burst, TRANSPORT,                                   \
        "Responses that guess at the message ID", "T1557", 290, "RFC 5452 9")                      \
    X(RESP_DOUBLE_CONFLICT, "resp-double-conflict", double_conflict, TRANSPORT,                    \
        "Two responses to one query that contradict each other", "T1557", 345, "RFC 5452 9")       \
    X(RESP_CASE_MISMATCH, "resp-case-mismatch", case_mismatch, TRANSPORT,                          \
        "Question echoed in another letter case", "T1557", 290, "RFC 1035 2.3.3")                  \
    X(RESP_WRONG_SOURCE, "resp-wrong-source", wrong_source, TRANSPORT,                             \
        "Response from another address than was asked", "", 346, "RFC 2181 4")                     \
    X(RESP_FRAGMENT_GLUE, "resp-fragment-glue", fragment_glue, TRANSPORT,                          \
        "Glue that a later fragment brought", "T1557", 345, "RFC 9715 3")                          \
    X(RESP_BAD_CHECKSUM, "resp-bad-checksum", bad_checksum, TRANSPORT,                             \
        "Response with a wrong UDP checksum", "", 354, "RFC 768")                                  \
    X(RESP_PATH_OUTLIER, "resp-path-outlier", path_outlier, TRANSPORT,                             \
        "Response that took another path than its server's", "T1557", 345, "RFC 5452 9")           \
    X(PARENT_CHILD_MISMATCH, "parent-child-mismatch", parent_child, CONTENT,                       \
        "Parent zone and child zone disagree", "", 345, "RFC 1034 4.2.2")                          \
    X(GHOST_DELEGATION, "ghost-delegation", ghost, REFERENCE,                                      \
        "Delegation in use after the parent withdrew it", "T1583.001", 672, "RFC 8767 5")          \
    X(ROOT_MISMATCH, "root-mismatch", root_mismatch, REFERENCE,                                    \
        "Address of a root server that is not its own", "T1557", 345, "RFC 9609 3")                \
    X(REFERENCE_MISMATCH, "reference-mismatch", reference_mismatch, REFERENCE,                     \
        "Delegation unlike the reference zone", "T1584.002", 345, "RFC 1034 4.2.2")                \
    X(SUSPECT_GLUE_FOLLOWED, "suspect-glue-followed", followed, ACCEPTANCE,                        \
        "Resolver asks an address of suspect glue", "T1557", 349, "RFC 5452 4")                    \
    X(POISONED_ANSWER_SUSPECTED, "poisoned-answer-suspected", poisoned, ACCEPTANCE,                \
        "Clients get other answers after suspect glue", "T1565.002", 345, "RFC 8767 5")

enum gw_kind {
#define GW_KIND_ENUM(id, name, stem, channel, title, technique, cwe, source) GW_KIND_##id,
    GW_KIND_LIST(GW_KIND_ENUM)
#undef GW_KIND_ENUM
    GW_KIND_COUNT
};

/**
 * Sources of evidence that do not depend on each other. An incident takes the strongest of each
 * (docs/DETECTION.md, section 6).
 */
enum gw_channel {
    GW_CHANNEL_CONTENT,    /**< what was said, and by how many */
    GW_CHANNEL_TRANSPORT,  /**< how it came */
    GW_CHANNEL_HISTORY,    /**< what was said before */
    GW_CHANNEL_REFERENCE,  /**< what the operator, or the parent zone, knows to be true */
    GW_CHANNEL_ACCEPTANCE, /**< what resolvers did with it */
    GW_CHANNEL_COUNT
};

/** How much it matters, in rising order. Names: info, low, medium, high, critical. */
enum gw_severity {
    GW_INFO,
    GW_LOW,
    GW_MEDIUM,
    GW_HIGH,
    GW_CRITICAL,
    GW_SEVERITY_COUNT
};

#endif
