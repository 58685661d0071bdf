// SPDX-License-Identifier: MIT
// For Wherry's own tests: an application served in memory, and clients that send any bytes in any
// pieces, and read what comes back as strictly as HTTP allows: what is not well-formed throws.
// Knows no test framework, so that fuzz targets can use it too. What programs test themselves with
// is TestClient (app_client.h), made of this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/app/app_client.h"
#include "wherry/app/server.h"
#include "wherry/app/session.h"
#include "wherry/net/sim/network.h"
#include "wherry/storage/memory/memory_storage.h"

namespace wherry::app {

/// Reads all replies in `received`, in the order of the requests. `methods[i]` is that of the
/// request that the i-th final reply answers (missing: not HEAD). `has_ended`: the server sends
/// nothing more, which is the only end of a body without a length.
/// The last reply may be cut short: it is not whole then.
/// Throws std::runtime_error for what a strict client would refuse.
std::vector<Reply> read_replies(std::string_view received, const std::vector<std::string>& methods,
                                bool has_ended);

/// "200 404 100 …", for one line of comparison.
std::string statuses(const std::vector<Reply>& replies);

struct Recorded {
  std::string client;
  std::string method;
  std::string path;
  std::uint16_t status;
  std::uint64_t size;
  std::optional<std::uint32_t> crc32;
  std::uint64_t duration_ms;
  Error outcome;
};

class RecordingLog final : public TransferLog {
 public:
  void record(const TransferRecord& record) noexcept override;
  std::vector<Recorded> records;
};

/// Memory of any alignment that a server asks for.
class AlignedMemory {
 public:
  explicit AlignedMemory(std::size_t size)
      : size_(size), data_(static_cast<std::byte*>(::operator new(size, kAlignment))) {
    std::memset(data_, 0, size);  // of tests before there is nothing to be seen
  }
  AlignedMemory(const AlignedMemory&) = delete;
  AlignedMemory& operator=(const AlignedMemory&) = delete;
  ~AlignedMemory() { ::operator delete(data_, kAlignment); }
  MutableBytes bytes() const { return {data_, size_}; }

 private:
  static constexpr std::align_val_t kAlignment{Server::kAlignment};
  std::size_t size_;
  std::byte* data_;
};

/// Limits so small that a test reaches them.
Limits small_limits();

/// A network, a storage and a log: what an application is served with.
struct TestWorld {
  explicit TestWorld(std::uint64_t seed = 1, bool has_slow_storage = false,
                     std::uint32_t file_count = 16);

  /// The bytes of a stored file; none: there is no such file.
  std::optional<std::string> stored(std::string_view path);
  void store(std::string_view path, std::string_view content);
  /// Returns: "" when no connection, no file slot and no block beside those of files is in use.
  std::string leftovers() const;

  net::sim::SimNetwork network;
  AlignedMemory storage_memory;
  storage::memory::MemoryStorage storage;
  RecordingLog log;
};

/// A Server in a TestWorld.
class TestServer {
 public:
  explicit TestServer(const App& app, const Limits& limits = small_limits(), std::uint64_t seed = 1,
                      bool has_slow_storage = false);
  ~TestServer();

  /// Each client has a port of its own, from 51234 on, by which the log tells them apart.
  net::sim::SimPeer& connect(net::sim::SimOptions options = {});
  void run() { world.network.loop().run_until_idle(); }

  /// Sends each of `pieces` on a new connection, the next when all that follows from the one before
  /// has happened; then ends sending, and lets time pass until the connection is over.
  /// Returns: what came back.  Throws when the replies are malformed, when the log tells of others,
  /// or when the connection was reset.
  std::vector<Reply> exchange(const std::vector<std::string>& pieces,
                              net::sim::SimOptions options = {});
  /// The same with all of `input` at once.
  std::vector<Reply> exchange(std::string_view input) {
    return exchange(std::vector<std::string>{std::string(input)});
  }
  /// The only reply to `input`.
  Reply ask(std::string_view input);

  /// What has come to `peer` so far.
  std::vector<Reply> replies_to(const net::sim::SimPeer& peer) const;
  /// What the log tells of `peer`.
  std::vector<Recorded> records_of(const net::sim::SimPeer& peer) const;

  TestWorld world;
  Limits limits;
  AlignedMemory memory;
  std::optional<Server> server;

 private:
  std::map<const net::sim::SimPeer*, std::string> clients_;
};

/// One connection served without a Server, whose arena a test can reach.
class LoneSession final : public net::Acceptor, private SessionOwner {
 public:
  LoneSession(const App& app, const Limits& limits, TestWorld& world);
  ~LoneSession();

  void accepted(net::Connection& connection) noexcept override;
  bool is_over() const { return session_.connection == nullptr; }
  Error outcome() const { return outcome_; }

  coro::Arena& arena() { return arena_; }

 private:
  void became_idle() noexcept override {}
  bool is_closing() const noexcept override { return false; }

  Limits limits_;
  AlignedMemory input_memory_;
  AlignedMemory arena_memory_;
  Input input_;
  coro::Arena arena_;
  coro::Context context_;
  Claims claims_;
  Request::Services services_;
  Session session_;
  coro::Runner runner_;
  Error outcome_ = Error::none;
};

/// "PUT /upload/a HTTP/1.1" and so on, whole: with Host, and with Content-Length when `body` is
/// given. `fields` are lines, each with its CRLF.
std::string request_text(std::string_view method, std::string_view target,
                         std::string_view fields = "",
                         std::optional<std::string_view> body = std::nullopt);

/// `body` as chunks of `size` bytes each, with the last chunk.
std::string chunked(std::string_view body, std::size_t size);

}  // namespace wherry::app
