// SPDX-License-Identifier: MIT
// The load client: uploads or downloads over N keep-alive connections from one thread, at as little
// cost as a client can: what it sends comes by sendfile from memory, what it receives is discarded
// by the kernel uncopied (MSG_TRUNC). So the server is what is measured.
//
//     wherry_load_client --port 8000 --put '/upload/a%c' --size 1048576 --connections 16 --requests
//     64
//
// `--get` and `--form` (a browser's multipart form with that file in it) are the other methods;
// `%c` stands for the connection's index. Prints one line of JSON; ends with 1 when any reply was
// not the expected one.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/content.h"

namespace wherry::bench {
namespace {

enum class Method { get, put, form };

struct Options {
  std::uint16_t port = 8000;
  Method method = Method::get;
  std::string path = "/";
  std::uint64_t size = 0;  // bytes of one body: sent, or expected
  std::uint32_t connections = 1;
  std::uint32_t requests = 1;  // of each connection

  bool is_upload() const { return method != Method::get; }
};

/// Bodies up to this size go out with their head, in one call.
constexpr std::uint64_t kSmallBytes = 16 * 1024;

// As long as a browser's.
constexpr std::string_view kBoundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW1";

class Connection {
 public:
  Connection(const Options& options, const Content& content, std::uint32_t index)
      : options_(&options), content_(&content), requests_left_(options.requests) {
    std::string path = options.path;
    if (const std::size_t at = path.find("%c"); at != std::string::npos) {
      path.replace(at, 2, std::to_string(index));
    }
    head_ = (options.method == Method::get   ? "GET "
             : options.method == Method::put ? "PUT "
                                             : "POST ") +
            path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    std::string before;
    if (options.method == Method::form) {
      head_ += "Content-Type: multipart/form-data; boundary=" + std::string(kBoundary) + "\r\n";
      before = "--" + std::string(kBoundary) +
               "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"form" +
               std::to_string(index) + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
      tail_ = "\r\n--" + std::string(kBoundary) + "--\r\n";
    }
    if (options.is_upload()) {
      body_size_ = options.size;
      head_ +=
          "Content-Length: " + std::to_string(before.size() + options.size + tail_.size()) + "\r\n";
    }
    head_ += "\r\n" + before;
    if (options.method == Method::put && options.size <= kSmallBytes) {
      head_ += as_text(content.bytes().first(static_cast<std::size_t>(options.size)));
      body_size_ = 0;
    }
    connect();
  }

  int socket() const { return socket_; }
  bool is_done() const { return requests_left_ == 0; }
  bool is_sending() const { return sent_ < head_.size() + body_size_ + tail_.size(); }
  const std::string& reply() const { return reply_; }

  void go_on() {
    if (is_sending()) send();
    if (!is_sending()) receive();
  }

  void send() {
    while (is_sending()) {
      const std::uint64_t body_end = head_.size() + body_size_;
      ssize_t size = 0;
      if (sent_ < head_.size()) {
        size = send_text(head_, sent_, body_size_ > 0);
      } else if (sent_ < body_end) {
        size = content_->send(socket_, sent_ - head_.size(), body_size_);
      } else {
        size = send_text(tail_, sent_ - body_end, false);
      }
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) fail("send");
      sent_ += static_cast<std::uint64_t>(size);
    }
  }

 private:
  ssize_t send_text(const std::string& text, std::uint64_t offset, bool has_more) const {
    return ::send(socket_, text.data() + offset, text.size() - offset,
                  MSG_NOSIGNAL | (has_more ? MSG_MORE : 0));
  }

  void connect() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      fail("connect");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::fcntl(socket_, F_SETFL, O_NONBLOCK);
  }

  void receive() {
    while (true) {
      if (!has_head_) {
        if (!receive_head()) return;
      } else {
        const ssize_t size = ::recv(socket_, nullptr, static_cast<std::size_t>(left_), MSG_TRUNC);
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) fail("recv");
        left_ -= static_cast<std::uint64_t>(size);
      }
      if (has_head_ && left_ == 0) return finish();
    }
  }

  bool receive_head() {
    std::array<char, 2048> buffer;
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return false;
    if (size <= 0) refuse("the server closed", head_.substr(0, 60));
    reply_.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t end = reply_.find("\r\n\r\n");
    if (end == std::string::npos) return true;
    if (!reply_.starts_with("HTTP/1.1 2")) refuse("the server refused", reply_);
    const std::size_t length = reply_.find("\r\nContent-Length: ");
    std::uint64_t body = 0;
    if (length < end) body = std::strtoull(reply_.c_str() + length + 18, nullptr, 10);
    if (!options_->is_upload() && body != options_->size) refuse("another size", reply_);
    left_ = body - (reply_.size() - end - 4);
    has_head_ = true;
    return true;
  }

  void finish() {
    if (--requests_left_ == 0) return;
    sent_ = 0;
    has_head_ = false;
    reply_.clear();
    send();
  }

  const Options* options_;
  const Content* content_;
  std::uint32_t requests_left_;
  std::string head_;             // with a small body, or the beginning of a form, behind it
  std::uint64_t body_size_ = 0;  // of the content that is sent behind head_
  std::string tail_;             // the end of a form, behind that
  std::uint64_t sent_ = 0;
  std::string reply_;       // the last one's head, and as much of its body as came with it
  std::uint64_t left_ = 0;  // bytes of its body that have not come
  bool has_head_ = false;
  int socket_ = -1;
};

class Load {
 public:
  Load(const Options& options, const Content& content) : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    connections_.reserve(options.connections);
    for (std::uint32_t i = 0; i < options.connections; ++i) {
      connections_.emplace_back(options, content, i);
    }
  }

  void run() {
    for (Connection& connection : connections_) {
      connection.send();
      watch(connection, EPOLL_CTL_ADD);
    }
    std::array<epoll_event, 64> events;
    std::size_t running = connections_.size();
    while (running > 0) {
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), 60'000);
      if (count == 0) refuse("the server stalls", "for 60 s");
      for (int i = 0; i < count; ++i) {
        auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        const bool was_sending = connection.is_sending();
        connection.go_on();
        if (connection.is_done()) {
          ::close(connection.socket());
          --running;
        } else if (connection.is_sending() != was_sending) {
          watch(connection, EPOLL_CTL_MOD);
        }
      }
    }
  }

  const std::string& last_reply() const { return connections_.back().reply(); }

 private:
  void watch(Connection& connection, int what) {
    epoll_event event{};
    event.events = connection.is_sending() ? EPOLLOUT : EPOLLIN;
    event.data.ptr = &connection;
    if (::epoll_ctl(epoll_, what, connection.socket(), &event) != 0) fail("epoll_ctl");
  }

  int epoll_;
  std::vector<Connection> connections_;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--put" || name == "--get" || name == "--form") {
      options.method = name == "--put" ? Method::put : name == "--get" ? Method::get : Method::form;
      options.path = value;
      continue;
    }
    const std::uint64_t number = std::strtoull(value, nullptr, 10);
    if (name == "--port") options.port = static_cast<std::uint16_t>(number);
    if (name == "--size") options.size = number;
    if (name == "--connections") options.connections = static_cast<std::uint32_t>(number);
    if (name == "--requests") options.requests = static_cast<std::uint32_t>(number);
  }
  return options;
}

double own_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int run(const Options& options) {
  const Content content;
  Load load(options, content);
  const double cpu_before_s = own_cpu_s();
  const auto begun = std::chrono::steady_clock::now();
  load.run();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
  const std::uint64_t requests = std::uint64_t{options.requests} * options.connections;

  // Whoever computes a CRC says so in its reply: then it has to be the right one.
  const std::string& reply = load.last_reply();
  std::array<char, 16> crc;
  std::snprintf(crc.data(), crc.size(), "0x%08x", content.crc32(options.size));
  const bool says_crc = options.is_upload() && reply.find("crc32") != std::string::npos;
  if (says_crc && reply.find(crc.data()) == std::string::npos) refuse("another CRC-32", reply);

  std::printf(
      "{\"requests\": %llu, \"bytes\": %llu, \"wall_s\": %.6f, \"client_cpu_s\": %.6f, "
      "\"checks_crc\": %s}\n",
      static_cast<unsigned long long>(requests),
      static_cast<unsigned long long>(requests * options.size), wall.count(),
      own_cpu_s() - cpu_before_s, says_crc ? "true" : "false");
  return 0;
}

}  // namespace
}  // namespace wherry::bench

int main(int argc, char** argv) {
  return wherry::bench::run(wherry::bench::read_options(argc, argv));
}
