/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "parse/dns/message.h"
#include "tests/support/message_builder.h"

static struct gw_builder builder;

/* Facts that the class table or the way to it sets; the rest is not compared here. */
#define COMPARED                                                                             \
    (GW_FACT_NS | GW_FACT_SOA | GW_FACT_PROMISCUOUS | GW_FACT_NS_IN_ANSWER | GW_FACT_ALIAS | \
        GW_FACT_ANSWERED | GW_FACT_UNDER_CUT | GW_FACT_MULTI_CUT | GW_FACT_ADDRESS | GW_FACT_DS)

struct row {
    const char *shows;
    const char *text;
    enum gw_class class;
    uint32_t facts;
    bool teaches;
    bool referral_shaped;
};

/* Short names of facts, for the table below only. */
#define NS      GW_FACT_NS
#define SOA     GW_FACT_SOA
#define PROMISC GW_FACT_PROMISCUOUS
#define IN_ANS  GW_FACT_NS_IN_ANSWER
#define ALIAS   GW_FACT_ALIAS
#define ANS     GW_FACT_ANSWERED
#define UNDER   GW_FACT_UNDER_CUT
#define MULTI   GW_FACT_MULTI_CUT
#define ADDR    GW_FACT_ADDRESS
#define DS      GW_FACT_DS

static const struct row rows[] = {
    {"1: a query", "rd; ? www.foo.example A;", GW_CLASS_QUERY, 0, false, false},
    {"1: a query with RDATA that nobody reads", "? a.example A; + . A \\01;", GW_CLASS_QUERY, 0,
        false, false},
    {"1: another opcode", "qr opcode=4; ? foo.example SOA;", GW_CLASS_IGNORED, 0, false, false},
    {"1: another opcode in a query", "opcode=5; ? foo.example SOA; = foo.example A \\;",
        GW_CLASS_IGNORED, 0, false, false},
    {"1: class CH", "qr; ? version.bind CH TXT;", GW_CLASS_IGNORED, 0, false, false},
    {"1: class ANY in a query", "? foo.example CLASS-ANY A;", GW_CLASS_IGNORED, 0, false, false},
    {"1: no question with REFUSED", "qr rcode=5;", GW_CLASS_ERROR, 0, false, false},
    {"1: no question with FORMERR", "qr rcode=1;", GW_CLASS_ERROR, 0, false, false},
    {"1: no question with NOTIMP", "qr rcode=4;", GW_CLASS_ERROR, 0, false, false},
    {"1: no question, NS given all the same", "qr rcode=5; @ a.example NS ns.a.example;",
        GW_CLASS_ERROR, NS | PROMISC, false, false},
    {"1: no question with SERVFAIL", "qr rcode=2;", GW_CLASS_MALFORMED, 0, false, false},
    {"1: no question in a query", "rcode=5;", GW_CLASS_MALFORMED, 0, false, false},
    {"1: two questions", "qr; ? a.example A; ? b.example A;", GW_CLASS_MALFORMED, 0, false, false},

    {"2: REFUSED", "qr rcode=5; ? foo.example A;", GW_CLASS_ERROR, 0, true, false},
    {"2: SERVFAIL with RD and RA", "qr rd ra rcode=2; ? foo.example A;", GW_CLASS_ERROR, 0, false,
        false},
    {"2: BADVERS, in the OPT's half of the RCODE", "qr; ? foo.example A; + . OPT ext=1;",
        GW_CLASS_ERROR, 0, true, false},
    {"2: REFUSED with a referral to the root",
        "qr rcode=5; ? foo.example A; @ . NS a.root.example;", GW_CLASS_ERROR, NS | UNDER | PROMISC,
        true, false},

    {"3: RD and RA", "qr rd ra; ? foo.example A; = foo.example A 192.0.2.1;",
        GW_CLASS_RECURSIVE_ANSWER, ANS | ADDR, true, false},
    {"3: NXDOMAIN with RD and RA", "qr rd ra rcode=3; ? foo.example A; @ example SOA a.example b;",
        GW_CLASS_RECURSIVE_ANSWER, SOA, false, false},
    {"3: a referral with RD and RA",
        "qr rd ra; ? www.foo.example A; @ foo.example NS ns.bar.example;",
        GW_CLASS_RECURSIVE_ANSWER, NS | UNDER, true, true},
    {"not 3: RD without RA", "qr rd aa; ? foo.example A; = foo.example A 192.0.2.1;",
        GW_CLASS_ANSWER, ANS | ADDR, true, false},
    {"not 3: RA without RD", "qr ra; ? foo.example A; = foo.example A 192.0.2.1;", GW_CLASS_ANSWER,
        ANS | ADDR, true, false},

    {"4: NXDOMAIN", "qr aa rcode=3; ? x.example A; @ example SOA a.example b;", GW_CLASS_NEGATIVE,
        SOA, true, false},
    {"4: YXDOMAIN", "qr aa rcode=6; ? x.example A;", GW_CLASS_NEGATIVE, 0, false, false},
    {"4: NXDOMAIN with NS", "qr aa rcode=3; ? x.foo.example A; @ foo.example NS ns.evil.test;",
        GW_CLASS_NEGATIVE, NS | UNDER | PROMISC, true, false},
    {"4: NXDOMAIN behind an alias",
        "qr aa rcode=3; ? x.example A; = x.example CNAME y.test; @ test SOA a.test b;",
        GW_CLASS_NEGATIVE, SOA | ALIAS, true, false},

    {"5: no data", "qr aa; ? foo.example A; @ example SOA a.example b;", GW_CLASS_NODATA, SOA, true,
        false},
    {"5: no data, not authoritative", "qr; ? foo.example A; @ example SOA a.example b;",
        GW_CLASS_NODATA, SOA, false, false},
    {"5: NS beside the SOA",
        "qr; ? x.foo.example A; @ foo.example NS ns.x.test; @ example SOA a b;", GW_CLASS_NODATA,
        SOA | NS | UNDER | PROMISC, true, false},
    {"5: no DS, said by the parent", "qr aa; ? foo.example DS; @ example SOA a.example b;",
        GW_CLASS_NODATA, SOA, true, false},
    {"19: no DS, said by the child", "qr aa; ? foo.example DS; @ foo.example SOA a b;",
        GW_CLASS_OTHER, 0, false, false},
    {"19: SOA of a zone that the QNAME is not under",
        "qr aa; ? foo.example A; @ bar.example SOA a b;", GW_CLASS_OTHER, 0, false, false},

    {"6: priming", "qr aa; ? . NS; = . NS a.root.example; + a.root.example A 192.0.2.1;",
        GW_CLASS_PRIMING, ANS, true, false},
    {"6: priming without AA", "qr; ? . NS; = . NS a.root.example;", GW_CLASS_PRIMING, ANS, false,
        false},
    {"not 6: the root's NS in AUTHORITY", "qr; ? . NS; @ . NS a.root.example;", GW_CLASS_DELEGATION,
        NS | UNDER, true, true},
    {"7: NS of the QNAME", "qr aa; ? foo.example NS; = foo.example NS ns.foo.example;",
        GW_CLASS_AUTH_NS, ANS, true, false},
    {"7: the same among others",
        "qr aa; ? f.example ANY; = f.example TXT; = F.example NS a.example;", GW_CLASS_AUTH_NS, ANS,
        true, false},
    {"8: NS of the QNAME, AA=0", "qr; ? foo.example NS; = foo.example NS ns.foo.example;",
        GW_CLASS_DELEGATION, ANS | IN_ANS, true, false},
    {"not 8: with RA, and so from a cache", "qr ra; ? foo.example NS; = foo.example NS a.example;",
        GW_CLASS_ANSWER, ANS, true, false},
    {"not 7: NS of another name in ANSWER", "qr aa; ? foo.example NS; = bar.example NS a.example;",
        GW_CLASS_ANSWER, ANS, false, false},

    {"9: alias into a delegation",
        "qr aa; ? a.example A; = a.example CNAME w.foo.example; @ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS | UNDER, true, false},
    {"9: signed alias",
        "qr aa; ? a.example A; = a.example CNAME w.foo.example; = a.example RRSIG;"
        "@ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS | UNDER, true, false},
    {"9: DNAME with the CNAME made from it",
        "qr aa; ? x.a.example A; = a.example DNAME foo.example; = x.a.example CNAME x.foo.example;"
        "@ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS | UNDER, true, false},
    {"9: a chain in no order",
        "qr aa; ? a.example A; = c.example CNAME w.foo.example; = b.example CNAME c.example;"
        "= a.example CNAME b.example; @ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS | UNDER, true, false},
    {"9: a chain that loops",
        "qr aa; ? a.foo.example A; = a.foo.example CNAME b.example; = b.example CNAME "
        "a.foo.example;"
        "@ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS | UNDER, true, false},
    {"9: the QNAME is under the cut, the alias is not",
        "qr aa; ? a.foo.example A; = a.foo.example CNAME b.test; @ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS, true, false},
    {"9: a CNAME of another name does not lead on",
        "qr; ? a.example A; = z.example CNAME w.foo.example; @ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ALIAS | NS, true, false},
    {"10: answer with apex NS",
        "qr aa; ? w.foo.example A; = w.foo.example A 192.0.2.1; @ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ANS | ADDR | NS | UNDER, true, false},
    {"10: answer behind an alias",
        "qr aa; ? w.foo.example A; = w.foo.example CNAME v.foo.example; = v.foo.example A "
        "192.0.2.1;"
        "@ foo.example NS n.foo.example;",
        GW_CLASS_DELEGATION, ANS | NS | UNDER, true, false},
    {"10: answer alone", "qr aa; ? foo.example AAAA; = foo.example AAAA 2001:db8::1;",
        GW_CLASS_ANSWER, ANS | ADDR, true, false},
    {"10: answer of another type alone", "qr aa; ? foo.example TXT; = foo.example TXT;",
        GW_CLASS_ANSWER, ANS, false, false},
    {"10: alias to no data", "qr aa; ? a.example A; = a.example CNAME b.test; @ test SOA a.test b;",
        GW_CLASS_ANSWER, ALIAS | SOA, true, false},
    {"11: answer with NS of two owners",
        "qr aa; ? w.foo.example A; = w.foo.example A 192.0.2.1; @ foo.example NS n.foo.example;"
        "@ example NS ns.evil.test;",
        GW_CLASS_ANSWER, ANS | ADDR | NS | MULTI | UNDER | PROMISC, true, false},

    {"12: two cuts", "qr; ? w.foo.example A; @ foo.example NS a.test; @ example NS b.test;",
        GW_CLASS_MULTI_CUT, NS | MULTI | UNDER, true, true},
    {"13: referral",
        "qr; ? w.foo.example A; @ foo.example NS n.foo.example; + n.foo.example A 192.0.2.1;",
        GW_CLASS_DELEGATION, NS | UNDER, true, true},
    {"13: the same owner in another spelling",
        "qr; ? w.foo.example A; @ foo.example NS a.test; @ FOO.example NS b.test;",
        GW_CLASS_DELEGATION, NS | UNDER, true, true},
    {"13: signed referral", "qr; ? w.foo.example A; @ foo.example DS; @ foo.example NS a.test;",
        GW_CLASS_DELEGATION, NS | UNDER | DS, true, true},
    {"13: DS of another name", "qr; ? w.foo.example A; @ bar.example DS; @ foo.example NS a.test;",
        GW_CLASS_DELEGATION, NS | UNDER, true, true},
    {"13: AA=1", "qr aa; ? w.foo.example A; @ foo.example NS a.test;", GW_CLASS_DELEGATION,
        NS | UNDER, true, false},
    {"13: the QNAME is the cut", "qr; ? foo.example A; @ foo.example NS a.test;",
        GW_CLASS_DELEGATION, NS | UNDER, true, true},
    {"14: DS is asked for above the cut", "qr; ? foo.example DS; @ foo.example NS a.test;",
        GW_CLASS_DELEGATION, NS, true, true},
    {"14: sideways", "qr; ? w.foo.example A; @ bar.example NS a.test;", GW_CLASS_DELEGATION, NS,
        true, true},
    {"16: upward", "qr; ? w.foo.example A; @ . NS a.root.example;", GW_CLASS_DELEGATION, NS | UNDER,
        true, true},

    {"18: empty", "qr; ? foo.example A; + . OPT;", GW_CLASS_EMPTY, 0, true, false},
    {"18: empty and truncated", "qr tc; ? foo.example A;", GW_CLASS_TC_EMPTY, 0, false, false},
    {"13: truncated referral", "qr tc; ? w.foo.example A; @ foo.example NS a.test;",
        GW_CLASS_DELEGATION, NS | UNDER, true, true},
    {"19: AUTHORITY of other records", "qr; ? foo.example A; @ foo.example TXT;", GW_CLASS_OTHER, 0,
        false, false},

    {"records of another class are not there",
        "qr; ? f.example A; = f.example CH TXT; @ f.example CH NS a;", GW_CLASS_EMPTY, 0, true,
        false},
    {"addresses of a wrong length are not there", "qr; ? f.example A; = f.example A \\0102;",
        GW_CLASS_EMPTY, 0, true, false},
};

static void
check(const struct row *row)
{
    struct gw_payload payload;
    struct gw_msg msg;

    print_message("  %s\n", row->shows);
    gw_builder_text(&builder, row->text);
    payload = gw_builder_payload(builder.octets, builder.len);
    gw_msg_parse(&payload, &msg);
    assert_int_equal(msg.class, row->class);
    assert_int_equal(msg.facts & COMPARED, row->facts);
    assert_int_equal(msg.teaches, row->teaches);
    assert_int_equal(msg.referral_shaped, row->referral_shaped);
}

static void
each_row_of_the_table_decides_its_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(rows); i++)
        check(&rows[i]);
}

/* All combinations of evidence: some row always holds, and the gates' classes never come out. */
static void
the_table_decides_whatever_the_evidence(void **state)
{
    (void)state;
    for (uint32_t evidence = 0; evidence < GW_EVIDENCE_SOA << 1; evidence++) {
        uint32_t facts = ~0u;
        const enum gw_class class = gw_msg_classify(evidence, &facts);

        assert_true(class != GW_CLASS_QUERY && class != GW_CLASS_MALFORMED &&
                    class != GW_CLASS_IGNORED && class != GW_CLASS_CUT);
        assert_int_equal(facts & ~(uint32_t)(GW_FACT_PROMISCUOUS | GW_FACT_NS_IN_ANSWER), 0);
        if ((evidence & GW_EVIDENCE_NS) == 0)
            assert_int_equal(facts & GW_FACT_PROMISCUOUS, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_of_the_table_decides_its_class),
        cmocka_unit_test(the_table_decides_whatever_the_evidence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
