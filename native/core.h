/* core.h -- every symbol of the native core, on one page.
 *
 * The core is C without dependencies: it allocates nothing, keeps no pointer,
 * and but for the sockets of wire.c opens nothing. Memory belongs to the caller,
 * who makes it once and passes it down; many threads may read one piece of it,
 * one at a time may write.
 * Each function has a twin in src/ffi that gives the same answer without it;
 * what wire.c does, Bun's sockets do in src/engine. */

#ifndef AIPERF_CORE_H
#define AIPERF_CORE_H

#include <stddef.h>
#include <stdint.h>

/* --- All parts --------------------------------------------------------- */

/* Goes up when a signature or a layout on this page changes. */
#define CORE_ABI 4
int32_t core_abi(void);

/* What a function answers when it cannot do its work: see src/ffi/codes.ts. */
enum {
    CORE_EARGUMENT = -1, /* an argument that no caller should pass */
    CORE_EROOM = -2,     /* the caller's memory is too small */
    CORE_EDATA = -3,     /* the caller's data is malformed */
};

/* --- Histogram: histogram.c -------------------------------------------- */

/* One array of doubles that the caller makes: this header, then the counts.
 * Doubles, so that C and JavaScript work on the same memory; a count is exact
 * up to 2^53. The caller fills all but `total`, as src/ffi/histogram/layout.ts
 * does, and begins with counts of zero. */
typedef struct {
    double lowest;    /* values that differ by less may share a slot */
    double highest;   /* the least value that must have a slot */
    double digits;    /* significant decimal digits, 0 .. 5 */
    double unit_bits; /* log2 of the width of the first slots */
    double half_bits; /* log2 of the slots that a power of two is cut into */
    double slots;     /* counts that follow */
    double total;     /* their sum */
    double spare;
    double counts[];
} hist;

/* Count values, in the caller's unit. Fractions are cut off. Returns how many
 * were left out: negative, not a number, or beyond the last slot. */
double hist_record(hist *into, const double *values, uint64_t count);

/* Adds the counts of one histogram to another, whose slots may differ. Returns
 * how many had no slot there. */
double hist_merge(hist *into, const hist *from);

/* The values at some percentiles (0 .. 100), ascending ones in one walk:
 * HdrHistogram's highest equivalent value; at 0 the lowest of the least. */
void hist_quantiles(const hist *of, const double *percents, double *values,
                    uint64_t count);

/* Mean and standard deviation of the population, every value taken as the
 * middle of its slot: moments[0] and [1]. */
void hist_moments(const hist *of, double *moments);

/* --- Tokenizer: prepare.c, bpe.c, decode.c ----------------------------- */

/* Readable bytes that must follow every text, whatever they hold. */
#define BPE_PAD 32

/* Scratch was too small: its first 8 bytes say how many would get further. */
#define BPE_ESCRATCH (-10)

/* What a tokenizer.json asks for and this core does not do. */
enum {
    BPE_NO_MODEL = -20,        /* a model other than plain BPE */
    BPE_NO_NORMALIZER = -21,
    BPE_NO_PRETOKENIZER = -22,
    BPE_NO_DECODER = -23,
    BPE_NO_BYTES = -24,        /* some characters would have no token */
    BPE_NO_ADDED = -25,        /* added tokens of a kind that is not cut out */
    BPE_NO_TOKENS = -26,       /* too many, or merges of unreachable ones */
};

/* Reads a tokenizer.json. plan[0] becomes the size of its prepared form and
 * plan[1] that of the scratch to make it; the rest is for bpe_prepare(), which
 * needs the file to be where it was. 0, CORE_EDATA or a BPE_NO_... code. */
#define BPE_PLAN 40
int32_t bpe_plan(const uint8_t *json, uint32_t length, uint64_t *plan);

/* Makes the prepared form: one block without pointers, at an address divisible
 * by 8, good to be read by many threads and from a file. Returns its size. */
int32_t bpe_prepare(const uint64_t *plan, uint8_t *model, uint32_t model_size,
                    uint8_t *scratch, uint32_t scratch_size);

/* 0 if a block is a prepared form, whole and sound; the other functions believe
 * theirs. Takes about 3 ms for a large one. */
int32_t bpe_check(const uint8_t *model, uint32_t size);

/* A thread's memory of words, zeroed by the caller and cleared before use. It
 * belongs to one prepared form. */
uint32_t bpe_cache_size(void);
void bpe_cache_clear(uint8_t *cache);

/* Tokens of several texts that stand one behind the other; the i-th ends at
 * ends[i], and BPE_PAD bytes follow the last. Writes their ids to `out` one
 * behind the other, or only counts where that is NULL; counts[i], unless NULL,
 * gets how many the i-th has. Special tokens are recognised, none are added.
 * Returns how many there are in all, BPE_ESCRATCH, or CORE_EROOM: a byte-level
 * text never has more tokens than bytes in form NFC, others 3 for each. */
int32_t bpe_encode(const uint8_t *model, uint8_t *cache, uint8_t *scratch,
                   uint32_t scratch_size, const uint8_t *text,
                   const uint32_t *ends, uint32_t texts, uint32_t *out,
                   uint32_t out_size, uint32_t *counts);

/* Writes the bytes that ids stand for, and returns how many there are; more
 * than `room` means that they were not all written. Unknown ids are nothing. */
int32_t bpe_decode(const uint8_t *model, const uint32_t *ids, uint32_t count,
                   int32_t skip_special, uint8_t *out, uint32_t room);

/* --- Token streams: stream.c ------------------------------------------- */

/* Holes of a shape, and the longest number that fills one. */
#define STREAM_HOLES_MAX 12
#define STREAM_NUMBER_MAX 24

/* A place in a shape that any name, or any number, may fill. */
typedef struct {
    uint32_t at;        /* where in the shape's bytes what fills it begins */
    uint32_t bytes;     /* and how long that is */
    uint32_t is_number; /* else it is a text without escapes */
} stream_hole;

/* What the events of one stream look like around their text, and the texts
 * that were taken so far, still as JSON writes them. */
typedef struct {
    uint32_t before_bytes; /* from "data:" to the quote that opens the text */
    uint32_t after_bytes;  /* from the quote that closes it to the blank line */
    uint32_t text_at;      /* where in `bytes` the texts begin */
    uint32_t text_bytes;   /* how many there are */
    uint32_t text_room;    /* how many may be */
    uint32_t holes;        /* filled as the last event had them */
    stream_hole hole[STREAM_HOLES_MAX]; /* by their place */
    uint8_t bytes[];       /* before, after, room for longer fillings, texts */
} stream_shape;

/* Takes the texts of a segment that consists of events of this shape and
 * answers how many there were; 0, and nothing taken, when any event differs
 * in more than its holes or has no text; CORE_EROOM, and nothing taken, when
 * the texts want room. */
int32_t stream_take(stream_shape *shape, const uint8_t *segment,
                    uint32_t length);

/* --- Sockets: wire.c, on Linux alone ------------------------------------ */

/* What wire_turn() tells; all but NONE, BELL and PULSE are about the connection
 * at `place`. */
enum {
    WIRE_NONE = 0,      /* the time is up */
    WIRE_OPENED = 1,    /* the connection is open; not, if there is an `error` */
    WIRE_WRITABLE = 2,  /* the rest of a request can be written */
    WIRE_HEAD = 3,      /* a head to be read, from `at` in the segment */
    WIRE_HEARD = 4,     /* a watched request's frame, at `frame_at` in the ring;
                           where it had no room, `kept` bytes of the segment */
    WIRE_ENDED = 5,     /* the reply is complete, since `now_ns`; is_spoilt */
    WIRE_MALFORMED = 6, /* this is not HTTP/1.1; `error` says which way */
    WIRE_CLOSED = 7,    /* the other side closed, or there was an `error` */
    WIRE_UNASKED = 8,   /* bytes without a request */
    WIRE_BELL = 9,      /* somebody called wire_ring() */
    WIRE_PULSE = 10,    /* a datagram that was sent at `pulse_ns` */
};

#define WIRE_POLLED 256
#define WIRE_KNOWN 2048

/* A connection, and the request on it. Times are monotonic ns. */
typedef struct {
    int32_t fd;   /* -1: this place is free */
    int32_t turn; /* goes up with each socket that the place has had */
    int32_t state, mode; /* see wire.c */
    int32_t busy;    /* a request is on its way */
    int32_t watched; /* its frames are told as they come */
    uint32_t slot;   /* what its frames are marked with */
    int32_t kind;    /* and of which kind they are: src/ring/frames.ts */
    int32_t head;    /* number of the head that came; -1 before it did */
    int32_t digits, significant, line_bytes, carriage;
    int32_t after;   /* the place whose reply ended next; see wire.c */
    double left;                    /* bytes until the body or chunk ends */
    double ack_ns, first_ns, last_ns; /* head; first and last bytes of the body */
    double bytes, segments; /* of the body, and the pieces it came in */
    double lost;            /* 1 once the ring had no room for a frame */
    double end_ns;          /* when the reply was complete */
    int32_t is_ended;       /* and JavaScript was not told yet */
    int32_t is_spoilt;      /* the connection is not good for another request */
} wire_conn;

/* One thread's sockets. The caller makes it of zeroes, with room for a segment,
 * and sets segment_bytes (at most a quarter of the ring) and ring_bytes. */
typedef struct {
    int32_t epoll, bell, pulse, pulse_port;
    int32_t place, turn, error, pending, reread;
    int32_t next, ready, has_looked, is_coarse, frame_open;
    /* The last head that was read, where the bytes of one tell all of it. */
    int32_t known_head, known_kind, known_mode;
    int32_t is_closing; /* the other side says nothing after this segment */
    uint32_t at, end, is_spoilt, segment_bytes, known_bytes, ring_bytes;
    uint32_t frame_at, frame_bytes, frame_end;
    int32_t first_ended, last_ended; /* places, and -1 for none: a queue */
    uint32_t kept; /* of a body that had no room: it begins the segment */
    int32_t spares[2];
    double now_ns; /* when the segment came */
    double pulse_ns, known_left, looked_ns;
    int32_t *ring; /* during a call alone */
    uint64_t polled[WIRE_POLLED * 2];
    uint8_t known[WIRE_KNOWN];
    uint8_t segment[];
} wire;

/* Functions that answer a number below 0 mean the system's error of it. */

int32_t wire_open(wire *w);
void wire_shut(wire *w);

/* Wakes the thread that waits in wire_turn(); for any thread. */
void wire_ring(int32_t bell);

/* Opens a connection at a place, to and from a struct sockaddr; 1 when it is
 * open, 0 when WIRE_OPENED will tell. */
int32_t wire_connect(wire *w, wire_conn *conns, uint32_t place,
                     const uint8_t *address, uint32_t address_bytes,
                     const uint8_t *source, uint32_t source_bytes);

/* Closes; abruptly where the other side is to know that nobody reads on. */
void wire_close(wire *w, wire_conn *conns, uint32_t place, int32_t abruptly);

/* Begins a request, and answers how much of it the system took at once. What
 * it did not is for wire_write(), once WIRE_WRITABLE was told. */
int32_t wire_send(wire *w, wire_conn *conns, uint32_t place,
                  const uint8_t *head, uint32_t head_bytes,
                  const uint8_t *body, uint32_t body_bytes);
int32_t wire_write(wire *w, wire_conn *conns, uint32_t place,
                   const uint8_t *bytes, uint32_t length);

/* Works until a moment, and until it has seen whatever was there when it was
 * called; or returns before that with something to tell. After WIRE_HEAD the
 * caller moves `at` behind the head and sets mode, left, kind and head. */
int32_t wire_turn(wire *w, wire_conn *conns, int32_t *ring, double until_ns);

#endif
