/* SPDX-License-Identifier: MIT */
/* The checksum of IP, TCP and UDP, for lwIP: each lwipopts.h includes this. C: lwIP's sources read
 * it. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif
/* The sum in ones' complement of `size` bytes as 16-bit words in this machine's byte order, a last
 * odd byte filled up with zero (RFC 1071). `data` may lie anywhere. */
unsigned short wherry_internet_checksum(const void* data, int size);
#ifdef __cplusplus
}
#endif

#define LWIP_CHKSUM wherry_internet_checksum
#define LWIP_CHKSUM_ALGORITHM 0
