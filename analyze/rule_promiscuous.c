/* SPDX-License-Identifier: BSD-2-Clause */
/* promiscuous-ns: nS records where no delegation is given. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_promiscuous = {.kind = GW_KIND_PROMISCUOUS_NS};
