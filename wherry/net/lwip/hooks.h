/* SPDX-License-Identifier: MIT */
/* What lwIP calls of the port (time_wait.cc). C: lwIP's sources read it. */
#pragma once

struct pbuf;

#ifdef __cplusplus
extern "C" {
#endif
void wherry_lwip_forget_old_connection_of(const struct pbuf* packet);
#ifdef __cplusplus
}
#endif

/* 0: lwIP goes on with the packet. */
#define LWIP_HOOK_IP4_INPUT(packet, interface) (wherry_lwip_forget_old_connection_of(packet), 0)
