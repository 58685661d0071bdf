/* SPDX-License-Identifier: MIT */
/* How much lwIP has of everything on this board. C: lwIP's sources read it. */
#pragma once

#include "boards/common/checksum.h"
#include "wherry/net/lwip/port_options.h"

/* The controller is told to put two bytes before each frame, which aligns what follows. */
#define ETH_PAD_SIZE 2

/* The controller's receive FIFO holds 10,560 bytes and drops what does not fit. With 4 connections
 * and 1 that is refused, all windows together fill no more of it. */
#define TCP_MSS 1024
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (8 * TCP_MSS)
#define TCP_SND_QUEUELEN 32

/* 4 connections, 1 that is refused, 7 that are closed and have not heard the last of it. */
#define MEMP_NUM_TCP_PCB 12
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 64
#define MEMP_NUM_PBUF 64 /* references to flash */

/* Packet buffers: a whole frame each. Three for each connection, and some to spare. */
#define PBUF_POOL_SIZE 20
#define PBUF_POOL_BUFSIZE 1524

/* What is sent: headers, and what is copied. */
#define MEM_SIZE (48 * 1024)

#define LWIP_DHCP 1
#define DHCP_DOES_ARP_CHECK 0
#define LWIP_NETIF_HOSTNAME 1
#define MEMP_NUM_UDP_PCB 1
#define ARP_TABLE_SIZE 8
#define MEMP_NUM_ARP_QUEUE 4
#define ETHARP_SUPPORT_STATIC_ENTRIES 0
