/* core.c -- the native core as one unit, so that a build is one command and
 * the compiler sees all of it. */

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

int32_t core_abi(void) { return CORE_ABI; }
