/* Fuzzes the prepared form: the input changes a sound one, its sum is made
 * right, and what still passes the check must be harmless.
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -o /tmp/fuzz \
 *       scripts/fuzz/tokenizer_form.c && /tmp/fuzz -max_total_time=60 */

#include "../../native/core.c"
#include "../../test/native/tiny.h"

/* Each change is a place, two bytes, and the byte that is put there. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t *models[TINY_KINDS], *cache;
    static uint32_t sizes[TINY_KINDS];
    if (cache == NULL) {
        cache = calloc(1, bpe_cache_size());
        tiny_json *json = malloc(sizeof(*json));
        int32_t why;
        for (int kind = 0; kind < TINY_KINDS; kind++) {
            tiny_write(json, kind);
            models[kind] =
                tiny_prepare(json->text, json->size, &sizes[kind], &why);
        }
        free(json);
    }
    if (size < 1) return 0;
    int kind = data[0] % TINY_KINDS;
    uint32_t bytes = sizes[kind];
    uint8_t *model = tiny_memory(bytes);
    memcpy(model, models[kind], bytes);
    size_t at = 1;
    for (int times = 0; times < 8 && at + 3 <= size; times++, at += 3)
        model[(data[at] | (uint32_t)data[at + 1] << 8) % bytes] = data[at + 2];
    model_header *h = (model_header *)(void *)model;
    h->checksum = checksum(model + 16, bytes - 16);
    if (bpe_check(model, bytes) == 0) {
        bpe_cache_clear(cache);
        tiny_ids found =
            tiny_encode(model, cache, data + at, (uint32_t)(size - at));
        uint8_t out[64];
        uint32_t count = found.count < 0 ? 0 : (uint32_t)found.count;
        bpe_decode(model, found.ids, count, size % 2, out, sizeof(out));
        free(found.ids);
    }
    free(model);
    return 0;
}
