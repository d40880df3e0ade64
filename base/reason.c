/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/reason.h"

#include <assert.h>

struct reason {
    const char *name;
    const char *text;
    enum gw_stage stage;
};

static const struct reason reasons[GW_WHY_COUNT] = {
#define REASON(id, stage, name, text, source) {name, text, GW_STAGE_##stage},
    GW_WHY_LIST(REASON)
#undef REASON
};

const char *
gw_why_name(enum gw_why why)
{
    assert(why < GW_WHY_COUNT);
    return reasons[why].name;
}

const char *
gw_why_text(enum gw_why why)
{
    assert(why < GW_WHY_COUNT);
    return reasons[why].text;
}

enum gw_stage
gw_why_stage(enum gw_why why)
{
    assert(why < GW_WHY_COUNT);
    return reasons[why].stage;
}
