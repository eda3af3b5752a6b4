/* words.c -- the tokens of a word, found once and remembered.
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
