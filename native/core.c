/* core.c -- the native core as one unit, so that a build is one command and
 * the compiler sees all of it. */

/* Not all of what sockets need is ISO C. */
#ifdef __linux__
#define _GNU_SOURCE
#endif

#include "core.h"

#include "histogram.c"

#include "json.c"
#include "nfc.c"
#include "merge.c"
#include "pretoken.c"
#include "settings.c"
#include "build.c"
#include "added.c"
#include "check.c"
#include "prepare.c"
#include "words.c"
#include "find.c"
#include "bpe.c"
#include "decode.c"

#include "stream.c"

#include "wire.c"

int32_t core_abi(void) { return CORE_ABI; }
