// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/lister.h"

#include <algorithm>
#include <utility>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/known_file.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {
namespace {

/// How much the two have in common at their begin.
std::size_t common_size(std::string_view one, std::string_view other) noexcept {
  const std::size_t size = std::min(one.size(), other.size());
  return static_cast<std::size_t>(
      std::mismatch(one.begin(), one.begin() + size, other.begin()).first - one.begin());
}

}  // namespace

// Of a longer name than fits, the begin will do: what is told and lies behind that lies behind all
// of it.
Lister::Lister(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path,
               std::string_view behind) noexcept
    : Slot(storage, memory, path, Use::reads) {
  const std::size_t room = memory_.path.size() - path_.size();
  if (room > 2) static_cast<void>(set_name(behind.substr(0, std::min(behind.size(), room - 2))));
  told_size_ = name().size();
}

// Returns: whether it fits.
bool Lister::set_name(std::string_view name) noexcept {
  const std::size_t begin = name_begin();
  if (begin + name.size() >= memory_.path.size()) return false;
  std::ranges::copy(name, memory_.path.data() + begin);
  memory_.path[begin + name.size()] = '\0';
  return true;
}

Error Lister::open() noexcept {
  char& end = memory_.path[path_.size()];
  if (!path_.empty()) end = '\0';
  const int code =
      lfs::folder_open(storage_.files().handle(), &folder_, path_.empty() ? "/" : path_c_str());
  if (!path_.empty()) end = '/';
  is_open_ = code == lfs::kOk;
  return reader_error(code);
}

void Lister::lose_place() noexcept {
  if (is_open_) lfs::folder_close(storage_.files().handle(), &folder_);
  is_open_ = false;
}

void Lister::begin_read(Folder::Read& operation) noexcept {
  const Result<FolderPage> page = read_page(operation.max_entries());
  if (page) {
    operation.succeed(*page);
  } else {
    lose_place();
    operation.finish(page.error());
  }
}

Result<FolderPage> Lister::read_page(std::uint32_t max_entries) noexcept {
  const bool was_open = is_open_;
  if (const Error error = was_open ? Error::none : open(); error != Error::none) return error;
  FolderPageWriter page(memory_.block);
  int code = was_open ? 1 : advance();
  while (true) {
    if (code > 0 && told_size_ == name().size()) code = advance();
    if (code == 0) return page.finish(FolderPage::Order::name, true);
    if (page.count() == max_entries) break;
    if (code > 0) code = find_shortest();
    if (code < 0) return Error::disk_failed;
    const auto size = static_cast<std::size_t>(code);
    FolderEntry entry;
    code = describe(size, entry);
    if (code < 0 && code != lfs::kNoEntry) return Error::disk_failed;
    if (code == lfs::kOk && !page.add(entry)) break;
    told_size_ = size;  // or it has gone
    code = 1;
  }
  return page.finish(FolderPage::Order::name, false);
}

bool Lister::is_behind(std::string_view other) const noexcept {
  const std::string_view here = name();
  return told_size_ == here.size() ? other > here : other >= here.substr(0, told_size_ + 1);
}

// Goes to the first name in littlefs's order that has not been told. This and the next are not
// inlined, for their 260 bytes: describe() is deep.
// Returns: 1, 0 (there is none) or littlefs's code.
[[gnu::noinline]] int Lister::advance() noexcept {
  lfs::Info info;
  while (true) {
    const int code = lfs::folder_read(storage_.files().handle(), &folder_, &info);
    if (code <= 0) return code;
    const std::string_view found = info.name;
    if (!is_behind(found) || !check_path(found)) continue;
    const std::size_t common = common_size(name(), found);
    if (!set_name(found)) continue;
    told_size_ = std::min(told_size_, common);
    return code;
  }
}

// Returns: how much of the name is the next to be told; or littlefs's code.
[[gnu::noinline]] int Lister::find_shortest() noexcept {
  std::size_t shortest = name().size();
  if (told_size_ + 1 >= shortest) return static_cast<int>(shortest);
  const lfs::Folder here = folder_;
  lfs::Info info;
  int code = 0;
  while ((code = lfs::folder_read(storage_.files().handle(), &folder_, &info)) > 0) {
    const std::string_view found = info.name;
    const std::size_t common = common_size(name(), found);
    if (common <= told_size_) break;
    if (common == found.size() && check_path(found)) shortest = std::min(shortest, common);
  }
  // Back to where it was: nothing has changed since. littlefs's own seek would read all up to here.
  folder_.id = here.id;
  folder_.m = here.m;
  folder_.pos = here.pos;
  return code < 0 ? code : static_cast<int>(shortest);
}

// Says what is known of the entry whose name is the first `size` bytes of this one.
int Lister::describe(std::size_t size, FolderEntry& entry) noexcept {
  FileInfo info;
  FileSystem& files = storage_.files();
  char& end = memory_.path[name_begin() + size];
  const char behind = std::exchange(end, '\0');
  const int code = open_known(files, file_, file_config_, memory_.path.data(), info);
  end = behind;
  entry.name = name().substr(0, size);
  entry.is_folder = code == lfs::kIsFolder;
  if (entry.is_folder || code < 0) return entry.is_folder ? lfs::kOk : code;
  lfs::file_close(files.handle(), &file_);
  entry.size = info.size;
  entry.version = info.version;
  entry.crc32 = info.crc32;
  return code;
}

void Lister::close() noexcept {
  lose_place();
  storage_.closed(*this);
}

}  // namespace wherry::storage::littlefs
