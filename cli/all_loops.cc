// SPDX-License-Identifier: MIT
#include "cli/all_loops.h"

#include <algorithm>
#include <utility>

namespace wherry::cli {

AllLoops::AllLoops() = default;
AllLoops::~AllLoops() = default;

AllLoops::Loop& AllLoops::add(app::TransferLog& log) { return loops_.emplace_back(*this, log); }

app::Counts AllLoops::counts() const noexcept {
  const std::lock_guard lock(mutex_);
  return counts_;
}

// Locked.
AllLoops::Connections AllLoops::connections() const noexcept {
  Connections sum;
  for (const Loop& loop : loops_) {
    const Connections& its = loop.connections_;
    sum.used += its.used;
    sum.peak += its.peak;
    sum.limit += its.limit;
    sum.busy += its.busy;
    sum.accepted += its.accepted;
    sum.refused += its.refused;
    sum.evicted += its.evicted;
    sum.arena_peak_bytes = std::max(sum.arena_peak_bytes, its.arena_peak_bytes);
    sum.arena_failures += its.arena_failures;
  }
  return sum;
}

AllLoops::Loop::Look::Look(Loop& its_loop) noexcept
    : coro::Completion([](coro::Completion& completion) noexcept {
        Loop& self = static_cast<Look&>(completion).loop;
        const std::lock_guard lock(self.all_.mutex_);
        self.was_asked_ = false;
        self.look_at_connections();
      }),
      loop(its_loop) {}

AllLoops::Loop::Loop(AllLoops& all, app::TransferLog& log) noexcept
    : all_(all), log_(log), look_(*this) {}

void AllLoops::Loop::join(app::Server& server, const app::Limits& limits,
                          coro::Mailbox& mailbox) noexcept {
  server_ = &server;
  limits_ = &limits;
  mailbox_ = &mailbox;
  server.share_counts(all_, *this);
  const std::lock_guard lock(all_.mutex_);
  look_at_connections();
}

void AllLoops::Loop::look_at_connections() noexcept {
  connections_ = {.used = server_->connection_count(),
                  .peak = server_->peak_connection_count(),
                  .limit = limits_->max_connections,
                  .busy = server_->busy_count(),
                  .accepted = server_->accepted_count(),
                  .refused = server_->refused_count(),
                  .evicted = server_->evicted_count(),
                  .arena_peak_bytes = server_->peak_arena_bytes(),
                  .arena_failures = server_->arena_failure_count()};
}

void AllLoops::Loop::record(const app::TransferRecord& record) noexcept {
  {
    const std::lock_guard lock(all_.mutex_);
    all_.counts_.add(record);
  }
  log_.record(record);
}

// The others' connections are as they were when one of the loops was asked last, or later: to wait
// for them would make this page wait for the slowest loop.
void AllLoops::Loop::report(StatusSink& sink) const noexcept {
  app::Counts::Totals totals;
  Connections all;
  {
    const std::lock_guard lock(all_.mutex_);
    for (Loop& loop : all_.loops_) {
      if (&loop == this) {
        loop.look_at_connections();
      } else if (!std::exchange(loop.was_asked_, true)) {
        loop.mailbox_->post(loop.look_);
      }
    }
    all = all_.connections();
    totals = all_.counts_.totals;
  }
  sink.section("connections");
  sink.gauge("used", all.used);
  sink.gauge("peak", all.peak);
  sink.gauge("limit", all.limit);
  sink.gauge("busy", all.busy);
  sink.counter("accepted", all.accepted);
  sink.counter("refused", all.refused);
  sink.counter("evicted", all.evicted);
  sink.section("transfers");
  sink.counter("complete", totals.complete);
  sink.counter("failed", totals.failed);
  sink.counter("received_bytes", totals.received_bytes);
  sink.counter("sent_bytes", totals.sent_bytes);
  sink.section("arena");
  sink.gauge("peak_bytes", all.arena_peak_bytes);
  sink.gauge("limit_bytes", limits_->arena_bytes);
  sink.counter("failures", all.arena_failures);
}

}  // namespace wherry::cli
