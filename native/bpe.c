/* bpe.c -- texts to tokens and back.
 *
 *     text -> added tokens cut out -> normalised -> words -> merged
 *
 * Texts repeat their words, so each thread keeps what it has merged: a table
 * from word to ids, of fixed size, in the caller's memory. An entry of the
 * first table is half a cache line and holds nearly all words of nearly all
 * texts; the second takes longer ones. Each set has two places; a new word
 * pushes the newer of the two to the second one. Clearing is counting up the
 * age that entries must have.
 *
 * A word that is not in the cache may be a token as a whole (KIND_WHOLE, found
 * out when the tokenizer was prepared); only the others are merged. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

#define SMALL_SETS 32768u
#define SMALL_BYTES 15u
#define SMALL_IDS 3u
#define LARGE_SETS 4096u
#define LARGE_BYTES 72u
#define LARGE_IDS 12u

typedef struct {
    uint64_t key[2];   /* the word, its length in the last byte */
    uint32_t mark;     /* age << 2 | number of ids */
    uint32_t ids[SMALL_IDS];
} small_entry;

typedef struct {
    uint32_t age;
    uint16_t length, count;
    uint8_t word[LARGE_BYTES];
    uint32_t ids[LARGE_IDS];
} large_entry;

typedef struct {
    uint32_t age, pad[15];
    small_entry small[SMALL_SETS][2];
    large_entry large[LARGE_SETS][2];
} word_cache;

/* One call's work. */
typedef struct {
    model_view m;
    word_cache *cache;
    uint32_t age;
    uint8_t *scratch;
    size_t room, taken; /* of scratch */
    uint32_t *out, *out_end;
    size_t count;
    uint32_t step;      /* 1 where ids are written, 0 where they are counted */
    int32_t refused;
    uint32_t unused[SMALL_IDS + 1];
} work;

uint32_t bpe_cache_size(void) { return sizeof(word_cache); }

void bpe_cache_clear(uint8_t *memory) {
    word_cache *cache = (word_cache *)(void *)memory;
    if (cache->age >= UINT32_MAX >> 2) memset(cache, 0, sizeof(*cache));
    cache->age++;
}

/* --- Words --------------------------------------------------------------- */

static void give(work *w, const uint32_t *ids, size_t count) {
    w->count += count;
    if (w->step == 0) return;
    memcpy(w->out, ids, count * sizeof(*ids));
    w->out += count;
}

static bool take_scratch(work *w, size_t size) {
    if (w->refused != 0) return false;
    if (w->room - w->taken >= size) return true;
    uint64_t need = w->taken + size;
    memcpy(w->scratch, &need, sizeof(need));
    w->refused = BPE_ESCRATCH;
    return false;
}

static inline uint64_t small_hash(const uint64_t key[2]) {
    uint64_t hash = key[0] * MIX ^ (key[1] + MIX) * 0xd6e8feb86659fd93ull;
    hash ^= hash >> 32;
    return hash * MIX >> 40;
}

static inline void small_key(const uint8_t *p, size_t length,
                             uint64_t key[2]) {
    size_t head = length < 8 ? length : 8;
    key[0] = low_bytes(load64(p), head);
    key[1] = low_bytes(load64(p + 8), length - head) | (uint64_t)length << 56;
}

/* Finds the ids of a word that the small table does not have, and keeps them.
 * Returns false where scratch was too small. */
static __attribute__((noinline)) void word_slow(work *w, const uint8_t *p,
                                                size_t length) {
    uint32_t short_ids[SHORT_WORD], *ids = short_ids;
    size_t count = 1;
    bool large = length <= LARGE_BYTES;
    uint64_t hash = hash_bytes(p, length);
    large_entry *set = w->cache->large[(hash >> 40) % LARGE_SETS];
    for (size_t i = 0; large && i < 2; i++) {
        large_entry *e = &set[i];
        if (e->age != w->age || e->length != length) continue;
        if (memcmp(e->word, p, length) != 0) continue;
        give(w, e->ids, e->count);
        return;
    }
    uint32_t id = vocab_find(&w->m, p, length);
    if (id != NONE && w->m.kinds[id] & KIND_WHOLE) {
        ids[0] = id;
    } else if (length * 3 <= SHORT_WORD ||
               (length <= SHORT_WORD && w->m.header->flags & MODEL_BYTES)) {
        count = units_of(&w->m, p, length, ids);
        count = merge_short(&w->m, ids, count);
    } else {
        size_t most = w->m.header->flags & MODEL_BYTES ? length : 3 * length;
        if (!take_scratch(w, units_room(most))) return;
        ids = (uint32_t *)(void *)(w->scratch + w->taken);
        count = units_of(&w->m, p, length, ids);
        count = merge(&w->m, ids, count, units_rest((uint8_t *)ids, count));
    }
    give(w, ids, count);
    if (length <= SMALL_BYTES && count <= SMALL_IDS) {
        uint64_t key[2];
        small_key(p, length, key);
        small_entry *e = w->cache->small[small_hash(key) % SMALL_SETS];
        e[1] = e[0];
        memcpy(e->key, key, sizeof(key));
        memcpy(e->ids, ids, count * sizeof(*ids));
        e->mark = w->age << 2 | (uint32_t)count;
    } else if (large && count <= LARGE_IDS) {
        set[1] = set[0];
        set->age = w->age;
        set->length = (uint16_t)length;
        set->count = (uint16_t)count;
        memcpy(set->word, p, length);
        memcpy(set->ids, ids, count * sizeof(*ids));
    }
}

HOT void word(work *w, const uint8_t *p, size_t length) {
    if (length <= SMALL_BYTES) {
        uint64_t key[2];
        small_key(p, length, key);
        const small_entry *e = w->cache->small[small_hash(key) % SMALL_SETS];
        for (size_t i = 0; i < 2; i++, e++) {
            if (e->key[0] != key[0] || e->key[1] != key[1]) continue;
            if (e->mark >> 2 != w->age) continue;
            uint32_t count = e->mark & 3;
            memcpy(w->out, e->ids, sizeof(e->ids));
            w->out += count * w->step;
            w->count += count;
            return;
        }
    }
    word_slow(w, p, length);
}

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

/* --- Added tokens -------------------------------------------------------- */

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

/* --- Decoding ------------------------------------------------------------ */

/* Whether [p, end) is UTF-8 as Unicode defines it. */
static bool utf8_is_sound(const uint8_t *p, const uint8_t *end) {
    while (p < end) {
        uint32_t b = *p++, more = b < 0x80 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
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
