/* stream.c -- the usual chunk of a token stream, recognised by its shape.
 *
 * A server that streams tokens sends the same bytes again and again around a
 * text that changes:
 *
 *     data: {"id":"x","choices":[{"delta":{"content":" word"}}]}\n\n
 *     '---------------- before ------------------''text''- after --'
 *
 * The caller has parsed one such event and knows that, whatever valid JSON
 * text stands between `before` and `after`, nothing else of its meaning
 * changes. So comparing bytes is enough for all that follow; an event that
 * differs in one byte around its text is the caller's to parse. */

#include <string.h>

#include "core.h"

/* The end of a JSON text that begins at `at`: the position of its closing
 * quote, or `end` when it has none or is not one that JSON allows. */
static uint32_t text_end(const uint8_t *bytes, uint32_t at, uint32_t end) {
    while (at < end) {
        uint8_t byte = bytes[at];
        if (byte == '"') return at;
        if (byte < 0x20) return end;
        at += byte == '\\' ? 2 : 1;
    }
    return end;
}

int32_t stream_take(stream_shape *shape, const uint8_t *segment,
                    uint32_t length) {
    const uint8_t *before = shape->bytes;
    const uint8_t *after = before + shape->before_bytes;
    uint8_t *text = shape->bytes + shape->text_at;
    uint32_t text_bytes = shape->text_bytes;
    int32_t events = 0;

    for (uint32_t at = 0; at < length; events++) {
        if (length - at < shape->before_bytes + shape->after_bytes) return 0;
        if (memcmp(segment + at, before, shape->before_bytes) != 0) return 0;
        at += shape->before_bytes;

        uint32_t end = text_end(segment, at, length);
        if (end == at || length - end < shape->after_bytes) return 0;
        if (memcmp(segment + end, after, shape->after_bytes) != 0) return 0;

        if (shape->text_room - text_bytes < end - at) return CORE_EROOM;
        memcpy(text + text_bytes, segment + at, end - at);
        text_bytes += end - at;
        at = end + shape->after_bytes;
    }
    shape->text_bytes = text_bytes;
    return events;
}
