/* stream.c -- the usual chunk of a token stream, recognised by its shape.
 *
 * A server that streams tokens sends the same bytes again and again around a
 * text that changes:
 *
 *     data: {"id":"x","choices":[{"delta":{"content":" word"}}],"n":3}\n\n
 *     '---------------- before ------------------''text''-- after ---'
 *             hole                                             hole
 *
 * The caller has parsed one such event and knows that, whatever valid JSON
 * text stands between `before` and `after`, and whatever names and numbers
 * stand in their holes, the event means the same. So comparing bytes is enough
 * for all that follow; an event that differs anywhere else is the caller's to
 * parse.
 *
 * Most events differ in their text alone. A shape therefore keeps its holes
 * filled as the last event had them and compares whole parts; hole by hole it
 * looks only where a part differs. What fills a hole when all is read is what
 * the last event said. */

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

/* The end of a text without escapes; `at` when there is none. */
static uint32_t name_end(const uint8_t *bytes, uint32_t at, uint32_t end) {
    for (uint32_t i = at; i < end; i++) {
        if (bytes[i] == '"') return i;
        if (bytes[i] < 0x20 || bytes[i] == '\\') return at;
    }
    return at;
}

static uint32_t digits_end(const uint8_t *bytes, uint32_t at, uint32_t end) {
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') at++;
    return at;
}

/* The end of a JSON number without an exponent; `at` when there is none. A
 * sign that nothing follows is the next byte's problem: it is no literal. */
static uint32_t number_end(const uint8_t *bytes, uint32_t at, uint32_t end) {
    uint32_t whole = at < end && bytes[at] == '-' ? at + 1 : at;
    uint32_t i = digits_end(bytes, whole, end);
    if (i == whole || (bytes[whole] == '0' && i > whole + 1)) return at;
    if (i < end && bytes[i] == '.') {
        uint32_t fraction = i + 1;
        i = digits_end(bytes, fraction, end);
        if (i == fraction) return at;
    }
    return i - at > STREAM_NUMBER_MAX ? at : i;
}

static int same(const uint8_t *a, const uint8_t *b, uint32_t bytes,
                uint32_t left) {
    return bytes <= left && memcmp(a, b, bytes) == 0;
}

/* Fills the holes of the part [from, to) as the segment at `at` has them.
 * Answers where the part ends in the segment; 0, and nothing is changed, when
 * more than its holes differ or the shape has no room for what fills them. */
static uint32_t refill(stream_shape *shape, uint32_t from, uint32_t to,
                       const uint8_t *segment, uint32_t at, uint32_t end) {
    stream_hole now[STREAM_HOLES_MAX];
    uint32_t start = at, literal = from, hole = 0;
    for (; hole < shape->holes && shape->hole[hole].at < to; hole++) {
        stream_hole was = now[hole] = shape->hole[hole];
        if (was.at < from) continue;
        uint32_t bytes = was.at - literal;
        if (!same(segment + at, shape->bytes + literal, bytes, end - at))
            return 0;
        at += bytes;
        uint32_t filled = was.is_number ? number_end(segment, at, end)
                                        : name_end(segment, at, end);
        if (filled == at) return 0;
        now[hole].at = from + (at - start);
        now[hole].bytes = filled - at;
        literal = was.at + was.bytes;
        at = filled;
    }
    uint32_t bytes = to - literal;
    if (!same(segment + at, shape->bytes + literal, bytes, end - at)) return 0;
    at += bytes;

    uint32_t around = shape->before_bytes + shape->after_bytes;
    uint32_t grown = around - (to - from) + (at - start);
    if (grown > shape->text_at) return 0;
    memmove(shape->bytes + from + (at - start), shape->bytes + to, around - to);
    memcpy(shape->bytes + from, segment + start, at - start);
    memcpy(shape->hole, now, hole * sizeof *now);
    for (; hole < shape->holes; hole++)
        shape->hole[hole].at += (at - start) - (to - from);
    if (from == 0) shape->before_bytes = at - start;
    shape->after_bytes = grown - shape->before_bytes;
    return at;
}

/* Where the part [from, to) ends that begins at `at`; 0 when it is another. */
static uint32_t part_end(stream_shape *shape, uint32_t from, uint32_t to,
                         const uint8_t *segment, uint32_t at, uint32_t end) {
    if (same(segment + at, shape->bytes + from, to - from, end - at))
        return at + (to - from);
    if (shape->holes == 0) return 0;
    return refill(shape, from, to, segment, at, end);
}

int32_t stream_take(stream_shape *shape, const uint8_t *segment,
                    uint32_t length) {
    uint8_t *text = shape->bytes + shape->text_at;
    uint32_t text_bytes = shape->text_bytes;
    int32_t events = 0;

    for (uint32_t at = 0; at < length; events++) {
        at = part_end(shape, 0, shape->before_bytes, segment, at, length);
        if (at == 0) return 0;
        uint32_t end = text_end(segment, at, length);
        if (end == at || end >= length) return 0;
        if (shape->text_room - text_bytes < end - at) return CORE_EROOM;
        memcpy(text + text_bytes, segment + at, end - at);
        text_bytes += end - at;
        uint32_t before = shape->before_bytes;
        at = part_end(shape, before, before + shape->after_bytes, segment, end,
                      length);
        if (at == 0) return 0;
    }
    shape->text_bytes = text_bytes;
    return events;
}
