/* nfc.c -- Unicode normalisation form C, for texts that are not in it already.
 *
 * A text is taken in runs: a character that starts one, and the marks on it.
 * Each run falls apart (decomposition), its marks are put in order (a counting
 * sort by combining class, so a run of a million marks is still linear), and
 * what can join, joins. Hangul is arithmetic, the rest are tables. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "unicode.h"

enum {
    HANGUL_S = 0xac00, HANGUL_L = 0x1100, HANGUL_V = 0x1161, HANGUL_T = 0x11a7,
    HANGUL_LS = 19, HANGUL_VS = 21, HANGUL_TS = 28,
    HANGUL_SS = HANGUL_LS * HANGUL_VS * HANGUL_TS
};

/* Longest form of a character: bytes of its parts, as UTF-8, and the parts. */
#define NFC_GROWTH 3
#define NFC_PARTS 4

/* Reads a character and returns its length. Bytes that are not UTF-8 give some
 * character or other, but always the same one and none of ASCII; up to 3 bytes
 * behind `end` are touched. */
static inline size_t utf8_read(const uint8_t *p, const uint8_t *end,
                               uint32_t *c) {
    uint32_t b = p[0], wide;
    size_t left = (size_t)(end - p), size;
    if (b < 0xc0) {
        *c = b < 0x80 ? b : 0xfffd;
        return 1;
    }
    if (b < 0xe0) {
        size = 2;
        wide = (b & 31) << 6 | (p[1] & 63u);
    } else if (b < 0xf0) {
        size = 3;
        wide = (b & 15) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
    } else {
        size = 4;
        wide = (b & 7) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 |
               (p[3] & 63u);
    }
    bool wrong = left < size || wide < 0x80 || wide > 0x10ffff;
    *c = wrong ? 0xfffd : wide;
    return left < size ? left : size;
}

static inline uint8_t class_of(uint32_t c) {
    return CLASS[(uint32_t)CLASS_INDEX[c / CLASS_BLOCK] * CLASS_BLOCK +
                 c % CLASS_BLOCK];
}

/* Position of the first value that is not below `wanted`. */
static size_t lower_bound(const uint32_t *values, size_t count,
                          uint32_t wanted) {
    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (values[low + half] < wanted) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static uint8_t order_of(uint32_t c) {
    size_t at = lower_bound(MARK, COUNT(MARK), c);
    return at < COUNT(MARK) && MARK[at] == c ? MARK_ORDER[at] : 0;
}

/* Writes the parts of a character and returns how many. */
static size_t decompose(uint32_t c, uint32_t *out) {
    uint32_t s = c - HANGUL_S;
    if (s < HANGUL_SS) {
        out[0] = HANGUL_L + s / (HANGUL_VS * HANGUL_TS);
        out[1] = HANGUL_V + s % (HANGUL_VS * HANGUL_TS) / HANGUL_TS;
        out[2] = HANGUL_T + s % HANGUL_TS;
        return s % HANGUL_TS == 0 ? 2 : 3;
    }
    size_t at = lower_bound(WHOLE, COUNT(WHOLE), c);
    if (at == COUNT(WHOLE) || WHOLE[at] != c) {
        out[0] = c;
        return 1;
    }
    size_t from = at == 0 ? 0 : WHOLE_END[at - 1], count = WHOLE_END[at] - from;
    for (size_t i = 0; i < count; i++) out[i] = PART[from + i];
    return count;
}

/* What two characters make, or 0. */
static uint32_t join(uint32_t first, uint32_t second) {
    uint32_t l = first - HANGUL_L, v = second - HANGUL_V;
    if (l < HANGUL_LS && v < HANGUL_VS)
        return HANGUL_S + (l * HANGUL_VS + v) * HANGUL_TS;
    uint32_t s = first - HANGUL_S, t = second - HANGUL_T;
    if (s < HANGUL_SS && s % HANGUL_TS == 0 && t > 0 && t < HANGUL_TS)
        return first + t;
    size_t at = lower_bound(JOIN_FIRST, COUNT(JOIN_FIRST), first);
    for (; at < COUNT(JOIN_FIRST) && JOIN_FIRST[at] == first; at++)
        if (JOIN_SECOND[at] == second) return JOIN_MADE[at];
    return 0;
}

/* Sorts marks by class, equal ones in their order; `other` is as long. */
static void sort_marks(uint32_t *marks, uint32_t *other, size_t count) {
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = order_of(marks[i - 1]) <= order_of(marks[i]);
    if (sorted) return;
    size_t starts[COMBINING_CLASSES + 1] = {0};
    for (size_t i = 0; i < count; i++) starts[order_of(marks[i]) + 1]++;
    for (size_t i = 0; i < COMBINING_CLASSES; i++) starts[i + 1] += starts[i];
    for (size_t i = 0; i < count; i++)
        other[starts[order_of(marks[i])]++] = marks[i];
    memcpy(marks, other, count * sizeof(*marks));
}

/* Joins what can be joined in an ordered run and returns its new length. */
static size_t compose(uint32_t *run, size_t count) {
    size_t starter = 0, kept = 0;
    bool has_starter = false;
    uint8_t last = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t c = run[i];
        uint8_t order = order_of(c);
        /* Only a mark of the same class, or a starter between, blocks. */
        bool blocked = kept > starter + 1 && (last == 0 || last >= order);
        if (has_starter && !blocked) {
            uint32_t made = join(run[starter], c);
            if (made != 0) {
                run[starter] = made;
                continue;
            }
        }
        if (order == 0) {
            starter = kept;
            has_starter = true;
        }
        last = order;
        run[kept++] = c;
    }
    return kept;
}

/* Scratch that normalising `length` bytes needs, all of it counted: the text
 * that comes out, and two arrays of characters for the longest run. */
static size_t nfc_room(size_t length) {
    return (length * NFC_GROWTH + 64) +
           2 * sizeof(uint32_t) * (length * NFC_GROWTH + 8);
}

/* Whether NFC leaves a text as it is, as far as single characters tell. */
static bool nfc_is_certain(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        if (end - p >= 8 && (load64(p) & 0x8080808080808080ull) == 0) {
            p += 8;
            continue;
        }
        if (*p < 0x80) {
            p++;
            continue;
        }
        uint32_t c;
        p += utf8_read(p, end, &c);
        if (class_of(c) & IS_UNSTABLE) return false;
    }
    return true;
}

/* Writes the normal form of [p, end) to `out` and returns its length; `out` is
 * the start of nfc_room() bytes, aligned to 4. */
static size_t nfc_write(const uint8_t *p, const uint8_t *end, uint8_t *out) {
    size_t most = (size_t)(end - p) * NFC_GROWTH;
    uint8_t *start = out;
    uint32_t *run = (uint32_t *)(void *)(out + (most + 64) / 4 * 4);
    uint32_t *other = run + most + 4;
    while (p < end) {
        /* A run ends before a character that nothing can change or join. */
        size_t count = 0;
        do {
            uint32_t c, parts[NFC_PARTS];
            p += utf8_read(p, end, &c);
            size_t made = decompose(c, parts);
            for (size_t i = 0; i < made; i++) run[count++] = parts[i];
            if (p >= end) break;
            utf8_read(p, end, &c);
            if (!(class_of(c) & IS_UNSTABLE)) break;
        } while (true);
        for (size_t i = 0; i < count;) {
            size_t from = i++;
            if (order_of(run[from]) == 0) continue;
            while (i < count && order_of(run[i]) != 0) i++;
            sort_marks(run + from, other, i - from);
        }
        count = compose(run, count);
        for (size_t i = 0; i < count; i++) out += utf8_write(out, run[i]);
    }
    return (size_t)(out - start);
}
