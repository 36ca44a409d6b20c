/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's places: a line and a character in it, both from 0, characters counted in UTF-16
 * code units unless client and server agreed on bytes. */
#ifndef LANG_LSP_PLACE_H
#define LANG_LSP_PLACE_H

#include "lang/source.h"

struct buf;

enum place_unit { PLACE_UTF16, PLACE_UTF8 };

struct place {
    uint32_t line, character;
};

/* Units of the code point that begins with byte c: none for a byte inside one. */
uint32_t place_units(unsigned char c, enum place_unit unit);

struct place place_of(const struct source *source, uint32_t offset, enum place_unit unit);
/* A place past a line's end is its end; past the last line, the text's end. */
uint32_t place_offset(struct dvara_str text, struct place place, enum place_unit unit);

/* {"start":{…},"end":{…}} */
void write_range(struct buf *out, const struct source *source, struct span span,
                 enum place_unit unit);

#endif
