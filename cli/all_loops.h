// SPDX-License-Identifier: MIT
// AllLoops: what the loops of a program have done, told by each of them: so that who asks twice,
// and comes to another loop, sees no counter fall. A loop adds what it has done once a request,
// under a lock; how its connections are, also when one of the others is asked.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>

#include "wherry/app/monitor.h"
#include "wherry/app/server.h"
#include "wherry/app/transfer_log.h"
#include "wherry/base/status.h"
#include "wherry/coro/mailbox.h"

namespace wherry::cli {

class AllLoops final : public app::SharedCounts {
 public:
  class Loop;

  AllLoops();
  ~AllLoops();
  AllLoops(const AllLoops&) = delete;
  AllLoops& operator=(const AllLoops&) = delete;

  /// One more loop.  Lifetime: that of this; it must outlive the loop's server.
  Loop& add(app::TransferLog& log);

  app::Counts counts() const noexcept override;

 private:
  /// Sums over loops; of each loop that of its limits and peaks, too.
  struct Connections {
    std::uint64_t used = 0;
    std::uint64_t peak = 0;
    std::uint64_t limit = 0;
    std::uint64_t busy = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t evicted = 0;
    std::uint64_t arena_peak_bytes = 0;  // no sum: the highest
    std::uint64_t arena_failures = 0;
  };

  Connections connections() const noexcept;

  mutable std::mutex mutex_;
  app::Counts counts_;
  std::list<Loop> loops_;
};

/// What one loop tells the others, and what all of them have told.
class AllLoops::Loop final : public app::TransferLog, public StatusSource {
 public:
  Loop(AllLoops& all, app::TransferLog& log) noexcept;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Before the loop runs.
  void join(app::Server& server, const app::Limits& limits, coro::Mailbox& mailbox) noexcept;

  /// Counts it, and passes it on to the log.
  void record(const app::TransferRecord& record) noexcept override;
  void report(StatusSink& sink) const noexcept override;

 private:
  friend class AllLoops;

  struct Look : coro::Completion {
    explicit Look(Loop& its_loop) noexcept;
    Loop& loop;
  };

  // On its own loop, locked.
  void look_at_connections() noexcept;

  AllLoops& all_;
  app::TransferLog& log_;
  app::Server* server_ = nullptr;
  const app::Limits* limits_ = nullptr;
  coro::Mailbox* mailbox_ = nullptr;
  Look look_;
  // With the lock:
  Connections connections_;  // as they were when it last looked
  bool was_asked_ = false;   // look_ is in the mailbox
};

}  // namespace wherry::cli
