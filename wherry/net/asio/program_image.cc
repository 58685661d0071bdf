// SPDX-License-Identifier: MIT
#include "wherry/net/asio/program_image.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

namespace wherry::net::asio {
namespace {

constexpr const char* kProgram = "/proc/self/exe";
constexpr const char* kMappings = "/proc/self/maps";  // proc(5): a line each
constexpr const char* kMemory = "/proc/self/mem";

// Pages that the program's start has changed (relocations) are another's than the file's. Both are
// read as files: what lies between variables is nobody's to look at.
bool are_equal(int file, off_t offset, int memory, off_t address, std::size_t size) noexcept {
  std::array<std::byte, 4096> of_file;
  std::array<std::byte, 4096> of_memory;
  while (size > 0) {
    const std::size_t part = std::min(of_file.size(), size);
    const auto wanted = static_cast<ssize_t>(part);
    if (::pread(file, of_file.data(), part, offset) != wanted ||
        ::pread(memory, of_memory.data(), part, address) != wanted ||
        std::memcmp(of_file.data(), of_memory.data(), part) != 0) {
      return false;
    }
    size -= part;
    offset += wanted;
    address += wanted;
  }
  return true;
}

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

const ProgramImage& ProgramImage::own() noexcept {
  static const ProgramImage image;
  return image;
}

// The file stays open for as long as the program runs.
ProgramImage::ProgramImage() noexcept {
  std::array<char, 4096> path;
  const ssize_t path_size = ::readlink(kProgram, path.data(), path.size());
  const std::unique_ptr<std::FILE, CloseFile> mappings(std::fopen(kMappings, "re"));
  if (path_size <= 0 || mappings == nullptr) return;
  file_ = ::open(kProgram, O_RDONLY | O_CLOEXEC);
  const int memory = ::open(kMemory, O_RDONLY | O_CLOEXEC);
  const std::string_view program(path.data(), static_cast<std::size_t>(path_size));
  std::array<char, 4096 + 256> line;
  while (std::fgets(line.data(), line.size(), mappings.get()) != nullptr) {
    unsigned long begin = 0;
    unsigned long end = 0;
    unsigned long offset = 0;
    char may_write = 0;
    int path_at = 0;
    const int fields = std::sscanf(line.data(), "%lx-%lx r%c%*2c %lx %*s %*u %n", &begin, &end,
                                   &may_write, &offset, &path_at);
    if (fields != 4 || may_write != '-' || path_at == 0) continue;
    std::string_view mapped = line.data() + path_at;
    if (mapped.ends_with('\n')) mapped.remove_suffix(1);
    if (mapped != program) continue;
    const auto place = static_cast<off_t>(offset);
    if (count_ == parts_.size() ||
        !are_equal(file_, place, memory, static_cast<off_t>(begin), end - begin)) {
      continue;
    }
    parts_[count_++] = {reinterpret_cast<const std::byte*>(static_cast<std::uintptr_t>(begin)),
                        reinterpret_cast<const std::byte*>(static_cast<std::uintptr_t>(end)),
                        place};
  }
  if (memory >= 0) ::close(memory);
}

std::optional<ProgramImage::Place> ProgramImage::find(Bytes bytes) const noexcept {
  constexpr std::less_equal<const std::byte*> is_not_after;
  const std::byte* const end = bytes.data() + bytes.size();
  for (std::size_t i = 0; i < count_; ++i) {
    const Part& part = parts_[i];
    if (is_not_after(part.begin, bytes.data()) && is_not_after(end, part.end)) {
      return Place{file_, part.offset + (bytes.data() - part.begin)};
    }
  }
  return std::nullopt;
}

}  // namespace wherry::net::asio
