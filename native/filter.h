// A BPF filter for frames that did not come through a kernel: capture files. Knows libpcap only.
#ifndef TAPSPOT_FILTER_H
#define TAPSPOT_FILTER_H

#include "tap.h"

namespace tapspot {

class Filter {
 public:
  // `data_link` is a DLT_ value: an expression compiles to different offsets for each. pcap_compile() has been
  // re-entrant since libpcap 1.8 (2016), older than any system Node 20 runs on, so threads compile at once.
  static Filter* compile(const char* expression, int data_link, int snap_len, Failure* failure) noexcept;
  ~Filter();

  // Sets keep[i] to 1 where the frame matches and to 0 where not, for each of `rows` frames. A row that does not lie
  // inside the arena does not match.
  void match(const Columns& frames, uint8_t* keep) const noexcept;

  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

 private:
  Filter(const Libpcap* lib, bpf_program program) noexcept : lib_(lib), program_(program) {}
  const Libpcap* lib_;
  bpf_program program_;
};

}  // namespace tapspot

#endif
