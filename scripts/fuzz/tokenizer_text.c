/* Fuzzes encoding and decoding: any bytes as text, by every manner of cutting.
 * Byte-level texts come back, and a full cache answers like an empty one.
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -o /tmp/fuzz \
 *       scripts/fuzz/tokenizer_text.c && /tmp/fuzz -max_total_time=60 \
 *       -dict=test/native/corpus/text.dict CORPUS test/native/corpus/text */

#include "../../native/core.c"
#include "../../test/native/tiny.h"

#define REQUIRE(holds) do { if (!(holds)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t *models[TINY_KINDS], *caches[TINY_KINDS], *empty;
    if (empty == NULL) {
        empty = calloc(1, bpe_cache_size());
        tiny_json *json = malloc(sizeof(*json));
        uint32_t bytes;
        int32_t why;
        for (int kind = 0; kind < TINY_KINDS; kind++) {
            tiny_write(json, kind);
            models[kind] = tiny_prepare(json->text, json->size, &bytes, &why);
            caches[kind] = calloc(1, bpe_cache_size());
            bpe_cache_clear(caches[kind]);
        }
        free(json);
    }
    if (size < 1) return 0;
    int kind = data[0] % TINY_KINDS;
    const uint8_t *text = data + 1, *model = models[kind];
    uint32_t length = (uint32_t)size - 1;
    tiny_ids found = tiny_encode(model, caches[kind], text, length);
    bpe_cache_clear(empty);
    tiny_ids again = tiny_encode(model, empty, text, length);
    REQUIRE(found.count >= 0 && found.count == again.count);
    REQUIRE(memcmp(found.ids, again.ids, (size_t)found.count * 4) == 0);

    uint32_t count = (uint32_t)found.count;
    int32_t bytes = bpe_decode(model, found.ids, count, 0, NULL, 0);
    uint8_t *out = tiny_memory((size_t)bytes + 1);
    REQUIRE(bpe_decode(model, found.ids, count, 0, out, (uint32_t)bytes) ==
            bytes);
    bool strips = false;
    for (uint32_t i = 0; i + 2 < length; i++)
        strips |= memcmp(text + i, "<N>", 3) == 0 ||
                  memcmp(text + i, "SK]", 3) == 0;
    if (kind < STAGE_COUNT && !strips)
        REQUIRE(bytes == (int32_t)length && memcmp(out, text, length) == 0);
    /* Any numbers are ids to decode. */
    bpe_decode(model, (const uint32_t *)(const void *)out, (uint32_t)bytes / 4,
               1, NULL, 0);
    free(out);
    free(found.ids);
    free(again.ids);
    return 0;
}
