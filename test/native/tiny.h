/* tiny.h -- small tokenizers for tests and fuzzing: the text of a
 * tokenizer.json of a few hundred tokens, for every way of cutting words, and
 * memory exactly as large as it has to be, so that a step beyond it is seen. */

#ifndef AIPERF_TINY_H
#define AIPERF_TINY_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Merges in the alphabet of bytes; each part is a byte or an earlier merge. */
static const char *const TINY_MERGES[][2] = {
    {"t", "h"}, {"th", "e"}, {"h", "e"}, {"Ġ", "t"}, {"Ġt", "he"}, {"Ġ", "Ġ"},
    {"ĠĠ", "ĠĠ"}, {"a", "b"}, {"ab", "a"}, {"b", "a"}, {"ba", "b"},
    {"a", "a"}, {"aa", "aa"}, {"1", "2"}, {"12", "3"}, {"Ã", "©"},
    {"Ċ", "Ċ"}, {"ab", "ab"}, {"aa", "b"}, {"'", "s"}, {"l", "l"},
};

/* The same for texts whose spaces are characters; one crosses a space. */
static const char *const TINY_SPACED[][2] = {
    {"t", "h"}, {"th", "e"}, {"h", "e"}, {"▁", "t"}, {"▁t", "he"}, {"▁", "▁"},
    {"▁▁", "▁▁"}, {"a", "b"}, {"ab", "a"}, {">", "▁"}, {">▁", "<"},
    {"a", "a"}, {"aa", "aa"}, {"é", "é"},
};

#define TINY_KINDS (STAGE_COUNT + 6)
#define TINY_ROOM 65536

typedef struct {
    char text[TINY_ROOM];
    size_t size;
} tiny_json;

static void tiny_add(tiny_json *j, const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    int written = vsnprintf(j->text + j->size, TINY_ROOM - j->size, format,
                            rest);
    va_end(rest);
    if (written < 0 || j->size + (size_t)written >= TINY_ROOM) abort();
    j->size += (size_t)written;
}

/* A text as JSON writes it. */
static void tiny_quote(tiny_json *j, const char *text) {
    tiny_add(j, "\"");
    for (; *text; text++) {
        uint8_t byte = (uint8_t)*text;
        if (byte < ' ') tiny_add(j, "\\u%04x", byte);
        else if (byte == '"' || byte == '\\') tiny_add(j, "\\%c", byte);
        else tiny_add(j, "%c", byte);
    }
    tiny_add(j, "\"");
}

/* The pre-tokenizer whose last stage is `stage`. */
static void tiny_stages(tiny_json *j, int stage) {
    tiny_add(j, "{\"type\":\"Sequence\",\"pretokenizers\":[");
    for (size_t i = 0; i < COUNT(PATTERNS); i++) {
        bool before = stage == STAGE_SYMBOLS &&
                      (PATTERNS[i].stage == STAGE_DIGITS3 ||
                       PATTERNS[i].stage == STAGE_HAN_KANA);
        if (PATTERNS[i].stage != stage && !before) continue;
        if (PATTERNS[i].stage == stage && i > 0 &&
            PATTERNS[i - 1].stage == stage)
            continue;
        tiny_add(j, "{\"type\":\"Split\",\"pattern\":{\"Regex\":");
        tiny_quote(j, PATTERNS[i].text);
        tiny_add(j, "},\"behavior\":\"Isolated\",\"invert\":false},");
    }
    tiny_add(j, "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
                "\"use_regex\":false}]}");
}

static void tiny_added(tiny_json *j, int id, const char *content, bool lstrip,
                       bool rstrip, bool normalized) {
    tiny_add(j, "%s{\"id\":%d,\"content\":\"%s\",\"single_word\":false,"
                "\"lstrip\":%s,\"rstrip\":%s,\"normalized\":%s,"
                "\"special\":true}", j->text[j->size - 1] == '[' ? "" : ",", id,
             content, lstrip ? "true" : "false", rstrip ? "true" : "false",
             normalized ? "true" : "false");
}

/* Kinds below STAGE_COUNT cut by that stage; then one normalises, and the
 * rest are of the manner with spaces. */
static void tiny_write(tiny_json *j, int kind) {
    bool bytes = kind <= STAGE_COUNT;
    int id = 0, manner = kind - STAGE_COUNT;
    j->size = 0;
    tiny_add(j, "{\"normalizer\":%s,\"pre_tokenizer\":",
             kind == STAGE_COUNT ? "{\"type\":\"NFC\"}"
             : manner == 1
                 ? "{\"type\":\"Sequence\",\"normalizers\":["
                   "{\"type\":\"Prepend\",\"prepend\":\"▁\"},{\"type\":\"Replace\",\"pattern\":"
                   "{\"String\":\" \"},\"content\":\"▁\"}]}"
                 : "null");
    if (bytes) {
        tiny_stages(j, kind == STAGE_COUNT ? STAGE_LETTERS_DIGIT : kind);
        tiny_add(j, ",\"decoder\":{\"type\":\"ByteLevel\"}");
    } else {
        if (manner == 1)
            tiny_add(j, "null");
        else
            tiny_add(j, "{\"type\":\"Metaspace\",\"replacement\":\"▁\","
                        "\"prepend_scheme\":\"%s\",\"split\":%s}",
                     manner == 2 ? "always" : manner == 3 ? "first" : "never",
                     manner == 5 ? "true" : "false");
        tiny_add(j, ",\"decoder\":{\"type\":\"Sequence\",\"decoders\":["
                    "{\"type\":\"Replace\",\"pattern\":{\"String\":\"▁\"},\"content\":"
                    "\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"}]}");
    }
    tiny_add(j, ",\"model\":{\"type\":\"BPE\",\"byte_fallback\":%s,"
                "\"ignore_merges\":%s,\"vocab\":{", bytes ? "false" : "true",
             kind == STAGE_CASED_DIGITS3 ? "true" : "false");
    if (bytes) {
        int next = 256;
        for (int byte = 0; byte < 256; byte++) {
            bool prints = (byte >= 33 && byte <= 126) ||
                          (byte >= 161 && byte <= 172) || byte >= 174;
            tiny_add(j, "\"\\u%04x\":%d,", prints ? byte : next++, id++);
        }
    } else {
        for (int byte = 0; byte < 256; byte++)
            tiny_add(j, "\"<0x%02X>\":%d,", byte, id++);
        for (const char *letter = "abthe>< 1"; *letter; letter++)
            if (*letter != ' ') tiny_add(j, "\"%c\":%d,", *letter, id++);
        tiny_add(j, "\"▁\":%d,\"é\":%d,", id, id + 1);
        id += 2;
    }
    const char *const (*merges)[2] = bytes ? TINY_MERGES : TINY_SPACED;
    size_t count = bytes ? COUNT(TINY_MERGES) : COUNT(TINY_SPACED);
    for (size_t i = 0; i < count; i++)
        tiny_add(j, "%s\"%s%s\":%d", i == 0 ? "" : ",", merges[i][0],
                 merges[i][1], id++);
    tiny_add(j, "},\"merges\":[");
    for (size_t i = 0; i < count; i++)
        tiny_add(j, kind % 2 ? "%s\"%s %s\"" : "%s[\"%s\",\"%s\"]",
                 i == 0 ? "" : ",", merges[i][0], merges[i][1]);
    tiny_add(j, "]},\"added_tokens\":[");
    tiny_added(j, id++, "<|end|>", false, false, false);
    tiny_added(j, id++, "<|end|>x", false, false, false);
    tiny_added(j, id++, "[MASK]", true, true, false);
    if (bytes) tiny_added(j, id++, "<N>", false, true, true);
    tiny_add(j, "]}");
}

static uint8_t *tiny_memory(size_t size) {
    uint8_t *memory = malloc(size);
    if (memory == NULL) abort();
    return memory;
}

/* The prepared form of a text, or NULL and why not. */
static uint8_t *tiny_prepare(const char *json, size_t size, uint32_t *bytes,
                             int32_t *refused) {
    uint64_t plan[BPE_PLAN];
    uint8_t *source = malloc(size);
    memcpy(source, json, size);
    uint8_t *model = NULL;
    *refused = bpe_plan(source, (uint32_t)size, plan);
    if (*refused == 0) {
        model = tiny_memory(plan[0]);
        uint8_t *scratch = tiny_memory(plan[1]);
        *bytes = (uint32_t)plan[0];
        *refused = bpe_prepare(plan, model, *bytes, scratch,
                               (uint32_t)plan[1]);
        free(scratch);
        if (*refused < 0) {
            free(model);
            model = NULL;
        }
    }
    free(source);
    return model;
}

/* A text as core.h wants it, and what becomes of it. */
typedef struct {
    uint32_t *ids;
    int32_t count;
} tiny_ids;

/* Encodes with as little scratch as it gets along with. The ids are the
 * caller's to free. */
static tiny_ids tiny_encode(const uint8_t *model, uint8_t *cache,
                            const uint8_t *text, uint32_t size) {
    uint8_t *padded = malloc(size + BPE_PAD);
    memcpy(padded, text, size);
    memset(padded + size, 'a', BPE_PAD);
    uint32_t room = 64, most = 9 * size + 16;
    uint8_t *scratch = tiny_memory(room);
    tiny_ids found = {malloc(4ull * most), 0};
    for (;;) {
        found.count = bpe_encode(model, cache, scratch, room, padded, &size, 1,
                                 found.ids, most, NULL);
        if (found.count != BPE_ESCRATCH) break;
        uint64_t need;
        memcpy(&need, scratch, sizeof(need));
        if (need <= room) abort();
        free(scratch);
        scratch = tiny_memory(room = (uint32_t)need);
    }
    int32_t counted = bpe_encode(model, cache, scratch, room, padded, &size, 1,
                                 NULL, 0, NULL);
    if (counted != found.count) abort();
    free(scratch);
    free(padded);
    return found;
}

#endif
