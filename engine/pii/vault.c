/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/vault.h"

#include "pattern/text.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

/* Values lie in blocks of our own, so that they can be wiped and are never moved by realloc. */
enum { BLOCK_BYTES = 4096 };
struct block {
    struct block *next;
    size_t size, fill;
    char bytes[];
};

struct entry {
    struct dvara_str value;
    uint64_t hash;
    uint32_t label; /* index */
    uint32_t number;
};

struct token_label {
    struct dvara_str label;
    uint32_t last;    /* the highest number issued */
    uint8_t *taken;   /* bit a number: its token text is in the request; NULL: none is */
    uint32_t *issued; /* by number: index of the entry + 1 */
    size_t room;
};

struct dvara_vault {
    unsigned char key[32];
    struct dvara_str seen;
    EVP_MAC *mac;
    EVP_MAC_CTX *context;
    struct block *blocks;
    size_t bytes;
    struct entry *entries;
    size_t n, room;
    uint32_t *slots; /* open addressing: index of the entry + 1; a power of two of them */
    size_t n_slots;
    struct token_label *labels;
    size_t n_labels;
};

enum dvara_status dvara_vault_new(const unsigned char tenant_key[32], struct dvara_str seen,
                                  struct dvara_vault **ret_vault)
{
    struct dvara_vault *vault = calloc(1, sizeof *vault);
    if (!vault)
        return DVARA_NO_MEMORY;
    memcpy(vault->key, tenant_key, sizeof vault->key);
    vault->seen = seen;
    *ret_vault = vault;
    return DVARA_OK;
}

void dvara_vault_free(struct dvara_vault *vault)
{
    if (!vault)
        return;
    for (struct block *block = vault->blocks; block;) {
        struct block *next = block->next;
        OPENSSL_cleanse(block->bytes, block->fill);
        free(block);
        block = next;
    }
    for (size_t i = 0; i < vault->n_labels; i++) {
        free(vault->labels[i].taken);
        free(vault->labels[i].issued);
    }
    EVP_MAC_CTX_free(vault->context);
    EVP_MAC_free(vault->mac);
    free(vault->labels);
    if (vault->entries)
        OPENSSL_cleanse(vault->entries, vault->n * sizeof *vault->entries);
    free(vault->entries);
    free(vault->slots);
    OPENSSL_cleanse(vault, sizeof *vault);
    free(vault);
}

bool dvara_vault_is_empty(const struct dvara_vault *vault)
{
    return vault->n == 0;
}

/* A copy that dies, wiped, with the vault. */
static char *keep_bytes(struct dvara_vault *vault, struct dvara_str value)
{
    struct block *block = vault->blocks;
    if (value.n > VAULT_MAX_BYTES - vault->bytes)
        return NULL;
    if (!block || value.n > block->size - block->fill) {
        size_t size = value.n > BLOCK_BYTES ? value.n : BLOCK_BYTES;
        block = malloc(sizeof *block + size);
        if (!block)
            return NULL;
        *block = (struct block){.next = vault->blocks, .size = size};
        vault->blocks = block;
    }
    char *p = block->bytes + block->fill;
    if (value.n)
        memcpy(p, value.p, value.n);
    block->fill += value.n;
    vault->bytes += value.n;
    return p;
}

static bool same_label(struct dvara_str a, struct dvara_str b)
{
    for (size_t i = 0; a.n == b.n && i < a.n; i++) {
        if (text_fold(a.p[i]) != text_fold(b.p[i]))
            return false;
    }
    return a.n == b.n;
}

/* Does `label`, in any case and with markdown's backslashes, end before `at`? */
static bool label_ends(struct dvara_str seen, size_t at, struct dvara_str label)
{
    for (size_t i = label.n; i-- > 0; at--) {
        while (at && seen.p[at - 1] == '\\')
            at--;
        if (at == 0 || text_fold(seen.p[at - 1]) != text_fold(label.p[i]))
            return false;
    }
    return true;
}

/* The number whose digits begin at `at`; 0: none that is ever issued. */
static uint32_t read_number(struct dvara_str seen, size_t at)
{
    uint32_t number = 0;
    for (; at < seen.n && text_is_digit((unsigned char)seen.p[at]) && number <= VAULT_MAX_TOKENS;
         at++)
        number = number * 10 + (uint32_t)(seen.p[at] - '0');
    return number <= VAULT_MAX_TOKENS ? number : 0;
}

/* Notes every LABEL_number of the request, in any case and with or without brackets: a restorer as
 * tolerant as ours would take it for a token. Underscores before digits are few in any text. */
static bool note_taken(struct dvara_vault *vault, struct token_label *label)
{
    struct dvara_str seen = vault->seen;
    for (size_t at = 0; at < seen.n; at++) {
        const char *p = memchr(seen.p + at, '_', seen.n - at);
        if (!p)
            break;
        at = (size_t)(p - seen.p);
        uint32_t number = read_number(seen, at + 1);
        if (number == 0 || !label_ends(seen, at, label->label))
            continue;
        if (!label->taken)
            label->taken = calloc(1, VAULT_MAX_TOKENS / 8 + 1);
        if (!label->taken)
            return false;
        label->taken[number / 8] |= (uint8_t)(1u << number % 8);
    }
    return true;
}

static enum dvara_status find_label(struct dvara_vault *vault, struct dvara_str label,
                                    uint32_t *ret_index)
{
    for (size_t i = 0; i < vault->n_labels; i++) {
        if (same_label(vault->labels[i].label, label)) {
            *ret_index = (uint32_t)i;
            return DVARA_OK;
        }
    }
    struct token_label *labels = realloc(vault->labels, (vault->n_labels + 1) * sizeof *labels);
    if (!labels)
        return DVARA_NO_MEMORY;
    vault->labels = labels;
    labels[vault->n_labels] = (struct token_label){.label = label};
    if (!note_taken(vault, &labels[vault->n_labels]))
        return DVARA_NO_MEMORY;
    *ret_index = (uint32_t)vault->n_labels++;
    return DVARA_OK;
}

/* FNV-1a, then mixed: values are short, and the table is one exchange's. */
static uint64_t hash_of(const struct dvara_vault *vault, uint32_t label, struct dvara_str value)
{
    uint64_t hash;
    memcpy(&hash, vault->key, sizeof hash); /* seeded: a client cannot aim at one slot */
    hash ^= label;
    for (size_t i = 0; i < value.n; i++)
        hash = (hash ^ (unsigned char)value.p[i]) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static size_t slot_of(const struct dvara_vault *vault, uint32_t label, struct dvara_str value,
                      uint64_t hash)
{
    size_t slot = hash & (vault->n_slots - 1);
    for (; vault->slots[slot]; slot = (slot + 1) & (vault->n_slots - 1)) {
        const struct entry *entry = &vault->entries[vault->slots[slot] - 1];
        if (entry->hash == hash && entry->label == label && dvara_str_eq(entry->value, value))
            break;
    }
    return slot;
}

static bool grow(struct dvara_vault *vault)
{
    if (vault->n == vault->room) {
        size_t room = vault->room ? vault->room * 2 : 16;
        struct entry *entries = realloc(vault->entries, room * sizeof *entries);
        if (!entries)
            return false;
        vault->entries = entries;
        vault->room = room;
    }
    if ((vault->n + 1) * 2 <= vault->n_slots)
        return true;
    size_t n_slots = vault->n_slots ? vault->n_slots * 2 : 32;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots)
        return false;
    free(vault->slots);
    vault->slots = slots;
    vault->n_slots = n_slots;
    for (size_t i = 0; i < vault->n; i++) {
        const struct entry *entry = &vault->entries[i];
        slots[slot_of(vault, entry->label, entry->value, entry->hash)] = (uint32_t)i + 1;
    }
    return true;
}

static bool is_taken(const struct token_label *label, uint32_t number)
{
    return label->taken && ((unsigned)label->taken[number / 8] >> number % 8 & 1u);
}

/* The next free number, with room to find it by. */
static enum dvara_status next_number(struct token_label *label, uint32_t *ret_number)
{
    uint32_t number = label->last + 1;
    while (number < VAULT_MAX_TOKENS && is_taken(label, number))
        number++;
    if (number >= VAULT_MAX_TOKENS)
        return DVARA_TOO_LARGE;
    if (number >= label->room) {
        size_t room = label->room ? label->room : 16;
        while (room <= number)
            room *= 2;
        uint32_t *issued = realloc(label->issued, room * sizeof *issued);
        if (!issued)
            return DVARA_NO_MEMORY;
        memset(issued + label->room, 0, (room - label->room) * sizeof *issued);
        label->issued = issued;
        label->room = room;
    }
    *ret_number = number;
    return DVARA_OK;
}

enum dvara_status vault_number(struct dvara_vault *vault, struct dvara_str label,
                               struct dvara_str value, uint32_t *ret_number)
{
    uint32_t index = 0;
    enum dvara_status status = find_label(vault, label, &index);
    if (status != DVARA_OK)
        return status;
    if (vault->n >= VAULT_MAX_TOKENS)
        return DVARA_TOO_LARGE;
    if (!grow(vault))
        return DVARA_NO_MEMORY;
    uint64_t hash = hash_of(vault, index, value);
    size_t slot = slot_of(vault, index, value, hash);
    if (vault->slots[slot]) {
        *ret_number = vault->entries[vault->slots[slot] - 1].number;
        return DVARA_OK;
    }
    struct token_label *owner = &vault->labels[index];
    uint32_t number = 0;
    status = next_number(owner, &number);
    if (status != DVARA_OK)
        return status;
    char *copy = keep_bytes(vault, value);
    if (!copy)
        return value.n > VAULT_MAX_BYTES - vault->bytes ? DVARA_TOO_LARGE : DVARA_NO_MEMORY;
    vault->entries[vault->n++] = (struct entry){
        .value = {.p = copy, .n = value.n}, .hash = hash, .label = index, .number = number};
    vault->slots[slot] = (uint32_t)vault->n;
    owner->issued[number] = (uint32_t)vault->n;
    owner->last = number;
    *ret_number = number;
    return DVARA_OK;
}

struct dvara_str vault_value(const struct dvara_vault *vault, struct dvara_str label,
                             uint32_t number)
{
    for (size_t i = 0; i < vault->n_labels; i++) {
        const struct token_label *owner = &vault->labels[i];
        if (number < owner->room && owner->issued[number] && same_label(owner->label, label))
            return vault->entries[owner->issued[number] - 1].value;
    }
    return (struct dvara_str){0};
}

bool vault_has_initial(const struct dvara_vault *vault, char initial)
{
    for (size_t i = 0; i < vault->n_labels; i++) {
        struct dvara_str label = vault->labels[i].label;
        if (vault->labels[i].last > 0 && label.n > 0 && text_fold(label.p[0]) == text_fold(initial))
            return true;
    }
    return false;
}

bool vault_may_begin(const struct dvara_vault *vault, struct dvara_str prefix)
{
    for (size_t i = 0; i < vault->n_labels; i++) {
        struct dvara_str label = vault->labels[i].label;
        size_t head = prefix.n < label.n ? prefix.n : label.n;
        if (vault->labels[i].last == 0 ||
            !same_label(dvara_str_slice(prefix, 0, head), dvara_str_slice(label, 0, head)))
            continue;
        if (prefix.n <= label.n)
            return true;
        if (prefix.p[label.n] != '_' || prefix.n - label.n - 1 > VAULT_NUMBER_DIGITS)
            continue;
        size_t at = label.n + 1;
        while (at < prefix.n && text_is_digit((unsigned char)prefix.p[at]))
            at++;
        if (at == prefix.n)
            return true;
    }
    return false;
}

static bool ready_mac(struct dvara_vault *vault)
{
    if (vault->context)
        return true;
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    vault->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    vault->context = vault->mac ? EVP_MAC_CTX_new(vault->mac) : NULL;
    return vault->context &&
           EVP_MAC_init(vault->context, vault->key, sizeof vault->key, params) == 1;
}

enum dvara_status vault_hash(struct dvara_vault *vault, struct dvara_str value,
                             char ret_hash[VAULT_HASH_CHARACTERS])
{
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char mac[32];
    size_t n = 0;
    if (!ready_mac(vault) || EVP_MAC_init(vault->context, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(vault->context, (const unsigned char *)value.p, value.n) != 1 ||
        EVP_MAC_final(vault->context, mac, &n, sizeof mac) != 1)
        return DVARA_NO_MEMORY;
    for (size_t i = 0; i < VAULT_HASH_CHARACTERS; i++) {
        size_t bit = i * 5;
        unsigned pair = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];
        ret_hash[i] = alphabet[pair >> (11 - bit % 8) & 31u];
    }
    OPENSSL_cleanse(mac, sizeof mac);
    return DVARA_OK;
}
