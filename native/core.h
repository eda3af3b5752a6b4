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

/* --- Tokenizer: pretoken.c, bpe.c -------------------------------------- */

#endif
