/* SPDX-License-Identifier: MIT */
/* What lwIP asks of a compiler and a machine. C: lwIP's sources read it. */
#pragma once

#include <stdint.h>

/* Its own <errno.h>, its own byte order functions: no system's headers. */
#define LWIP_NO_INTTYPES_H 0
#define LWIP_NO_STDINT_H 0
#define BYTE_ORDER LITTLE_ENDIAN

#ifdef __cplusplus
extern "C" {
#endif
/* A bug: ends as an assertion of ours does. */
void wherry_lwip_panic(void);
/* 32 bits that a peer cannot guess from earlier ones, as far as the machine has such. */
uint32_t wherry_lwip_random(void);
#ifdef __cplusplus
}
#endif

#define LWIP_PLATFORM_DIAG(message) ((void)0)
/* Not where: that would take 1.4 KB of flash. */
#define LWIP_PLATFORM_ASSERT(message) wherry_lwip_panic()
#define LWIP_RAND() wherry_lwip_random()
