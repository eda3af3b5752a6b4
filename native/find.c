/* find.c -- added tokens in a text: the leftmost, and of those the longest.
 *
 * Most texts hold none, so what counts is how fast one is seen not to be there:
 * sixteen bytes at a time are compared with the few bytes that one can start
 * with. Where one could start, its sorted list is narrowed byte by byte. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* The first byte in [p, end) that starts a token of the group. */
static const uint8_t *find_head(const added_group *g, const uint8_t *p,
                                const uint8_t *end) {
    if (g->heads <= 4) {
        bytes16 wanted[4];
        for (size_t i = 0; i < 4; i++)
            wanted[i] = (bytes16){0} + g->head[i < g->heads ? i : 0];
        for (; p < end; p += 16) {
            bytes16 block;
            memcpy(&block, p, 16);
            bytes16 hits = (bytes16)(block == wanted[0]);
            if (g->heads > 1)
                hits |= (bytes16)(block == wanted[1]) |
                        (bytes16)(block == wanted[2]) |
                        (bytes16)(block == wanted[3]);
            uint64_t half[2];
            memcpy(half, &hits, 16);
            if ((half[0] | half[1]) == 0) continue;
            p += half[0] ? __builtin_ctzll(half[0]) / 8
                         : 8 + __builtin_ctzll(half[1]) / 8;
            break;
        }
        return p < end ? p : end;
    }
    while (p < end && g->first[*p] == g->first[*p + 1u]) p++;
    return p;
}

/* The longest token of the group that stands at p, or NULL. */
static const added_token *token_at(const model_view *m, const added_group *g,
                                   const uint8_t *p, const uint8_t *end) {
    size_t low = g->first[*p], high = g->first[*p + 1u];
    const added_token *longest = NULL;
    for (uint32_t depth = 1; low < high; depth++) {
        if (m->added[low].length == depth) longest = &m->added[low++];
        if (end - p <= (ptrdiff_t)depth) break;
        /* Narrow to the tokens whose next byte is the text's: sorted, they
         * are [from, to). */
        size_t from = low, to = high, limit = high;
        while (from < limit) {
            size_t half = from + (limit - from) / 2;
            const added_token *a = &m->added[half];
            bool below = a->length <= depth ||
                         m->contents[a->start + depth] < p[depth];
            if (below) from = half + 1;
            else limit = half;
        }
        low = from;
        while (from < to) {
            size_t half = from + (to - from) / 2;
            const added_token *a = &m->added[half];
            bool above = a->length > depth &&
                         m->contents[a->start + depth] > p[depth];
            if (above) to = half;
            else from = half + 1;
        }
        high = to;
    }
    return longest;
}

/* The next token of the group in [p, end), with the spaces that it takes. */
static const added_token *next_added(const model_view *m, const added_group *g,
                                     const uint8_t *p, const uint8_t *end,
                                     const uint8_t **start,
                                     const uint8_t **stop) {
    const uint8_t *from = p;
    *start = *stop = end;
    if (g->heads == 0) return NULL;
    while ((p = find_head(g, p, end)) < end) {
        const added_token *a = token_at(m, g, p, end);
        if (a == NULL) {
            p++;
            continue;
        }
        *start = p;
        *stop = p + a->length;
        if (a->flags & ADDED_RSTRIP) *stop = skip_class(*stop, end, IS_SPACE);
        while (a->flags & ADDED_LSTRIP && *start > from) {
            const uint8_t *q = *start - 1;
            size_t length;
            while (q > from && (*q & 0xc0) == 0x80) q--;
            if (!(class_at(q, *start, &length) & IS_SPACE)) break;
            *start = q;
        }
        return a;
    }
    return NULL;
}
