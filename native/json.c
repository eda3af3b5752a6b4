/* json.c -- a cursor over JSON text. It builds nothing: a reader asks for the
 * next member or element, takes the values it wants and skips the rest.
 *
 * What is not JSON sets `bad`, after which every question is answered with the
 * end, so that readers need one check where they finish. Only what a reader
 * takes is looked at closely; what it skips is merely balanced. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model.h"

#define JSON_DEPTH 64

typedef struct {
    const uint8_t *p, *end;
    bool bad;
} json_cursor;

/* A string as it stands in the text, between its quotes. */
typedef struct {
    const uint8_t *p;
    size_t length;
    bool escaped;
} json_span;

static void json_space(json_cursor *c) {
    const uint8_t *p = c->p, *end = c->end;
    while (p < end && *p <= ' ') {
        /* Indented files are mostly spaces. */
        if (end - p >= 8 && load64(p) == 0x2020202020202020ull) {
            p += 8;
            continue;
        }
        if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t') break;
        p++;
    }
    c->p = p;
}

/* The first byte of the next value, or 0 at the end. */
static uint8_t json_peek(json_cursor *c) {
    json_space(c);
    return c->bad || c->p >= c->end ? 0 : *c->p;
}

static bool json_take(json_cursor *c, uint8_t byte) {
    if (json_peek(c) != byte) return false;
    c->p++;
    return true;
}

static void json_expect(json_cursor *c, uint8_t byte) {
    if (!json_take(c, byte)) c->bad = true;
}

/* Bytes of `word` that are `byte` have their high bit set in the result; the
 * lowest such bit is exact. */
static inline uint64_t equal_bytes(uint64_t word, uint8_t byte) {
    uint64_t zero = word ^ (0x0101010101010101ull * byte);
    return (zero - 0x0101010101010101ull) & ~zero & 0x8080808080808080ull;
}

static json_span json_string(json_cursor *c) {
    json_span span = {c->p, 0, false};
    json_expect(c, '"');
    if (c->bad) return span;
    const uint8_t *p = span.p = c->p;
    while (p < c->end) {
        if (c->end - p >= 8) {
            uint64_t word = load64(p);
            uint64_t hits = equal_bytes(word, '"') | equal_bytes(word, '\\');
            if (hits == 0) {
                p += 8;
                continue;
            }
            p += __builtin_ctzll(hits) / 8;
        }
        if (*p == '"') {
            span.length = (size_t)(p - span.p);
            c->p = p + 1;
            return span;
        }
        if (*p == '\\') {
            span.escaped = true;
            p++;
        }
        p++;
    }
    c->bad = true;
    return span;
}

/* Enters an object or array; json_more() then says whether anything is left in
 * it, and takes the commas. */
static void json_enter(json_cursor *c, uint8_t bracket) {
    json_expect(c, bracket);
}

static bool json_more(json_cursor *c, uint8_t closing, bool *first) {
    if (c->bad) return false;
    if (json_take(c, closing)) return false;
    if (!*first) json_expect(c, ',');
    *first = false;
    return !c->bad;
}

static json_span json_key(json_cursor *c) {
    json_span key = json_string(c);
    json_expect(c, ':');
    return key;
}

static bool json_is(json_span span, const char *text) {
    size_t length = strlen(text);
    return span.length == length && memcmp(span.p, text, length) == 0;
}

static void json_skip(json_cursor *c) {
    int depth = 0;
    do {
        uint8_t byte = json_peek(c);
        if (byte == '"') {
            json_string(c);
        } else if (byte == '{' || byte == '[') {
            if (++depth > JSON_DEPTH) c->bad = true;
            c->p++;
        } else if (byte == '}' || byte == ']') {
            if (--depth < 0) c->bad = true;
            c->p++;
        } else if (byte == ',' || byte == ':') {
            if (depth == 0) c->bad = true;
            c->p++;
        } else if (byte == 0) {
            c->bad = true;
        } else {
            const uint8_t *start = c->p;
            while (c->p < c->end && *c->p > ' ' && *c->p != ',' &&
                   *c->p != '}' && *c->p != ']' && *c->p != ':' &&
                   *c->p != '"' && *c->p != '{' && *c->p != '[')
                c->p++;
            if (c->p == start) c->bad = true;
        }
    } while (depth > 0 && !c->bad);
}

/* A whole number from 0 to `most`. */
static uint32_t json_number(json_cursor *c, uint32_t most) {
    json_space(c);
    uint64_t value = 0;
    const uint8_t *start = c->p;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9' && value <= most)
        value = value * 10 + (uint64_t)(*c->p++ - '0');
    bool ends = c->p < c->end && (*c->p == ',' || *c->p == '}' ||
                                  *c->p == ']' || *c->p <= ' ');
    if (c->p == start || value > most || !ends) c->bad = true;
    return c->bad ? 0 : (uint32_t)value;
}

static bool json_word(json_cursor *c, const char *word) {
    size_t length = strlen(word);
    json_space(c);
    if (c->bad || (size_t)(c->end - c->p) < length) return false;
    if (memcmp(c->p, word, length) != 0) return false;
    c->p += length;
    return true;
}

static int hex_digit(uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static size_t utf8_write(uint8_t *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

/* Four hex digits after a backslash and u, or -1. */
static int32_t json_unit(const uint8_t *p, const uint8_t *end) {
    if (end - p < 4) return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Writes the text that a string stands for, which is never longer than its
 * form in the file, and returns its length; sets c->bad for a wrong escape. */
static size_t json_text(json_cursor *c, json_span span, uint8_t *out) {
    if (!span.escaped) {
        memcpy(out, span.p, span.length);
        return span.length;
    }
    static const char NAMES[] = "\"\\/bfnrt", VALUES[] = "\"\\/\b\f\n\r\t";
    const uint8_t *p = span.p, *end = span.p + span.length;
    uint8_t *start = out;
    while (p < end) {
        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        p++;
        if (p < end && *p == 'u') {
            int32_t unit = json_unit(++p, end);
            p += 4;
            if (unit >= 0xd800 && unit < 0xdc00) {
                int32_t low = -1;
                if (end - p >= 6 && p[0] == '\\' && p[1] == 'u')
                    low = json_unit(p + 2, end);
                p += 6;
                bool pair = low >= 0xdc00 && low < 0xe000;
                unit = pair ? 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00
                            : -1;
            } else if (unit >= 0xdc00 && unit < 0xe000) {
                unit = -1;
            }
            if (unit < 0) {
                c->bad = true;
                return 0;
            }
            out += utf8_write(out, (uint32_t)unit);
            continue;
        }
        const char *name = p < end ? memchr(NAMES, *p, 8) : NULL;
        if (name == NULL) {
            c->bad = true;
            return 0;
        }
        *out++ = (uint8_t)VALUES[name - NAMES];
        p++;
    }
    return (size_t)(out - start);
}
