// SPDX-License-Identifier: MIT
#include "wherry/transfer/archive.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wherry/base/text_writer.h"
#include "wherry/http/content_disposition.h"
#include "wherry/http/target.h"
#include "wherry/transfer/tar.h"
#include "wherry/transfer/tree_walk.h"

namespace wherry::transfer {
namespace {

/// The last name of `folder`, with its slash: what every path of the archive begins with.
/// Returns: a text in request memory; empty for the root.  Errors: no_memory.
Result<std::string_view> top_of(app::Request& request, std::string_view folder) noexcept {
  const std::string_view name = folder.substr(folder.rfind('/') + 1);
  if (name.empty()) return name;
  const auto memory = request.scratch().text(name.size() + 1);
  if (!memory) return memory.error();
  std::ranges::copy(name, memory->begin());
  (*memory)[name.size()] = '/';
  return std::string_view(memory->data(), memory->size());
}

TarEntry tar_entry(std::string_view top, const TreeWalk::Entry& entry, std::uint64_t size,
                   std::optional<std::int64_t> modified_s) noexcept {
  return {.folder = top,
          .path = entry.path,
          .is_folder = entry.info.is_folder,
          .size = size,
          .modified_s = modified_s.value_or(0)};
}

/// Returns: the bytes of the archive; none where there is too much to count.
coro::Task<std::optional<std::uint64_t>> measure(app::Request& request, std::string_view folder,
                                                 std::string_view top) {
  TreeWalk walk(request, folder);
  std::uint64_t bytes = kTarEndBytes;
  std::uint32_t count = 0;
  while (true) {
    while (const auto entry = walk.next()) {
      const storage::FolderEntry& info = entry->info;
      bytes += tar_entry_bytes(tar_entry(top, *entry, info.size, info.modified_s));
      if (++count > kMaxCountedEntries) co_return std::nullopt;
    }
    const bool has_more = co_await walk.more();
    if (!has_more) co_return std::optional(bytes);
  }
}

Bytes bytes_of(const std::array<char, kTarBlockBytes>& block) noexcept {
  return as_bytes({block.data(), block.size()});
}

/// Keeps an archive to the length that was promised for it.
class Promise {
 public:
  explicit Promise(std::optional<std::uint64_t> bytes) noexcept : left_(bytes) {}

  /// `bytes` more will be sent.  Errors: conflict: more than was promised.
  Result<> take(std::uint64_t bytes) noexcept {
    if (!left_) return {};
    if (bytes > *left_) return Error::conflict;
    *left_ -= bytes;
    return {};
  }
  /// Errors: conflict: less than was promised.
  Result<> is_kept() const noexcept {
    return left_.value_or(0) == 0 ? Result<>() : Result<>(Error::conflict);
  }

 private:
  std::optional<std::uint64_t> left_;
};

coro::AsyncGenerator<Bytes> make_archive(app::Request& request, std::string_view folder,
                                         std::string_view top,
                                         std::optional<std::uint64_t> promised) {
  TreeWalk walk(request, folder);
  Promise promise(promised);
  std::array<char, kTarBlockBytes> block;
  while (true) {
    while (const auto entry = walk.next()) {
      std::optional<storage::File> file;
      storage::FileInfo info{.size = 0, .modified_s = entry->info.modified_s};
      if (!entry->info.is_folder) {
        auto opened = co_await coro::as_result(request.storage().open(walk.path()));
        // Removed since it was told; a promise that counted it is not kept.
        if (!opened && opened.error() == Error::not_found) continue;
        file.emplace(co_await std::move(opened));
        info = file->info();
      }
      TarHead head(tar_entry(top, *entry, info.size, info.modified_s));
      co_await promise.take(head.bytes() + info.size + tar_padding(info.size));
      while (head.next(block)) co_yield bytes_of(block);
      for (std::uint64_t sent = 0; sent < info.size;) {
        const auto wanted = std::min<std::uint64_t>(info.size - sent, SIZE_MAX);
        const Bytes part = co_await file->read(sent, static_cast<std::size_t>(wanted));
        if (part.empty()) co_await Result<>(Error::disk_failed);  // it has become shorter
        sent += part.size();
        co_yield part;
      }
      block.fill('\0');
      if (tar_padding(info.size) != 0) co_yield bytes_of(block).first(tar_padding(info.size));
    }
    const bool has_more = co_await walk.more();
    if (!has_more) break;
  }
  co_await promise.take(kTarEndBytes);
  co_await promise.is_kept();
  block.fill('\0');
  for (std::size_t sent = 0; sent < kTarEndBytes; sent += block.size()) co_yield bytes_of(block);
}

/// `attachment; filename="photos.tar"`
void offer_as_file(app::Request& request, app::Response& response, std::string_view top) noexcept {
  constexpr std::string_view kSuffix = ".tar";
  const std::string_view stem = top.empty() ? "files" : top.substr(0, top.size() - 1);
  const auto name = request.scratch().text(stem.size() + kSuffix.size());
  const auto memory = request.scratch().text(5 * (stem.size() + kSuffix.size()) + 42);
  if (!name || !memory) return response.lacks_memory();
  TextWriter filename(*name);
  filename.append(stem).append(kSuffix);
  TextWriter value(*memory);
  http::write_attachment(filename.view(), value);
  request.scratch().trim(value.size());
  response.header("Content-Disposition", value.view());
}

}  // namespace

coro::Task<app::Response> archive(app::Request& request, std::string_view folder) {
  const std::string_view top = co_await top_of(request, folder);
  const std::optional<std::uint64_t> bytes = co_await measure(request, folder, top);
  app::Response response =
      app::stream(request, make_archive(request, folder, top, bytes), bytes, "application/x-tar");
  offer_as_file(request, response, top);
  response.header("Cache-Control", "no-store");
  co_return response;
}

}  // namespace wherry::transfer
