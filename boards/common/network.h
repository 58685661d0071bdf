// SPDX-License-Identifier: MIT
// Network: the board's one network interface, from the controller to an IP address.
//
// Gives lwIP what has come, gets an address by DHCP, falls back to a fixed one, and tells the
// console what became of it. It must not know what is served.
#pragma once

#include <cstdint>

#include "boards/common/boot_config.h"
#include "boards/common/ethernet.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::boards {

struct NetworkOptions {
  /// How long to wait for a link, and then for an address by DHCP, before it is said that there is
  /// none. Waiting goes on behind that.
  std::uint32_t wait_ms = 5'000;
  /// The address to use when DHCP gives none; 0.0.0.0: none.
  Ipv4 fallback_address = {0, 0, 0, 0};
  Ipv4 fallback_netmask = {255, 255, 255, 0};
  Ipv4 fallback_gateway = {0, 0, 0, 0};
};

class Network {
 public:
  /// Starts lwIP, the controller, and DHCP unless `config` has an address. Once.
  /// Lifetime: `options` and `config` outlive the network.
  void start(const NetworkOptions& options, const BootConfig& config) noexcept;

  /// Gives lwIP frames that have come, some at a time, and looks after link and address.
  /// Returns: whether there may be more frames.
  bool poll(std::uint64_t now_ms) noexcept;

 private:
  void look_at_link(std::uint64_t now_ms) noexcept;
  void look_at_address(std::uint64_t now_ms) noexcept;
  void use_fallback() noexcept;
  void set_address(const Ipv4& address, const Ipv4& netmask, const Ipv4& gateway) noexcept;
  void tell_address() noexcept;

  const NetworkOptions* options_ = nullptr;
  const BootConfig* config_ = nullptr;
  netif interface_ = {};
  ip4_addr_t told_address_ = {};
  std::uint64_t next_look_ms_ = 0;
  std::uint64_t give_up_ms_ = 0;
  bool has_given_up_ = false;
};

}  // namespace wherry::boards
