// SPDX-License-Identifier: MIT
#include "run_on_linux.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "wherry/app/server.h"
#include "wherry/app/transfer_log.h"
#include "wherry/base/escape.h"
#include "wherry/base/number.h"
#include "wherry/net/asio/listener.h"
#include "wherry/net/asio/loop.h"
#include "wherry/storage/posix/posix_storage.h"

namespace {

// The guide's line for each transfer.
class Console final : public wherry::app::TransferLog {
 public:
  void record(const wherry::app::TransferRecord& record) noexcept override {
    if (!record.crc32) return;
    const auto crc32 = wherry::hex32(*record.crc32);
    std::printf("Complete: %llu bytes, CRC32: %.*s\n", static_cast<unsigned long long>(record.size),
                static_cast<int>(crc32.size()), crc32.data());
    std::fflush(stdout);
  }
};

// Whom a signal tells to stop.
wherry::net::asio::AsioLoop* running_loop = nullptr;

void stop(int) { running_loop->stop(); }

}  // namespace

int run_on_linux(const wherry::app::App& app, const wherry::app::Limits& limits, const char* folder,
                 const char* host, std::uint16_t port, const wherry::app::Cors* cors) {
  using namespace wherry;
  const storage::posix::Options options;
  const auto root = storage::posix::Root::open(folder, options);
  if (!root) {
    std::fprintf(stderr, "%s: %s\n", folder, describe(root.error()).text.data());
    return 1;
  }
  storage::posix::DiskThreads disk_threads(options.disk_threads);
  net::asio::AsioLoop loop;
  storage::posix::PosixStorage files(*root, disk_threads, loop, options);
  Console console;
  const std::size_t size = app::Server::required_bytes(limits);
  const std::unique_ptr<void, decltype(&std::free)> memory(
      std::aligned_alloc(app::Server::kAlignment, size), &std::free);
  if (memory == nullptr) return 1;
  std::optional<app::Server> server;
  server.emplace(app, limits, files, loop, &console,
                 MutableBytes(static_cast<std::byte*>(memory.get()), size));
  if (cors != nullptr) server->allow_origins(*cors);
  net::asio::AsioListener listener(loop, *server);
  // Beyond the slots, some to be told that there is none.
  const std::uint32_t sockets = limits.max_connections + limits.max_refusals;
  if (!listener.open({.host = host, .port = port, .connection_count = sockets})) {
    std::fprintf(stderr, "%s:%u: %s\n", host, port, listener.failure().words.data());
    return 1;
  }
  std::printf("Server: http://%s:%u\n", host, listener.port());
  std::fflush(stdout);
  running_loop = &loop;
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  loop.run();
  std::printf("Arena of a connection: %zu of %zu bytes used at most\n", server->peak_arena_bytes(),
              limits.arena_bytes);
  server.reset();  // gives its connections back to the listener, and its files to the storage
  return 0;
}
