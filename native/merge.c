/* merge.c -- byte pair encoding of one word: of all neighbours that a merge
 * joins, the pair of the lowest rank is joined first, the leftmost among
 * equals, until no pair is left.
 *
 * A short word is searched from end to end for each merge. A long one keeps its
 * pairs in a heap and its tokens in a list, so that n bytes take n log n steps
 * whatever they are; entries that later merges have made stale are dropped
 * when they come up. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model.h"

#define SHORT_WORD 48

/* Room for a word of `length` bytes: its ids, and what merging takes. */
static size_t units_room(size_t length) { return length * 36 + 64; }

/* What units_room() leaves behind `count` ids, aligned to 8. */
static uint8_t *units_rest(uint8_t *units, size_t count) {
    return units + (count * 4 + 7) / 8 * 8;
}

/* Splits a word into the tokens of its bytes or characters; never more than it
 * has bytes. */
static size_t units_of(const model_view *m, const uint8_t *p, size_t length,
                       uint32_t *ids) {
    const model_header *h = m->header;
    if (h->flags & MODEL_BYTES) {
        for (size_t i = 0; i < length; i++) ids[i] = h->unit_ids[p[i]];
        return length;
    }
    const uint8_t *end = p + length;
    uint32_t *start = ids;
    while (p < end) {
        uint32_t c;
        size_t size = utf8_read(p, end, &c);
        uint32_t id = c < 0x80      ? h->unit_ids[c]
                      : c == 0x2581 ? h->space_id
                                    : vocab_find(m, p, size);
        if (id != NONE) {
            *ids++ = id;
            p += size;
            continue;
        }
        /* The space of the file is three bytes, and here it is one. */
        if (c == ' ') {
            for (const char *line = LINE; *line; line++)
                *ids++ = h->byte_ids[(uint8_t)*line];
            p++;
            continue;
        }
        for (; size > 0; size--) *ids++ = h->byte_ids[*p++];
    }
    return (size_t)(ids - start);
}

static size_t merge_short(const model_view *m, uint32_t *ids, size_t count) {
    uint32_t ranks[SHORT_WORD];
    for (size_t i = 0; i + 1 < count; i++)
        ranks[i] = pair_rank(m, ids[i], ids[i + 1]);
    while (count > 1) {
        size_t at = 0;
        for (size_t i = 1; i + 1 < count; i++)
            if (ranks[i] < ranks[at]) at = i;
        if (ranks[at] == NONE) break;
        ids[at] = m->made[ranks[at]];
        count--;
        for (size_t i = at + 1; i < count; i++) {
            ids[i] = ids[i + 1];
            ranks[i - 1] = ranks[i];
        }
        if (at > 0) ranks[at - 1] = pair_rank(m, ids[at - 1], ids[at]);
        if (at + 1 < count) ranks[at] = pair_rank(m, ids[at], ids[at + 1]);
    }
    return count;
}

/* A heap of rank << 32 | place, the smallest on top. */
static void sift_down(uint64_t *heap, size_t count, size_t at) {
    uint64_t moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child + 1] < heap[child]) child++;
        if (moved <= heap[child]) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void sift_up(uint64_t *heap, size_t at, uint64_t moved) {
    for (; at > 0 && heap[(at - 1) / 2] > moved; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = moved;
}

/* Every merge takes one entry away and adds two at most: 2 * count is enough.
 * `rest` holds them, then three numbers for each place. */
static size_t merge_long(const model_view *m, uint32_t *ids, size_t count,
                         uint8_t *rest) {
    uint64_t *heap = (uint64_t *)(void *)rest;
    uint32_t *ranks = (uint32_t *)(void *)(heap + 2 * count);
    uint32_t *next = ranks + count, *before = next + count;
    size_t waiting = 0;
    for (uint32_t i = 0; i < count; i++) {
        next[i] = i + 1;
        before[i] = i - 1;
        ranks[i] = i + 1 < count ? pair_rank(m, ids[i], ids[i + 1]) : NONE;
        if (ranks[i] != NONE) heap[waiting++] = (uint64_t)ranks[i] << 32 | i;
    }
    for (size_t i = waiting / 2; i-- > 0;) sift_down(heap, waiting, i);
    while (waiting > 0) {
        uint64_t top = heap[0];
        uint32_t rank = (uint32_t)(top >> 32), at = (uint32_t)top;
        heap[0] = heap[--waiting];
        if (waiting > 0) sift_down(heap, waiting, 0);
        if (ranks[at] != rank) continue;
        uint32_t gone = next[at], after = next[gone];
        ids[at] = m->made[rank];
        ids[gone] = NONE;
        ranks[gone] = NONE;
        next[at] = after;
        ranks[at] = NONE;
        if (after < count) {
            before[after] = at;
            ranks[at] = pair_rank(m, ids[at], ids[after]);
            if (ranks[at] != NONE)
                sift_up(heap, waiting++, (uint64_t)ranks[at] << 32 | at);
        }
        if (at > 0) {
            uint32_t left = before[at];
            ranks[left] = pair_rank(m, ids[left], ids[at]);
            if (ranks[left] != NONE)
                sift_up(heap, waiting++, (uint64_t)ranks[left] << 32 | left);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (ids[i] != NONE) ids[kept++] = ids[i];
    return kept;
}

/* Merges in place and returns how many are left; `rest` is what units_room()
 * leaves behind the ids, and short words do not need it. */
static size_t merge(const model_view *m, uint32_t *ids, size_t count,
                    uint8_t *rest) {
    return count <= SHORT_WORD ? merge_short(m, ids, count)
                               : merge_long(m, ids, count, rest);
}
