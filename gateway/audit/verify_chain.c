/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/lines.h"
#include "gateway/audit/mac.h"
#include "gateway/audit/verify_state.h"

#include <stdio.h>

enum { PATH_BYTES = 4096, RECORD_ARENA_BYTES = 32 * 1024 * 1024 };

struct chain_walk {
    struct verifier *verifier;
    struct dvara_str name;
    char file[64]; /* the present file's name */
    struct arena arena;
    uint64_t seq; /* of the last good record */
    unsigned char mac[AUDIT_MAC_BYTES];
    bool may_begin_late; /* a known first checkpoint vouches for what came before */
};

static struct audit_mac *find_mac(const struct verifier *verifier, struct dvara_str kid)
{
    for (size_t i = 0; i < verifier->options->n_keys; i++)
        if (dvara_str_eq(audit_mac_kid(verifier->macs[i]), kid))
            return verifier->macs[i];
    return NULL;
}

static bool fail_at(struct chain_walk *walk, uint64_t line, uint64_t seq, const char *why_cstr)
{
    return verify_fail(walk->verifier, "%s line %llu: chain %.*s record %llu %s", walk->file,
                       (unsigned long long)line, DVARA_STR_ARG(walk->name), (unsigned long long)seq,
                       why_cstr);
}

/* A checkpoint saw this record with that MAC. */
static bool check_head(struct chain_walk *walk, const struct heads *heads,
                       const struct audit_record *record, uint64_t line)
{
    const struct checkpoint_head *head = heads_find(heads, walk->name);
    if (head == NULL || head->seq != record->seq ||
        memcmp(head->mac, record->mac, sizeof head->mac) == 0)
        return true;
    return fail_at(walk, line, record->seq, "is not the one that the checkpoint signed: rewritten");
}

static bool check_place(struct chain_walk *walk, const struct audit_record *record, uint64_t line)
{
    static const unsigned char none[AUDIT_MAC_BYTES];
    if (walk->seq == 0 && walk->may_begin_late) {
        const struct checkpoint_head *head = heads_find(&walk->verifier->first, walk->name);
        if (record->seq > (head ? head->seq : 0) + 1)
            return fail_at(walk, line, record->seq, "begins after the first checkpoint given");
        if (head != NULL && record->seq == head->seq + 1 &&
            memcmp(record->prev, head->mac, sizeof head->mac) != 0)
            return fail_at(walk, line, record->seq, "does not follow the first checkpoint given");
        return true;
    }
    if (record->seq != walk->seq + 1)
        return verify_fail(walk->verifier,
                           "%s line %llu: chain %.*s record %llu is missing, %llu stands in its "
                           "place: deleted or reordered",
                           walk->file, (unsigned long long)line, DVARA_STR_ARG(walk->name),
                           (unsigned long long)walk->seq + 1, (unsigned long long)record->seq);
    if (memcmp(record->prev, walk->seq == 0 ? none : walk->mac, sizeof none) != 0)
        return fail_at(walk, line, record->seq, "does not follow the one before it: replaced");
    return true;
}

static bool check_record(struct chain_walk *walk, struct dvara_str text, uint64_t line)
{
    struct verifier *verifier = walk->verifier;
    struct audit_record record;
    unsigned char mac[AUDIT_MAC_BYTES];
    arena_reset(&walk->arena);
    if (audit_record_read(text, &walk->arena, &record) != DVARA_OK)
        return fail_at(walk, line, walk->seq + 1, "is no record: altered");
    struct audit_mac *key = find_mac(verifier, record.kid);
    if (key == NULL)
        return verify_fail(verifier, "%s line %llu: made with key %.*s, which was not given",
                           walk->file, (unsigned long long)line, DVARA_STR_ARG(record.kid));
    audit_mac_record(key, &record, mac);
    if (memcmp(mac, record.mac, sizeof mac) != 0)
        return fail_at(walk, line, record.seq, "does not match its MAC: altered");
    if (!dvara_str_eq(record.chain, walk->name))
        return fail_at(walk, line, record.seq, "belongs to another chain");
    if (!check_place(walk, &record, line) || !check_head(walk, &verifier->first, &record, line) ||
        !check_head(walk, &verifier->last, &record, line))
        return false;
    walk->seq = record.seq;
    memcpy(walk->mac, record.mac, sizeof record.mac);
    verifier->report->records++;
    return true;
}

static bool check_file(struct chain_walk *walk, unsigned number, bool is_last)
{
    char path[PATH_BYTES];
    struct lines lines;
    struct dvara_str line;
    snprintf(walk->file, sizeof walk->file, "%.*s-%06u.jsonl", DVARA_STR_ARG(walk->name), number);
    snprintf(path, sizeof path, "%s/%s", walk->verifier->options->folder_cstr, walk->file);
    if (lines_open(path, &lines) != DVARA_OK)
        return verify_fail(walk->verifier, "%s is missing or cannot be read", walk->file);
    enum dvara_status status;
    bool ok = true;
    while (ok && (status = lines_next(&lines, &line)) == DVARA_OK)
        ok = check_record(walk, line, lines.number);
    if (ok && status == DVARA_AGAIN && !is_last)
        ok = verify_fail(walk->verifier,
                         "%s ends in the middle of a line, and another file follows", walk->file);
    else if (ok && status == DVARA_AGAIN)
        verify_note(walk->verifier,
                    "torn: %s line %llu ends in the middle (chain %.*s after record "
                    "%llu)",
                    walk->file, (unsigned long long)lines.number, DVARA_STR_ARG(walk->name),
                    (unsigned long long)walk->seq);
    else if (ok && status != DVARA_NOT_FOUND)
        ok = verify_fail(walk->verifier, "%s: %s", walk->file, dvara_status_sentence(status));
    lines_close(&lines);
    return ok;
}

static bool check_end(struct chain_walk *walk)
{
    const struct checkpoint_head *head = heads_find(&walk->verifier->last, walk->name);
    if (head == NULL || walk->seq >= head->seq)
        return true;
    return verify_fail(walk->verifier,
                       "chain %.*s is cut: it ends at record %llu, and checkpoint "
                       "%llu vouches for %llu",
                       DVARA_STR_ARG(walk->name), (unsigned long long)walk->seq,
                       (unsigned long long)walk->verifier->last.checkpoint_seq,
                       (unsigned long long)head->seq);
}

bool verify_chain(struct verifier *verifier, const char *name_cstr, unsigned first_file,
                  unsigned last_file)
{
    struct chain_walk walk = {.verifier = verifier,
                              .name = dvara_str_from_cstr(name_cstr),
                              .may_begin_late = verifier->options->first.seq != 0};
    unsigned number = walk.may_begin_late ? first_file : 1;
    bool ok = true;
    arena_init(&walk.arena, RECORD_ARENA_BYTES);
    for (; ok && number <= last_file; number++)
        ok = check_file(&walk, number, number == last_file);
    ok = ok && check_end(&walk);
    arena_clear(&walk.arena);
    return ok;
}
