/* SPDX-License-Identifier: Apache-2.0 */
/* Named checks of spans. A RUN judges the letters and digits of what a pattern matched (run.h). A
 * CHECK judges the matched text as it stands. A LOCATE reads a span itself, from a given start, and
 * so says of any start of any text: no span, a span, or cannot know yet. That one function serves
 * whole texts and live streams alike: a byte must wait exactly while some reading that covers it
 * ran into the end of the text. */
#ifndef PII_VALIDATORS_H
#define PII_VALIDATORS_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In rising order of what they prove. INVALID drops the span. RETIRED (a checksum that newer
 * numbers no longer hold fails) and UNKNOWN (nothing to check) leave the lower score. WEAK leaves
 * it too: the checksum holds, but so it does for one random number in ten. VALID gives the higher
 * score. */
enum verdict { VERDICT_INVALID, VERDICT_RETIRED, VERDICT_UNKNOWN, VERDICT_WEAK, VERDICT_VALID };

struct run; /* run.h */

/* A text being read. `touched`: the reader looked past the last byte, so more text could change
 * what it says. */
struct reading {
    struct dvara_str text;
    bool touched;
    bool overlong; /* still going after the locator's max_span: claimed to the end of the run, */
    const char *until; /* or to a line that begins so and ends in five hyphens; NULL: white space */
    size_t end;        /* of the span read */
};

enum { READING_END = -1 };

/* The byte at `at`, or READING_END, which is noted. */
static inline int reading_at(struct reading *reading, size_t at)
{
    if (at < reading->text.n)
        return (unsigned char)reading->text.p[at];
    reading->touched = true;
    return READING_END;
}

/* The span that begins exactly at `start`; VERDICT_INVALID: none does. Only called where the byte
 * is one of the locator's `start` and no ASCII letter or digit stands before it: no span may begin
 * inside such a run. */
typedef enum verdict read_function(struct reading *reading, size_t start);
/* The verdict on a whole span. */
typedef enum verdict check_function(struct dvara_str span);
/* The verdict on a run. It may hold any count of letters and digits: a policy of one's own can name
 * any pattern with any check, so the function tests count and kinds itself. */
typedef enum verdict run_function(const struct run *run);

struct locator {
    read_function *read;
    uint32_t max_span; /* bytes of the widest span */
    uint32_t
        min_digits;     /* of any span, twelve at most; from its start on few other bytes between */
    char stop;          /* a span begins with digits and this behind them; 0: not every one does */
    const char *start;  /* bytes a span can begin with: characters and ranges, "0-9+(" */
    const char *inside; /* bytes a span can hold */
    const char *third;  /* bytes its third can be; NULL: any of those */
    bool wide;          /* so can bytes over 0x7F */
    bool behind;        /* it begins behind the beginning of what the pattern finds */
};

struct validator {
    const char *name;
    const struct locator *locator; /* one of the three is not NULL */
    check_function *check;
    run_function *run;
    bool sure; /* a RUN that bare digits seldom pass by chance */
    const char *doc;
};

/* NULL when there is none of that name. */
const struct validator *validator_find(struct dvara_str name);
/* All, in the order of validators.def. */
const struct validator *validators_all(size_t *ret_n);

#define VALIDATORS_LOCATE(name)              extern const struct locator locate_##name;
#define VALIDATORS_CHECK(name)               enum verdict check_##name(struct dvara_str span);
#define VALIDATORS_RUN(name)                 enum verdict run_##name(const struct run *run);
#define VALIDATORS_SURE(name)                enum verdict run_##name(const struct run *run);
#define VALIDATOR(name, function, kind, doc) VALIDATORS_##kind(function)
#include "pii/validators.def"

/* Shared by readers of numbers: may a number begin at `start`? Not inside a word or a decimal, nor
 * hyphenated to a digit. */
bool number_may_start_behind(struct dvara_str text, size_t start); /* start > 0 */
static inline bool number_may_start(struct dvara_str text, size_t start)
{
    return start == 0 || text.p[start - 1] == ' ' || number_may_start_behind(text, start);
}
/* May it end at `end`? Looks at most two bytes on. */
bool number_may_end(struct reading *reading, size_t end);
/* Is text[start, end) some of the groups of a UUID (RFC 9562)? Looks to its end. */
bool in_uuid(struct reading *reading, size_t start, size_t end);
/* Is the next code point part of a word (or an underscore)? Noted when unknown. */
bool word_goes_on(struct reading *reading, size_t end);
/* Luhn's mod 10 over n decimal values. */
bool luhn_holds(const uint8_t *digits, size_t n);
#endif
