// SPDX-License-Identifier: MIT
// The written limit: what serving files would cost if a server did nothing but move the bytes. One
// thread, blocking calls: recv, CRC-32, write, rename; and sendfile. Servers are measured against
// it.
//
// It speaks the least HTTP that the load client needs: PUT /upload/NAME and GET /download/file/NAME
// with Content-Length and keep-alive. It checks nothing: never give it to a network.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/base/crc32.h"

namespace wherry::bench {
namespace {

struct Options {
  const char* folder = ".";
  std::uint16_t port = 8000;
  std::size_t block_bytes = 256 * 1024;  // of one recv and one write
  bool syncs = false;                    // fsync of the file and of its folder
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// The few words of a request that matter.
struct Head {
  std::size_t size = 0;  // bytes, the blank line included; 0: more is needed
  bool is_put = false;
  std::string name;
  std::uint64_t content_length = 0;
};

Head read_head(std::string_view received) {
  Head head;
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return head;
  head.size = end + 4;
  head.is_put = received.starts_with("PUT ");
  const std::string_view prefix = head.is_put ? "PUT /upload/" : "GET /download/file/";
  if (!received.starts_with(prefix)) std::exit(2);
  const std::string_view target = received.substr(prefix.size());
  head.name = target.substr(0, target.find(' '));
  const std::size_t length = received.substr(0, end).find("\r\nContent-Length: ");
  if (length != std::string_view::npos) {
    head.content_length = std::strtoull(received.data() + length + 18, nullptr, 10);
  }
  return head;
}

class WrittenLimit {
 public:
  explicit WrittenLimit(const Options& options)
      : options_(options),
        folder_(::open(options.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        block_(static_cast<std::byte*>(std::aligned_alloc(4096, options.block_bytes))) {
    if (folder_ < 0) fail(options.folder);
    listen();
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 64> events;
    while (true) {
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int socket = events[static_cast<std::size_t>(i)].data.fd;
        if (socket == listener_) {
          accept();
        } else if (!serve(socket)) {
          ::close(socket);
        }
      }
    }
  }

 private:
  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
      fail("bind");
    if (::listen(listener_, 1024) != 0) fail("listen");
    watch(listener_);
  }

  void watch(int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  }

  void accept() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    watch(socket);
  }

  /// Serves one request, to its end. Returns: whether the connection goes on.
  bool serve(int socket) {
    std::array<char, 4096> buffer;
    std::size_t size = 0;
    Head head;
    while (head.size == 0) {
      const ssize_t part = ::recv(socket, buffer.data() + size, buffer.size() - size, 0);
      if (part <= 0) return false;
      size += static_cast<std::size_t>(part);
      head = read_head({buffer.data(), size});
    }
    if (!head.is_put) return send_file(socket, head.name);
    const Bytes body = std::as_bytes(std::span(buffer).first(size)).subspan(head.size);
    return receive_file(socket, head, body);
  }

  bool receive_file(int socket, const Head& head, Bytes begun) {
    const int file = ::openat(folder_, ".written", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) fail("open");
    Crc32 crc;
    crc.update(begun);
    if (!write_all(file, begun)) fail("write");
    std::uint64_t rest = head.content_length - begun.size();
    while (rest > 0) {
      const ssize_t size =
          ::recv(socket, block_.get(), std::min<std::uint64_t>(rest, options_.block_bytes), 0);
      if (size <= 0) fail("recv");
      const Bytes block(block_.get(), static_cast<std::size_t>(size));
      crc.update(block);
      if (!write_all(file, block)) fail("write");
      rest -= block.size();
    }
    if (options_.syncs && ::fsync(file) != 0) fail("fsync");
    ::close(file);
    if (::renameat(folder_, ".written", folder_, head.name.c_str()) != 0) fail("rename");
    if (options_.syncs && ::fsync(folder_) != 0) fail("fsync");
    return reply(socket, head, crc.value());
  }

  static bool write_all(int file, Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::write(file, bytes.data(), bytes.size());
      if (size < 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    }
    return true;
  }

  static bool reply(int socket, const Head& head, std::uint32_t crc) {
    std::array<char, 512> body;
    const int body_size = std::snprintf(
        body.data(), body.size(), "{\"filename\": \"%s\", \"size\": %llu, \"crc32\": \"0x%08x\"}",
        head.name.c_str(), static_cast<unsigned long long>(head.content_length), crc);
    std::array<char, 1024> text;
    const int size = std::snprintf(text.data(), text.size(),
                                   "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                                   "Content-Length: %d\r\n\r\n%s",
                                   body_size, body.data());
    return ::send(socket, text.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  }

  bool send_file(int socket, const std::string& name) {
    const int file = ::openat(folder_, name.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail(name.c_str());
    struct stat status;
    if (::fstat(file, &status) != 0) fail("fstat");
    std::array<char, 256> text;
    const int size = std::snprintf(text.data(), text.size(),
                                   "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                                   "Content-Length: %lld\r\n\r\n",
                                   static_cast<long long>(status.st_size));
    bool is_sent = ::send(socket, text.data(), static_cast<std::size_t>(size),
                          MSG_NOSIGNAL | MSG_MORE) == size;
    for (off_t offset = 0; is_sent && offset < status.st_size;) {
      is_sent =
          ::sendfile(socket, file, &offset, static_cast<std::size_t>(status.st_size - offset)) > 0;
    }
    ::close(file);
    return is_sent;
  }

  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };

  Options options_;
  int folder_;
  int epoll_;
  int listener_ = -1;
  std::unique_ptr<std::byte, Free> block_;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--fsync") {
      options.syncs = true;
    } else if (i + 1 == argc) {
      fail("written_limit [--folder F] [--port P] [--block BYTES] [--fsync]");
    } else if (name == "--folder") {
      options.folder = argv[++i];
    } else if (name == "--port") {
      options.port = static_cast<std::uint16_t>(std::strtoul(argv[++i], nullptr, 10));
    } else if (name == "--block") {
      options.block_bytes = std::strtoul(argv[++i], nullptr, 10);
    }
  }
  return options;
}

}  // namespace
}  // namespace wherry::bench

int main(int argc, char** argv) {
  wherry::bench::WrittenLimit(wherry::bench::read_options(argc, argv)).run();
}
