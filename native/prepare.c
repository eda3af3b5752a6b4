/* prepare.c -- from the text of a tokenizer.json to the prepared form, in two
 * steps: bpe_plan() says how much memory it takes, bpe_prepare() fills it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

_Static_assert(sizeof(plan) <= 8 * BPE_PLAN, "the caller has room for it");

int32_t bpe_plan(const uint8_t *json, uint32_t length, uint64_t *memory) {
    plan *s = (plan *)(void *)memory;
    model_header header;
    int32_t refused = read_plan(json, length, s);
    if (refused != 0) return refused;
    s->sizes[0] = lay_out(s, &header);
    s->sizes[1] = scratch_size(s);
    return s->sizes[0] > INT32_MAX ? BPE_NO_TOKENS : 0;
}

int32_t bpe_prepare(const uint64_t *memory, uint8_t *model,
                    uint32_t model_size, uint8_t *scratch,
                    uint32_t scratch_room) {
    const plan *s = (const plan *)(const void *)memory;
    if (model_size < s->sizes[0] || scratch_room < s->sizes[1])
        return CORE_EROOM;
    model_header *h = (model_header *)(void *)model;
    memset(h, 0, sizeof(*h));
    size_t size = lay_out(s, h), text = aligned(s->string_max + BPE_PAD);
    int32_t refused;
    memset(model + sizeof(*h), 0, size - sizeof(*h));
    memset(scratch, 0, aligned(8ull * s->tokens));
    h->magic = MODEL_MAGIC;
    h->version = MODEL_VERSION;
    h->size = (uint32_t)size;
    h->flags = s->flags;
    h->stage_count = s->stage_count;
    memcpy(h->stages, s->stages, STAGES_MAX);
    memset(h->byte_ids, 0xff, sizeof(h->byte_ids));
    memset(model + h->vocab_at, 0xff, 8ull << h->vocab_bits);
    memset(model + h->pairs_at, 0xff, 8ull << h->pair_bits);

    builder b = {.s = s, .header = h, .model = model};
    b.strings = (const uint8_t **)(void *)scratch;
    b.text = scratch + aligned(8ull * s->tokens);
    b.left = b.text + 2 * text;
    b.both = b.left + text;
    b.units = b.both + 2 * text;
    make_alphabet(b.alphabet);
    if (!place_tokens(&b)) return CORE_EDATA;
    if ((refused = write_tokens(&b)) != 0) return refused;
    if ((refused = write_units(&b)) != 0) return refused;
    if ((refused = write_merges(&b)) != 0) return refused;
    if ((refused = number_added(&b)) != 0) return refused;
    if ((refused = write_added(&b)) != 0) return refused;
    mark_whole(&b);
    h->checksum = checksum(model + 16, size - 16);
    return (int32_t)size;
}
