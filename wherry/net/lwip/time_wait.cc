// SPDX-License-Identifier: MIT
// A closed connection waits for two minutes, so that what is late of it is not taken for something
// else. A client that comes from the same port meanwhile begins anew; lwIP by itself would never
// answer it. A SYN beyond all that the client has sent cannot be late: the old connection is
// forgotten, and the listener answers (RFC 9293 3.6.1, MAY-2). Any other SYN is answered by lwIP
// with an acknowledgement of what was last; a client that knows nothing of that resets it, by its
// exact number, and the SYN that it sends again finds the listener, as on Linux. Nothing else of
// the packet has been looked at yet: one that is damaged or forged can end the waiting, no more.
#include <cstdint>

#include "wherry/net/lwip/hooks.h"
#include "wherry/net/lwip/lwip_library.h"

void wherry_lwip_forget_old_connection_of(const pbuf* packet) {
  const auto* const ip = static_cast<const ip_hdr*>(packet->payload);
  const auto* const tcp = reinterpret_cast<const tcp_hdr*>(ip + 1);
  if (packet->len < sizeof(*ip) + sizeof(*tcp)) return;
  constexpr std::uint8_t kNoOptions = 0x45;  // version 4, five words: nobody sends more
  if (ip->_v_hl != kNoOptions || IPH_PROTO(ip) != IP_PROTO_TCP) return;
  const auto flags = TCPH_FLAGS(tcp);
  if ((flags & (TCP_SYN | TCP_RST)) == 0) return;
  for (tcp_pcb* control = tcp_tw_pcbs; control != nullptr; control = control->next) {
    if (control->remote_port != lwip_ntohs(tcp->src)) continue;
    if (control->local_port != lwip_ntohs(tcp->dest)) continue;
    if (control->remote_ip.addr != ip->src.addr) continue;
    const auto ahead = static_cast<std::int32_t>(lwip_ntohl(tcp->seqno) - control->rcv_nxt);
    if ((flags & TCP_SYN) != 0 ? ahead > 0 : ahead == 0) return tcp_abort(control);
  }
}
