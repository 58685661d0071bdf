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
void wherry_lwip_panic(const char* file, int line);
/* 32 bits that a peer cannot guess from earlier ones, as far as the machine has such. */
uint32_t wherry_lwip_random(void);
#ifdef __cplusplus
}
#endif

#define LWIP_PLATFORM_DIAG(message) ((void)0)
#define LWIP_PLATFORM_ASSERT(message) wherry_lwip_panic(__FILE_NAME__, __LINE__)
#define LWIP_RAND() wherry_lwip_random()
