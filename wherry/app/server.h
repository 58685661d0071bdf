// SPDX-License-Identifier: MIT
// Server: the connection slots of one loop, and who gets one.
//
// A new connection takes a free slot; else that of the connection that has been idle for longest;
// else it is told 503 by one of a few small refusal slots. A buffer and an arena, which are most of
// what a connection costs, it has only while it is in a request: there is one of each for each
// slot, and the pair that came back last is lent first, so that what was never needed was never
// touched. All memory is given at construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wherry/app/cors.h"
#include "wherry/app/limits.h"
#include "wherry/app/monitor.h"
#include "wherry/app/session.h"
#include "wherry/base/status.h"
#include "wherry/coro/arena.h"
#include "wherry/coro/runner.h"
#include "wherry/net/net.h"

namespace wherry::app {

class Server final : public net::Acceptor,
                     public StatusSource,
                     private coro::Waiter,
                     private TransferLog,
                     private RunningRequests {
 public:
  /// What a server of these limits needs, in bytes: a sum over its slots.
  static constexpr std::size_t required_bytes(const Limits& limits) noexcept;

  /// Of that, what each connection takes; what each request takes beside its buffer and its arena;
  /// and what a refusal does.
  static constexpr std::size_t slot_bytes() noexcept;
  static constexpr std::size_t workspace_bytes() noexcept;
  static constexpr std::size_t refusal_bytes() noexcept;

  /// `memory`: required_bytes(limits), aligned to kAlignment.  Lifetime: all outlive the server.
  static constexpr std::size_t kAlignment = 64;
  Server(const App& app, const Limits& limits, storage::Storage& storage, net::Loop& loop,
         TransferLog* log, MutableBytes memory) noexcept;

  /// Ends every connection where it stands.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// What else is told of when this server is: its machine. Lifetime: `source` outlives it.
  void tell_also(const StatusSource& source) noexcept { machine_ = &source; }

  /// Tells of several loops from here on: `counts` are those of their requests, and `source` tells
  /// in this server's stead the sections connections, transfers and arena. Lifetime: both outlive
  /// the server.
  void share_counts(const SharedCounts& counts, const StatusSource& source) noexcept {
    monitor_.share(counts);
    all_loops_ = &source;
  }

  /// Lets pages of other origins use this server.  Lifetime: `cors` outlives it.
  void allow_origins(const Cors& cors) noexcept {
    services_.cors = &cors;
    services_.added_head_bytes = static_cast<std::uint16_t>(cors.field_bytes());
  }

  /// Lets the newest request take what one of another loop has claimed (app/claims.h). Before the
  /// first connection. `mailbox`: this server's loop's.  Lifetime: both outlive the server.
  void share_claims(SharedClaims& shared, coro::Mailbox& mailbox) noexcept {
    claims_.share(shared, mailbox);
  }
  Claims& claims() noexcept { return claims_; }

  void accepted(net::Connection& connection) noexcept override;
  void report(StatusSink& sink) const noexcept override;

  /// Closes what is idle and takes no further requests; those that run go on to their ends.
  void drain() noexcept;

  std::uint32_t busy_count() const noexcept { return busy_count_; }
  std::uint32_t connection_count() const noexcept { return connection_count_; }
  std::uint32_t peak_connection_count() const noexcept { return peak_connection_count_; }
  std::uint64_t accepted_count() const noexcept { return accepted_count_; }
  std::uint64_t refused_count() const noexcept { return refused_count_; }
  std::uint64_t evicted_count() const noexcept { return evicted_count_; }
  /// The most bytes that any connection's arena ever held.
  std::size_t peak_arena_bytes() const noexcept;
  /// How often one had no room.
  std::uint32_t arena_failure_count() const noexcept;

 private:
  class Workspace;
  class Slot;
  class Refusal;

  /// Slots from the one that has been so for longest to the one that has been so for shortest.
  class SlotList {
   public:
    Slot* oldest() const noexcept { return oldest_; }
    void append(Slot& slot) noexcept;
    void remove(Slot& slot) noexcept;

   private:
    Slot* oldest_ = nullptr;
    Slot* newest_ = nullptr;
  };

  void record(const TransferRecord& record) noexcept override;
  Report* next_running(std::uint32_t& slot) noexcept override;
  bool is_draining() const noexcept override { return is_closing_; }
  void report_own(StatusSink& sink) const noexcept;
  Workspace& take_workspace() noexcept;
  const coro::Arena* second_arena_of(const Workspace& workspace) const noexcept;
  void give_back(Workspace& workspace) noexcept;

  void has_come(Slot& slot) noexcept;
  void begin_requests() noexcept;
  Slot* find_idle_slot() noexcept;
  void refuse(net::Connection& connection) noexcept;

  const App* app_;
  const Limits* limits_;
  net::Loop* loop_;
  TransferLog* log_;
  const StatusSource* machine_ = nullptr;
  const StatusSource* all_loops_ = nullptr;  // where there are several
  std::optional<coro::Arena> common_arena_;
  std::span<Workspace> workspaces_;  // those that have been needed; there may be one for each slot
  coro::Arena* second_arenas_ = nullptr;  // of the workspaces, in their order
  MutableBytes workspace_memory_;         // of the others: nothing is written into it before
  Workspace* free_workspace_ = nullptr;
  std::span<Slot> slots_;
  std::span<Refusal> refusals_;
  SlotList free_;
  SlotList waiting_;  // for their first request
  SlotList idle_;     // between two requests
  SlotList come_;     // something has come, or the time is over: has its turn in this round
  std::uint32_t busy_count_ = 0;
  std::uint32_t connection_count_ = 0;
  std::uint32_t peak_connection_count_ = 0;
  std::uint64_t accepted_count_ = 0;
  std::uint64_t refused_count_ = 0;
  std::uint64_t evicted_count_ = 0;
  Monitor monitor_;
  Claims claims_;
  Request::Services services_;
  bool is_closing_ = false;
};

/// What serve() needs, while a connection is in a request.
class Server::Workspace final : private SessionOwner {
 public:
  /// `common`: where what finds no room in its own arena is looked for; nullptr: nowhere.
  Workspace(Server& server, MutableBytes input_memory, MutableBytes arena_memory,
            coro::Arena* common) noexcept;

  /// To be called in a round of the loop that has begun after a byte of the request was there.
  void start(Slot& slot, net::Connection& connection) noexcept;
  /// Forgets all of the connection, whose task has ended or ends where it stands.
  void clear() noexcept;

  const Session& session() const noexcept { return session_; }
  const coro::Arena& arena() const noexcept { return arena_; }

  Workspace* next_free = nullptr;

 private:
  void became_idle() noexcept override;
  bool is_closing() const noexcept override;

  Slot* slot_ = nullptr;
  Input input_;
  coro::Arena arena_;
  coro::Context context_;
  Session session_;
  coro::Runner runner_;
};

/// One connection slot: who has it, and whose turn it is to give way. All that an idle connection
/// takes of a server.
class Server::Slot final : private net::InputWaiter {
 public:
  explicit Slot(Server& server) noexcept : server_(&server) {}

  void start(net::Connection& connection) noexcept;
  /// Serves what has come, or ends.
  void go_on() noexcept;
  /// Its request has been answered, and its connection is kept; or does not need to be.
  void became_idle() noexcept;
  /// Its request has ended, and so has the use of its workspace.
  void served(Error error) noexcept;
  /// Ends the connection where it stands.
  void stop() noexcept;

  /// Milliseconds, up to 49 days; only slots that wait have such a time.
  std::uint32_t idle_ms() const noexcept { return uptime_ms() - idle_since_ms_; }
  /// Whether one that is in no request may be ended for another connection.
  bool gives_way() const noexcept;
  Slot* newer() const noexcept { return newer_; }
  bool is_free() const noexcept { return connection_ == nullptr; }
  Server& server() const noexcept { return *server_; }
  /// The last bits of the ready list's round in which its request has come: it is served in the
  /// round after that, or in the one after the next.
  std::uint8_t come_round() const noexcept { return come_round_; }
  /// Of the request that it is in; nullptr: it is in none.
  Report* report() const noexcept;
  void move_to(SlotList* list) noexcept;

 private:
  friend class SlotList;

  void input_has_come(Error error) noexcept override;
  std::uint32_t uptime_ms() const noexcept {
    return static_cast<std::uint32_t>(server_->loop_->uptime_ms());
  }
  void wait_for_request() noexcept;
  void leave_workspace() noexcept;
  void release() noexcept;

  Server* server_;
  Slot* older_ = nullptr;
  Slot* newer_ = nullptr;
  SlotList* list_ = nullptr;  // none while it is in a request
  net::Connection* connection_ = nullptr;
  Workspace* workspace_ = nullptr;  // while it is in a request
  std::uint32_t idle_since_ms_ = 0;
  bool was_served_ = false;  // its connection has had a request before
  bool is_waiting_ = false;  // for input
  bool is_over_ = false;     // none has come in time
  std::uint8_t come_round_ = 0;
};

/// Tells one connection that there is no slot.
class Server::Refusal {
 public:
  // The frames of refusing and of reading what the client still sends.
  static constexpr std::size_t kArenaBytes = 128 * sizeof(void*);
  static constexpr std::size_t kInputBytes = 512;

  explicit Refusal(Server& server) noexcept;

  bool is_free() const noexcept { return session_.connection == nullptr; }
  void start(net::Connection& connection) noexcept;
  void stop() noexcept;

 private:
  alignas(coro::Arena::kAlignment) std::array<std::byte, kArenaBytes> arena_memory_{};
  std::array<std::byte, kInputBytes> input_memory_{};
  Input input_;
  coro::Arena arena_;
  coro::Context context_;
  Session session_;
  coro::Runner runner_;
};

namespace internal {
constexpr std::size_t round_up(std::size_t size, std::size_t alignment) noexcept {
  return (size + alignment - 1) / alignment * alignment;
}
constexpr std::size_t kPageBytes = 4096;

/// Where there are pages, what most requests use of a workspace lies in one. First in it is an
/// arena of this size, in which a plain upload finds room; behind that begins the buffer, with the
/// request's head and what comes with it. At a later page begins the second arena, for those that
/// need more. Returns: 0 where there are no pages; then there is one arena.
constexpr std::size_t first_arena_bytes(const Limits& limits) noexcept {
  constexpr std::size_t kUsedByUpload = 2944;
  const bool are_pages = sizeof(void*) == 8 && input_bytes(limits) % kPageBytes == 0 &&
                         limits.arena_bytes % kPageBytes == 0;
  return are_pages ? kUsedByUpload : 0;
}
constexpr std::size_t workspace_alignment(const Limits& limits) noexcept {
  return first_arena_bytes(limits) > 0 ? kPageBytes : Server::kAlignment;
}
/// Of a workspace, the buffer and all that lies before it.
constexpr std::size_t front_bytes(const Limits& limits) noexcept {
  return round_up(first_arena_bytes(limits) + input_bytes(limits), workspace_alignment(limits));
}
}  // namespace internal

constexpr std::size_t Server::slot_bytes() noexcept { return sizeof(Slot); }

constexpr std::size_t Server::workspace_bytes() noexcept { return sizeof(Workspace); }

constexpr std::size_t Server::refusal_bytes() noexcept { return sizeof(Refusal); }

constexpr std::size_t Server::required_bytes(const Limits& limits) noexcept {
  using internal::round_up;
  return round_up(limits.max_connections * (sizeof(Slot) + sizeof(Workspace)), kAlignment)  // state
         + round_up(limits.max_refusals * sizeof(Refusal), kAlignment)       // 503 in progress
         + round_up(limits.common_arena_bytes, kAlignment)                   // what all share
         + round_up(limits.kept_events * sizeof(TransferEvent), kAlignment)  // for who watches
         + (internal::first_arena_bytes(limits) > 0                          // where it is two
                ? round_up(limits.max_connections * sizeof(coro::Arena), kAlignment)
                : 0) +
         internal::workspace_alignment(limits) - kAlignment                        // up to a page
         + limits.max_connections * (internal::front_bytes(limits)                 // head, body
                                     + round_up(limits.arena_bytes, kAlignment));  // frames, texts
}

/// A server's memory where its limits are known at compile time.
template <Limits kLimits>
struct ServerMemory {
  alignas(Server::kAlignment) std::array<std::byte, Server::required_bytes(kLimits)> bytes;
};

}  // namespace wherry::app
