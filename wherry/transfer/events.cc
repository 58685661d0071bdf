// SPDX-License-Identifier: MIT
// GET /events: what happens to the requests of this server (of this loop, where there are several),
// as server-sent events:
//
//     started   {id, method, path, size if it is known}
//     progress  {id, bytes, rate}, at most 4 a second for each request, as long as it runs
//     done      {id, status, bytes, crc32 if it is known, duration_ms, outcome}
//     lost      {events}: how many came and went before this reader was there to take them
//
// `started` and `done` have ids: who comes back with Last-Event-ID gets those that he missed, as
// far as they are kept (limits.kept_events). The reader's own pace is all that bounds what he sees;
// nothing is kept for him.
#include <algorithm>

#include "wherry/app/event_stream.h"
#include "wherry/base/error_name.h"
#include "wherry/base/number.h"
#include "wherry/transfer/service.h"
#include "wherry/transfer/watch.h"

namespace wherry::transfer {
namespace {

constexpr std::uint32_t kTickMs = 250;
constexpr std::uint32_t kTicksUntilSignOfLife = 60;
constexpr std::size_t kMaxEventBytes = 256;

using app::EventWriter;
using app::Monitor;
using app::TransferEvent;

void write_started(const TransferEvent& event, EventWriter& into) noexcept {
  const ShownPath path(event.path());
  const ShownPath method(event.method());
  into.name("started");
  if (event.bytes == TransferEvent::kUnknown) {
    into.json({{"id", event.id}, {"method", method.view()}, {"path", path.view()}});
  } else {
    into.json({{"id", event.id},
               {"method", method.view()},
               {"path", path.view()},
               {"size", event.bytes}});
  }
}

void write_done(const TransferEvent& event, EventWriter& into) noexcept {
  const char* outcome = name_of(event.outcome);
  into.name("done");
  if (event.has_crc32) {
    into.json({{"id", event.id},
               {"status", event.status},
               {"bytes", event.bytes},
               {"crc32", hex32(event.crc32)},
               {"duration_ms", event.duration_ms},
               {"outcome", outcome}});
  } else {
    into.json({{"id", event.id},
               {"status", event.status},
               {"bytes", event.bytes},
               {"duration_ms", event.duration_ms},
               {"outcome", outcome}});
  }
}

/// What has happened and was not told: event after event, up to now.
class Backlog {
 public:
  Backlog(Monitor& monitor, std::uint32_t told) noexcept : monitor_(&monitor), told_(told) {}

  /// Returns: the next one, in `into`; empty: all has been told.
  Bytes next(EventWriter& into) noexcept {
    if (told_ == monitor_->newest()) return {};
    const std::uint32_t lost_count =
        monitor_->oldest() - 1 - std::min(told_, monitor_->oldest() - 1);
    if (lost_count > 0) {
      told_ += lost_count;
      return into.name("lost").json({{"events", lost_count}}).finish();
    }
    const TransferEvent& event = monitor_->event(++told_);
    into.id(told_);
    (event.kind == TransferEvent::Kind::started ? write_started : write_done)(event, into);
    return into.finish();
  }

 private:
  Monitor* monitor_;
  std::uint32_t told_;  // the number of the last event that was
};

/// How far each running request is: one after the other.
class Progress {
 public:
  explicit Progress(Monitor& monitor) noexcept : monitor_(&monitor), last_id_(monitor.last_id()) {}

  /// Returns: that of the next request, in `into`; empty: all have been told of.
  Bytes next(EventWriter& into) noexcept {
    for (; const app::Report* report = monitor_->requests().next_running(slot_); ++slot_) {
      // Of one that came since, `started` is told first.
      if (report->is_watching() || report->id() == 0 || report->id() > last_id_) continue;
      ++slot_;
      return into.name("progress")
          .json({{"id", report->id()}, {"bytes", report->bytes()}, {"rate", report->rate()}})
          .finish();
    }
    return {};
  }

 private:
  Monitor* monitor_;
  std::uint32_t last_id_;
  std::uint32_t slot_ = 0;
};

coro::AsyncGenerator<Bytes> watch(Request& request, Monitor::Subscription, std::uint32_t told) {
  Monitor& monitor = *request.monitor();
  std::array<char, kMaxEventBytes> memory;
  EventWriter event(memory);
  Backlog backlog(monitor, told);
  std::uint32_t quiet_ticks = kTicksUntilSignOfLife;  // the first shows that it has begun
  while (!monitor.requests().is_draining()) {
    ++quiet_ticks;
    monitor.announce_running();
    for (Bytes text = backlog.next(event); !text.empty(); text = backlog.next(event)) {
      quiet_ticks = 0;
      co_yield text;
    }
    Progress progress(monitor);
    for (Bytes text = progress.next(event); !text.empty(); text = progress.next(event)) {
      quiet_ticks = 0;
      co_yield text;
    }
    if (quiet_ticks > kTicksUntilSignOfLife) {
      quiet_ticks = 0;
      co_yield event.comment("").finish();
    }
    co_await request.loop().sleep(kTickMs);
  }
}

/// Returns: the event that a client has seen last. One that was never there is from another life of
/// this server: then all that is kept is new to him. None: what comes from now on.
std::uint32_t last_told(Request& request, const Monitor& monitor) noexcept {
  const auto field = request.header("Last-Event-ID");
  if (!field) return monitor.newest();
  const auto number = parse_decimal(*field);
  if (!number || *number > monitor.newest()) return monitor.oldest() - 1;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

Task<Response> events(Request& request) {
  request.transfer().is_watching = true;
  Monitor* monitor = request.monitor();
  Monitor::Subscription subscription =
      monitor != nullptr ? monitor->subscribe() : Monitor::Subscription(nullptr);
  if (!subscription) {
    co_return app::error_reply(request, 503, "As many clients watch as may; try again");
  }
  const std::uint32_t told = last_told(request, *monitor);
  co_return app::event_stream(request, watch(request, std::move(subscription), told));
}

}  // namespace wherry::transfer
