// SPDX-License-Identifier: MIT
#include "wherry/transfer/tar.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "wherry/base/text_writer.h"

namespace wherry::transfer {
namespace {

// The places of a head: where in the block, and how many bytes.
struct Place {
  std::size_t at, size;
};
constexpr Place kName{0, 100}, kMode{100, 8}, kUser{108, 8}, kGroup{116, 8}, kSize{124, 12},
    kTime{136, 12}, kSum{148, 8}, kType{156, 1}, kMagic{257, 8};

// What eleven octal digits can say.
constexpr std::uint64_t kMaxOctal = (1ull << 33) - 1;

void put(std::span<char, kTarBlockBytes> block, Place place, std::string_view text) noexcept {
  std::ranges::copy(text.substr(0, place.size),
                    block.begin() + static_cast<std::ptrdiff_t>(place.at));
}

/// Octal digits with zeros before them, and a NUL behind.
void put_octal(std::span<char, kTarBlockBytes> block, Place place, std::uint64_t value) noexcept {
  for (std::size_t i = place.size - 1; i-- > 0; value >>= 3) {
    block[place.at + i] = static_cast<char>('0' + (value & 7));
  }
}

/// The sum of all bytes, those of the sum itself as spaces.
void put_sum(std::span<char, kTarBlockBytes> block) noexcept {
  put(block, kSum, "        ");
  std::uint32_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put_octal(block, {kSum.at, kSum.size - 1}, sum);  // six digits, NUL, space
  block[kSum.at + 6] = '\0';
}

bool is_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::size_t path_size(const TarEntry& entry) noexcept {
  return entry.folder.size() + entry.path.size();
}

bool needs_path(const TarEntry& entry) noexcept {
  return path_size(entry) > kName.size || !is_ascii(entry.folder) || !is_ascii(entry.path);
}

bool needs_size(const TarEntry& entry) noexcept { return entry.size > kMaxOctal; }

bool needs_time(const TarEntry& entry) noexcept {
  return entry.modified_s < 0 || static_cast<std::uint64_t>(entry.modified_s) > kMaxOctal;
}

std::uint32_t digits_of(std::uint64_t number) noexcept {
  std::uint32_t digits = 1;
  for (std::uint64_t least = 10; number >= least && digits < 20; least *= 10) ++digits;
  return digits;
}

/// The size of `LENGTH KEY=VALUE\n`, whose own length is its first part.
std::uint32_t record_bytes(std::string_view key, std::size_t value_size) noexcept {
  const auto rest = static_cast<std::uint32_t>(key.size() + value_size + 3);
  std::uint32_t size = rest + digits_of(rest);
  if (digits_of(size) != digits_of(rest)) size = rest + digits_of(size);
  return size;
}

struct DecimalText {
  explicit DecimalText(std::int64_t value) noexcept { writer.append_decimal(value); }
  explicit DecimalText(std::uint64_t value) noexcept { writer.append_decimal(value); }
  std::array<char, 24> memory;
  TextWriter writer{memory};
};

/// Writes that part of a text that falls into one block.
class Window {
 public:
  Window(std::span<char, kTarBlockBytes> block, std::size_t begin) noexcept
      : block_(block), begin_(begin) {}

  Window& append(std::string_view text) noexcept {
    for (const char c : text) {
      if (at_ >= begin_ && at_ - begin_ < block_.size()) block_[at_ - begin_] = c;
      ++at_;
    }
    return *this;
  }

  void record(std::string_view key, std::string_view first, std::string_view second = {}) noexcept {
    const std::uint64_t size = record_bytes(key, first.size() + second.size());
    append(DecimalText(size).writer.view()).append(" ").append(key).append("=");
    append(first).append(second).append("\n");
  }

 private:
  std::span<char, kTarBlockBytes> block_;
  std::size_t begin_;
  std::size_t at_ = 0;
};

std::uint32_t records_bytes(const TarEntry& entry) noexcept {
  std::uint32_t bytes = 0;
  if (needs_path(entry)) bytes += record_bytes("path", path_size(entry));
  if (needs_size(entry)) bytes += record_bytes("size", digits_of(entry.size));
  if (needs_time(entry)) {
    bytes += record_bytes("mtime", DecimalText(entry.modified_s).writer.size());
  }
  return bytes;
}

void write_records(const TarEntry& entry, Window window) noexcept {
  if (needs_path(entry)) window.record("path", entry.folder, entry.path);
  if (needs_size(entry)) window.record("size", DecimalText(entry.size).writer.view());
  if (needs_time(entry)) window.record("mtime", DecimalText(entry.modified_s).writer.view());
}

/// Whoever knows no pax headers sees the end of the path, in ASCII.
void put_name(std::span<char, kTarBlockBytes> block, const TarEntry& entry) noexcept {
  const std::size_t size = path_size(entry);
  const std::size_t begin = size > kName.size ? size - kName.size : 0;
  Window(block, begin).append(entry.folder).append(entry.path);
  for (std::size_t i = 0; i < kName.size; ++i) {
    if (static_cast<unsigned char>(block[i]) >= 0x80) block[i] = '_';
  }
}

void write_head(std::span<char, kTarBlockBytes> block, const TarEntry& entry, char type,
                std::uint64_t size) noexcept {
  put_octal(block, kMode, entry.is_folder ? 0755 : 0644);
  put_octal(block, kUser, 0);
  put_octal(block, kGroup, 0);
  put_octal(block, kSize, size & kMaxOctal);
  put_octal(block, kTime, needs_time(entry) ? 0 : static_cast<std::uint64_t>(entry.modified_s));
  block[kType.at] = type;
  put(block, kMagic, std::string_view("ustar\00000", kMagic.size));
  put_sum(block);
}

constexpr std::uint32_t blocks_for(std::uint64_t bytes) noexcept {
  return static_cast<std::uint32_t>((bytes + kTarBlockBytes - 1) / kTarBlockBytes);
}

}  // namespace

TarHead::TarHead(const TarEntry& entry) noexcept
    : entry_(entry), records_bytes_(records_bytes(entry)) {
  if (records_bytes_ != 0) blocks_ = 2 + blocks_for(records_bytes_);
}

bool TarHead::next(std::array<char, kTarBlockBytes>& block) noexcept {
  if (next_ == blocks_) return false;
  const std::uint32_t index = next_++;
  block.fill('\0');
  if (next_ == blocks_) {
    put_name(block, entry_);
    write_head(block, entry_, entry_.is_folder ? '5' : '0', needs_size(entry_) ? 0 : entry_.size);
  } else if (index == 0) {
    put(block, kName, "PaxHeader");
    write_head(block, TarEntry{}, 'x', records_bytes_);
  } else {
    write_records(entry_, Window(block, (index - 1) * kTarBlockBytes));
  }
  return true;
}

std::uint64_t tar_entry_bytes(const TarEntry& entry) noexcept {
  return TarHead(entry).bytes() + entry.size + tar_padding(entry.size);
}

}  // namespace wherry::transfer
