// SPDX-License-Identifier: MIT
// Worker: one loop with everything that it serves, for one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/all_loops.h"
#include "cli/options.h"
#include "wherry/app/server.h"
#include "wherry/net/asio/listener.h"
#include "wherry/net/asio/loop.h"
#include "wherry/storage/posix/posix_storage.h"
#include "wherry/transfer/upload_sweep.h"

namespace wherry::cli {

class Worker {
 public:
  /// Takes all of its memory. `limits` and `storage_options` are those of this one loop.
  Worker(const app::App& app, const app::Limits& limits,
         const storage::posix::Options& storage_options, const storage::posix::Root& root,
         storage::posix::DiskThreads& disk_threads, app::TransferLog& log,
         const StatusSource& process);
  ~Worker();
  /// Before it runs.  Lifetime: `cors` outlives the worker.
  void allow_origins(const app::Cors& cors) noexcept { server_->allow_origins(cors); }
  /// The same.  Lifetime: `shared` outlives the worker.
  void share_claims(app::SharedClaims& shared) noexcept { server_->share_claims(shared, loop_); }
  /// The same.  Lifetime: `loop` outlives the worker.
  void share_counts(AllLoops::Loop& loop) noexcept { loop.join(*server_, limits_, loop_); }
  /// Sweeps uploads that nobody goes on with, from now on. One worker of a program does.
  void keep_uploads() noexcept;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Returns: an empty string, or what is wrong.
  std::string listen(const std::string& host, std::uint16_t port, bool shares_port);
  std::uint16_t port() const noexcept { return listener_->port(); }

  /// Serves until it has been told to stop, on the calling thread.
  void run() noexcept { loop_.run(); }

  // From any thread:
  /// Accepts no more, lets running requests finish for up to `grace_ms`, then stops.
  void finish(std::uint32_t grace_ms) noexcept;
  /// Stops now.
  void stop() noexcept { loop_.stop(); }

 private:
  struct Order : coro::Completion {
    explicit Order(Worker& its_worker) noexcept;
    Worker& worker;
    std::uint32_t grace_ms = 0;
  };

  void begin_finishing(std::uint32_t grace_ms) noexcept;
  coro::Task<> wait_for_the_last(coro::Context& context, std::uint32_t grace_ms);

  struct FreeMemory {
    void operator()(std::byte* memory) const noexcept;
  };

  app::Limits limits_;
  net::asio::AsioLoop loop_;
  std::unique_ptr<storage::posix::PosixStorage> storage_;
  std::unique_ptr<std::byte, FreeMemory> memory_;
  std::unique_ptr<app::Server> server_;
  std::unique_ptr<net::asio::AsioListener> listener_;
  std::optional<transfer::UploadKeeper> keeper_;

  Order order_{*this};
  alignas(coro::Arena::kAlignment) std::array<std::byte, 1024> arena_memory_{};
  coro::Arena arena_{arena_memory_};
  coro::Context context_{arena_, loop_.ready_list()};
  coro::Runner finisher_;
};

}  // namespace wherry::cli
