// SPDX-License-Identifier: MIT
#include "wherry/net/asio/connection.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/sendfile.h>
#endif

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "wherry/net/asio/engine.h"
#include "wherry/net/asio/program_image.h"

namespace wherry::net::asio {
namespace {

// Until the acceptor sets its own.
constexpr std::uint32_t kDefaultWriteIdleMs = 30'000;

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;  // SO_NOSIGPIPE says the same
#endif

bool would_block(int os_error) noexcept { return os_error == EAGAIN || os_error == EWOULDBLOCK; }

// Bytes in the socket that the peer has not acknowledged. A socket reports room only when much of a
// buffer of megabytes has become free, so that at 4 KB/s room alone would look like an idle peer.
int untaken_size(int descriptor) noexcept {
  int size = 0;
#ifdef SO_NWRITE
  socklen_t length = sizeof(size);
  ::getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &size, &length);
#else
  ::ioctl(descriptor, TIOCOUTQ, &size);
#endif
  return size;
}

iovec as_iovec(Bytes bytes) noexcept {
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

bool would_wait_for_input(int descriptor) noexcept {
  std::byte first;
  ssize_t size = 0;
  do {
    size = ::recv(descriptor, &first, sizeof(first), MSG_PEEK);
  } while (size < 0 && errno == EINTR);
  return size < 0 && would_block(errno);
}

ssize_t send_pieces(int descriptor, std::span<const Bytes, 2> pieces, int flags) noexcept {
  std::array<iovec, 2> vectors = {as_iovec(pieces[0]), as_iovec(pieces[1])};
  const bool skips_first = pieces[0].empty();
  msghdr message{};
  message.msg_iov = vectors.data() + (skips_first ? 1 : 0);
  message.msg_iovlen = skips_first || pieces[1].empty() ? 1 : 2;
  ssize_t size = 0;
  do {
    size = ::sendmsg(descriptor, &message, kSendFlags | flags);
  } while (size < 0 && errno == EINTR);
  return size;
}

// Constants go out as a file does: fewer bytes than these are copied in less time.
constexpr std::size_t kWorthNoCopy = 16 * 1024;

std::optional<ProgramImage::Place> place_of(Bytes piece) noexcept {
  return piece.size() < kWorthNoCopy ? std::nullopt : ProgramImage::own().find(piece);
}

#ifdef __linux__
constexpr int kMoreFollows = MSG_MORE;

ssize_t send_constant(int descriptor, ProgramImage::Place place, std::size_t size) noexcept {
  ssize_t sent = 0;
  do {
    sent = ::sendfile(descriptor, place.file, &place.offset, size);
  } while (sent < 0 && errno == EINTR);
  return sent;
}
#else
constexpr int kMoreFollows = 0;

ssize_t send_constant(int, ProgramImage::Place, std::size_t) noexcept {
  errno = ENOSYS;
  return -1;
}
#endif

}  // namespace

AsioConnection::~AsioConnection() { WHERRY_ASSERT(descriptor_ < 0); }

Result<> AsioConnection::open(int descriptor, const sockaddr_storage& peer) noexcept {
  WHERRY_ASSERT(descriptor_ < 0);
  Engine& engine = home_.engine();
  if (!engine.readiness().add(descriptor, *this)) {
    ::close(descriptor);
    return Error::no_memory;
  }
  descriptor_ = descriptor;
  has_input_ = has_taken_all_ = has_end_ = false;
  may_have_input_ = true;
  has_sent_bytes_ = true;
  has_read_ = false;
  forget_sent_bytes();
  write_idle_ms_ = kDefaultWriteIdleMs;
  peer_ = PeerAddress(peer);
  engine.add(*this);
  return {};
}

void AsioConnection::finish_overdue(std::uint64_t now_ms) noexcept {
  if (now_ms >= read_due_ms_) {
    if (read_ != nullptr) std::exchange(read_, nullptr)->finish(Error::timed_out);
    tell_of_input(Error::timed_out);
  }
  if (is_in_outbox_ || (write_ == nullptr && writable_ == nullptr)) return;
  if (now_ms < write_due_ms_) return;
  if (untaken_size(descriptor_) < untaken_size_) {
    restart_write_idle();
  } else {
    finish_sending_with(Error::timed_out);
  }
}

// The idle time itself starts with the next wait: nothing waits for the peer before that.
void AsioConnection::on_sent_directly() noexcept {
  has_sent_bytes_ = true;
  home_.engine().outbox().send_all();
}

void AsioConnection::set_write_idle_ms(std::uint32_t write_idle_ms) noexcept {
  write_idle_ms_ = write_idle_ms;
}

void AsioConnection::shut_down_sending() noexcept {
  WHERRY_ASSERT(descriptor_ >= 0 && write_ == nullptr && writable_ == nullptr);
  ::shutdown(descriptor_, SHUT_WR);
}

// What is closed is watched no more: nobody else has this socket.
void AsioConnection::close() noexcept {
  WHERRY_ASSERT(descriptor_ >= 0 && input_waiter_ == nullptr && read_ == nullptr);
  WHERRY_ASSERT(write_ == nullptr && writable_ == nullptr);
  home_.engine().remove(*this);
  ::close(std::exchange(descriptor_, -1));
  home_.give_back(*this);
}

void AsioConnection::abort() noexcept {
  WHERRY_ASSERT(descriptor_ >= 0);
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close();
}

void AsioConnection::has_changed(Change change) noexcept {
  if (change.has_input) {
    has_input_ = may_have_input_ = true;
    has_taken_all_ = false;
    has_end_ = has_end_ || change.has_end;
    tell_of_input(Error::none);
    if (read_ != nullptr) receive();
  }
  if (!change.has_room && !change.is_broken) return;
  if (write_ != nullptr) {
    if (!is_in_outbox_) send();
  } else if (writable_ != nullptr) {
    finish_sending_with(change.is_broken ? Error::closed : Error::none);
  }
}

// ---------------------------------------------------------------- reading

void AsioConnection::wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept {
  WHERRY_ASSERT(descriptor_ >= 0 && read_ == nullptr && input_waiter_ == nullptr);
  if (has_input_ || (may_have_input_ && !would_wait_for_input(descriptor_))) {
    return waiter.input_has_come(Error::none);
  }
  input_waiter_ = &waiter;
  read_due_ms_ = Engine::uptime_ms() + within_ms;
}

void AsioConnection::begin_read(Read& operation) noexcept {
  WHERRY_ASSERT(descriptor_ >= 0 && read_ == nullptr && input_waiter_ == nullptr);
  read_ = &operation;
  if (may_have_input_ || operation.within_ms() == 0) receive();
  if (read_ == nullptr) return;
  if (operation.within_ms() == 0) {
    std::exchange(read_, nullptr)->finish(Error::timed_out);
  } else {
    read_due_ms_ = Engine::uptime_ms() + operation.within_ms();
  }
}

void AsioConnection::cancel_read(Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
}

void AsioConnection::receive() noexcept {
  const MutableBytes into = read_->into();
  has_input_ = false;
  ssize_t size = 0;
  do {
    size = ::recv(descriptor_, into.data(), into.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size >= 0) {
    has_taken_all_ = static_cast<std::size_t>(size) < into.size();
    may_have_input_ = has_read_ = true;
    std::exchange(read_, nullptr)->succeed(static_cast<std::size_t>(size));
  } else if (!would_block(errno)) {
    std::exchange(read_, nullptr)->finish(Error::closed);
  }
}

// ---------------------------------------------------------------- writing

void AsioConnection::begin_write(Write& operation) noexcept {
  WHERRY_ASSERT(descriptor_ >= 0 && write_ == nullptr && writable_ == nullptr);
  write_ = &operation;
  // Who has been answered has to hear it before anything more comes, as a rule: to look for it now
  // would be in vain.
  if (has_taken_all_ && !has_end_) may_have_input_ = false;
  has_sent_bytes_ = true;  // a new write has all of its idle time
  const bool is_first = std::exchange(has_read_, false);
  Outbox& outbox = home_.engine().outbox();
  if (is_first && !operation.is_followed() && operation.remaining() <= kWorthNoCopy) {
    is_in_outbox_ = outbox.put(*this);
    if (is_in_outbox_) return;
  }
  outbox.send_all();
  send();
}

void AsioConnection::send_reply() noexcept {
  is_in_outbox_ = false;
  send();
}

void AsioConnection::cancel_write(Write& operation) noexcept {
  WHERRY_ASSERT(write_ == &operation);
  if (std::exchange(is_in_outbox_, false)) home_.engine().outbox().remove(*this);
  write_ = nullptr;
}

void AsioConnection::send() noexcept {
  while (write_->remaining() > 0) {
    const std::size_t first = write_->pieces()[0].size();
    const ssize_t size = send_some();
    if (size < 0 && !would_block(errno)) return finish_sending_with(Error::closed);
    if (size < 0) return wait_for_room();
    has_sent_bytes_ = true;
    write_->advance(static_cast<std::size_t>(size));
    // Less than there was: it takes no more now.
    const bool is_first_piece = first > 0 && static_cast<std::size_t>(size) == first;
    if (write_->remaining() > 0 && !is_first_piece) return wait_for_room();
  }
  finish_sending_with(Error::none);
}

long AsioConnection::send_some() noexcept {
  const auto pieces = write_->pieces();
  const auto constant = place_of(pieces[1]);
  if (!constant) {
    return send_pieces(descriptor_, pieces, write_->is_followed() ? kMoreFollows : 0);
  }
  if (!pieces[0].empty()) {
    const std::array<Bytes, 2> first = {pieces[0], {}};
    return send_pieces(descriptor_, first, kMoreFollows);
  }
  const ssize_t size = send_constant(descriptor_, *constant, pieces[1].size());
  const bool is_impossible = size == 0 || (size < 0 && (errno == EINVAL || errno == ENOSYS));
  return is_impossible ? send_pieces(descriptor_, pieces, 0) : size;
}

// Asked with poll, which leaves the error in the socket for those who read from it: that there is
// room may have been told before.
void AsioConnection::begin_writable(Writable& operation) noexcept {
  WHERRY_ASSERT(descriptor_ >= 0 && write_ == nullptr && writable_ == nullptr);
  writable_ = &operation;
  pollfd state = {.fd = descriptor_, .events = POLLOUT, .revents = 0};
  if (::poll(&state, 1, 0) != 1) return wait_for_room();
  const bool is_gone = (state.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
  finish_sending_with(is_gone ? Error::closed : Error::none);
}

void AsioConnection::cancel_writable(Writable& operation) noexcept {
  WHERRY_ASSERT(writable_ == &operation);
  writable_ = nullptr;
}

void AsioConnection::finish_sending_with(Error error) noexcept {
  if (write_ != nullptr) {
    std::exchange(write_, nullptr)->finish(error);
  } else {
    std::exchange(writable_, nullptr)->finish(error);
  }
}

void AsioConnection::wait_for_room() noexcept {
  if (std::exchange(has_sent_bytes_, false)) restart_write_idle();
}

void AsioConnection::restart_write_idle() noexcept {
  write_due_ms_ = Engine::uptime_ms() + write_idle_ms_;
  untaken_size_ = untaken_size(descriptor_);
}

}  // namespace wherry::net::asio
