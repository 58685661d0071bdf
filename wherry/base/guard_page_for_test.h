// SPDX-License-Identifier: MIT
// For tests alone: memory that ends at a page without access, so that one byte read or written too
// far ends the test at the very instruction.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"

namespace wherry {

/// A copy of a text, or room for one, whose last byte lies before a page with PROT_NONE.
class GuardedText {
 public:
  explicit GuardedText(std::size_t size) : size_(size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t usable = (size + page - 1) / page * page;
    mapped_size_ = usable + page;
    mapping_ =
        ::mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) std::abort();
    char* guard = static_cast<char*>(mapping_) + usable;
    if (::mprotect(guard, page, PROT_NONE) != 0) std::abort();
    text_ = guard - size;
  }
  explicit GuardedText(std::string_view text) : GuardedText(text.size()) {
    if (!text.empty()) std::memcpy(text_, text.data(), text.size());
  }
  GuardedText(const GuardedText&) = delete;
  GuardedText& operator=(const GuardedText&) = delete;
  ~GuardedText() { ::munmap(mapping_, mapped_size_); }

  std::string_view view() const { return {text_, size_}; }
  std::span<char> span() { return {text_, size_}; }
  Bytes bytes() const { return as_bytes(view()); }

 private:
  void* mapping_ = nullptr;
  std::size_t mapped_size_ = 0;
  std::size_t size_ = 0;
  char* text_ = nullptr;
};

}  // namespace wherry
