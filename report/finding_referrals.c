/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every response shaped like a referral as a line of JSON: what the analysis was told, for those
 * who want to check or to count for themselves.
 */
#include "report/format.h"
#include "report/json_dns.h"
#include "report/mnemonic.h"

#include <assert.h>

static void
put_name(struct gw_json *json, const char *key, const struct gw_observation *seen,
    struct gw_observation_name name)
{
    if (name.len == 0)
        return;
    assert((uint32_t)name.off + name.len <= sizeof(seen->names));
    gw_json_key(json, key);
    gw_json_wire(json, seen->names + name.off, name.len);
}

static void
write_targets(struct gw_json *json, const struct gw_observation *seen)
{
    gw_json_put_array(json, "targets");
    for (uint32_t i = 0; i < seen->target_count; i++) {
        const struct gw_observation_target *target = &seen->target[i];

        gw_json_object_begin(json);
        put_name(json, "name", seen, target->name);
        gw_json_put_u64(json, "ttl", target->ttl_s);
        gw_json_put_bool(json, "in_domain", target->in_domain);
        gw_json_object_end(json);
    }
    gw_json_array_end(json);
    gw_json_put_u64(json, "target_total", seen->target_total);
}

static void
write_glue(struct gw_json *json, const struct gw_observation *seen)
{
    gw_json_put_array(json, "glue");
    for (uint32_t i = 0; i < seen->glue_count; i++) {
        const struct gw_observation_glue *glue = &seen->glue[i];
        const bool of_target = glue->target < seen->target_count;

        gw_json_object_begin(json);
        if (of_target)
            put_name(json, "owner", seen, seen->target[glue->target].name);
        else if (glue->stray < seen->stray_count)
            put_name(json, "owner", seen, seen->stray[glue->stray]);
        gw_json_put_addr(json, "address", &glue->addr);
        gw_json_put_u64(json, "ttl", glue->ttl_s);
        gw_json_put_bool(json, "target", of_target);
        gw_json_object_end(json);
    }
    gw_json_array_end(json);
    gw_json_put_u64(json, "glue_total", seen->glue_total);
}

static int
tell_referral(struct gw_sink *sink, const struct gw_observation *seen, enum gw_class class)
{
    const char *path = gw_sink_input_path(sink, seen->input);
    const bool tcp = (seen->facts & GW_FACT_TCP) != 0;
    struct gw_json *json = &sink->json;
    char type[GW_TEXT_TYPE_SIZE];

    gw_json_object_begin(json);
    gw_json_put_time(json, "time", seen->time_ns);
    gw_json_put_u64(json, "frame", seen->frame);
    gw_json_put_u64(json, "input", seen->input);
    if (path != NULL)
        gw_json_put_string(json, "file", path);
    gw_json_put_addr(json, "server", &seen->server);
    gw_json_put_u64(json, "server_port", seen->server_port);
    gw_json_put_addr(json, "resolver", &seen->resolver);
    gw_json_put_u64(json, "resolver_port", seen->resolver_port);
    gw_json_put_string(json, "transport", tcp ? "tcp" : "udp");
    gw_json_put_u64(json, "id", seen->id);
    put_name(json, "qname", seen, seen->qname);
    gw_json_put_string(json, "qtype", gw_text_type(seen->qtype, type));
    gw_json_put_string(json, "class", gw_text_class(class));
    gw_json_put_bits(json, "facts", seen->facts, gw_text_fact);
    put_name(json, "cut", seen, seen->cut);
    write_targets(json, seen);
    write_glue(json, seen);
    gw_json_object_end(json);
    return gw_sink_json_line(sink);
}

const struct gw_sink_ops gw_sink_referrals_ops = {
    .name = "referrals",
    .text = "every response shaped like a referral, as JSON Lines",
    .referral = tell_referral,
};
