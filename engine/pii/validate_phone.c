/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers: ITU-T E.164 after a +, the North American plan, and what looks like a national
 * number elsewhere (unknown: only context makes it one). An extension (x123) belongs to it. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { DIGITS_MAX = 15, GROUPS_MAX = 8, EXTENSION_MAX = 6, SPAN_MAX = 40, NATIONAL_MIN = 6 };

/* Country calling codes (ITU list) with the digits of a national number. */
static const struct calling_code {
    uint16_t code;
    uint8_t low, high;
} calling_codes[] = {
    {1, 10, 10},  {7, 10, 10},  {20, 8, 10},  {27, 9, 9},   {30, 10, 10}, {31, 9, 10},
    {32, 8, 9},   {33, 9, 9},   {34, 9, 9},   {36, 8, 9},   {39, 6, 12},  {40, 9, 9},
    {41, 9, 10},  {43, 4, 13},  {44, 9, 10},  {45, 8, 8},   {46, 7, 10},  {47, 8, 8},
    {48, 9, 9},   {49, 6, 13},  {51, 8, 9},   {52, 10, 11}, {53, 6, 8},   {54, 10, 11},
    {55, 10, 11}, {56, 8, 9},   {57, 8, 10},  {58, 10, 10}, {60, 7, 10},  {61, 9, 9},
    {62, 7, 12},  {63, 8, 10},  {64, 8, 10},  {65, 8, 8},   {66, 8, 9},   {81, 9, 10},
    {82, 8, 11},  {84, 7, 10},  {86, 9, 12},  {90, 10, 10}, {91, 10, 10}, {92, 9, 10},
    {93, 9, 9},   {94, 9, 9},   {95, 7, 10},  {98, 10, 10}, {211, 9, 9},  {212, 9, 9},
    {213, 8, 9},  {216, 8, 8},  {218, 8, 9},  {220, 7, 7},  {221, 9, 9},  {222, 8, 8},
    {223, 8, 8},  {224, 8, 9},  {225, 8, 10}, {226, 8, 8},  {227, 8, 8},  {228, 8, 8},
    {229, 8, 10}, {230, 7, 8},  {231, 7, 9},  {232, 8, 8},  {233, 9, 9},  {234, 8, 10},
    {235, 8, 8},  {236, 8, 8},  {237, 8, 9},  {238, 7, 7},  {239, 7, 7},  {240, 9, 9},
    {241, 7, 8},  {242, 9, 9},  {243, 7, 9},  {244, 9, 9},  {245, 7, 9},  {246, 7, 7},
    {248, 7, 7},  {249, 9, 9},  {250, 9, 9},  {251, 9, 9},  {252, 7, 9},  {253, 8, 8},
    {254, 9, 10}, {255, 9, 9},  {256, 9, 9},  {257, 8, 8},  {258, 8, 9},  {260, 9, 9},
    {261, 9, 9},  {262, 9, 9},  {263, 8, 10}, {264, 8, 9},  {265, 7, 9},  {266, 8, 8},
    {267, 7, 8},  {268, 8, 8},  {269, 7, 7},  {290, 4, 5},  {291, 7, 7},  {297, 7, 7},
    {298, 6, 6},  {299, 6, 6},  {350, 8, 8},  {351, 9, 9},  {352, 6, 11}, {353, 7, 10},
    {354, 7, 9},  {355, 8, 9},  {356, 8, 8},  {357, 8, 8},  {358, 6, 12}, {359, 7, 9},
    {370, 8, 8},  {371, 8, 8},  {372, 7, 8},  {373, 8, 8},  {374, 8, 8},  {375, 9, 9},
    {376, 6, 9},  {377, 8, 9},  {378, 6, 10}, {380, 9, 9},  {381, 8, 9},  {382, 8, 8},
    {383, 8, 9},  {385, 8, 9},  {386, 8, 8},  {387, 8, 8},  {389, 8, 8},  {420, 9, 9},
    {421, 9, 9},  {423, 7, 9},  {500, 5, 5},  {501, 7, 7},  {502, 8, 8},  {503, 8, 8},
    {504, 8, 8},  {505, 8, 8},  {506, 8, 8},  {507, 7, 8},  {508, 6, 6},  {509, 8, 8},
    {590, 9, 9},  {591, 8, 8},  {592, 7, 7},  {593, 8, 9},  {594, 9, 9},  {595, 8, 9},
    {596, 9, 9},  {597, 6, 7},  {598, 8, 8},  {599, 7, 8},  {670, 7, 8},  {672, 6, 6},
    {673, 7, 7},  {674, 7, 7},  {675, 7, 8},  {676, 5, 7},  {677, 5, 7},  {678, 5, 7},
    {679, 7, 7},  {680, 7, 7},  {681, 6, 6},  {682, 5, 5},  {683, 4, 7},  {685, 5, 7},
    {686, 8, 8},  {687, 6, 6},  {688, 5, 7},  {689, 6, 8},  {690, 4, 7},  {691, 7, 7},
    {692, 7, 7},  {800, 8, 8},  {850, 8, 10}, {852, 8, 8},  {853, 8, 8},  {855, 8, 9},
    {856, 8, 10}, {880, 8, 10}, {886, 8, 9},  {960, 7, 7},  {961, 7, 8},  {962, 8, 9},
    {963, 8, 9},  {964, 8, 10}, {965, 8, 8},  {966, 9, 9},  {967, 7, 9},  {968, 8, 8},
    {970, 8, 9},  {971, 8, 9},  {972, 8, 9},  {973, 8, 8},  {974, 8, 8},  {975, 8, 8},
    {976, 8, 8},  {977, 8, 10}, {992, 9, 9},  {993, 8, 8},  {994, 9, 9},  {995, 9, 9},
    {996, 9, 9},  {998, 9, 9},
};

/* By halving: the list is in rising order. NULL: no country's. */
static const struct calling_code *calling_code_find(unsigned code)
{
    size_t low = 0;
    size_t high = sizeof calling_codes / sizeof *calling_codes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calling_codes[middle].code == code)
            return &calling_codes[middle];
        if (calling_codes[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct phone {
    uint8_t digits[DIGITS_MAX];
    size_t n;
    size_t ends[GROUPS_MAX];    /* of each group in the text */
    size_t lengths[GROUPS_MAX]; /* digits of it */
    size_t groups;
    bool plus;
    bool trunk; /* +46 (0)8: the zero is not dialled */
    bool cut;   /* more digits follow than a number has */
    bool mixed; /* 252.227-7013: two kinds of separators, as no one writes a number */
};

/* The next group's start after the one that ends at `at`, or `at` when the number ends here. */
static size_t skip_separator(struct reading *reading, size_t at, bool *open, bool *opened)
{
    int c = reading_at(reading, at);
    size_t next = at;
    if (c == ')' && *open) {
        *open = false;
        c = reading_at(reading, ++next);
    }
    if (c == ' ' || c == '-' || c == '.' || c == '/')
        c = reading_at(reading, ++next);
    if (c == '(' && !*opened) {
        *open = *opened = true;
        c = reading_at(reading, ++next);
    }
    return c >= 0 && text_is_digit((unsigned char)c) ? next : at;
}

/* Notes what separates the last group from the next one at `at`; `seen` is the kind met before. */
static void note_separator(const struct reading *reading, size_t at, struct phone *phone,
                           char *seen)
{
    for (size_t i = phone->ends[phone->groups - 1]; i < at; i++) {
        char c = reading->text.p[i];
        if (c != '-' && c != '.' && c != '/')
            continue;
        phone->mixed |= *seen && *seen != c;
        *seen = c;
    }
}

static void read_groups(struct reading *reading, size_t at, struct phone *phone)
{
    struct dvara_str text = reading->text;
    bool open = false;
    bool opened = false;
    char seen = 0;
    int c = reading_at(reading, at);
    if (c == '+') {
        phone->plus = true;
        c = reading_at(reading, ++at);
    }
    if (c == '(') {
        open = opened = true;
        at++;
    }
    while (phone->groups < GROUPS_MAX) {
        size_t begin = phone->n;
        size_t start = at;
        for (; at < text.n && text_is_digit((unsigned char)text.p[at]); at++) {
            if (phone->n == DIGITS_MAX) {
                phone->cut = true;
                return;
            }
            phone->digits[phone->n++] = (uint8_t)(text.p[at] - '0');
        }
        reading->touched = reading->touched || at == text.n;
        if (phone->n == begin)
            return;
        if (phone->plus && open && phone->n - begin == 1 && phone->digits[begin] == 0)
            phone->trunk = true;
        phone->lengths[phone->groups] = phone->n - begin;
        phone->ends[phone->groups++] = at;
        at = skip_separator(reading, at, &open, &opened);
        note_separator(reading, at, phone, &seen);
        if (at == phone->ends[phone->groups - 1] || at == start)
            return;
    }
}

static bool is_north_american(const uint8_t *ten)
{
    return ten[0] >= 2 && ten[1] != 9 && !(ten[1] == 1 && ten[2] == 1) && ten[3] >= 2 &&
           !(ten[4] == 1 && ten[5] == 1);
}

/* The plan of the number's country and the digits of its calling code. NULL: no country's. */
static const struct calling_code *find_plan(const struct phone *phone, size_t *ret_digits)
{
    unsigned code = 0;
    for (size_t digits = 1; digits <= 3 && digits < phone->n; digits++) {
        code = code * 10 + phone->digits[digits - 1];
        const struct calling_code *plan = calling_code_find(code);
        *ret_digits = digits;
        if (plan)
            return plan;
    }
    return NULL;
}

/* The first n digits, after a +. */
static enum verdict judge_international(const struct phone *phone, const struct calling_code *plan,
                                        size_t digits, size_t n)
{
    if (!plan || n <= digits)
        return VERDICT_INVALID;
    size_t national = n - digits - (phone->trunk ? 1 : 0);
    if (national < plan->low || national > plan->high)
        return VERDICT_INVALID;
    return plan->code == 1 && !is_north_american(phone->digits + 1) ? VERDICT_UNKNOWN
                                                                    : VERDICT_VALID;
}

static unsigned year_of(const struct phone *phone, size_t from)
{
    return phone->digits[from] * 1000u + phone->digits[from + 1] * 100u +
           phone->digits[from + 2] * 10u + phone->digits[from + 3];
}

/* 2024-05-31 (and the hour after it), 31.05.2024, 31 05 2024, 2012-2022; 536-22-8726 has the form
 * of a social security number. */
static bool is_other_number(const struct phone *phone, size_t groups)
{
    const size_t *lengths = phone->lengths;
    if (groups == 2 && lengths[0] == 4 && lengths[1] == 4)
        return year_of(phone, 0) / 100 >= 19 && year_of(phone, 0) <= 2099 &&
               year_of(phone, 4) / 100 >= 19 && year_of(phone, 4) <= 2099;
    if (groups < 3 || lengths[1] > 2)
        return false;
    bool year_first = lengths[0] == 4 && lengths[2] <= 2 && year_of(phone, 0) / 100 >= 19 &&
                      year_of(phone, 0) <= 2099;
    if (groups > 3)
        return year_first;
    return year_first || (lengths[0] <= 2 && lengths[2] == 4) ||
           (lengths[0] == 3 && lengths[1] == 2 && lengths[2] == 4 && phone->digits[0] != 0);
}

/* May bare digits be a number to dial? With a trunk zero in the lengths that national numbers have,
 * or ten of the North American plan or of those whose areas begin with 2 to 5. Other rows of digits
 * are left to a detector that wants a word (phone_digits). */
static bool is_bare_number(const struct phone *phone, size_t n)
{
    if (phone->digits[0] == 0)
        return (n == 10 || n == 11) && phone->digits[1] != 0;
    return n == 10 &&
           (is_north_american(phone->digits) || (phone->digits[0] >= 2 && phone->digits[0] <= 5));
}

/* The first `groups` groups, `n` digits in all, without a +. */
static enum verdict judge_national(const struct phone *phone, size_t groups, size_t n)
{
    const size_t *lengths = phone->lengths;
    size_t first = n == 11 && phone->digits[0] == 1 ? 1 : 0;
    if (n - first == 10 && is_north_american(phone->digits + first)) {
        size_t at = first && lengths[0] == 1 ? 1 : 0;
        bool shaped = !phone->mixed && groups == at + 3 && lengths[at] == 3 && lengths[at + 1] == 3;
        if (shaped)
            return VERDICT_VALID;
    }
    /* Only context makes it one: then it must be the whole run of digits. */
    if (groups != phone->groups || phone->cut || is_other_number(phone, groups) ||
        (groups == 1 && !is_bare_number(phone, n)) || n < NATIONAL_MIN)
        return VERDICT_INVALID;
    for (size_t i = 1; i < groups; i++) {
        if (lengths[i] < 2)
            return VERDICT_INVALID;
    }
    return VERDICT_UNKNOWN;
}

/* x123, ext. 123 after the number; the end with it. */
static size_t read_extension(struct reading *reading, size_t end)
{
    static const char *const words[] = {"ext", "x"};
    size_t at = end;
    if (reading_at(reading, at) == ' ')
        at++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t next = at;
        size_t k = 0;
        while (words[i][k] && (reading_at(reading, next) | 32) == words[i][k])
            next++, k++;
        if (words[i][k])
            continue;
        if (i == 0 && reading_at(reading, next) == '.')
            next++;
        if (reading_at(reading, next) == ' ')
            next++;
        size_t digits = next;
        for (int c; c = reading_at(reading, next),
                    c >= 0 && text_is_digit((unsigned char)c) && next - digits < EXTENSION_MAX;)
            next++;
        return next > digits && number_may_end(reading, next) ? next : end;
    }
    return end;
}

/* The verdict on the first 1, 2 … groups. */
static void judge_groups(const struct phone *phone, enum verdict verdicts[GROUPS_MAX])
{
    size_t digits = 0;
    const struct calling_code *plan = phone->plus ? find_plan(phone, &digits) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < phone->groups; i++) {
        n += phone->lengths[i];
        verdicts[i] = phone->plus ? judge_international(phone, plan, digits, n)
                                  : judge_national(phone, i + 1, n);
    }
}

/* The longest end whose verdict is `wanted`; 0 when there is none. */
static size_t find_end(struct reading *reading, const struct phone *phone,
                       const enum verdict *verdicts, enum verdict wanted)
{
    for (size_t i = phone->groups; i-- > 0;) {
        if (verdicts[i] != wanted)
            continue;
        size_t end = phone->ends[i];
        size_t extended = read_extension(reading, end);
        if (extended > end || number_may_end(reading, end))
            return extended;
    }
    return 0;
}

static bool follows_number(struct dvara_str text, size_t start)
{
    return start > 1 && text.p[start - 1] == ' ' && text_is_digit((unsigned char)text.p[start - 2]);
}

/* In the midst of a row of numbers only what has the form of North America is one: three digits in
 * the first group, or a 1 alone. */
static bool may_follow(struct reading *reading, size_t start)
{
    size_t n = 0;
    for (int c; n < 4; n++) {
        c = reading_at(reading, start + n);
        if (c < 0 || !text_is_digit((unsigned char)c))
            break;
    }
    return n == 1 || n == 3 || reading->touched || reading->text.p[start] == '(';
}

/* `follows`: a number stands before. Its own function: most places end before it. */
static __attribute__((noinline)) enum verdict judge_phone(struct reading *reading, size_t start,
                                                          bool follows)
{
    struct phone phone; /* (its arrays are filled up to `n` and `groups`) */
    phone.n = phone.groups = 0;
    phone.plus = phone.trunk = phone.cut = phone.mixed = false;
    read_groups(reading, start, &phone);
    enum verdict verdicts[GROUPS_MAX];
    judge_groups(&phone, verdicts);
    static const enum verdict wanted[] = {VERDICT_VALID, VERDICT_UNKNOWN};
    for (size_t i = 0; i < 2; i++) {
        if (wanted[i] == VERDICT_UNKNOWN && follows)
            return VERDICT_INVALID;
        size_t end = find_end(reading, &phone, verdicts, wanted[i]);
        if (end) {
            reading->end = end;
            return wanted[i];
        }
    }
    return VERDICT_INVALID;
}

static enum verdict read_phone(struct reading *reading, size_t start)
{
    struct dvara_str text = reading->text;
    if (!number_may_start(text, start) || (start && text.p[start - 1] == '+'))
        return VERDICT_INVALID;
    bool follows = follows_number(text, start);
    if (follows && text.p[start] != '+' && !may_follow(reading, start))
        return VERDICT_INVALID;
    return judge_phone(reading, start, follows);
}

const struct locator locate_phone = {.read = read_phone,
                                     .max_span = SPAN_MAX,
                                     .min_digits = NATIONAL_MIN,
                                     .start = "0-9+(",
                                     .inside = "0-9 +().xetXET/-"};
