// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/changer.h"

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/trash.h"

namespace wherry::storage::littlefs {

void Changer::begin_change() noexcept {
  change_.set_slot(this);
  if (storage_.may_go(*this)) return go_on();
  deadline_ms_ = storage_.commit_deadline_ms();
  storage_.wait(*this);
}

void Changer::cancel_change() noexcept {
  storage_.stop_waiting(*this);
  storage_.give_back(*this);
}

void Changer::end(Error error) noexcept {
  Storage::Change& change = change_;
  storage_.give_back(*this);
  change.finish(error);
}

Error Changer::change() noexcept {
  FileSystem& files = storage_.files();
  if (files.has_failed()) return Error::disk_failed;
  const Result<Entry> there = look_at(files, path_c_str());
  // What lies on the way to it is no folder: then it is not there.
  if (!there) return there.error() == Error::conflict ? Error::not_found : there.error();
  if (there->kind == Entry::Kind::none) return Error::not_found;
  if (there->kind == Entry::Kind::file) {
    if (const Result<> met = check_expected(change_.expected()); !met) return met.error();
  } else if (!change_.expected().is_met_by(std::nullopt)) {
    return Error::precondition_failed;
  }
  storage_.names_change();
  return change_.is_move() ? move(*there) : remove(*there);
}

Error Changer::remove(const Entry& there) noexcept {
  FileSystem& files = storage_.files();
  const bool is_folder = there.kind == Entry::Kind::folder;
  const Error error = remove_one(files, path_c_str());
  if (error == Error::none) storage_.lost(is_folder ? kFolderBlocks : files.blocks_of(there.size));
  if (error != Error::not_empty || !change_.recursive()) return error;
  return storage_.throw_away(path_c_str());
}

Error Changer::move(const Entry& there) noexcept {
  FileSystem& files = storage_.files();
  const bool is_folder = there.kind == Entry::Kind::folder;
  if (is_folder && lies_below(new_path_, path_)) return Error::conflict;
  const std::span<char> to(reinterpret_cast<char*>(memory_.cache.data()), new_path_.size() + 1);
  PathBuffer copy(to);
  if (!copy.append(new_path_)) return Error::bad_path;
  const Result<Entry> taken = look_at(files, copy.c_str());
  if (!taken) return taken.error();
  if (taken->kind != Entry::Kind::none) {
    if (taken->kind != Entry::Kind::file || is_folder) return Error::conflict;
    if (!change_.replaces()) return Error::exists;
  }
  if (new_path_ == path_) return Error::none;
  const Error error = is_folder ? check_lengths() : Error::none;
  if (error != Error::none) return error;
  const Result<std::uint32_t> made_folders = move_into_place(files, path_c_str(), to);
  if (!made_folders) return made_folders.error();
  storage_.gained(*made_folders * kFolderBlocks);
  storage_.lost(files.blocks_of(taken->size));
  return Error::none;
}

// What would lie under a name that is too long could be named by no request any more.
Error Changer::check_lengths() noexcept {
  if (new_path_.size() <= path_.size()) return Error::none;
  const std::size_t room = memory_.path.size() - 1 - (new_path_.size() - path_.size());
  PathBuffer path({reinterpret_cast<char*>(memory_.block.data()), memory_.block.size()});
  return path.append(path_) ? check_paths_below(storage_.files(), path, room) : Error::bad_path;
}

}  // namespace wherry::storage::littlefs
