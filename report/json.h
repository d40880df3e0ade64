/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file json.h
 * An append-only JSON writer. Its buffer is a reserved range whose memory is touched only as it is
 * first used, so that it grows without allocating and never beyond its limit. The output is ASCII.
 *
 * Misuse (a value without its key in an object, an end that does not match, a second document
 * without gw_json_line()) is a fault of our own code and asserted.
 */
#ifndef GLUEWATCH_REPORT_JSON_H
#define GLUEWATCH_REPORT_JSON_H

#include "gluewatch/base.h"

/** Objects and arrays open at a time. */
#define GW_JSON_DEPTH 16u

/** A writer; owned by the caller, for one thread. */
struct gw_json {
    char *data;   /**< what was written; not NUL-terminated */
    size_t len;   /**< its octets */
    size_t limit; /**< most octets */
    bool full;    /**< the limit was hit: what follows was not written */
    uint32_t depth;
    bool keyed; /**< a key waits for its value */
    struct {
        bool array;
        bool any; /**< has an element, so that the next needs a comma */
    } level[GW_JSON_DEPTH + 1];
};

/**
 * Reserve the buffer.
 *
 * @param limit  most octets of all that is written between two gw_json_reset()
 * @return GW_DONE or GW_E_NOMEM
 */
GW_MUST_CHECK int gw_json_init(struct gw_json *json, size_t limit);

/** Give the buffer back; accepts a writer that is only zeroed. */
void gw_json_done(struct gw_json *json);

/** Forget everything written; the memory stays. */
void gw_json_reset(struct gw_json *json);

/** End a complete document with a newline, so that another may follow (JSON Lines). */
void gw_json_line(struct gw_json *json);

void gw_json_object_begin(struct gw_json *json);
void gw_json_object_end(struct gw_json *json);
void gw_json_array_begin(struct gw_json *json);
void gw_json_array_end(struct gw_json *json);

/** Write the key of the next value; @p key is plain ASCII text of ours. */
void gw_json_key(struct gw_json *json, const char *key);

/**
 * Write @p len octets at @p text as a string. What is UTF-8 keeps its meaning, as `\uXXXX`; every
 * other octet outside ASCII becomes U+FFFD. `<`, `>` and `&` are escaped as well, for pages that
 * embed it.
 *
 * Source: RFC 8259 section 7; RFC 3629 section 4.
 */
void gw_json_octets(struct gw_json *json, const char *text, size_t len);

/** Write NUL-terminated @p text as a string, as gw_json_octets(). */
void gw_json_string(struct gw_json *json, const char *text);

void gw_json_u64(struct gw_json *json, uint64_t value);
void gw_json_i64(struct gw_json *json, int64_t value);
void gw_json_bool(struct gw_json *json, bool value);
void gw_json_null(struct gw_json *json);

/**
 * Write a number with a fixed number of decimals and a point, whatever the locale.
 *
 * @param value     any; what is not finite becomes null, beyond +-9e12 it is cut to that
 * @param decimals  0..6
 */
void gw_json_fixed(struct gw_json *json, double value, uint32_t decimals);

/* A member of an object: key and value in one call. */
void gw_json_put_string(struct gw_json *json, const char *key, const char *text);
void gw_json_put_u64(struct gw_json *json, const char *key, uint64_t value);
void gw_json_put_bool(struct gw_json *json, const char *key, bool value);
void gw_json_put_fixed(struct gw_json *json, const char *key, double value, uint32_t decimals);
void gw_json_put_object(struct gw_json *json, const char *key);
void gw_json_put_array(struct gw_json *json, const char *key);

#endif
