/* SPDX-License-Identifier: BSD-2-Clause */
/* How messages came: the sentences of the kinds about races and transport. */
#include <string.h>

#include "report/mnemonic.h"
#include "report/sentence_parts.h"

static bool
is_variant(const struct gw_finding *finding, const char *variant)
{
    return finding->variant != NULL && strcmp(finding->variant, variant) == 0;
}

/* " for www.foo.example" */
static void
put_question(struct gw_text *text, const struct gw_finding *finding)
{
    if (finding->qname.len == 0)
        return;
    gw_text_put(text, " for ");
    gw_text_name(text, &finding->qname);
}

/* "192.0.2.1 to resolver 198.18.3.53" */
static void
put_way(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " to resolver ");
    gw_text_addr(text, &finding->resolver);
}

static void
put_unsolicited(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_transport *facts = &finding->transport_facts;

    gw_text_put(text, "Resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " was sent at least ");
    gw_text_count(text, finding->message_count, "response", "responses");
    gw_text_put(text, " that it had not asked for");
    if (facts->port_count != 0) {
        gw_text_put(text, ", from ");
        gw_text_addr(text, &finding->server);
        gw_text_put(text, " to at least ");
        gw_text_count(text, facts->port_count, "port", "ports");
    } else {
        gw_text_put(text, " by various addresses, the first of them ");
        gw_text_addr(text, &finding->server);
    }
    gw_text_put(text, ".");
}

static void
put_txid_burst(struct gw_text *text, const struct gw_finding *finding)
{
    const bool slow = is_variant(finding, "slow");

    gw_text_put(text, slow ? "Queries" : "A query");
    gw_text_put(text, " of resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " to ");
    gw_text_addr(text, &finding->server);
    put_question(text, finding);
    gw_text_put(text, " got at least ");
    if (slow) {
        gw_text_count(text, finding->message_count, "response", "responses");
        gw_text_put(text, " with another message ID, few to each");
    } else {
        gw_text_count(text, finding->transport_facts.wrong_count, "response", "responses");
        gw_text_put(text, " with another message ID or question");
    }
    if (is_variant(finding, "birthday"))
        gw_text_put(text, ", while many queries for the same were open");
    if (is_variant(finding, "single"))
        gw_text_put(text, ", and the resolver asked again over TCP");
    gw_text_put(text, ".");
}

/* "198.51.100.66", "the name servers ns1.evil.test", or the class where a side names nothing. */
static void
put_side(struct gw_text *text, const struct gw_finding_set *set)
{
    if (!gw_text_has_members(set)) {
        gw_text_put(text, "no address and no name server");
        return;
    }
    if (set->name_count != 0)
        gw_text_put(text, "the name servers ");
    gw_text_put_members(text, set);
}

/* "; for ns1.foo.example one has 192.0.2.11, and the other 198.51.100.66" */
static void
put_contrast(struct gw_text *text, const struct gw_finding *finding)
{
    if (finding->set_count < 2)
        return;
    gw_text_put(text, "; ");
    if (finding->name.len != 0 || finding->cut.len != 0) {
        gw_text_put(text, "for ");
        gw_text_put_subject(text, finding);
        gw_text_put(text, " ");
    }
    gw_text_put(text, "one gives ");
    put_side(text, gw_text_side(finding, GW_SET_KNOWN));
    gw_text_put(text, ", and the other ");
    put_side(text, gw_text_side(finding, GW_SET_CONTRARY));
}

static void
put_double_conflict(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_transport *facts = &finding->transport_facts;
    const int64_t apart_ns = facts->has_rival ? finding->trigger_ns - facts->rival_ns : 0;

    if (is_variant(finding, "many-names"))
        gw_text_put(text, "Many queries, the first of them");
    else
        gw_text_put(text, "A query");
    put_question(text, finding);
    gw_text_put(text, ", of resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " to ");
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " got two responses that contradict each other");
    if (apart_ns > 0) {
        gw_text_put(text, ", ");
        gw_text_format(text, "%.1f ms apart", (double)apart_ns / 1e6);
    }
    if (facts->has_rival && facts->rival_class != finding->class)
        gw_text_format(
            text, " (%s and %s)", gw_text_class(facts->rival_class), gw_text_class(finding->class));
    put_contrast(text, finding);
    gw_text_put(text, ".");
}

static void
put_case_mismatch(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "A response from ");
    put_way(text, finding);
    gw_text_put(text, " has the question in another letter case than the query");
    put_question(text, finding);
    gw_text_put(text, is_variant(finding, "style") ? "; this server never echoes it."
                                                   : "; this server echoed it until then.");
}

static void
put_wrong_source(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "Resolver ");
    gw_text_addr(text, &finding->resolver);
    gw_text_put(text, " asked ");
    gw_text_addr(text, &finding->transport_facts.asked);
    put_question(text, finding);
    gw_text_put(text, ", and ");
    gw_text_addr(text, &finding->server);
    gw_text_put(text, " responded instead, in at least ");
    gw_text_count(text, finding->message_count, "message", "messages");
    gw_text_put(text, ".");
}

static void
put_fragment_glue(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_transport *facts = &finding->transport_facts;

    if (is_variant(finding, "orphan")) {
        gw_text_put(text, "At least ");
        gw_text_count(text, finding->message_count, "later fragment", "later fragments");
        gw_text_put(text, " came from ");
        put_way(text, finding);
        gw_text_put(text, " without a first one.");
        return;
    }
    if (is_variant(finding, "bare-conflict")) {
        gw_text_put(text, "Two fragments of one datagram from ");
        put_way(text, finding);
        gw_text_put(text, " have the same place and other octets.");
        return;
    }
    gw_text_put(text, "The address of ");
    gw_text_put_subject(text, finding);
    gw_text_put(text, ", ");
    gw_text_put_members(text, gw_text_side(finding, GW_SET_CONTRARY));
    gw_text_put(text, ", came from ");
    put_way(text, finding);
    gw_text_format(text, " in fragment %u of %u", facts->fragment_from + 1u, facts->fragment_count);
    if (is_variant(finding, "conflict"))
        gw_text_put(text, ", which came twice with other octets");
    gw_text_put_known_side(text, finding, ", while ");
}

static void
put_bad_checksum(struct gw_text *text, const struct gw_finding *finding)
{
    gw_text_put(text, "A response from ");
    put_way(text, finding);
    put_question(text, finding);
    gw_text_put(text, " has a wrong UDP checksum, where others are right.");
}

/* "IP TTL 64 after 5.0 ms" */
static void
put_path(struct gw_text *text, uint8_t ip_ttl, int64_t rtt_ns)
{
    gw_text_format(text, "IP TTL %u after %.1f ms", (unsigned)ip_ttl, (double)rtt_ns / 1e6);
}

static void
put_path_outlier(struct gw_text *text, const struct gw_finding *finding)
{
    const struct gw_finding_transport *facts = &finding->transport_facts;

    gw_text_put(text, "A response from ");
    put_way(text, finding);
    put_question(text, finding);
    gw_text_put(text, " came with ");
    put_path(text, finding->ip_ttl, facts->rtt_ns);
    if (facts->usual_ip_ttl != 0) {
        gw_text_put(text, ", where ");
        put_path(text, facts->usual_ip_ttl, facts->usual_rtt_ns);
        gw_text_put(text, " or more is usual");
    } else {
        gw_text_put(text, " and is unlike its server's others");
    }
    if (is_variant(finding, "route-change"))
        gw_text_put(text, "; the new path holds");
    gw_text_put(text, ".");
}

gw_text_put_kind
gw_text_race(enum gw_kind kind)
{
    static const gw_text_put_kind put[GW_KIND_COUNT] = {
        [GW_KIND_RESP_UNSOLICITED] = put_unsolicited,
        [GW_KIND_RESP_TXID_BURST] = put_txid_burst,
        [GW_KIND_RESP_DOUBLE_CONFLICT] = put_double_conflict,
        [GW_KIND_RESP_CASE_MISMATCH] = put_case_mismatch,
        [GW_KIND_RESP_WRONG_SOURCE] = put_wrong_source,
        [GW_KIND_RESP_FRAGMENT_GLUE] = put_fragment_glue,
        [GW_KIND_RESP_BAD_CHECKSUM] = put_bad_checksum,
        [GW_KIND_RESP_PATH_OUTLIER] = put_path_outlier,
    };

    return put[kind];
}
