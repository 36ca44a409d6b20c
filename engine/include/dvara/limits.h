/* SPDX-License-Identifier: Apache-2.0 */
/* Ceilings that the language and the engine share, each with its reason (language.md, sections 1
 * and 10). */
#ifndef DVARA_LIMITS_H
#define DVARA_LIMITS_H

enum {
    /* Source text: a policy is read by people; past these it is generated, and can be split. */
    DVARA_MAX_FILE = 1 << 20,
    DVARA_MAX_NESTING = 64,         /* the parser's stack stays small whatever the input */
    DVARA_MAX_QUANTIFIER_DEPTH = 2, /* cost stays below elements squared */
    DVARA_MAX_RULES = 65536,        /* a rule's number fits 16 bits */
    DVARA_MAX_LIST = 65536,         /* also runtime lists and lists of tenants and keys */
    DVARA_MAX_STRING_LITERAL = 64 << 10,
    DVARA_MAX_TARGETS = 64, /* targets of a route fit a machine word */
    DVARA_MAX_IMPORTS = 4096,

    /* Decisions. */
    DVARA_MAX_STEPS = 2000000,  /* about 10 ms: a decision never holds a worker longer */
    DVARA_STEP_TEXT_BYTES = 64, /* text bytes that cost one step */
    DVARA_MAX_SCAN = 32 << 20,  /* a whole body */
    DVARA_CANDIDATES_BASE = 4096,
    DVARA_CANDIDATES_PER_KIB = 64,
    DVARA_MAX_MESSAGES = 4096,
    DVARA_MAX_TOOLS = 1024,
    DVARA_MAX_TAGS = 256,
    DVARA_MAX_CHEAP_ATOMS = 64,     /* asked for a record alone: some 50 ns and 25 bytes each */
    DVARA_CLIENT_VALUE_SHOWN = 128, /* characters of a client's value that a template shows */

    /* Detectors. */
    DVARA_MAX_SPAN = 4096 /* the widest text one detector may claim, and so hold back */
};

#endif
