/* SPDX-License-Identifier: BSD-2-Clause */
/* What a matter keeps of its findings, and how two matters become one. */
#include <string.h>

#include "analyze/matter.h"

static const struct gw_finding_set *
contrary_of(const struct gw_finding *finding)
{
    static const struct gw_finding_set none = {.role = GW_SET_CONTRARY};

    return finding->set_count == 0 ? &none : &finding->set[finding->set_count - 1];
}

static struct gw_matter_evidence
evidence_of(const struct gw_finding *finding)
{
    struct gw_matter_evidence item = {
        .kind = finding->kind,
        .severity = finding->severity,
        .server_split = finding->split == GW_SPLIT_SERVER,
        .told_by_several =
            finding->split == GW_SPLIT_RESOLVER && contrary_of(finding)->server_count >= 2,
        .base = finding->term_count == 0 ? 0.0 : finding->term[0].points,
        .confidence = finding->confidence,
    };

    memcpy(item.id, finding->id, sizeof(item.id));
    for (uint32_t i = 0; i < finding->term_count; i++)
        item.points[finding->term[i].channel] += finding->term[i].points;
    return item;
}

/* The surest evidence is kept, in order. Returns whether it was there before. */
static bool
put_evidence(struct gw_matter *matter, const struct gw_matter_evidence *item)
{
    struct gw_matter_evidence *held = matter->evidence;
    uint32_t pos = 0;
    bool known;

    while (pos < matter->evidence_count && memcmp(held[pos].id, item->id, sizeof(item->id)) != 0)
        pos++;
    known = pos < matter->evidence_count;
    if (known && held[pos].confidence > item->confidence)
        return true;
    if (!known) {
        if (matter->evidence_count == GW_INCIDENT_FINDINGS_MAX) {
            pos = GW_INCIDENT_FINDINGS_MAX - 1;
            if (held[pos].confidence >= item->confidence)
                return false;
        } else {
            pos = matter->evidence_count++;
        }
    }
    for (; pos > 0 && held[pos - 1].confidence < item->confidence; pos--)
        held[pos] = held[pos - 1];
    held[pos] = *item;
    return known;
}

static bool
put_key(struct gw_matter *matter, uint64_t key)
{
    if (key == 0 || gw_incident_has_key(matter, key))
        return false;
    if (matter->key_count < GW_MATTER_KEYS)
        matter->key[matter->key_count++] = key;
    return true;
}

static void
put_address(struct gw_matter *matter, const struct gw_addr *addr)
{
    for (uint32_t i = 0; i < matter->address_count; i++)
        if (memcmp(&matter->addresses[i], addr, sizeof(*addr)) == 0)
            return;
    if (matter->address_count < GW_MATTER_ADDRESSES)
        matter->addresses[matter->address_count++] = *addr;
}

static void
put_resolver(struct gw_matter *matter, const struct gw_addr *resolver)
{
    if (resolver->family == 0)
        return;
    for (uint32_t i = 0; i < matter->resolver_count; i++)
        if (gw_incident_same_group(&matter->resolvers[i], resolver))
            return;
    if (matter->resolver_count < GW_INCIDENT_RESOLVERS_MAX)
        matter->resolvers[matter->resolver_count++] = *resolver;
}

static void
put_question(struct gw_matter *matter, uint64_t question)
{
    for (uint32_t i = 0; i < matter->question_count; i++)
        if (matter->asked[i] == question)
            return;
    if (question != 0 && matter->question_count < GW_MATTER_QUESTIONS)
        matter->asked[matter->question_count++] = question;
}

static void
note_surest(struct gw_matter_cuts *cuts, const struct gw_matter_cut *cut)
{
    uint32_t pos = 0;

    while (pos < cuts->surest_count && cuts->surest[pos].key != cut->key)
        pos++;
    if (pos < cuts->surest_count) {
        if (cuts->surest[pos].confidence >= cut->confidence)
            return;
    } else if (cuts->surest_count < GW_MATTER_SUREST) {
        cuts->surest_count++;
    } else {
        pos = GW_MATTER_SUREST - 1;
        if (cuts->surest[pos].confidence >= cut->confidence)
            return;
    }
    for (; pos > 0 && cuts->surest[pos - 1].confidence < cut->confidence; pos--)
        cuts->surest[pos] = cuts->surest[pos - 1];
    cuts->surest[pos] = *cut;
}

/* The smallest keys: names decide, and not who came first. */
static void
note_sample(struct gw_matter_cuts *cuts, const struct gw_matter_cut *cut)
{
    uint32_t pos = cuts->sample_count;

    for (uint32_t i = 0; i < cuts->sample_count; i++)
        if (cuts->sample[i].key == cut->key)
            return;
    if (pos == GW_MATTER_SAMPLE) {
        if (cuts->sample[--pos].key < cut->key)
            return;
    } else {
        cuts->sample_count++;
    }
    for (; pos > 0 && cuts->sample[pos - 1].key > cut->key; pos--)
        cuts->sample[pos] = cuts->sample[pos - 1];
    cuts->sample[pos] = *cut;
}

void
gw_incident_note_cut(struct gw_incident_log *log, struct gw_matter *matter,
    const struct gw_name *cut, double confidence)
{
    const struct gw_matter_cut noted = {*cut, gw_incident_key(cut), confidence};

    if (matter->cuts == NULL) {
        if (log->cuts_used == log->cuts_most)
            return;
        matter->cuts = &log->cuts[log->cuts_used++];
        *matter->cuts = (struct gw_matter_cuts){0};
        if (gw_incident_key(&matter->cut) != noted.key && matter->cut.len != 0)
            gw_incident_note_cut(log, matter, &matter->cut, matter->confidence);
    }
    note_surest(matter->cuts, &noted);
    note_sample(matter->cuts, &noted);
}

/*
 * What the matter is about: as in the gravest finding that says what is wrong with a delegation,
 * not in one of what came of it.
 */
static void
name_it(struct gw_matter *matter, const struct gw_matter_clue *clue, bool first)
{
    const struct gw_finding *finding = clue->finding;
    const bool bare = clue->cut == 0 && clue->name == 0;

    if (first) {
        matter->server = finding->server;
        matter->resolver = finding->resolver;
        matter->question = finding->qname;
    }
    if (bare || (matter->has_cut &&
                    (finding->severity <= matter->worst || clue->channel == GW_CHANNEL_ACCEPTANCE)))
        return;
    matter->has_cut = true;
    matter->zone = finding->zone;
    matter->zone_key = clue->zone;
    matter->cut = finding->cut;
    matter->name = finding->name;
    matter->server = finding->server;
    matter->resolver = finding->resolver;
    if (contrary_of(finding)->address_count != 0)
        matter->address = contrary_of(finding)->address[0];
}

static void
put_names(struct gw_incident_log *log, struct gw_matter *matter, const struct gw_matter_clue *clue)
{
    const struct gw_finding *finding = clue->finding;
    const struct gw_finding_set *contrary = contrary_of(finding);

    if (put_key(matter, clue->cut))
        matter->cut_count++;
    if (clue->name != clue->cut && put_key(matter, clue->name))
        matter->host_count++;
    if (matter->cut_count > 1 && clue->cut != 0)
        gw_incident_note_cut(log, matter, &finding->cut, finding->confidence);
    for (uint32_t set = gw_incident_first_odd(finding); set < finding->set_count; set++)
        for (uint32_t i = 0; i < finding->set[set].address_count; i++)
            put_address(matter, &finding->set[set].address[i]);
    put_resolver(matter, &finding->resolver);
    for (uint32_t i = 0; i < contrary->witness_count; i++)
        put_resolver(matter, &contrary->witness[i].resolver);
    matter->many_servers |= memcmp(&matter->server, &finding->server, sizeof(matter->server)) != 0;
    if (matter->resolver_total < contrary->group_count)
        matter->resolver_total = contrary->group_count;
    if (matter->delegation_count < finding->delegation_count)
        matter->delegation_count = finding->delegation_count;
    if (matter->ttl_s < contrary->ttl_max_s)
        matter->ttl_s = contrary->ttl_max_s;
}

void
gw_incident_collect(struct gw_incident_log *log, struct gw_matter *matter,
    const struct gw_matter_clue *clue, bool again)
{
    const struct gw_finding *finding = clue->finding;
    const struct gw_matter_evidence item = evidence_of(finding);
    const bool known = put_evidence(matter, &item) || again;

    /* What more of the same finding shows may put all of it in another light. */
    if (known && matter->finding_total == 1)
        matter->sort = clue->sort;
    name_it(matter, clue, matter->finding_total == 0);
    put_names(log, matter, clue);
    if (!known) {
        matter->finding_total++;
        matter->kind_count[finding->kind]++;
    }
    if (finding->kind == GW_KIND_RESP_DOUBLE_CONFLICT)
        put_question(matter, clue->question);
    if (finding->first_ns < matter->first_ns)
        matter->first_ns = finding->first_ns;
    if (finding->last_ns > matter->last_ns)
        matter->last_ns = finding->last_ns;
    if (finding->severity > matter->worst)
        matter->worst = finding->severity;
    matter->caveats |= finding->caveats;
    matter->watched |= finding->watched;
    matter->by_server |= item.server_split;
}

/* Whether it was open, and since when. */
static void
merge_state(struct gw_incident_log *log, struct gw_matter *to, struct gw_matter *from)
{
    if (!from->opened)
        return;
    if (to->opened) {
        log->stats->rolled_up++;
        to->dormant &= from->dormant;
        if (from->opened_ns < to->opened_ns)
            to->opened_ns = from->opened_ns;
        return;
    }
    to->opened = true;
    to->opened_ns = from->opened_ns;
    to->state = from->state;
    to->reason = from->reason;
    to->closed_ns = from->closed_ns;
    to->dormant = from->dormant;
    to->has_id = from->has_id;
    memcpy(to->id, from->id, sizeof(to->id));
    to->severity_then = from->severity_then;
    to->channels_then = from->channels_then;
}

static void
merge_cuts(struct gw_incident_log *log, struct gw_matter *to, const struct gw_matter *from)
{
    if (from->cut_count == 0 || to->cut_count <= 1)
        return;
    if (from->cuts == NULL) {
        gw_incident_note_cut(log, to, &from->cut, from->confidence);
        return;
    }
    for (uint32_t i = 0; i < from->cuts->surest_count; i++)
        gw_incident_note_cut(
            log, to, &from->cuts->surest[i].name, from->cuts->surest[i].confidence);
    for (uint32_t i = 0; i < from->cuts->sample_count; i++)
        gw_incident_note_cut(
            log, to, &from->cuts->sample[i].name, from->cuts->sample[i].confidence);
}

static void
merge_names(struct gw_matter *to, const struct gw_matter *from)
{
    const bool takes_over = from->has_cut && (!to->has_cut || from->worst > to->worst);
    uint32_t shared = 0;

    if (takes_over) {
        to->has_cut = true;
        to->zone = from->zone;
        to->zone_key = from->zone_key;
        to->cut = from->cut;
        to->name = from->name;
        to->address = from->address;
        to->server = from->server;
        to->resolver = from->resolver;
    }
    to->many_servers |=
        from->many_servers || memcmp(&to->server, &from->server, sizeof(to->server)) != 0;
    for (uint32_t i = 0; i < from->key_count; i++)
        shared += !put_key(to, from->key[i]);
    to->cut_count += from->cut_count > shared ? from->cut_count - shared : 0;
    to->host_count += from->host_count;
    for (uint32_t i = 0; i < from->address_count; i++)
        put_address(to, &from->addresses[i]);
    for (uint32_t i = 0; i < from->resolver_count; i++)
        put_resolver(to, &from->resolvers[i]);
    for (uint32_t i = 0; i < from->question_count; i++)
        put_question(to, from->asked[i]);
}

void
gw_incident_merge(struct gw_incident_log *log, struct gw_matter *to, struct gw_matter *from)
{
    merge_state(log, to, from);
    merge_names(to, from);
    merge_cuts(log, to, from);
    for (uint32_t i = 0; i < from->evidence_count; i++)
        (void)put_evidence(to, &from->evidence[i]);
    for (uint32_t i = 0; i < GW_KIND_COUNT; i++)
        to->kind_count[i] += from->kind_count[i];
    to->finding_total += from->finding_total;
    if (from->first_ns < to->first_ns)
        to->first_ns = from->first_ns;
    if (from->last_ns > to->last_ns)
        to->last_ns = from->last_ns;
    if (from->ttl_s > to->ttl_s)
        to->ttl_s = from->ttl_s;
    if (from->worst > to->worst)
        to->worst = from->worst;
    if (from->resolver_total > to->resolver_total)
        to->resolver_total = from->resolver_total;
    if (from->delegation_count > to->delegation_count)
        to->delegation_count = from->delegation_count;
    to->injection |= from->injection;
    to->rolled |= from->rolled;
    to->watched |= from->watched;
    to->by_server |= from->by_server;
    to->caveats |= from->caveats;
    from->merged = (uint32_t)(to - log->matter) + 1;
    gw_incident_score(to);
}
