#include "tap.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>

namespace tapspot {
namespace {

// How long the kernel may keep a block of the ring that is not full. It bounds the delay of a frame on a quiet tap;
// on a busy one blocks fill long before. Not immediate mode: that gives every frame a fixed slot of snap length.
constexpr int kBlockTimeoutMs = 50;

const char* status_name(int status) noexcept {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE: return "PCAP_ERROR_NO_SUCH_DEVICE";
    case PCAP_ERROR_PERM_DENIED: return "PCAP_ERROR_PERM_DENIED";
    case PCAP_ERROR_PROMISC_PERM_DENIED: return "PCAP_ERROR_PROMISC_PERM_DENIED";
    case PCAP_ERROR_IFACE_NOT_UP: return "PCAP_ERROR_IFACE_NOT_UP";
    default: return "PCAP_ERROR";
  }
}

void fail(Failure* failure, const char* code, const char* call, const char* message) noexcept {
  failure->code = code;
  failure->call = call;
  failure->message = message;
}

struct Filling {
  const Columns* into;
  uint32_t rows;
  size_t used;
  double per_us;  // sub-second units in a microsecond: 1, or 1000 where stamps are nanoseconds
};

void take(u_char* user, const pcap_pkthdr* header, const u_char* bytes) {
  auto* f = reinterpret_cast<Filling*>(user);
  const Columns& c = *f->into;
  // drain() asks for no more frames than surely fit; the bounds here are the second lock on the same door.
  if (f->rows >= c.rows) return;
  const size_t length = std::min<size_t>(header->caplen, c.arena_bytes - f->used);
  memcpy(c.arena + f->used, bytes, length);
  c.start[f->rows] = static_cast<uint32_t>(f->used);
  c.cap_len[f->rows] = static_cast<uint32_t>(length);
  c.wire_len[f->rows] = std::max(header->len, header->caplen);
  c.time_us[f->rows] =
      static_cast<double>(header->ts.tv_sec) * 1e6 + static_cast<double>(header->ts.tv_usec) / f->per_us;
  f->used += length;
  f->rows++;
}

}  // namespace

Tap* Tap::open(const TapOptions& options, Failure* failure) noexcept {
  const Libpcap* lib = libpcap();
  if (lib == nullptr) {
    fail(failure, "LIBPCAP_MISSING", "dlopen", libpcap_missing());
    return nullptr;
  }
  char said[PCAP_ERRBUF_SIZE] = "";
  pcap_t* handle = lib->pcap_create(options.device.c_str(), said);
  if (handle == nullptr) {
    fail(failure, "PCAP_ERROR", "pcap_create", said);
    return nullptr;
  }
  Tap* tap = new Tap(lib, handle);
  if (tap->configure(options, failure) && (options.fanout_group < 0 || tap->join(options.fanout_group, failure))) {
    return tap;
  }
  delete tap;
  return nullptr;
}

Tap::~Tap() { lib_->pcap_close(handle_); }

bool Tap::configure(const TapOptions& options, Failure* failure) noexcept {
  filter_ = options.filter;
  lib_->pcap_set_snaplen(handle_, options.snap_len);
  lib_->pcap_set_promisc(handle_, options.promiscuous ? 1 : 0);
  lib_->pcap_set_timeout(handle_, kBlockTimeoutMs);
  lib_->pcap_set_buffer_size(handle_, options.buffer_bytes);
  // Refused by old kernels only; then stamps are microseconds, which is all that the columns promise.
  lib_->pcap_set_tstamp_precision(handle_, PCAP_TSTAMP_PRECISION_NANO);
  const int status = lib_->pcap_activate(handle_);
  if (status < 0) {
    const char* said = lib_->pcap_geterr(handle_);
    const bool bare = said == nullptr || said[0] == '\0';
    fail(failure, status_name(status), "pcap_activate", bare ? lib_->pcap_statustostr(status) : said);
    return false;
  }
  nanoseconds_ = lib_->pcap_get_tstamp_precision(handle_) == PCAP_TSTAMP_PRECISION_NANO;
  snap_len_ = static_cast<size_t>(lib_->pcap_snapshot(handle_));
  char said[PCAP_ERRBUF_SIZE] = "";
  if (lib_->pcap_setnonblock(handle_, 1, said) != 0) {
    fail(failure, "PCAP_ERROR", "pcap_setnonblock", said);
    return false;
  }
  fd_ = lib_->pcap_get_selectable_fd(handle_);
  if (fd_ < 0) {
    fail(failure, "PCAP_ERROR", "pcap_get_selectable_fd", "this device cannot be waited for");
    return false;
  }
  // Nothing comes in before start(): one instruction, "return 0". libpcap also applies it to the frames that were
  // already in the ring between activation and here. The real expression is compiled now, so that a mistake in it is
  // found at open.
  bpf_program real;
  if (lib_->pcap_compile(handle_, &real, filter_.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    fail(failure, "FILTER", "pcap_compile", lib_->pcap_geterr(handle_));
    return false;
  }
  lib_->pcap_freecode(&real);
  bpf_insn nothing = {BPF_RET | BPF_K, 0, 0, 0};
  bpf_program shut = {1, &nothing};
  if (lib_->pcap_setfilter(handle_, &shut) != 0) {
    fail(failure, "PCAP_ERROR", "pcap_setfilter", lib_->pcap_geterr(handle_));
    return false;
  }
  return true;
}

// Hash: both directions of a flow go to one handle, because the kernel's flow hash is symmetric. Defragment: the
// later fragments of an IPv4 datagram carry no ports, so without it they would go elsewhere. See packet(7).
bool Tap::join(int group, Failure* failure) noexcept {
  const int mode = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
  const int value = (group & 0xffff) | (mode << 16);
  if (setsockopt(lib_->pcap_fileno(handle_), SOL_PACKET, PACKET_FANOUT, &value, sizeof value) == 0) return true;
  fail(failure, "FANOUT", "setsockopt(PACKET_FANOUT)", strerror(errno));
  return false;
}

bool Tap::start(Failure* failure) noexcept {
  if (started_) return true;
  bpf_program program;
  if (lib_->pcap_compile(handle_, &program, filter_.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    fail(failure, "FILTER", "pcap_compile", lib_->pcap_geterr(handle_));
    return false;
  }
  const int set = lib_->pcap_setfilter(handle_, &program);
  if (set != 0) fail(failure, "PCAP_ERROR", "pcap_setfilter", lib_->pcap_geterr(handle_));
  lib_->pcap_freecode(&program);
  if (set != 0) return false;
  started_ = true;
  // What was counted while the tap was shut is nobody's loss.
  totals();
  for (uint64_t& n : total_) n = 0;
  return true;
}

int32_t Tap::drain(const Columns& into, Failure* failure) noexcept {
  Filling filling = {&into, 0, 0, nanoseconds_ ? 1000.0 : 1.0};
  while (filling.rows < into.rows) {
    // Frames that fit whatever their length. Short frames leave room, so the loop comes round again.
    const size_t room = (into.arena_bytes - filling.used) / frame_bytes_max();
    const size_t want = std::min<size_t>(room, into.rows - filling.rows);
    if (want == 0) break;
    const uint32_t before = filling.rows;
    const int got =
        lib_->pcap_dispatch(handle_, static_cast<int>(want), take, reinterpret_cast<u_char*>(&filling));
    if (got < 0) {
      // Frames already copied are handed over first; a device that is gone says so again on the next call.
      if (filling.rows > 0) break;
      fail(failure, "PCAP_ERROR", "pcap_dispatch", lib_->pcap_geterr(handle_));
      return -1;
    }
    if (filling.rows == before) break;
  }
  return static_cast<int32_t>(filling.rows);
}

TapTotals Tap::totals() noexcept {
  pcap_stat s;
  memset(&s, 0, sizeof s);
  if (lib_->pcap_stats(handle_, &s) == 0) {
    const uint32_t now[3] = {s.ps_recv, s.ps_drop, s.ps_ifdrop};
    for (int i = 0; i < 3; i++) {
      total_[i] += static_cast<uint32_t>(now[i] - last_[i]);  // modulo 2^32, so a wrap adds what it should
      last_[i] = now[i];
    }
  }
  return {static_cast<double>(total_[0]), static_cast<double>(total_[1]), static_cast<double>(total_[2])};
}

int Tap::data_link() const noexcept { return lib_->pcap_datalink(handle_); }

}  // namespace tapspot
