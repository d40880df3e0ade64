/* SPDX-License-Identifier: BSD-2-Clause */
/* ns-fanout: referral that makes a resolver ask for many names. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_ns_fanout = {.kind = GW_KIND_NS_FANOUT};
