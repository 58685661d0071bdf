// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/listener.h"

#include <algorithm>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::net::lwip {

struct LwipListener::Callbacks {
  // Called when a peer's handshake is complete, or there was no memory for a peer.
  static err_t on_accepted(void* listener, tcp_pcb* control, err_t error) noexcept {
    auto& self = *static_cast<LwipListener*>(listener);
    if (control == nullptr || error != ERR_OK) return ERR_VAL;
    LwipConnection& connection = self.take();
    connection.open(*self.loop_, self, *control);
    return ERR_OK;
  }
};

LwipListener::LwipListener(LwipLoop& loop, Acceptor& acceptor,
                           std::span<LwipConnection> connections) noexcept
    : loop_(&loop), acceptor_(&acceptor) {
  for (LwipConnection& connection : connections) put(connection);
}

LwipListener::~LwipListener() {
  WHERRY_ASSERT(open_count_ == 0);
  stop_accepting();
}

Result<> LwipListener::open(std::uint16_t port) noexcept {
  WHERRY_ASSERT(control_ == nullptr);
  tcp_pcb* const fresh = tcp_new();
  if (fresh == nullptr) return Error::no_memory;
  if (tcp_bind(fresh, IP_ADDR_ANY, port) != ERR_OK) {
    tcp_close(fresh);
    return Error::busy;
  }
  control_ = tcp_listen(fresh);
  if (control_ == nullptr) {
    tcp_close(fresh);
    return Error::no_memory;
  }
  tcp_arg(control_, this);
  tcp_accept(control_, &Callbacks::on_accepted);
  limit_handshakes();
  return {};
}

void LwipListener::stop_accepting() noexcept {
  if (control_ != nullptr) tcp_close(std::exchange(control_, nullptr));
}

void LwipListener::introduce(LwipConnection& connection) noexcept {
  acceptor_->accepted(connection);
}

void LwipListener::give_back(LwipConnection& connection) noexcept {
  --open_count_;
  put(connection);
  limit_handshakes();
}

void LwipListener::put(LwipConnection& connection) noexcept {
  connection.next = first_free_;
  first_free_ = &connection;
  ++free_count_;
}

// lwIP does not count the handshake that has just been completed any more.
LwipConnection& LwipListener::take() noexcept {
  WHERRY_ASSERT(first_free_ != nullptr);
  --free_count_;
  ++open_count_;
  limit_handshakes();
  return *std::exchange(first_free_, first_free_->next);
}

void LwipListener::limit_handshakes() noexcept {
  if (control_ == nullptr) return;
  // lwIP's own macro knows no listener that takes nobody.
  reinterpret_cast<tcp_pcb_listen*>(control_)->backlog =
      static_cast<u8_t>(std::min<std::uint32_t>(free_count_, UINT8_MAX));
}

}  // namespace wherry::net::lwip
