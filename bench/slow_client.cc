// SPDX-License-Identifier: MIT
// The slow client: very many uploads at once from one thread, each as slow as it is told to be.
//
//     wherry_slow_client --port 8000 --connections 10000 --pieces 20 --piece 1024
//
// Each upload sends a piece of `--piece` bytes a second, `--pieces` of them, to PUT /upload/slow-N.
// They begin one after the other within the first second; from then on until the last second all of
// them are under way. Prints one line of JSON: how many were stored, with the right CRC-32, and why
// others were not.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/content.h"

namespace wherry::bench {
namespace {

using Clock = std::chrono::steady_clock;

// After the last piece, for the replies.
constexpr std::chrono::seconds kReplyTime{60};

struct Options {
  std::uint16_t port = 8000;
  std::uint32_t connections = 10'000;
  std::uint32_t pieces = 20;
  std::size_t piece_bytes = 1024;
};

/// One upload. Its content is a stretch of Content that begins elsewhere for each.
class Upload {
 public:
  Upload(const Options& options, const Content& content, std::uint32_t index)
      : piece_bytes_(options.piece_bytes), index_(index) {
    const std::size_t size = options.pieces * options.piece_bytes;
    bytes_ = content.bytes().subspan(std::size_t{index} * 397 % (Content::kPeriod - size), size);
  }

  int socket() const { return socket_; }
  bool is_open() const { return socket_ >= 0; }
  const std::string& failure() const { return failure_; }

  void connect(const Options& options) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      return end("could not connect");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::fcntl(socket_, F_SETFL, O_NONBLOCK);
    const std::string head =
        "PUT /upload/slow-" + std::to_string(index_) +
        " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(bytes_.size()) +
        "\r\n\r\n";
    send(std::as_bytes(std::span(head)));
  }

  void send_piece() {
    if (!is_open()) return;
    send(bytes_.subspan(sent_, piece_bytes_));
    sent_ += piece_bytes_;
  }

  /// Takes what there is of the reply. Returns: whether that was its end.
  bool receive() {
    std::array<char, 1024> buffer;
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return false;
    if (size <= 0) {
      end("closed by the server");
      return true;
    }
    reply_.append(buffer.data(), static_cast<std::size_t>(size));
    if (!reply_.ends_with("}")) return false;
    std::array<char, 16> crc;
    std::snprintf(crc.data(), crc.size(), "0x%08x", wherry::crc32(bytes_));
    if (!reply_.starts_with("HTTP/1.1 201")) {
      end(reply_.substr(0, reply_.find('\r')));
    } else if (sent_ < bytes_.size()) {
      end("answered before its end");
    } else {
      end(reply_.find(crc.data()) == std::string::npos ? "another CRC-32" : "");
    }
    return true;
  }

  /// `failure`: why it was not stored; empty: it was.
  void end(std::string failure) {
    ::close(socket_);
    socket_ = -1;
    failure_ = std::move(failure);
    reply_ = {};
  }

 private:
  // A piece is small beside a socket's buffer: what does not fit is a server that does not read.
  void send(Bytes bytes) {
    const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size != static_cast<ssize_t>(bytes.size())) end("not read by the server");
  }

  std::size_t piece_bytes_;
  std::uint32_t index_;
  Bytes bytes_;
  std::size_t sent_ = 0;
  int socket_ = -1;
  std::string reply_;
  std::string failure_ = "no reply";
};

class Crowd {
 public:
  explicit Crowd(const Options& options)
      : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    uploads_.reserve(options.connections);
    for (std::uint32_t i = 0; i < options.connections; ++i) {
      uploads_.emplace_back(options, content_, i);
    }
  }

  /// Piece N of all, counted through, is due N/connections seconds after the beginning.
  void run() {
    const auto begun = Clock::now();
    const std::uint64_t pieces = std::uint64_t{options_.connections} * options_.pieces;
    for (std::uint64_t next = 0; next < pieces;) {
      const std::chrono::duration<double> elapsed = Clock::now() - begun;
      const auto due = static_cast<std::uint64_t>(elapsed.count() * options_.connections);
      for (; next < std::min(due, pieces); ++next) send_piece(next);
      receive(5);
    }
    const auto deadline = Clock::now() + kReplyTime;
    while (open_ > 0 && Clock::now() < deadline) receive(100);
    const std::chrono::duration<double> wall = Clock::now() - begun;
    tell(wall.count());
  }

 private:
  void send_piece(std::uint64_t number) {
    Upload& upload = uploads_[number % options_.connections];
    if (number < options_.connections) {
      upload.connect(options_);
      if (!upload.is_open()) return;
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &upload;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, upload.socket(), &event) != 0) fail("epoll_ctl");
      peak_open_ = std::max(peak_open_, ++open_);
    }
    const bool was_open = upload.is_open();
    upload.send_piece();
    if (was_open && !upload.is_open()) --open_;
  }

  void receive(int wait_ms) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), events.size(), wait_ms);
    for (int i = 0; i < count; ++i) {
      auto& upload = *static_cast<Upload*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (upload.receive()) --open_;
    }
  }

  void tell(double wall_s) {
    std::map<std::string, std::uint32_t> failures;
    for (const Upload& upload : uploads_) {
      if (!upload.failure().empty()) ++failures[upload.failure()];
    }
    std::uint32_t failed = 0;
    std::string why;
    for (const auto& [failure, count] : failures) {
      failed += count;
      why += (why.empty() ? "" : ", ") + std::to_string(count) + " " + failure;
    }
    std::printf(
        "{\"uploads\": %u, \"complete\": %u, \"failures\": \"%s\", \"peak_open\": %u, "
        "\"wall_s\": %.3f}\n",
        options_.connections, options_.connections - failed, why.c_str(), peak_open_, wall_s);
  }

  Options options_;
  Content content_;
  int epoll_;
  std::vector<Upload> uploads_;
  std::uint32_t open_ = 0;
  std::uint32_t peak_open_ = 0;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const unsigned long number = std::strtoul(argv[i + 1], nullptr, 10);
    if (name == "--port") options.port = static_cast<std::uint16_t>(number);
    if (name == "--connections") options.connections = static_cast<std::uint32_t>(number);
    if (name == "--pieces") options.pieces = static_cast<std::uint32_t>(number);
    if (name == "--piece") options.piece_bytes = number;
  }
  return options;
}

}  // namespace
}  // namespace wherry::bench

int main(int argc, char** argv) {
  wherry::bench::Crowd(wherry::bench::read_options(argc, argv)).run();
}
