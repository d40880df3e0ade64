/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parse/dns/rr.h"
#include "tests/support/guard.h"
#include "tests/support/message_builder.h"

#define REFERRAL                                                                         \
    "qr id=4660; ? www.foo.example A; @ foo.example NS ns1.foo.example;"                 \
    "@ foo.example NS ns2.foo.example; @ foo.example DS; + ns1.foo.example A 192.0.2.1;" \
    "+ ns2.foo.example AAAA 2001:db8::1; + . OPT do cookie;"

static struct gw_guard guard;
static struct gw_builder builder;

static int
make_guard(void **state)
{
    (void)state;
    gw_guard_init(&guard, GW_MESSAGE_MAX);
    return 0;
}

static int
drop_guard(void **state)
{
    (void)state;
    gw_guard_done(&guard);
    return 0;
}

/* Parses @p len octets against the unreadable page; the view stays valid until the next call. */
static const struct gw_msg *
parse_octets(const uint8_t *octets, uint32_t len, uint16_t flags)
{
    static struct gw_payload payload;
    static struct gw_msg msg;

    payload = gw_builder_payload(gw_guard_copy(&guard, octets, len), len);
    payload.flags = flags;
    memset(&msg, 0xa5, sizeof(msg)); /* what is left over from before must not show */
    gw_msg_parse(&payload, &msg);
    return &msg;
}

static const struct gw_msg *
parse_text(const char *text)
{
    gw_builder_text(&builder, text);
    return parse_octets(builder.octets, builder.len, 0);
}

static void
view_holds_the_header_in_host_order(void **state)
{
    const struct gw_msg *msg = parse_text(REFERRAL);

    (void)state;
    assert_int_equal(msg->why, GW_OK);
    assert_int_equal(msg->id, 4660);
    assert_true(msg->response);
    assert_int_equal(msg->opcode, 0);
    assert_int_equal(msg->rcode, 0);
    assert_int_equal(msg->count[GW_QUESTION], 1);
    assert_int_equal(msg->count[GW_ANSWER], 0);
    assert_int_equal(msg->count[GW_AUTHORITY], 3);
    assert_int_equal(msg->count[GW_ADDITIONAL], 3);
    assert_int_equal(msg->qtype, GW_TYPE_A);
    assert_int_equal(msg->qclass, 1);
    assert_int_equal(msg->qname_off, 12);
    assert_int_equal(msg->section_off[GW_QUESTION], 12);
    assert_int_equal(msg->section_off[GW_ANSWER], 12 + 17 + 4);
    assert_int_equal(msg->section_off[GW_AUTHORITY], 12 + 17 + 4);
    assert_true(msg->section_off[GW_ADDITIONAL] > msg->section_off[GW_AUTHORITY]);
    assert_int_equal(msg->edns_size, 1232);
    assert_int_equal(msg->notes, 0);
}

struct fact_row {
    const char *shows;
    const char *text;
    uint32_t with;
    uint32_t without;
};

static const struct fact_row fact_rows[] = {
    {"bits of the header", "qr aa tc rd ra; ? a.example A;",
        GW_FACT_AA | GW_FACT_TC | GW_FACT_RD | GW_FACT_RA, GW_FACT_OPT},
    {"bits of a query", "rd; ? a.example A;", GW_FACT_RD, GW_FACT_AA},
    {"OPT", "qr; ? a.example A; + . OPT;", GW_FACT_OPT, GW_FACT_DO | GW_FACT_COOKIE},
    {"DO", "qr; ? a.example A; + . OPT do;", GW_FACT_OPT | GW_FACT_DO, GW_FACT_COOKIE},
    {"server cookie", "qr; ? a.example A; + . OPT cookie;", GW_FACT_COOKIE, GW_FACT_DO},
    {"cookie behind another option", "qr; ? a.example A; + . OPT \\000300020102 cookie;",
        GW_FACT_COOKIE, 0},
    {"client cookie alone", "qr; ? a.example A; + . OPT \\000a00080102030405060708;", GW_FACT_OPT,
        GW_FACT_COOKIE},
    {"option longer than the OPT", "qr; ? a.example A; + . OPT \\000a00100102;", GW_FACT_OPT,
        GW_FACT_COOKIE},
    {"half an option", "qr; ? a.example A; + . OPT \\000a00;", GW_FACT_OPT, GW_FACT_COOKIE},
    {"TSIG", "qr; ? a.example A; + key.example TSIG;", GW_FACT_SIGNED, GW_FACT_WRONG_SECTION},
    {"SIG(0)", "qr; ? a.example A; + . SIG;", GW_FACT_SIGNED, 0},
    {"SIG that covers a type", "qr; ? a.example A; + . SIG \\0001ffff;", 0, GW_FACT_SIGNED},
    {"address in AUTHORITY", "qr; ? a.example A; @ a.example A 192.0.2.1;", GW_FACT_WRONG_SECTION,
        GW_FACT_ADDRESS},
    {"NS in ADDITIONAL", "qr; ? a.example A; + a.example NS b;", GW_FACT_WRONG_SECTION, GW_FACT_NS},
    {"CNAME in ADDITIONAL", "qr; ? a.example A; + a.example CNAME b;", GW_FACT_WRONG_SECTION,
        GW_FACT_ALIAS},
    {"DNAME in ADDITIONAL", "qr; ? a.example A; + a.example DNAME b;", GW_FACT_WRONG_SECTION, 0},
    {"MX in AUTHORITY", "qr; ? a.example A; @ a.example MX b;", GW_FACT_WRONG_SECTION, 0},
    {"CNAME in AUTHORITY", "qr; ? a.example A; @ a.example CNAME b;", GW_FACT_WRONG_SECTION, 0},
    {"DNAME in AUTHORITY", "qr; ? a.example A; @ a.example DNAME b;", GW_FACT_WRONG_SECTION, 0},
    {"MX in ADDITIONAL", "qr; ? a.example A; + a.example MX b;", 0, GW_FACT_WRONG_SECTION},
    {"all where it belongs", REFERRAL, GW_FACT_NS | GW_FACT_DS, GW_FACT_WRONG_SECTION},
    {"address of the QNAME", "qr; ? a.example A; = A.example A 192.0.2.1;", GW_FACT_ADDRESS, 0},
    {"address of another", "qr; ? a.example A; = b.example A 192.0.2.1;", 0, GW_FACT_ADDRESS},
};

static void
facts_say_what_the_message_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(fact_rows); i++) {
        const struct gw_msg *msg = parse_text(fact_rows[i].text);

        print_message("  %s\n", fact_rows[i].shows);
        assert_int_equal(msg->why, GW_OK);
        assert_int_equal(msg->facts & fact_rows[i].with, fact_rows[i].with);
        assert_int_equal(msg->facts & fact_rows[i].without, 0);
    }
}

static void
facts_say_how_the_message_came(void **state)
{
    struct gw_payload payload;
    struct gw_msg msg;

    (void)state;
    gw_builder_text(&builder, REFERRAL);
    payload = gw_builder_payload(builder.octets, builder.len);
    gw_msg_parse(&payload, &msg);
    assert_int_equal(msg.facts & (GW_FACT_TCP | GW_FACT_FRAGMENTED), 0);
    payload.transport = GW_TRANSPORT_TCP;
    gw_msg_parse(&payload, &msg);
    assert_int_equal(msg.facts & (GW_FACT_TCP | GW_FACT_FRAGMENTED), GW_FACT_TCP);
    payload.transport = GW_TRANSPORT_UDP;
    payload.flags = GW_PAYLOAD_FRAGMENTED;
    gw_msg_parse(&payload, &msg);
    assert_int_equal(msg.facts & (GW_FACT_TCP | GW_FACT_FRAGMENTED), GW_FACT_FRAGMENTED);
}

struct reason_row {
    const char *shows;
    const char *text;
    const char *tail; /* octets appended behind what the text makes, or NULL */
    size_t tail_len;
    enum gw_why why;
};

#define TAIL(octets) (octets), sizeof(octets) - 1

static const struct reason_row reason_rows[] = {
    {"no question", "qr;", NULL, 0, GW_QUESTION_COUNT},
    {"QDCOUNT and nothing behind the header", "qr qd=1;", NULL, 0, GW_QUESTION_CUT},
    {"question without QCLASS", "qr qd=1;", TAIL("\1a\0\0\1"), GW_QUESTION_CUT},
    {"QNAME past the end", "qr qd=1;", TAIL("\5abc"), GW_NAME_CUT},
    {"label type in the QNAME", "qr qd=1;", TAIL("\101abc\0\0\1\0\1"), GW_LABEL_TYPE},
    {"QNAME that points at itself", "qr qd=1;", TAIL("\300\014\0\1\0\1"), GW_POINTER_FORWARD},
    {"QNAME that points into the header", "qr qd=1;", TAIL("\300\004\0\1\0\1"), GW_POINTER_HEADER},
    {"the same in a query", "qd=1;", TAIL("\300\004\0\1\0\1"), GW_POINTER_HEADER},
    {"more records counted than there are", "qr ns=2; ? a.b A; an=1;", NULL, 0, GW_RR_CUT},
    {"owner past the end", "qr; ? a.b A; ar=1;", TAIL("\2x"), GW_NAME_CUT},
    {"owner of a reserved label type", "qr; ? a.b A; ar=1;", TAIL("\200\0"), GW_LABEL_TYPE},
    {"owner points forward", "qr; ? a.b A; ar=1;", TAIL("\300\177\0\1\0\1\0\0\0\0\0\0"),
        GW_POINTER_FORWARD},
    {"owner points into the header", "qr; ? a.b A; ar=1;", TAIL("\300\0\0\1\0\1\0\0\0\0\0\0"),
        GW_POINTER_HEADER},
    {"record ends in its fixed part", "qr; ? a.b A; ar=1;", TAIL("\0\0\1\0\1\0\0"), GW_RR_CUT},
    {"RDATA past the end", "qr; ? a.b A; ar=1;", TAIL("\0\0\1\0\1\0\0\0\0\0\4\1\2\3"), GW_RR_CUT},
    {"NS with octets behind its name", "qr; ? a.b A; @ a.b NS \\0000;", NULL, 0, GW_RDATA_LENGTH},
    {"NS whose name does not end", "qr; ? a.b A; @ a.b NS \\0361; + . OPT;", NULL, 0,
        GW_RDATA_LENGTH},
    {"NS without RDATA", "qr; ? a.b A; @ a.b NS \\; + . OPT;", NULL, 0, GW_RDATA_LENGTH},
    {"NS that points at itself", "qr; ? a.b A; @ . NS \\c020; + . OPT;", NULL, 0,
        GW_POINTER_FORWARD},
    {"CNAME with octets behind its name", "qr; ? a.b A; = a.b CNAME \\0000;", NULL, 0,
        GW_RDATA_LENGTH},
    {"DNAME with octets behind its name", "qr; ? a.b A; = a.b DNAME \\0000;", NULL, 0,
        GW_RDATA_LENGTH},
    {"SOA one octet short", "qr; ? a.b A; @ b SOA \\00000102030405060708090a0b0c0d0e0f10111213;",
        NULL, 0, GW_RDATA_LENGTH},
    {"SOA one octet long", "qr; ? a.b A; @ b SOA \\00000102030405060708090a0b0c0d0e0f101112131415;",
        NULL, 0, GW_RDATA_LENGTH},
    {"SOA with one name", "qr; ? a.b A; @ b SOA \\00;", NULL, 0, GW_RDATA_LENGTH},
    {"SOA with a bad label", "qr; ? a.b A; @ b SOA \\0080;", NULL, 0, GW_LABEL_TYPE},
    {"two OPT", "qr; ? a.b A; + . OPT; + . OPT;", NULL, 0, GW_OPT_TWICE},
    {"two OPT in two sections", "qr; ? a.b A; = . OPT; + . OPT;", NULL, 0, GW_OPT_TWICE},
};

static void
each_fault_has_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(reason_rows); i++) {
        const struct reason_row *row = &reason_rows[i];
        const struct gw_msg *msg = NULL;

        print_message("  %s\n", row->shows);
        gw_builder_text(&builder, row->text);
        if (row->tail != NULL)
            memcpy(builder.octets + builder.len, row->tail, row->tail_len);
        msg = parse_octets(builder.octets, builder.len + (uint32_t)row->tail_len, 0);
        assert_int_equal(msg->why, row->why);
        assert_int_equal(msg->class, GW_CLASS_MALFORMED);
        assert_false(msg->teaches);
        assert_false(msg->referral_shaped);
    }
}

/* Writes a question of 255 octets, then @p labels one-octet labels and a pointer, as an owner. */
static void
name_over_255_octets_has_its_reason(void **state)
{
    char text[300];
    size_t len = 0;

    (void)state;
    for (uint32_t i = 0; i < 126; i++) {
        text[len++] = 'a';
        text[len++] = '.';
    }
    text[len - 1] = '\0';
    gw_builder_text(&builder, "qr qd=1;");
    gw_builder_name(&builder, text);
    memcpy(builder.octets + builder.len, "\0\1\0\1", 4);
    builder.len += 4;
    gw_builder_parts(&builder, "ar=1;");
    memcpy(builder.octets + builder.len, "\1b\300\014\0\1\0\1\0\0\0\0\0\0", 14);
    assert_int_equal(parse_octets(builder.octets, builder.len + 14, 0)->why, GW_OK);
    memcpy(builder.octets + builder.len, "\2bb\300\014\0\1\0\1\0\0\0\0\0\0", 15);
    assert_int_equal(parse_octets(builder.octets, builder.len + 15, 0)->why, GW_NAME_LONG);
}

/*
 * A label behind a chain of pointers, each in a record's RDATA, since only there it need not be a
 * name.
 */
static void
too_many_pointers_have_their_reason(void **state)
{
    (void)state;
    for (uint32_t pointers = GW_POINTERS_MAX; pointers <= GW_POINTERS_MAX + 1; pointers++) {
        uint32_t target = GW_HEADER_LEN;

        gw_builder_text(&builder, "qr; ? a.b A;");
        for (uint32_t i = 1; i < pointers; i++) {
            char part[64];

            snprintf(part, sizeof(part), "+ . TXT \\%04x;", 0xc000u | target);
            gw_builder_parts(&builder, part);
            target = builder.len - 2;
        }
        gw_builder_parts(&builder, "ar=99;");
        builder.octets[11] = (uint8_t)pointers;
        builder.octets[builder.len] = (uint8_t)(0xc0 | target >> 8);
        builder.octets[builder.len + 1] = (uint8_t)target;
        memcpy(builder.octets + builder.len + 2, "\0\1\0\1\0\0\0\0\0\0", 10);
        assert_int_equal(parse_octets(builder.octets, builder.len + 12, 0)->why,
            pointers > GW_POINTERS_MAX ? GW_POINTERS : GW_OK);
    }
}

/* Many short records whose owners point to a name of 255 octets. */
static void
names_that_cost_too_much_have_their_reason(void **state)
{
    char text[300];

    (void)state;
    for (uint32_t i = 0; i < 127; i++)
        memcpy(text + 2 * i, "a.", 2);
    text[253] = '\0';
    gw_builder_text(&builder, "qr qd=1;");
    gw_builder_name(&builder, text);
    memcpy(builder.octets + builder.len, "\0\1\0\1", 4);
    builder.len += 4;
    for (uint32_t i = 0; i < 100; i++) {
        memcpy(builder.octets + builder.len, "\300\014\0\20\0\1\0\0\0\0\0\0", 12);
        builder.len += 12;
    }
    builder.octets[11] = 100;
    assert_int_equal(parse_octets(builder.octets, builder.len, 0)->why, GW_WORK);
    builder.octets[11] = 20; /* the same octets, fewer of them read */
    assert_int_equal(parse_octets(builder.octets, builder.len, 0)->why, GW_OK);
}

struct note_row {
    const char *shows;
    const char *text;
    uint32_t notes;
};

#define NOTE(why) (1u << ((uint32_t)(why) - (uint32_t)GW_RR_CLASS))

static const struct note_row note_rows[] = {
    {"nothing to note", REFERRAL, 0},
    {"class CH", "qr; ? a.b A; + a.b CH A 192.0.2.1;", NOTE(GW_RR_CLASS)},
    {"OPT, TSIG, SIG(0) and TKEY have classes of their own",
        "qr; ? a.b A; + . OPT; + k TSIG; + . SIG; + . CLASS-ANY TKEY;", 0},
    {"NONE with a name that is none", "qr; ? a.b A; + a.b NONE NS \\ff;", NOTE(GW_RR_CLASS)},
    {"A of 3 octets", "qr; ? a.b A; + a.b A \\010203;", NOTE(GW_RR_ADDRESS_LENGTH)},
    {"AAAA of 4 octets", "qr; ? a.b A; + a.b AAAA \\01020304;", NOTE(GW_RR_ADDRESS_LENGTH)},
    {"TTL with its highest bit", "qr; ? a.b A; + a.b 2147483648 A 192.0.2.1;", NOTE(GW_RR_TTL)},
    {"the largest TTL", "qr; ? a.b A; + a.b 2147483647 A 192.0.2.1;", 0},
    {"the OPT's TTL is none", "qr; ? a.b A; + . OPT ext=128;", 0},
    {"two faults at once", "qr; ? a.b A; + a.b A \\01; + a.b CH A 192.0.2.1;",
        NOTE(GW_RR_CLASS) | NOTE(GW_RR_ADDRESS_LENGTH)},
    {"the same address twice", "qr; ? a.b A; + a.b A 192.0.2.1; + a.b A 192.0.2.1;",
        NOTE(GW_RR_DUPLICATE)},
    {"the same with another TTL", "qr; ? a.b A; + a.b A 192.0.2.1; + a.b 5 A 192.0.2.1;",
        NOTE(GW_RR_DUPLICATE)},
    {"the same in another spelling", "qr; ? a.b A; + c.d AAAA ::1; + C.D AAAA ::1;",
        NOTE(GW_RR_DUPLICATE)},
    {"two addresses", "qr; ? a.b A; + a.b A 192.0.2.1; + a.b A 192.0.2.2;", 0},
    {"one address of two names", "qr; ? a.b A; + x.c A 192.0.2.1; + x.d A 192.0.2.1;", 0},
    {"the same in two sections", "qr; ? a.b A; = a.b A 192.0.2.1; + a.b A 192.0.2.1;", 0},
    {"the same NS twice", "qr; ? a.b A; @ b NS n.b; @ b NS n.b;", NOTE(GW_RR_DUPLICATE)},
    {"NS alike in their first label", "qr; ? a.b A; @ b NS n.c; @ b NS n.d;", 0},
    {"NS alike in their first eight octets", "qr; ? a.b A; @ b NS abcdefgh.c; @ b NS abcdefgi.c;",
        0},
};

static void
what_is_passed_over_is_noted(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(note_rows); i++) {
        const struct gw_msg *msg = parse_text(note_rows[i].text);

        print_message("  %s\n", note_rows[i].shows);
        assert_int_equal(msg->why, GW_OK);
        assert_int_equal(msg->notes, note_rows[i].notes);
    }
}

static void
uncompressed_duplicates_are_noted_too(void **state)
{
    const struct gw_builder_style style = {.plain = true, .case_seed = 9};

    (void)state;
    gw_builder_start(&builder, style);
    gw_builder_parts(&builder, "qr; ? a.b A; @ b NS n.b; @ b NS n.b; + n.b A 192.0.2.1;");
    assert_int_equal(parse_octets(builder.octets, builder.len, 0)->notes, NOTE(GW_RR_DUPLICATE));
}

static void
octets_behind_the_last_record_are_noted(void **state)
{
    (void)state;
    gw_builder_text(&builder, REFERRAL);
    builder.octets[builder.len] = 0;
    assert_int_equal(parse_octets(builder.octets, builder.len + 1, 0)->notes, NOTE(GW_RR_TRAILING));
}

static void
more_records_than_are_kept_are_noted(void **state)
{
    (void)state;
    for (uint32_t count = GW_TARGETS_MAX; count <= GW_TARGETS_MAX + 1; count++) {
        gw_builder_text(&builder, "qr; ? a.b A;");
        for (uint32_t i = 0; i < count; i++) {
            char part[64];

            snprintf(part, sizeof(part), "@ b NS n%u.b;", i);
            gw_builder_parts(&builder, part);
        }
        assert_int_equal(parse_octets(builder.octets, builder.len, 0)->notes,
            count > GW_TARGETS_MAX ? NOTE(GW_RR_OVERFLOW) : 0);
    }
}

static void
every_prefix_of_a_good_message_is_malformed_or_cut(void **state)
{
    uint32_t len = 0;

    (void)state;
    gw_builder_text(&builder, REFERRAL);
    assert_int_equal(parse_octets(builder.octets, builder.len, 0)->class, GW_CLASS_DELEGATION);
    for (len = GW_HEADER_LEN; len < builder.len; len++) {
        const struct gw_msg *msg = parse_octets(builder.octets, len, 0);

        assert_int_equal(msg->class, GW_CLASS_MALFORMED);
        assert_true(
            msg->why == GW_NAME_CUT || msg->why == GW_QUESTION_CUT || msg->why == GW_RR_CUT);
        assert_false(msg->referral_shaped);
        msg = parse_octets(builder.octets, len, GW_PAYLOAD_CUT);
        assert_int_equal(msg->class, GW_CLASS_CUT);
        assert_int_equal(msg->why, GW_OK);
        assert_false(msg->teaches);
    }
}

/* Octets changed one by one: whatever comes out, nothing is read that must not be. */
static void
every_changed_octet_of_a_good_message_is_survived(void **state)
{
    (void)state;
    gw_builder_text(&builder, REFERRAL);
    for (uint32_t i = 0; i < builder.len; i++) {
        const uint8_t before = builder.octets[i];

        for (uint32_t value = 0; value < 256; value += 17) {
            builder.octets[i] = (uint8_t)value;
            assert_true(parse_octets(builder.octets, builder.len, 0)->class <= GW_CLASS_DELEGATION);
        }
        builder.octets[i] = before;
    }
}

static void
cut_query_with_its_question_is_a_query(void **state)
{
    (void)state;
    gw_builder_text(&builder, "rd; ? foo.example A; + . OPT;");
    assert_int_equal(
        parse_octets(builder.octets, builder.len - 1, GW_PAYLOAD_CUT)->class, GW_CLASS_QUERY);
    assert_int_equal(
        parse_octets(builder.octets, 12 + 13 + 4, GW_PAYLOAD_CUT)->class, GW_CLASS_QUERY);
    assert_int_equal(
        parse_octets(builder.octets, 12 + 13 + 3, GW_PAYLOAD_CUT)->class, GW_CLASS_CUT);
}

static void
cut_response_is_cut_even_behind_its_last_record(void **state)
{
    (void)state;
    gw_builder_text(&builder, REFERRAL);
    const struct gw_msg *msg = parse_octets(builder.octets, builder.len, GW_PAYLOAD_CUT);

    assert_int_equal(msg->class, GW_CLASS_CUT);
    assert_true(msg->referral_shaped);
}

static void
fault_in_the_octets_at_hand_is_no_cut(void **state)
{
    (void)state;
    gw_builder_text(&builder, "qr; ? a.b A; @ a.b NS \\0000; + . OPT;");
    assert_int_equal(
        parse_octets(builder.octets, builder.len - 1, GW_PAYLOAD_CUT)->why, GW_RDATA_LENGTH);
}

struct clip_row {
    const char *shows;
    const char *opt;
    uint8_t transport;
    uint32_t from; /* first length of a clipped message */
    uint32_t to;   /* last */
};

static const struct clip_row clip_rows[] = {
    {"512 without EDNS", "", GW_TRANSPORT_UDP, 417, 512},
    {"512 with EDNS", "+ . OPT size=4096;", GW_TRANSPORT_UDP, 417, 512},
    {"1232", "+ . OPT;", GW_TRANSPORT_UDP, 1137, 1232},
    {"1400 to 1472, whose windows overlap", "+ . OPT;", GW_TRANSPORT_UDP, 1305, 1472},
    {"4096", "+ . OPT size=4096;", GW_TRANSPORT_UDP, 4001, 4096},
    {"what the server announces", "+ . OPT size=1680;", GW_TRANSPORT_UDP, 1585, 1680},
    {"TCP", "+ . OPT size=512;", GW_TRANSPORT_TCP, 65440, 65535},
};

static bool
is_clipped(uint32_t len, uint8_t transport)
{
    struct gw_payload payload = gw_builder_payload(gw_guard_copy(&guard, builder.octets, len), len);
    struct gw_msg msg;

    payload.transport = transport;
    gw_msg_parse(&payload, &msg);
    assert_int_equal(msg.why, GW_OK);
    return (msg.facts & GW_FACT_CLIPPED) != 0;
}

static void
messages_near_a_size_limit_are_clipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < GW_ARRAY_LEN(clip_rows); i++) {
        const struct clip_row *row = &clip_rows[i];

        print_message("  %s\n", row->shows);
        gw_builder_text(&builder, "qr; ? a.b A; @ b NS n.b;");
        gw_builder_parts(&builder, row->opt);
        memset(builder.octets + builder.len, 0, sizeof(builder.octets) - builder.len);
        assert_false(is_clipped(row->from - 1, row->transport));
        assert_true(is_clipped(row->from, row->transport));
        assert_true(is_clipped(row->to, row->transport));
        if (row->to < GW_MESSAGE_MAX)
            assert_false(is_clipped(row->to + 1, row->transport));
    }
    assert_false(is_clipped(1232, GW_TRANSPORT_TCP));
}

static const char *const bulk_texts[] = {
    REFERRAL,
    "? a.b A;",
    "qr aa; ? a.b A; = a.b A 192.0.2.1;",
    "qr tc; ? a.b A;",
    "qr; ? a.b A; ar=1;",
    "qr; ? a.b A; @ a.b CH NS n.b; + a.b A \\01;",
    "qr rd ra; ? w.a.b A; @ a.b NS n.b;",
    "qr qd=0;",
    "? a.b CH A;",
};

static void
bulk_counts_every_message_once(void **state)
{
    static uint8_t octets[GW_ARRAY_LEN(bulk_texts)][512];
    static struct gw_payloads payloads;
    static struct gw_msg msgs[GW_BATCH_FRAMES];
    struct gw_message_stats stats = {.seen = 0};
    uint64_t classes = 0;
    uint64_t malformed = 0;

    (void)state;
    for (uint32_t i = 0; i < GW_ARRAY_LEN(bulk_texts); i++) {
        gw_builder_text(&builder, bulk_texts[i]);
        memcpy(octets[i], builder.octets, builder.len);
        payloads.item[i] = gw_builder_payload(octets[i], builder.len);
    }
    payloads.item[2].transport = GW_TRANSPORT_TCP;
    payloads.count = GW_ARRAY_LEN(bulk_texts);
    gw_msg_parse_bulk(&payloads, msgs, &stats);

    for (uint32_t i = 0; i < GW_CLASS_COUNT; i++)
        classes += stats.classes[i];
    for (uint32_t i = 0; i < GW_WHY_COUNT; i++)
        malformed += stats.malformed[i];
    assert_int_equal(stats.seen, 9);
    assert_int_equal(stats.queries, 2);
    assert_int_equal(stats.responses, 7);
    assert_int_equal(stats.udp, 8);
    assert_int_equal(stats.tcp, 1);
    assert_int_equal(stats.aa, 1);
    assert_int_equal(stats.tc, 1);
    assert_int_equal(stats.referral_shaped, 2);
    assert_int_equal(classes, 8); /* the delegation is counted when its class is known */
    assert_int_equal(malformed, 2);
    assert_int_equal(stats.classes[GW_CLASS_MALFORMED], malformed);
    assert_int_equal(stats.malformed[GW_RR_CUT], 1);
    assert_int_equal(stats.malformed[GW_QUESTION_COUNT], 1);
    assert_int_equal(stats.notes[GW_RR_CLASS], 1);
    assert_int_equal(stats.notes[GW_RR_ADDRESS_LENGTH], 1);
    assert_int_equal(stats.notes[GW_RR_DUPLICATE], 0);
    assert_int_equal(msgs[0].class, GW_CLASS_DELEGATION);
    assert_ptr_equal(msgs[3].payload, &payloads.item[3]);
}

static void
at_most_sixteen_aliases_are_followed(void **state)
{
    (void)state;
    for (uint32_t count = GW_ALIASES_MAX; count <= GW_ALIASES_MAX + 1; count++) {
        struct gw_payload payload;
        struct gw_name_reader reader;
        struct gw_name tail;
        struct gw_msg msg;

        gw_builder_text(&builder, "qr; ? n0 A;");
        for (uint32_t i = 0; i < count; i++) {
            char part[64];

            snprintf(part, sizeof(part), "= n%u CNAME n%u;", i, i + 1);
            gw_builder_parts(&builder, part);
        }
        payload = gw_builder_payload(builder.octets, builder.len);
        gw_msg_parse(&payload, &msg);
        reader = gw_name_reader_make(builder.octets, builder.len);
        assert_int_equal(gw_msg_tail(&msg, &reader, &tail), GW_OK);
        assert_memory_equal(tail.wire, "\3n16", 5);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view_holds_the_header_in_host_order),
        cmocka_unit_test(facts_say_what_the_message_has),
        cmocka_unit_test(facts_say_how_the_message_came),
        cmocka_unit_test(each_fault_has_its_reason),
        cmocka_unit_test(name_over_255_octets_has_its_reason),
        cmocka_unit_test(too_many_pointers_have_their_reason),
        cmocka_unit_test(names_that_cost_too_much_have_their_reason),
        cmocka_unit_test(what_is_passed_over_is_noted),
        cmocka_unit_test(uncompressed_duplicates_are_noted_too),
        cmocka_unit_test(octets_behind_the_last_record_are_noted),
        cmocka_unit_test(more_records_than_are_kept_are_noted),
        cmocka_unit_test(every_prefix_of_a_good_message_is_malformed_or_cut),
        cmocka_unit_test(every_changed_octet_of_a_good_message_is_survived),
        cmocka_unit_test(cut_query_with_its_question_is_a_query),
        cmocka_unit_test(cut_response_is_cut_even_behind_its_last_record),
        cmocka_unit_test(fault_in_the_octets_at_hand_is_no_cut),
        cmocka_unit_test(messages_near_a_size_limit_are_clipped),
        cmocka_unit_test(bulk_counts_every_message_once),
        cmocka_unit_test(at_most_sixteen_aliases_are_followed),
    };

    return cmocka_run_group_tests(tests, make_guard, drop_guard);
}
