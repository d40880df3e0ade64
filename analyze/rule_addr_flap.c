/* SPDX-License-Identifier: BSD-2-Clause */
/* glue-addr-flap: glue address that comes and goes. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_addr_flap = {.kind = GW_KIND_GLUE_ADDR_FLAP};
