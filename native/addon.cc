// The border: the only file that includes napi.h, and the only one that knows both JavaScript and the rest.
//
// Lifetime rules. Each is here because breaking it is a crash that only happens sometimes.
//
//  1. No global state. The addon is loaded by several worker threads at once, each with its own environment; what an
//     environment owns hangs on an object of that environment.
//  2. The poll thread touches two file descriptors, two atomics and one thread-safe function; never JavaScript, never
//     the pcap handle (libpcap handles are not thread safe). All it can do is wake JavaScript.
//  3. The poll thread is joined before the handle is closed. Otherwise it polls a descriptor that the next open() in
//     any thread may have been given.
//  4. The poll thread is joined before its thread-safe function is released: nothing calls through it afterwards.
//  5. shut() may come from close(), from the collector, or from the end of the environment (worker.terminate() runs no
//     JavaScript), in any order, so it does its work once. The environment's hook is registered after the thread-safe
//     function is made: hooks run newest first, so ours runs while that function still exists.
//  6. The hook is removed by shut(): it must not fire for an object that has been freed.
//  7. The thread-safe function is unreferenced: a quiet tap must not keep a process alive that is done. Whoever waits
//     holds a timer (tap.ts).
//  8. A typed array is used only during the call that brought it. Its memory belongs to JavaScript, which may detach,
//     move or free it afterwards.
//
// Built without C++ exceptions: a failure becomes a JavaScript exception with `code`, `syscall` and the words of
// whoever refused, and the call returns at once.
#include <napi.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>

#include "devices.h"
#include "filter.h"
#include "notify.h"
#include "tap.h"

namespace {

using tapspot::Columns;
using tapspot::Failure;

void throw_failure(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Set("code", Napi::String::New(env, failure.code));
  error.Set("syscall", Napi::String::New(env, failure.call));
  error.ThrowAsJavaScriptException();
}

void throw_type(Napi::Env env, const char* message) { Napi::TypeError::New(env, message).ThrowAsJavaScriptException(); }

template <typename T>
bool array(const Napi::Value& value, napi_typedarray_type type, T** data, size_t* length) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) return false;
  Napi::TypedArrayOf<T> a = value.As<Napi::TypedArrayOf<T>>();
  *data = a.Data();
  *length = a.ElementLength();
  return true;
}

// Reads (arena, start, capLen, wireLen, timeUs) from the arguments; `rows` is the shortest of the columns.
bool columns(const Napi::CallbackInfo& info, Columns* c) {
  size_t n[4] = {0, 0, 0, 0};
  const bool ok = array(info[0], napi_uint8_array, &c->arena, &c->arena_bytes) &&
                  array(info[1], napi_uint32_array, &c->start, &n[0]) &&
                  array(info[2], napi_uint32_array, &c->cap_len, &n[1]) &&
                  array(info[3], napi_uint32_array, &c->wire_len, &n[2]) &&
                  array(info[4], napi_float64_array, &c->time_us, &n[3]);
  if (!ok) throw_type(info.Env(), "expected the columns of a FrameBatch");
  c->rows = static_cast<uint32_t>(std::min(std::min(n[0], n[1]), std::min(n[2], n[3])));
  return ok;
}

// Waits for the tap's descriptor while armed, and wakes JavaScript once per arming.
class Waiter {
 public:
  Waiter(Napi::Env env, Napi::Function wake, int fd) : fd_(fd), control_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    wake_ = Napi::ThreadSafeFunction::New(env, wake, "tapspot tap", 1, 1);
    wake_.Unref(env);
    thread_ = std::thread([this] { run(); });
  }

  ~Waiter() {
    stop_ = true;
    nudge();
    thread_.join();
    if (!lost_) wake_.Release();
    close(control_);
  }

  void arm() noexcept {
    armed_ = true;
    nudge();
  }

 private:
  void nudge() noexcept {
    const uint64_t one = 1;
    if (write(control_, &one, sizeof one) < 0) return;  // full: the thread is already due to look
  }

  void run() noexcept {
    while (!stop_) {
      pollfd on[2] = {{control_, POLLIN, 0}, {armed_ ? fd_ : -1, POLLIN, 0}};
      if (poll(on, 2, -1) < 0) continue;
      if (on[0].revents != 0) {
        uint64_t count;
        if (read(control_, &count, sizeof count) < 0) continue;
      }
      // POLLERR counts: a device that went away is news too, and drain() will say which.
      if (on[1].fd < 0 || on[1].revents == 0 || stop_) continue;
      armed_ = false;
      if (wake_.NonBlockingCall() == napi_closing) {
        lost_ = true;
        return;
      }
    }
  }

  const int fd_;
  const int control_;
  std::atomic<bool> armed_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> lost_{false};
  Napi::ThreadSafeFunction wake_;
  std::thread thread_;
};

// new Tap(device, snapLen, promiscuous, bufferBytes, filter, fanoutGroup, wake)
class TapObject : public Napi::ObjectWrap<TapObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Tap",
                       {InstanceMethod<&TapObject::start>("start"), InstanceMethod<&TapObject::drain>("drain"),
                        InstanceMethod<&TapObject::arm>("arm"), InstanceMethod<&TapObject::totals>("totals"),
                        InstanceMethod<&TapObject::data_link>("dataLink"),
                        InstanceMethod<&TapObject::frame_bytes_max>("frameBytesMax"),
                        InstanceMethod<&TapObject::nanoseconds>("nanoseconds"),
                        InstanceMethod<&TapObject::close>("close")});
  }

  explicit TapObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TapObject>(info), env_(info.Env()) {
    if (!(info[0].IsString() && info[1].IsNumber() && info[2].IsBoolean() && info[3].IsNumber() &&
          info[4].IsString() && info[5].IsNumber() && info[6].IsFunction())) {
      throw_type(env_, "Tap(device, snapLen, promiscuous, bufferBytes, filter, fanoutGroup, wake)");
      return;
    }
    tapspot::TapOptions options;
    options.device = info[0].As<Napi::String>().Utf8Value();
    options.snap_len = info[1].As<Napi::Number>().Int32Value();
    options.promiscuous = info[2].As<Napi::Boolean>().Value();
    options.buffer_bytes = info[3].As<Napi::Number>().Int32Value();
    options.filter = info[4].As<Napi::String>().Utf8Value();
    options.fanout_group = info[5].As<Napi::Number>().Int32Value();
    Failure failure;
    tap_.reset(tapspot::Tap::open(options, &failure));
    if (!tap_) {
      throw_failure(env_, failure);
      return;
    }
    waiter_ = std::make_unique<Waiter>(env_, info[6].As<Napi::Function>(), tap_->fd());
    napi_add_env_cleanup_hook(env_, at_end, this);
  }

  ~TapObject() override { shut(); }

 private:
  static void at_end(void* self) { static_cast<TapObject*>(self)->shut(); }

  void shut() {
    if (!waiter_) return;
    napi_remove_env_cleanup_hook(env_, at_end, this);
    waiter_.reset();
    tap_.reset();
  }

  void start(const Napi::CallbackInfo& info) {
    Failure failure;
    if (tap_ && !tap_->start(&failure)) throw_failure(info.Env(), failure);
  }

  Napi::Value drain(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    Columns into;
    if (!tap_ || !columns(info, &into)) return Napi::Number::New(env, 0);
    Failure failure;
    const int32_t rows = tap_->drain(into, &failure);
    if (rows < 0) throw_failure(env, failure);
    return Napi::Number::New(env, rows);
  }

  void arm(const Napi::CallbackInfo&) {
    if (waiter_) waiter_->arm();
  }

  // Writes received, dropped by the ring, dropped by the interface into a Float64Array(3).
  void totals(const Napi::CallbackInfo& info) {
    double* out = nullptr;
    size_t length = 0;
    if (!array(info[0], napi_float64_array, &out, &length) || length < 3) {
      throw_type(info.Env(), "totals(Float64Array(3))");
      return;
    }
    if (!tap_) return;
    const tapspot::TapTotals t = tap_->totals();
    out[0] = t.received;
    out[1] = t.dropped_ring;
    out[2] = t.dropped_interface;
  }

  Napi::Value data_link(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), tap_ ? tap_->data_link() : -1);
  }
  Napi::Value frame_bytes_max(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), tap_ ? static_cast<double>(tap_->frame_bytes_max()) : 0);
  }
  Napi::Value nanoseconds(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), tap_ && tap_->nanoseconds());
  }
  void close(const Napi::CallbackInfo&) { shut(); }

  Napi::Env env_;
  std::unique_ptr<tapspot::Tap> tap_;
  std::unique_ptr<Waiter> waiter_;
};

// new Filter(expression, dataLink, snapLen)
class FilterObject : public Napi::ObjectWrap<FilterObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Filter", {InstanceMethod<&FilterObject::match>("match")});
  }

  explicit FilterObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FilterObject>(info) {
    if (!(info[0].IsString() && info[1].IsNumber() && info[2].IsNumber())) {
      throw_type(info.Env(), "Filter(expression, dataLink, snapLen)");
      return;
    }
    Failure failure;
    const std::string expression = info[0].As<Napi::String>().Utf8Value();
    filter_.reset(tapspot::Filter::compile(expression.c_str(), info[1].As<Napi::Number>().Int32Value(),
                                           info[2].As<Napi::Number>().Int32Value(), &failure));
    if (!filter_) throw_failure(info.Env(), failure);
  }

 private:
  // match(arena, start, capLen, wireLen, timeUs, count, keep)
  void match(const Napi::CallbackInfo& info) {
    Columns frames;
    if (!columns(info, &frames)) return;
    uint8_t* keep = nullptr;
    size_t room = 0;
    if (!info[5].IsNumber() || !array(info[6], napi_uint8_array, &keep, &room)) {
      throw_type(info.Env(), "match(arena, start, capLen, wireLen, timeUs, count, keep)");
      return;
    }
    const size_t count = info[5].As<Napi::Number>().Uint32Value();
    frames.rows = static_cast<uint32_t>(std::min(std::min<size_t>(frames.rows, room), count));
    if (filter_) filter_->match(frames, keep);
  }

  std::unique_ptr<tapspot::Filter> filter_;
};

Napi::Value devices(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<tapspot::Device> found;
  Failure failure;
  if (!tapspot::list_devices(&found, &failure)) {
    throw_failure(env, failure);
    return env.Undefined();
  }
  Napi::Array list = Napi::Array::New(env, found.size());
  for (size_t i = 0; i < found.size(); i++) {
    const tapspot::Device& d = found[i];
    Napi::Array addresses = Napi::Array::New(env, d.addresses.size());
    for (size_t j = 0; j < d.addresses.size(); j++) addresses.Set(j, Napi::String::New(env, d.addresses[j]));
    Napi::Object o = Napi::Object::New(env);
    o.Set("name", d.name);
    o.Set("description", d.description);
    o.Set("addresses", addresses);
    o.Set("up", d.up);
    o.Set("running", d.running);
    o.Set("loopback", d.loopback);
    o.Set("dataLink", d.data_link);
    list.Set(i, o);
  }
  return list;
}

// notify(path, state) -> errno, 0 when sent
Napi::Value notify(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsString()) {
    throw_type(env, "notify(path, state)");
    return env.Undefined();
  }
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const std::string state = info[1].As<Napi::String>().Utf8Value();
  return Napi::Number::New(env, tapspot::notify(path.data(), path.size(), state.data(), state.size()));
}

// libpcapVersion() -> the library's own line, or null when this machine has no libpcap
Napi::Value libpcap_version(const Napi::CallbackInfo& info) {
  const tapspot::Libpcap* lib = tapspot::libpcap();
  if (lib == nullptr) return info.Env().Null();
  return Napi::String::New(info.Env(), lib->pcap_lib_version());
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("Tap", TapObject::define(env));
  exports.Set("Filter", FilterObject::define(env));
  exports.Set("devices", Napi::Function::New(env, devices, "devices"));
  exports.Set("notify", Napi::Function::New(env, notify, "notify"));
  exports.Set("libpcapVersion", Napi::Function::New(env, libpcap_version, "libpcapVersion"));
  return exports;
}

}  // namespace

NODE_API_MODULE(tapspot, init)
