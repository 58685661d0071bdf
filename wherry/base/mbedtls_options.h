/* SPDX-License-Identifier: MIT
 * What of Mbed TLS is built: SHA-256, for its size. Its own sources include this file, which is
 * therefore C. */
#ifndef WHERRY_BASE_MBEDTLS_OPTIONS_H
#define WHERRY_BASE_MBEDTLS_OPTIONS_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER

#endif
