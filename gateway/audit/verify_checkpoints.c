/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/lines.h"
#include "gateway/audit/verify_state.h"

#include <stdio.h>

enum { PATH_BYTES = 4096, LINE_ARENA_BYTES = 16 * 1024 * 1024 };

/* The chain of checkpoints as read so far. */
struct walk {
    struct verifier *verifier;
    struct arena arena; /* one line's */
    unsigned char digest[CHECKPOINT_DIGEST_BYTES];
    uint64_t seq;
    bool has_first, has_last;
};

const struct checkpoint_head *heads_find(const struct heads *heads, struct dvara_str chain)
{
    for (size_t i = 0; i < heads->n; i++)
        if (dvara_str_eq(heads->v[i].chain, chain))
            return &heads->v[i];
    return NULL;
}

static bool copy_heads(struct heads *heads, const struct checkpoint *checkpoint)
{
    arena_reset(&heads->arena);
    heads->v = ARENA_ARRAY(&heads->arena, checkpoint->n_heads + 1, struct checkpoint_head);
    if (heads->v == NULL)
        return false;
    heads->n = checkpoint->n_heads;
    heads->checkpoint_seq = checkpoint->seq;
    for (size_t i = 0; i < heads->n; i++) {
        heads->v[i] = checkpoint->heads[i];
        heads->v[i].chain = arena_copy(&heads->arena, checkpoint->heads[i].chain);
    }
    return !arena_is_exhausted(&heads->arena);
}

static EVP_PKEY *find_key(const struct verifier *verifier, struct dvara_str kid)
{
    for (size_t i = 0; i < verifier->options->n_checkpoint_keys; i++)
        if (dvara_str_eq(dvara_str_from(verifier->checkpoint_kids[i], AUDIT_KID_BYTES), kid))
            return verifier->options->checkpoint_keys[i];
    return NULL;
}

/* Does it follow the one before? */
static bool check_order(struct walk *walk, const struct checkpoint *checkpoint, uint64_t line)
{
    static const unsigned char none[CHECKPOINT_DIGEST_BYTES];
    struct verifier *verifier = walk->verifier;
    const struct verify_known *first = &verifier->options->first;
    bool is_begin = walk->seq == 0;
    if (is_begin && first->seq != 0)
        return true; /* older ones may have been archived; the known first one is looked for */
    if (checkpoint->seq != walk->seq + 1)
        return verify_fail(verifier,
                           CHECKPOINT_FILE " line %llu: checkpoint %llu stands where %llu "
                                           "belongs: deleted or reordered",
                           (unsigned long long)line, (unsigned long long)checkpoint->seq,
                           (unsigned long long)walk->seq + 1);
    if (memcmp(checkpoint->prev, is_begin ? none : walk->digest, sizeof none) != 0)
        return verify_fail(verifier,
                           CHECKPOINT_FILE " line %llu: checkpoint %llu does not follow the one "
                                           "before it",
                           (unsigned long long)line, (unsigned long long)checkpoint->seq);
    for (size_t i = 0; i < verifier->last.n; i++) {
        const struct checkpoint_head *before = &verifier->last.v[i];
        uint64_t now = 0;
        for (size_t j = 0; j < checkpoint->n_heads; j++)
            if (dvara_str_eq(checkpoint->heads[j].chain, before->chain))
                now = checkpoint->heads[j].seq;
        if (now < before->seq)
            return verify_fail(verifier,
                               CHECKPOINT_FILE " line %llu: chain %.*s goes back from "
                                               "record %llu to %llu",
                               (unsigned long long)line, DVARA_STR_ARG(before->chain),
                               (unsigned long long)before->seq, (unsigned long long)now);
    }
    return true;
}

static bool check_known(struct walk *walk, const struct verify_known *known, const char *name_cstr,
                        bool *ret_found)
{
    if (known->seq == 0 || known->seq != walk->seq)
        return true;
    *ret_found = true;
    if (memcmp(known->digest, walk->digest, sizeof walk->digest) == 0)
        return true;
    return verify_fail(walk->verifier, "checkpoint %llu is not the %s one that was given",
                       (unsigned long long)walk->seq, name_cstr);
}

static bool check_line(struct walk *walk, struct dvara_str line, uint64_t number)
{
    struct verifier *verifier = walk->verifier;
    struct checkpoint checkpoint;
    arena_reset(&walk->arena);
    if (checkpoint_read(line, &walk->arena, &checkpoint) != DVARA_OK)
        return verify_fail(verifier, CHECKPOINT_FILE " line %llu is no checkpoint",
                           (unsigned long long)number);
    if (!check_order(walk, &checkpoint, number))
        return false;
    EVP_PKEY *key = find_key(verifier, checkpoint.kid);
    if (key == NULL)
        return verify_fail(verifier,
                           CHECKPOINT_FILE " line %llu: signed with key %.*s, which was "
                                           "not given",
                           (unsigned long long)number, DVARA_STR_ARG(checkpoint.kid));
    if (checkpoint_verify(&checkpoint, key, walk->digest) != DVARA_OK)
        return verify_fail(verifier,
                           CHECKPOINT_FILE " line %llu: the signature of checkpoint %llu "
                                           "is wrong: altered",
                           (unsigned long long)number, (unsigned long long)checkpoint.seq);
    walk->seq = checkpoint.seq;
    verifier->report->checkpoints++;
    if (!check_known(walk, &verifier->options->first, "first", &walk->has_first) ||
        !check_known(walk, &verifier->options->last, "last", &walk->has_last))
        return false;
    bool is_first = verifier->options->first.seq == checkpoint.seq;
    if (!copy_heads(&verifier->last, &checkpoint) ||
        (is_first && !copy_heads(&verifier->first, &checkpoint)))
        return verify_fail(verifier, "out of memory");
    return true;
}

static bool check_all(struct walk *walk, struct lines *lines)
{
    struct dvara_str line;
    enum dvara_status status;
    while ((status = lines_next(lines, &line)) == DVARA_OK)
        if (!check_line(walk, line, lines->number))
            return false;
    if (status == DVARA_AGAIN)
        verify_note(walk->verifier, "torn: " CHECKPOINT_FILE " ends in the middle of a line");
    else if (status != DVARA_NOT_FOUND)
        return verify_fail(walk->verifier, CHECKPOINT_FILE ": %s", dvara_status_sentence(status));
    return true;
}

static bool check_found(struct walk *walk)
{
    const struct verify_options *options = walk->verifier->options;
    if (options->first.seq != 0 && !walk->has_first)
        return verify_fail(walk->verifier, "the first checkpoint given, %llu, is not there",
                           (unsigned long long)options->first.seq);
    if (options->last.seq != 0 && !walk->has_last)
        return verify_fail(walk->verifier, "the last checkpoint given, %llu, is not there: cut",
                           (unsigned long long)options->last.seq);
    return true;
}

bool verify_checkpoints(struct verifier *verifier)
{
    char path[PATH_BYTES];
    struct lines lines;
    struct walk walk = {.verifier = verifier};
    snprintf(path, sizeof path, "%s/" CHECKPOINT_FILE, verifier->options->folder_cstr);
    enum dvara_status status = lines_open(path, &lines);
    if (status == DVARA_NOT_FOUND)
        return check_found(&walk);
    if (status != DVARA_OK)
        return verify_fail(verifier, CHECKPOINT_FILE " cannot be read");
    arena_init(&walk.arena, LINE_ARENA_BYTES);
    bool ok = check_all(&walk, &lines) && check_found(&walk);
    verifier->report->last.seq = walk.seq;
    memcpy(verifier->report->last.digest, walk.digest, sizeof walk.digest);
    arena_clear(&walk.arena);
    lines_close(&lines);
    return ok;
}
