/* SPDX-License-Identifier: Apache-2.0 */
/* Payment cards: ISO/IEC 7812 numbers, by issuer range and length, Luhn at the end. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { CARD_MIN = 12, CARD_MAX = 19, GROUPS_MAX = 7, SPAN_MAX = CARD_MAX + GROUPS_MAX };

/* Issuer ranges: the first `n` digits lie in [first, last], the length is in the bits 1 << length;
 * of those in `sure` a number is believed in one group too. Others are so wide that one in fifty
 * numbers of that length is some issuer's and meets Luhn. */
#define LENGTH(n)         (1u << (n))
#define LENGTHS(low, top) ((2u << (top)) - (1u << (low)))
static const struct issuer {
    uint16_t first, last;
    uint8_t n;
    uint32_t lengths, sure;
} issuers[] = {
    {1001, 1999, 4, LENGTH(15), 0},                        /* Universal Air Travel Plan */
    {1800, 1800, 4, LENGTH(15), LENGTH(15)},               /* JCB, old */
    {2221, 2720, 4, LENGTH(16), LENGTH(16)},               /* Mastercard, second series */
    {2131, 2131, 4, LENGTH(15), LENGTH(15)},               /* JCB, old */
    {2200, 2204, 4, LENGTHS(16, 19), LENGTHS(16, 19)},     /* Mir */
    {34, 34, 2, LENGTH(15), LENGTH(15)},                   /* American Express */
    {37, 37, 2, LENGTH(15), LENGTH(15)},                   /* American Express */
    {300, 305, 3, LENGTHS(14, 19), LENGTHS(14, 19)},       /* Diners Club */
    {36, 36, 2, LENGTHS(14, 19), LENGTH(14)},              /* Diners Club */
    {38, 39, 2, LENGTHS(14, 19), LENGTH(14) | LENGTH(16)}, /* Diners Club */
    {3528, 3589, 4, LENGTHS(16, 19), LENGTHS(16, 19)},     /* JCB */
    {35, 35, 2, LENGTH(16), LENGTH(16)}, /* the rest of 35, which generators of test data fill */
    {4, 4, 1, LENGTH(13) | LENGTH(16) | LENGTH(19), LENGTH(16) | LENGTH(19)}, /* Visa */
    {51, 55, 2, LENGTH(16), LENGTH(16)},                                      /* Mastercard */
    {50, 50, 2, LENGTHS(12, 19), LENGTH(16)},                                 /* Maestro */
    {56, 58, 2, LENGTHS(12, 19), LENGTH(16)},                                 /* Maestro */
    {508, 508, 3, LENGTH(16), LENGTH(16)},                                    /* RuPay */
    {6011, 6011, 4, LENGTHS(16, 19), LENGTHS(16, 19)},                        /* Discover */
    {644, 649, 3, LENGTHS(16, 19), LENGTHS(16, 19)},                          /* Discover */
    {65, 65, 2, LENGTHS(16, 19), LENGTH(16)},                                 /* Discover, RuPay */
    {62, 62, 2, LENGTHS(16, 19), LENGTH(16) | LENGTH(19)},                    /* UnionPay */
    {6, 6, 1, LENGTHS(12, 19), LENGTH(16)},                                   /* Maestro */
    {60, 60, 2, LENGTH(16), LENGTH(16)},                                      /* RuPay */
    {81, 82, 2, LENGTH(16), LENGTH(16)},                                      /* RuPay */
    {9792, 9792, 4, LENGTH(16), LENGTH(16)},                                  /* Troy */
};

/* Where the issuers of each first digit begin. */
static const uint8_t by_digit[11] = {0, 0, 2, 5, 12, 13, 17, 23, 23, 24, 25};

enum issued { ISSUED_NOT, ISSUED_MAYBE, ISSUED_SURE };

enum { HEAD_MAX = 4 };

/* The first 1, 2, 3 and 4 digits as numbers. */
static void read_heads(const uint8_t *digits, unsigned heads[HEAD_MAX + 1])
{
    heads[0] = 0;
    for (size_t i = 0; i < HEAD_MAX; i++)
        heads[i + 1] = heads[i] * 10 + digits[i];
}

/* The lengths of all issuers that have numbers which begin with these four digits. */
static uint32_t lengths_of(const uint8_t *digits)
{
    unsigned heads[HEAD_MAX + 1];
    uint32_t lengths = 0;
    read_heads(digits, heads);
    for (size_t i = by_digit[digits[0]]; i < by_digit[digits[0] + 1]; i++) {
        unsigned head = heads[issuers[i].n];
        if (head >= issuers[i].first && head <= issuers[i].last)
            lengths |= issuers[i].lengths;
    }
    return lengths;
}

static enum issued issuer_of(const uint8_t *digits, size_t n)
{
    enum issued best = ISSUED_NOT;
    unsigned heads[HEAD_MAX + 1];
    read_heads(digits, heads);
    for (size_t i = by_digit[digits[0]]; i < by_digit[digits[0] + 1] && best != ISSUED_SURE; i++) {
        unsigned head = heads[issuers[i].n];
        if (head >= issuers[i].first && head <= issuers[i].last && (issuers[i].lengths >> n & 1u))
            best = issuers[i].sure >> n & 1u ? ISSUED_SURE : ISSUED_MAYBE;
    }
    return best;
}

static bool all_same(const uint8_t *digits, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (digits[i] != digits[0])
            return false;
    }
    return true;
}

/* Could some issuer have numbers that begin so? Most digit runs end here, and wait for nothing. */
static bool may_begin_card(const uint8_t *digits, size_t n)
{
    if (n == 0 || n > CARD_MAX)
        return n == 0;
    for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
        unsigned low = issuers[i].first;
        unsigned high = issuers[i].last;
        size_t known = n < issuers[i].n ? n : issuers[i].n;
        unsigned head = 0;
        for (size_t k = 0; k < known; k++)
            head = head * 10 + digits[k];
        for (size_t k = known; k < issuers[i].n; k++) {
            low /= 10;
            high /= 10;
        }
        if (head >= low && head <= high)
            return true;
    }
    return false;
}

struct card {
    uint8_t digits[CARD_MAX + 1];
    size_t n;
    size_t ends[GROUPS_MAX];   /* of each group in the text */
    size_t counts[GROUPS_MAX]; /* digits up to there */
    size_t groups;
    uint32_t lengths; /* 1 << n: some issuer has n digits; known when there are four */
};

static bool is_separator(int c)
{
    return c == ' ' || c == '-' || c == '.';
}

/* Digits from `at`, in groups of 2 or more with the same separator between. False: too many digits
 * without a separator, so no card begins here. */
static bool read_groups(struct reading *reading, size_t at, struct card *card)
{
    struct dvara_str text = reading->text;
    int separator = 0;
    while (card->groups < GROUPS_MAX) {
        size_t begin = card->n;
        for (; at < text.n && text_is_digit((unsigned char)text.p[at]); at++) {
            if (card->n == CARD_MAX)
                return card->groups > 0;
            card->digits[card->n++] = (uint8_t)(text.p[at] - '0');
            if (card->n == HEAD_MAX && !(card->lengths = lengths_of(card->digits)))
                return false;
        }
        int c = reading_at(reading, at);
        if (c == READING_END && card->n < 4 && !may_begin_card(card->digits, card->n))
            return false;
        if (card->n - begin < 2)
            return true;
        card->ends[card->groups] = at;
        card->counts[card->groups++] = card->n;
        if (!is_separator(c) || (separator && c != separator))
            return true;
        separator = c;
        at++;
    }
    return true;
}

/* Decimals, and what no issuer's range tells from any number and is no card's grouping. */
static bool is_weak(struct dvara_str text, const struct card *card, size_t groups,
                    enum issued issued)
{
    if (groups == 1)
        return issued != ISSUED_SURE;
    bool fours = card->counts[groups - 1] - card->counts[groups - 2] <= 4;
    for (size_t i = 0; i + 1 < groups; i++)
        fours = fours && card->counts[i] == 4 * (i + 1);
    return !fours && (issued != ISSUED_SURE || text.p[card->ends[0]] == '.');
}

/* The verdict on the digits up to the end of group i. */
static enum verdict judge_card(struct reading *reading, const struct card *card, size_t i)
{
    size_t n = card->counts[i];
    enum issued issued = luhn_holds(card->digits, n) ? issuer_of(card->digits, n) : ISSUED_NOT;
    if (issued == ISSUED_NOT || all_same(card->digits, n) ||
        !number_may_end(reading, card->ends[i]))
        return VERDICT_INVALID;
    return is_weak(reading->text, card, i + 1, issued) ? VERDICT_WEAK : VERDICT_VALID;
}

static enum verdict read_card(struct reading *reading, size_t start)
{
    struct card card; /* (its arrays are filled up to `n` and `groups`) */
    card.n = card.groups = card.lengths = 0;
    if (!number_may_start(reading->text, start) || !read_groups(reading, start, &card))
        return VERDICT_INVALID;
    for (size_t i = card.groups; i-- > 0 && card.counts[i] >= CARD_MIN;) {
        enum verdict verdict =
            card.lengths >> card.counts[i] & 1u ? judge_card(reading, &card, i) : VERDICT_INVALID;
        if (verdict != VERDICT_INVALID) {
            reading->end = card.ends[i];
            return verdict;
        }
    }
    return VERDICT_INVALID;
}

const struct locator locate_card = {.read = read_card,
                                    .max_span = SPAN_MAX,
                                    .min_digits = CARD_MIN,
                                    .start = "0-9",
                                    .inside = "0-9 .-"};
