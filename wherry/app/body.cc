// SPDX-License-Identifier: MIT
#include "wherry/app/body.h"

#include <algorithm>
#include <cstring>

#include "wherry/http/response_head.h"

namespace wherry::app {

using Kind = http::BodyFraming::Kind;

Body::Body(coro::Context& context, net::Connection& connection, Input& input, const Limits& limits,
           http::BodyFraming framing, bool expects_continue) noexcept
    : context_(&context),
      connection_(&connection),
      input_(&input),
      limits_(&limits),
      length_(framing.length),
      is_chunked_(framing.kind == Kind::chunked),
      is_finished_(!is_chunked_ && framing.length == 0),
      awaits_continue_(expects_continue && !is_finished_ && input.is_empty()) {}

std::optional<std::uint64_t> Body::content_length() const noexcept {
  if (is_chunked_) return std::nullopt;
  return length_;
}

std::uint64_t Body::remaining_bytes() const noexcept {
  if (is_finished_) return 0;
  return is_chunked_ ? UINT64_MAX : length_ - received_bytes_;
}

Body::Read Body::read(MutableBytes into) noexcept {
  WHERRY_ASSERT(!into.empty());
  return Read(*this, into);
}

Body::Read Body::read(coro::Lender& lender) noexcept { return Read(*this, {}, &lender); }

Body::Read Body::next() noexcept { return Read(*this, {}); }

// Returns: the read of at most `most` bytes into what `lender` lends; if that is nullptr, `into`.
net::Connection::Read Body::receive(coro::Lender* lender, MutableBytes into,
                                    std::uint64_t most) noexcept {
  const std::uint64_t fits = std::min<std::uint64_t>(most, lender ? SIZE_MAX : into.size());
  const auto size = static_cast<std::size_t>(fits);
  return lender ? connection_->read(*lender, size, limits_->body_idle_ms)
                : connection_->read(into.first(size), limits_->body_idle_ms);
}

Result<> Body::count(std::size_t size) noexcept {
  if (size > limits_->max_content_length - received_bytes_) return Error::content_too_large;
  received_bytes_ += size;
  if (!is_chunked_ && received_bytes_ == length_) is_finished_ = true;
  return {};
}

/// Returns: the bytes of data that come next before any framing.
std::uint64_t Body::data_expected() const noexcept {
  return is_chunked_ ? decoder_.data_expected() : remaining_bytes();
}

/// Uses up framing that has come, up to the next data or the end.
Result<> Body::take_framing() noexcept {
  while (data_expected() == 0 && !is_finished_ && !input_->is_empty()) {
    const auto step = decoder_.decode(input_->unread().first(1));
    if (!step) return step.error();
    input_->consume(step->consumed);
    is_finished_ = step->finished;
  }
  return {};
}

/// Uses up data that has come. Returns: it.
MutableBytes Body::take_unread(std::size_t most) noexcept {
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>({data_expected(), input_->unread().size(), most}));
  const MutableBytes taken = input_->unread().first(size);
  input_->consume(size);
  if (is_chunked_) decoder_.data_taken(size);
  return taken;
}

// Empty: nothing is buffered that could be given out, and is_finished_ tells whether more comes.
// Data is counted piece by piece, so that the same body is refused for the same reason however it
// is cut.
Result<MutableBytes> Body::take_buffered(MutableBytes into) noexcept {
  std::size_t filled = 0;
  while (filled < into.size() && !input_->is_empty() && !is_finished_) {
    if (const Result<> framing = take_framing(); !framing) return framing.error();
    const Bytes taken = take_unread(into.size() - filled);
    if (taken.empty()) break;
    std::memcpy(into.data() + filled, taken.data(), taken.size());
    filled += taken.size();
    if (const Result<> counted = count(taken.size()); !counted) return counted.error();
  }
  return into.first(filled);
}

Result<MutableBytes> Body::take_in_place() noexcept {
  if (const Result<> framing = take_framing(); !framing) return framing.error();
  const MutableBytes taken = take_unread(SIZE_MAX);
  if (const Result<> counted = count(taken.size()); !counted) return counted.error();
  return taken;
}

void Body::interrupt() noexcept {
  is_interrupted_ = true;
  auto* read = std::get_if<net::Connection::Read>(&under_way_);
  if (read != nullptr && read->is_pending()) read->interrupt();
}

// ---------------------------------------------------------------- one read

void Body::Step::run(coro::Waiter& waiter) noexcept {
  Body& body = *static_cast<Step&>(waiter).body_;
  if (body.ended_step()) body.go_on();
}

bool Body::Read::start(coro::Waiter& waiter) noexcept {
  WHERRY_ASSERT(body_->read_ == nullptr);
  Body& body = *body_;
  if (body.is_finished_) {
    into_ = {};
    return true;
  }
  if (body.is_interrupted_) {
    return begin_for(waiter, [this] { finish(Error::cancelled); });
  }
  body.read_ = this;
  if (lender_ != nullptr) lender_->put_off();
  if (is_in_place_ || body.is_chunked_ || body.awaits_continue_ || !body.input_->is_empty()) {
    return begin_for(waiter, [&body] { body.go_on(); });
  }
  is_direct_ = true;
  return body.under_way_
      .emplace<net::Connection::Read>(body.receive(lender_, into_, body.remaining_bytes()))
      .start(waiter);
}

Error Body::Read::status() const noexcept {
  return is_direct_ ? body_->step_status() : coro::LeafOperation::status();
}

Bytes Body::Read::take() noexcept {
  if (is_direct_) {
    into_ = std::get_if<net::Connection::Read>(&body_->under_way_)->take();
    // A declared length was checked against the limit before the handler began.
    const Result<> counted = body_->count(into_.size());
    WHERRY_ASSERT(counted.has_value());
  }
  return into_;
}

void Body::Read::finish_with(Result<MutableBytes> bytes) noexcept {
  if (bytes) into_ = *bytes;
  finish(error_of(bytes));
}

void Body::forget_read() noexcept {
  read_ = nullptr;
  step_.leave_ready_list();
  under_way_.emplace<std::monostate>();
}

Error Body::step_status() const noexcept {
  if (const auto* write = std::get_if<coro::Sink::Write>(&under_way_)) return write->status();
  return std::get_if<net::Connection::Read>(&under_way_)->status();
}

// One step after the other, until there is data, the end, an error, or something to wait for.
void Body::go_on() noexcept {
  while (true) {
    // Since the step began, which waited for something else than what interrupt() ends.
    if (is_interrupted_) return read_->finish_with(Error::cancelled);
    if (awaits_continue_) {
      awaits_continue_ = false;
      waiting_ = Waiting::write;
      auto& write =
          under_way_.emplace<coro::Sink::Write>(connection_->write(as_bytes(http::kContinue)));
      if (!write.start(step_)) return;
    } else {
      coro::Lender* lender = read_->lender_;
      if (lender != nullptr && !input_->is_empty()) read_->into_ = lender->room();
      const MutableBytes into = read_->into_;
      const auto buffered = read_->is_in_place_ ? take_in_place() : take_buffered(into);
      if (!buffered || !buffered->empty() || is_finished_) return read_->finish_with(buffered);
      if (lender != nullptr) lender->put_off();
      const std::uint64_t data = read_->is_in_place_ ? 0 : data_expected();
      waiting_ = data > 0 ? Waiting::data : Waiting::input;
      auto& read = under_way_.emplace<net::Connection::Read>(
          data > 0 ? receive(lender, into, data)
                   : connection_->read(input_->room(), limits_->body_idle_ms));
      if (!read.start(step_)) return;
    }
    if (!ended_step()) return;
  }
}

// Returns: whether there is another step to take.
bool Body::ended_step() noexcept {
  const Waiting waited = std::exchange(waiting_, Waiting::nothing);
  if (const Error error = step_status(); error != Error::none) {
    read_->finish_with(error);
    return false;
  }
  if (waited == Waiting::write) return true;
  const MutableBytes bytes = std::get_if<net::Connection::Read>(&under_way_)->take();
  if (waited == Waiting::input) {
    input_->filled(bytes.size());
    return true;
  }
  if (is_chunked_) decoder_.data_taken(bytes.size());
  const Result<> counted = count(bytes.size());
  read_->finish_with(counted ? Result<MutableBytes>(bytes) : counted.error());
  return false;
}

}  // namespace wherry::app
