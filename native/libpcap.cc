#include "libpcap.h"

#include <dlfcn.h>

#include <cstdio>

namespace tapspot {
namespace {

// Debian and Ubuntu keep the soname of 1999; Fedora, Alpine and others use the major version; the last is what the
// development package installs.
constexpr const char* kNames[] = {"libpcap.so.0.8", "libpcap.so.1", "libpcap.so"};

struct Loaded {
  Libpcap table;
  bool whole = false;
  char why[256] = "";

  Loaded() noexcept {
    for (const char* name : kNames) {
      // Never dlclose()d: handles of other threads may outlive whoever looked it up.
      void* lib = dlopen(name, RTLD_NOW | RTLD_LOCAL);
      if (lib == nullptr) {
        const char* said = dlerror();
        if (why[0] == '\0') snprintf(why, sizeof why, "%s", said == nullptr ? name : said);
        continue;
      }
      whole = look_up(lib, name);
      return;
    }
  }

  bool look_up(void* lib, const char* name) noexcept {
#define TAPSPOT_LOOK_UP(fn)                                           \
  table.fn = reinterpret_cast<decltype(table.fn)>(dlsym(lib, #fn));   \
  if (table.fn == nullptr) {                                          \
    snprintf(why, sizeof why, "%s is too old: it has no " #fn, name); \
    return false;                                                     \
  }
    TAPSPOT_LIBPCAP_FUNCTIONS(TAPSPOT_LOOK_UP)
#undef TAPSPOT_LOOK_UP
    return true;
  }
};

const Loaded& loaded() noexcept {
  static const Loaded once;  // C++11: initialised by exactly one thread, the others wait
  return once;
}

}  // namespace

const Libpcap* libpcap() noexcept { return loaded().whole ? &loaded().table : nullptr; }
const char* libpcap_missing() noexcept { return loaded().why; }

}  // namespace tapspot
