/* SPDX-License-Identifier: Apache-2.0 */
/* What the world tells of a target. */
#ifndef TESTS_ORACLE_WORLD_H
#define TESTS_ORACLE_WORLD_H

#include "dvara/engine.h"

struct world_target {
    struct dvara_str name; /* "openai/gpt-4o" */
    struct dvara_target_state state;
};

#endif
