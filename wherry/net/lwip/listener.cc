// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/listener.h"

#include <utility>

#include "wherry/base/assert.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::net::lwip {

struct LwipListener::Callbacks {
  // Called when a peer's handshake is complete, or there was no memory for a peer.
  static err_t on_accepted(void* listener, tcp_pcb* control, err_t error) noexcept {
    auto& self = *static_cast<LwipListener*>(listener);
    if (control == nullptr || error != ERR_OK) return ERR_VAL;
    if (self.first_free_ == nullptr) {
      ++self.refused_count_;
      tcp_abort(control);
      return ERR_ABRT;
    }
    LwipConnection& connection = *std::exchange(self.first_free_, self.first_free_->next);
    ++self.open_count_;
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
  constexpr u8_t kBacklog = 4;  // handshakes under way
  tcp_pcb* const fresh = tcp_new();
  if (fresh == nullptr) return Error::no_memory;
  if (tcp_bind(fresh, IP_ADDR_ANY, port) != ERR_OK) {
    tcp_close(fresh);
    return Error::busy;
  }
  control_ = tcp_listen_with_backlog(fresh, kBacklog);
  if (control_ == nullptr) {
    tcp_close(fresh);
    return Error::no_memory;
  }
  tcp_arg(control_, this);
  tcp_accept(control_, &Callbacks::on_accepted);
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
}

void LwipListener::put(LwipConnection& connection) noexcept {
  connection.next = first_free_;
  first_free_ = &connection;
}

}  // namespace wherry::net::lwip
