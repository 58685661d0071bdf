// SPDX-License-Identifier: MIT
// Fd: a file descriptor that is closed once, by its owner, or one that another owns.
// DescriptorPath: what it is open for, as a path.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace wherry::storage::posix {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  /// One that its owner closes, and not before this has gone.
  static Fd lent(const Fd& owner) noexcept {
    Fd fd(owner.get());
    fd.is_lent_ = true;
    return fd;
  }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)), is_lent_(other.is_lent_) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
      is_lent_ = other.is_lent_;
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Closes now. An error of close(2) is of no use: what had to be durable was synchronised.
  void reset() noexcept {
    if (fd_ >= 0 && !is_lent_) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
  bool is_lent_ = false;
};

/// The name that /proc has for what a descriptor is open for, or for a name in that folder: for
/// calls that take no descriptor.
class DescriptorPath {
 public:
  explicit DescriptorPath(int fd) noexcept {
    std::snprintf(text_, sizeof(text_), "/proc/self/fd/%d", fd);
  }
  DescriptorPath(int folder, const char* name) noexcept {
    std::snprintf(text_, sizeof(text_), "/proc/self/fd/%d/%s", folder, name);
  }
  const char* c_str() const noexcept { return text_; }

 private:
  char text_[32 + 256];
};

}  // namespace wherry::storage::posix
