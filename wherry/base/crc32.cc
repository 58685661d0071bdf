// SPDX-License-Identifier: MIT
#include "wherry/base/crc32.h"

#if WHERRY_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace wherry {

std::uint32_t crc32(Bytes bytes, std::uint32_t seed) noexcept {
#if WHERRY_LIBDEFLATE
  // libdeflate takes a null pointer as the wish for a fresh start and would forget the seed.
  if (bytes.empty()) return seed;
  return libdeflate_crc32(seed, bytes.data(), bytes.size());
#else
  return crc32_portable(bytes, seed);
#endif
}

}  // namespace wherry
