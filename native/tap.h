// One live capture handle. Knows libpcap and Linux; does not know JavaScript, so that it can be tested and
// sanitised without Node.
#ifndef TAPSPOT_TAP_H
#define TAPSPOT_TAP_H

#include <cstddef>
#include <cstdint>
#include <string>

#include "libpcap.h"

namespace tapspot {

// What went wrong, in the words of whoever refused. `code` is stable: an errno name, or libpcap's own constant.
struct Failure {
  std::string code;
  std::string call;
  std::string message;
};

// Columns the caller owns, `rows` long each; the shape of FrameBatch in src/capture/source.ts.
struct Columns {
  uint8_t* arena;
  size_t arena_bytes;
  uint32_t* start;
  uint32_t* cap_len;
  uint32_t* wire_len;
  double* time_us;
  uint32_t rows;
};

struct TapOptions {
  std::string device;
  int snap_len;
  bool promiscuous;
  int buffer_bytes;
  std::string filter;  // a pcap-filter(7) expression; empty accepts every frame
  int fanout_group;    // -1: alone
};

struct TapTotals {
  double received;           // that the kernel put in the ring or dropped for want of room in it
  double dropped_ring;       // of those, dropped
  double dropped_interface;  // dropped by the interface or its driver, as the device counts them
};

class Tap {
 public:
  // Opens, and joins the fanout group, but lets no frame in: that is start()'s. So the handles of one group can all
  // be opened first, and no flow is cut in two by a shard that joined late.
  static Tap* open(const TapOptions& options, Failure* failure) noexcept;
  ~Tap();

  // Lets frames in. Once; later calls do nothing.
  bool start(Failure* failure) noexcept;

  // Copies waiting frames into the columns and returns the rows filled; -1 when the device is gone for good.
  // Never blocks, never allocates. The arena must hold at least one longest frame (frame_bytes_max()).
  int32_t drain(const Columns& into, Failure* failure) noexcept;

  // Totals since open(). The counters of libpcap are 32 bits wide and wrap; these do not, as long as this is called
  // at least once per 4 G frames.
  TapTotals totals() noexcept;

  int fd() const noexcept { return fd_; }  // poll()s readable when drain() would return more than 0
  int data_link() const noexcept;          // a DLT_ value
  size_t frame_bytes_max() const noexcept { return snap_len_ + kGrowth; }
  bool nanoseconds() const noexcept { return nanoseconds_; }

  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

 private:
  // libpcap puts a stripped VLAN tag back (4 bytes), and a cooked header in front; both may pass the snap length.
  static constexpr size_t kGrowth = 64;

  Tap(const Libpcap* lib, pcap_t* handle) noexcept : lib_(lib), handle_(handle) {}
  bool configure(const TapOptions& options, Failure* failure) noexcept;
  bool join(int group, Failure* failure) noexcept;

  const Libpcap* lib_;
  pcap_t* handle_;
  std::string filter_;
  int fd_ = -1;
  size_t snap_len_ = 0;
  bool nanoseconds_ = false;
  bool started_ = false;
  uint32_t last_[3] = {0, 0, 0};
  uint64_t total_[3] = {0, 0, 0};
};

}  // namespace tapspot

#endif
