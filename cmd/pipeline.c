/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyzer.h"
#include "cmd/crew.h"
#include "cmd/state.h"
#include "parse/dns/message.h"
#include "parse/dns/observation.h"
#include "parse/dns/referral.h"
#include "parse/frame/frame.h"
#include "parse/match.h"

/* What part of the memory, and how much at most, matching queries and responses gets. */
#define MATCH_PART 4u
#define MATCH_MAX  (256ull * 1024 * 1024)

/* What a run works with; everything is allocated before the first packet. */
struct worker {
    const struct gw_pipeline_spec *spec;
    struct gw_stats *stats;
    struct gw_frame *frame;
    struct gw_match *match;
    struct gw_analyzer *analyzer;
    bool wants_referrals;
    int error; /* of the sinks, told once */
    struct gw_batch batch;
    struct gw_parcel decoded; /* without a crew it is taken from here */
    struct gw_crew *crew;     /* NULL: this thread does all */
    struct gw_observation seen;
    struct gw_observation first; /* the response before a second one */
    struct gw_referral waited;   /* digest of a response that waited for its query */
};

static void
worker_free(struct worker *worker)
{
    if (worker == NULL)
        return;
    gw_crew_free(worker->crew);
    gw_frame_free(worker->frame);
    gw_match_free(worker->match);
    gw_analyzer_free(worker->analyzer);
    free(worker);
}

static void
tell_referral(struct worker *worker, const struct gw_msg *msg, enum gw_class class)
{
    if (!worker->wants_referrals || !msg->referral_shaped ||
        !gw_observation_extract_any(msg, &worker->spec->key, &worker->seen))
        return;
    for (uint32_t i = 0; i < worker->spec->sink_count; i++)
        if (gw_sink_referral(worker->spec->sink[i], &worker->seen, class) != GW_DONE)
            worker->error = GW_E_WRITE;
}

/* Learns from a response with a delegation, or a fact; a repeat has the class it had. */
static enum gw_class
learn(struct worker *worker, const struct gw_msg *msg, const struct gw_referral *referral,
    const struct gw_exchange *exchange)
{
    enum gw_class class = msg->class == GW_CLASS_DELEGATION ? GW_CLASS_OTHER : msg->class;

    if (msg->class == GW_CLASS_DELEGATION) {
        if (gw_analyzer_is_repeat(worker->analyzer, referral, &class))
            return class;
    } else if (!msg->teaches) {
        return class;
    }
    if (gw_observation_extract(msg, &worker->spec->key, &worker->seen)) {
        worker->seen.exchange = *exchange;
        worker->seen.exchange.qname = NULL;
        class = gw_analyzer_observe(worker->analyzer, &worker->seen);
    }
    return class;
}

/* What resolvers would not take is not learned; a delegation has a class all the same. */
static enum gw_class
class_of(struct worker *worker, const struct gw_msg *msg)
{
    if (msg->class != GW_CLASS_DELEGATION)
        return msg->class;
    if (!gw_observation_extract_any(msg, &worker->spec->key, &worker->seen))
        return GW_CLASS_OTHER;
    return gw_analyzer_classify(worker->analyzer, &worker->seen);
}

static void
compare_with_first(
    struct worker *worker, const struct gw_msg *msg, const struct gw_exchange *exchange)
{
    const struct gw_payload *payload = gw_match_first(worker->match);
    struct gw_msg first;

    if (payload == NULL)
        return;
    gw_msg_parse(payload, &first);
    if (first.class == GW_CLASS_MALFORMED || msg->class == GW_CLASS_MALFORMED ||
        !gw_observation_extract_any(&first, &worker->spec->key, &worker->first) ||
        !gw_observation_extract_any(msg, &worker->spec->key, &worker->seen))
        return;
    worker->seen.exchange = *exchange;
    worker->seen.exchange.qname = NULL;
    gw_analyzer_second(worker->analyzer, &worker->seen, &worker->first);
}

/* A message whose fit is decided. */
static void
take_fitted(struct worker *worker, const struct gw_msg *msg, const struct gw_referral *referral,
    const struct gw_exchange *exchange)
{
    const bool is_taken = exchange->fit == GW_FIT_FIRST || exchange->fit == GW_FIT_UNKNOWN;
    enum gw_class class = GW_CLASS_OTHER;

    gw_analyzer_exchange(worker->analyzer, exchange);
    class = is_taken ? learn(worker, msg, referral, exchange) : class_of(worker, msg);
    if (msg->class == GW_CLASS_DELEGATION)
        worker->stats->message.classes[class]++;
    if (exchange->fit == GW_FIT_SECOND)
        compare_with_first(worker, msg, exchange);
    tell_referral(worker, msg, class);
}

/* Responses that waited for their query until @p now_ns, or whose query has come. */
static void
take_waited(struct worker *worker, int64_t now_ns)
{
    struct gw_payload payload;
    struct gw_exchange exchange;
    struct gw_msg msg;

    while (gw_match_waited(worker->match, now_ns, &payload, &exchange)) {
        gw_msg_parse(&payload, &msg);
        if (msg.class == GW_CLASS_DELEGATION)
            (void)gw_referral_digest(&msg, &worker->spec->key, &worker->waited);
        take_fitted(worker, &msg, &worker->waited, &exchange);
    }
}

static uint32_t
take_sightings(
    struct worker *worker, const struct gw_payloads *payloads, uint32_t told, uint32_t before)
{
    while (told < payloads->sighting_count && payloads->sighting[told].before <= before)
        gw_analyzer_sighting(worker->analyzer, &payloads->sighting[told++]);
    return told;
}

/* What has to see the messages in the order of the capture; by one thread. */
static void
take_parcel(void *context, struct gw_parcel *parcel)
{
    struct worker *worker = context;
    const uint32_t count = parcel->payloads.count;
    const struct gw_referral *referral = parcel->referral;
    struct gw_exchange exchange;
    uint32_t sightings = 0;

    gw_parcel_count(parcel, &worker->stats->message);
    gw_analyzer_prefetch_bulk(worker->analyzer, parcel->referral, parcel->referral_count);
    for (uint32_t i = 0; i < count; i++) {
        const struct gw_msg *msg = &parcel->msg[i];
        const struct gw_referral *digest =
            msg->class == GW_CLASS_DELEGATION ? referral++ : referral;

        sightings = take_sightings(worker, &parcel->payloads, sightings, i);
        take_waited(worker, msg->payload->time_ns);
        if (gw_match_message(worker->match, msg, &exchange))
            take_fitted(worker, msg, digest, &exchange);
        take_waited(worker, msg->payload->time_ns);
    }
    (void)take_sightings(worker, &parcel->payloads, sightings, count);
}

static void
hand_on(struct worker *worker)
{
    if (worker->crew != NULL) {
        gw_crew_hand(worker->crew, &worker->decoded.payloads);
        return;
    }
    gw_parcel_read(&worker->decoded, &worker->spec->key);
    take_parcel(worker, &worker->decoded);
}

/* Octets of --memory for matching. */
static uint64_t
match_share(uint64_t memory)
{
    return memory / MATCH_PART < MATCH_MAX ? memory / MATCH_PART : MATCH_MAX;
}

/* As many threads as were asked for, when it is more than this one. */
static bool
crew_open(struct worker *worker)
{
    const struct gw_crew_spec spec = {
        .workers = worker->spec->workers,
        .key = &worker->spec->key,
        .take = take_parcel,
        .context = worker,
    };

    worker->stats->workers = spec.workers;
    if (spec.workers < 2)
        return true;
    worker->crew = gw_crew_new(&spec);
    if (worker->crew != NULL)
        worker->stats->parcel_octets = gw_crew_memory(worker->crew);
    return worker->crew != NULL;
}

static struct worker *
worker_new(const struct gw_pipeline_spec *spec, struct gw_stats *stats)
{
    const uint64_t share = match_share(spec->memory);
    const struct gw_analyzer_options options = {
        .key = &spec->key,
        .memory = spec->memory - share,
        .lab = spec->lab,
        .reference = spec->reference,
        .roots = spec->roots,
        .lists = spec->lists,
    };
    struct worker *worker = calloc(1, sizeof(*worker));

    if (worker == NULL)
        return NULL;
    worker->spec = spec;
    worker->stats = stats;
    worker->frame = gw_frame_new(&stats->packet);
    worker->match = gw_match_new(&spec->key, share, &stats->match);
    worker->analyzer = gw_analyzer_new(&options, stats);
    stats->table.memory_budget = spec->memory;
    for (uint32_t i = 0; i < spec->sink_count; i++)
        worker->wants_referrals |= gw_sink_wants_referrals(spec->sink[i]);
    if (worker->frame == NULL || worker->match == NULL || worker->analyzer == NULL ||
        !crew_open(worker)) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

static void
note_times(struct gw_stats *stats, const struct gw_batch *batch)
{
    if (stats->packet.seen == 0) {
        stats->first_ns = batch->time_ns[0];
        stats->last_ns = batch->time_ns[0];
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch->time_ns[i] < stats->first_ns)
            stats->first_ns = batch->time_ns[i];
        if (batch->time_ns[i] > stats->last_ns)
            stats->last_ns = batch->time_ns[i];
    }
}

static int
read_all(struct worker *worker, struct gw_error_text *ret_error)
{
    struct gw_source *source = worker->spec->source;
    bool more;

    for (;;) {
        const int got = source->ops->fill(source, &worker->batch);

        if (got < 0) {
            *ret_error = source->error;
            return got;
        }
        if (got == 0)
            break;
        note_times(worker->stats, &worker->batch);
        do {
            more = gw_frame_decode(worker->frame, &worker->batch, &worker->decoded.payloads);
            hand_on(worker);
        } while (more);
        source->ops->release(source);
        if (*worker->spec->stop)
            break; /* after what the source counts as delivered was looked at */
        gw_progress_show(worker->spec->progress, source, worker->stats);
    }
    gw_frame_finish(worker->frame);
    if (worker->crew != NULL)
        gw_crew_finish(worker->crew);
    return GW_DONE;
}

/* Frames that the source kept to itself have a fate, too. */
static void
add_source_fates(struct gw_stats *stats, const struct gw_source *source)
{
    stats->input_count = source->input_count;
    stats->input = source->input;
    for (uint32_t i = 0; i < source->input_count; i++) {
        const struct gw_input *input = &source->input[i];

        stats->packet.seen += input->filtered + input->too_long;
        stats->packet.skipped[GW_FILTERED] += input->filtered;
        stats->packet.skipped[GW_FRAME_TOO_LONG] += input->too_long;
    }
}

static uint32_t
caveats_of(const struct gw_stats *stats)
{
    uint32_t caveats = stats->responses_only ? GW_CAVEAT_RESPONSES_ONLY : 0;

    if (stats->packet.snapped != 0)
        caveats |= GW_CAVEAT_PACKETS_LOST;
    for (uint32_t i = 0; i < stats->input_count; i++)
        if (stats->input[i].damage.damaged)
            caveats |= GW_CAVEAT_PACKETS_LOST;
    return caveats;
}

static void
tell_sinks(struct worker *worker)
{
    const struct gw_finding *finding;
    const struct gw_incident *incident;

    for (uint32_t i = 0; i < worker->spec->sink_count; i++) {
        struct gw_sink *sink = worker->spec->sink[i];

        for (uint32_t j = 0; (finding = gw_analyzer_finding(worker->analyzer, j)) != NULL; j++)
            if (gw_sink_finding(sink, finding) != GW_DONE)
                break;
        for (uint32_t j = 0; (incident = gw_analyzer_incident(worker->analyzer, j)) != NULL; j++)
            if (gw_sink_incident(sink, incident) != GW_DONE)
                break;
        if (gw_sink_end(sink, worker->stats) != GW_DONE)
            worker->error = GW_E_WRITE;
    }
}

static int
recall(struct worker *worker, struct gw_error_text *ret_error)
{
    struct gw_state *history = worker->spec->history;

    if (history == NULL)
        return GW_DONE;
    worker->stats->history = (struct gw_history_stats){
        .loaded = true,
        .records = history->record_count,
        .begin_ns = history->begin_ns,
        .latest_ns = history->latest_ns,
    };
    return gw_state_recall(history, worker->analyzer, ret_error);
}

/* What is known goes back to the first packet of the earliest run. */
static int
write_down(struct worker *worker, struct gw_error_text *ret_error)
{
    const struct gw_pipeline_spec *spec = worker->spec;
    const struct gw_history_stats *history = &worker->stats->history;
    int64_t begin_ns = worker->stats->first_ns;
    int64_t latest_ns = worker->stats->last_ns;
    int error = 0;

    if (history->records != 0 && history->begin_ns < begin_ns)
        begin_ns = history->begin_ns;
    if (history->records != 0 && history->latest_ns > latest_ns)
        latest_ns = history->latest_ns;
    if (spec->snapshot != NULL)
        error = gw_state_write(spec->snapshot, worker->analyzer, begin_ns, latest_ns);
    if (error != 0) {
        snprintf(ret_error->text, sizeof(ret_error->text), "a temporary file: %s", strerror(error));
        return GW_E_WRITE;
    }
    if (spec->state_path == NULL || worker->stats->packet.seen == 0)
        return GW_DONE;
    return gw_state_save(spec->state_path, worker->analyzer, begin_ns, latest_ns, ret_error);
}

int
gw_pipeline_run(
    const struct gw_pipeline_spec *spec, struct gw_stats *stats, struct gw_error_text *ret_error)
{
    struct worker *worker = worker_new(spec, stats);
    int result = GW_E_NOMEM;

    if (worker == NULL) {
        snprintf(ret_error->text, sizeof(ret_error->text), "no memory or threads for the analysis");
        return result;
    }
    result = recall(worker, ret_error);
    if (result == GW_DONE)
        result = read_all(worker, ret_error);
    if (result == GW_DONE) {
        stats->interrupted =
            *spec->stop != 0 || (spec->frame_max != 0 && stats->packet.seen == spec->frame_max);
        add_source_fates(stats, spec->source);
        stats->elapsed_ns = gw_progress_clock_ns() - spec->progress->start_ns;
        stats->responses_only = stats->message.responses != 0 && stats->message.queries == 0;
        take_waited(worker, INT64_MAX);
        gw_match_finish(worker->match);
        gw_analyzer_finish(worker->analyzer, stats->last_ns, caveats_of(stats));
        gw_progress_end(spec->progress);
        tell_sinks(worker);
        result = worker->error;
        if (result == GW_DONE)
            result = write_down(worker, ret_error);
    }
    for (uint32_t i = 0; result == GW_E_WRITE && i < spec->sink_count; i++)
        if (gw_sink_error(spec->sink[i])->text[0] != '\0')
            *ret_error = *gw_sink_error(spec->sink[i]);
    worker_free(worker);
    return result;
}
