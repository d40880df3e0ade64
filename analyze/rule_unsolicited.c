/* SPDX-License-Identifier: BSD-2-Clause */
/* resp-unsolicited: responses that nobody asked for. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_unsolicited = {.kind = GW_KIND_RESP_UNSOLICITED};
