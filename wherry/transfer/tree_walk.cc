// SPDX-License-Identifier: MIT
#include "wherry/transfer/tree_walk.h"

#include <algorithm>
#include <utility>

#include "wherry/storage/path.h"

namespace wherry::transfer {
namespace {

constexpr std::size_t kPathBytesPerPlace = 64;

}  // namespace

TreeWalk::TreeWalk(app::Request& request, std::string_view folder) noexcept : request_(&request) {
  const std::size_t path_bytes =
      std::min(request.limits().max_readline, storage::kMaxPathBytes) + sizeof('/');
  const std::size_t places = path_bytes / kPathBytesPerPlace;
  const auto path = request.scratch().text(path_bytes);
  void* memory = request.scratch().take(places * sizeof(std::uint64_t));
  if (!path || memory == nullptr) {
    failure_ = Error::no_memory;
    return;
  }
  path_ = *path;
  places_ = {new (memory) std::uint64_t[places], places};
  if (folder.empty()) return;
  if (folder.size() + sizeof('/') > path_.size()) {
    failure_ = Error::bad_path;
    return;
  }
  std::ranges::copy(folder, path_.begin());
  path_[folder.size()] = '/';
  root_size_ = folder_size_ = path_size_ = folder.size() + 1;
}

std::optional<TreeWalk::Entry> TreeWalk::next() noexcept {
  if (enters_ || failure_ != Error::none) return std::nullopt;
  storage::FolderEntry entry;
  do {
    if (index_ == page_.count()) return std::nullopt;
    entry = page_[index_++];
  } while (entry.is_linked);  // or the walk might never end
  path_size_ = folder_size_ + entry.name.size();
  if (path_size_ + sizeof('/') > path_.size()) {
    failure_ = Error::bad_path;
    return std::nullopt;
  }
  std::ranges::copy(entry.name, path_.begin() + static_cast<std::ptrdiff_t>(folder_size_));
  if (entry.is_folder) {
    path_[path_size_++] = '/';
    enters_ = true;
  }
  return Entry{path().substr(root_size_), entry};
}

std::string_view TreeWalk::folder() const noexcept {
  return {path_.data(), folder_size_ == 0 ? 0 : folder_size_ - 1};
}

/// The last entry becomes the folder that is read. The first time, that is the one to be walked.
Result<> TreeWalk::enter() noexcept {
  enters_ = false;
  if (path_size_ == root_size_) return {};
  if (depth_ == places_.size()) return Error::bad_path;
  places_[depth_++] = page_[index_ - 1].cookie;
  folder_size_ = path_size_;
  return {};
}

/// Back to the folder above. Returns: the place in it behind the folder that has been read.
storage::FolderPosition TreeWalk::leave() noexcept {
  const std::string_view left = folder();
  const std::size_t slash = left.rfind('/');
  folder_size_ = slash == std::string_view::npos ? 0 : slash + 1;
  return {places_[--depth_], left.substr(folder_size_)};
}

coro::Task<bool> TreeWalk::more() {
  storage::FolderPosition position;
  if (failure_ != Error::none) co_return failure_;
  if (enters_) {
    co_await enter();
    folder_.reset();
  } else if (page_.is_last() || page_.count() == 0) {
    folder_.reset();
    if (depth_ == 0) co_return false;
    position = leave();
  }
  index_ = 0;
  page_ = {};
  if (!folder_) {
    auto opened = co_await coro::as_result(request_->storage().list(folder(), position));
    // One that has gone since it was told has nothing in it.
    if (!opened && opened.error() == Error::not_found && depth_ > 0) co_return true;
    folder_.emplace(co_await std::move(opened));
  }
  page_ = co_await folder_->read();
  co_return true;
}

}  // namespace wherry::transfer
