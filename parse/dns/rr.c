/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dns/rr.h"

#include <assert.h>
#include <string.h>

#include "base/load.h"
#include "parse/dns/name.h"

struct gw_rr_cursor
gw_rr_section(const struct gw_msg *msg, enum gw_section section)
{
    const bool reached = msg->section_off[section] != 0;
    const struct gw_rr_cursor cursor = {
        .msg = msg->payload->data,
        .len = msg->payload->len,
        .pos = msg->section_off[section],
        .left = reached ? msg->count[section] : 0,
    };

    assert(section != GW_QUESTION);
    return cursor;
}

enum gw_why
gw_rr_next(struct gw_rr_cursor *cursor, struct gw_rr *ret_rr)
{
    uint32_t pos = cursor->pos;
    uint32_t rdata_len = 0;

    assert(cursor->left > 0 && cursor->pos <= cursor->len);

    if (pos == cursor->len)
        return GW_RR_CUT;
    if (cursor->msg[pos] >= 0xc0 && cursor->len - pos >= 2) { /* most owners: a pointer alone */
        pos += 2;
    } else {
        const enum gw_why why = gw_name_skip(cursor->msg, cursor->len, pos, &pos);

        if (why != GW_OK)
            return why;
    }
    if (cursor->len - pos < GW_RR_FIXED_LEN)
        return GW_RR_CUT;
    rdata_len = gw_load_be16(cursor->msg + pos + 8);
    if (cursor->len - pos - GW_RR_FIXED_LEN < rdata_len)
        return GW_RR_CUT;

    ret_rr->owner_off = cursor->pos;
    ret_rr->type = gw_load_be16(cursor->msg + pos);
    ret_rr->class = gw_load_be16(cursor->msg + pos + 2);
    ret_rr->ttl_s = gw_load_be32(cursor->msg + pos + 4);
    ret_rr->rdata_off = pos + GW_RR_FIXED_LEN;
    ret_rr->rdata_len = rdata_len;
    cursor->pos = ret_rr->rdata_off + rdata_len;
    cursor->left--;
    return GW_OK;
}

struct gw_addr
gw_rr_address(const uint8_t *msg, const struct gw_rr *rr)
{
    struct gw_addr addr = {.family = rr->type == GW_TYPE_A ? 4 : 6};

    assert(gw_rr_is_address(rr));
    memcpy(addr.octet, msg + rr->rdata_off, rr->rdata_len);
    return addr;
}
