// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/pools.h"

#include <iterator>

#include "wherry/net/lwip/lwip_library.h"

namespace wherry::net::lwip {
namespace {

// lwIP's own list of its pools, in the order of their numbers.
constexpr const char* kPoolNames[] = {
#define LWIP_MEMPOOL(name, count, size, description) #name,
#include <lwip/priv/memp_std.h>
};
static_assert(std::size(kPoolNames) == MEMP_MAX);

void tell(StatusSink& sink, const char* name, const stats_mem& stats) noexcept {
  sink.item(name);
  sink.gauge("used", stats.used);
  sink.gauge("peak", stats.max);
  sink.gauge("limit", stats.avail);
  sink.counter("failures", stats.err);
}

}  // namespace

void LwipPools::report(StatusSink& sink) const noexcept {
  sink.section("lwip");
  tell(sink, "HEAP_BYTES", lwip_stats.mem);
  for (std::size_t i = 0; i < std::size(kPoolNames); ++i) {
    tell(sink, kPoolNames[i], *lwip_stats.memp[i]);
  }
}

}  // namespace wherry::net::lwip
