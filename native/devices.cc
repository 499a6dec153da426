#include "devices.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tapspot {
namespace {

std::string address_text(const sockaddr* a) {
  char text[INET6_ADDRSTRLEN] = "";
  if (a->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(a)->sin_addr, text, sizeof text);
  } else if (a->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(a)->sin6_addr, text, sizeof text);
  }
  return text;
}

// Opening is the only way to learn the link type. Not promiscuous, and with a small ring, so that looking does not
// disturb the device.
int data_link_of(const Libpcap* lib, const char* name) noexcept {
  char said[PCAP_ERRBUF_SIZE] = "";
  pcap_t* p = lib->pcap_create(name, said);
  if (p == nullptr) return -1;
  lib->pcap_set_snaplen(p, 64);
  lib->pcap_set_buffer_size(p, 1 << 17);
  const int type = lib->pcap_activate(p) >= 0 ? lib->pcap_datalink(p) : -1;
  lib->pcap_close(p);
  return type;
}

}  // namespace

bool list_devices(std::vector<Device>* devices, Failure* failure) noexcept {
  const Libpcap* lib = libpcap();
  if (lib == nullptr) {
    *failure = {"LIBPCAP_MISSING", "dlopen", libpcap_missing()};
    return false;
  }
  char said[PCAP_ERRBUF_SIZE] = "";
  pcap_if_t* all = nullptr;
  if (lib->pcap_findalldevs(&all, said) != 0) {
    *failure = {"PCAP_ERROR", "pcap_findalldevs", said};
    return false;
  }
  for (const pcap_if_t* d = all; d != nullptr; d = d->next) {
    Device device;
    device.name = d->name;
    if (d->description != nullptr) device.description = d->description;
    for (const pcap_addr_t* a = d->addresses; a != nullptr; a = a->next) {
      if (a->addr == nullptr) continue;
      std::string text = address_text(a->addr);
      if (!text.empty()) device.addresses.push_back(std::move(text));
    }
    device.up = (d->flags & PCAP_IF_UP) != 0;
    device.running = (d->flags & PCAP_IF_RUNNING) != 0;
    device.loopback = (d->flags & PCAP_IF_LOOPBACK) != 0;
    device.data_link = data_link_of(lib, d->name);
    devices->push_back(std::move(device));
  }
  lib->pcap_freealldevs(all);
  return true;
}

}  // namespace tapspot
