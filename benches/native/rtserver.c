/* The load server of benches/lines.py: speaks as much of the Realtime protocol as a streaming session needs.
 *
 *   rtserver PORT PCM_BYTES [--tls CERT KEY] [--cpu N] [--answer DELTAS]
 *
 * One epoll loop. A connection gets session.created with its upgrade, session.updated for a session.update, and for
 * each input_audio_buffer.append one response.output_audio.delta of PCM_BYTES: a frame that is made once, so what the
 * server costs is about what the kernel costs. Before the first delta it tells the response and the item, which
 * clients that keep books want to know. An answer never ends, or after so many deltas; then the next begins with the
 * next append. Prints "ready" when it listens, and its counters after SIGTERM.
 *
 * By the session bench of the peers, measured before this library had lines (2026-11-22), without its compression. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SESSION                                                                                                     \
    "\"session\":{\"type\":\"realtime\",\"object\":\"realtime.session\",\"id\":\"sess_1\",\"model\":\"gpt-realtime\","  \
    "\"output_modalities\":[\"audio\"],\"instructions\":\"hi\",\"tools\":[],\"tool_choice\":\"auto\","                 \
    "\"max_output_tokens\":\"inf\",\"truncation\":\"auto\",\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcm\","  \
    "\"rate\":24000},\"transcription\":null,\"noise_reduction\":null,\"turn_detection\":null},\"output\":{\"format\":" \
    "{\"type\":\"audio/pcm\",\"rate\":24000},\"voice\":\"marin\",\"speed\":1.0}},\"include\":null}}"
/* With the number of the answer, of which frames are made for so many. */
#define RESPONSE "resp_BGQCwZbkXUPRB5jMS%04d"
#define ITEM "item_BGQCwd9zOaTBXZVJs%04d"
#define ANSWERS 256
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

typedef struct {
    uint8_t *bytes;
    size_t size;
} Frame;

typedef struct {
    int fd, open, talking, wants_out;
    unsigned answers, deltas;
    SSL *ssl;
    uint8_t *in, *out;
    size_t in_size, in_room, out_size, out_room;
} Conn;

static int poller;
static SSL_CTX *tls;
static volatile sig_atomic_t over;
static Frame created, updated, beginnings[ANSWERS], deltas[ANSWERS], ends[ANSWERS];
static unsigned long most_deltas;
static unsigned long conns, appends, others;

static size_t header(uint8_t *out, size_t size) {
    out[0] = 0x81;
    if (size < 126) return out[1] = size, 2;
    if (size < 65536) return out[1] = 126, out[2] = size >> 8, out[3] = size, 4;
    out[1] = 127;
    for (int i = 0; i < 8; i++) out[2 + i] = (uint64_t)size >> (56 - 8 * i);
    return 10;
}

static void add_text(Frame *frame, const char *text) {
    size_t size = strlen(text);
    frame->bytes = realloc(frame->bytes, frame->size + size + 10);
    frame->size += header(frame->bytes + frame->size, size);
    memcpy(frame->bytes + frame->size, text, size);
    frame->size += size;
}

static void add_numbered(Frame *frame, const char *text, int number) {
    char *told;
    if (asprintf(&told, text, number) < 0) abort();
    add_text(frame, told);
    free(told);
}

static void make_beginning(Frame *frame, int number) {
    char before[64] = "null";
    if (number) sprintf(before, "\"" ITEM "\"", number - 1);
    char *told;
    if (asprintf(&told, "{\"type\":\"conversation.item.added\",\"event_id\":\"event_4\",\"previous_item_id\":%s,"
                        "\"item\":{\"id\":\"" ITEM "\",\"object\":\"realtime.item\",\"type\":\"message\","
                        "\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]}}", before, number) < 0) abort();
    add_numbered(frame, "{\"type\":\"response.created\",\"event_id\":\"event_3\",\"response\":{\"object\":"
                        "\"realtime.response\",\"id\":\"" RESPONSE "\",\"status\":\"in_progress\",\"output\":[],"
                        "\"conversation_id\":\"conv_1\"}}", number);
    add_text(frame, told);
    free(told);
}

#define SAID "\"item\":{\"id\":\"" ITEM "\",\"object\":\"realtime.item\",\"type\":\"message\",\"status\":"                \
             "\"completed\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_audio\",\"transcript\":\"hi\"}]}}"

static void make_end(Frame *frame, int number) {
    add_numbered(frame, "{\"type\":\"conversation.item.done\",\"event_id\":\"event_5\",\"previous_item_id\":null," SAID,
                 number);
    add_numbered(frame, "{\"type\":\"response.done\",\"event_id\":\"event_6\",\"response\":{\"object\":"
                        "\"realtime.response\",\"id\":\"" RESPONSE "\",\"status\":\"completed\",\"output\":[],"
                        "\"conversation_id\":\"conv_1\"}}", number);
}

static void make_frames(size_t pcm_bytes) {
    add_text(&created, "{\"type\":\"session.created\",\"event_id\":\"event_1\"," SESSION);
    add_text(&updated, "{\"type\":\"session.updated\",\"event_id\":\"event_2\"," SESSION);
    uint8_t *pcm = malloc(pcm_bytes + 1);
    for (size_t i = 0; i < pcm_bytes; i++) pcm[i] = i * 37 >> 3;
    char *text = malloc(pcm_bytes * 2 + 1000);
    for (int number = 0; number < (most_deltas ? ANSWERS : 1); number++) {
        make_beginning(&beginnings[number], number);
        make_end(&ends[number], number);
        int size = sprintf(text, "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_BGQ000000000000000001\","
                                 "\"response_id\":\"" RESPONSE "\",\"item_id\":\"" ITEM "\",\"output_index\":0,"
                                 "\"content_index\":0,\"delta\":\"", number, number);
        size += EVP_EncodeBlock((uint8_t *)text + size, pcm, pcm_bytes);
        strcpy(text + size, "\"}");
        add_text(&deltas[number], text);
    }
}

static void drop(Conn *conn) {
    if (conn->ssl) SSL_free(conn->ssl);
    close(conn->fd);
    free(conn->in);
    free(conn->out);
    free(conn);
}

static ssize_t put_some(Conn *conn, const void *bytes, size_t size) {
    if (!conn->ssl) return send(conn->fd, bytes, size, MSG_NOSIGNAL);
    int put = SSL_write(conn->ssl, bytes, size);
    if (put > 0) return put;
    int error = SSL_get_error(conn->ssl, put);
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
    return -1;
}

static int flush(Conn *conn) {
    size_t done = 0;
    while (done < conn->out_size) {
        ssize_t put = put_some(conn, conn->out + done, conn->out_size - done);
        if (put < 0 && errno != EAGAIN) return -1;
        if (put < 0) break;
        done += put;
    }
    memmove(conn->out, conn->out + done, conn->out_size -= done);
    int wants = conn->out_size > 0;
    if (wants != conn->wants_out) {
        struct epoll_event event = {.events = EPOLLIN | (wants ? EPOLLOUT : 0), .data.ptr = conn};
        epoll_ctl(poller, EPOLL_CTL_MOD, conn->fd, &event);
        conn->wants_out = wants;
    }
    return 0;
}

static int put(Conn *conn, const void *bytes, size_t size) {
    if (!conn->out_size) {
        ssize_t some = put_some(conn, bytes, size);
        if (some < 0 && errno != EAGAIN) return -1;
        if (some > 0) bytes = (const char *)bytes + some, size -= some;
        if (!size) return 0;
    }
    if (conn->out_size + size > conn->out_room)
        conn->out = realloc(conn->out, conn->out_room = (conn->out_size + size) * 2);
    memcpy(conn->out + conn->out_size, bytes, size);
    conn->out_size += size;
    return flush(conn);
}

/* Answers the upgrade; 1 once it is whole, -1 if it is none. */
static int upgrade(Conn *conn) {
    conn->in[conn->in_size] = 0;
    char *end = strstr((char *)conn->in, "\r\n\r\n"), *key = strcasestr((char *)conn->in, "sec-websocket-key:");
    if (!end) return 0;
    if (!key) return -1;
    char proof[128], accept[64], answer[512];
    if (sscanf(key + 18, " %60s", proof) != 1) return -1;
    strcat(proof, GUID);
    uint8_t digest[20];
    SHA1((uint8_t *)proof, strlen(proof), digest);
    EVP_EncodeBlock((uint8_t *)accept, digest, sizeof digest);
    int size = sprintf(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    size_t used = end + 4 - (char *)conn->in;
    memmove(conn->in, conn->in + used, conn->in_size -= used);
    conn->open = 1;
    conns++;
    return put(conn, answer, size) || put(conn, created.bytes, created.size) ? -1 : 1;
}

/* One more delta, with what belongs before and behind it. */
static int speak(Conn *conn) {
    Frame *before = &beginnings[conn->answers], *delta = &deltas[conn->answers], *behind = &ends[conn->answers];
    if (!conn->talking && put(conn, before->bytes, before->size)) return -1;
    conn->talking = 1;
    if (put(conn, delta->bytes, delta->size)) return -1;
    if (!most_deltas || ++conn->deltas < most_deltas) return 0;
    conn->talking = conn->deltas = 0;
    /* Names may not come again: who outlasts all of them has answers that never end from there on. */
    if (conn->answers == ANSWERS - 1) return conn->talking = 1, 0;
    conn->answers++;
    return put(conn, behind->bytes, behind->size);
}

static int put_text(Conn *conn, const char *text) {
    Frame frame = {0};
    add_text(&frame, text);
    int failed = put(conn, frame.bytes, frame.size);
    free(frame.bytes);
    return failed;
}

/* A session that takes the place of another is told its items, each as the last key of its request, and says so. */
static int add_item(Conn *conn, const uint8_t *payload, size_t size, const uint8_t *mask) {
    static const char *kinds[] = {"added", "done"};
    char *asked = malloc(size + 1), *told = NULL;
    int failed = 0;
    for (size_t i = 0; i < size; i++) asked[i] = payload[i] ^ mask[i & 3];
    asked[size] = 0;
    char *item = strstr(asked, "\"item\":");
    for (int i = 0; item && i < 2 && !failed; i++) {
        const char *form = "{\"type\":\"conversation.item.%s\",\"event_id\":\"event_7\",\"previous_item_id\":null,%s";
        if (asprintf(&told, form, kinds[i], item) < 0) abort();
        failed = put_text(conn, told);
        free(told);
    }
    free(asked);
    return failed;
}

/* What is said is known by a message's first bytes or, of clients that write their keys in another order, its last. */
static int answer_text(Conn *conn, const uint8_t *payload, size_t size, const uint8_t *mask) {
    char words[200];
    size_t head = size < 96 ? size : 96, tail = size < 64 ? size : 64;
    for (size_t i = 0; i < head; i++) words[i] = payload[i] ^ mask[i & 3];
    for (size_t i = 0; i < tail; i++) words[head + i] = payload[size - tail + i] ^ mask[(size - tail + i) & 3];
    words[head + tail] = 0;
    if (strstr(words, "buffer.append")) {
        appends++;
        return speak(conn);
    }
    others++;
    if (strstr(words, "item.create")) return add_item(conn, payload, size, mask);
    int asks = strstr(words, "session.update") || strstr(words, "\"session\"");
    return asks ? put(conn, updated.bytes, updated.size) : 0;
}

static int answer(Conn *conn, int opcode, const uint8_t *payload, size_t size, const uint8_t *mask) {
    uint8_t out[130];
    if (opcode == 1 || opcode == 2) return answer_text(conn, payload, size, mask);
    if (opcode == 8) return put(conn, "\x88\x02\x03\xe8", 4), -1;
    if (opcode != 9 || size > 125) return 0;
    out[0] = 0x8a;
    out[1] = size;
    for (size_t i = 0; i < size; i++) out[2 + i] = payload[i] ^ mask[i & 3];
    return put(conn, out, 2 + size);
}

static int read_frames(Conn *conn) {
    size_t at = 0;
    while (conn->in_size - at >= 6) {
        uint8_t *frame = conn->in + at;
        size_t size = frame[1] & 127, head = size < 126 ? 2 : size == 126 ? 4 : 10;
        if (conn->in_size - at < head + 4) break;
        if (head > 2) size = 0;
        for (size_t i = 2; i < head; i++) size = size << 8 | frame[i];
        size_t whole = head + 4 + size;
        if (conn->in_size - at < whole) {
            if (whole >= conn->in_room) conn->in = realloc(conn->in, conn->in_room = whole + 65536);
            break;
        }
        if (answer(conn, frame[0] & 15, frame + head + 4, size, frame + head)) return -1;
        at += whole;
    }
    memmove(conn->in, conn->in + at, conn->in_size -= at);
    return 0;
}

/* Reads until the socket is empty; 0 while the connection goes on. */
static int readable(Conn *conn) {
    for (;;) {
        if (conn->in_room - conn->in_size < 16384) conn->in = realloc(conn->in, conn->in_room *= 2);
        size_t room = conn->in_room - conn->in_size - 1;
        ssize_t got;
        if (conn->ssl) {
            got = SSL_read(conn->ssl, conn->in + conn->in_size, room);
            int error = got > 0 ? 0 : SSL_get_error(conn->ssl, got);
            if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 0;
        } else {
            got = recv(conn->fd, conn->in + conn->in_size, room, 0);
            if (got < 0 && errno == EAGAIN) return 0;
        }
        if (got <= 0) return -1;
        conn->in_size += got;
        int state = conn->open ? 1 : upgrade(conn);
        if (state < 0 || (state && read_frames(conn))) return -1;
        if (!conn->ssl && (size_t)got < room) return 0;
    }
}

static void take(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        Conn *conn = calloc(1, sizeof *conn);
        conn->fd = fd;
        conn->in = malloc(conn->in_room = 32768);
        if (tls) {
            conn->ssl = SSL_new(tls);
            SSL_set_fd(conn->ssl, fd);
            SSL_set_accept_state(conn->ssl);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static void serve(int listener) {
    static struct epoll_event events[1024];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    while (!over) {
        int count = epoll_wait(poller, events, 1024, 1000);
        for (int i = 0; i < count; i++) {
            Conn *conn = events[i].data.ptr;
            int bad = 0;
            if (!conn) {
                take(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT) bad = flush(conn);
            if (!bad && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) bad = readable(conn);
            if (bad) drop(conn);
        }
    }
}

static int listen_on(int port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (void *)&place, sizeof place) || listen(listener, 4096)) perror("rtserver"), exit(1);
    return listener;
}

static void use_tls(const char *cert, const char *key) {
    tls = SSL_CTX_new(TLS_server_method());
    /* A record in one read and not in two. */
    SSL_CTX_set_read_ahead(tls, 1);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(tls, cert) != 1 || SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        fprintf(stderr, "rtserver: no certificate in %s, or no key in %s\n", cert, key), exit(1);
}

static void end(int signal) {
    (void)signal;
    over = 1;
}

int main(int count, char **words) {
    if (count < 3) return fprintf(stderr, "rtserver PORT PCM_BYTES [--tls CERT KEY] [--cpu N] [--answer DELTAS]\n"), 2;
    for (int i = 3; i < count; i++) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        if (!strcmp(words[i], "--tls") && i + 2 < count) use_tls(words[i + 1], words[i + 2]), i += 2;
        else if (!strcmp(words[i], "--answer") && i + 1 < count) most_deltas = atol(words[++i]);
        else if (!strcmp(words[i], "--cpu") && i + 1 < count)
            CPU_SET(atoi(words[++i]), &cpus), sched_setaffinity(0, sizeof cpus, &cpus);
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, end);
    signal(SIGINT, end);
    make_frames(atol(words[2]));
    int listener = listen_on(atoi(words[1]));
    printf("ready\n");
    fflush(stdout);
    serve(listener);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    printf("{\"conns\":%lu,\"appends\":%lu,\"others\":%lu,\"cpu_s\":%.3f}\n", conns, appends, others, cpu);
    return 0;
}
