// SPDX-License-Identifier: MIT
// Readiness: which of a loop's connections can go on. One epoll (Linux) or kqueue (macOS) for all
// of them; Asio waits for its descriptor.
//
// A connection is watched from its opening to its closing, edge-triggered: it is told of each
// change once, asks for nothing anew, and nothing is kept for it here. So to wait costs no system
// call and no memory, which a reactor with a note of each descriptor and of each wait cannot give.
#pragma once

#include <cstdint>

namespace wherry::net::asio {

/// What has changed.
struct Change {
  bool has_input = false;  // a read has something to tell
  bool has_end = false;    // and that is the end of the input, if not now, then later
  bool has_room = false;   // a write may take something
  bool is_broken = false;  // reset, or closed in both directions
};

class Readiness {
 public:
  /// Whoever is told. Must not stop watching others from within that call.
  class Watcher {
   public:
    virtual void has_changed(Change change) noexcept = 0;

   protected:
    ~Watcher() = default;
  };

  /// Ends the program where the system gives no descriptor for it.
  Readiness() noexcept;
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  /// Becomes readable when collect() has something to tell.
  int descriptor() const noexcept { return descriptor_; }

  /// Watches `socket` until that is closed.
  /// Returns: false where the kernel has no room for it.
  bool add(int socket, Watcher& watcher) noexcept;

  /// Tells what has changed since the last call: of at most kMostAtOnce connections, so that others
  /// have their turn; the descriptor stays readable while there are more.
  void collect() noexcept;
  static constexpr int kMostAtOnce = 256;

 private:
  int descriptor_;
};

}  // namespace wherry::net::asio
