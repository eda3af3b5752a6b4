/* histogram.c -- a histogram with a fixed relative error, laid out as Gil
 * Tene's HdrHistogram: every power of two is cut into 2^half linear slots, and
 * the values below the first power that has so many are exact.
 *
 *     values   0 .. 2047   2048 .. 4095   4096 .. 8191   ...   (3 digits:
 *     width    1           2              4                     half is 10)
 *
 * That is what a double's bits already are. Under the sign come 11 bits of
 * exponent, then the fraction, most significant first: its upper bits shifted
 * down to `half` bits of fraction count the slots of all powers in order.
 *
 *     slot = (bits >> (52 - half)) - first
 *
 * Recording is therefore a shift and a subtraction, without a logarithm, a
 * division or a conversion. */

#include "core.h"

#include <string.h>

/* Above this a double no longer holds every integer. */
static const double HIST_VALUE_MAX = 9007199254740991.0;

/* What slots and values have to do with each other, as integers. */
typedef struct {
    uint64_t slots;
    int half;
    int unit;
    int shift;       /* from a double's bits to a slot ... */
    uint64_t first;  /* ... after this is taken off */
    double exact;    /* below it slots are linear */
    double per_unit; /* 2^-unit */
} hist_scale;

static double hist_power(int exponent) {
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

static hist_scale hist_scale_of(const hist *of) {
    hist_scale scale;
    scale.slots = (uint64_t)of->slots;
    scale.half = (int)of->half_bits;
    scale.unit = (int)of->unit_bits;
    scale.shift = 52 - scale.half;
    scale.first = (uint64_t)(1022 + scale.half + scale.unit) << scale.half;
    scale.exact = hist_power(scale.half + scale.unit);
    scale.per_unit = hist_power(-scale.unit);
    return scale;
}

/* The slot of a value from 0 to HIST_VALUE_MAX; may lie beyond the last one. */
static uint64_t hist_slot(const hist_scale *scale, double value) {
    uint64_t bits;
    if (value < scale->exact) return (uint64_t)(value * scale->per_unit);
    memcpy(&bits, &value, sizeof bits);
    return (bits >> scale->shift) - scale->first;
}

/* The width of a slot, and the least value in it. */
static double hist_width(const hist_scale *scale, uint64_t slot) {
    int power = (int)(slot >> scale->half);
    return hist_power(scale->unit + (power > 1 ? power - 1 : 0));
}

static double hist_least(const hist_scale *scale, uint64_t slot) {
    uint64_t power = slot >> scale->half;
    uint64_t below = power > 1 ? (power - 1) << scale->half : 0;
    return (double)(slot - below) * hist_width(scale, slot);
}

/* The value that stands for a slot in sums. */
static double hist_middle(const hist_scale *scale, uint64_t slot) {
    double width = hist_width(scale, slot);
    return hist_least(scale, slot) + (width > 1 ? width / 2 : 0);
}

double hist_record(hist *into, const double *values, uint64_t count) {
    hist_scale scale = hist_scale_of(into);
    uint64_t left_out = 0;
    for (uint64_t i = 0; i < count; i++) {
        double value = values[i];
        uint64_t slot = scale.slots;
        if (value >= 0 && value <= HIST_VALUE_MAX)
            slot = hist_slot(&scale, value);
        if (slot < scale.slots)
            into->counts[slot] += 1;
        else
            left_out++;
    }
    into->total += (double)(count - left_out);
    return (double)left_out;
}

double hist_merge(hist *into, const hist *from) {
    hist_scale scale = hist_scale_of(into);
    hist_scale scale_from = hist_scale_of(from);
    double added = 0, left_out = 0;
    for (uint64_t i = 0; i < scale_from.slots; i++) {
        double count = from->counts[i];
        if (count == 0) continue;
        uint64_t slot = hist_slot(&scale, hist_least(&scale_from, i));
        if (slot < scale.slots) {
            into->counts[slot] += count;
            added += count;
        } else {
            left_out += count;
        }
    }
    into->total += added;
    return left_out;
}

/* The rank, from 1, of a percentile. A product that came out one rounding
 * above a whole number is meant to be that number. */
static double hist_rank(double total, double percent) {
    double share = percent / 100 * total * (1 - 0x1p-52);
    if (!(share > 1)) return 1;
    if (share >= total) return total;
    double whole = (double)(uint64_t)share;
    return whole < share ? whole + 1 : whole;
}

void hist_quantiles(const hist *of, const double *percents, double *values,
                    uint64_t count) {
    hist_scale scale = hist_scale_of(of);
    uint64_t slot = 0;
    double below = 0; /* values in the slots before this one */
    for (uint64_t i = 0; i < count; i++) {
        double rank = hist_rank(of->total, percents[i]);
        if (rank <= below) slot = 0, below = 0;
        while (slot < scale.slots && below + of->counts[slot] < rank)
            below += of->counts[slot++];
        if (slot == scale.slots) {
            values[i] = 0; /* empty */
            slot = 0, below = 0;
            continue;
        }
        values[i] = hist_least(&scale, slot);
        if (percents[i] > 0) values[i] += hist_width(&scale, slot) - 1;
    }
}

void hist_moments(const hist *of, double *moments) {
    hist_scale scale = hist_scale_of(of);
    double sum = 0, squares = 0;
    moments[0] = moments[1] = 0;
    if (of->total == 0) return;

    for (uint64_t slot = 0; slot < scale.slots; slot++) {
        if (of->counts[slot] == 0) continue;
        sum += hist_middle(&scale, slot) * of->counts[slot];
    }
    moments[0] = sum / of->total;
    for (uint64_t slot = 0; slot < scale.slots; slot++) {
        if (of->counts[slot] == 0) continue;
        double off = hist_middle(&scale, slot) - moments[0];
        squares += off * off * of->counts[slot];
    }
    moments[1] = __builtin_sqrt(squares / of->total);
}
