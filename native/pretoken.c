/* pretoken.c -- where a text is cut into words before merging.
 *
 * A tokenizer.json says it with regular expressions. Few are in use, so each
 * is known here by its exact text and done by hand, about a hundred times
 * faster than an engine would; an expression that is not in PATTERNS is not
 * supported, and never approximated. They are made of a few ideas:
 *
 *     contraction   's 't 're 've 'm 'll 'd
 *     letters       a run of them, behind one character that is none
 *     cased         the same, cut where small letters meet a capital
 *     numbers       at most so many digits at a time
 *     others        punctuation and such, behind a space, with newlines after
 *     spaces        up to the last newline, or all but the last one, which
 *                   belongs to what follows
 *
 * A matcher is given a place in a text and returns where the match ends. Texts
 * have BPE_PAD readable bytes after them, so that eight can be looked at. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core.h"
#include "model.h"
#include "unicode.h"

#define HOT static inline __attribute__((always_inline))

enum {
    IS_LETTER = IS_UPPER | IS_LOWER | IS_CASELESS,
    IS_WORD = IS_LETTER | IS_MARK,
    IS_HEAD = IS_UPPER | IS_CASELESS | IS_MARK,
    IS_TAIL = IS_LOWER | IS_CASELESS | IS_MARK
};

/* What a stage does with the text it is given. */
enum {
    STAGE_LETTERS_DIGIT,   /* letters; numbers of one digit */
    STAGE_LETTERS_DIGITS3, /* of up to three */
    STAGE_MARKED_DIGIT,    /* marks count as letters */
    STAGE_CASED_DIGITS3,
    STAGE_CASED_DIGIT,     /* and no contractions */
    STAGE_SIMPLE,          /* letters or numbers or others, behind a space */
    STAGE_SYMBOLS,         /* symbols before ASCII words; marked letters */
    STAGE_EXACT,           /* the first of those that leave nothing out */
    STAGE_DIGITS3 = STAGE_EXACT,
    STAGE_DIGIT,
    STAGE_NUMBERS,
    STAGE_HAN_KANA,
    STAGE_COUNT
};

typedef struct {
    const char *text;
    uint8_t stage;
} pattern_row;

#define FOLDED "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define OTHERS "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
#define SPACES "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define HEADS "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define TAILS "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define BEFORE "[^\\r\\n\\p{L}\\p{N}]?"
#define CASED_OTHERS "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"

#define SIMPLE_PATTERN \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+" \
    "|\\s+(?!\\S)|\\s+"

static const pattern_row PATTERNS[] = {
    {SIMPLE_PATTERN, STAGE_SIMPLE},
    {FOLDED "|" BEFORE "\\p{L}+|\\p{N}" OTHERS SPACES, STAGE_LETTERS_DIGIT},
    {FOLDED "|" BEFORE "\\p{L}+|\\p{N}{1,3}" OTHERS SPACES,
     STAGE_LETTERS_DIGITS3},
    {"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}"
     "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
     STAGE_LETTERS_DIGITS3},
    {FOLDED "|" BEFORE "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+"
     "[\\r\\n]*" SPACES, STAGE_MARKED_DIGIT},
    {BEFORE HEADS "*" TAILS "+" FOLDED "?|" BEFORE HEADS "+" TAILS "*" FOLDED
     "?|\\p{N}{1,3}" CASED_OTHERS SPACES, STAGE_CASED_DIGITS3},
    {BEFORE HEADS "*" TAILS "+|" BEFORE HEADS "+" TAILS "*|\\p{N}"
     CASED_OTHERS SPACES, STAGE_CASED_DIGIT},
    {"[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
     "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*"
     "|\\s*[\r\n]+|\\s+(?!\\S)|\\s+", STAGE_SYMBOLS},
    {"\\p{N}{1,3}", STAGE_DIGITS3},
    {"\\p{N}", STAGE_DIGIT},
    {"\\p{N}+", STAGE_NUMBERS},
    {"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", STAGE_HAN_KANA},
};

/* --- Runs -------------------------------------------------------------- */

/* The class of the character at p, and its length. */
HOT uint8_t class_at(const uint8_t *p, const uint8_t *end, size_t *length) {
    if (*p < 0x80) {
        *length = 1;
        return CLASS[*p];
    }
    uint32_t c;
    *length = utf8_read(p, end, &c);
    return class_of(c);
}

/* The high bit of every byte that is not an ASCII letter. */
HOT uint64_t not_letters(uint64_t word) {
    const uint64_t ONES = 0x0101010101010101ull, HIGH = ONES << 7;
    uint64_t folded = (word | ONES * 0x20) & ONES * 0x7f;
    uint64_t from_a = folded + ONES * (0x80 - 'a');
    uint64_t past_z = folded + ONES * (0x80 - 'z' - 1);
    return ~(from_a & ~past_z & ~word) & HIGH;
}

/* Skips characters of the classes in `mask`. */
HOT const uint8_t *skip_class(const uint8_t *p, const uint8_t *end,
                              uint32_t mask) {
    size_t length;
    while (p < end && class_at(p, end, &length) & mask) p += length;
    return p;
}

/* Skips characters of no class in `mask`. */
HOT const uint8_t *skip_unless(const uint8_t *p, const uint8_t *end,
                               uint32_t mask) {
    size_t length;
    while (p < end && !(class_at(p, end, &length) & mask)) p += length;
    return p;
}

/* Skips letters; `mask` says which characters beyond ASCII are some. */
HOT const uint8_t *skip_letters(const uint8_t *p, const uint8_t *end,
                                uint32_t mask) {
    for (;;) {
        if (p >= end) return end;
        uint64_t stops = not_letters(load64(p));
        if (stops == 0) {
            p += 8;
            continue;
        }
        p += __builtin_ctzll(stops) / 8;
        if (p >= end) return end;
        if (*p < 0x80) return p;
        do {
            size_t length;
            if (!(class_at(p, end, &length) & mask)) return p;
            p += length;
            if (p >= end) return end;
        } while (*p >= 0x80);
    }
}

HOT bool is_ascii_letter(uint8_t byte) {
    return (uint8_t)((byte | 0x20) - 'a') < 26;
}

HOT bool is_newline(uint8_t byte) { return byte == '\n' || byte == '\r'; }

/* --- Parts of patterns -------------------------------------------------- */

/* The end of 's 't 're 've 'm 'll 'd at p, or p. */
HOT const uint8_t *contraction(const uint8_t *p, const uint8_t *end,
                               bool folded) {
    if (p >= end || *p != '\'' || end - p < 2) return p;
    uint8_t fold = folded ? 0x20 : 0, a = p[1] | fold;
    if (a == 's' || a == 't' || a == 'm' || a == 'd') return p + 2;
    if (end - p < 3) return p;
    uint8_t b = p[2] | fold;
    if ((a == 'r' || a == 'v') && b == 'e') return p + 3;
    if (a == 'l' && b == 'l') return p + 3;
    /* The long s folds to s. */
    if (folded && p[1] == 0xc5 && p[2] == 0xbf) return p + 3;
    return p;
}

/* Up to `most` numbers at p, of which the first is `length` bytes. */
HOT const uint8_t *numbers(const uint8_t *p, const uint8_t *end, size_t length,
                           int most) {
    for (p += length; --most > 0 && p < end; p += length)
        if (!(class_at(p, end, &length) & IS_NUMBER)) break;
    return p;
}

/* Spaces at p, of which there is one at least. */
static const uint8_t *spaces(const uint8_t *p, const uint8_t *end,
                             bool newlines) {
    const uint8_t *last = p, *newline = NULL, *start = p;
    size_t length;
    while (p < end && class_at(p, end, &length) & IS_SPACE) {
        last = p;
        if (is_newline(*p)) newline = p;
        p += length;
    }
    if (newlines && newline != NULL) return newline + 1;
    return p == end || last == start ? p : last;
}

/* What is neither letter nor number nor space, behind one space or none, with
 * the newlines after it, or slashes too; p where there is nothing of it. */
HOT const uint8_t *others(const uint8_t *p, const uint8_t *end, uint32_t not,
                          bool newlines, bool slashes) {
    const uint8_t *from = p + (*p == ' ');
    const uint8_t *q = skip_unless(from, end, not);
    if (q == from) return p;
    while (newlines && q < end && (is_newline(*q) || (slashes && *q == '/')))
        q++;
    return q;
}

/* --- Matchers ----------------------------------------------------------- */

HOT const uint8_t *match_letters(const uint8_t *p, const uint8_t *end,
                                 uint32_t letter, int digits) {
    /* Words of ASCII behind a space are most of most texts. */
    if (is_ascii_letter(p[*p == ' ']) && (*p != ' ' || end - p > 1))
        return skip_letters(p + 1, end, letter);
    const uint8_t *q = contraction(p, end, true);
    if (q != p) return q;
    size_t length, next;
    uint8_t class = class_at(p, end, &length);
    if (class & letter) return skip_letters(p + length, end, letter);
    if (class & IS_NUMBER) return numbers(p, end, length, digits);
    q = p + length;
    if (q < end && !is_newline(*p) && class_at(q, end, &next) & letter)
        return skip_letters(q + next, end, letter);
    q = others(p, end, letter | IS_NUMBER | IS_SPACE, true, false);
    return q != p ? q : spaces(p, end, true);
}

/* A word from p on: heads, then at least one tail; p where there is none. The
 * classes overlap, so heads that are tails too can be given back. */
HOT const uint8_t *heads_tails(const uint8_t *p, const uint8_t *end) {
    const uint8_t *q = p, *tail = p;
    size_t length;
    uint8_t class = 0;
    for (; q < end; q += length) {
        class = class_at(q, end, &length);
        if (!(class & IS_HEAD)) break;
        if (class & IS_TAIL) tail = q + length;
    }
    if (q < end && class & IS_TAIL) return skip_class(q, end, IS_TAIL);
    return tail;
}

/* At least one head, then tails. */
HOT const uint8_t *heads_only(const uint8_t *p, const uint8_t *end) {
    const uint8_t *q = skip_class(p, end, IS_HEAD);
    return q == p ? p : skip_class(q, end, IS_TAIL);
}

HOT const uint8_t *match_cased(const uint8_t *p, const uint8_t *end,
                               int digits, bool contracts) {
    size_t length;
    uint8_t class = class_at(p, end, &length);
    if (class & IS_NUMBER) return numbers(p, end, length, digits);
    bool before = !(class & IS_LETTER) && !is_newline(*p);
    const uint8_t *q = p;
    if (before) {
        q = heads_tails(p + length, end);
        if (q == p + length) q = p;
    }
    if (q == p) q = heads_tails(p, end);
    if (q == p && before) {
        q = heads_only(p + length, end);
        if (q == p + length) q = p;
    }
    if (q == p) q = heads_only(p, end);
    if (q != p) return contracts ? contraction(q, end, true) : q;
    q = others(p, end, IS_LETTER | IS_NUMBER | IS_SPACE, true, true);
    return q != p ? q : spaces(p, end, true);
}

HOT const uint8_t *match_simple(const uint8_t *p, const uint8_t *end) {
    if (*p == '\'') {
        const uint8_t *q = contraction(p, end, false);
        if (q != p) return q;
    }
    const uint8_t *from = p + (*p == ' ' && end - p > 1);
    size_t length;
    uint8_t class = class_at(from, end, &length);
    if (class & IS_LETTER) return skip_letters(from + length, end, IS_LETTER);
    if (class & IS_NUMBER) return skip_class(from + length, end, IS_NUMBER);
    const uint8_t *q =
        others(p, end, IS_LETTER | IS_NUMBER | IS_SPACE, false, false);
    return q != p ? q : spaces(p, end, false);
}

/* The one matcher that leaves characters out: it returns p at those. */
HOT const uint8_t *match_symbols(const uint8_t *p, const uint8_t *end) {
    size_t length, next;
    uint8_t class = class_at(p, end, &length);
    bool ascii = class & IS_SYMBOL && *p < 0x80;
    if (ascii && end - p > 1 && is_ascii_letter(p[1])) {
        p += 2;
        while (p < end && is_ascii_letter(*p)) p++;
        return p;
    }
    if (class & IS_WORD) return skip_letters(p + length, end, IS_WORD);
    const uint8_t *q = p + length;
    if (!(class & IS_SYMBOL) && !is_newline(*p) && q < end &&
        class_at(q, end, &next) & IS_WORD)
        return skip_letters(q + next, end, IS_WORD);
    const uint8_t *from = p + (*p == ' ');
    q = skip_class(from, end, IS_SYMBOL);
    if (q != from) {
        while (q < end && is_newline(*q)) q++;
        return q;
    }
    return class & IS_SPACE ? spaces(p, end, true) : p;
}

static bool is_han_kana(const uint8_t *p, const uint8_t *end, size_t *length) {
    uint32_t c;
    *length = utf8_read(p, end, &c);
    return (c >= 0x4e00 && c <= 0x9fa5) || (c >= 0x3040 && c <= 0x30ff);
}

/* Finds the first match in [p, end) of a stage that picks some characters out
 * of a text; returns its start, and end where there is none. */
static const uint8_t *find_exact(uint8_t stage, const uint8_t *p,
                                 const uint8_t *end, const uint8_t **stop) {
    size_t length;
    *stop = end;
    if (stage == STAGE_HAN_KANA) {
        while (p < end && (*p < 0xe3 || !is_han_kana(p, end, &length))) p++;
        const uint8_t *q = p;
        while (q < end && is_han_kana(q, end, &length)) q += length;
        *stop = q;
        return p;
    }
    for (; p < end; p += length) {
        if (!(class_at(p, end, &length) & IS_NUMBER)) continue;
        int most = stage == STAGE_DIGITS3 ? 3 : 1;
        *stop = stage == STAGE_NUMBERS ? skip_class(p, end, IS_NUMBER)
                                       : numbers(p, end, length, most);
        return p;
    }
    return end;
}

/* The end of the word at p, which is never empty. */
HOT const uint8_t *match_word(uint8_t stage, const uint8_t *p,
                              const uint8_t *end) {
    switch (stage) {
    case STAGE_LETTERS_DIGIT: return match_letters(p, end, IS_LETTER, 1);
    case STAGE_LETTERS_DIGITS3: return match_letters(p, end, IS_LETTER, 3);
    case STAGE_MARKED_DIGIT: return match_letters(p, end, IS_WORD, 1);
    case STAGE_CASED_DIGITS3: return match_cased(p, end, 3, true);
    case STAGE_CASED_DIGIT: return match_cased(p, end, 1, false);
    case STAGE_SIMPLE: return match_simple(p, end);
    default: break;
    }
    const uint8_t *q = match_symbols(p, end), *start = p;
    if (q != p) return q;
    /* Characters that nothing matches stay together. */
    while (p < end && q == p) {
        size_t length;
        class_at(p, end, &length);
        p += length;
        q = p < end ? match_symbols(p, end) : end;
    }
    return p > start ? p : end;
}
