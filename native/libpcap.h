// libpcap, found at run time. Knows libpcap; does not know JavaScript: nothing here includes napi.h.
//
// The addon must load, and files must be readable, on a machine without libpcap. So no symbol of libpcap is linked;
// the few functions used are looked up once, by name, in the library that the machine has.
#ifndef TAPSPOT_LIBPCAP_H
#define TAPSPOT_LIBPCAP_H

#include <pcap/pcap.h>

namespace tapspot {

// Every function used, in the order of a capture's life. The types come from the header, so that a change of
// signature is a compile error. All have been in libpcap since 1.5.1 (2013).
#define TAPSPOT_LIBPCAP_FUNCTIONS(X) \
  X(pcap_lib_version)                \
  X(pcap_findalldevs)                \
  X(pcap_freealldevs)                \
  X(pcap_create)                     \
  X(pcap_set_snaplen)                \
  X(pcap_set_promisc)                \
  X(pcap_set_timeout)                \
  X(pcap_set_buffer_size)            \
  X(pcap_set_tstamp_precision)       \
  X(pcap_get_tstamp_precision)       \
  X(pcap_activate)                   \
  X(pcap_setnonblock)                \
  X(pcap_setfilter)                  \
  X(pcap_get_selectable_fd)          \
  X(pcap_fileno)                     \
  X(pcap_datalink)                   \
  X(pcap_snapshot)                   \
  X(pcap_dispatch)                   \
  X(pcap_stats)                      \
  X(pcap_geterr)                     \
  X(pcap_statustostr)                \
  X(pcap_close)                      \
  X(pcap_open_dead)                  \
  X(pcap_compile)                    \
  X(pcap_freecode)                   \
  X(pcap_offline_filter)

struct Libpcap {
#define TAPSPOT_DECLARE(name) decltype(&::name) name = nullptr;
  TAPSPOT_LIBPCAP_FUNCTIONS(TAPSPOT_DECLARE)
#undef TAPSPOT_DECLARE
};

// The library, or nullptr when this machine has none. Looked up on the first call and kept for the life of the
// process: it never changes afterwards, so worker threads share it without a lock of ours.
const Libpcap* libpcap() noexcept;

// Why libpcap() is nullptr: the loader's words.
const char* libpcap_missing() noexcept;

}  // namespace tapspot

#endif
