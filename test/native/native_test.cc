// The C++ that knows no JavaScript, run under AddressSanitizer and UBSan by native.test.ts. Prints one line per check
// and exits with 1 when any fails. With the argument "live" it also captures on the loopback device of the network
// namespace it was started in.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "../../native/devices.h"
#include "../../native/filter.h"
#include "../../native/notify.h"
#include "../../native/tap.h"

using namespace tapspot;

static int failures = 0;

static void check(bool ok, const char* what) {
  printf("%s %s\n", ok ? "ok" : "FAILED", what);
  if (!ok) failures++;
}

// Columns of exactly their size, each in a heap block of its own, so that a step outside is found.
struct Batch {
  std::vector<uint8_t> arena;
  std::vector<uint32_t> start, cap_len, wire_len;
  std::vector<double> time_us;
  Batch(size_t bytes, uint32_t rows) : arena(bytes), start(rows), cap_len(rows), wire_len(rows), time_us(rows) {}
  Columns columns() {
    return {arena.data(),    arena.size(),   start.data(), cap_len.data(),
            wire_len.data(), time_us.data(), static_cast<uint32_t>(start.size())};
  }
};

static void filters() {
  Failure failure;
  const int links[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_NULL, 9999, -1};
  const char* expressions[] = {"",       "udp port 53", "ip6 and tcp[13] & 2 != 0", "vlan and port 53", "greater 1000",
                               "(((",    "port 99999",  "ether[100:4] = 7",         "\xff\xfe",         "host 1.2.3"};
  std::mt19937 random(7);
  int compiled = 0, refused = 0, kept = 0;
  for (int link : links) {
    for (const char* expression : expressions) {
      std::unique_ptr<Filter> filter(Filter::compile(expression, link, 65535, &failure));
      if (!filter) {
        refused++;
        continue;
      }
      compiled++;
      for (int round = 0; round < 20; round++) {
        Batch batch(2000, 64);
        for (auto& byte : batch.arena) byte = static_cast<uint8_t>(random());
        for (size_t i = 0; i < 64; i++) {
          // A third of the rows lie outside the arena, some by a wrap of 32 bits.
          batch.start[i] = i % 3 == 0 ? static_cast<uint32_t>(random()) : random() % 2000;
          batch.cap_len[i] = i % 5 == 0 ? static_cast<uint32_t>(random()) : random() % 200;
          batch.wire_len[i] = batch.cap_len[i];
        }
        std::vector<uint8_t> keep(64, 9);
        filter->match(batch.columns(), keep.data());
        for (uint8_t k : keep) {
          if (k > 1) check(false, "every row is judged");
          kept += k;
        }
      }
    }
  }
  check(compiled > 20 && refused > 10 && kept > 100, "filters compile or are refused, and stay inside the arena");
}

static void notifications() {
  const std::string state = "READY=1";
  bool all = true;
  for (const std::string& path : {std::string(""), std::string("/"), std::string("@"), std::string("relative"),
                                  std::string("/nowhere"), std::string(107, '/'), std::string(108, '/'),
                                  std::string(4000, '/'), std::string("@nobody-listens-here")}) {
    all = all && notify(path.data(), path.size(), state.data(), state.size()) != 0;
  }
  check(all, "a manager that is not there is an errno");
}

static void opening() {
  Failure failure;
  const auto opens = [&](const TapOptions& options) {
    std::unique_ptr<Tap> tap(Tap::open(options, &failure));
    return tap != nullptr;
  };
  check(!opens({"nosuch0", 65535, false, 1 << 20, "", -1}), "a device that is not there does not open");
  check(failure.code == "PCAP_ERROR_NO_SUCH_DEVICE" || failure.code == "PCAP_ERROR_PERM_DENIED", failure.code.c_str());
  check(!opens({std::string(5000, 'x'), 65535, false, 1 << 20, "", -1}), "nor does one with a name of 5000 bytes");
  std::vector<Device> devices;
  check(list_devices(&devices, &failure), "devices are listed");
}

static void send_udp(int packets, size_t bytes) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(40992);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<uint8_t> payload(bytes, 0x5a);
  for (int i = 0; i < packets; i++) {
    sendto(fd, payload.data(), payload.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  close(fd);
}

static uint32_t drain_all(Tap& tap, Batch& batch, Failure* failure) {
  uint32_t total = 0;
  for (int quiet = 0; quiet < 4;) {
    const int32_t rows = tap.drain(batch.columns(), failure);
    if (rows < 0) break;
    for (int32_t i = 0; i < rows; i++) {
      // Read what was given, so that a bad offset is a finding of the sanitiser.
      volatile uint8_t last = batch.cap_len[i] == 0 ? 0 : batch.arena[batch.start[i] + batch.cap_len[i] - 1];
      (void)last;
    }
    total += rows;
    pollfd on = {tap.fd(), POLLIN, 0};
    if (rows == 0) quiet += poll(&on, 1, 60) == 0;
  }
  return total;
}

static void live() {
  Failure failure;
  std::unique_ptr<Tap> tap(Tap::open({"lo", 300, false, 1 << 22, "udp port 40992", -1}, &failure));
  check(tap != nullptr, failure.message.c_str());
  if (!tap) return;
  Batch small(3 * tap->frame_bytes_max() + 17, 5);
  send_udp(50, 100);
  check(drain_all(*tap, small, &failure) == 0, "nothing comes in before start()");
  check(tap->start(&failure) && tap->start(&failure), "start() is once, and may be repeated");
  send_udp(500, 1200);
  check(drain_all(*tap, small, &failure) == 500, "every frame comes through an arena of three");
  Batch none(tap->frame_bytes_max() - 1, 5);
  send_udp(1, 10);
  check(tap->drain(none.columns(), &failure) == 0, "an arena too small for a frame takes none");
  Batch no_rows(10000, 0);
  check(tap->drain(no_rows.columns(), &failure) == 0, "a batch without rows takes none");
  check(drain_all(*tap, small, &failure) == 1, "and the frame is still there");
  const TapTotals totals = tap->totals();
  // Loopback shows every frame twice, going out and coming in; libpcap hides the first, the kernel counts both.
  check(totals.received >= 501 && totals.received <= 1002 && totals.dropped_ring == 0, "the counters of the kernel agree");

  std::unique_ptr<Tap> a(Tap::open({"lo", 300, false, 1 << 20, "", 77}, &failure));
  std::unique_ptr<Tap> b(Tap::open({"lo", 300, false, 1 << 20, "", 77}, &failure));
  check(a && b, "two handles share a fanout group");
  check(Tap::open({"lo", 300, false, 1 << 20, "port", -1}, &failure) == nullptr && failure.code == "FILTER",
        "a filter with a mistake does not open");
  a.reset();
  std::unique_ptr<Tap> c(Tap::open({"lo", 300, false, 1 << 20, "", 77}, &failure));
  check(c != nullptr, "a handle joins after another has left");
}

int main(int argc, char** argv) {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  check(libpcap() != nullptr, "libpcap is found");
  filters();
  notifications();
  opening();
  if (argc > 1 && strcmp(argv[1], "live") == 0) live();
  return failures == 0 ? 0 : 1;
}
