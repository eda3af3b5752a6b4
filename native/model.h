/* model.h -- the prepared form of a tokenizer: one block of memory without
 * pointers, which is written once and then only read, by any thread, from a
 * file or from memory.
 *
 *     header | token bytes | their ends | kinds | vocabulary | pairs | made
 *            | added tokens | their contents
 *
 * vocabulary  a hash table from bytes to ids; a slot holds the upper bits of
 *             the hash, so that most strangers are told by the slot alone
 * pairs       a hash table from two ids to the rank of the merge that joins
 *             them; ids of 21 bits and ranks of 22 make a slot of 8 bytes
 * made        by rank, the id that the merge makes
 *
 * Both tables probe linearly and are never more than 5/8 full. Offsets are in
 * bytes from the start. The layout is that of a little-endian machine. */

#ifndef AIPERF_MODEL_H
#define AIPERF_MODEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MODEL_MAGIC 0x3165706272706961ull /* "aiprbpe1" */
#define MODEL_VERSION 1u
#define ID_BITS 21
#define RANK_BITS 22
#define NONE 0xffffffffu
#define EMPTY 0xffffffffffffffffull
#define STAGES_MAX 4

/* The character that stands for a space in files without bytes, U+2581. */
#define LINE "\xe2\x96\x81"

/* How texts are cut and joined. */
enum {
    MODEL_BYTES = 1,        /* byte-level: every byte is a token */
    MODEL_NFC = 2,          /* texts are normalised first */
    MODEL_DIRECT = 4,       /* a word that is a token needs no merges */
    MODEL_PREPEND = 8,      /* a piece of text starts with one more space */
    MODEL_PREPEND_ONCE = 16,/* only where it does not start with one */
    MODEL_PREPEND_HEAD = 32,/* only the first piece */
    MODEL_SPLIT = 64,       /* every space starts a word */
    MODEL_STRIP = 128       /* decoding drops one space at the start */
};

/* What a token is. */
enum {
    KIND_VOCAB = 1,   /* the vocabulary can be asked for it */
    KIND_WHOLE = 2,   /* merging its bytes gives the token itself */
    KIND_BYTE = 4,    /* stands for a byte of a character without a token */
    KIND_SPECIAL = 8  /* control, not text */
};

/* Flags of an added token. */
enum { ADDED_LSTRIP = 1, ADDED_RSTRIP = 2 };

/* An added token: cut out of the text before anything else looks at it. */
typedef struct {
    uint32_t start, length; /* of its content */
    uint32_t id, flags;
} added_token;

/* Added tokens that are looked for together, sorted by content. Those whose
 * content starts with byte b are [first[b], first[b + 1]). */
typedef struct {
    uint32_t first[257];
    uint32_t heads;   /* how many different first bytes; above 4 not listed */
    uint8_t head[4];
} added_group;

typedef struct {
    uint64_t magic, checksum; /* the sum is of all that follows it */
    uint32_t version, size, flags, tokens, merges, longest;
    uint32_t vocab_bits, pair_bits, stage_count, added, contents, space_id;
    uint32_t bytes_at, ends_at, kinds_at, vocab_at, pairs_at, made_at;
    uint32_t added_at, contents_at;
    uint8_t stages[STAGES_MAX];
    uint8_t pad[4];
    uint32_t unit_ids[256]; /* of a byte, or of an ASCII character */
    uint32_t byte_ids[256]; /* of the byte tokens */
    uint8_t crossing[256];  /* a merge joins this byte with a space after it */
    added_group raw, normal;
} model_header;

/* The header with its offsets made pointers, for the length of one call. */
typedef struct {
    const model_header *header;
    const uint8_t *bytes, *kinds, *contents;
    const uint32_t *ends, *made;
    const uint64_t *vocab, *pairs;
    const added_token *added;
} model_view;

static model_view model_open(const uint8_t *model) {
    const model_header *header = (const model_header *)(const void *)model;
    model_view view = {
        .header = header,
        .bytes = model + header->bytes_at,
        .kinds = model + header->kinds_at,
        .contents = model + header->contents_at,
        .ends = (const uint32_t *)(const void *)(model + header->ends_at),
        .made = (const uint32_t *)(const void *)(model + header->made_at),
        .vocab = (const uint64_t *)(const void *)(model + header->vocab_at),
        .pairs = (const uint64_t *)(const void *)(model + header->pairs_at),
        .added = (const added_token *)(const void *)(model + header->added_at),
    };
    return view;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline size_t aligned(size_t size) { return (size + 15) & ~(size_t)15; }

static inline uint64_t load64(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

static const uint64_t MIX = 0x9e3779b97f4a7c15ull;

/* The first `count` bytes of a word, the rest zero; 0 <= count <= 8. */
static inline uint64_t low_bytes(uint64_t word, size_t count) {
    static const uint64_t MASK[9] = {
        0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff,
        0xffffffffffffff, 0xffffffffffffffff,
    };
    return word & MASK[count];
}

/* Reads up to 8 bytes past the end. */
static inline uint64_t hash_bytes(const uint8_t *p, size_t length) {
    uint64_t hash = length * MIX;
    for (; length > 8; length -= 8, p += 8) {
        hash = (hash ^ load64(p)) * MIX;
        hash ^= hash >> 29;
    }
    hash = (hash ^ low_bytes(load64(p), length)) * MIX;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93ull;
    return hash ^ hash >> 29;
}

static inline uint32_t token_start(const model_view *m, uint32_t id) {
    return id == 0 ? 0 : m->ends[id - 1];
}

/* The id of a token by its bytes, or NONE. Reads up to 8 bytes past p's end. */
static inline uint32_t vocab_find(const model_view *m, const uint8_t *p,
                                  size_t length) {
    if (length > m->header->longest) return NONE;
    uint64_t mask = (1ull << m->header->vocab_bits) - 1;
    uint64_t hash = hash_bytes(p, length);
    for (uint64_t at = hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = m->vocab[at];
        if (slot == EMPTY) return NONE;
        if ((slot ^ hash) >> ID_BITS != 0) continue;
        uint32_t id = (uint32_t)(slot & ((1u << ID_BITS) - 1));
        uint32_t start = token_start(m, id);
        if (m->ends[id] - start != length) continue;
        if (memcmp(m->bytes + start, p, length) == 0) return id;
    }
}

static inline uint64_t pair_key(uint32_t left, uint32_t right) {
    return (uint64_t)left << ID_BITS | right;
}

static inline uint64_t pair_hash(uint64_t key, uint32_t bits) {
    uint64_t hash = key * MIX;
    return (hash ^ hash >> 32) * MIX >> (64 - bits);
}

/* The rank of the merge that joins two tokens, or NONE. */
static inline uint32_t pair_rank(const model_view *m, uint32_t left,
                                 uint32_t right) {
    uint32_t bits = m->header->pair_bits;
    uint64_t mask = (1ull << bits) - 1;
    uint64_t key = pair_key(left, right);
    for (uint64_t at = pair_hash(key, bits);; at = (at + 1) & mask) {
        uint64_t slot = m->pairs[at];
        if (slot >> RANK_BITS == key)
            return (uint32_t)(slot & ((1u << RANK_BITS) - 1));
        if (slot == EMPTY) return NONE;
    }
}

#endif
