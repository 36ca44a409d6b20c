/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/utf8.h"
#include "lang/import/write.h"
#include "lang/list.h"

static const char *const keywords[BLOCK_COUNT] = {
    [BLOCK_NOTES] = "",        [BLOCK_PROVIDER] = "provider", [BLOCK_MODEL] = "model",
    [BLOCK_LIST] = "let",      [BLOCK_DETECTOR] = "detector", [BLOCK_GROUP] = "group",
    [BLOCK_RULE] = "rule",     [BLOCK_ROUTE] = "route",       [BLOCK_LIMIT] = "limit",
    [BLOCK_BUDGET] = "budget",
};

/* Marks that reorder or hide text are left out of comments; a file may not hold them. */
static bool is_shown(uint32_t c)
{
    return !(c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
             (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff);
}

void write_comment_text(struct buf *out, struct dvara_str text)
{
    for (size_t i = 0; i < text.n;) {
        unsigned n = utf8_sequence(text.p + i, text.n - i);
        size_t from = i;
        if (n == 0) {
            buf_byte(out, '?');
            i++;
            continue;
        }
        uint32_t c = utf8_next(text, &i);
        if (is_shown(c))
            buf_append(out, dvara_str_slice(text, from, i));
        else
            buf_byte(out, ' ');
    }
}

static void comment(struct buf *out, const char *mark_cstr, struct dvara_str text)
{
    buf_append(out, dvara_str_from_cstr(mark_cstr));
    write_comment_text(out, text);
    BUF_LIT(out, "\n");
}

static void write_notes(const struct block *block, struct buf *out)
{
    for (size_t i = 0; i < block->n; i++)
        if (block->lines[i].is_note)
            comment(out, "# ", block->lines[i].text);
}

static void write_withdrawn(const struct block *block, struct buf *out)
{
    buf_printf(out, "# %s %.*s: not carried\n", keywords[block->kind], DVARA_STR_ARG(block->name));
    for (size_t i = 0; i < block->n; i++)
        comment(out, block->lines[i].is_note ? "# " : "#   ", block->lines[i].text);
}

static void write_head(const struct block *block, struct buf *out)
{
    buf_printf(out, "%s ", keywords[block->kind]);
    buf_append(out, block->name);
}

static void write_clauses(const struct block *block, struct buf *out)
{
    write_head(block, out);
    BUF_LIT(out, " {\n");
    for (size_t i = 0; i < block->n; i++) {
        if (block->lines[i].is_note) {
            comment(out, "  # ", block->lines[i].text);
        } else {
            BUF_LIT(out, "  ");
            buf_append(out, block->lines[i].text);
            BUF_LIT(out, "\n");
        }
    }
    BUF_LIT(out, "}\n");
}

static void write_block(const struct block *block, struct buf *out)
{
    BUF_LIT(out, "\n");
    if (block->withdrawn) {
        write_withdrawn(block, out);
        return;
    }
    if (block->kind == BLOCK_NOTES) {
        comment(out, "# ", block->name);
        write_notes(block, out);
        return;
    }
    if (block->whole.p)
        write_notes(block, out);
    if (block->doc.p)
        comment(out, "## ", block->doc);
    if (block->whole.p) {
        write_head(block, out);
        buf_append(out, block->whole);
        BUF_LIT(out, "\n");
    } else {
        write_clauses(block, out);
    }
}

static bool is_limit(const struct block *block)
{
    return block->kind == BLOCK_LIMIT || block->kind == BLOCK_BUDGET;
}

bool has_limits(const struct imported *im)
{
    for (const struct block *block = im->blocks; block; block = block->next)
        if (is_limit(block) && !block->withdrawn)
            return true;
    return false;
}

static void write_kind(const struct imported *im, enum block_kind kind, struct buf *out,
                       struct block_places *places)
{
    for (struct block *block = im->blocks; block; block = block->next) {
        struct block_place place = {block, out->n, 0};
        if (block->kind != kind || (kind == BLOCK_NOTES && block->n == 0))
            continue;
        write_block(block, out);
        place.end = out->n;
        if (places)
            LIST_APPEND(im->arena, places->v, places->n, place);
    }
}

static void write_top(const struct imported *im, struct buf *out)
{
    BUF_LIT(out, "dvp 1\n\n# Imported from ");
    write_comment_text(out, im->source);
    buf_printf(out, " (%s). What could not be carried stands as a comment where it belongs.\n",
               im->format);
}

void write_policy(const struct imported *im, enum written which, struct buf *out,
                  struct block_places *places)
{
    write_top(im, out);
    if (which == WRITTEN_LIMITS) {
        BUF_LIT(
            out,
            "# dvara-gateway does not count yet and refuses a bundle with limits or budgets: this "
            "file stands\n# beside the policy, and takes its place in bundle.path once it "
            "does.\n\nimport \"./policy.dvp\"\n");
    } else {
        BUF_LIT(out, "\npackage imported\n\n");
        for (size_t i = 0; i < im->n_imports; i++)
            buf_printf(out, "import \"%.*s\"\n", DVARA_STR_ARG(im->imports[i]));
        buf_printf(out, "\ndefault %s\n", im->denies ? "deny" : "allow");
    }
    for (int kind = 0; kind < BLOCK_COUNT; kind++) {
        bool counts = kind == BLOCK_LIMIT || kind == BLOCK_BUDGET;
        if (which == WRITTEN_BOTH || counts == (which == WRITTEN_LIMITS))
            write_kind(im, (enum block_kind)kind, out, places);
    }
    if (which == WRITTEN_POLICY && has_limits(im))
        BUF_LIT(out, "\n# Limits and budgets: limits.dvp.\n");
}

void write_report(const struct imported *im, struct buf *out)
{
    for (size_t i = 0; i < im->n_notes; i++) {
        write_comment_text(out, im->source);
        if (im->notes[i].line)
            buf_printf(out, ":%u", im->notes[i].line);
        BUF_LIT(out, ": not carried: ");
        write_comment_text(out, im->notes[i].path);
        BUF_LIT(out, ": ");
        write_comment_text(out, im->notes[i].why);
        BUF_LIT(out, "\n");
    }
    buf_printf(out, "carried %zu, not carried %zu\n", im->carried, im->n_notes);
}
