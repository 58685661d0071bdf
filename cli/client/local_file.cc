// SPDX-License-Identifier: MIT
#include "cli/client/local_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "cli/client/cancel.h"
#include "wherry/base/crc32.h"

namespace wherry::cli {
namespace {

/// Returns: nothing: it is not there, or no regular file.
std::optional<FileIdentity> identify(int descriptor) noexcept {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                      status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

std::string LocalFile::open(const std::string& path) {
  // O_NONBLOCK: a FIFO must not be waited for to find that it is none of ours.
  descriptor_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor_) return system_error();
  const auto identity = identify(descriptor_.get());
  if (!identity) return "not a regular file";
  identity_ = *identity;
  posix_fadvise(descriptor_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return {};
}

bool LocalFile::is_unchanged() const noexcept { return identify(descriptor_.get()) == identity_; }

std::optional<std::size_t> LocalFile::read(std::uint64_t offset,
                                           std::span<char> into) const noexcept {
  while (true) {
    const ssize_t size =
        pread(descriptor_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno != EINTR) return std::nullopt;
  }
}

std::optional<std::uint32_t> LocalFile::crc32() const {
  std::vector<char> block(kReadBlock);
  Crc32 crc;
  std::uint64_t offset = 0;
  while (offset < size()) {
    const auto count = read(offset, block);
    if (!count || *count == 0 || is_cancelled()) return std::nullopt;
    crc.update(as_bytes(std::string_view(block.data(), *count)));
    offset += *count;
  }
  if (offset != size()) return std::nullopt;
  return crc.value();
}

std::string system_error() { return std::generic_category().message(errno); }

bool write_all(int descriptor, std::uint64_t offset, Bytes bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t size = pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    offset += static_cast<std::uint64_t>(size);
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace wherry::cli
