#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tapspot {

int notify(const char* path, size_t path_length, const char* state, size_t state_length) noexcept {
  sockaddr_un to;
  memset(&to, 0, sizeof to);
  to.sun_family = AF_UNIX;
  // Room is left for the NUL that a path needs; an abstract name is as long as the address says (unix(7)).
  if (path_length < 2 || path_length >= sizeof to.sun_path) return EINVAL;
  if (path[0] != '/' && path[0] != '@') return EAFNOSUPPORT;
  memcpy(to.sun_path, path, path_length);
  if (path[0] == '@') to.sun_path[0] = '\0';

  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const timeval patience = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const socklen_t length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_length);
  const ssize_t sent = sendto(fd, state, state_length, MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&to), length);
  const int error = sent < 0 ? errno : 0;
  close(fd);
  return error;
}

}  // namespace tapspot
