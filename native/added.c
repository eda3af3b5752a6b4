/* added.c -- the added tokens of a prepared form: their ids, their contents
 * sorted for looking up, and what decoding makes of them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core.h"
#include "model.h"

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
    if (!flag(token, "normalized")) return 0;
    /* Its content would be normalised too, and then be another. */
    if (!(b->s->flags & MODEL_BYTES)) return BPE_NO_ADDED;
    if (b->s->flags & MODEL_NFC && !nfc_is_certain(text, end))
        return BPE_NO_ADDED;
    return 0;
}

/* The same among the strings of the vocabulary that no text can become, such
 * as control tokens that are not made of the byte alphabet. */
static uint32_t find_unreached(builder *b, const uint8_t *text,
                               size_t length) {
    model_view m = model_open(b->model);
    for (uint32_t id = b->unreached[0]; id < b->unreached[1]; id++) {
        uint32_t start = token_start(&m, id);
        if (m.kinds[id] != 0 || m.ends[id] - start != length) continue;
        if (memcmp(m.bytes + start, text, length) == 0) return id;
    }
    return NONE;
}

static int32_t write_added(builder *b) {
    model_header *h = b->header;
    added_token *all = (added_token *)(void *)(b->model + h->added_at);
    uint8_t *contents = b->model + h->contents_at;
    uint8_t *kinds = b->model + h->kinds_at;
    uint32_t counts[2] = {0, 0};
    bool strips = false, starts_with_space = false;
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
            size_t first_size;
            const uint8_t *end = b->text + length;
            strips |= flag(&token, "rstrip");
            starts_with_space |=
                (class_at(b->text, end, &first_size) & IS_SPACE) != 0;
            memcpy(contents + h->contents, b->text, length);
            h->contents += (uint32_t)length;
            counts[normal]++;
            if (flag(&token, "special")) kinds[id] |= KIND_SPECIAL;
        }
        if (c.bad) return CORE_EDATA;
    }
    /* One would take the space that the other starts with. */
    if (strips && starts_with_space) return BPE_NO_ADDED;
    h->added = counts[0] + counts[1];
    sort_added(contents, all, counts[0]);
    sort_added(contents, all + counts[0], counts[1]);
    for (uint32_t i = 1; i < h->added; i++)
        if (i != counts[0] &&
            compare_added(contents, &all[i - 1], &all[i]) == 0)
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
        if (id == NONE) id = find_unreached(b, b->text, length);
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
