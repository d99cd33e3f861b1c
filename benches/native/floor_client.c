/* The floor of benches/lines.py: what the kernel charges for the frames of so many sessions, and nothing else.
 *
 *   floor_client PORT SESSIONS FRAME_MS SECONDS WARM CPU SERVER_PID [--tls]
 *
 * One epoll loop on one core, the pacing of lines.py: session i is due i/n of a frame's time after the first, and what
 * is due is sent before the loop waits again, for a millisecond at least. A send is one masked frame, made before; a
 * receive is one recv into one buffer, in which frames are counted by their headers. No JSON, no base64, no books.
 * It batches less than a busy Python loop does, so it is a floor only below saturation. With --tls the same through
 * OpenSSL, which reads as much as there is at once; certificates are not looked at. Prints one line of JSON. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define UPGRADE                                                                                           \
    "GET /v1/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"       \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
#define OPEN "{\"type\":\"input_audio_buffer.append\",\"audio\":\""

typedef struct {
    int fd;
    SSL *ssl;
    size_t rest; /* of a frame that began in an earlier read */
    uint8_t head[10];
    size_t head_size;
} Session;

static uint8_t frame[1 << 16], in[1 << 18];
static size_t frame_size;
static unsigned long long got;
static SSL_CTX *tls;

/* What was used until a moment, in seconds. */
typedef struct {
    double wall, used, waited, stolen, server_used, server_waited;
} Standing;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static double processor(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void make_frame(size_t pcm_bytes) {
    size_t text = (pcm_bytes + 2) / 3 * 4, size = strlen(OPEN) + text + 2;
    uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d}, *payload = frame + 8;
    frame[0] = 0x81, frame[1] = 0x80 | 126, frame[2] = size >> 8, frame[3] = size;
    memcpy(frame + 4, mask, 4);
    memcpy(payload, OPEN, strlen(OPEN));
    memset(payload + strlen(OPEN), 'A', text);
    memcpy(payload + size - 2, "\"}", 2);
    for (size_t i = 0; i < size; i++) payload[i] ^= mask[i & 3];
    frame_size = size + 8;
}

static void scheduled(int pid, double *used, double *waited) {
    char name[64];
    unsigned long long ran = 0, stood = 0;
    snprintf(name, sizeof name, "/proc/%d/schedstat", pid);
    FILE *file = fopen(name, "r");
    if (!file || fscanf(file, "%llu %llu", &ran, &stood) != 2) perror(name), exit(1);
    fclose(file);
    *used = ran / 1e9, *waited = stood / 1e9;
}

/* Of the core by the host: the eighth figure of its line. */
static double stolen(int cpu) {
    char line[512], name[16];
    unsigned long long steal = 0;
    snprintf(name, sizeof name, "cpu%d ", cpu > 0 ? cpu : 0);
    FILE *file = fopen("/proc/stat", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name))) sscanf(line, "%*s %*u %*u %*u %*u %*u %*u %*u %llu", &steal);
    if (file) fclose(file);
    return (double)steal / sysconf(_SC_CLK_TCK);
}

static Standing standing(int cpu, int server) {
    Standing now = {.wall = seconds(), .used = processor(), .stolen = stolen(cpu)};
    double ran;
    scheduled(getpid(), &ran, &now.waited);
    scheduled(server, &now.server_used, &now.server_waited);
    return now;
}

static ssize_t put(Session *session, const void *bytes, size_t size) {
    if (!session->ssl) return send(session->fd, bytes, size, MSG_NOSIGNAL);
    return SSL_write(session->ssl, bytes, size);
}

/* -1 with EAGAIN when there is no more now. */
static ssize_t get(Session *session, void *bytes, size_t room) {
    if (!session->ssl) return recv(session->fd, bytes, room, 0);
    int size = SSL_read(session->ssl, bytes, room);
    if (size > 0) return size;
    errno = EAGAIN;
    return SSL_get_error(session->ssl, size) == SSL_ERROR_WANT_READ ? -1 : 0;
}

static void dial(Session *session, int port) {
    int fd = session->fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (void *)&place, sizeof place)) perror("floor_client"), exit(1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (tls) {
        session->ssl = SSL_new(tls);
        SSL_set_fd(session->ssl, fd);
        if (SSL_connect(session->ssl) != 1) fprintf(stderr, "floor_client: no TLS\n"), exit(1);
    }
    if (put(session, UPGRADE, strlen(UPGRADE)) < 0) perror("floor_client"), exit(1);
    /* The answer's end byte by byte: what follows are frames. */
    for (int line_ends = 0; line_ends < 4;) {
        char byte;
        if (get(session, &byte, 1) != 1) exit(1);
        line_ends = byte == "\r\n\r\n"[line_ends] ? line_ends + 1 : byte == '\r';
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* Counts the frames that begin in these bytes. */
static void count_frames(Session *session, const uint8_t *at, size_t size) {
    while (size) {
        size_t some = session->rest < size ? session->rest : size;
        session->rest -= some, at += some, size -= some;
        if (!size) return;
        uint8_t *head = session->head;
        while (size && session->head_size < (session->head_size < 2 ? 2u : head[1] < 126 ? 2u : head[1] == 126 ? 4u : 10u))
            head[session->head_size++] = *at++, size--;
        size_t whole = session->head_size < 2 ? 2 : head[1] < 126 ? 2 : head[1] == 126 ? 4 : 10;
        if (session->head_size < whole) return;
        session->rest = head[1] < 126 ? head[1] : head[1] == 126 ? (size_t)(head[2] << 8 | head[3]) : (size_t)1 << 40;
        session->head_size = 0;
        got++;
    }
}

static void read_all(Session *session) {
    for (;;) {
        ssize_t size = get(session, in, sizeof in);
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) fprintf(stderr, "floor_client: the server hung up\n"), exit(1);
        count_frames(session, in, size);
        /* A record is less than there is room for, and may not be the last. */
        if (!session->ssl && (size_t)size < sizeof in) return;
    }
}

static int by_value(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void tell(Standing before, Standing after, unsigned long long pairs, unsigned long long back, double step,
                 double *late, size_t count) {
    double wall = after.wall - before.wall, used = after.used - before.used, expected = wall / step;
    qsort(late, count, sizeof *late, by_value);
    printf("{\"us_per_pair\":%.3f,\"util\":%.4f,\"late_p50\":%.3f,\"late_p99\":%.3f,\"sent_ratio\":%.4f,"
           "\"got_ratio\":%.4f,\"waited\":%.4f,\"stolen\":%.4f,\"server_util\":%.4f,\"server_waited\":%.4f}\n",
           used / pairs * 1e6, used / wall, late[count / 2] * 1e3, late[(size_t)(count * 0.99)] * 1e3,
           pairs / expected, back / expected, (after.waited - before.waited) / wall, (after.stolen - before.stolen) / wall,
           (after.server_used - before.server_used) / wall, (after.server_waited - before.server_waited) / wall);
}

int main(int count, char **words) {
    if (count < 8) return fprintf(stderr, "floor_client PORT SESSIONS FRAME_MS SECONDS WARM CPU SERVER_PID [--tls]\n"), 2;
    int port = atoi(words[1]), sessions = atoi(words[2]), cpu = atoi(words[6]), server = atoi(words[7]);
    double frame_ms = atof(words[3]), length = atof(words[4]), warm = atof(words[5]);
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    if (cpu >= 0) CPU_SET(cpu, &cpus), sched_setaffinity(0, sizeof cpus, &cpus);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (count > 8) {
        tls = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_read_ahead(tls, 1);
        SSL_CTX_set_mode(tls, SSL_MODE_AUTO_RETRY);
    }
    make_frame((size_t)(24 * frame_ms) * 2);
    Session *all = calloc(sessions, sizeof *all);
    int poller = epoll_create1(0);
    for (int i = 0; i < sessions; i++) {
        dial(&all[i], port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &event);
        if (all[i].ssl) read_all(&all[i]);
    }
    double step = frame_ms / 1000 / sessions, start = seconds() + 0.05, from = start + warm, end = from + length;
    size_t most = (size_t)((length + 1) / step) + sessions, measured = 0;
    double *late = malloc(most * sizeof *late);
    unsigned long long sent = 0, sent_before = 0, got_before = 0;
    Standing before = {0};
    static struct epoll_event events[1024];
    for (;;) {
        double now = seconds();
        if (now >= end) break;
        if (!before.wall && now >= from) before = standing(cpu, server), sent_before = sent, got_before = got, measured = 0;
        for (; start + sent * step <= now; sent++) {
            if (put(&all[sent % sessions], frame, frame_size) != (ssize_t)frame_size)
                return fprintf(stderr, "floor_client: a socket is full\n"), 1;
            if (measured < most) late[measured++] = seconds() - (start + sent * step);
        }
        double wait = start + sent * step - seconds();
        int ready = epoll_wait(poller, events, 1024, wait > 0 ? (wait > 0.001 ? (int)(wait * 1000) : 1) : 0);
        for (int i = 0; i < ready; i++) read_all(events[i].data.ptr);
    }
    tell(before, standing(cpu, server), sent - sent_before, got - got_before, step, late, measured);
    return 0;
}
