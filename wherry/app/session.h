// SPDX-License-Identifier: MIT
// Session: one connection and everything that serving it needs: its buffer, its arena, the
// application. serve() is the loop that turns its bytes into requests and answers them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "wherry/app/input.h"
#include "wherry/app/route.h"
#include "wherry/app/transfer_log.h"
#include "wherry/coro/context.h"
#include "wherry/coro/task.h"
#include "wherry/http/request_head.h"

namespace wherry::app {

/// What becomes of the connection after a request.
enum class After : std::uint8_t {
  next,    // it waits for the next request
  linger,  // it ends; the client may still be sending: let it see the reply first
  close,   // there is nobody to see a reply
};

/// Who must know whether a connection is in a request: whoever has too few of them.
class SessionOwner {
 public:
  /// It has been answered: it is only kept so that it sees the answer, or may ask again.
  virtual void became_idle() noexcept = 0;
  /// Whether no further request is to be taken: the server is shutting down.
  virtual bool is_closing() const noexcept = 0;

 protected:
  ~SessionOwner() = default;
};

class Report;

struct Session {
  coro::Context* scope;
  net::Connection* connection;
  Input* input;
  const App* app;
  const Request::Services* services;
  SessionOwner* owner;
  TransferLog* log;          // may be nullptr
  Report* report = nullptr;  // of the request that is being answered
  After after = After::next;
  /// Whether its next request had begun to arrive before the loop's present round began.
  bool has_come_before_round = false;

  coro::Context& context() const noexcept { return *scope; }
  const Limits& limits() const noexcept { return *services->limits; }
  net::Loop& loop() const noexcept { return *services->loop; }
};

/// Serves requests as long as something of one has come: to be called when a first byte has, or is
/// about to. Then the session's `after` says whether its owner closes the connection (`close`), or
/// waits for the next request (`next`), for which nothing of the session's memory is needed.
coro::Task<> serve(Session& session);

/// A request that has begun to arrive.
struct Arrival {
  std::string_view head;         // the whole of its head; empty when that could not be read
  std::uint64_t started_ms = 0;  // the loop's uptime
  std::uint32_t id = 0;          // under which it has been told of (app/monitor.h); 0: it has not
  storage::Freshness freshness = storage::Freshness::now;  // of the files that it asks for
};

/// Answers one request.
/// Errors: what kept it from being answered, when nothing of an answer has been sent: refuse it.
coro::Task<After> answer(Session& session, Arrival& arrival);

/// Answers what could not be served: the error as JSON, then the connection ends. Called when
/// nothing of the request is left in the arena, so that there is memory to say that there was none.
coro::Task<After> refuse(Session& session, const Arrival& arrival, Error error);

/// Writes the head of `response`. `closes`: says that the connection ends with it.
/// Returns: the head, in request memory.
/// Errors: no_memory, internal (a field that cannot be sent).
Result<Bytes> write_head(Session& session, Request& request, Response& response,
                         bool closes) noexcept;

/// `response`: one whose head could be written.
/// Returns: the body that goes out with the head, perhaps an empty one; none when the body is made
/// or read while it is sent.
std::optional<Bytes> body_at_hand(Request& request, Response& response) noexcept;

/// Sends `head` and a body that is not at hand.
/// Returns: the bytes of content that were sent.
/// Errors: those of the connection, the file or the generator; no_memory, before anything has been
/// sent.
coro::Task<std::uint64_t> send_response(Session& session, Request& request, Response& response,
                                        Bytes head) noexcept;

/// Ends sending, then reads and drops what still comes, within limits.linger_*.
/// Source: RFC 9112 §9.6.
coro::Task<> linger(Session& session);

}  // namespace wherry::app
