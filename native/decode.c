/* decode.c -- tokens to text. A token's bytes lie ready in the prepared form;
 * only runs of byte tokens, which spell a character without a token of its
 * own, are looked at before they are believed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

/* Whether [p, end) is UTF-8 as Unicode defines it. */
static bool utf8_is_sound(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        uint32_t b = *p++;
        int more = b < 0x80 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
        if ((b >= 0x80 && b < 0xc2) || b > 0xf4) return false;
        uint8_t low = 0x80, high = 0xbf;
        if (b == 0xe0) low = 0xa0;
        if (b == 0xed) high = 0x9f;
        if (b == 0xf0) low = 0x90;
        if (b == 0xf4) high = 0x8f;
        for (; more > 0; more--, p++, low = 0x80, high = 0xbf)
            if (p >= end || *p < low || *p > high) return false;
    }
    return true;
}

/* Where decoded bytes go; what does not fit is only counted. */
typedef struct {
    uint8_t *out;
    size_t room, size;
    bool strip;
} text_sink;

static void write_text(text_sink *t, const uint8_t *p, size_t length) {
    if (length > 0 && t->strip) {
        t->strip = false;
        if (*p == ' ') {
            p++;
            length--;
        }
    }
    if (t->size <= t->room && length <= t->room - t->size)
        memcpy(t->out + t->size, p, length);
    t->size += length;
}

static void write_byte_tokens(text_sink *t, const model_view *m,
                              const uint32_t *ids, size_t count) {
    /* A run is judged as a whole: one wrong byte spoils all of them. */
    uint8_t window[4];
    size_t held = 0;
    bool sound = true;
    for (size_t i = 0; i < count && sound; i++) {
        uint8_t byte = m->bytes[token_start(m, ids[i])];
        bool follows = (byte & 0xc0) == 0x80;
        if (!follows && held > 0) {
            sound = utf8_is_sound(window, window + held);
            held = 0;
        }
        if (held == sizeof(window)) sound = false;
        else window[held++] = byte;
    }
    sound = sound && utf8_is_sound(window, window + held);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *byte = m->bytes + token_start(m, ids[i]);
        if (sound) write_text(t, byte, 1);
        else write_text(t, (const uint8_t *)"\xef\xbf\xbd", 3);
    }
}

int32_t bpe_decode(const uint8_t *model, const uint32_t *ids, uint32_t count,
                   int32_t skip_special, uint8_t *out, uint32_t room) {
    model_view m = model_open(model);
    text_sink t = {out, room, 0, m.header->flags & MODEL_STRIP};
    for (size_t i = 0; i < count; i++) {
        uint32_t id = ids[i];
        if (id >= m.header->tokens) continue;
        if (skip_special && m.kinds[id] & KIND_SPECIAL) continue;
        if (m.kinds[id] & KIND_BYTE) {
            size_t from = i;
            while (i + 1 < count && ids[i + 1] < m.header->tokens &&
                   m.kinds[ids[i + 1]] & KIND_BYTE)
                i++;
            write_byte_tokens(&t, &m, ids + from, i + 1 - from);
            continue;
        }
        uint32_t start = token_start(&m, id);
        write_text(&t, m.bytes + start, m.ends[id] - start);
    }
    return t.size > INT32_MAX ? CORE_EROOM : (int32_t)t.size;
}
