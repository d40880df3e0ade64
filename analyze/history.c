/* SPDX-License-Identifier: BSD-2-Clause */
/* What the rules ask of a subject's past: was it stable, did it change, what does the child say? */
#include "analyze/rules.h"

#include <string.h>

#include "analyze/normal.h"

/* A stable pool: this long and this often seen (docs/DETECTION.md, section 2). */
#define STABLE_TICKS          GW_TICKS_PER_DAY
#define STABLE_MESSAGES       5u
#define STABLE_MESSAGES_ALONE 20u
#define SHORT_MESSAGES        10u

/*
 * A child that still gives the old address contradicts a change when it does so an hour later, in a
 * short capture one part in so many of what was seen.
 */
#define SETTLE_MOST GW_TICKS_PER_H
#define SETTLE_PART 16u

/* Changes of one parent zone within an hour that make a move of many. */
#define CROWD 20u

/* Has nobody said the older side for so long, while the newer is said? */
static bool
is_over(const struct gw_split_view *view, gw_tick reach)
{
    const struct gw_side *older = view->newer_is_contrary ? &view->known : &view->contrary;
    const struct gw_side *newer = view->newer_is_contrary ? &view->contrary : &view->known;

    return newer->last > older->last && newer->last - older->last >= reach;
}

bool
gw_rule_is_unexplained(const struct gw_rule_event *event, const struct gw_split_view *view)
{
    const gw_tick span = event->now - event->begin;

    if (view->change)
        return false;
    if (view->taken_back || view->overlap > GW_LAG_TICKS)
        return true;
    return event->seen == NULL && view->overlap >= span / 4 && !view->caught_up &&
           !is_over(view, span / 4);
}

struct gw_rule_history
gw_rule_history(const struct gw_rule_event *event, const struct gw_rule_case *found)
{
    const struct gw_side *older =
        found->view.newer_is_contrary ? &found->view.known : &found->view.contrary;
    const gw_tick held = found->view.since > older->first ? found->view.since - older->first : 0;
    const gw_tick span = event->now > event->begin ? event->now - event->begin : 0;
    struct gw_rule_history history = {.days = (double)held / GW_TICKS_PER_DAY};

    if (older->suspect)
        return (struct gw_rule_history){0};
    if (held >= STABLE_TICKS && older->messages >= STABLE_MESSAGES &&
        (older->groups >= 2 || older->messages >= STABLE_MESSAGES_ALONE)) {
        history.stable = true;
    } else if (held >= span / 4 && held > 0 && older->messages >= SHORT_MESSAGES) {
        history.stable = true;
        history.is_short = true;
    }
    return history;
}

bool
gw_rule_is_nearby(const struct gw_table *table, const struct gw_rule_case *found)
{
    const struct gw_claim *claim = gw_table_claims(table, found->subject);
    const size_t prefix = found->family == 4 ? 3 : 6;

    for (uint64_t odd = found->view.contrary.claims; odd != 0; odd &= odd - 1) {
        bool near = false;

        for (uint64_t known = found->view.known.claims; known != 0; known &= known - 1)
            near = near || memcmp(claim[__builtin_ctzll(odd)].octet,
                               claim[__builtin_ctzll(known)].octet, prefix) == 0;
        if (!near)
            return false;
    }
    return found->family != 0;
}

/* Was the claim first said by the very message that is judged? */
static bool
is_of_this_message(const struct gw_rule_event *event, const struct gw_claim *claim)
{
    return claim->packet == gw_packet_ref(event->seen->input, event->seen->frame) &&
           claim->first_ns == event->seen->time_ns;
}

/* Is an address known before this message, and is it this one? */
static bool
is_known_by_glue(const struct gw_rule_event *event, const struct gw_host *host,
    const struct gw_addr *addr, bool *ret_other)
{
    const struct gw_claim *claim = gw_table_claims(event->table, &host->subject);

    for (uint32_t i = 0; i < host->subject.claim_count; i++) {
        if (claim[i].family != addr->family || (claim[i].flags & GW_CLAIM_UNRELATED) ||
            is_of_this_message(event, &claim[i]))
            continue;
        if (memcmp(claim[i].octet, addr->octet, sizeof(addr->octet)) == 0)
            return true;
        *ret_other = true;
    }
    return false;
}

bool
gw_rule_contradicts(
    const struct gw_rule_event *event, const struct gw_host *host, const struct gw_addr *addr)
{
    bool other = false;

    if (is_known_by_glue(event, host, addr, &other))
        return false;
    if (host->truth == 0)
        return other;

    const struct gw_truth *truth = gw_arena_at(&event->table->arena, host->truth);

    for (uint32_t i = 0; i < truth->count; i++) {
        if (truth->addr[i].family != addr->family)
            continue;
        if (memcmp(truth->addr[i].octet, addr->octet, sizeof(addr->octet)) == 0)
            return false;
        other = true;
    }
    return other;
}

void
gw_rule_history_term(struct gw_finding *finding, const struct gw_rule_history *history)
{
    const double weeks = history->days / 7.0;

    if (history->is_short || !history->stable)
        finding->caveats |= GW_CAVEAT_SHORT_BASELINE;
    if (history->stable && weeks >= 0.01)
        gw_rule_term_in(finding, GW_CHANNEL_HISTORY, "stable-history", weeks < 2.0 ? weeks : 2.0);
}

void
gw_rule_crowd_term(const struct gw_rule_event *event, const struct gw_rule_case *change,
    struct gw_finding *finding)
{
    struct gw_normal *normal = event->context->normal;
    const gw_tick since = change->view.since;

    gw_normal_note_change(
        normal, event->zone.id, gw_table_ref(event->table, change->subject), since);
    if (gw_normal_changes(normal, event->zone.id, since) >= CROWD)
        gw_rule_term(finding, "with-many-others", -1.5);
}

void
gw_rule_reverted_term(const struct gw_rule_case *found, struct gw_finding *finding)
{
    const struct gw_split_view *view = &found->view;
    const struct gw_side *newer = view->newer_is_contrary ? &view->contrary : &view->known;
    const double servers = newer->servers > 3 ? 2.0 : newer->servers > 1 ? newer->servers - 1 : 0.0;

    if (view->reverted)
        gw_rule_term(finding, "reverted", 1.0 + 0.5 * servers);
}

/* Did the server of one of these rows say one of `claims`, whoever asked it? */
static bool
said_by_same_server(const struct gw_rule_event *event, const struct gw_subject *subject,
    uint64_t rows, uint64_t claims)
{
    const struct gw_row *row = gw_table_rows(event->table, subject);

    for (; rows != 0; rows &= rows - 1) {
        const gw_witness_id odd = row[__builtin_ctzll(rows)].witness;
        const uint32_t server = gw_table_witness_at(event->table, odd)->server;

        for (uint32_t i = 0; i < subject->row_count; i++)
            if ((row[i].ever & claims) != 0 &&
                gw_table_witness_at(event->table, row[i].witness)->server == server)
                return true;
    }
    return false;
}

void
gw_rule_turned_term(
    const struct gw_rule_event *event, const struct gw_rule_case *found, struct gw_finding *finding)
{
    const struct gw_split_view *view = &found->view;

    if (view->split == GW_SPLIT_SERVER && view->newer_is_contrary && view->steady_servers >= 2 &&
        said_by_same_server(event, found->subject, view->contrary.rows, view->known.claims))
        gw_rule_term_in(finding, GW_CHANNEL_HISTORY, GW_TERM_TURNED, 1.0);
}

bool
gw_rule_is_shared(const struct gw_split_view *view)
{
    return view->contrary.messages >= 2 && (view->contrary.rows & (view->contrary.rows - 1)) != 0;
}

bool
gw_rule_is_change(const struct gw_rule_event *event, const struct gw_rule_case *found,
    struct gw_rule_case *ret_change)
{
    const struct gw_split_view *view = &found->view;
    const struct gw_side *newer = view->newer_is_contrary ? &view->contrary : &view->known;
    const bool lagged = event->seen == NULL && !view->taken_back && view->overlap <= GW_LAG_TICKS &&
                        !gw_rule_is_unexplained(event, view);

    if (!view->disjoint || !(view->change || lagged) || !gw_rule_history(event, found).stable)
        return false;
    if (newer->groups < 2 && event->table->group.count >= 2)
        return false;
    *ret_change = *found;
    if (!view->newer_is_contrary) {
        ret_change->view.known = view->contrary;
        ret_change->view.contrary = view->known;
    }
    ret_change->view.split = GW_SPLIT_NONE;
    return true;
}

static bool
side_has(const struct gw_table *table, const struct gw_rule_case *change, uint64_t claims,
    const struct gw_addr *addr)
{
    const struct gw_claim *claim = gw_table_claims(table, change->subject);

    for (; claims != 0; claims &= claims - 1)
        if (memcmp(claim[__builtin_ctzll(claims)].octet, addr->octet, sizeof(addr->octet)) == 0)
            return true;
    return false;
}

/* What the child said before the change does not contradict it, nor what is just being changed. */
static bool
is_said_after(
    const struct gw_rule_event *event, const struct gw_rule_case *change, const gw_tick *last_of)
{
    const gw_tick part = (event->now - event->begin) / SETTLE_PART;
    const gw_tick settled = part < SETTLE_MOST ? part : SETTLE_MOST;

    return last_of[change->family == 6] > change->view.since + settled;
}

enum gw_rule_child
gw_rule_child_says(const struct gw_rule_event *event, const struct gw_rule_case *change)
{
    const struct gw_table *table = event->table;
    enum gw_rule_child child = GW_CHILD_SILENT;

    if (change->host == NULL || change->host->truth == 0)
        return GW_CHILD_SILENT;

    const struct gw_truth *truth = gw_arena_at(&table->arena, change->host->truth);

    for (uint32_t i = 0; i < truth->count; i++) {
        if (truth->addr[i].family != change->family)
            continue;
        if (side_has(table, change, change->view.contrary.claims, &truth->addr[i]))
            return GW_CHILD_NEW;
        if (is_said_after(event, change, truth->last_of) &&
            side_has(table, change, change->view.known.claims, &truth->addr[i]))
            child = GW_CHILD_OLD;
    }
    return child;
}

struct gw_table_name
gw_rule_host_name(const struct gw_table *table, const struct gw_host *host)
{
    return (struct gw_table_name){
        gw_arena_at(&table->arena, host->name), host->hash, host->name_len};
}

struct gw_table_name
gw_rule_glue_owner(const struct gw_observation *seen, const struct gw_observation_glue *glue)
{
    return gw_zone_name(seen, glue->target == GW_NO_TARGET ? &seen->stray[glue->stray]
                                                           : &seen->target[glue->target].name);
}
