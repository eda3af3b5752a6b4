/* core.c -- the native core as one unit, so that a build is one command and
 * the compiler sees all of it. */

#include "core.h"

int32_t core_abi(void) { return CORE_ABI; }
