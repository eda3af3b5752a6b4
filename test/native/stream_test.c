/* stream_test.c -- shapes of a stream, byte by byte, under the sanitizers. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

#include "stream.c"

static int passed, failed;

static void check(int ok, const char *what) {
    if (ok) {
        passed++;
    } else {
        failed++;
        printf("FAILED: %s\n", what);
    }
}

static const char BEFORE[] = "data: {\"t\":\"";
static const char AFTER[] = "\"}\n\n";

/* A shape with room for `room` bytes of text, in memory of exactly its size. */
static stream_shape *shape_with(uint32_t room) {
    uint32_t before = sizeof BEFORE - 1, after = sizeof AFTER - 1;
    stream_shape *shape = malloc(sizeof *shape + before + after + room);
    if (shape == NULL) abort();
    shape->before_bytes = before;
    shape->after_bytes = after;
    shape->text_at = before + after;
    shape->text_bytes = 0;
    shape->text_room = room;
    shape->id_at = 0;
    shape->id_bytes = 0;
    memcpy(shape->bytes, BEFORE, before);
    memcpy(shape->bytes + before, AFTER, after);
    return shape;
}

/* Takes a segment from memory of exactly its size, so that a byte too far is
 * a finding of the sanitizer. */
static int32_t take(stream_shape *shape, const char *text) {
    uint32_t length = (uint32_t)strlen(text);
    uint8_t *segment = malloc(length > 0 ? length : 1);
    if (segment == NULL) abort();
    memcpy(segment, text, length);
    int32_t events = stream_take(shape, segment, length);
    free(segment);
    return events;
}

static int text_is(const stream_shape *shape, const char *text) {
    return shape->text_bytes == strlen(text) &&
           memcmp(shape->bytes + shape->text_at, text, strlen(text)) == 0;
}

int main(void) {
    stream_shape *shape = shape_with(16);
    check(take(shape, "data: {\"t\":\"ab\"}\n\n") == 1, "one event");
    check(take(shape, "data: {\"t\":\"c\"}\n\ndata: {\"t\":\"d\"}\n\n") == 2,
          "two events in one segment");
    check(take(shape, "data: {\"t\":\"\\\"\\\\\"}\n\n") == 1,
          "escaped quote and backslash");
    check(text_is(shape, "abcd\\\"\\\\"), "the texts are joined");

    static const char *const others[] = {
        "data: {\"t\":\"ab\"}\n",          /* cut off */
        "data: {\"t\":\"\"}\n\n",          /* no text */
        "data: {\"t\":\"ab\\\"}\n\n",      /* the quote is escaped */
        "data: {\"t\":\"ab\",\"u\":1}\n\n", /* more than the text */
        "data: {\"u\":\"ab\"}\n\n",        /* another key */
        "data: {\"t\":\"a\nb\"}\n\n",      /* not JSON */
        "data: {\"t\":\"ab\\",             /* ends in an escape */
        "data: {\"t\":\"c\"}\n\ndata: [DONE]\n\n",
        "data: {\"t\":\"c\"}\n\ndata: {\"t\":\"d",
        "d",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        check(take(shape, others[i]) == 0, others[i]);
        check(text_is(shape, "abcd\\\"\\\\"), "nothing of it is taken");
    }

    check(take(shape, "data: {\"t\":\"12345678\"}\n\n") == 1, "room to the last byte");
    check(take(shape, "data: {\"t\":\"9\"}\n\n") == CORE_EROOM, "no room");
    check(shape->text_bytes == 16, "nothing is taken without room");
    check(take(shape, "") == 0, "an empty segment");
    free(shape);

    /* Every cut of a valid event but the whole one is refused. */
    static const char event[] = "data: {\"t\":\"\\u00e9x\"}\n\n";
    for (size_t cut = 0; cut + 1 < sizeof event; cut++) {
        char part[sizeof event];
        memcpy(part, event, cut);
        part[cut] = '\0';
        stream_shape *fresh = shape_with(64);
        check(take(fresh, part) == 0 && fresh->text_bytes == 0, "a cut event");
        free(fresh);
    }

    /* Another stream of the same server: {"i":"NAME","t":"TEXT"}. */
    static const char named[] = "data: {\"i\":\"one\",\"t\":\"";
    uint32_t before = sizeof named - 1, after = sizeof AFTER - 1;
    stream_shape *known = malloc(sizeof *known + before + after);
    if (known == NULL) abort();
    *known = (stream_shape){before, after, before + after, 0, 0, 12, 3};
    memcpy(known->bytes, named, before);
    memcpy(known->bytes + before, AFTER, after);

    static const char other[] =
        "data: {\"i\":\"a longer name\",\"t\":\"x\"}\n\n";
    uint32_t length = sizeof other - 1;
    uint32_t around = before + 10 + after;
    stream_shape *taker = malloc(sizeof *taker + around + 4);
    if (taker == NULL) abort();
    const uint8_t *bytes = (const uint8_t *)other;
    check(stream_adopt(taker, around + 4, known, bytes, length) == 1,
          "a shape is adopted");
    check(stream_take(taker, bytes, length) == 1 && text_is(taker, "x"),
          "and takes the event that it came from");
    check(take(taker, "data: {\"i\":\"one\",\"t\":\"x\"}\n\n") == 0,
          "but not one of the other stream");
    check(stream_adopt(taker, around - 1, known, bytes, length) == CORE_EROOM,
          "a longer name may find no room");
    for (uint32_t cut = 0; cut < before + 10; cut++) {
        uint8_t *part = malloc(cut > 0 ? cut : 1);
        if (part == NULL) abort();
        memcpy(part, other, cut);
        check(stream_adopt(taker, around + 4, known, part, cut) == 0,
              "a cut event is not adopted");
        free(part);
    }
    static const char *const strangers[] = {
        "data: {\"i\":\"\",\"t\":\"x\"}\n\n            ",
        "data: {\"i\":\"two\",\"u\":\"x\"}\n\n",
        "data: {\"j\":\"two\",\"t\":\"x\"}\n\n",
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        const char *text = strangers[i];
        check(stream_adopt(taker, around + 4, known, (const uint8_t *)text,
                           (uint32_t)strlen(text)) == 0,
              text);
    }
    known->id_bytes = 0;
    check(stream_adopt(taker, around + 4, known, bytes, length) == 0,
          "a shape without a name is nobody else's");
    free(known);
    free(taker);

    printf("stream: %d passed, %d failed\n", passed, failed);
    return failed > 0;
}
