// SPDX-License-Identifier: MIT
#include "wherry/net/sim/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace wherry::net::sim {

SimConnection::SimConnection(SimNetwork& network, SimOptions options)
    : network_(network), options_(std::move(options)), far_end_(network, *this) {
  WHERRY_ASSERT(options_.min_delay_ms <= options_.max_delay_ms && options_.window_size > 0);
  network_.loop().watch(*this);
}

// What the peer does

void SimConnection::carry_input(std::string bytes) {
  carry_to_server([this, bytes = std::move(bytes)] {
    if (is_broken_) return;
    if (!is_open_) return reset_peer();
    input_ += bytes;
    look_at_input();
  });
}

void SimConnection::carry_end_of_input() {
  carry_to_server([this] {
    has_input_ended_ = true;
    look_at_input();
  });
}

void SimConnection::carry_reset() {
  carry_to_server([this] { break_off(); });
}

void SimConnection::peer_reads_again() { deliver(0); }

// Movement

std::uint64_t SimConnection::random_delay_ms() {
  return options_.min_delay_ms +
         network_.random_below(options_.max_delay_ms - options_.min_delay_ms + 1ULL);
}

// Returns: how many of `size` (> 0) bytes are moved at once.
std::size_t SimConnection::piece_of(std::size_t size, Pieces pieces) {
  if (pieces == Pieces::whole) return size;
  if (pieces == Pieces::single_bytes) return 1;
  return 1 + static_cast<std::size_t>(network_.random_below(size));
}

// Returns: whether an operation that could be served at once waits for a turn of the loop.
bool SimConnection::is_put_off(Pieces pieces) {
  return pieces == Pieces::random && network_.random_below(2) == 0;
}

void SimConnection::carry_to_server(std::function<void()> arrive) {
  const std::uint64_t now_ms = network_.loop().uptime_ms();
  input_arrives_ms_ = std::max(input_arrives_ms_, now_ms + random_delay_ms());
  network_.loop().after(input_arrives_ms_ - now_ms, std::move(arrive));
}

void SimConnection::carry_to_peer(std::function<void()> arrive) {
  const std::uint64_t now_ms = network_.loop().uptime_ms();
  output_arrives_ms_ = std::max(output_arrives_ms_, now_ms + random_delay_ms());
  network_.loop().after(output_arrives_ms_ - now_ms, std::move(arrive));
}

// `size` more bytes of the output have come to the peer, who reads them if it reads at all.
void SimConnection::deliver(std::size_t size) {
  if (is_broken_) return;
  arrived_size_ += size;
  if (!far_end_.is_reading_ || arrived_size_ == 0) return;
  far_end_.received_.append(output_, 0, arrived_size_);
  output_.erase(0, std::exchange(arrived_size_, 0));
  if (write_ != nullptr) try_write();
  deliver_end();
}

void SimConnection::deliver_end() {
  if (!has_finished_sending_ || is_broken_ || !output_.empty()) return;
  carry_to_peer([this] {
    if (!is_broken_) far_end_.has_seen_end_ = true;
  });
}

// Serves whoever waits for it.
void SimConnection::look_at_input() {
  try_read();
  const bool has_something = !input_.empty() || has_input_ended_ || is_broken_;
  if (has_something) tell_of_input(Error::none);
}

void SimConnection::try_read() {
  if (read_ == nullptr) return;
  if (is_broken_) return std::exchange(read_, nullptr)->finish(Error::closed);
  if (!input_.empty()) {
    const MutableBytes into = read_->into();
    const std::size_t size = piece_of(std::min(into.size(), input_.size()), options_.reads);
    std::memcpy(into.data(), input_.data(), size);
    input_.erase(0, size);
    std::exchange(read_, nullptr)->succeed(size);
  } else if (has_input_ended_) {
    std::exchange(read_, nullptr)->succeed(0);
  }
}

// Takes a piece of the pending write; the rest in a later turn, or when the window opens again.
void SimConnection::try_write() {
  if (write_ == nullptr) return;
  if (is_broken_) return std::exchange(write_, nullptr)->finish(Error::closed);
  std::size_t room = options_.window_size - output_.size();
  std::size_t taken = 0;
  if (room > 0 && write_->remaining() > 0) {
    room = piece_of(std::min(room, write_->remaining()), options_.writes);
    for (const Bytes piece : write_->pieces()) {
      const Bytes part = piece.first(std::min(piece.size(), room - taken));
      output_.append(as_text(part));
      taken += part.size();
    }
    write_->advance(taken);
    write_due_ms_ = network_.loop().uptime_ms() + write_idle_ms_;
    carry_to_peer([this, taken] { deliver(taken); });
  }
  if (write_->remaining() == 0) return std::exchange(write_, nullptr)->finish();
  if (taken > 0) network_.loop().after(0, [this] { try_write(); });
}

void SimConnection::break_off() {
  is_broken_ = true;
  input_.clear();
  output_.clear();
  arrived_size_ = 0;
  look_at_input();
  try_write();
}

void SimConnection::reset_peer() {
  is_broken_ = true;
  output_.clear();
  arrived_size_ = 0;
  carry_to_peer([this] { far_end_.was_reset_ = true; });
}

// Timed

std::optional<std::uint64_t> SimConnection::due_ms() const noexcept {
  std::optional<std::uint64_t> due_ms;
  if (read_ != nullptr || input_waiter_ != nullptr) due_ms = read_due_ms_;
  if (write_ != nullptr) due_ms = std::min(due_ms.value_or(write_due_ms_), write_due_ms_);
  return due_ms;
}

void SimConnection::finish_overdue(std::uint64_t now_ms) noexcept {
  if (now_ms >= read_due_ms_) {
    if (read_ != nullptr) std::exchange(read_, nullptr)->finish(Error::timed_out);
    tell_of_input(Error::timed_out);
  }
  if (write_ != nullptr && now_ms >= write_due_ms_) {
    std::exchange(write_, nullptr)->finish(Error::timed_out);
  }
}

// Connection

void SimConnection::wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept {
  WHERRY_ASSERT(is_open_ && read_ == nullptr && input_waiter_ == nullptr);
  input_waiter_ = &waiter;
  read_due_ms_ = network_.loop().uptime_ms() + within_ms;
  if (network_.count_operation()) return break_off();
  if (within_ms > 0 && is_put_off(options_.reads)) {
    network_.loop().after(0, [this] { look_at_input(); });
  } else {
    look_at_input();
  }
}

void SimConnection::begin_read(Read& operation) noexcept {
  WHERRY_ASSERT(is_open_ && read_ == nullptr);
  read_ = &operation;
  read_due_ms_ = network_.loop().uptime_ms() + operation.within_ms();
  if (network_.count_operation()) return break_off();
  if (operation.within_ms() > 0 && is_put_off(options_.reads)) {
    network_.loop().after(0, [this] { try_read(); });
  } else {
    try_read();
  }
  if (read_ != nullptr && operation.within_ms() == 0) {
    std::exchange(read_, nullptr)->finish(Error::timed_out);
  }
}

void SimConnection::cancel_read(Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
}

void SimConnection::begin_write(Write& operation) noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr && !has_finished_sending_);
  write_ = &operation;
  write_due_ms_ = network_.loop().uptime_ms() + write_idle_ms_;
  if (network_.count_operation()) return break_off();
  if (is_put_off(options_.writes)) {
    network_.loop().after(0, [this] { try_write(); });
  } else {
    try_write();
  }
}

void SimConnection::cancel_write(Write& operation) noexcept {
  WHERRY_ASSERT(write_ == &operation);
  write_ = nullptr;
}

// There is no descriptor to wait for: asking is a bug.
void SimConnection::begin_writable(Writable&) noexcept { WHERRY_ASSERT(descriptor() >= 0); }
void SimConnection::cancel_writable(Writable&) noexcept { WHERRY_ASSERT(descriptor() >= 0); }

void SimConnection::set_write_idle_ms(std::uint32_t write_idle_ms) noexcept {
  write_idle_ms_ = write_idle_ms;
}

void SimConnection::shut_down_sending() noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr);
  if (std::exchange(has_finished_sending_, true)) return;
  deliver_end();
}

void SimConnection::close() noexcept {
  WHERRY_ASSERT(is_open_ && input_waiter_ == nullptr && read_ == nullptr && write_ == nullptr);
  if (!input_.empty()) return abort();
  shut_down_sending();
  is_open_ = false;
  network_.loop().forget(*this);
}

void SimConnection::abort() noexcept {
  WHERRY_ASSERT(is_open_ && input_waiter_ == nullptr && read_ == nullptr && write_ == nullptr);
  is_open_ = false;
  network_.loop().forget(*this);
  if (!is_broken_) reset_peer();
}

}  // namespace wherry::net::sim
