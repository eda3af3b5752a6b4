/* wire_test.c -- replies in random pieces, full rings, queues and closed
 * connections, under the sanitizers. Heads are a letter here, because nobody
 * looks into them; a plainer reader of whole texts judges the bodies. */

#define _GNU_SOURCE

#include <stdio.h>

#include "core.h"

#ifdef __linux__

#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "wire.c"

static int passed, failed;

static void check(int ok, const char *what) {
    if (ok) {
        passed++;
    } else {
        failed++;
        printf("FAILED: %s\n", what);
    }
}

/* --- A thread's sockets, and what was heard on them ---------------------- */

#define PLACES 260
#define BODY_ROOM (1 << 18)

/* What a request came to. */
typedef struct {
    int32_t code;  /* WIRE_ENDED, WIRE_MALFORMED, WIRE_CLOSED, ... or NONE */
    int32_t error; /* a defect, or the system's */
    uint32_t is_spoilt;
    char body[BODY_ROOM]; /* as the ring had it */
    size_t bytes;
    char heard[BODY_ROOM]; /* as it was told */
    size_t heard_bytes;
    char head[64]; /* what came of one */
    size_t head_bytes;
    uint32_t frames;
} request;

typedef struct {
    wire *w;
    wire_conn *conns;
    int32_t *ring;
    int peers[PLACES];
    request *requests[PLACES];
    uint32_t read; /* words of the ring */
    uint32_t told_count; /* replies that ended */
} bench;

static void *zeroes(size_t bytes) {
    void *memory = calloc(1, bytes);
    if (memory == NULL) abort();
    return memory;
}

/* All memory is of exactly its size, so that a step beyond it is seen. */
static bench *bench_open(uint32_t ring_bytes, uint32_t segment_bytes) {
    bench *b = zeroes(sizeof *b);
    b->w = zeroes(sizeof *b->w + segment_bytes);
    b->w->segment_bytes = segment_bytes;
    b->w->ring_bytes = ring_bytes;
    b->ring = zeroes(RING_CONTROL_BYTES + ring_bytes);
    b->conns = zeroes(PLACES * sizeof *b->conns);
    for (int i = 0; i < PLACES; i++) b->conns[i].fd = b->peers[i] = -1;
    if (wire_open(b->w) != 0) abort();
    return b;
}

static void hang_up(bench *b, uint32_t place) {
    if (b->peers[place] >= 0) close(b->peers[place]);
    b->peers[place] = -1;
}

static void bench_close(bench *b) {
    for (uint32_t i = 0; i < PLACES; i++) {
        wire_close(b->w, b->conns, i, 0);
        hang_up(b, i);
        free(b->requests[i]);
    }
    wire_shut(b->w);
    free(b->w);
    free(b->conns);
    free(b->ring);
    free(b);
}

/* An open connection whose other end is b->peers[place]. */
static void adopt(bench *b, uint32_t place) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) abort();
    wire_conn *c = &b->conns[place];
    c->fd = ends[0];
    c->turn++;
    c->state = OPEN;
    c->busy = c->is_ended = 0;
    b->peers[place] = ends[1];
    watch_fd(b->w, c->fd, EPOLLIN | EPOLLRDHUP, place, (uint32_t)c->turn,
             EPOLL_CTL_ADD);
}

/* Sends a request, and forgets the last one of that place. */
static request *ask(bench *b, uint32_t place, int32_t watched) {
    static const uint8_t text[] = "ask";
    wire_conn *c = &b->conns[place];
    c->slot = place;
    c->watched = watched;
    if (wire_send(b->w, b->conns, place, text, 3, text, 0) != 3) abort();
    char asked[8];
    if (recv(b->peers[place], asked, sizeof asked, 0) != 3) abort();
    request *r = b->requests[place];
    if (r == NULL) r = b->requests[place] = zeroes(sizeof *r);
    memset(r, 0, offsetof(request, body));
    r->bytes = r->heard_bytes = r->head_bytes = r->frames = 0;
    return r;
}

static void say(bench *b, uint32_t place, const char *text, size_t length) {
    if (send(b->peers[place], text, length, MSG_NOSIGNAL) != (ssize_t)length)
        abort();
}

/* Takes what the ring holds, as src/ring/reader.ts does. */
static void drain(bench *b) {
    uint32_t capacity = b->w->ring_bytes / 8;
    uint32_t written = (uint32_t)b->ring[RING_WRITTEN];
    const uint8_t *data = (const uint8_t *)b->ring + RING_CONTROL_BYTES;
    while (b->read != written) {
        uint32_t at = (b->read - (uint32_t)b->ring[RING_BASE]) % capacity;
        uint32_t header[2];
        double stamp_ns;
        memcpy(header, data + (size_t)at * 8, 8);
        if (header[1] >> 24 == 0) {
            b->read += (header[0] + 8) / 8;
            continue;
        }
        memcpy(&stamp_ns, data + (size_t)at * 8 + 8, 8);
        request *r = b->requests[header[1] & 0xffffff];
        if (header[1] >> 24 != 7 || r == NULL || stamp_ns <= 0 ||
            r->bytes + header[0] > BODY_ROOM)
            abort();
        memcpy(r->body + r->bytes, data + (size_t)at * 8 + 16, header[0]);
        r->bytes += header[0];
        r->frames++;
        b->read += (RING_HEADER_BYTES + header[0] + 7) / 8;
    }
    b->ring[RING_READ] = (int32_t)b->read;
}

/* Reads a head, as src/engine/transport/wire.ts does:
 *   L12.  a body of 12 bytes     C.  chunks     Z.  to the close
 *   I.  an interim head          K.  chunks, and the head is known from then */
static void read_head(bench *b) {
    wire *w = b->w;
    wire_conn *c = &b->conns[w->place];
    request *r = b->requests[w->place];
    uint32_t from = w->at, in_front = (uint32_t)r->head_bytes;
    for (uint32_t i = from; i < w->end; i++) {
        if (r->head_bytes == sizeof r->head - 1) abort();
        r->head[r->head_bytes++] = (char)w->segment[i];
        if (w->segment[i] != '.') continue;
        r->head[r->head_bytes] = 0;
        r->head_bytes = 0;
        w->at = i + 1;
        c->mode = AT_HEAD;
        if (r->head[0] == 'I') return;
        bool is_length = r->head[0] == 'L';
        c->mode = r->head[0] == 'Z' ? AT_CLOSE : AT_SIZE;
        if (is_length) c->mode = AT_LENGTH;
        c->left = is_length ? atof(r->head + 1) : 0;
        c->kind = 7;
        c->head = r->head[0];
        c->ack_ns = w->now_ns;
        c->digits = c->significant = c->line_bytes = c->carriage = 0;
        if (r->head[0] != 'K' || in_front > 0) return;
        w->known_bytes = w->at - from;
        memcpy(w->known, w->segment + from, w->known_bytes);
        w->known_mode = c->mode;
        w->known_head = c->head;
        w->known_kind = 7;
        w->known_left = 0;
        return;
    }
    c->mode = AT_HELD_HEAD;
    w->at = w->end;
}

static void hear(bench *b) {
    request *r = b->requests[b->w->place];
    const uint8_t *data = (const uint8_t *)b->ring + RING_CONTROL_BYTES;
    const uint8_t *from = data + b->w->frame_at + RING_HEADER_BYTES;
    uint32_t length = b->w->frame_bytes;
    if (b->w->kept > 0) {
        from = b->w->segment;
        length = b->w->kept;
    }
    if (r->heard_bytes + length > BODY_ROOM) abort();
    memcpy(r->heard + r->heard_bytes, from, length);
    r->heard_bytes += length;
}

/* One turn that does not wait, and what JavaScript would do with its code. */
static int32_t turn(bench *b) {
    int32_t code = wire_turn(b->w, b->conns, b->ring, clock_ns());
    if (code == WIRE_HEAD) read_head(b);
    else if (code == WIRE_HEARD) hear(b);
    else if (code != WIRE_NONE && code < WIRE_BELL) {
        request *r = b->requests[b->w->place];
        if (code == WIRE_ENDED) b->told_count++;
        if (r == NULL || code == WIRE_UNASKED) return code;
        r->code = code;
        r->error = b->w->error;
        r->is_spoilt = b->w->is_spoilt;
        if (code == WIRE_MALFORMED || code == WIRE_CLOSED)
            wire_close(b->w, b->conns, (uint32_t)b->w->place, 1);
    }
    return code;
}

/* Whether anything is there that nobody has read. */
static bool speaks(const bench *b) {
    for (int i = 0; i < PLACES; i++) {
        struct pollfd now = {.fd = b->conns[i].fd, .events = POLLIN};
        if (now.fd >= 0 && poll(&now, 1, 0) == 1) return true;
    }
    return false;
}

static void settle(bench *b) {
    for (int turns = 0; turns < 100000; turns++)
        if (turn(b) == WIRE_NONE && b->w->first_ended < 0 && !speaks(b)) break;
    drain(b);
}

static bool body_is(const request *r, const char *body, size_t length) {
    return r->bytes == length && memcmp(r->body, body, length) == 0;
}

/* --- Whole texts, read by a plainer program ------------------------------ */

static uint32_t seed = 7;

static uint32_t below(uint32_t limit) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

/* What a chunked text comes to. */
typedef struct {
    int32_t code, error;
    char *body;
    size_t bytes, end; /* where the reply ends */
} verdict;

/* Looks at a line of a size; -1: it is none, -2: it may become one. */
static double size_of(const char *line, size_t length, bool is_whole) {
    if (is_whole && length > 0 && line[length - 1] == '\r') length--;
    size_t i = 0, significant = 0;
    double size = 0;
    for (; i < length && strchr("0123456789abcdefABCDEF", line[i]) && line[i];
         i++) {
        size = size * 16 + hex_of((uint8_t)line[i]);
        significant += size > 0;
    }
    if (significant > 12 || (i == 0 && (length > 0 || is_whole))) return -1;
    while (i < length && (line[i] == ' ' || line[i] == '\t')) i++;
    if (i < length && line[i] == ';')
        while (i < length && line[i] != '\r') i++;
    if (!is_whole && i + 1 == length && line[i] == '\r') i++;
    return i < length ? -1 : is_whole ? size : -2;
}

static verdict judge(const char *text, size_t length) {
    verdict v = {.code = WIRE_NONE, .body = zeroes(length + 1)};
    for (size_t at = 0;;) {
        const char *lf = memchr(text + at, '\n', length - at);
        size_t line = lf ? (size_t)(lf - text) - at : length - at;
        double size = size_of(text + at, line, lf != NULL);
        if (size == -1 || line > LINE_MAX_BYTES) {
            v.code = WIRE_MALFORMED;
            v.error = size == -1 ? DEFECT_SIZE : DEFECT_LINE;
            return v;
        }
        if (lf == NULL) return v;
        at += line + 1;
        if (size == 0) {
            for (bool empty = false; !empty;) {
                lf = memchr(text + at, '\n', length - at);
                line = lf ? (size_t)(lf - text) - at : length - at;
                empty = line == 0 || (line == 1 && text[at] == '\r');
                if (line > LINE_MAX_BYTES) {
                    v.code = WIRE_MALFORMED;
                    v.error = DEFECT_LINE;
                    return v;
                }
                if (lf == NULL) return v;
                at += line + 1;
            }
            v.code = WIRE_ENDED;
            v.end = at;
            return v;
        }
        size_t take = size < (double)(length - at) ? (size_t)size : length - at;
        memcpy(v.body + v.bytes, text + at, take);
        v.bytes += take;
        at += take;
        while (at < length && text[at] == '\r') at++;
        if (at == length) return v;
        if (text[at++] != '\n') {
            v.code = WIRE_MALFORMED;
            v.error = DEFECT_CHUNK_END;
            return v;
        }
    }
}

/* Feeds a reply in pieces of up to `piece_max` bytes and compares. */
static bool agrees(bench *b, const char *text, size_t length, uint32_t most) {
    verdict v = judge(text, length);
    adopt(b, 0);
    int32_t watched = below(2) == 1;
    request *r = ask(b, 0, watched);
    say(b, 0, below(2) ? "K." : "C.", 2);
    size_t at = 0, shown = 0;
    while (at < length && r->code == WIRE_NONE) {
        size_t piece = 1 + below(most);
        if (piece > length - at) piece = length - at;
        say(b, 0, text + at, piece);
        at += piece;
        settle(b);
        shown = at;
    }
    settle(b);
    bool ok = r->code == v.code && body_is(r, v.body, v.bytes) &&
              b->conns[0].bytes == (double)v.bytes;
    if (v.code == WIRE_MALFORMED) ok = ok && r->error == v.error;
    if (v.code == WIRE_ENDED) ok = ok && (r->is_spoilt == 1) == (shown > v.end);
    if (watched)
        ok = ok && r->heard_bytes == v.bytes &&
             memcmp(r->heard, v.body, v.bytes) == 0;
    if (!ok)
        printf("  code %d error %d bytes %zu, not %d %d %zu: %.60s\n", r->code,
               r->error, r->bytes, v.code, v.error, v.bytes, text);
    wire_close(b->w, b->conns, 0, 1);
    hang_up(b, 0);
    free(v.body);
    return ok;
}

/* --- Framing -------------------------------------------------------------- */

static void chunks(void) {
    static const struct {
        const char *text;
        int32_t code, error;
        const char *body;
    } rows[] = {
        {"3\r\nabc\r\n0\r\n\r\n", WIRE_ENDED, 0, "abc"},
        {"3\nabc\n0\n\n", WIRE_ENDED, 0, "abc"},
        {"B\r\n0123456789a\r\n0\r\n\r\n", WIRE_ENDED, 0, "0123456789a"},
        {"b\r\n0123456789a\r\n0\r\n\r\n", WIRE_ENDED, 0, "0123456789a"},
        {"000000000000000000003\r\nabc\r\n000\r\n\r\n", WIRE_ENDED, 0, "abc"},
        {"3 \t\r\nabc\r\n0 \r\n\r\n", WIRE_ENDED, 0, "abc"},
        {"3;a=b\r\nabc\r\n0;\r\n\r\n", WIRE_ENDED, 0, "abc"},
        {"3 ;a=\"b c\";\t\r\nabc\r\n0;x\n\n", WIRE_ENDED, 0, "abc"},
        {"1\r\n\n\r\r\n0\r\n\r\n", WIRE_ENDED, 0, "\n"},
        {"1\r\na\r\n0\r\nA: 1\r\nB: 2\n\r\n", WIRE_ENDED, 0, "a"},
        {"0\r\n\r\r\n\r\n", WIRE_ENDED, 0, ""},
        {"0\r\n\r\nHTTP", WIRE_ENDED, 0, ""},
        {"1\r\na\r\n", WIRE_NONE, 0, "a"},
        {"2\r\na", WIRE_NONE, 0, "a"},
        {"0\r\nA: 1\r\n", WIRE_NONE, 0, ""},
        {"fffffffffff0\r\na", WIRE_NONE, 0, "a"},
        {"0fffffffffff0\r\na", WIRE_NONE, 0, "a"},
        {"1000000000000\r\na", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {" 3\r\nabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {";a\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"-1\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"0x3\r\nabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"3 3\r\nabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"3\r\r\nabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"3\rabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"3;a\rb\r\nabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"3;a\r\r\nabc\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"g\r\n", WIRE_MALFORMED, DEFECT_SIZE, ""},
        {"3\r\nabcd\r\n0\r\n\r\n", WIRE_MALFORMED, DEFECT_CHUNK_END, "abc"},
        {"3\r\nabc\r\nx", WIRE_MALFORMED, DEFECT_SIZE, "abc"},
    };
    bench *b = bench_open(1 << 16, 4096);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i].text);
        verdict v = judge(rows[i].text, length);
        check(v.code == rows[i].code && v.error == rows[i].error &&
                  v.bytes == strlen(rows[i].body) &&
                  memcmp(v.body, rows[i].body, v.bytes) == 0,
              rows[i].text);
        free(v.body);
        check(agrees(b, rows[i].text, length, 1), "the same, byte by byte");
        check(agrees(b, rows[i].text, length, 4096), "and in one piece");
        for (int cut = 0; cut < 20; cut++)
            check(agrees(b, rows[i].text, length, 8), "and in others");
    }
    bench_close(b);
}

/* Lines may have LINE_MAX_BYTES, their end not counted, and no more. */
static void long_lines(void) {
    bench *b = bench_open(1 << 16, 4096);
    char *text = zeroes(3 * LINE_MAX_BYTES);
    for (int kind = 0; kind < 3; kind++) {
        for (int extra = -1; extra <= 1; extra++) {
            static const char *const starts[] = {"2;", "0\r\nT: ", "0000"};
            static const char *const rests[] = {"\nab\r\n0\r\n\r\n", "\r\n\r\n",
                                                "2\nab\n0\n\n"};
            size_t line = LINE_MAX_BYTES + (size_t)extra;
            size_t at = strlen(starts[kind]);
            size_t before = kind == 1 ? 3 : 0, behind = kind == 0 ? 0 : 1;
            memset(text, kind == 2 ? '0' : 'x', 2 * LINE_MAX_BYTES);
            memcpy(text, starts[kind], at);
            size_t end = before + line - behind;
            memcpy(text + end, rests[kind], strlen(rests[kind]));
            end += strlen(rests[kind]);
            verdict v = judge(text, end);
            check(v.code == (extra > 0 ? WIRE_MALFORMED : WIRE_ENDED),
                  "a line as long as it may be");
            free(v.body);
            check(agrees(b, text, end, 2000), "in pieces");
            check(agrees(b, text, end, 70000), "and in one");
        }
        static const char *const opens[] = {"1;", "0\r\n", "0"};
        memset(text, kind == 2 ? '0' : 'x', 3 * LINE_MAX_BYTES);
        memcpy(text, opens[kind], strlen(opens[kind]));
        check(agrees(b, text, 3 * LINE_MAX_BYTES, 5000), "one without end");
    }
    free(text);
    bench_close(b);
}

static void lengths(void) {
    bench *b = bench_open(1 << 16, 1024);
    static char text[40000];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 23);
    static const size_t sizes[] = {0, 1, 1023, 1024, 1025, 5000, 40000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int surplus = 0; surplus < 2; surplus++) {
            adopt(b, 0);
            request *r = ask(b, 0, 0);
            char head[16];
            int length = snprintf(head, sizeof head, "I.L%zu.", sizes[i]);
            for (int at = 0; at < length; at++) {
                say(b, 0, head + at, 1);
                if (at < length - 1) settle(b);
            }
            for (size_t at = 0; at < sizes[i];) {
                size_t piece = 1 + below(9000);
                if (piece > sizes[i] - at) piece = sizes[i] - at;
                say(b, 0, text + at, piece);
                at += piece;
                if (at < sizes[i]) settle(b);
            }
            if (surplus) say(b, 0, "x", 1);
            settle(b);
            check(r->code == WIRE_ENDED && body_is(r, text, sizes[i]),
                  "a body of its length");
            wire_close(b->w, b->conns, 0, 0);
            hang_up(b, 0);
        }
    }
    bench_close(b);
}

static void to_the_close(void) {
    bench *b = bench_open(1 << 16, 1024);
    adopt(b, 0);
    request *r = ask(b, 0, 1);
    say(b, 0, "Z.abc", 5);
    settle(b);
    check(r->code == WIRE_NONE && body_is(r, "abc", 3), "a body without end");
    say(b, 0, "de", 2);
    hang_up(b, 0);
    settle(b);
    check(r->code == WIRE_CLOSED && r->error == 0, "the close is told");
    check(body_is(r, "abcde", 5) && r->heard_bytes == 5, "after all of it");
    bench_close(b);
}

static void fuzz(void) {
    static const char *const parts[] = {
        "0", "1", "3", "A", "f", "00", "\r\n", "\r\n", "\r\n", "\n", "\r", ";",
        " ", "\t", "abc", "x", "0\r\n\r\n", "3\r\nabc\r\n", "1;q\r\nz\r\n",
        "fffffffffffff", "T: 1", "\"", "10\r\n0123456789abcdef\r\n",
    };
    bench *b = bench_open(1 << 14, 512);
    char text[2048];
    bool ok = true;
    for (int round = 0; round < 6000 && ok; round++) {
        size_t length = 0;
        uint32_t count = 1 + below(14);
        for (uint32_t i = 0; i < count; i++) {
            const char *part = parts[below(sizeof parts / sizeof *parts)];
            memcpy(text + length, part, strlen(part));
            length += strlen(part);
        }
        for (uint32_t i = below(8) == 0 ? 3 : 0; i > 0; i--)
            text[below((uint32_t)length)] = (char)below(256);
        ok = agrees(b, text, length, 1 + below(30));
    }
    check(ok, "random texts in random pieces");
    for (int round = 0; round < 500 && ok; round++) {
        for (size_t i = 0; i < sizeof text; i++) text[i] = (char)below(256);
        ok = agrees(b, text, 1 + below(sizeof text), 1 + below(900));
    }
    check(ok, "random bytes");
    bench_close(b);
}

/* --- The ring ------------------------------------------------------------- */

static void laps(void) {
    bench *b = bench_open(8192, 1024);
    adopt(b, 0);
    bool ok = true;
    char text[1000];
    memset(text, 'r', sizeof text);
    for (int round = 0; round < 300 && ok; round++) {
        request *r = ask(b, 0, 0);
        uint32_t length = 1 + below(sizeof text);
        char head[16];
        say(b, 0, head, (size_t)snprintf(head, sizeof head, "L%u.", length));
        say(b, 0, text, length);
        /* Turned without draining: sometimes something is left unread, so that
         * the ring does not begin anew. */
        while (r->code == WIRE_NONE) turn(b);
        ok = b->conns[0].lost == 0;
        if (below(3) > 0) {
            drain(b);
            ok = ok && body_is(r, text, length);
        } else {
            /* A frame of JavaScript's own stays in front. */
            drain(b);
            uint32_t at = ((uint32_t)b->ring[RING_WRITTEN] -
                           (uint32_t)b->ring[RING_BASE]) % 1024;
            if (at + 3 > 1024) continue;
            uint8_t *data = (uint8_t *)b->ring + RING_CONTROL_BYTES;
            uint32_t header[2] = {0, 7u << 24};
            double stamp = 1;
            memcpy(data + (size_t)at * 8, header, 8);
            memcpy(data + (size_t)at * 8 + 8, &stamp, 8);
            b->ring[RING_WRITTEN] += 2;
        }
    }
    check(ok, "many laps");
    check(b->ring[RING_LOST] == 0, "of which none is lost");
    check((uint32_t)b->ring[RING_WRITTEN] > 1024, "a lap is 1024 words");

    drain(b);
    request *r = ask(b, 0, 0);
    say(b, 0, "L3.abc", 6);
    while (r->code == WIRE_NONE) turn(b);
    check(b->ring[RING_BASE] == (int32_t)b->read, "an empty ring begins anew");
    drain(b);
    check(body_is(r, "abc", 3), "and is read from there");
    bench_close(b);

    /* The counts of words wrap around, too. */
    b = bench_open(8192, 1024);
    b->read = 0xfffffff0u;
    b->ring[RING_WRITTEN] = b->ring[RING_READ] = (int32_t)b->read;
    b->ring[RING_BASE] = (int32_t)b->read - 1000;
    adopt(b, 0);
    for (int round = 0; round < 30; round++) {
        r = ask(b, 0, 0);
        say(b, 0, "L6.abcdef", 9);
        settle(b);
        check(r->code == WIRE_ENDED && body_is(r, "abcdef", 6), "beyond 2^32");
    }
    bench_close(b);
}

static void full_ring(void) {
    bench *b = bench_open(4096, 512);
    adopt(b, 0);
    adopt(b, 1);
    request *r = ask(b, 0, 1);
    request *other = ask(b, 1, 0);
    say(b, 0, "C.", 2);
    char chunk[310];
    size_t length = (size_t)snprintf(chunk, sizeof chunk, "%x\r\n%0300d\r\n",
                                     300, 1);
    int frames = 0;
    for (; b->conns[0].lost == 0 && frames < 100; frames++) {
        say(b, 0, chunk, length);
        for (int i = 0; i < 8; i++) turn(b);
    }
    /* 3,584 of 4,096 bytes may be used, at (16 + 310 and less) a frame. */
    check(frames > 9 && frames < 13, "the ring is full but for an eighth");
    check(b->ring[RING_LOST] == 1, "the loss is counted");
    drain(b);
    check(r->frames == (uint32_t)frames - 1, "what had room is there");
    say(b, 0, chunk, length);
    settle(b);
    say(b, 0, "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", 19);
    say(b, 1, "L3.abc", 6);
    settle(b);
    check(r->code == WIRE_ENDED, "a reply with a gap ends as others do");
    check(r->frames == (uint32_t)frames - 1 && b->conns[0].lost == 1,
          "but nothing of it follows the gap");
    check(b->conns[0].bytes == 300.0 * (frames + 1) + 4, "bytes are counted");
    check(r->heard_bytes == (size_t)(300 * (frames + 1) + 4), "and heard");
    check(memcmp(r->heard + r->heard_bytes - 5, "1abcd", 5) == 0, "in order");
    check(b->ring[RING_LOST] == 1, "it is lost once");
    check(body_is(other, "abc", 3), "others are not");
    r = ask(b, 0, 0);
    say(b, 0, "L3.abc", 6);
    settle(b);
    check(body_is(r, "abc", 3) && b->conns[0].lost == 0, "nor is the next");
    bench_close(b);
}

/* --- The queue of replies that ended -------------------------------------- */

static void ended_queue(void) {
    bool ok = true;
    for (int round = 0; round < 300 && ok; round++) {
        bench *b = bench_open(1 << 16, 512);
        uint32_t places = 2 + below(7);
        bool gone[8] = {false};
        for (uint32_t i = 0; i < places; i++) adopt(b, i);
        for (uint32_t i = 0; i < places; i++) ask(b, i, 0);
        for (uint32_t i = 0; i < places; i++) say(b, i, "L1.x", 4);
        uint32_t told = 0;
        while (told < places) {
            int32_t code = turn(b);
            if (code == WIRE_NONE && b->w->first_ended < 0) break;
            if (code != WIRE_ENDED) continue;
            uint32_t place = (uint32_t)b->w->place;
            ok = ok && !gone[place] && b->conns[place].is_ended == 0;
            gone[place] = true;
            told++;
            if (told == places) break;
            /* Somebody else is given up, or more of them, queued or not. */
            for (uint32_t n = below(3); n > 0 && told < places; n--) {
                uint32_t other = below(places);
                if (gone[other]) continue;
                gone[other] = true;
                told++;
                wire_close(b->w, b->conns, other, 1);
                hang_up(b, other);
                /* Its place has another socket at once. */
                adopt(b, other);
                ask(b, other, 0);
            }
        }
        ok = ok && told == places && b->w->first_ended == -1;
        for (uint32_t i = 0; i < places; i++) {
            ok = ok && b->conns[i].is_ended == 0;
            if (b->conns[i].busy == 0) ask(b, i, 0);
            say(b, i, "L1.y", 4);
        }
        b->told_count = 0;
        settle(b);
        ok = ok && b->told_count == places;
        bench_close(b);
    }
    check(ok, "replies are told once each, but for those that are given up");

    bench *b = bench_open(1 << 16, 512);
    for (uint32_t i = 0; i < 3; i++) {
        adopt(b, i);
        ask(b, i, 0);
        say(b, i, "L1.x", 4);
    }
    settle(b);
    check(b->told_count == 3, "three that ended together");
    check(b->conns[0].end_ns > 0 && b->conns[0].end_ns == b->conns[0].last_ns,
          "each at the time of its last byte");

    /* Something more is said, or the line is closed, before the end is told. */
    for (uint32_t i = 0; i < 3; i++) ask(b, i, 0);
    for (uint32_t i = 0; i < 3; i++) say(b, i, "L1.x", 4);
    while (turn(b) != WIRE_ENDED) continue;
    int32_t first = b->w->place;
    for (uint32_t i = 0; i < 3; i++) {
        if ((int32_t)i == first) continue;
        if (b->conns[i].is_ended) say(b, i, "more", 4);
    }
    b->w->looked_ns = 0;
    settle(b);
    for (uint32_t i = 0; i < 3; i++)
        check(b->requests[i]->is_spoilt == ((int32_t)i != first),
              "what is said before an end is told spoils the connection");
    bench_close(b);
}

/* Sockets that never fall silent do not keep ends from being told. */
static void ends_are_told_in_time(void) {
    bench *b = bench_open(1 << 16, 16);
    char text[8000];
    memset(text, 'x', sizeof text);
    for (uint32_t i = 0; i < PLACES; i++) {
        adopt(b, i);
        ask(b, i, 0);
        say(b, i, i == 100 ? "L1.x" : "L1000000.", i == 100 ? 4 : 9);
        if (i != 100) say(b, i, text, sizeof text);
    }
    for (int turns = 0; turns < 3 * PLACES && turn(b) != WIRE_ENDED; turns++)
        continue;
    int left = 0;
    for (uint32_t i = 0; i < PLACES; i++) {
        int bytes = 0;
        if (ioctl(b->conns[i].fd, FIONREAD, &bytes) == 0 && bytes > 0) left++;
    }
    check(b->told_count == 1 && left == PLACES - 1,
          "an end is told while others still speak");
    bench_close(b);
}

/* --- What a turn tells in pieces ------------------------------------------ */

static void pending(void) {
    bench *b = bench_open(1 << 16, 512);
    adopt(b, 0);
    ask(b, 0, 1);
    say(b, 0, "C.1\r\nax", 7);
    check(turn(b) == WIRE_HEAD && turn(b) == WIRE_HEARD, "a frame goes first");
    check(turn(b) == WIRE_MALFORMED, "then that the rest is malformed");
    hang_up(b, 0);

    adopt(b, 0);
    ask(b, 0, 1);
    say(b, 0, "C.1\r\nax", 7);
    check(turn(b) == WIRE_HEAD && turn(b) == WIRE_HEARD, "a frame again");
    wire_close(b->w, b->conns, 0, 1);
    hang_up(b, 0);
    check(turn(b) == WIRE_NONE, "of one that is given up nothing more is told");

    adopt(b, 0);
    ask(b, 0, 1);
    say(b, 0, "C.1\r\nax", 7);
    check(turn(b) == WIRE_HEAD && turn(b) == WIRE_HEARD, "and again");
    wire_close(b->w, b->conns, 0, 1);
    hang_up(b, 0);
    adopt(b, 0);
    request *r = ask(b, 0, 1);
    say(b, 0, "L1.b", 4);
    settle(b);
    check(r->code == WIRE_ENDED && r->heard_bytes == 1 && r->heard[0] == 'b',
          "nor to the socket that has its place then");

    ask(b, 0, 1);
    say(b, 0, "L1.c", 4);
    check(turn(b) == WIRE_HEAD && turn(b) == WIRE_HEARD, "the last frame");
    wire_close(b->w, b->conns, 0, 1);
    hang_up(b, 0);
    check(turn(b) == WIRE_NONE && b->w->first_ended == -1,
          "an end that nobody waits for is not told");

    /* Both speak at once; what is told of the one closes the other. */
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 2; i++) {
            adopt(b, i);
            ask(b, i, 1);
            say(b, i, "C.", 2);
        }
        check(turn(b) == WIRE_HEAD, "one of two");
        uint32_t other = b->w->place == 0;
        wire_close(b->w, b->conns, other, 1);
        hang_up(b, other);
        if (round == 1) {
            adopt(b, other);
            ask(b, other, 1);
        }
        check(turn(b) == WIRE_NONE && b->conns[other].mode == AT_HEAD,
              "an event of a socket that is gone is nobody's");
        for (uint32_t i = 0; i < 2; i++) {
            wire_close(b->w, b->conns, i, 1);
            hang_up(b, i);
        }
    }

    adopt(b, 0);
    ask(b, 0, 0);
    say(b, 0, "C.", 2);
    check(wire_turn(b->w, b->conns, b->ring, 0) == WIRE_HEAD, "a head");
    wire_close(b->w, b->conns, 0, 1);
    hang_up(b, 0);
    check(turn(b) == WIRE_NONE, "that nobody reads");
    bench_close(b);
}

static double cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Waits 60 ms, in which nothing is told, and answers what it cost. */
static double idle_cost_ns(bench *b) {
    double before_ns = cpu_ns(), until_ns = clock_ns() + 60e6;
    check(wire_turn(b->w, b->conns, b->ring, until_ns) == WIRE_NONE, "silence");
    check(clock_ns() >= until_ns, "a wait is not too short");
    return cpu_ns() - before_ns;
}

static void closes(void) {
    bench *b = bench_open(1 << 16, 512);
    adopt(b, 0);
    request *r = ask(b, 0, 0);
    say(b, 0, "L1.a", 4);
    shutdown(b->peers[0], SHUT_WR);
    settle(b);
    check(r->code == WIRE_CLOSED, "the close is told in the end");
    check(b->told_count == 1 && b->w->is_spoilt == 1,
          "a reply before a close is whole, and the connection spoilt");
    hang_up(b, 0);

    adopt(b, 1);
    check(idle_cost_ns(b) < 20e6, "an idle connection costs nothing");
    ask(b, 1, 0);
    check(idle_cost_ns(b) < 20e6, "nor does one that waits for its reply");
    say(b, 1, "L1.b", 4);
    settle(b);
    say(b, 1, "more", 4);
    check(turn(b) == WIRE_UNASKED, "words unasked");
    wire_close(b->w, b->conns, 1, 0);
    hang_up(b, 1);
    check(idle_cost_ns(b) < 20e6, "nor does one that is closed");

    adopt(b, 2);
    shutdown(b->peers[2], SHUT_WR);
    check(turn(b) == WIRE_CLOSED && b->w->place == 2 && b->w->error == 0,
          "an idle connection that the other side closes");
    wire_close(b->w, b->conns, 2, 0);
    hang_up(b, 2);
    check(idle_cost_ns(b) < 20e6, "is told once");
    bench_close(b);
}

static void writing(void) {
    bench *b = bench_open(1 << 16, 4096);
    adopt(b, 0);
    request *r = ask(b, 0, 0);
    static uint8_t body[3000000];
    wire_close(b->w, b->conns, 0, 0);
    hang_up(b, 0);
    adopt(b, 0);
    b->conns[0].slot = 0;
    uint32_t sent = (uint32_t)wire_send(b->w, b->conns, 0, body, 10, body,
                                        sizeof body - 10);
    check(sent > 0 && sent < sizeof body, "the system takes a part");
    check(idle_cost_ns(b) < 20e6, "while the other side is deaf, all sleep");
    say(b, 0, "L3.", 3);
    settle(b);
    check(b->conns[0].head == 'L', "a reply is read meanwhile");
    static uint8_t taken[100000];
    size_t read = 0;
    bool has_said = false, was_read_first = true;
    while (read < sizeof body) {
        ssize_t length = recv(b->peers[0], taken, sizeof taken, 0);
        if (length > 0) read += (size_t)length;
        if (read > 1000000 && !has_said) {
            say(b, 0, "ab", 2);
            has_said = true;
        }
        if (turn(b) != WIRE_WRITABLE) continue;
        if (has_said && b->conns[0].bytes != 2) was_read_first = false;
        int32_t more = wire_write(b->w, b->conns, 0, body + sent,
                                  (uint32_t)(sizeof body - sent));
        if (more < 0) abort();
        sent += (uint32_t)more;
    }
    check(was_read_first, "what can be read is stamped before more is written");
    check(sent == sizeof body && read == sizeof body, "all of it is written");
    check(idle_cost_ns(b) < 20e6, "and then nobody asks whether more can be");
    say(b, 0, "c", 1);
    settle(b);
    check(r->code == WIRE_ENDED && body_is(r, "abc", 3), "the reply");

    /* The reply to half a request, and then nobody is there. */
    check(wire_send(b->w, b->conns, 0, body, 10, body, sizeof body - 10) > 0,
          "another large one");
    r->code = WIRE_NONE;
    r->bytes = 0;
    say(b, 0, "L2.no", 5);
    hang_up(b, 0);
    b->told_count = 0;
    settle(b);
    check(b->told_count == 1 && body_is(r, "no", 2),
          "a reply that comes before a close is heard");
    uint8_t one = 1;
    adopt(b, 1);
    hang_up(b, 1);
    check(wire_send(b->w, b->conns, 1, &one, 1, &one, 0) == -EPIPE,
          "nobody is there");
    check(wire_write(b->w, b->conns, 1, &one, 1) == -EPIPE, "still not");
    bench_close(b);
}

/* --- Loopback, bells, signals --------------------------------------------- */

static void connecting(void) {
    bench *b = bench_open(1 << 16, 512);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in from = to;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4);
    socklen_t length = sizeof to;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server, (struct sockaddr *)&to, sizeof to) != 0 ||
        listen(server, 5) != 0 ||
        getsockname(server, (struct sockaddr *)&to, &length) != 0)
        abort();
    b->conns[0].head = 5;
    int32_t code = wire_connect(b->w, b->conns, 0, (uint8_t *)&to, sizeof to,
                                (uint8_t *)&from, sizeof from);
    if (code == 0) {
        code = wire_turn(b->w, b->conns, b->ring, clock_ns() + 1e9);
        check(code == WIRE_OPENED && b->w->error == 0, "a connection opens");
    } else check(code == 1, "a connection is open");
    check(b->conns[0].head == -1, "and nothing was said on it");
    struct sockaddr_in seen;
    length = sizeof seen;
    b->peers[0] = accept(server, (struct sockaddr *)&seen, &length);
    check(seen.sin_addr.s_addr == from.sin_addr.s_addr, "from where it should");
    request *r = ask(b, 0, 0);
    say(b, 0, "L2.ok", 5);
    while (r->code == WIRE_NONE)
        if (turn(b) == WIRE_NONE) usleep(100);
    drain(b);
    check(body_is(r, "ok", 2), "it carries replies");

    struct linger none = {.l_onoff = 1, .l_linger = 0};
    ask(b, 0, 0);
    setsockopt(b->peers[0], SOL_SOCKET, SO_LINGER, &none, sizeof none);
    hang_up(b, 0);
    while (r->code == WIRE_NONE)
        if (turn(b) == WIRE_NONE) usleep(100);
    check(r->code == WIRE_CLOSED && r->error == ECONNRESET, "one reset");

    close(server);
    code = wire_connect(b->w, b->conns, 1, (uint8_t *)&to, sizeof to, NULL, 0);
    int32_t error = code < 0 ? -code : 0;
    if (code == 0) {
        code = wire_turn(b->w, b->conns, b->ring, clock_ns() + 1e9);
        error = code == WIRE_OPENED ? b->w->error : 0;
    }
    check(error == ECONNREFUSED, "one that is refused");
    from.sin_addr.s_addr = htonl(0x08080808);
    code = wire_connect(b->w, b->conns, 2, (uint8_t *)&to, sizeof to,
                        (uint8_t *)&from, sizeof from);
    check(code == -EADDRNOTAVAIL && b->conns[2].fd == -1,
          "one from an address of others");
    bench_close(b);
}

static volatile sig_atomic_t signals;

static void on_signal(int number) {
    (void)number;
    signals++;
}

static void waiting(int32_t is_coarse) {
    bench *b = bench_open(1 << 16, 512);
    b->w->is_coarse = is_coarse;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    signals = 0;
    check(idle_cost_ns(b) < 20e6, "signals cost nothing");
    setitimer(ITIMER_REAL, &never, NULL);
    check(signals > 0, "there were some");

    wire_ring(b->w->bell);
    wire_ring(b->w->bell);
    check(wire_turn(b->w, b->conns, b->ring, 0) == WIRE_BELL, "a bell");
    check(turn(b) == WIRE_NONE, "that rang twice is heard once");

    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr = {htonl(INADDR_LOOPBACK)},
                             .sin_port = htons((uint16_t)b->w->pulse_port)};
    int from = socket(AF_INET, SOCK_DGRAM, 0);
    double sent_ns = clock_ns();
    sendto(from, "?", 1, 0, (struct sockaddr *)&to, sizeof to);
    sendto(from, &sent_ns, 8, 0, (struct sockaddr *)&to, sizeof to);
    sendto(from, "12345678?", 9, 0, (struct sockaddr *)&to, sizeof to);
    int32_t code = wire_turn(b->w, b->conns, b->ring, clock_ns() + 1e9);
    check(code == WIRE_PULSE && b->w->pulse_ns == sent_ns &&
              b->w->now_ns >= sent_ns,
          "a pulse");
    check(idle_cost_ns(b) < 20e6, "what is no pulse is none");
    close(from);

    wire_shut(b->w);
    check(turn(b) == WIRE_NONE, "what is shut tells nothing");
    bench_close(b);
}

int main(void) {
    chunks();
    long_lines();
    lengths();
    to_the_close();
    fuzz();
    laps();
    full_ring();
    ended_queue();
    ends_are_told_in_time();
    pending();
    closes();
    writing();
    connecting();
    waiting(0);
    waiting(1);
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

#else

int main(void) {
    printf("0 passed, 0 failed\n");
    return 0;
}

#endif
