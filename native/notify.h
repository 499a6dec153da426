// sd_notify(3): one datagram to the service manager. Knows Linux only.
#ifndef TAPSPOT_NOTIFY_H
#define TAPSPOT_NOTIFY_H

#include <cstddef>

namespace tapspot {

// `path` is NOTIFY_SOCKET: a path, or a name in the abstract namespace written with a leading '@'.
// Returns 0, or the errno of the call that failed. Waits at most a second for a busy manager.
int notify(const char* path, size_t path_length, const char* state, size_t state_length) noexcept;

}  // namespace tapspot

#endif
