// SPDX-License-Identifier: MIT
// How an unfinished upload lies in the storage: the names of its two files, the beginning of its
// note, and how old it is. For upload_resource.cc and upload_sweep.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/claims.h"
#include "wherry/coro/context.h"
#include "wherry/coro/task.h"
#include "wherry/net/net.h"
#include "wherry/storage/path.h"
#include "wherry/storage/storage.h"

namespace wherry::transfer {

/// The names of an upload's two files in the storage.
class UploadNames {
 public:
  using Key = app::Claims::Key;

  UploadNames() = default;
  explicit UploadNames(const Key& key) noexcept;

  std::string_view bytes() const noexcept { return {text_.data(), kBytesSize}; }
  std::string_view note() const noexcept { return {text_.data(), text_.size()}; }
  /// 32 hexadecimal digits.
  std::string_view id() const noexcept { return bytes().substr(kBytesSize - kIdSize); }

  /// Returns: the key of which `id` is the id; none: it is none.
  static std::optional<Key> parse(std::string_view id) noexcept;

  static constexpr std::string_view kNoteSuffix = ".note";

 private:
  static constexpr std::size_t kIdSize = 2 * sizeof(Key);
  static constexpr std::size_t kBytesSize = storage::kUploadsFolder.size() + 1 + kIdSize;

  std::array<char, kBytesSize + kNoteSuffix.size()> text_{};
};

/// What a note begins with. One that was written by a program which is built otherwise is no note:
/// its upload is gone.
struct NoteHead {
  static constexpr std::uint32_t kFormat = 0x57480005;

  std::uint32_t format = kFormat;
  std::uint32_t note_bytes = 0;  // with the state behind it
  std::uint32_t path_bytes = 0;
  std::uint32_t metadata_bytes = 0;
  std::uint32_t crc32 = 0;     // of all that follows this head
  std::uint32_t uptime_s = 0;  // of the machine, when it was written
};

std::uint32_t uptime_s(const net::Loop& loop) noexcept;

/// Returns: seconds since a note was written, or fewer: without a clock, the time in which nothing
/// was running does not count. A note that was written later than now is of an earlier run.
/// `modified_s`: of its file.
std::uint64_t age_s(const net::Loop& loop, std::optional<std::int64_t> modified_s,
                    const NoteHead& note) noexcept;

/// Removes both files of an upload. The note first: bytes without one belong to nobody, and are
/// swept.  Errors: those of Storage::remove but not_found.  Lifetime: `names` outlive the await.
coro::Task<> remove_upload(coro::Context& context, storage::Storage& storage,
                           const UploadNames& names);

}  // namespace wherry::transfer
