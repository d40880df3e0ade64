/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-fanin-surge: many name servers gain one address. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_fanin_surge = {.kind = GW_KIND_GLUE_FANIN_SURGE};
