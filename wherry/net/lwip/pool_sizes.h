// SPDX-License-Identifier: MIT
// What lwIP's fixed memory takes, from its own list of pools and this build's lwipopts.h: for a
// board's sum of its RAM. lwIP's own arrays are what this says, which the linker checks
// (ram_sum.h).
#pragma once

#include <cstddef>

#include "wherry/net/lwip/lwip_library.h"

extern "C" {
#include <lwip/etharp.h>
#include <lwip/mem.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/udp.h>
#include <netif/ppp/ppp_opts.h>
}

namespace wherry::net::lwip {

/// Bytes of each pool, by its number (MEMP_TCP_PCB ...): its places, and what aligning them may
/// take.
inline constexpr std::size_t kPoolBytes[] = {
#define LWIP_MEMPOOL(name, count, size, description) \
  (count) * LWIP_MEM_ALIGN_SIZE(size) + MEM_ALIGNMENT - 1,
#include <lwip/priv/memp_std.h>
};

/// Bytes of the heap: two block heads of its own come to what can be had.
inline constexpr std::size_t kHeapBytes = LWIP_MEM_ALIGN_SIZE(MEM_SIZE) + 2 * 8 + MEM_ALIGNMENT - 1;

}  // namespace wherry::net::lwip
