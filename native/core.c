/* core.c -- the native core as one unit, so that a build is one command and
 * the compiler sees all of it. */

#include "core.h"

#include "histogram.c"

int32_t core_abi(void) { return CORE_ABI; }
