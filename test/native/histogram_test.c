/* histogram_test.c -- the histogram under the sanitizers, against plainer
 * computations: slots found by counting, ranks found by sorting. */

#include "../../native/core.c"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int passed, failed;

static void check(int holds, const char *what) {
    if (holds) {
        passed++;
    } else {
        failed++;
        fprintf(stderr, "failed: %s\n", what);
    }
}

/* As src/ffi/histogram/layout.ts lays it out; exactly as large as it says, so
 * that a step beyond it is seen. */
static hist *make(double lowest, double highest, int digits) {
    int unit = (int)floor(log2(lowest));
    int half = (int)ceil(log2(2 * pow(10, digits))) - 1;
    int powers = 1;
    while (ldexp(1, half + unit + powers) <= highest) powers++;
    size_t slots = (size_t)(powers + 1) << half;
    hist *made = calloc(1, sizeof *made + slots * sizeof(double));
    made->lowest = lowest, made->highest = highest, made->digits = digits;
    made->unit_bits = unit, made->half_bits = half;
    made->slots = (double)slots;
    return made;
}

/* splitmix64, by Sebastiano Vigna: the same values on every run. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Each slot begins where the one before it ends, and holds both its ends. */
static void test_slots(double lowest, double highest, int digits) {
    hist *h = make(lowest, highest, digits);
    hist_scale scale = hist_scale_of(h);
    double end = 0;
    int whole = 1, found = 1, narrow = 1;
    for (uint64_t slot = 0; slot < scale.slots; slot++) {
        double least = hist_least(&scale, slot);
        double width = hist_width(&scale, slot);
        whole &= least == end;
        end = least + width;
        if (end > HIST_VALUE_MAX) break;
        found &= hist_slot(&scale, least) == slot;
        found &= hist_slot(&scale, end - 1) == slot;
        narrow &= width <= lowest || width * pow(10, digits) <= least;
    }
    check(whole, "slots follow each other without a gap");
    check(found, "a slot is found by both its ends");
    check(narrow, "a slot is no wider than the digits allow");
    check(end > highest, "the highest value has a slot");
    free(h);
}

static void test_quantiles(uint64_t seed) {
    enum { COUNT = 20000 };
    static double values[COUNT];
    const double percents[] = {0, 10, 50, 90, 99, 99.9, 100, 50};
    double found[8];
    hist *h = make(1, 8.64e13, 3);
    for (int i = 0; i < COUNT; i++) {
        uint64_t bits = next_random(&seed);
        values[i] = (double)(bits >> (20 + bits % 44));
    }
    check(hist_record(h, values, COUNT) == 0, "every value has a slot");
    qsort(values, COUNT, sizeof *values, ascending);
    hist_quantiles(h, percents, found, 8);
    for (int i = 1; i < 8; i++) {
        double truth = values[(int)ceil(percents[i] * COUNT / 100) - 1];
        check(found[i] >= truth && found[i] - truth <= truth / 1000,
              "a quantile is the sorted values' within the digits");
    }
    check(found[0] <= values[0], "percentile 0 is the least value");

    double moments[2], sum = 0;
    for (int i = 0; i < COUNT; i++) sum += values[i];
    hist_moments(h, moments);
    check(fabs(moments[0] - sum / COUNT) <= sum / COUNT / 1000, "mean");
    check(moments[1] > 0, "deviation");
    free(h);
}

static void test_left_out(void) {
    const double values[] = {NAN,  INFINITY, -INFINITY, -1,      -0.0, 0,
                             1023, 1024,     1e300,     5e-324, 0x1p53};
    hist *h = make(1, 1000, 2);
    check(hist_record(h, values, 11) == 7, "what has no slot is left out");
    check(h->total == 4 && h->counts[0] == 3, "what has one is not");
    free(h);
}

static void test_merge(uint64_t seed) {
    double values[1000];
    hist *a = make(1, 8.64e13, 3), *b = make(1, 8.64e13, 3);
    hist *all = make(1, 8.64e13, 3), *small = make(1000, 1e6, 1);
    for (int i = 0; i < 1000; i++) values[i] = (double)(next_random(&seed) >> 18);
    hist_record(a, values, 600);
    hist_record(b, values + 600, 400);
    hist_record(all, values, 1000);
    check(hist_merge(a, b) == 0, "equal layouts merge whole");
    size_t bytes = sizeof *all + (size_t)all->slots * sizeof(double);
    check(memcmp(a, all, bytes) == 0, "a merge is as if recorded together");
    double left_out = hist_merge(small, all);
    check(small->total + left_out == 1000, "a narrower one leaves out the rest");
    free(a), free(b), free(all), free(small);
}

/* Two digits cut 4096 .. 8191 into slots of 32: 5000 lies in 4992 .. 5023. */
static void test_one_slot(void) {
    const double value = 5000, percents[] = {0, 0.001, 100};
    double found[3], moments[2];
    hist *h = make(1, 1e6, 2);
    hist_record(h, &value, 1);
    hist_quantiles(h, percents, found, 3);
    hist_moments(h, moments);
    check(found[0] == 4992, "percentile 0 is the lower end of a slot");
    check(found[1] == 5023 && found[2] == 5023, "any other the upper end");
    check(moments[0] == 5008 && moments[1] == 0, "sums take the middle");
    free(h);
}

static void test_empty(void) {
    const double percents[] = {0, 50, 100};
    double found[3] = {1, 1, 1}, moments[2] = {1, 1};
    hist *h = make(1, 8.64e13, 3);
    hist_quantiles(h, percents, found, 3);
    hist_moments(h, moments);
    check(found[0] + found[1] + found[2] + moments[0] + moments[1] == 0,
          "an empty histogram answers 0");
    free(h);
}

int main(void) {
    const double lowest[] = {1, 2, 1000, 1023, 1e9};
    for (int digits = 0; digits <= 5; digits++)
        for (int i = 0; i < 5; i++) test_slots(lowest[i], 8.64e13, digits);
    test_slots(1, HIST_VALUE_MAX, 3);
    for (uint64_t seed = 1; seed <= 5; seed++) test_quantiles(seed);
    test_left_out();
    test_merge(7);
    test_one_slot();
    test_empty();
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
