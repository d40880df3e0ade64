/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/mnemonic.h"

#include <assert.h>
#include <stdio.h>

#include "gluewatch/payload.h"

static const struct gw_text_kind kinds[GW_KIND_COUNT] = {
#define KIND(id, name, stem, channel, title, technique, cwe, source) \
    {name, title, technique, source, cwe},
    GW_KIND_LIST(KIND)
#undef KIND
};

static const char *const severities[GW_SEVERITY_COUNT] = {
    "info", "low", "medium", "high", "critical"};

static const char *const classes[GW_CLASS_COUNT + 1] = {
#define CLASS(id, name, text) name,
    GW_CLASS_LIST(CLASS)
#undef CLASS
        "delegation",
};

static const char *const facts[] = {"aa", "tc", "rd", "ra", "opt", "do", "ds", "ns-in-answer",
    "alias", "answered", "under-cut", "multi-cut", "soa", "ns", "address", "clipped", "cookie",
    "signed", "wrong-section", "promiscuous", "tcp", "fragmented"};

static const struct {
    const char *name;
    const char *meaning;
} caveats[] = {
    {"responses-only",
        "the capture holds no queries, so nobody knows what was asked: confidence halved"},
    {"short-baseline", "the history behind the known side is short"},
    {"zone-unknown", "which zone the server was asked in is not known"},
    {"one-resolver", "only one resolver group was seen, so there is nobody to compare it with"},
    {"packets-lost", "the input was damaged or packets were cut: something may be missing"},
};

static const struct {
    uint16_t type;
    const char *name;
} types[] = {{1, "A"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {12, "PTR"}, {13, "HINFO"}, {15, "MX"},
    {16, "TXT"}, {17, "RP"}, {18, "AFSDB"}, {24, "SIG"}, {25, "KEY"}, {28, "AAAA"}, {29, "LOC"},
    {33, "SRV"}, {35, "NAPTR"}, {36, "KX"}, {37, "CERT"}, {39, "DNAME"}, {41, "OPT"}, {42, "APL"},
    {43, "DS"}, {44, "SSHFP"}, {45, "IPSECKEY"}, {46, "RRSIG"}, {47, "NSEC"}, {48, "DNSKEY"},
    {49, "DHCID"}, {50, "NSEC3"}, {51, "NSEC3PARAM"}, {52, "TLSA"}, {53, "SMIMEA"}, {55, "HIP"},
    {59, "CDS"}, {60, "CDNSKEY"}, {61, "OPENPGPKEY"}, {62, "CSYNC"}, {63, "ZONEMD"}, {64, "SVCB"},
    {65, "HTTPS"}, {99, "SPF"}, {108, "EUI48"}, {109, "EUI64"}, {249, "TKEY"}, {250, "TSIG"},
    {251, "IXFR"}, {252, "AXFR"}, {255, "ANY"}, {256, "URI"}, {257, "CAA"}};

const struct gw_text_kind *
gw_text_kind(enum gw_kind kind)
{
    assert(kind < GW_KIND_COUNT);
    return &kinds[kind];
}

const char *
gw_text_severity(enum gw_severity severity)
{
    assert(severity < GW_SEVERITY_COUNT);
    return severities[severity];
}

const char *gw_text_class(enum gw_class class)
{
    assert(class <= GW_CLASS_DELEGATION);
    return classes[class];
}

const char *
gw_text_fact(uint32_t bit)
{
    return bit < GW_ARRAY_LEN(facts) ? facts[bit] : NULL;
}

const char *
gw_text_caveat(uint32_t bit)
{
    return bit < GW_ARRAY_LEN(caveats) ? caveats[bit].name : NULL;
}

const char *
gw_text_caveat_meaning(uint32_t bit)
{
    return bit < GW_ARRAY_LEN(caveats) ? caveats[bit].meaning : NULL;
}

const char *
gw_text_split(enum gw_split split)
{
    static const char *const names[] = {"none", "resolver", "server", "both"};

    assert(split < GW_ARRAY_LEN(names));
    return names[split];
}

const char *
gw_text_role(enum gw_set_role role)
{
    return role == GW_SET_KNOWN ? "known" : "contrary";
}

const struct gw_text_family *
gw_text_family(enum gw_family family)
{
    static const struct gw_text_family families[GW_FAMILY_COUNT] = {
#define FAMILY(id, name, text) {name, text},
        GW_FAMILY_LIST(FAMILY)
#undef FAMILY
    };

    assert(family < GW_FAMILY_COUNT);
    return &families[family];
}

const char *
gw_text_scope(enum gw_scope scope)
{
    static const char *const names[] = {"host", "cut", "parent", "server", "resolver", "address"};

    assert(scope < GW_ARRAY_LEN(names));
    return names[scope];
}

const char *
gw_text_state(enum gw_incident_state state)
{
    static const char *const names[] = {"new", "open", "updated", "quiet", "closed"};

    assert(state < GW_ARRAY_LEN(names));
    return names[state];
}

const char *
gw_text_reason(enum gw_incident_reason reason)
{
    static const char *const names[] = {
        "none", "resolved", "superseded", "explained-change", "operator"};

    assert(reason < GW_ARRAY_LEN(names));
    return names[reason];
}

const char *
gw_text_channel(enum gw_channel channel)
{
    static const char *const names[GW_CHANNEL_COUNT] = {
        "content", "transport", "history", "reference", "acceptance"};

    assert(channel < GW_CHANNEL_COUNT);
    return names[channel];
}

const char *
gw_text_fit(enum gw_fit fit)
{
    static const char *const names[GW_FIT_COUNT] = {
#define NAME(id, name, text) name,
        GW_FIT_LIST(NAME)
#undef NAME
    };

    assert(fit < GW_FIT_COUNT);
    return names[fit];
}

const char *
gw_text_fit_meaning(enum gw_fit fit)
{
    static const char *const meanings[GW_FIT_COUNT] = {
#define MEANING(id, name, text) text,
        GW_FIT_LIST(MEANING)
#undef MEANING
    };

    assert(fit < GW_FIT_COUNT);
    return meanings[fit];
}

const char *
gw_text_leg(enum gw_leg leg)
{
    static const char *const names[] = {"unknown", "upstream", "client", "forward"};

    assert(leg < GW_ARRAY_LEN(names));
    return names[leg];
}

const char *
gw_text_accept(uint32_t bit)
{
    static const char *const names[] = {"bind", "unbound", "knot-resolver", "powerdns-recursor"};

    return bit < GW_ARRAY_LEN(names) ? names[bit] : NULL;
}

const char *
gw_text_transport(uint8_t transport)
{
    return transport == GW_TRANSPORT_TCP ? "tcp" : "udp";
}

const char *
gw_text_type(uint16_t type, char ret_text[GW_TEXT_TYPE_SIZE])
{
    for (size_t i = 0; i < GW_ARRAY_LEN(types); i++) {
        if (types[i].type == type) {
            (void)snprintf(ret_text, GW_TEXT_TYPE_SIZE, "%s", types[i].name);
            return ret_text;
        }
    }
    (void)snprintf(ret_text, GW_TEXT_TYPE_SIZE, "TYPE%u", type);
    return ret_text;
}
