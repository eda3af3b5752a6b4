/* bpe.c -- texts to tokens.
 *
 *     text -> added tokens cut out -> normalised -> words -> merged
 *
 * Every piece of the text goes through these stations on its own, as in the
 * reference: a pattern does not look over the edge of a piece. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

/* --- Byte-level texts ---------------------------------------------------- */

static void cut(work *w, uint32_t stage, const uint8_t *p, const uint8_t *end);

/* One loop for each kind of last stage, so that its matcher is part of it. */
HOT void cut_words(work *w, uint8_t stage, const uint8_t *p,
                   const uint8_t *end) {
    while (p < end) {
        const uint8_t *q = match_word(stage, p, end);
        word(w, p, (size_t)(q - p));
        p = q;
    }
}

static void cut_last(work *w, uint8_t stage, const uint8_t *p,
                     const uint8_t *end) {
    switch (stage) {
    case STAGE_LETTERS_DIGIT:
        cut_words(w, STAGE_LETTERS_DIGIT, p, end);
        break;
    case STAGE_LETTERS_DIGITS3:
        cut_words(w, STAGE_LETTERS_DIGITS3, p, end);
        break;
    case STAGE_CASED_DIGITS3:
        cut_words(w, STAGE_CASED_DIGITS3, p, end);
        break;
    case STAGE_SYMBOLS: cut_words(w, STAGE_SYMBOLS, p, end); break;
    case STAGE_SIMPLE: cut_words(w, STAGE_SIMPLE, p, end); break;
    default: cut_words(w, stage, p, end);
    }
}

/* Hands the parts that a stage makes of [p, end) to the stages after it. */
static void cut(work *w, uint32_t stage, const uint8_t *p,
                const uint8_t *end) {
    if (p == end) return;
    const model_header *h = w->m.header;
    if (stage == h->stage_count) {
        word(w, p, (size_t)(end - p));
        return;
    }
    uint8_t kind = h->stages[stage];
    bool exact = kind >= STAGE_EXACT;
    if (!exact && stage + 1 == h->stage_count) {
        cut_last(w, kind, p, end);
        return;
    }
    while (p < end) {
        const uint8_t *stop, *start = p;
        if (exact) {
            start = find_exact(kind, p, end, &stop);
            cut(w, stage + 1, p, start);
        } else {
            stop = match_word(kind, p, end);
        }
        cut(w, stage + 1, start, stop);
        p = stop;
    }
}

/* --- Texts whose spaces are characters ----------------------------------- */

/* Length of a space at p, whichever way it is written, or 0. */
HOT size_t space_at(const uint8_t *p, const uint8_t *end) {
    if (*p == ' ') return 1;
    if (*p != 0xe2 || end - p < 3) return 0;
    return p[1] == 0x96 && p[2] == 0x81 ? 3 : 0;
}

/* The end of the word at p: spaces, then what is none. No merge reaches over
 * that end, so words can be merged apart. */
static const uint8_t *spaced_word(const model_view *m, const uint8_t *p,
                                  const uint8_t *end) {
    const model_header *h = m->header;
    const uint8_t *q = p;
    size_t length = space_at(q, end);
    while (length > 0) {
        q += length;
        if (h->flags & MODEL_SPLIT || q >= end) break;
        length = space_at(q, end);
    }
    while (q < end) {
        length = space_at(q, end);
        if (length == 0) {
            q++;
            continue;
        }
        bool joined = q > p && h->crossing[q[-1]] && !(h->flags & MODEL_SPLIT);
        if (!joined) break;
        q += length;
        while (q < end && (length = space_at(q, end)) > 0) q += length;
    }
    return q;
}

static void spaced(work *w, const uint8_t *p, const uint8_t *end, bool head) {
    uint32_t flags = w->m.header->flags;
    bool prepend = flags & MODEL_PREPEND &&
                   !(flags & MODEL_PREPEND_ONCE && space_at(p, end)) &&
                   !(flags & MODEL_PREPEND_HEAD && !head);
    if (prepend) {
        /* The first word is the one that gets the space; it may be none. */
        const uint8_t *q = p;
        bool apart = flags & MODEL_SPLIT && space_at(p, end);
        if (!apart) q = spaced_word(&w->m, p, end);
        size_t length = (size_t)(q - p), size = aligned(1 + length + BPE_PAD);
        if (!take_scratch(w, size)) return;
        uint8_t *copy = w->scratch + w->taken;
        copy[0] = ' ';
        memcpy(copy + 1, p, length);
        memset(copy + 1 + length, 0, BPE_PAD);
        w->taken += size;
        word(w, copy, 1 + length);
        w->taken -= size;
        p = q;
    }
    while (p < end && w->refused == 0) {
        const uint8_t *q = spaced_word(&w->m, p, end);
        word(w, p, (size_t)(q - p));
        p = q;
    }
}

/* --- Texts --------------------------------------------------------------- */

static bool has_room(work *w, const uint8_t *p, const uint8_t *end) {
    size_t most = (size_t)(end - p) + SMALL_IDS + 1;
    if (!(w->m.header->flags & MODEL_BYTES)) most = 3 * most;
    if (w->step == 1 && (size_t)(w->out_end - w->out) < most)
        w->refused = CORE_EROOM;
    return w->refused == 0;
}

/* A piece between added tokens, normalised. */
static void plain(work *w, const uint8_t *p, const uint8_t *end, bool head) {
    if (p == end || !has_room(w, p, end)) return;
    if (w->m.header->flags & MODEL_BYTES) cut(w, 0, p, end);
    else spaced(w, p, end, head);
}

typedef void piece_function(work *, const uint8_t *, const uint8_t *, bool);

static void around_added(work *w, const added_group *g, const uint8_t *p,
                         const uint8_t *end, bool head, piece_function *piece) {
    while (p < end && w->refused == 0) {
        const uint8_t *start, *stop;
        const added_token *a = next_added(&w->m, g, p, end, &start, &stop);
        if (start > p) piece(w, p, start, head);
        if (a != NULL && has_room(w, p, p)) give(w, &a->id, 1);
        head = false;
        p = stop;
    }
}

/* A piece between the added tokens that are looked for in the raw text. */
static void raw_piece(work *w, const uint8_t *p, const uint8_t *end,
                      bool head) {
    size_t taken = w->taken;
    if (w->m.header->flags & MODEL_NFC && !nfc_is_certain(p, end)) {
        if (!take_scratch(w, nfc_room((size_t)(end - p)) + BPE_PAD)) return;
        uint8_t *text = w->scratch + w->taken;
        size_t length = nfc_write(p, end, text);
        w->taken += aligned(length + BPE_PAD);
        p = text;
        end = text + length;
    }
    around_added(w, &w->m.header->normal, p, end, head, plain);
    w->taken = taken;
}

int32_t bpe_encode(const uint8_t *model, uint8_t *cache, uint8_t *scratch,
                   uint32_t scratch_size, const uint8_t *text,
                   const uint32_t *ends, uint32_t texts, uint32_t *out,
                   uint32_t out_size, uint32_t *counts) {
    if (scratch_size < 64) return CORE_EARGUMENT;
    work w = {
        .m = model_open(model),
        .cache = (word_cache *)(void *)cache,
        .scratch = scratch,
        .room = scratch_size,
        .out = out,
        .step = 1,
    };
    w.age = w.cache->age;
    if (out == NULL) {
        w.out = w.unused;
        w.step = 0;
    } else {
        w.out_end = out + out_size;
    }
    uint32_t start = 0;
    size_t total = 0;
    for (size_t i = 0; i < texts && w.refused == 0; i++) {
        if (ends[i] < start) return CORE_EARGUMENT;
        w.count = 0;
        around_added(&w, &w.m.header->raw, text + start, text + ends[i], true,
                     raw_piece);
        if (counts != NULL) counts[i] = (uint32_t)w.count;
        total += w.count;
        start = ends[i];
    }
    if (w.refused != 0) return w.refused;
    return total > INT32_MAX ? CORE_EROOM : (int32_t)total;
}
