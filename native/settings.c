/* settings.c -- what a tokenizer.json asks for, and how much of it there is.
 *
 * The file is walked through once. What it asks for and this core does not do
 * is answered with a BPE_NO_... code, before any work is done, and never
 * passed over in silence; everything else becomes flags, stages and places in
 * the file, from which the prepared form is built. */

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
            if (json_peek(&value) != '"') c->bad = true;
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
        if (json_is(key, "added_tokens") && !is_absent(c)) c.bad = true;
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
