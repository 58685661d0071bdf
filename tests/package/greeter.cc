// SPDX-License-Identifier: MIT
// A user's own program: one handler of its own beside one of the service's, served from memory. It
// asks itself over a socket, and exits 0 when the answers are right.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "wherry/net/asio/listener.h"
#include "wherry/net/asio/loop.h"
#include "wherry/storage/memory/memory_storage.h"
#include "wherry/transfer/service.h"
#include "wherry/wherry.h"

using namespace wherry;

namespace {

Task<Response> greet(Request& req, std::string_view name) {
  co_return json(req, {{"hello", name}, {"crc32", hex32(crc32(as_bytes(name)))}});
}

constexpr Route kRoutes[] = {
    get<"/hello/<name>", greet>,
    put<"/upload/<path:filename>", transfer::upload>,
    get<"/download/file/<path:filename>", transfer::download>,
};

constexpr Limits kLimits = {.max_connections = 2, .max_refusals = 1};

app::ServerMemory<kLimits> server_memory;
alignas(64) std::array<std::byte, 65536> file_memory;

/// Returns: everything that the server at `port` answers to `request`.
std::string ask(std::uint16_t port, const std::string& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, request.data(), request.size(), 0) == ssize_t(request.size())) {
    std::array<char, 4096> part;
    ssize_t size = 0;
    while ((size = ::recv(socket, part.data(), part.size(), 0)) > 0) {
      answer.append(part.data(), std::size_t(size));
    }
  }
  ::close(socket);
  return answer;
}

bool expect(const std::string& answer, const std::string& status, const std::string& body) {
  if (answer.starts_with("HTTP/1.1 " + status) && answer.ends_with("\r\n\r\n" + body)) return true;
  std::printf("expected %s and %s in:\n%s\n", status.c_str(), body.c_str(), answer.c_str());
  return false;
}

}  // namespace

int main() {
  net::asio::AsioLoop loop;
  storage::memory::MemoryStorage files(file_memory, {});
  const App app{kRoutes};
  std::optional<app::Server> server(std::in_place, app, kLimits, files, loop, nullptr,
                                    server_memory.bytes);
  net::asio::AsioListener listener(loop, *server);
  if (!listener.open({.host = "127.0.0.1"})) return 1;
  std::thread serving([&loop] { loop.run(); });

  const std::string end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  const std::uint16_t port = listener.port();
  const bool is_right =
      expect(ask(port, "GET /hello/world" + end + "\r\n"), "200",
             R"({"hello": "world", "crc32": "0x3a771143"})") &&
      expect(ask(port, "PUT /upload/a.txt" + end + "Content-Length: 3\r\n\r\nabc"), "201",
             R"({"filename": "a.txt", "size": 3, "crc32": "0x352441c2"})") &&
      expect(ask(port, "GET /download/file/a.txt" + end + "\r\n"), "200", "abc");

  loop.stop();
  serving.join();
  server.reset();  // before the listener, to which it gives back its connections
  std::puts(is_right ? "greeter: right" : "greeter: wrong");
  return is_right ? 0 : 1;
}
