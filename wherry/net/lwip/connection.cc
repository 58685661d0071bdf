// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/connection.h"

#include <algorithm>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"
#include "wherry/net/lwip/loop.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::net::lwip {
namespace {

// Until the acceptor sets its own.
constexpr std::uint32_t kDefaultWriteIdleMs = 30'000;

FixedString<21> address_text(const tcp_pcb& control) noexcept {
  char address[IP4ADDR_STRLEN_MAX];
  ip4addr_ntoa_r(ip_2_ip4(&control.remote_ip), address, sizeof(address));
  char text[21];
  TextWriter writer(text);
  writer.append(address).append(':').append_decimal(control.remote_port);
  FixedString<21> result;
  static_cast<void>(result.append(writer.view()));
  return result;
}

}  // namespace

/// What lwIP calls, while it takes a packet in or runs its timers.
struct LwipConnection::Callbacks {
  static err_t on_received(void* connection, tcp_pcb*, pbuf* segment, err_t) noexcept {
    auto& self = *static_cast<LwipConnection*>(connection);
    if (segment != nullptr) {
      self.received_.append(*segment);
    } else {
      self.has_seen_end_ = true;
      // Both directions have ended: lwIP frees such a control block when it likes, and tells
      // nobody.
      if (self.has_finished_) tcp_close(self.let_go());
    }
    self.look_at_input();
    return ERR_OK;
  }

  static err_t on_taken(void* connection, tcp_pcb*, u16_t) noexcept {
    static_cast<LwipConnection*>(connection)->has_progress_ = true;
    return ERR_OK;
  }

  // The control block has been freed.
  static void on_gone(void* connection, err_t) noexcept {
    static_cast<LwipConnection*>(connection)->control_is_gone();
  }
};

void LwipConnection::open(LwipLoop& loop, ConnectionHome& home, tcp_pcb& control) noexcept {
  WHERRY_ASSERT(!is_open_ && received_.is_empty());
  loop_ = &loop;
  home_ = &home;
  control_ = &control;
  is_open_ = true;
  has_seen_end_ = has_finished_ = false;
  is_to_be_flushed_ = has_unwanted_bytes_ = has_progress_ = false;
  write_idle_ms_ = kDefaultWriteIdleMs;
  peer_ = address_text(control);
  forget_sent_bytes();
  tcp_arg(&control, this);
  tcp_recv(&control, &Callbacks::on_received);
  tcp_sent(&control, &Callbacks::on_taken);
  tcp_err(&control, &Callbacks::on_gone);
  loop.add(*this);
}

void LwipConnection::go_on(std::uint64_t now_ms) noexcept {
  if (now_ms >= read_due_ms_) {
    if (read_ != nullptr) std::exchange(read_, nullptr)->finish(Error::timed_out);
    tell_of_input(Error::timed_out);
  }
  if (write_ != nullptr) send();
  if (std::exchange(has_progress_, false)) write_due_ms_ = now_ms + write_idle_ms_;
  if (write_ != nullptr && now_ms >= write_due_ms_) {
    has_unwanted_bytes_ = true;
    finish_write_with(Error::timed_out);
  }
}

// A packet that is not full waits for what follows it in the same write (Nagle's rule), and for
// nothing else.
void LwipConnection::flush() noexcept {
  if (!std::exchange(is_to_be_flushed_, false) || control_ == nullptr) return;
  if (write_ != nullptr) {
    tcp_nagle_enable(control_);
  } else {
    tcp_nagle_disable(control_);
  }
  tcp_output(control_);
}

void LwipConnection::set_write_idle_ms(std::uint32_t write_idle_ms) noexcept {
  write_idle_ms_ = write_idle_ms;
}

void LwipConnection::shut_down_sending() noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr);
  if (control_ == nullptr || std::exchange(has_finished_, true)) return;
  if (has_seen_end_) {
    tcp_close(let_go());
  } else {
    tcp_shutdown(control_, 0, 1);
  }
}

void LwipConnection::close() noexcept {
  WHERRY_ASSERT(is_open_ && input_waiter_ == nullptr && read_ == nullptr && write_ == nullptr);
  if (control_ != nullptr && has_unwanted_bytes_) return abort();
  if (tcp_pcb* const control = let_go()) {
    // lwIP resets a connection whose bytes were not all taken; the peer would lose our reply.
    if (!received_.is_empty()) tcp_recved(control, static_cast<u16_t>(received_.size()));
    // It may take its time with our last bytes, as long as nobody else needs its place.
    tcp_setprio(control, TCP_PRIO_MIN);
    tcp_close(control);
  }
  leave();
}

void LwipConnection::abort() noexcept {
  WHERRY_ASSERT(is_open_ && input_waiter_ == nullptr && read_ == nullptr && write_ == nullptr);
  if (tcp_pcb* const control = let_go()) tcp_abort(control);
  leave();
}

void LwipConnection::leave() noexcept {
  received_.clear();
  is_open_ = false;
  loop_->remove(*this);
  home_->give_back(*this);
}

tcp_pcb* LwipConnection::let_go() noexcept {
  if (control_ == nullptr) return nullptr;
  tcp_arg(control_, nullptr);
  tcp_recv(control_, nullptr);
  tcp_sent(control_, nullptr);
  tcp_err(control_, nullptr);
  return std::exchange(control_, nullptr);
}

void LwipConnection::control_is_gone() noexcept {
  control_ = nullptr;
  received_.clear();
  look_at_input();
  if (write_ != nullptr) finish_write_with(Error::closed);
}

// ---------------------------------------------------------------- reading

void LwipConnection::wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept {
  WHERRY_ASSERT(is_open_ && read_ == nullptr && input_waiter_ == nullptr);
  input_waiter_ = &waiter;
  read_due_ms_ = loop_->uptime_ms() + within_ms;
  look_at_input();
}

// Serves whoever waits for it.
void LwipConnection::look_at_input() noexcept {
  if (read_ != nullptr) return receive();
  const bool has_something = !received_.is_empty() || has_seen_end_ || control_ == nullptr;
  if (has_something) tell_of_input(Error::none);
}

void LwipConnection::begin_read(Read& operation) noexcept {
  WHERRY_ASSERT(is_open_ && read_ == nullptr);
  read_ = &operation;
  receive();
  if (read_ == nullptr) return;
  if (operation.within_ms() == 0) {
    std::exchange(read_, nullptr)->finish(Error::timed_out);
  } else {
    read_due_ms_ = loop_->uptime_ms() + operation.within_ms();
  }
}

void LwipConnection::cancel_read(Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
}

void LwipConnection::receive() noexcept {
  if (!received_.is_empty()) {
    const std::size_t size = received_.take(read_->into());
    if (control_ != nullptr) tcp_recved(control_, static_cast<u16_t>(size));
    std::exchange(read_, nullptr)->succeed(size);
  } else if (has_seen_end_ || control_ == nullptr) {
    std::exchange(read_, nullptr)->finish(Error::closed);
  }
}

// ---------------------------------------------------------------- writing

void LwipConnection::begin_write(Write& operation) noexcept {
  WHERRY_ASSERT(is_open_ && write_ == nullptr);
  write_ = &operation;
  has_progress_ = true;
  send();
}

void LwipConnection::cancel_write(Write& operation) noexcept {
  WHERRY_ASSERT(write_ == &operation);
  write_ = nullptr;
}

void LwipConnection::send() noexcept {
  if (control_ == nullptr) return finish_write_with(Error::closed);
  while (write_->remaining() > 0) {
    const auto pieces = write_->pieces();
    const bool is_first = !pieces[0].empty();
    const Bytes piece = is_first ? pieces[0] : pieces[1];
    const std::size_t room = tcp_sndbuf(control_);
    std::size_t size = piece.size();
    if (room < size) {
      // What is left over fills packets up; a sliver is not worth one: there will be more room.
      const std::size_t begun = begun_packet_bytes();
      const std::size_t whole = (begun + room) / tcp_mss(control_) * tcp_mss(control_);
      if (whole <= begun) return;
      size = whole - begun;
    }
    if (!hand_over(piece.first(size), size < write_->remaining())) {
      // Memory that is short may do for one packet.
      if (size <= tcp_mss(control_)) return;
      size = tcp_mss(control_);
      if (!hand_over(piece.first(size), true)) return;
    }
    write_->advance(size);
    // Ahead of packets that are not copied, a head goes alone: so each of them begins with a word
    // of the memory that it lies in, and is one piece of it if the chunks have a packet's size.
    const bool was_head = is_first && pieces[0].empty() && pieces[1].size() >= tcp_mss(control_);
    if (was_head && loop_->is_read_only(pieces[1])) flush();
  }
  finish_write_with(Error::none);
}

// Of the last packet that lwIP has not sent yet: those before it are whole.
std::size_t LwipConnection::begun_packet_bytes() const noexcept {
  return (control_->snd_lbb - control_->snd_nxt) % tcp_mss(control_);
}

// Returns: whether lwIP had memory for it.
bool LwipConnection::hand_over(Bytes bytes, bool is_followed) noexcept {
  const bool must_copy = !loop_->is_read_only(bytes);
  const auto flags = static_cast<u8_t>((must_copy ? TCP_WRITE_FLAG_COPY : 0) |
                                       (is_followed ? TCP_WRITE_FLAG_MORE : 0));
  is_to_be_flushed_ = true;
  return tcp_write(control_, bytes.data(), static_cast<u16_t>(bytes.size()), flags) == ERR_OK;
}

void LwipConnection::finish_write_with(Error error) noexcept {
  std::exchange(write_, nullptr)->finish(error);
}

// This sink has no descriptor.
void LwipConnection::begin_writable(Writable& operation) noexcept {
  operation.finish(Error::internal);
}
void LwipConnection::cancel_writable(Writable&) noexcept {}
void LwipConnection::on_sent_directly() noexcept {}

}  // namespace wherry::net::lwip
