/* build.c -- the vocabulary and the merges of a prepared form.
 *
 * Tokens are laid down in the order of their ids, as the bytes that they stand
 * for in a text, so that neither words nor decoded texts need translating.
 * Then each merge becomes an entry from two ids to its rank. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

static uint32_t table_bits(uint32_t count) {
    uint32_t bits = 4;
    while ((1ull << bits) * 5 / 8 < count) bits++;
    return bits;
}

/* Places the sections one after the other and returns the whole size. */
static size_t lay_out(const plan *s, model_header *h) {
    size_t at = aligned(sizeof(model_header));
    h->tokens = s->tokens;
    h->merges = s->merge_count;
    h->added = s->added_count;
    h->vocab_bits = table_bits(s->tokens);
    h->pair_bits = table_bits(s->merge_count);
    h->bytes_at = (uint32_t)at;
    at += aligned(s->token_bytes + s->added_bytes + BPE_PAD);
    h->ends_at = (uint32_t)at;
    at += aligned(4ull * s->tokens);
    h->kinds_at = (uint32_t)at;
    at += aligned(s->tokens);
    h->vocab_at = (uint32_t)at;
    at += 8ull << h->vocab_bits;
    h->pairs_at = (uint32_t)at;
    at += 8ull << h->pair_bits;
    h->made_at = (uint32_t)at;
    at += aligned(4ull * s->merge_count);
    h->added_at = (uint32_t)at;
    at += aligned(sizeof(added_token) * s->added_count);
    h->contents_at = (uint32_t)at;
    at += aligned(s->added_bytes + BPE_PAD);
    return at;
}

/* Scratch: where each id's string stands, five strings, room to merge. */
static size_t scratch_size(const plan *s) {
    return aligned(8ull * s->tokens) + 5 * aligned(s->string_max + BPE_PAD) +
           units_room(s->string_max + BPE_PAD);
}

/* A table is larger than the fast caches. Its next places are asked for this
 * many entries ahead, so that filling it does not wait for each. */
#define AHEAD 16u

typedef struct {
    const plan *s;
    model_header *header;
    uint8_t *model;
    const uint8_t **strings; /* by id, where the string starts in the file */
    uint8_t *text, *left, *both;
    uint8_t *units;
    uint32_t laid; /* ids below have their bytes in place */
    uint32_t unreached[2]; /* from, and up to: those no text can become */
    int16_t alphabet[324]; /* byte of a character of the byte alphabet, or -1 */
    uint32_t next_id;
} builder;

/* The alphabet of byte-level tokens: bytes that print stand for themselves,
 * the others, in order, for the characters from U+0100 on. */
static void make_alphabet(int16_t *alphabet) {
    for (size_t i = 0; i < 324; i++) alphabet[i] = -1;
    int16_t next = 256;
    for (int16_t byte = 0; byte < 256; byte++) {
        bool prints = (byte >= 33 && byte <= 126) ||
                      (byte >= 161 && byte <= 172) || byte >= 174;
        alphabet[prints ? byte : next++] = byte;
    }
}

/* Turns the text of a token into the bytes it stands for, in place or into
 * another buffer. False for one that no text can become. */
static bool token_bytes(const builder *b, const uint8_t *text, size_t length,
                        uint8_t *out, size_t *out_length) {
    const uint8_t *p = text, *end = text + length;
    uint8_t *start = out;
    *out_length = 0;
    if (b->s->flags & MODEL_BYTES) {
        while (p < end) {
            uint32_t c = *p;
            if (c < 0x80) {
                p++;
            } else {
                if (end - p < 2 || (c & 0xe0) != 0xc0) return false;
                c = (c & 31) << 6 | (p[1] & 63u);
                p += 2;
            }
            if (c >= 324 || b->alphabet[c] < 0) return false;
            *out++ = (uint8_t)b->alphabet[c];
        }
    } else {
        while (p < end) {
            if (*p == ' ') return false;
            if (end - p >= 3 && memcmp(p, LINE, 3) == 0) {
                *out++ = ' ';
                p += 3;
            } else {
                *out++ = *p++;
            }
        }
    }
    *out_length = (size_t)(out - start);
    return true;
}

/* The byte of "<0xE4>", or -1. */
static int byte_of_token(const uint8_t *text, size_t length) {
    if (length != 6 || memcmp(text, "<0x", 3) != 0 || text[5] != '>') return -1;
    for (size_t i = 3; i < 5; i++) /* small letters are another token */
        if (text[i] >= 'a' && text[i] <= 'f') return -1;
    int high = hex_digit(text[3]), low = hex_digit(text[4]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Puts a token into the vocabulary; false if its bytes are there already. */
static bool vocab_add(const model_view *m, uint64_t *slots, uint32_t id) {
    uint32_t start = token_start(m, id), length = m->ends[id] - start;
    uint64_t mask = (1ull << m->header->vocab_bits) - 1;
    uint64_t hash = hash_bytes(m->bytes + start, length);
    uint64_t at = hash & mask;
    for (; slots[at] != EMPTY; at = (at + 1) & mask) {
        if ((slots[at] ^ hash) >> ID_BITS != 0) continue;
        uint32_t other = (uint32_t)(slots[at] & ((1u << ID_BITS) - 1));
        uint32_t from = token_start(m, other);
        if (m->ends[other] - from == length &&
            memcmp(m->bytes + from, m->bytes + start, length) == 0)
            return false;
    }
    slots[at] = hash >> ID_BITS << ID_BITS | id;
    return true;
}

/* Finds each id's string, so that tokens can be laid down in order. */
static bool place_tokens(builder *b) {
    json_cursor c = b->s->vocab;
    bool first = true;
    uint32_t count = 0;
    json_enter(&c, '{');
    while (json_more(&c, '}', &first)) {
        const uint8_t *at = c.p;
        json_key(&c);
        uint32_t id = json_number(&c, TOKENS_MAX);
        if (c.bad || id >= b->s->tokens || b->strings[id] != NULL) return false;
        b->strings[id] = at;
        if (id >= b->laid) b->laid = id + 1;
        count++;
    }
    if (count == 0) return false;
    b->next_id = count; /* what the reference calls the vocabulary's size */
    return !c.bad;
}

static int32_t write_tokens(builder *b) {
    model_view m = model_open(b->model);
    uint8_t *bytes = b->model + b->header->bytes_at;
    uint8_t *kinds = b->model + b->header->kinds_at;
    uint32_t *ends = (uint32_t *)(void *)(b->model + b->header->ends_at);
    uint64_t *slots = (uint64_t *)(void *)(b->model + b->header->vocab_at);
    const uint8_t *file_end = b->s->vocab.end;
    size_t at = 0;
    for (uint32_t id = 0; id < b->laid; id++) {
        if (b->strings[id] == NULL) {
            ends[id] = (uint32_t)at;
            continue;
        }
        json_cursor c = {b->strings[id], file_end, false};
        json_span span = json_string(&c);
        size_t raw = json_text(&c, span, b->text), length = 0;
        if (c.bad) return CORE_EDATA;
        int byte = b->s->flags & MODEL_BYTES ? -1 : byte_of_token(b->text, raw);
        bool reached = token_bytes(b, b->text, raw, bytes + at, &length);
        if (byte >= 0) {
            bytes[at] = (uint8_t)byte;
            length = 1;
            kinds[id] = KIND_BYTE;
            b->header->byte_ids[byte] = id;
        } else if (!reached) {
            memcpy(bytes + at, b->text, raw);
            length = raw;
            if (b->unreached[1] == 0) b->unreached[0] = id;
            b->unreached[1] = id + 1;
        }
        at += length;
        ends[id] = (uint32_t)at;
        if (byte >= 0 || !reached || length == 0) continue;
        kinds[id] = KIND_VOCAB;
        if (length > b->header->longest) b->header->longest = (uint32_t)length;
        if (!vocab_add(&m, slots, id)) return CORE_EDATA;
    }
    return 0;
}

static int32_t write_units(builder *b) {
    model_view m = model_open(b->model);
    model_header *h = b->header;
    bool bytes = h->flags & MODEL_BYTES;
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint8_t text[16] = {(uint8_t)byte};
        bool single = bytes || byte < 0x80;
        h->unit_ids[byte] = single ? vocab_find(&m, text, 1) : NONE;
        if (h->unit_ids[byte] == NONE && bytes) return BPE_NO_BYTES;
        if (h->byte_ids[byte] == NONE && !bytes) return BPE_NO_BYTES;
    }
    h->space_id = h->unit_ids[' '];
    return 0;
}

/* One merge, as "left right" or as two strings; false if it is malformed. */
static bool read_merge(builder *b, json_cursor *c, size_t length[2]) {
    if (json_peek(c) == '[') {
        bool first = true;
        size_t count = 0, text = 0;
        json_enter(c, '[');
        while (json_more(c, ']', &first)) {
            json_span span = json_string(c);
            if (c->bad || count == 2) return false;
            length[count] = json_text(c, span, b->text + text);
            text += length[count++];
        }
        return !c->bad && count == 2;
    }
    size_t size = json_text(c, json_string(c), b->text);
    const uint8_t *space = c->bad ? NULL : memchr(b->text, ' ', size);
    if (space == NULL) return false;
    length[0] = (size_t)(space - b->text);
    length[1] = size - length[0] - 1;
    if (memchr(space + 1, ' ', length[1]) != NULL) return false;
    memmove(b->text + length[0], space + 1, length[1]);
    return true;
}

static void pair_add(builder *b, uint64_t key, uint32_t rank) {
    uint64_t *slots = (uint64_t *)(void *)(b->model + b->header->pairs_at);
    uint32_t bits = b->header->pair_bits;
    uint64_t mask = (1ull << bits) - 1;
    uint64_t at = pair_hash(key, bits);
    while (slots[at] != EMPTY && slots[at] >> RANK_BITS != key)
        at = (at + 1) & mask;
    slots[at] = key << RANK_BITS | rank; /* of equal merges the last counts */
}

/* Marks the characters that a merge joins with a space behind them. */
static void mark_crossing(builder *b, const uint8_t *p, size_t length) {
    for (size_t i = 1; i < length; i++)
        if (p[i] == ' ' && p[i - 1] != ' ') b->header->crossing[p[i - 1]] = 1;
}

/* The token with these bytes. Merges mostly come in the order of the tokens
 * that they make, and several of one token behind each other. */
static uint32_t find_made(const model_view *m, const uint8_t *p, size_t length,
                          uint32_t last) {
    for (uint32_t id = last; id < last + 2 && id < m->header->tokens; id++) {
        uint32_t start = token_start(m, id);
        if (m->kinds[id] & KIND_VOCAB && m->ends[id] - start == length &&
            memcmp(m->bytes + start, p, length) == 0)
            return id;
    }
    return vocab_find(m, p, length);
}

static int32_t write_merges(builder *b) {
    model_view m = model_open(b->model);
    uint32_t *made = (uint32_t *)(void *)(b->model + b->header->made_at);
    json_cursor c = b->s->merges;
    bool first = true;
    uint32_t rank = 0, whole = 0;
    uint64_t keys[AHEAD];
    json_enter(&c, '[');
    while (json_more(&c, ']', &first)) {
        size_t length[2], left, right;
        if (!read_merge(b, &c, length)) return CORE_EDATA;
        if (length[0] == 0 || length[1] == 0) return CORE_EDATA;
        if (!token_bytes(b, b->text, length[0], b->both, &left) ||
            !token_bytes(b, b->text + length[0], length[1], b->both + left,
                         &right))
            return BPE_NO_TOKENS;
        memcpy(b->left, b->both, left);
        uint32_t a = vocab_find(&m, b->left, left);
        uint32_t z = vocab_find(&m, b->both + left, right);
        whole = find_made(&m, b->both, left + right, whole);
        if (a == NONE || z == NONE || whole == NONE) return CORE_EDATA;
        if (!(b->header->flags & MODEL_BYTES))
            mark_crossing(b, b->both, left + right);
        made[rank] = whole;
        if (rank >= AHEAD) pair_add(b, keys[rank % AHEAD], rank - AHEAD);
        keys[rank % AHEAD] = pair_key(a, z);
        __builtin_prefetch(
            &m.pairs[pair_hash(keys[rank % AHEAD], b->header->pair_bits)], 1);
        rank++;
    }
    for (uint32_t late = rank > AHEAD ? rank - AHEAD : 0; late < rank; late++)
        pair_add(b, keys[late % AHEAD], late);
    return c.bad || rank != b->header->merges ? CORE_EDATA : 0;
}

/* Tokens that merging makes of their own bytes need no merging in a text. */
static void mark_whole(builder *b) {
    model_view m = model_open(b->model);
    uint8_t *kinds = b->model + b->header->kinds_at;
    for (uint32_t id = 0; id < b->header->tokens; id++) {
        if (!(kinds[id] & KIND_VOCAB)) continue;
        uint32_t start = token_start(&m, id), length = m.ends[id] - start;
        bool whole = b->header->flags & MODEL_DIRECT;
        if (!whole) {
            uint32_t *ids = (uint32_t *)(void *)b->units;
            size_t count = units_of(&m, m.bytes + start, length, ids);
            count = merge(&m, ids, count, units_rest(b->units, count));
            whole = count == 1 && ids[0] == id;
        }
        if (whole) kinds[id] |= KIND_WHOLE;
    }
}
