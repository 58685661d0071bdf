// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/mapping.h"

#include <sys/mman.h>

namespace wherry::storage::posix {

Mapping::Mapping(std::size_t size) noexcept {
  if (size == 0) return;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) bytes_ = {static_cast<std::byte*>(memory), size};
}

Mapping::~Mapping() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace wherry::storage::posix
