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
    shape->holes = 0;
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

static uint32_t place(const char *text, char filling) {
    return (uint32_t)(strchr(text, filling) - text);
}

/* A name and three numbers: {"i":"_","c":5,"t":"TEXT","p":6,"q":7}, with room
 * for `slack` bytes more than that. */
static stream_shape *holed(uint32_t slack, uint32_t room) {
    static const char open[] = "data: {\"i\":\"_\",\"c\":5,\"t\":\"";
    static const char close[] = "\",\"p\":6,\"q\":7}\n\n";
    uint32_t before = sizeof open - 1, after = sizeof close - 1;
    stream_shape *shape =
        malloc(sizeof *shape + before + after + slack + room);
    if (shape == NULL) abort();
    shape->before_bytes = before;
    shape->after_bytes = after;
    shape->text_at = before + after + slack;
    shape->text_bytes = 0;
    shape->text_room = room;
    shape->holes = 4;
    shape->hole[0] = (stream_hole){place(open, '_'), 1, 0};
    shape->hole[1] = (stream_hole){place(open, '5'), 1, 1};
    shape->hole[2] = (stream_hole){before + place(close, '6'), 1, 1};
    shape->hole[3] = (stream_hole){before + place(close, '7'), 1, 1};
    memcpy(shape->bytes, open, before);
    memcpy(shape->bytes + before, close, after);
    return shape;
}

static int filled(const stream_shape *shape, uint32_t hole, const char *text) {
    stream_hole is = shape->hole[hole];
    return is.bytes == strlen(text) &&
           memcmp(shape->bytes + is.at, text, is.bytes) == 0;
}

static void holes(void) {
    stream_shape *shape = holed(40, 64);
    check(take(shape, "data: {\"i\":\"_\",\"c\":5,\"t\":\"a\",\"p\":6,\"q\":7}"
                      "\n\n") == 1,
          "an event as it was learnt");
    check(take(shape, "data: {\"i\":\"a longer name\",\"c\":1795520587,\"t\":"
                      "\"b\",\"p\":-12,\"q\":0.25}\n\n") == 1,
          "an event that fills the holes in another way");
    check(filled(shape, 0, "a longer name") && filled(shape, 1, "1795520587"),
          "what fills the holes before the text");
    check(filled(shape, 2, "-12") && filled(shape, 3, "0.25"),
          "what fills the holes behind it");
    check(take(shape, "data: {\"i\":\"n\",\"c\":0,\"t\":\"c\",\"p\":1,\"q\":2}\n\n"
                      "data: {\"i\":\"n\",\"c\":0,\"t\":\"d\",\"p\":1,\"q\":3}"
                      "\n\n") == 2,
          "two events with shorter fillings");
    check(filled(shape, 0, "n") && filled(shape, 3, "3"), "the last one's");
    check(text_is(shape, "abcd"), "their texts");

    static const char *const others[] = {
        "data: {\"i\":\"\",\"c\":0,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
        "data: {\"i\":\"\\n\",\"c\":0,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
        "data: {\"i\":\"n\",\"c\":-,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
        "data: {\"i\":\"n\",\"c\":00,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
        "data: {\"i\":\"n\",\"c\":1.,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
        "data: {\"i\":\"n\",\"c\":1e3,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
        "data: {\"i\":\"n\",\"c\":1234567890123456789012345,\"t\":\"c\"",
        "data: {\"i\":\"n\",\"c\":1,\"t\":\"c\",\"p\":1,\"r\":2}\n\n",
        "data: {\"i\":\"a name that is much longer than there is room for it\","
        "\"c\":0,\"t\":\"c\",\"p\":1,\"q\":2}\n\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        check(take(shape, others[i]) == 0, others[i]);
        check(text_is(shape, "abcd"), "nothing of it is taken");
    }
    static const char event[] =
        "data: {\"i\":\"mm\",\"c\":12,\"t\":\"e\",\"p\":3,\"q\":45}\n\n";
    for (size_t cut = 1; cut + 1 < sizeof event; cut++) {
        char part[sizeof event];
        memcpy(part, event, cut);
        part[cut] = '\0';
        check(take(shape, part) == 0 && text_is(shape, "abcd"), "a cut event");
    }
    check(take(shape, event) == 1 && text_is(shape, "abcde"), "and a whole one");
    free(shape);

    stream_shape *full = holed(0, 64);
    check(take(full, event) == 0, "no room for longer fillings");
    check(take(full, "data: {\"i\":\"x\",\"c\":1,\"t\":\"e\",\"p\":3,\"q\":4}"
                     "\n\n") == 1,
          "but for others of the same length");
    free(full);
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

    holes();

    printf("stream: %d passed, %d failed\n", passed, failed);
    return failed > 0;
}
