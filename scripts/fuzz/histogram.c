/* Fuzzes the histogram: any doubles, any layout.
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -o /tmp/fuzz \
 *       scripts/fuzz/histogram.c && /tmp/fuzz -max_total_time=60 */

#include "../../native/core.c"

#include <stdlib.h>

#define REQUIRE(holds) do { if (!(holds)) abort(); } while (0)

/* Memory exactly as large as the layout says, so that a step beyond it is seen. */
static hist *make(int digits, int unit, int powers) {
    static const int halves[] = {0, 4, 7, 10, 14, 17};
    int half = halves[digits];
    size_t slots = (size_t)(powers + 1) << half;
    hist *made = calloc(1, sizeof *made + slots * sizeof(double));
    made->unit_bits = unit, made->half_bits = half;
    made->slots = (double)slots;
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) return 0;
    hist *one = make(data[0] % 5, data[1] % 30, 1 + data[1] / 30);
    hist *two = make(data[2] % 5, data[3] % 30, 1 + data[3] / 30);
    uint64_t count = (size - 4) / sizeof(double);
    double *values = malloc((count + 1) * sizeof(double));
    memcpy(values, data + 4, count * sizeof(double));

    double left_out = hist_record(one, values, count);
    REQUIRE(one->total + left_out == (double)count);
    double sum = 0;
    for (size_t slot = 0; slot < (size_t)one->slots; slot++)
        sum += one->counts[slot];
    REQUIRE(sum == one->total);

    double lost = hist_merge(two, one);
    REQUIRE(two->total + lost == one->total);

    /* The values themselves serve as percentiles too: any double is answered. */
    double found[3], moments[2];
    const double percents[] = {0, 50, 100};
    hist_quantiles(two, percents, found, 3);
    REQUIRE(found[0] <= found[1] && found[1] <= found[2]);
    hist_moments(two, moments);
    REQUIRE(moments[1] >= 0);
    double rounding = moments[0] * 0x1p-50;
    REQUIRE(found[0] - rounding <= moments[0]);
    REQUIRE(found[2] + rounding >= moments[0]);
    hist_quantiles(one, values, values, count);

    free(one), free(two), free(values);
    return 0;
}
