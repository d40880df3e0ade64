/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file kind.h
 * The list of anomaly kinds. Adding one: a line here, analyze/rule_<name>.c, a scenario under
 * tests/golden and a section in docs/DETECTION.md; the room tests fail while one of them is
 * missing.
 */
#ifndef GLUEWATCH_KIND_H
#define GLUEWATCH_KIND_H

/*
 * X(enumerator, name, rule file's stem, title, ATT&CK technique or "", CWE or 0, source).
 * The order is the order of reporting at equal times and is stable.
 */
#define GW_KIND_LIST(X)                                                                           \
    X(GLUE_ADDR_CONFLICT, "glue-addr-conflict", addr_conflict,                                    \
        "Glue addresses conflict between witnesses", "T1557", 345, "RFC 1034 4.2.2")              \
    X(GLUE_ADDR_MINORITY, "glue-addr-minority", addr_minority, "Glue address seen by a minority", \
        "T1557", 349, "RFC 5452 4")                                                               \
    X(GLUE_CHANGED_AFTER_STABLE, "glue-changed-after-stable", changed_after_stable,               \
        "Glue replaced after a stable time", "T1584.002", 345, "RFC 1034 4.2.2")                  \
    X(GLUE_BOGON, "glue-bogon", bogon, "Glue in a special-purpose address block", "", 345,        \
        "RFC 6890 2.2")                                                                           \
    X(GLUE_LOOPBACK, "glue-loopback", loopback, "Glue that points a resolver at itself", "T1499", \
        20, "RFC 1122 3.2.1.3")                                                                   \
    X(GLUE_UNRELATED, "glue-unrelated", unrelated, "Glue of a name outside the parent zone",      \
        "T1557", 349, "RFC 9471 2")                                                               \
    X(GLUE_UNREFERENCED, "glue-unreferenced", unreferenced,                                       \
        "Address record that no NS record asks for", "T1557", 349, "RFC 1034 4.3.2")              \
    X(NS_SET_DIVERGENCE, "ns-set-divergence", ns_divergence,                                      \
        "NS sets of a delegation diverge between witnesses", "T1584.002", 345, "RFC 1034 4.2.2")  \
    X(NS_SET_CHANGED, "ns-set-changed", ns_changed, "NS set replaced after a stable time",        \
        "T1584.001", 345, "RFC 1034 4.2.2")                                                       \
    X(REQUIRED_GLUE_MISSING, "required-glue-missing", required_missing,                           \
        "In-domain name server without its required glue", "", 0, "RFC 9471 3.1")

enum gw_kind {
#define GW_KIND_ENUM(id, name, stem, title, technique, cwe, source) GW_KIND_##id,
    GW_KIND_LIST(GW_KIND_ENUM)
#undef GW_KIND_ENUM
    GW_KIND_COUNT
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
