/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "base/buf.h"

#include <assert.h>
#include <time.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    int failed = clock_gettime(clock, &now);
    assert(!failed);
    return (int64_t)now.tv_sec * TIME_NS_PER_S + now.tv_nsec;
}

uint64_t time_monotonic_ns(void)
{
    return (uint64_t)read_clock(CLOCK_MONOTONIC);
}

int64_t time_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back: Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms" (days_from_civil, civil_from_days), with years that begin in March. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

static void date_of(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    *ret_day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *ret_month = shifted < 10 ? shifted + 3 : shifted - 9;
    *ret_year = (int64_t)year_of_era + era * 400 + (*ret_month <= 2);
}

static char *put_digits(char *out, uint64_t value, unsigned count)
{
    for (unsigned i = count; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + count;
}

size_t time_format(int64_t wall_ns, unsigned decimals, char out[TIME_RFC3339_SIZE])
{
    int64_t seconds = wall_ns / TIME_NS_PER_S;
    int64_t fraction = wall_ns % TIME_NS_PER_S;
    if (fraction < 0) {
        fraction += TIME_NS_PER_S;
        seconds--;
    }
    int64_t days = seconds / 86400;
    int64_t of_day = seconds % 86400;
    if (of_day < 0) {
        of_day += 86400;
        days--;
    }
    int64_t year; /* int64 nanoseconds end in 1677 and 2262: always four digits */
    unsigned month, day;
    date_of(days, &year, &month, &day);
    char *p = put_digits(out, (uint64_t)year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day, 2);
    *p++ = 'T';
    p = put_digits(p, (uint64_t)of_day / 3600, 2);
    *p++ = ':';
    p = put_digits(p, (uint64_t)of_day / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, (uint64_t)of_day % 60, 2);
    if (decimals) {
        *p++ = '.';
        put_digits(p, (uint64_t)fraction, 9);
        p += decimals < 9 ? decimals : 9;
    }
    *p++ = 'Z';
    *p = '\0';
    return (size_t)(p - out);
}

void time_append(struct buf *out, int64_t wall_ns, unsigned decimals)
{
    char text[TIME_RFC3339_SIZE];
    buf_append(out, dvara_str_from(text, time_format(wall_ns, decimals, text)));
}

struct reader {
    struct dvara_str s;
    size_t at;
    bool bad;
};

static unsigned read_digits(struct reader *in, unsigned count)
{
    unsigned value = 0;
    for (unsigned i = 0; i < count; i++, in->at++) {
        if (in->at >= in->s.n || in->s.p[in->at] < '0' || in->s.p[in->at] > '9') {
            in->bad = true;
            return 0;
        }
        value = value * 10 + (unsigned)(in->s.p[in->at] - '0');
    }
    return value;
}

static bool read_one_of(struct reader *in, const char *set_cstr, char *ret_byte)
{
    if (in->at >= in->s.n || !in->s.p[in->at] || !strchr(set_cstr, in->s.p[in->at]))
        return false;
    if (ret_byte)
        *ret_byte = in->s.p[in->at];
    in->at++;
    return true;
}

static void expect(struct reader *in, const char *set_cstr)
{
    if (!in->bad && !read_one_of(in, set_cstr, NULL))
        in->bad = true;
}

static int64_t read_fraction(struct reader *in)
{
    if (!read_one_of(in, ".", NULL))
        return 0;
    int64_t value = 0;
    int64_t unit = TIME_NS_PER_S;
    size_t start = in->at;
    for (; in->at < in->s.n && in->s.p[in->at] >= '0' && in->s.p[in->at] <= '9'; in->at++) {
        unit /= 10; /* digits past the ninth are below a nanosecond */
        value += unit * (in->s.p[in->at] - '0');
    }
    in->bad |= in->at == start;
    return value;
}

static int64_t read_offset(struct reader *in)
{
    char sign = 0;
    if (read_one_of(in, "Zz", NULL))
        return 0;
    if (!read_one_of(in, "+-", &sign))
        in->bad = true;
    unsigned hours = read_digits(in, 2);
    expect(in, ":");
    unsigned minutes = read_digits(in, 2);
    in->bad |= hours > 23 || minutes > 59;
    int64_t seconds = (int64_t)(hours * 3600 + minutes * 60);
    return sign == '-' ? -seconds : seconds;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

enum dvara_status time_parse(struct dvara_str s, int64_t *ret_wall_ns)
{
    struct reader in = {.s = s};
    unsigned year = read_digits(&in, 4);
    expect(&in, "-");
    unsigned month = read_digits(&in, 2);
    expect(&in, "-");
    unsigned day = read_digits(&in, 2);
    expect(&in, "Tt ");
    unsigned hour = read_digits(&in, 2);
    expect(&in, ":");
    unsigned minute = read_digits(&in, 2);
    expect(&in, ":");
    unsigned second = read_digits(&in, 2);
    int64_t fraction = in.bad ? 0 : read_fraction(&in);
    int64_t offset = in.bad ? 0 : read_offset(&in);
    if (in.bad || in.at != s.n || month < 1 || month > 12 || day < 1 ||
        day > days_in(year, month) || hour > 23 || minute > 59 || second > 60)
        return DVARA_INVALID;
    int64_t seconds =
        days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
    int64_t total;
    if (__builtin_mul_overflow(seconds, TIME_NS_PER_S, &total) ||
        __builtin_add_overflow(total, fraction, &total))
        return DVARA_INVALID;
    *ret_wall_ns = total;
    return DVARA_OK;
}
