/* SPDX-License-Identifier: Apache-2.0 */
/* What a solver may print: an answer is read, or there is none. */
#include "base/arena.h"
#include "lang/logic/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum sort sorts[] = {SORT_STRING, SORT_INT, SORT_REAL, SORT_ADDRESS, SORT_BOOL};
    static const char *const keys[] = {"text", "int", "real", "address", "bool"};
    struct script script;
    struct arena arena;
    arena_init(&arena, 64 << 20);
    script_init(&script, &arena);
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        struct asked asked = {.kind = ASKED_VALUE, .sort = sorts[i]};
        (void)script_constant(&script, dvara_str_from_cstr(keys[i]), asked, NULL);
    }
    (void)script_atom(&script, DVARA_STR("(str.prefixof x y)"));
    enum script_form form = size ? (enum script_form)(data[0] % 3) : SCRIPT_FULL;
    struct dvara_str text = dvara_str_from((const char *)data, size);
    (void)answer_read(&arena, &script, form, dvara_str_slice(text, 1, text.n));
    script_clear(&script);
    arena_clear(&arena);
    return 0;
}
