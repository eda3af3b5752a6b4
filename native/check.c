/* check.c -- whether a block of memory is a prepared form.
 *
 * It may come from a file that anybody can write, so that after the sum every
 * number is looked at by which the other functions go: what passes may give
 * wrong tokens, but nobody reads or writes beyond the block. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

/* The sum that says a file came back as it was written. Four lanes, so that
 * memory is the limit; each step can be undone, so no change of one word goes
 * unseen. */
static uint64_t checksum(const uint8_t *p, size_t length) {
    uint64_t lane[4] = {MIX, MIX * 3, MIX * 5, MIX * 7};
    for (; length >= 32; length -= 32, p += 32) {
        for (size_t i = 0; i < 4; i++) {
            lane[i] = (lane[i] ^ load64(p + 8 * i)) * MIX;
            lane[i] ^= lane[i] >> 32;
        }
    }
    uint64_t sum = length;
    for (size_t i = 0; i < length; i++) sum = (sum ^ p[i]) * MIX;
    for (size_t i = 0; i < 4; i++) sum = (sum ^ lane[i]) * MIX + (sum >> 31);
    return sum;
}

/* Whether [at, at + count * width) lies inside the block, aligned. */
static bool fits(const model_header *h, uint32_t at, uint64_t count,
                 uint64_t width) {
    return at >= sizeof(model_header) && at % 8 == 0 && at <= h->size &&
           count * width <= h->size - at;
}

static bool group_is_sound(const added_group *g, uint32_t from, uint32_t to) {
    if (g->first[0] != from || g->first[256] != to) return false;
    uint32_t heads = 0;
    for (size_t byte = 0; byte < 256; byte++) {
        if (g->first[byte] > g->first[byte + 1]) return false;
        if (g->first[byte] == g->first[byte + 1]) continue;
        if (heads < 4 && g->head[heads] != byte) return false;
        heads++;
    }
    return heads == g->heads;
}

static bool ids_are_sound(const model_view *m) {
    const model_header *h = m->header;
    bool bytes = h->flags & MODEL_BYTES;
    for (size_t i = 0; i < 256; i++) {
        uint32_t unit = h->unit_ids[i], byte = h->byte_ids[i];
        if (unit >= h->tokens && (unit != NONE || bytes)) return false;
        if (!bytes && byte >= h->tokens) return false;
    }
    if (h->space_id >= h->tokens && h->space_id != NONE) return false;
    for (uint32_t i = 0; i < h->merges; i++)
        if (m->made[i] >= h->tokens) return false;
    uint64_t used = 0;
    for (uint64_t i = 0; i < 1ull << h->vocab_bits; i++) {
        if (m->vocab[i] == EMPTY) continue;
        if ((m->vocab[i] & ((1u << ID_BITS) - 1)) >= h->tokens) return false;
        used++;
    }
    if (used == 1ull << h->vocab_bits) return false;
    used = 0;
    for (uint64_t i = 0; i < 1ull << h->pair_bits; i++) {
        if (m->pairs[i] == EMPTY) continue;
        if ((m->pairs[i] & ((1u << RANK_BITS) - 1)) >= h->merges) return false;
        used++;
    }
    return used < 1ull << h->pair_bits;
}

static bool added_are_sound(const model_view *m) {
    const model_header *h = m->header;
    for (uint32_t i = 0; i < h->added; i++) {
        const added_token *a = &m->added[i];
        if (a->id >= h->tokens || a->length == 0) return false;
        if (a->start > h->contents || a->length > h->contents - a->start)
            return false;
    }
    return group_is_sound(&h->raw, 0, h->raw.first[256]) &&
           h->raw.first[256] <= h->added &&
           group_is_sound(&h->normal, h->raw.first[256], h->added);
}

int32_t bpe_check(const uint8_t *model, uint32_t size) {
    const model_header *h = (const model_header *)(const void *)model;
    if ((uintptr_t)model % 8 != 0) return CORE_EARGUMENT;
    if (size < sizeof(*h) || h->magic != MODEL_MAGIC || h->size != size ||
        h->version != MODEL_VERSION)
        return CORE_EDATA;
    if (h->checksum != checksum(model + 16, size - 16)) return CORE_EDATA;
    if (h->tokens == 0 || h->tokens > TOKENS_MAX || h->merges > MERGES_MAX ||
        h->vocab_bits > 30 || h->pair_bits > 30 || h->pair_bits == 0 ||
        h->stage_count > STAGES_MAX)
        return CORE_EDATA;
    for (uint32_t i = 0; i < h->stage_count; i++)
        if (h->stages[i] >= STAGE_COUNT) return CORE_EDATA;
    if (!fits(h, h->ends_at, h->tokens, 4) ||
        !fits(h, h->kinds_at, h->tokens, 1) ||
        !fits(h, h->vocab_at, 1ull << h->vocab_bits, 8) ||
        !fits(h, h->pairs_at, 1ull << h->pair_bits, 8) ||
        !fits(h, h->made_at, h->merges, 4) ||
        !fits(h, h->added_at, h->added, sizeof(added_token)) ||
        !fits(h, h->contents_at, (uint64_t)h->contents + BPE_PAD, 1))
        return CORE_EDATA;
    model_view m = model_open(model);
    uint32_t end = 0;
    for (uint32_t id = 0; id < h->tokens; id++) {
        if (m.ends[id] < end) return CORE_EDATA;
        end = m.ends[id];
    }
    if (!fits(h, h->bytes_at, (uint64_t)end + BPE_PAD, 1)) return CORE_EDATA;
    return ids_are_sound(&m) && added_are_sound(&m) ? 0 : CORE_EDATA;
}
