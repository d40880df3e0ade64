/* SPDX-License-Identifier: BSD-2-Clause */
/* delegation-not-served: name server does not serve a zone delegated to it. */
#include "analyze/rules.h"

const struct gw_rule gw_rule_not_served = {.kind = GW_KIND_DELEGATION_NOT_SERVED};
