/*
 * What the machine allows: read a capture, find addresses and ports, count each packet in the one entry of its flow.
 * One thread, read(2) in large chunks, one open-addressing table; no timeouts, no TCP, no output but a line of totals.
 * Nothing that assembles flows can be faster without prefetching or huge pages, and nothing useful is this bare.
 *
 *     floor FILE [log2 of table entries, default 22]       prints: packets flows bytes
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK = 1 << 18, FRAME_MAX = 1 << 18, RECORD = 16 };

/* The lower end first; `ports` also holds the protocol, and a bit that says that the entry is in use. */
typedef struct {
  uint64_t low[2], high[2], ports;
  uint32_t packets[2];
  uint64_t bytes;
} Flow;
_Static_assert(sizeof(Flow) <= 64, "one line of the cache");

static uint16_t be16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t be32(const uint8_t *p) { return (uint32_t)be16(p) << 16 | be16(p + 2); }
static uint64_t be64(const uint8_t *p) { return (uint64_t)be32(p) << 32 | be32(p + 4); }
static uint32_t le32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }

static Flow *table;
static uint64_t mask, packets, flows, bytes;

static uint64_t mixed(uint64_t h) {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93u;
  return h ^ h >> 32;
}

static void count(const uint64_t src[2], const uint64_t dst[2], uint16_t sport, uint16_t dport, int proto, uint32_t wire) {
  int way = src[0] != dst[0] ? src[0] > dst[0] : src[1] != dst[1] ? src[1] > dst[1] : sport > dport;
  const uint64_t *low = way ? dst : src, *high = way ? src : dst;
  const uint64_t ports = (uint64_t)(way ? dport : sport) << 32 | (uint64_t)(way ? sport : dport) << 16 | (uint64_t)proto << 8 | 1;
  /* The products do not wait for one another; only the last step is a chain. */
  const uint64_t lows = (low[0] + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u + low[1] * 0x94d049bb133111ebu;
  const uint64_t highs = (high[0] + 0xd6e8feb86659fd93u) * 0xff51afd7ed558ccdu + high[1] * 0xc4ceb9fe1a85ec53u;
  uint64_t at = mixed(lows ^ (highs << 29 | highs >> 35) ^ ports * 0x2545f4914f6cdd1du) & mask;
  for (;; at = (at + 1) & mask) {
    Flow *f = &table[at];
    if (f->ports == 0) {
      if (++flows > mask - mask / 8) { fputs("floor: the table is full\n", stderr); exit(1); }
      f->low[0] = low[0]; f->low[1] = low[1]; f->high[0] = high[0]; f->high[1] = high[1];
      f->ports = ports;
    } else if (f->ports != ports || f->low[1] != low[1] || f->high[1] != high[1] || f->low[0] != low[0] || f->high[0] != high[0]) {
      continue;
    }
    f->packets[way]++;
    f->bytes += wire;
    return;
  }
}

static void frame(const uint8_t *p, uint32_t kept, uint32_t wire) {
  const uint8_t *end = p + kept;
  packets++;
  bytes += wire;
  if (kept < 34) return;
  p += 12;
  uint16_t type = be16(p);
  while ((type == 0x8100 || type == 0x88a8) && p + 26 < end) { p += 4; type = be16(p); }
  p += 2;
  uint64_t src[2] = {0, 0}, dst[2] = {0, 0};
  int proto, later = 0;
  if (type == 0x0800 && p + 20 <= end) {
    const uint32_t header = (p[0] & 15u) * 4;
    if (header < 20) return;
    later = (be16(p + 6) & 0x1fff) != 0;
    proto = p[9];
    src[1] = be32(p + 12);
    dst[1] = be32(p + 16);
    p += header;
  } else if (type == 0x86dd && p + 40 <= end) {
    proto = p[6];
    src[0] = be64(p + 8); src[1] = be64(p + 16);
    dst[0] = be64(p + 24); dst[1] = be64(p + 32);
    p += 40;
  } else return;
  uint16_t sport = 0, dport = 0;
  if (!later && (proto == 6 || proto == 17) && p + 4 <= end) { sport = be16(p); dport = be16(p + 2); }
  count(src, dst, sport, dport, proto, wire);
}

int main(int argc, char **argv) {
  if (argc < 2) return 64;
  const int fd = open(argv[1], O_RDONLY);
  if (fd < 0) { perror(argv[1]); return 66; }
  const uint64_t entries = 1ull << (argc > 2 ? atoi(argv[2]) : 22);
  mask = entries - 1;
  table = mmap(NULL, entries * sizeof(Flow), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (table == MAP_FAILED) { perror("mmap"); return 71; }
  static uint8_t chunk[FRAME_MAX + CHUNK];
  size_t held = 0, at = 24;
  if (read(fd, chunk, 24) != 24 || le32(chunk) != 0xa1b2c3d4) { fputs("floor: not a little-endian capture\n", stderr); return 65; }
  at = 0;
  for (ssize_t got; (got = read(fd, chunk + held, CHUNK)) > 0;) {
    held += (size_t)got;
    while (held - at >= RECORD) {
      const uint32_t kept = le32(chunk + at + 8), wire = le32(chunk + at + 12);
      if (kept > FRAME_MAX - RECORD) { fputs("floor: a frame too long\n", stderr); return 65; }
      if (held - at < RECORD + kept) break;
      frame(chunk + at + RECORD, kept, wire);
      at += RECORD + kept;
    }
    memmove(chunk, chunk + at, held - at);
    held -= at;
    at = 0;
  }
  printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", packets, flows, bytes);
  return 0;
}
