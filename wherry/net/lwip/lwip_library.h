// SPDX-License-Identifier: MIT
// lwIP's headers, for this port's sources and for boards: they are C, and made for C's warnings.
#pragma once

extern "C" {
#include <lwip/init.h>
#include <lwip/ip4_addr.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/prot/ip4.h>
#include <lwip/prot/tcp.h>
#include <lwip/stats.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
}
