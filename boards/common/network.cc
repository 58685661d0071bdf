// SPDX-License-Identifier: MIT
#include "boards/common/network.h"

#include <cstring>

#include "boards/common/clock.h"
#include "boards/common/console.h"
#include "boards/common/random.h"
#include "wherry/base/text_writer.h"

extern "C" {
#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <netif/ethernet.h>
}

namespace wherry::boards {
namespace {

// Frames between two looks at everything else.
constexpr int kFramesARound = 8;

// How often link and address are looked at.
constexpr std::uint64_t kLookEveryMs = 100;

// The last packet buffers are for what keeps connections going and for the small questions of the
// network: acknowledgements, ARP. A frame of data that finds only those is sent again by its peer.
constexpr int kReservedBuffers = 2;
constexpr std::uint32_t kSmallFrame = 128;  // bytes

bool has_buffers_for_data() noexcept {
  return lwip_stats.memp[MEMP_PBUF_POOL]->used + kReservedBuffers < PBUF_POOL_SIZE;
}

bool is_wanted(std::uint32_t size) noexcept {
  return size <= kSmallFrame || has_buffers_for_data();
}

err_t send_frame(netif*, pbuf* frame) noexcept {
  ethernet::send(*frame);
  return ERR_OK;
}

err_t prepare_interface(netif* interface) noexcept {
  constexpr u16_t kMaxPayload = 1500;
  const ethernet::MacAddress mac = ethernet::start();
  interface->name[0] = 'e';
  interface->name[1] = 'n';
  interface->output = &etharp_output;
  interface->linkoutput = &send_frame;
  interface->mtu = kMaxPayload;
  interface->hwaddr_len = static_cast<u8_t>(mac.size());
  std::memcpy(interface->hwaddr, mac.data(), mac.size());
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP;
  return ERR_OK;
}

ip4_addr_t to_address(const Ipv4& bytes) noexcept {
  ip4_addr_t address;
  IP4_ADDR(&address, bytes[0], bytes[1], bytes[2], bytes[3]);
  return address;
}

}  // namespace

void Network::start(const NetworkOptions& options, const BootConfig& config) noexcept {
  options_ = &options;
  config_ = &config;
  lwip_init();
  netif_add_noaddr(&interface_, nullptr, &prepare_interface, &ethernet_input);
  netif_set_hostname(&interface_, config.hostname);
  netif_set_default(&interface_);
  netif_set_up(&interface_);
  if (config.uses_dhcp()) {
    dhcp_start(&interface_);
  } else {
    set_address(config.address, config.netmask, config.gateway);
  }
  give_up_ms_ = uptime_ms() + options.wait_ms;
}

bool Network::poll(std::uint64_t now_ms) noexcept {
  bool may_have_more = true;
  for (int i = 0; i < kFramesARound && may_have_more; ++i) {
    // Whoever holds the buffers may be about to read: what comes next waits in the controller.
    if (i > 0 && !has_buffers_for_data()) break;
    pbuf* const frame = ethernet::receive(&is_wanted);
    may_have_more = frame != nullptr;
    if (may_have_more) stir_random();
    if (may_have_more && interface_.input(frame, &interface_) != ERR_OK) pbuf_free(frame);
  }
  if (now_ms >= next_look_ms_) {
    next_look_ms_ = now_ms + kLookEveryMs;
    look_at_link(now_ms);
    look_at_address(now_ms);
  }
  return may_have_more;
}

void Network::look_at_link(std::uint64_t now_ms) noexcept {
  const bool has_link = ethernet::has_link();
  if (has_link == (netif_is_link_up(&interface_) != 0)) return;
  // lwIP asks DHCP again whenever the link comes back: it may lead elsewhere.
  if (has_link) {
    netif_set_link_up(&interface_);
    give_up_ms_ = now_ms + options_->wait_ms;
    has_given_up_ = false;
  } else {
    netif_set_link_down(&interface_);
    ip4_addr_set_zero(&told_address_);
    has_given_up_ = true;
    console().write_line("Ethernet not connected");
  }
}

void Network::look_at_address(std::uint64_t now_ms) noexcept {
  const ip4_addr_t& address = *netif_ip4_addr(&interface_);
  if (!ip4_addr_isany_val(address) && netif_is_link_up(&interface_)) {
    if (!ip4_addr_cmp(&address, &told_address_)) tell_address();
  } else if (now_ms >= give_up_ms_ && !has_given_up_) {
    has_given_up_ = true;
    if (netif_is_link_up(&interface_) == 0) {
      console().write_line("Ethernet not connected");
      return;
    }
    use_fallback();
    if (ip4_addr_isany_val(*netif_ip4_addr(&interface_))) {
      console().write_line("No network connection");
    }
  }
}

// DHCP goes on asking, and its address takes the place of this one when there is one.
void Network::use_fallback() noexcept {
  if (options_->fallback_address == Ipv4{}) return;
  set_address(options_->fallback_address, options_->fallback_netmask, options_->fallback_gateway);
}

void Network::set_address(const Ipv4& address, const Ipv4& netmask, const Ipv4& gateway) noexcept {
  const ip4_addr_t ip = to_address(address), mask = to_address(netmask),
                   router = to_address(gateway);
  netif_set_addr(&interface_, &ip, &mask, &router);
}

void Network::tell_address() noexcept {
  told_address_ = *netif_ip4_addr(&interface_);
  has_given_up_ = false;
  char address[IP4ADDR_STRLEN_MAX];
  ip4addr_ntoa_r(&told_address_, address, sizeof(address));
  char text[48];
  TextWriter line(text);
  line.append("Ethernet connected: ").append(address);
  console().write_line(line.view());
  line.clear();
  line.append("Server: http://").append(address).append(':').append_decimal(config_->port);
  console().write_line(line.view());
}

}  // namespace wherry::boards
