/* SPDX-License-Identifier: MIT */
/* What the port needs of lwIP, whatever the machine. Each lwipopts.h begins by including it, then
 * says how much there is of everything: window, pools, connections. C: lwIP's sources read it. */
#pragma once

/* One loop, no operating system, the raw API: callbacks, no threads, no sockets. */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_CALLBACK_API 1
#define LWIP_SINGLE_NETIF 1

/* TCP over IPv4, and what an address is got by. */
#define LWIP_TCP 1
#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_RAW 0
#define LWIP_UDP 1
#define LWIP_ICMP 1
#define IP_REASSEMBLY 0
#define IP_FRAG 0

/* A lost segment costs one segment, not all that came after it; what waits behind a gap is bounded,
 * and given up when the pool runs dry (LwipLoop looks after that). */
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_PBUFS 3

/* Who is not accepted yet is bounded. */
#define TCP_LISTEN_BACKLOG 1

/* A client may come again from the port of a connection that was closed. */
#define LWIP_HOOK_FILENAME "wherry/net/lwip/hooks.h"

/* All memory is fixed: lwIP's own heap and pools are arrays, sized by lwipopts.h. */
#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#define MEM_ALIGNMENT __SIZEOF_POINTER__

/* Peaks and failures of the pools, for whoever sizes them. */
#define LWIP_STATS 1
#define MEM_STATS 1
#define MEMP_STATS 1
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define ICMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define SYS_STATS 0
#define LWIP_STATS_DISPLAY 0
