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

Body::Read Body::read(MutableBytes into) noexcept { return Read(*this, into); }

Result<> Body::count(std::size_t size) noexcept {
  if (size > limits_->max_content_length - received_bytes_) return Error::content_too_large;
  received_bytes_ += size;
  if (!is_chunked_ && received_bytes_ == length_) is_finished_ = true;
  return {};
}

// Empty: nothing is buffered that could be given out, and is_finished_ tells whether more comes.
Result<Bytes> Body::take_buffered(MutableBytes into) noexcept {
  if (is_finished_) return Bytes{};
  if (is_chunked_) return take_chunked(into);
  const std::size_t size = static_cast<std::size_t>(
      std::min<std::uint64_t>({input_->unread().size(), into.size(), length_ - received_bytes_}));
  if (size == 0) return Bytes{};
  std::memcpy(into.data(), input_->unread().data(), size);
  input_->consume(size);
  if (const Result<> counted = count(size); !counted) return counted.error();
  return Bytes(into.first(size));
}

Result<Bytes> Body::take_chunked(MutableBytes into) noexcept {
  std::size_t filled = 0;
  while (filled < into.size() && !input_->is_empty() && !is_finished_) {
    const std::uint64_t data = decoder_.data_expected();
    if (data > 0) {
      const auto size = static_cast<std::size_t>(
          std::min<std::uint64_t>({data, input_->unread().size(), into.size() - filled}));
      std::memcpy(into.data() + filled, input_->unread().data(), size);
      decoder_.data_taken(size);
      input_->consume(size);
      filled += size;
      // At once, so that the same body is refused for the same reason however it is cut.
      if (const Result<> counted = count(size); !counted) return counted.error();
      continue;
    }
    // Framing only: no more than the decoder needs to reach the next data or the end.
    const Bytes unread = input_->unread();
    const auto step = decoder_.decode(unread.first(1));
    if (!step) return step.error();
    input_->consume(step->consumed);
    is_finished_ = step->finished;
  }
  return Bytes(into.first(filled));
}

bool Body::Read::start(coro::Waiter& waiter) noexcept {
  WHERRY_ASSERT(!into_.empty());
  if (body_->is_finished_) return true;
  if (!body_->is_chunked_ && !body_->awaits_continue_ && body_->input_->is_empty()) {
    is_direct_ = true;
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(into_.size(), body_->remaining_bytes()));
    read_.emplace(body_->connection_->read(into_.first(size), body_->limits_->body_idle_ms));
    return read_->start(waiter);
  }
  return begin_for(waiter, [this] { go_on(); });
}

Bytes Body::Read::take() noexcept {
  if (is_direct_) {
    data_ = read_->take();
    // A declared length was checked against the limit before the handler began.
    const Result<> counted = body_->count(data_.size());
    WHERRY_ASSERT(counted.has_value());
  }
  return data_;
}

void Body::Read::finish_with(Result<Bytes> bytes) noexcept {
  if (bytes) data_ = *bytes;
  finish(error_of(bytes));
}

// One step after the other, until there is data, the end, an error, or something to wait for.
void Body::Read::go_on() noexcept {
  while (true) {
    net::Connection& connection = *body_->connection_;
    if (body_->awaits_continue_) {
      body_->awaits_continue_ = false;
      waiting_ = Waiting::write;
      write_.emplace(connection.write(as_bytes(http::kContinue)));
      if (!write_->start(step_)) return;
    } else {
      const Result<Bytes> buffered = body_->take_buffered(into_);
      if (!buffered || !buffered->empty() || body_->is_finished_) return finish_with(buffered);
      const std::uint64_t data =
          body_->is_chunked_ ? body_->decoder_.data_expected() : body_->remaining_bytes();
      waiting_ = data > 0 ? Waiting::data : Waiting::input;
      const MutableBytes target =
          data == 0
              ? body_->input_->room()
              : into_.first(static_cast<std::size_t>(std::min<std::uint64_t>(data, into_.size())));
      read_.emplace(connection.read(target, body_->limits_->body_idle_ms));
      if (!read_->start(step_)) return;
    }
    if (!ended_step()) return;
  }
}

void Body::Read::resume() noexcept {
  if (ended_step()) go_on();
}

// Returns: whether there is another step to take.
bool Body::Read::ended_step() noexcept {
  const Waiting waited = std::exchange(waiting_, Waiting::nothing);
  const Error error = waited == Waiting::write ? write_->status() : read_->status();
  if (error != Error::none) {
    finish(error);
    return false;
  }
  if (waited == Waiting::input) body_->input_->filled(read_->take().size());
  if (waited != Waiting::data) return true;
  const Bytes data = read_->take();
  if (body_->is_chunked_) body_->decoder_.data_taken(data.size());
  if (const Result<> counted = body_->count(data.size()); !counted) {
    finish(counted.error());
  } else {
    finish_with(data);
  }
  return false;
}

}  // namespace wherry::app
