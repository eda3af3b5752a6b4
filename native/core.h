/* core.h -- every symbol of the native core, on one page.
 *
 * The core is C without dependencies: it opens nothing, allocates nothing and
 * keeps no pointer. Memory belongs to the caller, who makes it once and passes
 * it down; many threads may read one piece of it, one at a time may write.
 * Each function has a twin in src/ffi that gives the same answer without it. */

#ifndef AIPERF_CORE_H
#define AIPERF_CORE_H

#include <stddef.h>
#include <stdint.h>

/* --- All parts --------------------------------------------------------- */

/* Goes up when a signature or a layout on this page changes. */
#define CORE_ABI 1
int32_t core_abi(void);

/* What a function answers when it cannot do its work: see src/ffi/codes.ts. */
enum {
    CORE_EARGUMENT = -1, /* an argument that no caller should pass */
    CORE_EROOM = -2,     /* the caller's memory is too small */
    CORE_EDATA = -3,     /* the caller's data is malformed */
};

/* --- Histogram: histogram.c -------------------------------------------- */

/* One array of doubles that the caller makes: this header, then the counts.
 * Doubles, so that C and JavaScript work on the same memory; a count is exact
 * up to 2^53. The caller fills all but `total`, as src/ffi/histogram/layout.ts
 * does, and begins with counts of zero. */
typedef struct {
    double lowest;    /* values that differ by less may share a slot */
    double highest;   /* the least value that must have a slot */
    double digits;    /* significant decimal digits, 0 .. 5 */
    double unit_bits; /* log2 of the width of the first slots */
    double half_bits; /* log2 of the slots that a power of two is cut into */
    double slots;     /* counts that follow */
    double total;     /* their sum */
    double spare;
    double counts[];
} hist;

/* Count values, in the caller's unit. Fractions are cut off. Returns how many
 * were left out: negative, not a number, or beyond the last slot. */
double hist_record(hist *into, const double *values, uint64_t count);

/* Adds the counts of one histogram to another, whose slots may differ. Returns
 * how many had no slot there. */
double hist_merge(hist *into, const hist *from);

/* The values at some percentiles (0 .. 100), ascending ones in one walk:
 * HdrHistogram's highest equivalent value; at 0 the lowest of the least. */
void hist_quantiles(const hist *of, const double *percents, double *values,
                    uint64_t count);

/* Mean and standard deviation of the population, every value taken as the
 * middle of its slot: moments[0] and [1]. */
void hist_moments(const hist *of, double *moments);

/* --- Tokenizer: pretoken.c, bpe.c -------------------------------------- */

#endif
