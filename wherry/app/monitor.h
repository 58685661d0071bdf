// SPDX-License-Identifier: MIT
// Monitor: what one server counts of its requests, and tells those who watch them: totals, errors
// by kind, durations, and the last things that happened, in a ring of fixed size. Knows no text
// format; who is told, and how, is the affair of /status, /metrics and /events.
//
// A request is told of as `started` when somebody looks, or else when it is done: nobody pays for
// being watched while nobody watches. `started` is always told before `done`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "wherry/app/transfer_log.h"

namespace wherry::app {

class Report;

/// Something that happened to one request.
struct TransferEvent {
  enum class Kind : std::uint8_t { started, done };
  static constexpr std::uint64_t kUnknown = UINT64_MAX;
  static constexpr std::size_t kMaxMethodBytes = 8;
  static constexpr std::size_t kMaxPathBytes = 48;  // of a longer one its beginning

  std::uint64_t bytes;  // started: of content, as announced, or kUnknown; done: that went over
  std::uint32_t id;     // of the request: the same in both, never 0
  std::uint32_t duration_ms;
  std::uint32_t crc32;
  std::uint16_t status;
  Kind kind;
  Error outcome;
  bool has_crc32;
  std::uint8_t method_bytes;
  std::uint8_t path_bytes;
  std::array<char, kMaxMethodBytes + kMaxPathBytes> text;  // from the network

  std::string_view method() const noexcept { return {text.data(), method_bytes}; }
  std::string_view path() const noexcept { return {text.data() + kMaxMethodBytes, path_bytes}; }
};

/// How long requests took: how many up to each bound, and all.
struct Durations {
  static constexpr std::array<std::uint32_t, 10> kBoundsMs = {
      5, 25, 100, 500, 1'000, 5'000, 30'000, 120'000, 600'000, 3'600'000};
  std::array<std::size_t, kBoundsMs.size() + 1> counts{};  // of each range; the last: above all
  std::uint64_t sum_ms = 0;

  void add(std::uint64_t duration_ms) noexcept;
};

/// What is counted of requests that are over.
struct Counts {
  struct Totals {
    std::uint64_t complete = 0;
    std::uint64_t failed = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
  };
  Totals totals;
  Durations durations;  // of those that do not watch the others
  std::array<std::size_t, static_cast<std::size_t>(Error::count_)> errors{};

  void add(const TransferRecord& record) noexcept;
};

/// The counts of several loops together, which a program with several brings.
class SharedCounts {
 public:
  /// From any loop.  Returns: those of this moment.
  virtual Counts counts() const noexcept = 0;

 protected:
  ~SharedCounts() = default;
};

/// Whose requests they are: the server.
class RunningRequests {
 public:
  /// Returns: the request that is being answered in the slot of index `slot`, or in the first
  /// behind it that is in one; `slot` becomes that slot's. nullptr: there is none.
  virtual Report* next_running(std::uint32_t& slot) noexcept = 0;
  /// Whether the server takes no more requests: who watches it ends now.
  virtual bool is_draining() const noexcept = 0;

 protected:
  ~RunningRequests() = default;
};

class Monitor {
 public:
  /// `ring`: for as many events as are kept.  Lifetime: both outlive the monitor.
  Monitor(RunningRequests& requests, std::span<TransferEvent> ring,
          std::uint32_t max_subscribers) noexcept
      : requests_(&requests), ring_(ring), max_subscribers_(max_subscribers) {}
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// A request is over.
  void record(const TransferRecord& record) noexcept;

  /// Tells, from here on, what several loops have counted.  Lifetime: longer than the monitor.
  void share(const SharedCounts& shared) noexcept { shared_ = &shared; }

  Counts counts() const noexcept { return shared_ != nullptr ? shared_->counts() : counts_; }
  const Counts::Totals& totals() const noexcept { return counts_.totals; }  // of this loop alone

  RunningRequests& requests() noexcept { return *requests_; }

  /// Tells of each running request that nobody has been told of yet. Then `last_id` is that of the
  /// youngest.
  void announce_running() noexcept;
  std::uint32_t last_id() const noexcept { return last_id_; }

  /// Events have numbers from 1 on; those up to `newest` have happened, those before `oldest` are
  /// forgotten. None is kept: oldest() is newest() + 1.
  std::uint32_t newest() const noexcept { return newest_; }
  std::uint32_t oldest() const noexcept;
  /// `number`: from oldest() to newest().  Lifetime: up to the next event.
  const TransferEvent& event(std::uint32_t number) const noexcept;

  /// The right to watch, of which there are few: each holds a connection.
  class Subscription {
   public:
    explicit Subscription(Monitor* monitor) noexcept : monitor_(monitor) {}
    Subscription(Subscription&& other) noexcept
        : monitor_(std::exchange(other.monitor_, nullptr)) {}
    Subscription& operator=(Subscription&&) = delete;
    ~Subscription() {
      if (monitor_ != nullptr) --monitor_->subscriber_count_;
    }
    explicit operator bool() const noexcept { return monitor_ != nullptr; }

   private:
    Monitor* monitor_;
  };
  /// Returns: an empty one when all are taken.
  Subscription subscribe() noexcept;

 private:
  TransferEvent& append(TransferEvent::Kind kind, std::uint32_t id) noexcept;
  std::uint32_t start(std::string_view method, std::string_view path,
                      std::optional<std::uint64_t> size) noexcept;

  RunningRequests* requests_;
  std::span<TransferEvent> ring_;
  std::uint32_t max_subscribers_;
  std::uint32_t subscriber_count_ = 0;
  std::uint32_t newest_ = 0;
  std::uint32_t last_id_ = 0;
  Counts counts_;
  const SharedCounts* shared_ = nullptr;
};

}  // namespace wherry::app
