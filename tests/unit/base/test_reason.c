/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/reason.h"

static void
names_are_unique_lower_case_words_with_dashes(void **state)
{
    (void)state;
    for (enum gw_why why = GW_OK; why < GW_WHY_COUNT; why++) {
        const char *name = gw_why_name(why);

        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(name));
        assert_true(strlen(gw_why_text(why)) > 3);
        for (enum gw_why other = GW_OK; other < why; other++)
            assert_string_not_equal(name, gw_why_name(other));
    }
}

static void
every_reason_but_ok_has_a_stage(void **state)
{
    (void)state;
    assert_int_equal(gw_why_stage(GW_OK), GW_STAGE_NONE);
    assert_int_equal(gw_why_stage(GW_FILTERED), GW_STAGE_PACKET);
    assert_int_equal(gw_why_stage(GW_WORK), GW_STAGE_MESSAGE);
    assert_int_equal(gw_why_stage(GW_RR_TRAILING), GW_STAGE_RECORD);
    for (enum gw_why why = GW_FILTERED; why < GW_WHY_COUNT; why++)
        assert_int_not_equal(gw_why_stage(why), GW_STAGE_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_lower_case_words_with_dashes),
        cmocka_unit_test(every_reason_but_ok_has_a_stage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
