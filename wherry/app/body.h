// SPDX-License-Identifier: MIT
// Body: the bytes of a request's body, whatever framing they came in.
//
// Into the reader's own span, what is buffered already is copied and everything else goes straight
// from the port; or the reader looks at the bytes in the connection's buffer. Reading is what asks
// a waiting client to go on (100-continue) and what lets TCP move.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "wherry/app/input.h"
#include "wherry/app/limits.h"
#include "wherry/base/bytes.h"
#include "wherry/coro/context.h"
#include "wherry/coro/lender.h"
#include "wherry/http/chunked.h"
#include "wherry/http/framing.h"
#include "wherry/net/net.h"

namespace wherry::app {

class Body {
 public:
  class Read;

  Body(coro::Context& context, net::Connection& connection, Input& input, const Limits& limits,
       http::BodyFraming framing, bool expects_continue) noexcept;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  /// Reads up to `into.size()` (> 0) bytes of the request body.
  /// Returns: the filled prefix of `into`; empty = end of body (not an error).
  /// Errors: closed, timed_out (limits.body_idle_ms), malformed, content_too_large, cancelled
  /// (interrupt()).
  /// Lifetime: `into` outlives the await.  Memory: none.  Suspends: yes.
  /// Source: RFC 9112 §6.3, §7.1; RFC 9110 §10.1.1.
  [[nodiscard]] Read read(MutableBytes into) noexcept;

  /// The same, into what `lender` has room for when something has come.  Lifetime: `lender`
  /// outlives the await.
  [[nodiscard]] Read read(coro::Lender& lender) noexcept;

  /// Reads on in the connection's own buffer (limits.receive_buffer_size): for who needs the bytes
  /// but once.
  /// Returns: the next bytes of the body; empty = its end.  Errors: as read.
  /// Lifetime: the bytes are valid until the next read.
  [[nodiscard]] Read next() noexcept;

  /// The length that the client declared; none when the body is chunked.
  std::optional<std::uint64_t> content_length() const noexcept;

  std::uint64_t received_bytes() const noexcept { return received_bytes_; }
  bool is_finished() const noexcept { return is_finished_; }

  /// Ends a read that waits for the client, and each read that is still to come, with `cancelled`:
  /// another needs what this request holds.
  void interrupt() noexcept;

  /// Whether the client still waits to be told to send the body.
  bool awaits_continue() const noexcept { return awaits_continue_; }

  /// Bytes of a body of known length that have not been read; 2^64-1 when that is unknown.
  std::uint64_t remaining_bytes() const noexcept;

  coro::Context& context() noexcept { return *context_; }

 private:
  /// Runs when what a read waits for, on its way to its data, has ended.
  class Step : public coro::Waiter {
   public:
    explicit Step(Body& body) noexcept
        : coro::Waiter(body.context_->ready_list(), &run), body_(&body) {
      look_at_errors(true);
    }
    ~Step() { leave_ready_list(); }
    using coro::Waiter::leave_ready_list;

   private:
    static void run(coro::Waiter& waiter) noexcept;
    Body* body_;
  };
  enum class Waiting : std::uint8_t { nothing, write, input, data };

  Result<MutableBytes> take_buffered(MutableBytes into) noexcept;
  Result<MutableBytes> take_in_place() noexcept;
  Result<> take_framing() noexcept;
  MutableBytes take_unread(std::size_t most) noexcept;
  std::uint64_t data_expected() const noexcept;
  net::Connection::Read receive(coro::Lender* lender, MutableBytes into,
                                std::uint64_t most) noexcept;
  Result<> count(std::size_t size) noexcept;
  void go_on() noexcept;
  bool ended_step() noexcept;
  Error step_status() const noexcept;
  void forget_read() noexcept;

  coro::Context* context_;
  net::Connection* connection_;
  Input* input_;
  const Limits* limits_;
  http::ChunkedDecoder decoder_;
  std::uint64_t length_;
  std::uint64_t received_bytes_ = 0;
  bool is_chunked_;
  bool is_finished_;
  bool awaits_continue_;
  bool is_interrupted_ = false;

  // The read under way. It is here, and not in each Read, because there is one at a time, and the
  // frame of every handler that reads holds a Read.
  Waiting waiting_ = Waiting::nothing;
  Read* read_ = nullptr;
  Step step_{*this};
  std::variant<std::monostate, net::Connection::Read, coro::Sink::Write> under_way_;
};

/// One read of a body. A body of known length hands its wait to the connection's own read; only
/// chunks and 100-continue take several steps, and those steps need no frame either.
class Body::Read : public coro::LeafOperation {
 public:
  /// `into`: empty for a read in place, or into what is lent.
  Read(Body& body, MutableBytes into, coro::Lender* lender = nullptr) noexcept
      : body_(&body),
        lender_(lender),
        into_(into),
        is_in_place_(into.empty() && lender == nullptr) {}
  Read(Read&&) = default;
  ~Read() {
    if (body_->read_ == this) body_->forget_read();
  }

  bool start(coro::Waiter& waiter) noexcept;
  Error status() const noexcept;
  Bytes take() noexcept;

 private:
  friend class Body;

  void finish_with(Result<MutableBytes> bytes) noexcept;

  Body* body_;
  coro::Lender* lender_;  // nullptr: into_ is known
  MutableBytes into_;     // then, when it has ended: what was read
  bool is_in_place_;
  bool is_direct_ = false;
};

}  // namespace wherry::app
