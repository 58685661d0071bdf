// SPDX-License-Identifier: MIT
// Once it has started, the whole service takes nothing from the heap: not for any endpoint, any
// error, any client that leaves, on a real network and a real disk. malloc and its kin are counted
// in every thread but the clients'.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "wherry/app/server.h"
#include "wherry/app/test_client.h"
#include "wherry/base/heap_calls_for_test.h"
#include "wherry/net/asio/listener.h"
#include "wherry/net/asio/loop.h"
#include "wherry/storage/posix/posix_storage.h"
#include "wherry/transfer/service.h"

namespace {

std::atomic<bool> is_counting = false;
std::atomic<int> allocation_count = 0;
thread_local bool is_client = false;

}  // namespace

void wherry::on_heap_call() noexcept {
  if (is_counting && !is_client) ++allocation_count;
}

namespace wherry {
namespace {

using app::chunked;
using app::Reply;
using app::request_text;

/// A log that keeps nothing.
class CountingLog final : public app::TransferLog {
 public:
  void record(const app::TransferRecord&) noexcept override { ++count; }
  std::atomic<int> count = 0;
};

/// The service on a port of this machine, with a folder of its own.
class Service {
 public:
  Service()
      : folder_(make_folder()),
        root_(storage::posix::Root::open(folder_.c_str(), options()).value()),
        disk_threads_(2),
        storage_(root_, disk_threads_, loop_, options()),
        limits_(limits()),
        memory_(app::Server::required_bytes(limits_)),
        listener_(loop_, server_),
        server_(transfer::kService, limits_, storage_, loop_, &log_, memory_.bytes()) {
    EXPECT_TRUE(storage_.is_ready());
    EXPECT_TRUE(
        listener_.open({.host = "127.0.0.1", .connection_count = limits_.max_connections + 2}));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Service() {
    stop_.post();
    thread_.join();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::uint16_t port() const { return listener_.port(); }

 private:
  static std::string make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "wherry.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    return name;
  }
  static storage::posix::Options options() {
    return {.slots = 8, .large_blocks = 2, .large_block_bytes = 64 * 1024};
  }
  static app::Limits limits() {
    app::Limits limits;
    limits.max_connections = 3;
    limits.max_refusals = 2;
    limits.max_content_length = 4 * 1024 * 1024;
    limits.header_ms = 1000;
    limits.body_idle_ms = 1000;
    limits.linger_ms = 1000;
    return limits;
  }

  /// Ends the connections and the loop, on the loop's thread.
  struct Stop : coro::Completion {
    explicit Stop(Service& its_service) noexcept
        : coro::Completion([](Completion& self) noexcept {
            Service& stopping = static_cast<Stop&>(self).service;
            stopping.listener_.stop_accepting();
            stopping.server_.drain();
            stopping.loop_.stop();
          }),
          service(its_service) {}
    void post() noexcept { service.loop_.post(*this); }
    Service& service;
  };

  std::string folder_;
  storage::posix::Root root_;
  storage::posix::DiskThreads disk_threads_;
  net::asio::AsioLoop loop_;
  storage::posix::PosixStorage storage_;
  app::Limits limits_;
  app::AlignedMemory memory_;
  CountingLog log_;
  net::asio::AsioListener listener_;
  app::Server server_;
  Stop stop_{*this};
  std::thread thread_;
};

/// A client's blocking socket.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  /// Ends where the server takes no more.
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  /// Closing sends a reset.
  void will_reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

  /// Receives until the server has finished sending.
  std::string receive_all() {
    std::string all;
    std::array<char, 65'536> buffer;
    while (true) {
      const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (size <= 0) return all;
      all.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }
  /// Receives `size` bytes, or fewer at the end.
  std::string receive(std::size_t size) {
    std::string all(size, '\0');
    const ssize_t got = ::recv(socket_, all.data(), size, MSG_WAITALL);
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return all;
  }

 private:
  int socket_;
};

/// The statuses of what `input` is answered with, on a connection of its own.
std::string ask(std::uint16_t port, std::string_view input, std::string_view method = "GET") {
  Client client(port);
  client.send(input);
  client.finish_sending();
  return app::statuses(app::read_replies(client.receive_all(), {std::string(method)}, true));
}

std::string form(int file_count) {
  std::string body;
  for (int i = 0; i < file_count; ++i) {
    body += "--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"form" +
            std::to_string(i) + "\"\r\n\r\n" + std::string(100'000, 'f') + "\r\n";
  }
  return request_text("POST", "/upload", "Content-Type: multipart/form-data; boundary=XyZ\r\n",
                      body + "--XyZ--\r\n");
}

struct Step {
  std::string name;
  std::function<void(std::uint16_t port)> run;
};

Step answered(std::string name, std::string input, std::string replies,
              std::string method = "GET") {
  return {std::move(name),
          [=](std::uint16_t port) { EXPECT_EQ(ask(port, input, method), replies); }};
}

std::vector<Step> uploads() {
  const std::string large(1'500'000, 'l');
  const std::string in_chunks = "Transfer-Encoding: chunked\r\n";
  return {
      answered("upload", request_text("PUT", "/upload/new", "", large), "201"),
      answered("upload again", request_text("PUT", "/upload/new", "", large), "200"),
      answered("upload in a folder", request_text("PUT", "/upload/a/b/c%20d", "", "x"), "201"),
      answered("upload in chunks",
               request_text("PUT", "/upload/chunked", in_chunks) + chunked(large, 100'000), "201"),
      answered("small upload", request_text("PUT", "/upload/small", "", "content"), "201"),
      answered("conflict", request_text("PUT", "/upload/a", "", "x"), "409"),
      answered("form", form(1), "201"),
      answered("form with several files", form(3), "201"),
      answered("no form", request_text("POST", "/upload", "", "x"), "415"),
      answered("discard", request_text("PUT", "/discard/x", "", large), "200"),
      answered("bad path", request_text("PUT", "/upload/../x", "", "x"), "400"),
      {"100-continue",
       [](std::uint16_t port) {
         Client client(port);
         client.send(request_text("PUT", "/upload/waited",
                                  "Expect: 100-continue\r\nContent-Length: 4\r\n"));
         EXPECT_EQ(client.receive(25), "HTTP/1.1 100 Continue\r\n\r\n");
         client.send("body");
         client.finish_sending();
         EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 201 "));
       }},
      {"client that is gone within an upload",
       [](std::uint16_t port) {
         for (const std::size_t size : {10u, 200'000u}) {
           Client client(port);
           client.send(request_text("PUT", "/upload/never", "Content-Length: 3000000\r\n") +
                       std::string(size, 'x'));
           client.will_reset();
         }
       }},
      {"body that stops coming",
       [](std::uint16_t port) {
         Client client(port);
         client.send(request_text("PUT", "/upload/never", "Content-Length: 10\r\n") + "x");
         EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 408 "));
       }},
  };
}

std::vector<Step> downloads() {
  const std::string file = "/download/file/";
  const std::string json = "Content-Type: application/json\r\n";
  return {
      answered("download", request_text("GET", file + "new"), "200"),
      answered("small download", request_text("GET", file + "small"), "200"),
      answered("range", request_text("GET", file + "new", "Range: bytes=1000-900000\r\n"), "206"),
      answered("ranges", request_text("GET", file + "new", "Range: bytes=0-9,1000-900000,-9\r\n"),
               "206"),
      answered("ranges of what is made",
               request_text("GET", "/download/generate/1500000", "Range: bytes=0-9,5000-9999\r\n"),
               "206"),
      answered("other version", request_text("GET", file + "new", "If-Match: \"x\"\r\n"), "412"),
      answered("same version", request_text("GET", file + "new", "If-None-Match: *\r\n"), "304"),
      answered("SHA-256", request_text("GET", file + "new", "Want-Repr-Digest: sha-256=1\r\n"),
               "200"),
      answered("CRC-32C", request_text("HEAD", file + "new", "Want-Repr-Digest: crc32c=1\r\n"),
               "200", "HEAD"),
      answered("SHA-256 of what is made",
               request_text("GET", "/download/generate/1500000", "Want-Repr-Digest: sha-256=1\r\n"),
               "200"),
      answered("no range", request_text("GET", file + "small", "Range: bytes=99-\r\n"), "416"),
      answered(
          "unmodified",
          request_text("GET", file + "new", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"),
          "304"),
      answered("no file", request_text("GET", file + "none"), "404"),
      answered("folder", request_text("GET", file + "a"), "404"),
      answered("head", request_text("HEAD", file + "new"), "200", "HEAD"),
      answered("generate", request_text("GET", "/download/generate/1500000"), "200"),
      answered("report",
               request_text("POST", "/download/report", json,
                            R"({"size": 100000, "pattern": "random"})"),
               "200"),
      answered("bad report", request_text("POST", "/download/report", json, "{"), "400"),
      {"client that is gone within a download",
       [file](std::uint16_t port) {
         for (const std::string& target :
              {file + "new", std::string("/download/generate/9000000")}) {
           Client client(port);
           client.send(request_text("GET", target));
           EXPECT_EQ(client.receive(1000).size(), 1000u);
           client.will_reset();
         }
       }},
  };
}

std::vector<Step> others() {
  return {
      answered("root", request_text("GET", "/"), "200"),
      answered("status", request_text("GET", "/status"), "200"),
      answered("pipelined", request_text("GET", "/") + request_text("GET", "/x"), "200 404"),
      answered("options", request_text("OPTIONS", "*") + request_text("OPTIONS", "/"), "204 204"),
      answered("wrong method", request_text("DELETE", "/"), "405"),
      answered("malformed", "nonsense\r\n\r\n", "400"),
      answered("too large", request_text("PUT", "/upload/x", "Content-Length: 99999999\r\n"),
               "413"),
      answered("long line", request_text("GET", "/" + std::string(9000, 'x')), "414"),
      answered("large header", request_text("GET", "/", "X: " + std::string(20'000, 'x') + "\r\n"),
               "431"),
      answered("early reply", request_text("PUT", "/nothing", "", std::string(2'000'000, 'x')),
               "404"),
      {"head that does not come",
       [](std::uint16_t port) {
         Client client(port);
         client.send("GET / HT");
         EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 408 "));
       }},
      {"no slot",
       [](std::uint16_t port) {
         const std::string begun = request_text("PUT", "/discard/x", "Content-Length: 2\r\n") + "x";
         std::array<std::optional<Client>, 3> busy;
         for (auto& client : busy) {
           client.emplace(port);
           client->send(begun);
         }
         std::string status;  // 200 until the last of them has been accepted
         for (int i = 0; i < 50 && status != "503"; ++i) {
           status = ask(port, request_text("GET", "/"));
         }
         EXPECT_EQ(status, "503");
         for (auto& client : busy) {
           client->send("y");
           EXPECT_TRUE(client->receive(15).starts_with("HTTP/1.1 200 "));
         }
       }},
      {"idle connections that give way",
       [](std::uint16_t port) {
         std::array<std::optional<Client>, 6> clients;
         for (auto& client : clients) {
           client.emplace(port);
           client->send(request_text("GET", "/"));
           EXPECT_TRUE(client->receive(15).starts_with("HTTP/1.1 200 "));
         }
       }},
  };
}

TEST(NoAllocation, CounterSeesEachWayToTheHeap) {
  is_client = false;
  is_counting = true;
  const int before = allocation_count;
  // Volatile: what nobody looks at, a compiler may leave out.
  void* volatile blocks[] = {std::malloc(10), std::calloc(2, 10), std::realloc(nullptr, 10),
                             std::aligned_alloc(64, 64)};
  void* aligned = nullptr;
  const int failed = ::posix_memalign(&aligned, 64, 64);
  int* volatile number = new int;
  delete number;
  int* volatile numbers = new int[3];
  delete[] numbers;
  void* volatile raw = ::operator new(64, std::align_val_t{64});
  ::operator delete(raw, std::align_val_t{64});
  is_counting = false;
  EXPECT_EQ(allocation_count - before, 8);
  EXPECT_EQ(failed, 0);
  for (void* block : blocks) std::free(block);
  std::free(aligned);
}

TEST(NoAllocation, AfterTheStartNoEndpointTakesAny) {
  is_client = true;
  Service service;
  // The start ends with the first use of each connection, the two for refusals too: that is when
  // the port makes its sockets known to the system.
  {
    std::array<std::optional<Client>, 5> clients;
    for (auto& client : clients) client.emplace(service.port());
    for (auto& client : clients) {
      client->send(request_text("GET", "/"));
      client->receive(15);
    }
  }
  for (const auto& steps : {uploads(), downloads(), others()}) {
    for (const Step& step : steps) {
      const int before = allocation_count;
      is_counting = true;
      step.run(service.port());
      ::usleep(5000);  // what the server does when the client has gone
      is_counting = false;
      EXPECT_EQ(allocation_count - before, 0) << step.name;
    }
  }
}

}  // namespace
}  // namespace wherry
