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

// Returns: 0 or more where a read would not wait, as recv says it.
ssize_t look_for_input(int descriptor) noexcept {
  std::byte first;
  return ::recv(descriptor, &first, sizeof(first), MSG_PEEK);
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

AsioConnection::AsioConnection(Engine& engine, ConnectionHome& home) noexcept
    : engine_(engine), home_(home), socket_(engine.executor()) {}

AsioConnection::~AsioConnection() {
  WHERRY_ASSERT(!is_open_ && !is_waiting_for_input_ && !is_waiting_for_room_);
}

Result<> AsioConnection::open(int descriptor, const sockaddr_storage& peer) noexcept {
  WHERRY_ASSERT(!is_open_);
  ::asio::error_code failure;
  socket_.assign(descriptor, failure);
  if (failure) {
    ::close(descriptor);
    return Error::no_memory;
  }
  is_open_ = true;
  has_taken_all_ = false;
  may_have_input_ = true;
  has_sent_bytes_ = true;
  forget_sent_bytes();
  write_idle_ms_ = kDefaultWriteIdleMs;
  peer_ = address_text(peer);
  engine_.add(*this);
  return {};
}

void AsioConnection::finish_overdue(std::uint64_t now_ms) noexcept {
  if (read_ != nullptr && now_ms >= read_due_ms_) {
    std::exchange(read_, nullptr)->finish(Error::timed_out);
  }
  if (write_ == nullptr && writable_ == nullptr) return;
  if (now_ms < write_due_ms_) return;
  if (untaken_size(descriptor()) < untaken_size_) {
    restart_write_idle();
  } else {
    finish_sending_with(Error::timed_out);
  }
}

int AsioConnection::descriptor() const noexcept {
  // Asio's accessor is not const for no reason of its own.
  return const_cast<Descriptor&>(socket_).native_handle();
}

// The idle time itself starts with the next wait: nothing waits for the peer before that.
void AsioConnection::on_sent_directly() noexcept { has_sent_bytes_ = true; }

void AsioConnection::set_write_idle_ms(std::uint32_t write_idle_ms) noexcept {
  write_idle_ms_ = write_idle_ms;
}

void AsioConnection::shut_down_sending() noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr && writable_ == nullptr);
  ::shutdown(descriptor(), SHUT_WR);
}

void AsioConnection::close() noexcept {
  WHERRY_ASSERT(is_open_ && read_ == nullptr && write_ == nullptr && writable_ == nullptr);
  is_open_ = false;
  engine_.remove(*this);
  ::asio::error_code ignored;  // the descriptor is gone in any case
  socket_.close(ignored);
  leave_if_forgotten();
}

void AsioConnection::abort() noexcept {
  WHERRY_ASSERT(is_open_);
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close();
}

void AsioConnection::begin_read(Read& operation) noexcept {
  WHERRY_ASSERT(is_open_ && read_ == nullptr);
  read_ = &operation;
  if (may_have_input_ || operation.within_ms() == 0) receive();
  if (read_ == nullptr) return;
  if (operation.within_ms() == 0) {
    std::exchange(read_, nullptr)->finish(Error::timed_out);
  } else {
    read_due_ms_ = Engine::uptime_ms() + operation.within_ms();
    wait_for_input();
  }
}

void AsioConnection::cancel_read(Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
}

void AsioConnection::receive() noexcept {
  const MutableBytes into = read_->into();
  ssize_t size = 0;
  do {
    size = read_->only_waits() ? look_for_input(descriptor())
                               : ::recv(descriptor(), into.data(), into.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size >= 0 && read_->only_waits()) {
    std::exchange(read_, nullptr)->succeed(0);
  } else if (size >= 0) {
    has_taken_all_ = static_cast<std::size_t>(size) < into.size();
    may_have_input_ = true;
    std::exchange(read_, nullptr)->succeed(static_cast<std::size_t>(size));
  } else if (!would_block(errno)) {
    std::exchange(read_, nullptr)->finish(Error::closed);
  }
}

void AsioConnection::wait_for_input() noexcept {
  if (std::exchange(is_waiting_for_input_, true)) return;
  socket_.async_wait(
      Descriptor::wait_read,
      Handler<AsioConnection, &AsioConnection::input_has_come>(*this, input_memory_));
}

void AsioConnection::input_has_come() noexcept {
  is_waiting_for_input_ = false;
  if (!is_open_) return leave_if_forgotten();
  may_have_input_ = true;
  if (read_ == nullptr) return;
  if (read_->only_waits()) return std::exchange(read_, nullptr)->succeed(0);
  receive();
  if (read_ != nullptr) wait_for_input();
}

void AsioConnection::begin_write(Write& operation) noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr && writable_ == nullptr);
  write_ = &operation;
  // Who has been answered has to hear it before anything more comes, as a rule: to look for it now
  // would be in vain.
  if (has_taken_all_) may_have_input_ = false;
  has_sent_bytes_ = true;  // a new write has all of its idle time
  send();
}

void AsioConnection::cancel_write(Write& operation) noexcept {
  WHERRY_ASSERT(write_ == &operation);
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
    return send_pieces(descriptor(), pieces, write_->is_followed() ? kMoreFollows : 0);
  }
  if (!pieces[0].empty()) {
    const std::array<Bytes, 2> first = {pieces[0], {}};
    return send_pieces(descriptor(), first, kMoreFollows);
  }
  const ssize_t size = send_constant(descriptor(), *constant, pieces[1].size());
  const bool is_impossible = size == 0 || (size < 0 && (errno == EINVAL || errno == ENOSYS));
  return is_impossible ? send_pieces(descriptor(), pieces, 0) : size;
}

void AsioConnection::begin_writable(Writable& operation) noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr && writable_ == nullptr);
  writable_ = &operation;
  wait_for_room();
}

void AsioConnection::cancel_writable(Writable& operation) noexcept {
  WHERRY_ASSERT(writable_ == &operation);
  writable_ = nullptr;
}

// Asked with poll, which leaves the error in the socket for those who read from it.
void AsioConnection::look_for_room() noexcept {
  pollfd state = {.fd = descriptor(), .events = POLLOUT, .revents = 0};
  if (::poll(&state, 1, 0) == 1) {
    const bool is_gone = (state.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    finish_sending_with(is_gone ? Error::closed : Error::none);
  } else {
    wait_for_room();
  }
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
  if (std::exchange(is_waiting_for_room_, true)) return;
  socket_.async_wait(Descriptor::wait_write,
                     Handler<AsioConnection, &AsioConnection::room_has_come>(*this, room_memory_));
}

void AsioConnection::room_has_come() noexcept {
  is_waiting_for_room_ = false;
  if (!is_open_) return leave_if_forgotten();
  if (write_ != nullptr) {
    send();
  } else if (writable_ != nullptr) {
    look_for_room();
  }
}

void AsioConnection::restart_write_idle() noexcept {
  write_due_ms_ = Engine::uptime_ms() + write_idle_ms_;
  untaken_size_ = untaken_size(descriptor());
}

void AsioConnection::leave_if_forgotten() noexcept {
  if (!is_waiting_for_input_ && !is_waiting_for_room_) home_.give_back(*this);
}

}  // namespace wherry::net::asio
