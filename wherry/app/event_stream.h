// SPDX-License-Identifier: MIT
// Server-sent events: what a page's EventSource reads, one event after the other, for as long as
// both sides wish.
//
//     AsyncGenerator<Bytes> ticks(Request& req) {
//       std::array<char, 128> memory;
//       EventWriter event(memory);
//       for (std::uint64_t n = 0;; ++n) {
//         co_yield event.name("tick").id(n).data("…").finish();
//         co_await req.loop().sleep(1000);
//       }
//     }
//     Task<Response> tick(Request& req) { co_return event_stream(req, ticks(req)); }
//
// A reader that is slow is waited for: the generator goes on when its last event has been taken, so
// that nothing is kept for anybody. One that has gone is noticed by the next write: send a comment
// now and then where events are rare.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "wherry/app/response.h"

namespace wherry::app {

/// Writes one event after the other into memory that the caller lends. The calls may come in any
/// order; each but `data` belongs once to an event.
/// What does not fit, and a name or an id with a line break in it, makes the whole event empty.
/// Source: HTML Standard §9.2.5 (event stream format).
class EventWriter {
 public:
  explicit EventWriter(std::span<char> memory) noexcept : text_(memory) {}

  /// What kind of event it is; "message" when nothing is said.
  EventWriter& name(std::string_view name) noexcept { return line("event: ", name); }
  /// What a client that comes back says to have seen (Last-Event-ID).
  EventWriter& id(std::string_view id) noexcept { return line("id: ", id); }
  EventWriter& id(std::uint64_t id) noexcept;
  /// After how long a client may come back.
  EventWriter& retry_ms(std::uint32_t duration_ms) noexcept;
  /// Any text: its lines come as they are, a line break is "\n" in the end.
  EventWriter& data(std::string_view text) noexcept;
  /// A JSON object of scalars.
  EventWriter& json(std::initializer_list<JsonMember> members) noexcept;
  /// Nothing to a page; keeps the connection alive, and shows when it is not.
  EventWriter& comment(std::string_view text) noexcept { return line(": ", text); }

  /// Ends the event; the next one begins.
  /// Returns: the event; empty when it could not be written.
  /// Lifetime: up to the next call.
  Bytes finish() noexcept;

 private:
  EventWriter& line(std::string_view field, std::string_view value) noexcept;
  void begin() noexcept;

  TextWriter text_;
  bool is_begun_ = false;
  bool is_refused_ = false;
};

/// A stream of what `events` makes: each yields whole events, as EventWriter writes them. It ends
/// when the generator does, or when the client has gone.
Response event_stream(Request& request, coro::AsyncGenerator<Bytes> events) noexcept;

}  // namespace wherry::app
