/* Fuzzes the reading of tokenizer.json: any bytes. What is prepared is sound,
 * and works.
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -o /tmp/fuzz \
 *       scripts/fuzz/tokenizer_file.c && /tmp/fuzz -max_total_time=60 \
 *       -dict=test/native/corpus/tokenizer.dict CORPUS \
 *       test/native/corpus/file */

#include "../../native/core.c"
#include "../../test/native/tiny.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t *cache;
    static const uint8_t TEXT[] =
        " the ababab\xff<|end|> e\xcc\x81 12345\r\n"
        " \xe2\x96\x81t>\xe2\x96\x81<";
    if (cache == NULL) cache = calloc(1, bpe_cache_size());
    uint32_t bytes = 0;
    int32_t why;
    uint8_t *model = tiny_prepare((const char *)data, size, &bytes, &why);
    if (model == NULL) return 0;
    if (bpe_check(model, bytes) != 0) abort();
    bpe_cache_clear(cache);
    tiny_ids found = tiny_encode(model, cache, TEXT, sizeof(TEXT) - 1);
    if (found.count < 0) abort();
    uint8_t out[64];
    bpe_decode(model, found.ids, (uint32_t)found.count, 0, out, sizeof(out));
    free(found.ids);
    free(model);
    return 0;
}
