// SPDX-License-Identifier: MIT
// A loop in a thread of its own that runs one coroutine a connection, and blocking sockets to talk
// to it. For tests.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "wherry/coro/arena.h"
#include "wherry/coro/context.h"
#include "wherry/coro/runner.h"
#include "wherry/net/asio/listener.h"
#include "wherry/net/asio/loop.h"

namespace wherry::net::asio {

/// Values handed from the loop's thread to the test's.
template <class T>
class Results {
 public:
  void push(T value) {
    const std::scoped_lock lock(mutex_);
    values_.push_back(value);
    came_.notify_all();
  }
  /// Waits up to ten seconds.
  T next() {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(10), [this] { return !values_.empty(); })) {
      ADD_FAILURE() << "nothing came within ten seconds";
      return T{};
    }
    T value = values_.front();
    values_.pop_front();
    return value;
  }
  bool is_empty() {
    const std::scoped_lock lock(mutex_);
    return values_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<T> values_;
};

/// Runs a loop until it is destroyed.
class LoopThread {
 public:
  LoopThread() = default;
  ~LoopThread() { stop(); }

  void start() {
    thread_ = std::thread([this] { loop.run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    loop.stop();
    thread_.join();
  }

  /// Runs `work` on the loop's thread and waits for it.
  void call(std::function<void()> work) {
    struct Call : coro::Completion {
      explicit Call(std::function<void()> work_to_do)
          : Completion(&run_it), work(std::move(work_to_do)) {}
      static void run_it(Completion& completion) noexcept {
        auto& self = static_cast<Call&>(completion);
        self.work();
        self.done.set_value();
      }
      std::function<void()> work;
      std::promise<void> done;
    };
    Call call(std::move(work));
    std::future<void> done = call.done.get_future();
    loop.post(call);
    done.wait();
  }

  AsioLoop loop;

 private:
  std::thread thread_;
};

class TestServer;

/// One connection being served.
class Session {
 public:
  using Serve = coro::Task<> (*)(Session&);

  explicit Session(TestServer& server);
  coro::Context& context() { return context_; }

  TestServer& server;
  Connection* connection = nullptr;  // while it is being served

 private:
  friend class TestServer;
  static void ended(void* self, Error error) noexcept;

  std::array<std::byte, 16384> memory_;
  coro::Arena arena_{memory_};
  coro::Context context_;
  coro::Runner runner_;
};

class TestServer final : public Acceptor {
 public:
  explicit TestServer(Session::Serve serve, ListenOptions options = {.host = "127.0.0.1"})
      : serve_(serve) {
    for (std::uint32_t i = 0; i < options.connection_count; ++i) {
      sessions_.push_back(std::make_unique<Session>(*this));
    }
    listener_ = std::make_unique<AsioListener>(thread.loop, *this);
    const Result<> opened = listener_->open(options);
    EXPECT_TRUE(opened.has_value()) << listener_->failure().words.view();
    thread.start();
  }
  ~TestServer() {
    thread.stop();
    for (auto& session : sessions_) cancel(*session);
    listener_.reset();
  }

  void accepted(Connection& connection) noexcept override {
    ++accepted_count;
    for (auto& session : sessions_) {
      if (session->connection != nullptr) continue;
      session->connection = &connection;
      connection.set_write_idle_ms(write_idle_ms);
      session->runner_.start(serve_(*session));
      return;
    }
    connection.abort();
  }

  /// Ends a session as a server does that needs its slot. On the loop's thread.
  void cancel(Session& session) {
    session.runner_.cancel();
    if (session.connection != nullptr) std::exchange(session.connection, nullptr)->close();
  }
  void cancel_all() {
    for (auto& session : sessions_) cancel(*session);
  }

  std::uint16_t port() const { return listener_->port(); }
  AsioListener& listener() { return *listener_; }

  LoopThread thread;
  std::uint32_t write_idle_ms = 10'000;
  std::atomic<int> accepted_count = 0;
  Results<Error> errors;       // how each session ended
  Results<std::string> texts;  // whatever a session has to tell

 private:
  Session::Serve serve_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::unique_ptr<AsioListener> listener_;
};

inline Session::Session(TestServer& its_server)
    : server(its_server),
      context_(arena_, its_server.thread.loop.ready_list()),
      runner_(its_server.thread.loop.ready_list(), &ended, this) {}

inline void Session::ended(void* self, Error error) noexcept {
  auto& session = *static_cast<Session*>(self);
  std::exchange(session.connection, nullptr)->close();
  session.server.errors.push(error);
}

/// A blocking socket.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer_size = 0) : Client() {
    if (receive_buffer_size > 0) {
      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_size,
                   sizeof(receive_buffer_size));
    }
    connect(port);
  }
  static Client unconnected() { return Client(); }
  Client(Client&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), is_connected_(other.is_connected_) {}
  Client(const Client&) = delete;
  ~Client() { close(); }

  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  bool is_connected() const { return is_connected_; }

  void send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t size = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      ASSERT_GT(size, 0);
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  /// Returns: exactly `size` bytes; fewer when the server has finished, or after ten seconds.
  std::string receive(std::size_t size) {
    std::string text;
    std::array<char, 65536> buffer;
    while (text.size() < size && is_readable(10'000)) {
      const ssize_t part =
          ::recv(descriptor_, buffer.data(), std::min(buffer.size(), size - text.size()), 0);
      if (part <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(part));
    }
    return text;
  }
  std::string receive_all() { return receive(SIZE_MAX); }

  /// Returns: whether the server has reset the connection.
  bool is_reset() {
    char byte = 0;
    return is_readable(10'000) && ::recv(descriptor_, &byte, 1, 0) < 0 && errno == ECONNRESET;
  }

  bool is_readable(int within_ms) {
    pollfd state = {.fd = descriptor_, .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, within_ms) == 1;
  }

  void finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

  void reset() {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
  }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  int descriptor() const { return descriptor_; }

 private:
  Client() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

  int descriptor_;
  bool is_connected_ = false;
};

}  // namespace wherry::net::asio
