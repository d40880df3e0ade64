/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/class.h"

#include <assert.h>

#define E(bit) GW_EVIDENCE_##bit

/* A row holds when the evidence has all bits of `with` and none of `without`. */
struct row {
    uint32_t with;
    uint32_t without;
    enum gw_class class;
    uint32_t facts;     /* added when the row holds */
    bool no_delegation; /* NS in AUTHORITY has no business here: GW_FACT_PROMISCUOUS */
};

/* The first row that holds decides. Numbers are those of the table in docs/DETECTION.md. */
static const struct row rows[] = {
    /* 2 */ {E(ERROR), 0, GW_CLASS_ERROR, 0, true},
    /* 3 */ {E(RD) | E(RA), 0, GW_CLASS_RECURSIVE_ANSWER, 0, false},
    /* 4 */ {E(NEGATIVE), 0, GW_CLASS_NEGATIVE, 0, true},
    /* 5 */ {E(SOA), E(ANSWER), GW_CLASS_NODATA, 0, true},
    /* 6 */ {E(ROOT_NS) | E(NS_AT_QNAME), 0, GW_CLASS_PRIMING, 0, false},
    /* 7 */ {E(NS_AT_QNAME) | E(AA), 0, GW_CLASS_AUTH_NS, 0, false},
    /* 8 */ {E(NS_AT_QNAME), E(RA), GW_CLASS_DELEGATION, GW_FACT_NS_IN_ANSWER, false},
    /* 11, two owners: one of them is another than the zone asked in */
    {E(ANSWER) | E(NS_OWNERS), 0, GW_CLASS_ANSWER, 0, true},
    /* 9, 10, 11 with one owner: analyze/zone */
    {E(ANSWER) | E(NS), 0, GW_CLASS_DELEGATION, 0, false},
    /* 10 without NS in AUTHORITY, which servers may leave out */
    {E(ANSWER), 0, GW_CLASS_ANSWER, 0, false},
    /* 12 */ {E(NS_OWNERS), 0, GW_CLASS_MULTI_CUT, 0, false},
    /* 13 to 17: analyze/zone */ {E(NS), 0, GW_CLASS_DELEGATION, 0, false},
    /* 18 */ {E(TC), E(AUTHORITY), GW_CLASS_TC_EMPTY, 0, false},
    /* 18 */ {0, E(AUTHORITY), GW_CLASS_EMPTY, 0, false},
    /* 19 */ {0, 0, GW_CLASS_OTHER, 0, false},
};

enum gw_class
gw_msg_classify(uint32_t evidence, uint32_t *ret_facts)
{
    const struct row *row = rows;
    uint32_t facts = 0;

    while ((evidence & row->with) != row->with || (evidence & row->without) != 0)
        row++; /* ends: the last row always holds */

    facts = row->facts;
    if (row->no_delegation && (evidence & E(NS)) != 0)
        facts |= GW_FACT_PROMISCUOUS;
    *ret_facts = facts;
    return row->class;
}
