/* vocab.c -- from the text of a tokenizer.json to the prepared form.
 *
 * The text is read twice. bpe_plan() counts, so that the caller can make memory
 * of the right size; bpe_prepare() fills it. What the file asks for and this
 * core does not do is answered with a BPE_NO_... code, before any work is done,
 * and never passed over in silence. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

#define TOKENS_MAX ((1u << ID_BITS) - 2)
#define MERGES_MAX ((1u << RANK_BITS) - 2)
#define NESTING 8

/* What the file says, as places in it and as settings. */
typedef struct {
    uint64_t sizes[2]; /* of the prepared form, and of scratch */
    json_cursor vocab, merges, added;
    uint32_t flags, stage_count;
    uint8_t stages[STAGES_MAX];
    uint32_t tokens, merge_count, added_count, decoders;
    size_t token_bytes, added_bytes, string_max;
    bool has_model, has_vocab, has_merges, has_added;
    bool named, fallback, replaces, metaspace, ends;
    int32_t refused;
} plan;

static void refuse(plan *s, int32_t why) {
    if (s->refused == 0) s->refused = why;
}

/* Takes a string and says whether it is `text`; `text` may hold anything. */
static bool reads(json_cursor *c, const char *text) {
    enum { LONGEST = 512 };
    uint8_t buffer[LONGEST];
    if (json_peek(c) != '"') {
        json_skip(c);
        return false;
    }
    json_span span = json_string(c);
    if (c->bad || span.length > LONGEST) return false;
    size_t length = json_text(c, span, buffer);
    return !c->bad && length == strlen(text) &&
           memcmp(buffer, text, length) == 0;
}

/* The value of a member of the object at c, which itself stays where it is;
 * a cursor at the end where there is no such member. */
static json_cursor member(const json_cursor *object, const char *name) {
    json_cursor c = *object, found = {object->end, object->end, false};
    bool first = true;
    if (json_peek(&c) != '{') return found;
    json_enter(&c, '{');
    while (json_more(&c, '}', &first)) {
        json_span key = json_key(&c);
        json_space(&c);
        if (json_is(key, name)) found = c;
        json_skip(&c);
    }
    found.bad = c.bad;
    return found;
}

static bool member_reads(const json_cursor *object, const char *name,
                         const char *text) {
    json_cursor c = member(object, name);
    return json_peek(&c) == '"' && reads(&c, text);
}

static bool member_is(const json_cursor *object, const char *name,
                      const char *word) {
    json_cursor c = member(object, name);
    return json_word(&c, word);
}

static bool is_absent(json_cursor c) {
    return json_peek(&c) == 0 || json_word(&c, "null");
}

/* --- Settings ----------------------------------------------------------- */

/* Calls `each` for the object at c, or for every one in its list if it is a
 * Sequence. The order is that of the file. */
static void each_of(plan *s, json_cursor c, const char *list, int32_t refusal,
                    int depth, void (*each)(plan *, json_cursor)) {
    if (is_absent(c)) return;
    if (depth > NESTING || json_peek(&c) != '{') {
        refuse(s, refusal);
        return;
    }
    if (!member_reads(&c, "type", "Sequence")) {
        each(s, c);
        return;
    }
    json_cursor items = member(&c, list);
    bool first = true;
    json_enter(&items, '[');
    while (json_more(&items, ']', &first)) {
        json_space(&items);
        each_of(s, items, list, refusal, depth + 1, each);
        json_skip(&items);
    }
    if (items.bad) refuse(s, CORE_EDATA);
}

static void read_normalizer(plan *s, json_cursor c) {
    json_cursor pattern = member(&c, "pattern");
    if (member_reads(&c, "type", "NFC")) {
        s->flags |= MODEL_NFC;
    } else if (member_reads(&c, "type", "Prepend") &&
               member_reads(&c, "prepend", LINE)) {
        s->flags |= MODEL_PREPEND;
    } else if (member_reads(&c, "type", "Replace") &&
               member_reads(&pattern, "String", " ") &&
               member_reads(&c, "content", LINE)) {
        s->replaces = true;
    } else {
        refuse(s, BPE_NO_NORMALIZER);
    }
}

static void add_stage(plan *s, uint8_t stage) {
    bool full = s->stage_count == STAGES_MAX || s->ends;
    if (full) refuse(s, BPE_NO_PRETOKENIZER);
    else s->stages[s->stage_count++] = stage;
}

static void read_split(plan *s, const json_cursor *c) {
    json_cursor pattern = member(c, "pattern");
    /* Where spaces have been replaced there is none to split at. */
    if (s->replaces && member_reads(&pattern, "String", " ")) return;
    bool isolated = member_reads(c, "behavior", "Isolated") &&
                    member_is(c, "invert", "false");
    /* The same, where matches leave nothing out. */
    bool removed = member_reads(c, "behavior", "Removed") &&
                   member_is(c, "invert", "true");
    for (size_t i = 0; i < COUNT(PATTERNS); i++) {
        if (!member_reads(&pattern, "Regex", PATTERNS[i].text)) continue;
        bool exact = PATTERNS[i].stage < STAGE_SYMBOLS;
        if (isolated || (removed && exact)) {
            add_stage(s, PATTERNS[i].stage);
            return;
        }
    }
    refuse(s, BPE_NO_PRETOKENIZER);
}

/* Old files say add_prefix_space where new ones say prepend_scheme. */
static void read_metaspace(plan *s, const json_cursor *c) {
    s->metaspace = s->replaces = true;
    if (!member_reads(c, "replacement", LINE)) refuse(s, BPE_NO_PRETOKENIZER);
    json_cursor scheme = member(c, "prepend_scheme");
    bool old = is_absent(scheme);
    if (old ? member_is(c, "add_prefix_space", "true")
            : member_reads(c, "prepend_scheme", "always")) {
        s->flags |= MODEL_PREPEND | MODEL_PREPEND_ONCE;
    } else if (member_reads(c, "prepend_scheme", "first")) {
        s->flags |= MODEL_PREPEND | MODEL_PREPEND_ONCE | MODEL_PREPEND_HEAD;
    } else if (!old && !member_reads(c, "prepend_scheme", "never")) {
        refuse(s, BPE_NO_PRETOKENIZER);
    }
    if (!member_is(c, "split", "false")) s->flags |= MODEL_SPLIT;
}

static void read_pretokenizer(plan *s, json_cursor c) {
    if (s->ends || s->metaspace) refuse(s, BPE_NO_PRETOKENIZER);
    if (member_reads(&c, "type", "Split")) {
        read_split(s, &c);
    } else if (member_reads(&c, "type", "ByteLevel")) {
        if (!member_is(&c, "add_prefix_space", "false"))
            refuse(s, BPE_NO_PRETOKENIZER);
        if (!member_is(&c, "use_regex", "false")) add_stage(s, STAGE_SIMPLE);
        s->flags |= MODEL_BYTES;
        s->ends = true;
    } else if (member_reads(&c, "type", "Digits")) {
        bool single = member_is(&c, "individual_digits", "true");
        add_stage(s, single ? STAGE_DIGIT : STAGE_NUMBERS);
    } else if (member_reads(&c, "type", "Metaspace")) {
        if (s->replaces || s->stage_count > 0 || s->flags & MODEL_PREPEND)
            refuse(s, BPE_NO_PRETOKENIZER);
        read_metaspace(s, &c);
    } else {
        refuse(s, BPE_NO_PRETOKENIZER);
    }
}

/* Where spaces are characters, the decoder is these steps in this order. */
static void read_decoder(plan *s, json_cursor c) {
    static const char *const STEPS[] = {"Replace", "ByteFallback", "Fuse",
                                        "Strip"};
    if (s->flags & MODEL_BYTES) {
        if (!member_reads(&c, "type", "ByteLevel")) refuse(s, BPE_NO_DECODER);
        s->decoders++;
        return;
    }
    uint32_t step = s->decoders++;
    if (step >= COUNT(STEPS) || !member_reads(&c, "type", STEPS[step])) {
        refuse(s, BPE_NO_DECODER);
        return;
    }
    json_cursor pattern = member(&c, "pattern");
    if (step == 0 && !(member_reads(&pattern, "String", LINE) &&
                       member_reads(&c, "content", " ")))
        refuse(s, BPE_NO_DECODER);
    if (step == 3) {
        if (!member_reads(&c, "content", " ") || !member_is(&c, "start", "1") ||
            !member_is(&c, "stop", "0"))
            refuse(s, BPE_NO_DECODER);
        s->flags |= MODEL_STRIP;
    }
}

/* --- Counting ----------------------------------------------------------- */

static void count_string(plan *s, json_span span) {
    if (span.length > s->string_max) s->string_max = span.length;
}

/* Each of these takes its value, so that the file is walked through once. */
static void count_vocab(plan *s, json_cursor *c) {
    bool first = true;
    s->vocab = *c;
    json_enter(c, '{');
    while (json_more(c, '}', &first)) {
        json_span key = json_key(c);
        uint32_t id = json_number(c, TOKENS_MAX);
        if (id >= s->tokens) s->tokens = id + 1;
        s->token_bytes += key.length;
        count_string(s, key);
    }
}

static void count_merges(plan *s, json_cursor *c) {
    bool first = true;
    s->merges = *c;
    json_enter(c, '[');
    while (json_more(c, ']', &first)) {
        if (json_peek(c) == '[') {
            bool inner = true;
            json_enter(c, '[');
            while (json_more(c, ']', &inner)) count_string(s, json_string(c));
        } else {
            count_string(s, json_string(c));
        }
        if (++s->merge_count > MERGES_MAX) c->bad = true;
    }
}

static void count_added(plan *s, json_cursor *c) {
    bool first = true;
    s->added = *c;
    s->has_added = true;
    json_enter(c, '[');
    while (json_more(c, ']', &first)) {
        json_space(c);
        json_cursor content = member(c, "content"), id = member(c, "id");
        json_span text = json_string(&content);
        uint32_t number = json_number(&id, TOKENS_MAX);
        if (content.bad || id.bad) c->bad = true;
        if (number >= s->tokens) s->tokens = number + 1;
        s->added_bytes += text.length;
        s->added_count++;
        count_string(s, text);
        json_skip(c);
    }
}

static void read_model(plan *s, json_cursor *c) {
    bool first = true, again = s->has_model;
    s->has_model = true;
    json_enter(c, '{');
    while (json_more(c, '}', &first)) {
        json_span key = json_key(c);
        json_space(c);
        json_cursor value = *c;
        if (json_is(key, "vocab") && json_peek(c) == '{') {
            again |= s->has_vocab;
            s->has_vocab = true;
            count_vocab(s, c);
            continue;
        }
        if (json_is(key, "merges")) {
            again |= s->has_merges;
            s->has_merges = true;
            count_merges(s, c);
            continue;
        }
        if (json_is(key, "vocab")) {
            refuse(s, BPE_NO_MODEL);
        } else if (json_is(key, "type")) {
            if (!reads(&value, "BPE")) refuse(s, BPE_NO_MODEL);
            s->named = true;
        } else if (json_is(key, "dropout")) {
            if (!is_absent(value)) refuse(s, BPE_NO_MODEL);
        } else if (json_is(key, "ignore_merges")) {
            if (json_word(&value, "true")) s->flags |= MODEL_DIRECT;
        } else if (json_is(key, "byte_fallback")) {
            s->fallback = json_word(&value, "true");
        } else if (json_is(key, "continuing_subword_prefix") ||
                   json_is(key, "end_of_word_suffix")) {
            if (!is_absent(value) && !reads(&value, ""))
                refuse(s, BPE_NO_MODEL);
        }
        json_skip(c);
    }
    if (again) c->bad = true;
}

static void check_plan(plan *s) {
    bool bytes = s->flags & MODEL_BYTES;
    if (!s->has_vocab || !s->has_merges)
        refuse(s, s->named ? CORE_EDATA : BPE_NO_MODEL);
    if (bytes ? s->decoders != 1 : s->decoders < 3) refuse(s, BPE_NO_DECODER);
    if (bytes && (s->replaces || s->flags & MODEL_PREPEND))
        refuse(s, BPE_NO_NORMALIZER);
    if (bytes) return;
    if (!s->fallback || !s->replaces || s->flags & (MODEL_DIRECT | MODEL_NFC))
        refuse(s, BPE_NO_BYTES);
    if (s->stage_count > 0) refuse(s, BPE_NO_PRETOKENIZER);
}

/* Reads settings and counts; returns 0, or why not. */
static int32_t read_plan(const uint8_t *json, size_t length, plan *s) {
    memset(s, 0, sizeof(*s));
    json_cursor c = {json, json + length, false};
    json_cursor normalizer = {c.end, c.end, false};
    json_cursor pretokenizer = normalizer, decoder = normalizer;
    bool first = true;
    json_enter(&c, '{');
    while (json_more(&c, '}', &first)) {
        json_span key = json_key(&c);
        json_space(&c);
        if (json_is(key, "model") && json_peek(&c) == '{') {
            read_model(s, &c);
            continue;
        }
        if (json_is(key, "added_tokens") && json_peek(&c) == '[') {
            if (s->has_added) c.bad = true;
            count_added(s, &c);
            continue;
        }
        if (json_is(key, "normalizer")) normalizer = c;
        if (json_is(key, "pre_tokenizer")) pretokenizer = c;
        if (json_is(key, "decoder")) decoder = c;
        json_skip(&c);
    }
    json_space(&c);
    if (c.bad || c.p != c.end) return CORE_EDATA;
    if (!s->has_model) return BPE_NO_MODEL;
    each_of(s, normalizer, "normalizers", BPE_NO_NORMALIZER, 0,
            read_normalizer);
    each_of(s, pretokenizer, "pretokenizers", BPE_NO_PRETOKENIZER, 0,
            read_pretokenizer);
    each_of(s, decoder, "decoders", BPE_NO_DECODER, 0, read_decoder);
    check_plan(s);
    if (s->refused != 0) return s->refused;
    return s->tokens == 0 ? CORE_EDATA : 0;
}

/* --- Layout ------------------------------------------------------------- */

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

/* Scratch: where each id's string stands, three strings, room to merge. */
static size_t scratch_size(const plan *s) {
    return aligned(8ull * s->tokens) + 4 * aligned(s->string_max + BPE_PAD) +
           units_room(s->string_max + BPE_PAD);
}

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

/* --- Filling ------------------------------------------------------------ */

typedef struct {
    const plan *s;
    model_header *header;
    uint8_t *model;
    const uint8_t **strings; /* by id, where the string starts in the file */
    uint8_t *text, *left, *both;
    uint8_t *units;
    uint32_t laid; /* ids below have their bytes in place */
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

static void pair_add(builder *b, uint32_t left, uint32_t right, uint32_t rank) {
    uint64_t *slots = (uint64_t *)(void *)(b->model + b->header->pairs_at);
    uint32_t bits = b->header->pair_bits;
    uint64_t mask = (1ull << bits) - 1, key = pair_key(left, right);
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

static int32_t write_merges(builder *b) {
    model_view m = model_open(b->model);
    uint32_t *made = (uint32_t *)(void *)(b->model + b->header->made_at);
    json_cursor c = b->s->merges;
    bool first = true;
    uint32_t rank = 0;
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
        uint32_t whole = vocab_find(&m, b->both, left + right);
        if (a == NONE || z == NONE || whole == NONE) return CORE_EDATA;
        if (!(b->header->flags & MODEL_BYTES))
            mark_crossing(b, b->both, left + right);
        made[rank] = whole;
        pair_add(b, a, z, rank++);
    }
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

/* --- Added tokens ------------------------------------------------------- */

static int compare_bytes(const uint8_t *a, size_t a_length, const uint8_t *z,
                         size_t z_length) {
    size_t shared = a_length < z_length ? a_length : z_length;
    int order = memcmp(a, z, shared);
    if (order != 0) return order;
    return (a_length > z_length) - (a_length < z_length);
}

static int compare_added(const uint8_t *contents, const added_token *a,
                         const added_token *z) {
    return compare_bytes(contents + a->start, a->length, contents + z->start,
                         z->length);
}

/* Heap sort: a file may hold a hundred thousand, in any order. */
static void sort_added(const uint8_t *contents, added_token *all,
                       size_t count) {
    for (size_t from = count / 2, end = count; end > 1;) {
        if (from > 0) {
            from--;
        } else {
            added_token last = all[--end];
            all[end] = all[0];
            all[0] = last;
        }
        added_token moved = all[from];
        size_t at = from;
        for (size_t child; (child = 2 * at + 1) < end; at = child) {
            if (child + 1 < end &&
                compare_added(contents, &all[child], &all[child + 1]) < 0)
                child++;
            if (compare_added(contents, &moved, &all[child]) >= 0) break;
            all[at] = all[child];
        }
        all[at] = moved;
    }
}

static void index_group(const added_token *all, const uint8_t *contents,
                        uint32_t from, uint32_t count, added_group *group) {
    uint32_t at = from;
    group->heads = 0;
    for (uint32_t byte = 0; byte < 256; byte++) {
        group->first[byte] = at;
        while (at < from + count && contents[all[at].start] == byte) at++;
        if (at == group->first[byte]) continue;
        if (group->heads < 4) group->head[group->heads] = (uint8_t)byte;
        group->heads++;
    }
    group->first[256] = at;
}

static bool flag(const json_cursor *token, const char *name) {
    return member_is(token, name, "true");
}

/* Decoding treats an added token like any other: as the bytes that it spells,
 * or as its text where it spells none. */
static void write_added_bytes(builder *b, uint32_t id, const uint8_t *text,
                              size_t length) {
    uint8_t *bytes = b->model + b->header->bytes_at;
    uint32_t *ends = (uint32_t *)(void *)(b->model + b->header->ends_at);
    for (; b->laid < id; b->laid++) ends[b->laid] = ends[b->laid - 1];
    uint32_t at = ends[id - 1];
    size_t size = 0;
    if (!token_bytes(b, text, length, bytes + at, &size)) {
        memcpy(bytes + at, text, length);
        size = length;
    }
    ends[b->laid++] = at + (uint32_t)size;
}

/* The id of a string of the vocabulary, whatever it spells, or NONE. */
static uint32_t id_of_text(builder *b, const uint8_t *text, size_t length) {
    model_view m = model_open(b->model);
    size_t size = 0;
    if (token_bytes(b, text, length, b->both, &size)) {
        uint32_t id = vocab_find(&m, b->both, size);
        if (id != NONE) return id;
    }
    if (!(b->s->flags & MODEL_BYTES)) {
        int byte = byte_of_token(text, length);
        if (byte >= 0) return b->header->byte_ids[byte];
    }
    return NONE;
}

static int32_t check_added(builder *b, const json_cursor *token,
                           const uint8_t *text, size_t length) {
    const uint8_t *end = text + length;
    if (flag(token, "single_word")) return BPE_NO_ADDED;
    size_t first;
    bool strips = flag(token, "lstrip") || flag(token, "rstrip");
    if (strips && class_at(text, end, &first) & IS_SPACE) return BPE_NO_ADDED;
    if (!flag(token, "normalized")) return 0;
    /* Its content would be normalised too, and then be another. */
    if (!(b->s->flags & MODEL_BYTES)) return BPE_NO_ADDED;
    if (b->s->flags & MODEL_NFC && !nfc_is_certain(text, end))
        return BPE_NO_ADDED;
    return 0;
}

/* Sorts ids that a text spells but no table knows: strings of the vocabulary
 * that are not made of the byte alphabet, such as control tokens. */
static uint32_t find_unreached(builder *b, const uint8_t *text, size_t length,
                               uint32_t declared) {
    model_view m = model_open(b->model);
    if (declared >= b->header->tokens || b->strings[declared] == NULL)
        return NONE;
    uint32_t start = token_start(&m, declared);
    if (m.ends[declared] - start != length) return NONE;
    return memcmp(m.bytes + start, text, length) == 0 ? declared : NONE;
}

static int32_t write_added(builder *b) {
    model_header *h = b->header;
    added_token *all = (added_token *)(void *)(b->model + h->added_at);
    uint8_t *contents = b->model + h->contents_at;
    uint8_t *kinds = b->model + h->kinds_at;
    uint32_t counts[2] = {0, 0};
    /* Two passes, so that the groups lie one behind the other. */
    for (int normal = 0; normal < 2 && b->s->has_added; normal++) {
        json_cursor c = b->s->added;
        bool first = true;
        json_enter(&c, '[');
        while (json_more(&c, ']', &first)) {
            json_space(&c);
            json_cursor token = c, content = member(&c, "content");
            json_cursor number = member(&c, "id");
            uint32_t id = json_number(&number, TOKENS_MAX);
            size_t length =
                json_text(&content, json_string(&content), b->text);
            json_skip(&c);
            if (c.bad || content.bad || number.bad || id >= h->tokens)
                return CORE_EDATA;
            if (length == 0 || flag(&token, "normalized") != normal) continue;
            memset(b->text + length, 0, BPE_PAD);
            int32_t refused = check_added(b, &token, b->text, length);
            if (refused != 0) return refused;
            added_token *added = &all[counts[0] + counts[1]];
            added->start = h->contents;
            added->length = (uint32_t)length;
            added->id = id;
            added->flags = (flag(&token, "lstrip") ? ADDED_LSTRIP : 0u) |
                           (flag(&token, "rstrip") ? ADDED_RSTRIP : 0u);
            memcpy(contents + h->contents, b->text, length);
            h->contents += (uint32_t)length;
            counts[normal]++;
            if (flag(&token, "special")) kinds[id] |= KIND_SPECIAL;
        }
        if (c.bad) return CORE_EDATA;
    }
    h->added = counts[0] + counts[1];
    sort_added(contents, all, counts[0]);
    sort_added(contents, all + counts[0], counts[1]);
    for (uint32_t i = 1; i < h->added; i++)
        if (i != counts[0] && compare_added(contents, &all[i - 1], &all[i]) == 0)
            return BPE_NO_ADDED;
    index_group(all, contents, 0, counts[0], &h->raw);
    index_group(all, contents, counts[0], counts[1], &h->normal);
    return 0;
}

/* The reference numbers added tokens itself: one of the vocabulary keeps its
 * id, others count on from the largest. A file that says otherwise means one
 * thing to it and another to us. */
static int32_t number_added(builder *b) {
    if (!b->s->has_added) return 0;
    json_cursor c = b->s->added;
    bool first = true;
    json_enter(&c, '[');
    uint32_t size = b->next_id, largest = 0;
    bool any = false;
    while (json_more(&c, ']', &first)) {
        json_space(&c);
        json_cursor content = member(&c, "content"), number = member(&c, "id");
        uint32_t declared = json_number(&number, TOKENS_MAX);
        size_t length = json_text(&content, json_string(&content), b->text);
        json_skip(&c);
        if (c.bad || content.bad || number.bad) return CORE_EDATA;
        if (length == 0) continue;
        memset(b->text + length, 0, BPE_PAD);
        uint32_t id = id_of_text(b, b->text, length);
        if (id == NONE) id = find_unreached(b, b->text, length, declared);
        if (id == NONE) {
            id = any && largest >= size ? largest + 1 : size;
            if (id != declared || id < b->laid) return BPE_NO_ADDED;
            write_added_bytes(b, id, b->text, length);
        }
        if (id != declared) return BPE_NO_ADDED;
        if (!any || id > largest) largest = id;
        any = true;
    }
    uint32_t *ends = (uint32_t *)(void *)(b->model + b->header->ends_at);
    for (; b->laid < b->header->tokens; b->laid++)
        ends[b->laid] = ends[b->laid - 1];
    return c.bad ? CORE_EDATA : 0;
}

/* --- Doors -------------------------------------------------------------- */

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
    b.units = b.both + text;
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
