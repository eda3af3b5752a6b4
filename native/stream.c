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
 * differs in one byte around its text is the caller's to parse.
 *
 * Streams of one server differ in their name, "x" above. If the caller knows
 * that the name, too, means nothing, the next stream needs no parsing either:
 * its shape is adopted from its first event. */

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

int32_t stream_adopt(stream_shape *shape, uint32_t room,
                     const stream_shape *known, const uint8_t *segment,
                     uint32_t length) {
    const uint8_t *before = known->bytes;
    uint32_t id_at = known->id_at;
    if (known->id_bytes == 0 || length < known->before_bytes) return 0;
    if (memcmp(segment, before, id_at) != 0) return 0;

    uint32_t id_end = text_end(segment, id_at, length);
    uint32_t known_end = id_at + known->id_bytes;
    uint32_t rest = known->before_bytes - known_end;
    if (id_end == id_at || length - id_end < rest) return 0;
    if (memcmp(segment + id_end, before + known_end, rest) != 0) return 0;

    uint32_t before_bytes = id_end + rest;
    uint32_t around = before_bytes + known->after_bytes;
    if (around > room) return CORE_EROOM;
    shape->before_bytes = before_bytes;
    shape->after_bytes = known->after_bytes;
    shape->text_at = around;
    shape->text_bytes = 0;
    shape->text_room = room - around;
    shape->id_at = id_at;
    shape->id_bytes = id_end - id_at;
    memcpy(shape->bytes, segment, before_bytes);
    memcpy(shape->bytes + before_bytes, before + known->before_bytes,
           known->after_bytes);
    return 1;
}
