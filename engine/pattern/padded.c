/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/padded.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 4096, KEPT_BYTES = 64 << 10 };

static bool readable_behind(struct dvara_str text)
{
    size_t into_page = ((uintptr_t)text.p + text.n) % PAGE_BYTES;
    return into_page != 0 && into_page <= PAGE_BYTES - PADDED_BYTES;
}

static bool grow(struct padded *padded, size_t size)
{
    if (size <= padded->size)
        return true;
    padded_clear(padded);
    padded->p = malloc(size);
    padded->size = padded->p ? size : 0;
    return padded->p != NULL;
}

const char *padded_begin(struct padded *padded, struct dvara_str text)
{
    if (text.n == 0)
        return "";
    if (readable_behind(text))
        return text.p;
    if (!grow(padded, text.n + PADDED_BYTES))
        return NULL;
    memset(padded->p + text.n, 0, PADDED_BYTES);
    return memcpy(padded->p, text.p, text.n);
}

void padded_end(struct padded *padded, const char *p, size_t n)
{
    if (!p || p != padded->p)
        return;
    explicit_bzero(padded->p, n);
    if (padded->size > KEPT_BYTES)
        padded_clear(padded);
}

void padded_clear(struct padded *padded)
{
    free(padded->p);
    *padded = (struct padded){0};
}
