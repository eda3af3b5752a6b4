/* wire.c -- a worker's sockets: wait, read, stamp, frame, copy into the ring,
 * all before JavaScript hears of it. What a reply means is found elsewhere; here
 * it is known only where a body's bytes lie and where it ends. RFC 9112. */

#ifdef __linux__

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* src/ffi/wire.ts counts on these. */
_Static_assert(sizeof(wire_conn) == 128, "a place");
_Static_assert(offsetof(wire_conn, head) == 32, "its words");
_Static_assert(offsetof(wire_conn, left) == 56, "its doubles");
_Static_assert(offsetof(wire, frame_bytes) == 100, "words");
_Static_assert(offsetof(wire, kept) == 116, "words");
_Static_assert(offsetof(wire, now_ns) == 128, "doubles");
_Static_assert(offsetof(wire, polled) == 168, "what follows them");

/* What `mode` says the next byte of a connection is part of. */
enum {
    AT_HEAD = 0,      /* a head: one that is known, or JavaScript's to read */
    AT_HELD_HEAD = 1, /* a head that JavaScript holds the beginning of */
    AT_LENGTH = 2,    /* a body of `left` bytes */
    AT_CLOSE = 3,     /* a body that the close of the connection ends */
    AT_SIZE = 4,      /* the digits of a chunk's size */
    AT_SIZE_SPACE = 5,/* what may follow the digits */
    AT_EXTENSION = 6, /* what nobody reads of the line of a size */
    AT_CHUNK = 7,     /* `left` bytes of a chunk */
    AT_CHUNK_END = 8, /* the line's end behind them */
    AT_TRAILER = 9,   /* a line behind the last chunk */
};

enum { OPENING = 1, OPEN = 2 };

enum { DEFECT_SIZE = 1, DEFECT_CHUNK_END = 2, DEFECT_LINE = 3 };

/* Places in epoll's memory that are no connection. */
#define BELL_PLACE 0xffffffffu
#define PULSE_PLACE 0xfffffffeu

/* How long sockets may go unwatched while replies that ended are told. */
#define LOOK_EVERY_NS 100e3

#define LINE_MAX_BYTES 16384
#define SIZE_MAX_DIGITS 12

/* The ring: src/ring/layout.ts. */
enum { RING_WRITTEN, RING_READ, RING_LOST, RING_CLOSED, RING_BASE };
#define RING_CONTROL_BYTES 64
#define RING_HEADER_BYTES 16

static double clock_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* --- Opening and closing ----------------------------------------------- */

static int32_t watch_fd(const wire *w, int fd, uint32_t events, uint32_t place,
                        uint32_t turn, int op) {
    struct epoll_event event = {
        .events = events,
        .data.u64 = (uint64_t)turn << 32 | place,
    };
    return epoll_ctl(w->epoll, op, fd, &event) == 0 ? 0 : -errno;
}

static int32_t open_pulse(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int32_t error = -errno;
    close(fd);
    return error;
}

int32_t wire_open(wire *w) {
    w->pulse = w->bell = w->first_ended = w->place = -1;
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0) return -errno;
    w->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int32_t error = w->bell < 0 ? -errno
                                : watch_fd(w, w->bell, EPOLLIN, BELL_PLACE, 0,
                                           EPOLL_CTL_ADD);
    if (error != 0) {
        wire_shut(w);
        return error;
    }
    w->pulse = open_pulse();
    if (w->pulse < 0) return 0;
    struct sockaddr_in address = {.sin_port = 0};
    socklen_t length = sizeof address;
    getsockname(w->pulse, (struct sockaddr *)&address, &length);
    watch_fd(w, w->pulse, EPOLLIN, PULSE_PLACE, 0, EPOLL_CTL_ADD);
    w->pulse_port = ntohs(address.sin_port);
    return 0;
}

void wire_shut(wire *w) {
    if (w->pulse >= 0) close(w->pulse);
    if (w->bell >= 0) close(w->bell);
    if (w->epoll >= 0) close(w->epoll);
    w->pulse = w->bell = w->epoll = -1;
}

void wire_ring(int32_t bell) {
    uint64_t one = 1;
    ssize_t written = write(bell, &one, sizeof one);
    (void)written; /* a bell that rings already */
}

int32_t wire_connect(wire *w, wire_conn *conns, uint32_t place,
                     const uint8_t *address, uint32_t address_bytes,
                     const uint8_t *source, uint32_t source_bytes) {
    wire_conn *c = &conns[place];
    const struct sockaddr *to = (const void *)address;
    int one = 1;
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    0);
    if (fd < 0) return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int32_t error = 0;
    if (source_bytes > 0) {
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(fd, (const void *)source, source_bytes) != 0) error = -errno;
    }
    if (error == 0 && connect(fd, to, address_bytes) != 0 &&
        errno != EINPROGRESS)
        error = -errno;
    if (error == 0) {
        /* Close by, a connection is open as soon as it is asked for. */
        struct pollfd now = {.fd = fd, .events = POLLOUT};
        bool open = poll(&now, 1, 0) == 1 && now.revents == POLLOUT;
        c->fd = fd;
        c->turn++;
        c->state = open ? OPEN : OPENING;
        c->mode = AT_HEAD;
        c->head = -1;
        c->busy = c->is_ended = 0;
        error = watch_fd(w, fd, open ? EPOLLIN | EPOLLRDHUP : EPOLLOUT, place,
                         (uint32_t)c->turn, EPOLL_CTL_ADD);
        if (error == 0) return open;
        c->fd = -1;
    }
    close(fd);
    return error;
}

/* Takes a place out of the queue of replies that ended. */
static void forget_ended(wire *w, wire_conn *conns, int32_t place) {
    int32_t before = -1;
    for (int32_t i = w->first_ended; i >= 0; before = i, i = conns[i].after) {
        if (i != place) continue;
        if (before < 0) w->first_ended = conns[i].after;
        else conns[before].after = conns[i].after;
        if (w->last_ended == place) w->last_ended = before;
        break;
    }
    conns[place].is_ended = 0;
}

void wire_close(wire *w, wire_conn *conns, uint32_t place, int32_t abruptly) {
    wire_conn *c = &conns[place];
    if (c->fd < 0) return;
    if (c->is_ended) forget_ended(w, conns, (int32_t)place);
    if (abruptly) {
        struct linger none = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    close(c->fd);
    c->fd = -1;
    c->busy = 0;
}

/* --- Sending ------------------------------------------------------------ */

int32_t wire_send(wire *w, wire_conn *conns, uint32_t place,
                  const uint8_t *head, uint32_t head_bytes,
                  const uint8_t *body, uint32_t body_bytes) {
    wire_conn *c = &conns[place];
    c->busy = 1;
    c->mode = AT_HEAD;
    c->head = -1;
    c->ack_ns = c->first_ns = c->last_ns = 0;
    c->bytes = c->segments = c->lost = 0;
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)head, .iov_len = head_bytes},
        {.iov_base = (void *)(uintptr_t)body, .iov_len = body_bytes},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return -errno;
    if (sent < 0) sent = 0;
    if ((uint64_t)sent < (uint64_t)head_bytes + body_bytes)
        watch_fd(w, c->fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT, place,
                 (uint32_t)c->turn, EPOLL_CTL_MOD);
    return (int32_t)sent;
}

int32_t wire_write(wire *w, wire_conn *conns, uint32_t place,
                   const uint8_t *bytes, uint32_t length) {
    wire_conn *c = &conns[place];
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return -errno;
    if (sent < 0) sent = 0;
    if ((uint32_t)sent == length)
        watch_fd(w, c->fd, EPOLLIN | EPOLLRDHUP, place, (uint32_t)c->turn,
                 EPOLL_CTL_MOD);
    return (int32_t)sent;
}

/* --- Frames ------------------------------------------------------------- */

/* Opens a frame for up to `limit` bytes, or says that there is no room. */
static bool frame_open(wire *w, uint32_t limit) {
    int32_t *control = w->ring;
    uint32_t capacity = w->ring_bytes / 8;
    uint32_t needed = (RING_HEADER_BYTES + limit + 7) / 8;
    /* What is kept free is for the ENDs: src/engine/slot.ts. */
    uint32_t spare = w->ring_bytes / 8 / 8;
    uint32_t written = (uint32_t)control[RING_WRITTEN];
    uint32_t base = (uint32_t)control[RING_BASE];
    uint32_t read =
        (uint32_t)__atomic_load_n(&control[RING_READ], __ATOMIC_SEQ_CST);
    uint32_t used = written - read;
    if (used == 0 && base != written) {
        base = written;
        __atomic_store_n(&control[RING_BASE], (int32_t)base, __ATOMIC_SEQ_CST);
    }
    uint32_t at = (written - base) % capacity;
    uint32_t pad = capacity - at < needed ? capacity - at : 0;
    if ((uint64_t)used + pad + needed + spare > capacity) {
        /* Not an addition: this thread alone counts, and on arm64 compilers
         * make it a call into a library that is not linked. */
        __atomic_store_n(&control[RING_LOST], control[RING_LOST] + 1,
                         __ATOMIC_SEQ_CST);
        return false;
    }
    uint8_t *data = (uint8_t *)control + RING_CONTROL_BYTES;
    if (pad > 0) {
        uint32_t header[2] = {pad * 8 - 8, 0};
        memcpy(data + (size_t)at * 8, header, sizeof header);
        at = 0;
    }
    memcpy(data + (size_t)at * 8 + 8, &w->now_ns, 8);
    w->frame_end = written + pad;
    w->frame_at = at * 8;
    w->frame_bytes = 0;
    w->frame_open = 1;
    return true;
}

static void frame_commit(wire *w, const wire_conn *c) {
    if (!w->frame_open) return;
    uint8_t *data = (uint8_t *)w->ring + RING_CONTROL_BYTES;
    uint32_t header[2] = {w->frame_bytes, (uint32_t)c->kind << 24 | c->slot};
    memcpy(data + w->frame_at, header, sizeof header);
    uint32_t words = (RING_HEADER_BYTES + w->frame_bytes + 7) / 8;
    w->frame_open = 0;
    __atomic_store_n(&w->ring[RING_WRITTEN], (int32_t)(w->frame_end + words),
                     __ATOMIC_SEQ_CST);
}

/* Takes `length` bytes of a body where the segment is read. */
static void take_body(wire *w, wire_conn *c, uint32_t length) {
    const uint8_t *from = w->segment + w->at;
    /* A reply with a gap is no result: the rest of it would crowd out others. */
    if (c->lost == 0 && !w->frame_open && !frame_open(w, w->end - w->at))
        c->lost = 1;
    if (w->frame_open) {
        uint8_t *data = (uint8_t *)w->ring + RING_CONTROL_BYTES;
        memcpy(data + w->frame_at + RING_HEADER_BYTES + w->frame_bytes, from,
               length);
        w->frame_bytes += length;
    } else if (c->watched) {
        /* Who listens hears it all the same: the next request is made of it. */
        memmove(w->segment + w->kept, from, length);
        w->kept += length;
    }
    c->bytes += length;
    if (c->segments == 0) c->first_ns = w->now_ns;
    if (c->segments == 0 || c->last_ns != w->now_ns) c->segments++;
    c->last_ns = w->now_ns;
    w->at += length;
}

/* --- Reading ------------------------------------------------------------ */

static int32_t hex_of(uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

static int32_t malformed(wire *w, int32_t defect) {
    w->error = defect;
    w->at = w->end;
    return WIRE_MALFORMED;
}

/* The line of a size is over. */
static int32_t end_size(wire *w, wire_conn *c) {
    if (c->digits == 0) return malformed(w, DEFECT_SIZE);
    c->mode = c->left == 0 ? AT_TRAILER : AT_CHUNK;
    c->line_bytes = c->carriage = 0;
    return WIRE_NONE;
}

/* One byte of a line that holds a chunk's size: [0-9a-fA-F]+[ \t]*(;.*)? */
static int32_t take_size(wire *w, wire_conn *c, uint8_t byte) {
    if (byte == '\n') return end_size(w, c);
    if (++c->line_bytes > LINE_MAX_BYTES) return malformed(w, DEFECT_LINE);
    int32_t digit = c->mode == AT_SIZE && !c->carriage ? hex_of(byte) : -1;
    if (digit >= 0) {
        /* Zeroes in front say nothing. */
        bool counts = c->left != 0 || digit != 0;
        c->significant = counts ? c->significant + 1 : 0;
        if (c->significant > SIZE_MAX_DIGITS) return malformed(w, DEFECT_SIZE);
        c->digits = 1;
        c->left = c->left * 16 + digit;
        return WIRE_NONE;
    }
    if (c->carriage || c->digits == 0) return malformed(w, DEFECT_SIZE);
    if (byte == '\r') c->carriage = 1;
    else if (c->mode == AT_EXTENSION) return WIRE_NONE;
    else if (byte == ';') c->mode = AT_EXTENSION;
    else if (byte == ' ' || byte == '\t') c->mode = AT_SIZE_SPACE;
    else return malformed(w, DEFECT_SIZE);
    return WIRE_NONE;
}

static void begin_size(wire_conn *c) {
    c->mode = AT_SIZE;
    c->left = 0;
    c->digits = c->significant = c->line_bytes = c->carriage = 0;
}

/* One byte of a trailer; WIRE_ENDED when it ends the empty line. */
static int32_t take_trailer(wire *w, wire_conn *c, uint8_t byte) {
    if (byte == '\n') {
        bool empty = c->line_bytes == 0 || (c->line_bytes == 1 && c->carriage);
        c->line_bytes = c->carriage = 0;
        return empty ? WIRE_ENDED : WIRE_NONE;
    }
    c->carriage = byte == '\r';
    if (++c->line_bytes > LINE_MAX_BYTES) return malformed(w, DEFECT_LINE);
    return WIRE_NONE;
}

/* A head that was read before, byte for byte. */
static bool take_known_head(wire *w, wire_conn *c) {
    uint32_t length = w->known_bytes;
    if (c->mode != AT_HEAD || length == 0 || w->end - w->at < length)
        return false;
    if (memcmp(w->segment + w->at, w->known, length) != 0) return false;
    w->at += length;
    c->head = w->known_head;
    c->kind = w->known_kind;
    c->left = w->known_left;
    if (w->known_mode == AT_SIZE) begin_size(c);
    else c->mode = w->known_mode;
    c->ack_ns = w->now_ns;
    return true;
}

static uint32_t at_most(double left, uint32_t room) {
    return left < (double)room ? (uint32_t)left : room;
}

/* A reply is complete. Whoever sends the next request is told only when every
 * socket that has something to say was stamped: a send costs more than a stamp,
 * and what waits for its stamp is wrong by as much. */
static void end_reply(wire *w, wire_conn *conns, wire_conn *c) {
    c->end_ns = w->now_ns;
    c->is_spoilt = w->at < w->end || w->is_closing;
    c->is_ended = 1;
    c->busy = 0;
    c->after = -1;
    w->at = w->end;
    if (w->first_ended < 0) w->first_ended = w->place;
    else conns[w->last_ended].after = w->place;
    w->last_ended = w->place;
}

/* Reads what is left of the segment; a WIRE_... code when JavaScript must know.
 */
static int32_t read_segment(wire *w, wire_conn *conns) {
    wire_conn *c = &conns[w->place];
    int32_t code = WIRE_NONE;
    w->kept = 0;
    while (code == WIRE_NONE) {
        if (c->mode == AT_LENGTH && c->left == 0) {
            code = WIRE_ENDED;
            break;
        }
        if (w->at == w->end) break;
        uint8_t byte = w->segment[w->at];
        switch (c->mode) {
        case AT_HEAD:
        case AT_HELD_HEAD:
            if (!take_known_head(w, c)) {
                w->reread = 1;
                return WIRE_HEAD;
            }
            break;
        case AT_LENGTH:
        case AT_CHUNK: {
            uint32_t length = at_most(c->left, w->end - w->at);
            take_body(w, c, length);
            c->left -= length;
            if (c->left == 0 && c->mode == AT_CHUNK) {
                c->mode = AT_CHUNK_END;
                c->carriage = 0;
            }
            break;
        }
        case AT_CLOSE:
            take_body(w, c, w->end - w->at);
            break;
        case AT_SIZE:
        case AT_SIZE_SPACE:
        case AT_EXTENSION:
            w->at++;
            code = take_size(w, c, byte);
            break;
        case AT_CHUNK_END:
            w->at++;
            if (byte == '\n') begin_size(c);
            else if (byte == '\r') c->carriage = 1;
            else code = malformed(w, DEFECT_CHUNK_END);
            break;
        default:
            w->at++;
            code = take_trailer(w, c, byte);
        }
    }
    bool heard = c->watched && (w->frame_open || w->kept > 0);
    frame_commit(w, c);
    if (code == WIRE_ENDED) {
        end_reply(w, conns, c);
        code = WIRE_NONE;
    }
    if (!heard) return code;
    w->pending = code;
    return WIRE_HEARD;
}

/* --- Waiting ------------------------------------------------------------ */

static int32_t look_at_conn(wire *w, wire_conn *conns,
                            const struct epoll_event *event) {
    uint32_t place = (uint32_t)event->data.u64;
    wire_conn *c = &conns[place];
    /* A place may have got another socket since the event came. */
    if (c->fd < 0 || (uint32_t)c->turn != event->data.u64 >> 32)
        return WIRE_NONE;
    w->place = (int32_t)place;
    w->turn = c->turn;
    if (c->state == OPENING) {
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
        w->error = error;
        w->now_ns = clock_ns();
        if (error == 0) {
            c->state = OPEN;
            watch_fd(w, c->fd, EPOLLIN | EPOLLRDHUP, place, (uint32_t)c->turn,
                     EPOLL_CTL_MOD);
        }
        return WIRE_OPENED;
    }
    w->is_closing = (event->events & (EPOLLRDHUP | EPOLLHUP)) != 0;
    if (c->is_ended) {
        if (event->events != 0) c->is_spoilt = 1;
        return WIRE_NONE;
    }
    /* A stamp goes first, and so does a reply before the reset behind it. */
    if (event->events == EPOLLOUT) return WIRE_WRITABLE;
    ssize_t length = recv(c->fd, w->segment, w->segment_bytes, 0);
    w->now_ns = clock_ns();
    if (length <= 0) {
        if (length < 0 && (errno == EAGAIN || errno == EINTR)) return WIRE_NONE;
        w->error = length < 0 ? errno : 0;
        return WIRE_CLOSED;
    }
    if (!c->busy) return WIRE_UNASKED;
    w->at = 0;
    w->end = (uint32_t)length;
    return WIRE_NONE;
}

static int32_t look(wire *w, wire_conn *conns) {
    const struct epoll_event *event =
        (const struct epoll_event *)w->polled + w->next++;
    uint32_t place = (uint32_t)event->data.u64;
    if (place == BELL_PLACE) {
        uint64_t times;
        ssize_t length = read(w->bell, &times, sizeof times);
        return length > 0 ? WIRE_BELL : WIRE_NONE;
    }
    if (place == PULSE_PLACE) {
        ssize_t length = recv(w->pulse, &w->pulse_ns, sizeof w->pulse_ns,
                              MSG_TRUNC);
        w->now_ns = clock_ns();
        return length == sizeof w->pulse_ns ? WIRE_PULSE : WIRE_NONE;
    }
    return look_at_conn(w, conns, event);
}

/* Linux before 5.11 waits in whole milliseconds: short of the time, and what
 * is left is looked away. Containers refuse calls that they do not know. */
static int32_t wait_ns(wire *w, double ns) {
    struct epoll_event *polled = (struct epoll_event *)w->polled;
#ifdef SYS_epoll_pwait2
    if (!w->is_coarse) {
        struct timespec time = {
            .tv_sec = (time_t)(ns / 1e9),
            .tv_nsec = (long)(ns - 1e9 * (double)(time_t)(ns / 1e9)),
        };
        long n = syscall(SYS_epoll_pwait2, w->epoll, polled, WIRE_POLLED, &time,
                         NULL, 0);
        if (n >= 0 || (errno != ENOSYS && errno != EPERM)) return (int32_t)n;
        w->is_coarse = 1;
    }
#endif
    return epoll_wait(w->epoll, polled, WIRE_POLLED, (int)(ns / 1e6));
}

/* The socket that the last code was about still has its place. */
static bool is_there(const wire *w, const wire_conn *conns) {
    return w->place >= 0 && conns[w->place].fd >= 0 &&
           conns[w->place].turn == w->turn;
}

/* What is left of the segment that the last call stopped in. */
static int32_t go_on(wire *w, wire_conn *conns) {
    int32_t code = w->pending;
    bool reread = w->reread;
    w->pending = WIRE_NONE;
    w->reread = 0;
    if (is_there(w, conns)) {
        if (code != WIRE_NONE) return code;
        if (reread) code = read_segment(w, conns);
    } else {
        code = WIRE_NONE;
    }
    return code;
}

/* Tells of the oldest reply that is complete; there is one. */
static int32_t next_ended(wire *w, wire_conn *conns) {
    wire_conn *c = &conns[w->first_ended];
    w->place = w->first_ended;
    w->turn = c->turn;
    w->now_ns = c->end_ns;
    w->is_spoilt = (uint32_t)c->is_spoilt;
    w->first_ended = c->after;
    c->is_ended = 0;
    return WIRE_ENDED;
}

int32_t wire_turn(wire *w, wire_conn *conns, int32_t *ring, double until_ns) {
    w->ring = ring;
    if (w->epoll < 0) return WIRE_NONE;
    bool has_polled = false;
    int32_t code = go_on(w, conns);
    while (code == WIRE_NONE) {
        if (w->next < w->ready) {
            w->at = w->end = 0;
            code = look(w, conns);
            if (code == WIRE_NONE && w->at < w->end)
                code = read_segment(w, conns);
            continue;
        }
        double now_ns = clock_ns();
        /* One a look at least: sockets may speak without a pause. */
        bool may_tell = w->has_looked || now_ns < w->looked_ns + LOOK_EVERY_NS;
        if (w->first_ended >= 0 && may_tell) {
            w->has_looked = 0;
            code = next_ended(w, conns);
            continue;
        }
        double ns = w->first_ended >= 0 ? 0 : until_ns - now_ns;
        if (!(ns > 0) && has_polled && w->first_ended < 0) return WIRE_NONE;
        has_polled = true;
        int32_t n = wait_ns(w, ns > 0 ? ns : 0);
        w->looked_ns = clock_ns();
        w->has_looked = 1;
        w->next = 0;
        w->ready = n > 0 ? n : 0;
    }
    return code;
}

#endif
