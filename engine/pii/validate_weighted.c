/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers whose check is a weighted sum: one row each in weighted.def. */
#include "pii/checks.h"

#include <string.h>

enum { WEIGHTS_MAX = 24 };

enum check { ZERO, SAME, ONE, REST, LAST, NINE };
enum strength { STRONG, WEAK };

typedef bool structure_function(const struct run *run);

struct weighted {
    const char *name;
    uint8_t digits, n_weights;
    uint16_t modulus;
    enum check check;
    enum strength strength;
    structure_function *structure;
    int16_t weights[WEIGHTS_MAX];
};

static unsigned two(const struct run *run, size_t at)
{
    return (unsigned)run_number(run, at, 2);
}

static bool any(const struct run *run)
{
    return run->n > 0;
}

static bool varied(const struct run *run)
{
    return !run_is_uniform(run);
}

static bool nine(const struct run *run)
{
    return run->c[0] == '9';
}

static bool eight(const struct run *run)
{
    return run->c[0] == '8';
}

static bool first_not_zero(const struct run *run)
{
    return run->c[0] != '0';
}

/* Federal Reserve routing symbols: the districts, thrifts, electronic and traveller's cheques. */
static bool aba(const struct run *run)
{
    unsigned district = two(run, 0);
    return varied(run) && (district <= 12 || (district >= 21 && district <= 32) ||
                           (district >= 61 && district <= 72) || district == 80);
}

static bool au_medicare(const struct run *run)
{
    return run->c[0] >= '2' && run->c[0] <= '6';
}

/* The century is in the month: 1900 plain, 2000 +20, 2100 +40, 2200 +60, 1800 +80. */
static bool pl_pesel(const struct run *run)
{
    static const uint16_t centuries[] = {1900, 2000, 2100, 2200, 1800};
    unsigned month = two(run, 2);
    return run_is_date(centuries[month / 20] + two(run, 0), month % 20, two(run, 4));
}

/* Months 13 to 15 are given out when a day has no numbers left. */
static bool at_svnr(const struct run *run)
{
    unsigned month = two(run, 6);
    return first_not_zero(run) && month <= 15 &&
           short_date_exists(two(run, 8), month > 12 ? 1 : month, two(run, 4));
}

static bool pt_nif(const struct run *run)
{
    return run_is_one(run, 0, "123568") || run_pair_is_one(run, 0, "457071727475777879909198") ||
           run_begins(run, "99");
}

/* D numbers add 40 to the day, synthetic and H numbers 40, 65 or 80 to the month. */
static bool no_fnr(const struct run *run)
{
    unsigned day = two(run, 0);
    unsigned month = two(run, 2);
    if (day > 40)
        day -= 40;
    month -= month > 80 ? 80 : month > 65 ? 65 : month > 40 ? 40 : 0;
    return short_date_exists(two(run, 4), month, day);
}

static bool no_orgnr(const struct run *run)
{
    return run->c[0] == '8' || run->c[0] == '9';
}

/* The last digit is the century: 8, 9 or 0. Companies add 40 to the day. */
static bool is_kennitala(const struct run *run)
{
    unsigned day = two(run, 0);
    return run_is_one(run, 9, "890") &&
           short_date_exists(two(run, 4), two(run, 2), day > 40 ? day - 40 : day);
}

static bool ro_cnp(const struct run *run)
{
    unsigned county = two(run, 7);
    bool used = (county >= 1 && county <= 52) || county == 70 || (county >= 80 && county <= 83) ||
                (county >= 90 && county <= 93);
    return run->c[0] != '0' && used && short_date_exists(two(run, 1), two(run, 3), two(run, 5));
}

static bool bg_egn(const struct run *run)
{
    unsigned month = two(run, 2);
    unsigned century = month > 40 ? 2000 : month > 20 ? 1800 : 1900;
    return run_is_date(century + two(run, 0), month % 20, two(run, 4));
}

/* Eight digits, the kind of taxation, the county. */
static bool hu_vat(const struct run *run)
{
    return run->c[8] >= '1' && run->c[8] <= '5' && two(run, 9) >= 2 && two(run, 9) <= 51;
}

/* Day, month, three digits of the year. */
static bool jmbg(const struct run *run)
{
    unsigned year = (unsigned)run_number(run, 4, 3);
    return (year >= 800 || year <= 100) &&
           run_is_date(year >= 800 ? 1000 + year : 2000 + year, two(run, 2), two(run, 0));
}

/* The country code of Switzerland in ISO 3166-1 begins them all. */
static bool ch_ahv(const struct run *run)
{
    return run_begins(run, "756");
}

static bool ar_cuit(const struct run *run)
{
    return run_pair_is_one(run, 0, "202324252627303334505155");
}

static bool pe_ruc(const struct run *run)
{
    return run_pair_is_one(run, 0, "1015161720");
}

/* The kind of person, then the province of ISO 3166-2:TH. */
static bool th_tnin(const struct run *run)
{
    static const struct {
        uint8_t first, last;
    } provinces[] = {{10, 27}, {30, 49}, {50, 58}, {60, 67}, {70, 77}, {80, 86}, {90, 96}};
    unsigned province = two(run, 1);
    for (size_t i = 0; i < sizeof provinces / sizeof *provinces; i++) {
        if (province >= provinces[i].first && province <= provinces[i].last)
            return run->c[0] >= '1' && run->c[0] <= '8';
    }
    return false;
}

#define COUNT(...) (sizeof((const int16_t[]){__VA_ARGS__}) / sizeof(int16_t))
#define ROW(id, length, how, m, kind, fits, ...)                                                   \
    {.name = #id,                                                                                  \
     .digits = length,                                                                             \
     .n_weights = COUNT(__VA_ARGS__),                                                              \
     .modulus = m,                                                                                 \
     .check = how,                                                                                 \
     .strength = kind,                                                                             \
     .structure = fits,                                                                            \
     .weights = {__VA_ARGS__}},
#define WEIGHTED      ROW
#define WEIGHTED_ALSO ROW
#define WEIGHTED_AFTER(...)
static const struct weighted rows[] = {
#include "pii/weighted.def"
};

static const struct {
    const char *name, *letters;
} countries[] = {
#define WEIGHTED(...)
#define WEIGHTED_ALSO(...)
#define WEIGHTED_AFTER(id, before) {#id, before},
#include "pii/weighted.def"
};

static bool row_holds(const struct weighted *row, const struct run *run)
{
    unsigned s = run_weigh(run, 0, row->weights, row->n_weights, row->modulus);
    if (row->check == ZERO)
        return s == 0 && row->structure(run);
    unsigned rest = row->modulus - s;
    unsigned expected = row->check == SAME   ? s % 10
                        : row->check == ONE  ? (s == 10 ? 1 : s)
                        : row->check == REST ? (rest >= 10 ? 0 : rest)
                        : row->check == NINE ? (rest == 10 ? 9 : rest % 11)
                                             : rest % 10;
    return run_value(run, row->n_weights) == expected && row->structure(run);
}

/* The run behind its country's letters; false: none stand before it. */
static bool is_of_country(const char *name, const struct run *run, struct run *ret_rest)
{
    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++) {
        if (strcmp(countries[i].name, name) == 0 && run_begins(run, countries[i].letters)) {
            *ret_rest = *run;
            ret_rest->c += 2;
            ret_rest->n -= 2;
            return ret_rest->n > 0;
        }
    }
    return false;
}

/* Every row of the name and the run's length must hold, and one must exist. */
static enum verdict judge(const char *name, const struct run *run)
{
    struct run rest;
    if (is_of_country(name, run, &rest))
        return judge(name, &rest) == VERDICT_INVALID ? VERDICT_INVALID : VERDICT_VALID;
    const struct weighted *last = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].digits != run->n || strcmp(rows[i].name, name) != 0)
            continue;
        if (!run_is_number(run, run->n) || !row_holds(&rows[i], run))
            return VERDICT_INVALID;
        last = &rows[i];
    }
    if (!last)
        return VERDICT_INVALID;
    return last->strength == STRONG ? VERDICT_VALID : judge_weak(run, true);
}

#define WEIGHTED(name, ...)                                                                        \
    enum verdict run_##name(const struct run *run)                                                 \
    {                                                                                              \
        return judge(#name, run);                                                                  \
    }
#define WEIGHTED_ALSO(name, ...)
#define WEIGHTED_AFTER(...)
#include "pii/weighted.def"
