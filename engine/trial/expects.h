/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of `expect`. */
#ifndef TRIAL_EXPECTS_H
#define TRIAL_EXPECTS_H

enum expect_kind {
#define EXPECT(id, spelling, what) EXPECT_##id,
#include "trial/expects.def"
    EXPECT_COUNT
};

#endif
