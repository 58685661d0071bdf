/* SPDX-License-Identifier: MIT */
/* How much lwIP has of everything on this board. C: lwIP's sources read it. */
#pragma once

#include "boards/common/checksum.h"
#include "wherry/net/lwip/port_options.h"

/* The same code is tested on the host, where its assertions are on. */
#define LWIP_NOASSERT 1

/* The controller puts two bytes before each frame, which aligns what follows. */
#define ETH_PAD_SIZE 2

/* Two whole packets each way for each connection: the least that keeps a peer sending, and the
 * acknowledgements from being delayed. */
#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 16

/* 4 connections, 1 that is refused, 3 that are closed and have not heard the last of it. */
#define MEMP_NUM_TCP_PCB 8
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 24
#define MEMP_NUM_PBUF 24 /* references to flash */

/* Packet buffers: a whole frame each. */
#define PBUF_POOL_SIZE 7
#define PBUF_POOL_BUFSIZE 1524

/* What is sent: headers, and what is copied. */
#define MEM_SIZE (6 * 1024)

#define LWIP_DHCP 1
#define DHCP_DOES_ARP_CHECK 0
#define LWIP_NETIF_HOSTNAME 1
#define MEMP_NUM_UDP_PCB 1
#define ARP_TABLE_SIZE 4
#define MEMP_NUM_ARP_QUEUE 2
#define ETHARP_SUPPORT_STATIC_ENTRIES 0
