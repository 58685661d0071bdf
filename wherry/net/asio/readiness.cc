// SPDX-License-Identifier: MIT
#include "wherry/net/asio/readiness.h"

#include <unistd.h>

#include <array>
#include <cstdint>

#ifdef __linux__
#include <sys/epoll.h>
#else
#include <sys/event.h>
#endif

#include "wherry/base/assert.h"

namespace wherry::net::asio {

#ifdef __linux__

Readiness::Readiness() noexcept : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {
  WHERRY_ASSERT(descriptor_ >= 0);
}

bool Readiness::add(int socket, Watcher& watcher) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET;
  event.data.ptr = &watcher;
  return ::epoll_ctl(descriptor_, EPOLL_CTL_ADD, socket, &event) == 0;
}

void Readiness::collect() noexcept {
  std::array<epoll_event, kMostAtOnce> events;
  const int count = ::epoll_wait(descriptor_, events.data(), kMostAtOnce, 0);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
    Change change;
    change.is_broken = (what & (EPOLLERR | EPOLLHUP)) != 0;
    change.has_end = change.is_broken || (what & EPOLLRDHUP) != 0;
    change.has_input = change.has_end || (what & EPOLLIN) != 0;
    change.has_room = change.is_broken || (what & EPOLLOUT) != 0;
    static_cast<Watcher*>(events[static_cast<std::size_t>(i)].data.ptr)->has_changed(change);
  }
}

#else

Readiness::Readiness() noexcept : descriptor_(::kqueue()) { WHERRY_ASSERT(descriptor_ >= 0); }

bool Readiness::add(int socket, Watcher& watcher) noexcept {
  std::array<struct kevent, 2> both;
  EV_SET(&both[0], socket, EVFILT_READ, EV_ADD | EV_CLEAR, 0, 0, &watcher);
  EV_SET(&both[1], socket, EVFILT_WRITE, EV_ADD | EV_CLEAR, 0, 0, &watcher);
  return ::kevent(descriptor_, both.data(), 2, nullptr, 0, nullptr) == 0;
}

void Readiness::collect() noexcept {
  std::array<struct kevent, kMostAtOnce> events;
  const timespec at_once{};
  const int count =
      ::kevent(descriptor_, nullptr, 0, events.data(), static_cast<int>(events.size()), &at_once);
  for (int i = 0; i < count; ++i) {
    const struct kevent& event = events[static_cast<std::size_t>(i)];
    const bool has_end = (event.flags & EV_EOF) != 0;
    Change change;
    change.has_input = event.filter == EVFILT_READ;
    change.has_end = change.has_input && has_end;
    change.has_room = event.filter == EVFILT_WRITE;
    change.is_broken = change.has_room && has_end;
    static_cast<Watcher*>(event.udata)->has_changed(change);
  }
}

#endif

Readiness::~Readiness() { ::close(descriptor_); }

}  // namespace wherry::net::asio
