/* core.c -- the native core as one unit, so that a build is one command and
 * the compiler sees all of it. */

#include "core.h"

#include "histogram.c"

#include "json.c"
#include "nfc.c"
#include "merge.c"
#include "pretoken.c"
#include "vocab.c"
#include "bpe.c"

#include "stream.c"

int32_t core_abi(void) { return CORE_ABI; }
