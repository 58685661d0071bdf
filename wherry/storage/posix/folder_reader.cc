// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/folder_reader.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/system.h"
#include "wherry/storage/posix/version.h"

namespace wherry::storage::posix {
namespace {

void describe_file(const struct stat& info, FolderEntry& entry) noexcept {
  const FileInfo file = file_info_of(info);
  entry.size = file.size;
  entry.modified_s = file.modified_s;
  entry.version = file.version;
}

void describe_folder(const struct stat& info, FolderEntry& entry) noexcept {
  entry.is_folder = true;
  entry.modified_s = info.st_mtim.tv_sec;
}

}  // namespace

void FolderReader::Bound::set(std::string_view name) noexcept {
  WHERRY_ASSERT(name.size() <= sizeof(text));
  size = static_cast<std::uint8_t>(name.size());
  if (!name.empty()) std::memcpy(text, name.data(), name.size());
}

FolderReader::FolderReader(std::string_view path, const FolderPosition& position) noexcept
    : order_(position.cookie != 0    ? Order::storage
             : position.name.empty() ? Order::unknown
                                     : Order::name),
      taken_cookie_(position.cookie),
      path_size_(static_cast<std::uint16_t>(path.size())) {
  WHERRY_ASSERT(path.size() <= sizeof(path_));
  if (!path.empty()) std::memcpy(path_, path.data(), path.size());
  if (order_ == Order::name) taken_name_.set(position.name);
}

Result<> FolderReader::open(const Root& root) noexcept {
  folder_ = root.open_folder(path(), O_RDONLY);
  if (!folder_) return reader_error(errno);
  // A place that this file system could never have told.
  const auto place = static_cast<off_t>(taken_cookie_);
  if (place < 0 || ::lseek(folder_.get(), place, SEEK_SET) < 0) return Error::bad_request;
  return {};
}

// What the system has told is kept in the block, from page to page: where it is asked again by a
// cookie, some file systems (tmpfs) find another place if the entry there has been replaced.
void FolderReader::set_block(MutableBytes block) noexcept {
  WHERRY_ASSERT(block.size() >= kMinBlockBytes);
  constexpr std::size_t kMaxBufferBytes = 16 * 1024;
  const std::size_t share = block.size() / 4 / Directory::kMinBufferBytes;
  const std::size_t buffer_bytes =
      std::clamp(share * Directory::kMinBufferBytes, Directory::kMinBufferBytes, kMaxBufferBytes);
  entries_ = Directory(folder_.get(), block.first(buffer_bytes));
  block_ = block.subspan(buffer_bytes);
}

void FolderReader::begin_page(std::uint32_t max_entries) noexcept {
  writer_ = FolderPageWriter(block_);
  max_entries_ = std::max(max_entries, std::uint32_t{1});
  cookie_ = taken_cookie_;
  must_seek_ = must_seek_ || order_ == Order::name;
  ceiling_.set({});
  leaves_more_ = false;
}

Result<bool> FolderReader::read_some(const Root& root) noexcept {
  if (is_over_) {
    finish_page(true);
    return true;
  }
  const Deadline deadline(kSliceMs);
  if (must_seek_) entries_.seek(order_ == Order::name ? 0 : taken_cookie_);
  must_seek_ = false;
  while (const Directory::Entry* found = entries_.next()) {
    FolderEntry entry;
    if (describe(root, *found, entry) && !add(entry)) {
      entries_.put_back();
      finish_page(false);
      return true;
    }
    cookie_ = found->cookie;
    if (deadline.has_passed()) return false;
  }
  if (entries_.error_number() == ENOENT) return Error::not_found;  // it was removed
  if (entries_.error_number() != 0) return Error::disk_failed;
  finish_page(true);
  return true;
}

// Returns: whether it is to be told.
bool FolderReader::describe(const Root& root, const Directory::Entry& found,
                            FolderEntry& entry) noexcept {
  const std::string_view name(found.name);
  const bool is_behind = ceiling_.size > 0 && name >= ceiling_.name();
  if (order_ == Order::name && (name <= taken_name_.name() || is_behind)) {
    leaves_more_ = leaves_more_ || is_behind;
    return false;
  }
  const std::size_t path_size = path().empty() ? name.size() : path().size() + 1 + name.size();
  if (found.is_special() || path_size > kMaxPathBytes || !check_path(name)) return false;
  struct stat info{};
  if (::fstatat(folder_.get(), found.name, &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  entry.name = name;
  entry.cookie = order_ == Order::name ? 0 : found.cookie;
  if (S_ISLNK(info.st_mode)) return describe_target(root, name, entry);
  if (S_ISDIR(info.st_mode)) {
    describe_folder(info, entry);
  } else if (S_ISREG(info.st_mode)) {
    describe_file(info, entry);
    entry.crc32 = kept_crc32(DescriptorPath(folder_.get(), found.name).c_str(), info);
  } else {
    return false;
  }
  return true;
}

// A link is told as what opening it would give, if that lies beneath the root.
bool FolderReader::describe_target(const Root& root, std::string_view name,
                                   FolderEntry& entry) noexcept {
  char text[kMaxPathBytes + 1];
  std::size_t size = 0;
  if (!path().empty()) {
    std::memcpy(text, path_, path_size_);
    text[path_size_] = '/';
    size = path_size_ + std::size_t{1};
  }
  std::memcpy(text + size, name.data(), name.size());
  text[size + name.size()] = '\0';
  const Fd target(open_beneath(root.fd(), text, O_PATH | O_CLOEXEC, kBeneath));
  struct stat info{};
  if (!target || ::fstat(target.get(), &info) != 0) return false;
  if (S_ISDIR(info.st_mode)) {
    describe_folder(info, entry);
    entry.is_linked = true;
  } else if (S_ISREG(info.st_mode)) {
    describe_file(info, entry);
    entry.crc32 = kept_crc32_of_name(target.get(), info);
  } else {
    return false;
  }
  return true;
}

// Returns: false when the page is full; what was not added is told in the next.
bool FolderReader::add(FolderEntry& entry) noexcept {
  if (order_ == Order::name) return add_by_name(entry);
  const bool is_added = writer_.count() < max_entries_ && writer_.add(entry);
  leaves_more_ = leaves_more_ || !is_added;
  return is_added;
}

// The lowest names stay. Each time that the block is full half of them go, so that room for a name
// costs little.
bool FolderReader::add_by_name(FolderEntry& entry) noexcept {
  if (writer_.add(entry)) return true;
  leaves_more_ = true;
  keep_lowest(std::min(max_entries_, writer_.count() / 2));
  ceiling_.set(writer_.name(writer_.count() - 1));
  if (entry.name < ceiling_.name()) {
    const bool is_added = writer_.add(entry);
    WHERRY_ASSERT(is_added);
  }
  return true;
}

void FolderReader::keep_lowest(std::uint32_t count) noexcept {
  writer_.sort_by_name();
  if (count >= writer_.count()) return;
  leaves_more_ = true;
  writer_.keep_first(count);
  writer_.sort_by_name();
}

void FolderReader::finish_page(bool is_at_end) noexcept {
  const bool comes_whole = order_ == Order::unknown && is_at_end;
  if (order_ == Order::name) {
    keep_lowest(max_entries_);
  } else if (comes_whole) {
    writer_.sort_by_name();
    writer_.forget_cookies();
  }
  const bool comes_by_name = comes_whole || order_ == Order::name;
  page_ = writer_.finish(comes_by_name ? FolderPage::Order::name : FolderPage::Order::storage,
                         !leaves_more_);
}

void FolderReader::drop_page() noexcept { must_seek_ = true; }

void FolderReader::take_page() noexcept {
  is_over_ = !leaves_more_;
  if (writer_.count() == 0) return;
  if (order_ == Order::name) {
    taken_name_.set(writer_.name(writer_.count() - 1));
  } else {
    order_ = Order::storage;
    taken_cookie_ = cookie_;
  }
}

}  // namespace wherry::storage::posix
