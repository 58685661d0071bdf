// SPDX-License-Identifier: MIT
#include "wherry/net/asio/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <optional>
#include <utility>

#include "wherry/net/asio/address.h"
#include "wherry/net/asio/connection.h"
#include "wherry/net/asio/engine.h"

namespace wherry::net::asio {
namespace {

// How long to leave the backlog alone when the system has no descriptor or memory left.
constexpr std::uint32_t kPauseMs = 100;

// Connections accepted before the others on the loop get their turn.
constexpr int kAcceptsARound = 64;

int accept_without_blocking(int listening, sockaddr_storage& peer) noexcept {
  socklen_t size = sizeof(peer);
  auto* const address = reinterpret_cast<sockaddr*>(&peer);
#ifdef __linux__
  return ::accept4(listening, address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
  const int descriptor = ::accept(listening, address, &size);
  if (descriptor >= 0) {
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  return descriptor;
#endif
}

// The connections of one listener: allocated once, each either free or lent.
class ConnectionPool {
 public:
  ConnectionPool() = default;
  ~ConnectionPool() {
    WHERRY_ASSERT(lent_count_ == 0);
    while (first_free_ != nullptr) std::exchange(first_free_, first_free_->next)->~AsioConnection();
    ::operator delete(memory_);
  }
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  bool allocate(std::uint32_t count, ConnectionHome& home) noexcept {
    memory_ = ::operator new(count * sizeof(AsioConnection), std::nothrow);
    if (memory_ == nullptr) return false;
    auto* const places = static_cast<AsioConnection*>(memory_);
    for (std::uint32_t i = count; i-- > 0;) put(*new (places + i) AsioConnection(home));
    return true;
  }

  bool is_empty() const noexcept { return first_free_ == nullptr; }
  std::uint32_t lent_count() const noexcept { return lent_count_; }

  /// The pool must not be empty.
  AsioConnection& lend() noexcept {
    ++lent_count_;
    return *std::exchange(first_free_, first_free_->next);
  }
  void take_back(AsioConnection& connection) noexcept {
    --lent_count_;
    put(connection);
  }

 private:
  void put(AsioConnection& connection) noexcept {
    connection.next = first_free_;
    first_free_ = &connection;
  }

  void* memory_ = nullptr;
  AsioConnection* first_free_ = nullptr;
  std::uint32_t lent_count_ = 0;
};

}  // namespace

class AsioListener::Impl final : public ConnectionHome, private coro::Waiter {
 public:
  Impl(AsioLoop& loop, Acceptor& acceptor) noexcept
      : ConnectionHome(loop.engine()),
        Waiter(loop.ready_list(), &pause_is_over),
        loop_(loop),
        acceptor_(acceptor),
        socket_(loop.engine().executor()) {
    look_at_errors(true);
  }
  ~Impl() {
    stop_accepting();
    loop_.engine().run_cancelled_handlers();
    WHERRY_ASSERT(!is_waiting_);
  }

  Result<> open(const ListenOptions& options, ListenFailure& failure) noexcept {
    WHERRY_ASSERT(!socket_.is_open() && pool_.is_empty() && options.connection_count > 0);
    if (!pool_.allocate(options.connection_count, *this)) return Error::no_memory;
    const Result<int> descriptor = open_listening_socket(options, failure);
    if (!descriptor.has_value()) return descriptor.error();

    ::asio::error_code assign_failure;
    socket_.assign(*descriptor, assign_failure);
    if (assign_failure) {
      ::close(*descriptor);
      failure.os_error = assign_failure.value();
      return Error::internal;
    }
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    ::getsockname(*descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = address_port(address);
    address_ = address_text(address);
    wait_for_connections();
    return {};
  }

  void stop_accepting() noexcept {
    pause_.reset();
    leave_ready_list();
    ::asio::error_code ignored;  // the descriptor is gone in any case
    socket_.close(ignored);
  }

  void give_back(AsioConnection& connection) noexcept override {
    pool_.take_back(connection);
    wait_for_connections();
  }

  std::uint16_t port() const noexcept { return port_; }
  std::string_view address() const noexcept { return address_; }
  std::uint32_t open_count() const noexcept { return pool_.lent_count(); }

 private:
  void wait_for_connections() noexcept {
    if (is_waiting_ || pause_.has_value() || !socket_.is_open()) return;
    is_waiting_ = true;
    socket_.async_wait(Descriptor::wait_read,
                       Handler<Impl, &Impl::connections_have_come>(*this, memory_));
  }

  // When all connections are taken it ends without a wait: give_back() begins the next.
  void connections_have_come() noexcept {
    is_waiting_ = false;
    for (int i = 0; i < kAcceptsARound; ++i) {
      if (!socket_.is_open() || pool_.is_empty()) return;
      if (!accept_one()) break;
    }
    if (!pool_.is_empty()) wait_for_connections();
  }

  // Returns: whether there may be more to accept now.
  bool accept_one() noexcept {
    sockaddr_storage peer{};
    const int descriptor = accept_without_blocking(socket_.native_handle(), peer);
    if (descriptor < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
      // The peer has gone already, or its network was in trouble: accept(2), "Error handling".
      const bool is_the_peers = errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
                                errno != ENOMEM && errno != EBADF && errno != EINVAL;
      if (is_the_peers) return true;
      pause();
      return false;
    }
    AsioConnection& connection = pool_.lend();
    if (!connection.open(descriptor, peer).has_value()) {
      pool_.take_back(connection);
      pause();
      return false;
    }
    acceptor_.accepted(connection);
    return true;
  }

  void pause() noexcept {
    pause_.emplace(loop_.sleep(kPauseMs));
    pause_->start(*this);
  }

  static void pause_is_over(Waiter& waiter) noexcept {
    auto& self = static_cast<Impl&>(waiter);
    self.pause_.reset();
    self.wait_for_connections();
  }

  AsioLoop& loop_;
  Acceptor& acceptor_;
  ConnectionPool pool_;
  HandlerMemory memory_;
  Descriptor socket_;
  bool is_waiting_ = false;
  std::optional<Loop::Sleep> pause_;
  std::uint16_t port_ = 0;
  AddressText address_;
};

AsioListener::AsioListener(AsioLoop& loop, Acceptor& acceptor) noexcept
    : impl_(std::make_unique<Impl>(loop, acceptor)) {}
AsioListener::~AsioListener() = default;

Result<> AsioListener::open(const ListenOptions& options) noexcept {
  return impl_->open(options, failure_);
}
void AsioListener::stop_accepting() noexcept { impl_->stop_accepting(); }
std::uint16_t AsioListener::port() const noexcept { return impl_->port(); }
std::string_view AsioListener::address() const noexcept { return impl_->address(); }
std::uint32_t AsioListener::open_count() const noexcept { return impl_->open_count(); }

}  // namespace wherry::net::asio
