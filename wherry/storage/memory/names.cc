// SPDX-License-Identifier: MIT
// The names of a MemoryStorage, and what changes them. A folder is there as long as a file lies in
// it. Invariant: no name is a folder on the way to another.
#include <algorithm>
#include <cstring>
#include <utility>

#include "wherry/storage/memory/memory_storage.h"
#include "wherry/storage/path.h"

namespace wherry::storage::memory {
std::string_view MemoryStorage::path_of(std::size_t index) const noexcept {
  return {paths_.data() + index * path_bytes_, names_[index].size};
}

MemoryStorage::Name* MemoryStorage::find(std::string_view path) noexcept {
  for (Name& name : names_) {
    if (name.version != nullptr && path_of(name) == path) return &name;
  }
  return nullptr;
}

// Whether a file stands where `path` needs a folder, or a folder where it would be.
bool MemoryStorage::is_blocked(std::string_view path) const noexcept {
  return is_folder(path) || std::ranges::any_of(names_, [&](const Name& name) {
           return name.version != nullptr && lies_below(path, path_of(name));
         });
}

bool MemoryStorage::is_folder(std::string_view path) const noexcept {
  return path.empty() || std::ranges::any_of(names_, [&](const Name& name) {
           return name.version != nullptr && lies_below(path_of(name), path);
         });
}

std::uint32_t MemoryStorage::file_count() const noexcept {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(names_, [](const Name& name) { return name.version != nullptr; }));
}

FolderEntry MemoryStorage::next_entry(std::string_view folder,
                                      std::string_view behind) const noexcept {
  FolderEntry found;
  for (const Name& name : names_) {
    if (name.version == nullptr || !lies_below(path_of(name), folder)) continue;
    const std::string_view rest = path_of(name).substr(folder.empty() ? 0 : folder.size() + 1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (folder.empty() && segment == kPrivateFolder) continue;
    if (segment <= behind || (!found.name.empty() && segment >= found.name)) continue;
    if (segment.size() < rest.size()) {
      found = FolderEntry();
      found.is_folder = true;
    } else {
      const FileInfo& info = name.version->info;
      found.size = info.size;
      found.modified_s = info.modified_s;
      found.version = info.version;
      found.crc32 = info.crc32;
      found.is_folder = false;
    }
    found.name = segment;
  }
  return found;
}

// ---------------------------------------------------------------- create and commit

Result<> MemoryStorage::check_create(std::string_view path, const CreateOptions& options) noexcept {
  const std::uint64_t expected_size = options.expected_size.value_or(0);
  if (is_blocked(path)) return Error::conflict;
  // An upload has a name already.
  const bool is_full = !options.is_trial && file_count() == names_.size();
  if (is_full && find(path) == nullptr) return Error::no_space;
  const std::uint64_t blocks =
      expected_size / block_bytes_ + (expected_size % block_bytes_ != 0 ? 1 : 0);
  return blocks > free_block_count_ ? Result<>(Error::no_space) : Result<>();
}

Result<Committed> MemoryStorage::give_name(std::string_view path, Version& version,
                                           const CommitOptions& options) noexcept {
  if (is_blocked(path)) return Error::conflict;
  Name* name = find(path);
  const bool replaced = name != nullptr;
  const auto there =
      replaced ? std::optional(name->version->info.version) : std::optional<std::uint64_t>();
  if (!options.expected.is_met_by(there)) return Error::precondition_failed;
  if (replaced) {
    release(*name->version);
  } else {
    const auto free = std::ranges::find(names_, nullptr, &Name::version);
    if (free == names_.end()) return Error::no_space;
    name = &*free;
    name->size = 0;
    set_path(*name, 0, 0, path);
  }
  if (next_version_ == 0) ++next_version_;
  version.info.version = next_version_++;
  version.info.crc32 = options.crc32;
  version.info.modified_s = now_s_;
  name->version = &version;
  ++version.references;
  return Committed{.replaced = replaced, .version = version.info.version};
}

void MemoryStorage::forget(std::string_view path) noexcept {
  if (Name* name = find(path)) release(*std::exchange(name->version, nullptr));
}

// ---------------------------------------------------------------- remove and move

Error MemoryStorage::remove_now(const Change& change) noexcept {
  if (Name* name = find(change.path())) {
    if (!change.expected().is_met_by(name->version->info.version))
      return Error::precondition_failed;
    release(*std::exchange(name->version, nullptr));
    return Error::none;
  }
  if (change.scope() != Scope::served || !is_folder(change.path())) return Error::not_found;
  if (!change.expected().is_met_by(std::nullopt)) return Error::precondition_failed;
  if (!change.recursive()) return Error::not_empty;
  for (Name& name : names_) {
    if (name.version == nullptr || !lies_below(path_of(name), change.path())) continue;
    release(*std::exchange(name.version, nullptr));
  }
  return Error::none;
}

Error MemoryStorage::move_now(const Change& change) noexcept {
  if (Name* name = find(change.path())) {
    if (!change.expected().is_met_by(name->version->info.version))
      return Error::precondition_failed;
    return move_file(*name, change.new_path(), change.replaces());
  }
  if (!is_folder(change.path())) return Error::not_found;
  if (!change.expected().is_met_by(std::nullopt)) return Error::precondition_failed;
  return move_folder(change.path(), change.new_path());
}

Error MemoryStorage::move_file(Name& from, std::string_view to, bool replaces) noexcept {
  Name* there = find(to);
  if (is_blocked(to)) return Error::conflict;
  if (there != nullptr && !replaces) return Error::exists;
  if (there == &from) return Error::none;
  if (there != nullptr) release(*std::exchange(there->version, nullptr));
  set_path(from, 0, from.size, to);
  return Error::none;
}

Error MemoryStorage::move_folder(std::string_view from, std::string_view to) noexcept {
  if (find(to) != nullptr || is_blocked(to) || lies_below(to, from)) return Error::conflict;
  const auto is_moved = [&](const Name& name) {
    return name.version != nullptr && lies_below(path_of(name), from);
  };
  for (const Name& name : names_) {
    if (is_moved(name) && name.size - from.size() + to.size() > path_bytes_) return Error::bad_path;
  }
  for (Name& name : names_) {
    if (is_moved(name)) set_path(name, 0, from.size(), to);
  }
  return Error::none;
}

// Puts `with` in the place of `size` characters, from the `from`-th on.
void MemoryStorage::set_path(Name& name, std::size_t from, std::size_t size,
                             std::string_view with) noexcept {
  char* const path = const_cast<char*>(path_of(name).data()) + from;
  std::memmove(path + with.size(), path + size, name.size - from - size);
  std::memcpy(path, with.data(), with.size());
  name.size = static_cast<std::uint32_t>(name.size - size + with.size());
}

}  // namespace wherry::storage::memory
