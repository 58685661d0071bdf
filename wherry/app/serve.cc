// SPDX-License-Identifier: MIT
// The life of a connection: head, request, answer, and again. What the answer is, is respond.cc's
// subject; where its bytes come from, send.cc's; who owns the connection, server.h's.
#include <algorithm>
#include <array>
#include <utility>

#include "wherry/app/report.h"
#include "wherry/app/respond.h"
#include "wherry/app/session.h"
#include "wherry/http/date.h"
#include "wherry/http/response_head.h"

namespace wherry::app {
namespace {

// A request body that nobody read is dropped after the reply when so little of it is left that the
// connection is worth it.
constexpr std::uint64_t kWorthDropping = 64 * 1024;

/// Reads until a whole head is there. Returns: its size.
coro::Task<std::size_t> receive_head(Session& session) {
  const Limits& limits = session.limits();
  http::HeadScanner scanner({limits.max_readline, limits.max_header_bytes});
  const std::uint64_t deadline_ms = session.loop().uptime_ms() + limits.header_ms;
  while (true) {
    const std::size_t size = co_await scanner.scan(as_text(session.input->unread()));
    if (size > 0) co_return size;
    const std::uint64_t now_ms = session.loop().uptime_ms();
    if (now_ms >= deadline_ms) co_return Error::timed_out;
    const MutableBytes more = co_await session.connection->read(
        session.input->room(), static_cast<std::uint32_t>(deadline_ms - now_ms));
    session.input->filled(more.size());
  }
}

/// Of the requests that lie one behind the other only the first is known to have begun before the
/// round: those behind it may have come later, and are to see what those before them did. An empty
/// line in front of it belongs to no request: what came with it or after it may have come later,
/// too.
storage::Freshness freshness_of(Session& session, std::string_view head) noexcept {
  const bool has_come_before_round = std::exchange(session.has_come_before_round, false);
  return has_come_before_round && head.front() != '\r' ? storage::Freshness::round
                                                       : storage::Freshness::now;
}

/// Reads the head of a request, and makes the request, in `into`, of what it says.
Result<> read_head(Session& session, const Arrival& arrival,
                   std::optional<Request>& into) noexcept {
  const auto head = http::RequestHead::parse(arrival.head);
  if (!head) return head.error();
  const auto target = http::parse_target(head->target(), head->method());
  if (!target) return Error::malformed;
  const auto framing = http::body_framing(*head);
  if (!framing) return framing.error();
  if (const auto host = http::check_host(*head); !host) return host.error();
  const auto expects = http::expects_continue(*head);
  if (!expects) return expects.error();
  into.emplace(*session.scope, *session.connection, *session.input, *session.services, *head,
               *target, *framing, *expects);
  into->set_freshness(arrival.freshness);
  return {};
}

/// What becomes of the connection, as far as that is known before the reply is sent.
After plan(Session& session, Request& request, Error error) noexcept {
  Body& body = request.body();
  const bool keeps =
      http::keeps_alive(request.head()) && !describe(error).closes && !session.owner->is_closing();
  if (body.is_finished()) return keeps ? After::next : After::linger;
  // A client that still waits for 100 may or may not send the body now (RFC 9110 §10.1.1).
  const bool is_worth_dropping =
      !body.awaits_continue() && body.remaining_bytes() <= kWorthDropping;
  return keeps && is_worth_dropping ? After::next : After::linger;
}

coro::Task<> drop_rest(Body& body) {
  while (true) {
    const Bytes dropped = co_await body.next();
    if (dropped.empty()) co_return;
  }
}

/// Returns: the whole reply to a request that could not be served, in `into` (at most 300 bytes).
Bytes write_refusal(Session& session, Error error, bool has_content, MutableBytes into) noexcept {
  const ErrorInfo& info = describe(error);
  std::array<char, 128> body_memory;
  JsonWriter body(body_memory);
  body.object({{"error", info.text}});
  const auto text = body.text();
  WHERRY_ASSERT(text.has_value());
  http::ResponseHead head(into, info.status);
  if (const auto now = session.loop().unix_time_s()) head.field("Date", http::http_date(*now));
  head.field("Content-Type", "application/json")
      .field("Content-Length", text->size())
      .field("Connection", "close");
  const auto written = head.finish();
  WHERRY_ASSERT(written.has_value() && written->size() + text->size() <= into.size());
  if (!has_content) return *written;
  std::ranges::copy(as_bytes(*text), into.begin() + static_cast<std::ptrdiff_t>(written->size()));
  return into.first(written->size() + text->size());
}

}  // namespace

coro::Task<After> answer(Session& session, Arrival& arrival) {
  std::optional<Request> request_place;
  co_await read_head(session, arrival, request_place);
  Request& request = *request_place;
  Report report(session, request, arrival);
  Error error = Error::none;
  auto response = co_await coro::as_result(respond(*session.app, request, error));
  if (!response) {
    error = response.error();
    if (error == Error::closed) {
      report.tell(0, 0, error);
      co_return After::close;
    }
    response = co_await coro::as_result(respond_to_error(*session.app, request, error));
  }
  if (!response) co_return report.leave_to_refusal(response.error());
  if (response->failure() != Error::none) co_return report.leave_to_refusal(response->failure());
  After after = plan(session, request, error);
  // Without a length and without chunks, the end of the connection is the end of the body.
  const bool ends_body = !response->size() && request.head().version_minor() == 0;
  if (ends_body) after = After::linger;
  const auto head = write_head(session, request, *response, after != After::next);
  if (!head) co_return report.leave_to_refusal(head.error());
  report.replies(*response, head->size());
  const std::uint64_t sent_before = report.sent_bytes();
  Result<std::uint64_t> sent = 0;
  if (const auto body = body_at_hand(request, *response)) {
    // Without a frame of its own: what a handler has committed can be told even where no memory is
    // left.
    const auto written = co_await coro::as_result(session.connection->write(*head, *body));
    sent = written ? Result<std::uint64_t>(body->size()) : written.error();
  } else {
    sent = co_await coro::as_result(send_response(session, request, *response, *head));
  }
  const std::uint64_t sent_bytes = report.sent_bytes() - sent_before;
  const bool is_gone = error_of(sent) == Error::closed || error_of(sent) == Error::timed_out;
  if (!sent && sent_bytes == 0 && !is_gone) co_return report.leave_to_refusal(sent.error());
  report.tell(response->status(), sent ? *sent : sent_bytes,
              error != Error::none ? error : error_of(sent));
  if (!sent) co_return After::close;
  if (after == After::next && !request.body().is_finished()) {
    const auto dropped = co_await coro::as_result(drop_rest(request.body()));
    if (!dropped) co_return After::close;
  }
  co_return after;
}

coro::Task<After> refuse(Session& session, const Arrival& arrival, Error error) {
  const ErrorInfo& info = describe(error);
  const auto head = http::RequestHead::parse(arrival.head);
  if (session.log != nullptr) {
    std::array<char, net::Connection::kPeerBytes> peer;
    TransferRecord record{session.connection->peer(peer),
                          head ? head->method_text() : "-",
                          head ? head->target() : "-",
                          info.status,
                          0,
                          std::nullopt,
                          session.loop().uptime_ms() - arrival.started_ms,
                          error};
    record.is_request = head.has_value();
    record.id = arrival.id;
    session.log->record(record);
  }
  if (info.status == 0) co_return After::close;
  const bool has_content = !head || head->method() != http::Method::head;
  session.input->forget_all();  // nobody reads the request any more: there is room for the reply
  co_await session.connection->write(
      write_refusal(session, error, has_content, session.input->room()));
  co_return After::linger;
}

coro::Task<> linger(Session& session) {
  const Limits& limits = session.limits();
  session.connection->shut_down_sending();
  session.input->forget_all();
  const std::uint64_t deadline_ms = session.loop().uptime_ms() + limits.linger_ms;
  std::uint64_t dropped = 0;
  while (dropped < limits.linger_bytes) {
    const std::uint64_t now_ms = session.loop().uptime_ms();
    if (now_ms >= deadline_ms) co_return;
    const MutableBytes unwanted = co_await session.connection->read(
        session.input->room(), static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                   deadline_ms - now_ms, limits.linger_idle_ms)));
    dropped += unwanted.size();
  }
}

coro::Task<> serve(Session& session) {
  After after = After::next;
  do {
    Arrival arrival;
    const auto head_size = co_await coro::as_result(receive_head(session));
    // Silence between requests, or the end of the connection, is no error that anyone is told.
    const bool is_over = error_of(head_size) == Error::closed;
    if (is_over || (!head_size && session.input->is_empty())) {
      after = After::close;
      break;
    }
    arrival.started_ms = session.loop().uptime_ms();
    Result<After> answered = error_of(head_size);
    if (head_size) {
      arrival.head = session.input->keep_head(*head_size);
      arrival.freshness = freshness_of(session, arrival.head);
      answered = co_await coro::as_result(answer(session, arrival));
    }
    if (!answered) answered = co_await coro::as_result(refuse(session, arrival, answered.error()));
    after = answered.value_or(After::close);
    session.input->forget_head();
    if (session.owner->is_closing() && after == After::next) after = After::linger;
  } while (after == After::next && !session.input->is_empty());
  session.owner->became_idle();  // it has been answered: a connection that needs its slot gets it
  session.after = after == After::next ? after : After::close;
  if (after == After::linger) co_await linger(session);
}

}  // namespace wherry::app
