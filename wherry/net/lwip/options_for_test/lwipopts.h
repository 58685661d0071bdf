/* SPDX-License-Identifier: MIT */
/* lwIP for the port's tests on a host: as small as on a board, so that what runs short runs short,
 * and no interface but a wire that the test holds. C: lwIP's sources read it. */
#pragma once

#include "wherry/net/lwip/port_options.h"

#define ETH_PAD_SIZE 0
#define LWIP_ARP 0
#define LWIP_ETHERNET 0

/* Both ends of each connection are in this one stack. */
#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 16
#define MEMP_NUM_TCP_PCB 12
#define MEMP_NUM_TCP_PCB_LISTEN 2
#define MEMP_NUM_TCP_SEG 64
#define MEMP_NUM_PBUF 64
#define PBUF_POOL_SIZE 16
#define PBUF_POOL_BUFSIZE 1524
#define MEM_SIZE (32 * 1024)

#define LWIP_DHCP 0
