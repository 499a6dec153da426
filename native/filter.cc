#include "filter.h"

namespace tapspot {

Filter* Filter::compile(const char* expression, int data_link, int snap_len, Failure* failure) noexcept {
  const Libpcap* lib = libpcap();
  if (lib == nullptr) {
    *failure = {"LIBPCAP_MISSING", "dlopen", libpcap_missing()};
    return nullptr;
  }
  pcap_t* dead = lib->pcap_open_dead(data_link, snap_len);
  if (dead == nullptr) {
    *failure = {"PCAP_ERROR", "pcap_open_dead", "out of memory"};
    return nullptr;
  }
  bpf_program program;
  Filter* filter = nullptr;
  if (lib->pcap_compile(dead, &program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0) {
    filter = new Filter(lib, program);
  } else {
    *failure = {"FILTER", "pcap_compile", lib->pcap_geterr(dead)};
  }
  lib->pcap_close(dead);
  return filter;
}

Filter::~Filter() { lib_->pcap_freecode(&program_); }

void Filter::match(const Columns& frames, uint8_t* keep) const noexcept {
  pcap_pkthdr header = {};
  for (uint32_t i = 0; i < frames.rows; i++) {
    const size_t start = frames.start[i];
    header.caplen = frames.cap_len[i];
    header.len = frames.wire_len[i];
    const bool inside = start <= frames.arena_bytes && header.caplen <= frames.arena_bytes - start;
    keep[i] = inside && lib_->pcap_offline_filter(&program_, &header, frames.arena + start) != 0 ? 1 : 0;
  }
}

}  // namespace tapspot
