// The devices this machine could capture on. Knows libpcap and Linux only.
#ifndef TAPSPOT_DEVICES_H
#define TAPSPOT_DEVICES_H

#include <string>
#include <vector>

#include "tap.h"

namespace tapspot {

struct Device {
  std::string name;
  std::string description;
  std::vector<std::string> addresses;
  bool up = false;
  bool running = false;
  bool loopback = false;
  int data_link = -1;  // a DLT_ value; -1 when this process may not open the device
};

bool list_devices(std::vector<Device>* devices, Failure* failure) noexcept;

}  // namespace tapspot

#endif
