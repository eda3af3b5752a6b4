/* bpe_test.c -- the tokenizer under the sanitizers: merging against a plainer
 * computation, texts there and back, and files and blocks that are damaged in
 * every way a loop can think of. */

#include "../../native/core.c"

#include "tiny.h"

static int passed, failed;

static void check(bool holds, const char *what, int kind) {
    if (holds) {
        passed++;
    } else {
        failed++;
        fprintf(stderr, "failed: %s, kind %d\n", what, kind);
    }
}

/* splitmix64, by Sebastiano Vigna: the same values on every run. */
static uint64_t state = 1;
static uint32_t below(uint32_t bound) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % bound);
}

static const char *const PARTS[] = {
    " ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "a", "ab", "aba", "the",
    " the",
    "A", "z", "1", "123", "12345", "!", "/", "<|end|>", "<|end|>x", "<|end|",
    "[MASK]", " [MASK]", "<N>", "é", "e\u0301", "\u0323", "中", "カ", "🙂", "ſ",
    "ʰ", "ǅ", "²", "\u00a0", "\xc2\x85", "\u3000", "> <", ">", "▁", "▁▁",
    "\xff", "\xe4", "\xf4\x90", "\x80", "\xc0", "Ⅷ", "한", "ᄀ", "\u1161", "\u11a8",
};

static uint32_t random_text(uint8_t *out, uint32_t parts) {
    uint8_t *start = out;
    while (parts-- > 0) {
        const char *part = PARTS[below(COUNT(PARTS))];
        uint32_t times = below(20) == 0 ? below(40) : 1;
        while (times-- > 0) {
            memcpy(out, part, strlen(part));
            out += strlen(part);
        }
    }
    return (uint32_t)(out - start);
}

/* Byte pair encoding as it is defined: find the lowest rank, join, repeat. */
static size_t merge_plainly(const model_view *m, uint32_t *ids, size_t count) {
    for (;;) {
        uint32_t lowest = NONE;
        size_t at = 0;
        for (size_t i = 0; i + 1 < count; i++) {
            uint32_t rank = pair_rank(m, ids[i], ids[i + 1]);
            if (rank >= lowest) continue;
            lowest = rank;
            at = i;
        }
        if (lowest == NONE) return count;
        ids[at] = m->made[lowest];
        count--;
        memmove(ids + at + 1, ids + at + 2, (count - at - 1) * sizeof(*ids));
    }
}

static void test_merging(const uint8_t *model, int kind) {
    enum { LONGEST = 300 };
    model_view m = model_open(model);
    uint8_t word[LONGEST + BPE_PAD], *units = tiny_memory(units_room(LONGEST));
    uint32_t plain[LONGEST], *ids = (uint32_t *)(void *)units;
    bool same = true;
    for (int round = 0; round < 300; round++) {
        size_t length = 1 + below(round % 2 ? SHORT_WORD : LONGEST);
        for (size_t i = 0; i < length; i++)
            word[i] = (uint8_t)"aabbabthe 1l'"[below(round % 3 ? 4 : 13)];
        size_t count = units_of(&m, word, length, ids);
        memcpy(plain, ids, count * 4);
        size_t wanted = merge_plainly(&m, plain, count);
        if (count <= SHORT_WORD) {
            uint32_t brief[SHORT_WORD];
            memcpy(brief, ids, count * 4);
            same &= merge_short(&m, brief, count) == wanted &&
                    memcmp(brief, plain, wanted * 4) == 0;
        }
        size_t got = merge_long(&m, ids, count, units_rest(units, count));
        same &= got == wanted && memcmp(ids, plain, wanted * 4) == 0;
    }
    check(same, "merging is what it is defined to be", kind);
    free(units);
}

static void test_texts(const uint8_t *model, uint8_t *cache, int kind) {
    uint8_t *text = malloc(1 << 16);
    bool back = true, again = true;
    for (int round = 0; round < 400; round++) {
        uint32_t size = random_text(text, 1 + below(30));
        text[size] = 0;
        tiny_ids found = tiny_encode(model, cache, text, size);
        bpe_cache_clear(cache);
        tiny_ids second = tiny_encode(model, cache, text, size);
        again &= found.count == second.count && found.count >= 0 &&
                 memcmp(found.ids, second.ids, (size_t)found.count * 4) == 0;
        int32_t bytes = bpe_decode(model, found.ids, (uint32_t)found.count, 0,
                                   NULL, 0);
        uint8_t *out = malloc((size_t)bytes + 1);
        bpe_decode(model, found.ids, (uint32_t)found.count, 0, out,
                   (uint32_t)bytes);
        /* Stripped spaces and normal forms do not come back. */
        bool exact = kind < STAGE_COUNT &&
                     strstr((char *)text, "[MASK]") == NULL &&
                     strstr((char *)text, "<N>") == NULL;
        if (exact)
            back &= bytes == (int32_t)size && memcmp(out, text, size) == 0;
        free(out);
        free(found.ids);
        free(second.ids);
    }
    check(again, "the cache changes nothing", kind);
    check(back, "texts come back", kind);
    free(text);
}

/* A block of which some bytes were changed is refused; where the sum is made
 * right again, it may be wrong but does no harm. */
static void test_damaged_model(const uint8_t *model, uint32_t size,
                               uint8_t *cache, int kind) {
    uint8_t *copy = tiny_memory(size), text[4096];
    bool refused = true;
    for (int round = 0; round < 60; round++) {
        memcpy(copy, model, size);
        model_header *h = (model_header *)(void *)copy;
        uint32_t at = below(round % 2 ? (uint32_t)sizeof(*h) : size);
        copy[at] ^= (uint8_t)(1 + below(255));
        refused &= bpe_check(copy, size) != 0;
        h->magic = MODEL_MAGIC;
        h->checksum = checksum(copy + 16, size - 16);
        if (bpe_check(copy, size) != 0) continue;
        bpe_cache_clear(cache);
        tiny_ids found = tiny_encode(copy, cache, text, random_text(text, 20));
        uint8_t out[64];
        uint32_t count = found.count < 0 ? 0 : (uint32_t)found.count;
        bpe_decode(copy, found.ids, count, 1, out, sizeof(out));
        free(found.ids);
    }
    for (uint32_t cut = 0; cut < size; cut += 1 + size / 97)
        refused &= bpe_check(model, cut) != 0;
    check(refused, "a damaged block is refused", kind);
    free(copy);
}

static void test_damaged_file(const tiny_json *json, int kind) {
    char *copy = malloc(json->size);
    uint32_t size;
    int32_t why;
    bool refused = true;
    for (size_t cut = 0; cut < json->size; cut += 1 + cut / 50) {
        uint8_t *model = tiny_prepare(json->text, cut, &size, &why);
        refused &= model == NULL && why < 0;
        free(model);
    }
    check(refused, "a file that was cut off is refused", kind);
    for (int round = 0; round < 300; round++) {
        memcpy(copy, json->text, json->size);
        for (uint32_t times = 1 + below(3); times > 0; times--)
            copy[below((uint32_t)json->size)] =
                "\"\\{}[]:,0919 a-u\x80\xff"[below(18)];
        uint8_t *model = tiny_prepare(copy, json->size, &size, &why);
        if (model != NULL && bpe_check(model, size) != 0) refused = false;
        free(model);
    }
    check(refused, "whatever is prepared is sound", kind);
    free(copy);
}

/* The answer to a file in which `from` has become `to`. */
static int32_t changed(int kind, const char *from, const char *to) {
    tiny_json *json = malloc(sizeof(*json)), *other = malloc(sizeof(*other));
    tiny_write(json, kind);
    char *at = strstr(json->text, from);
    if (at == NULL) abort();
    other->size = 0;
    tiny_add(other, "%.*s%s%s", (int)(at - json->text), json->text, to,
             at + strlen(from));
    uint32_t size;
    int32_t why;
    uint8_t *model = tiny_prepare(other->text, other->size, &size, &why);
    free(model);
    free(json);
    free(other);
    return why;
}

static void test_refusals(void) {
    static const struct {
        const char *from, *to;
        int32_t why;
    } ROWS[] = {
        {"\"BPE\"", "\"WordPiece\"", BPE_NO_MODEL},
        {"\"NFC\"", "\"NFKC\"", BPE_NO_NORMALIZER},
        {"\\\\p{L}+", "\\\\p{L}*", BPE_NO_PRETOKENIZER},
        {"\"Isolated\"", "\"MergedWithNext\"", BPE_NO_PRETOKENIZER},
        {"\"add_prefix_space\":false", "\"add_prefix_space\":true",
         BPE_NO_PRETOKENIZER},
        {"\"decoder\":{\"type\":\"ByteLevel\"}", "\"decoder\":null",
         BPE_NO_DECODER},
        {"\"vocab\":", "\"dropout\":0.5,\"vocab\":", BPE_NO_MODEL},
        {"\"vocab\":", "\"end_of_word_suffix\":\"</w>\",\"vocab\":",
         BPE_NO_MODEL},
        {"\"\\u0021\":33", "\"\\u5b57\":33", BPE_NO_BYTES},
        {"\"single_word\":false", "\"single_word\":true", BPE_NO_ADDED},
        {"\"id\":277", "\"id\":299", BPE_NO_ADDED},
        {"\"\\u0021\":33", "\"\\u0021\":4000000000", CORE_EDATA},
        {"\"\\u0021\":33", "\"\\u0021\":-1", CORE_EDATA},
        {"\"\\u0021\":33", "\"\\u0021\":1.5", CORE_EDATA},
        {"\"\\u0021\":33", "\"\\u0021\":\"33\"", CORE_EDATA},
        {"\"\\u0021\":33", "\"\\u0021\":34", CORE_EDATA},
        {"\"\\u0021\":33", "\"\\ud800\":33", CORE_EDATA},
        {"\"t h\"", "\"t hh\"", CORE_EDATA},
        {"\"t h\"", "\"th\"", CORE_EDATA},
        {"\"t h\"", "\"t h e\"", CORE_EDATA},
        {"\"t h\"", "\" th\"", CORE_EDATA},
        {"\"t h\"", "[\"t\",\"h\",\"e\"]", CORE_EDATA},
        {"\"t h\"", "7", CORE_EDATA},
        {"\"t h\"", "{}", CORE_EDATA},
        {"\"merges\":[", "\"merges\":[[\"\",\"the\"],", CORE_EDATA},
        {"\"merges\":[", "\"merges\":{", CORE_EDATA},
        {"\"added_tokens\":[", "\"added_tokens\":[7,", CORE_EDATA},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        int32_t why = changed(STAGE_COUNT, ROWS[i].from, ROWS[i].to);
        check(why == ROWS[i].why, ROWS[i].to, why);
    }
    check(changed(STAGE_COUNT, "\"NFC\"", "\"NFC\"") > 0, "unchanged", 0);
}

static void test_normal_form(void) {
    static const char *const ROWS[][2] = {
        {"e\u0301", "é"}, {"\u1e9b\u0323", "\u1e9b\u0323"},
        {"a\u0315\u0300\u05ae\u0300b", "\u00e0\u05ae\u0300\u0315b"},
        {"\u1100\u1161\u11a8", "각"}, {"가\u11a8", "각"}, {"\u212b", "Å"},
        {"\u0344", "\u0308\u0301"}, {"\u0958", "\u0915\u093c"},
        {"\u0301", "\u0301"}, {"q\u0307\u0323", "q\u0323\u0307"},
        {"\U0001d15e", "\U0001d157\U0001d165"}, {"\uf900", "豈"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        size_t length = strlen(ROWS[i][0]);
        uint8_t *text = malloc(length + BPE_PAD);
        memcpy(text, ROWS[i][0], length);
        uint8_t *out = tiny_memory(nfc_room(length));
        size_t size = nfc_write(text, text + length, out);
        check(size == strlen(ROWS[i][1]) && !memcmp(out, ROWS[i][1], size),
              ROWS[i][0], (int)i);
        free(out);
        free(text);
    }
}

int main(void) {
    tiny_json *json = malloc(sizeof(*json));
    uint8_t *cache = tiny_memory(bpe_cache_size());
    memset(cache, 0, bpe_cache_size());
    for (int kind = 0; kind < TINY_KINDS; kind++) {
        uint32_t size = 0;
        int32_t why;
        tiny_write(json, kind);
        uint8_t *model = tiny_prepare(json->text, json->size, &size, &why);
        check(model != NULL && bpe_check(model, size) == 0, "prepared", why);
        if (model == NULL) continue;
        bpe_cache_clear(cache);
        test_merging(model, kind);
        test_texts(model, cache, kind);
        test_damaged_model(model, size, cache, kind);
        test_damaged_file(json, kind);
        bpe_cache_clear(cache);
        uint32_t long_size = 1 << 18;
        uint8_t *letters = malloc(long_size);
        memset(letters, 'a', long_size);
        tiny_ids found = tiny_encode(model, cache, letters, long_size);
        check(found.count > 0, "a very long word", kind);
        free(found.ids);
        free(letters);
        free(model);
    }
    test_refusals();
    test_normal_form();
    free(cache);
    free(json);
    printf("tokenizer: %d passed, %d failed\n", passed, failed);
    return failed > 0;
}
