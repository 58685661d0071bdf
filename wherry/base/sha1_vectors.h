// SPDX-License-Identifier: MIT
// Bytes and their SHA-1, as NIST's examples for FIPS 180-4 and Python's hashlib say. Plain data
// without a test framework, so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry {

struct Sha1Vector {
  std::string_view text;
  std::string_view hex;
  unsigned times = 1;  // so many copies of `text`
};

inline constexpr Sha1Vector kSha1Vectors[] = {
    {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "a49b2446a02c645bf419f995b67091253a04a259"},
    {"a", "c1c8bbdc22796e28c0e15163d20899b65621d65a", 55},
    {"a", "c2db330f6083854c99d4b5bfb6e8f29f201be699", 56},
    {"a", "03f09f5b158a7a8cdad920bddc29b81c18a551f5", 63},
    {"a", "0098ba824b5c16427bd7a1122a5a442a25ec644d", 64},
    {"a", "11655326c708d70319be2610e8a57d9a5b959d3b", 65},
    {"a", "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56", 119},
    {"a", "f34c1488385346a55709ba056ddd08280dd4c6d6", 120},
    {"a", "291e9a6c66994949b57ba5e650361e98fc36b1ba", 1000},
    {"abcdefghij", "328ef9e07dd31d535532032efd542a23e995491d", 1000},
};

}  // namespace wherry
