// SPDX-License-Identifier: MIT
// Folders being read, removals and moves: they look at names, and at no file.
#include <algorithm>
#include <memory>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/memory/slots.h"

namespace wherry::storage::memory {

// ---------------------------------------------------------------- Lister

Lister::Lister(MemoryStorage& storage, std::span<char> path_memory, MutableBytes page,
               const Storage::List& operation) noexcept
    : Deferred(storage, storage.mailbox()),
      memory_(path_memory),
      page_(page),
      path_size_(operation.path().size()) {
  std::ranges::copy(operation.path(), memory_.begin());
  go_behind(operation.position().name);
}

// What does not fit is longer than any name that this folder can hold: what is behind its begin, of
// those, is behind all of it.
void Lister::go_behind(std::string_view name) noexcept {
  behind_size_ = std::min(name.size(), memory_.size() - path_size_);
  std::ranges::copy(name.substr(0, behind_size_), memory_.data() + path_size_);
}

void Lister::begin_list(Storage::List& operation) noexcept {
  list_ = &operation;
  error_ = storage_.next_fault();
  if (error_ == Error::none && !storage_.is_folder(folder())) error_ = Error::not_found;
  end_soon();
}

void Lister::end_list() noexcept {
  Storage::List* operation = std::exchange(list_, nullptr);
  const Error error = error_;
  if (operation == nullptr || error != Error::none) leave();
  if (operation == nullptr) return;
  if (error != Error::none) {
    operation->finish(error);
  } else {
    is_open_ = true;
    operation->succeed(*this);
  }
}

void Lister::begin_read(Folder::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == nullptr);
  read_ = &operation;
  error_ = storage_.next_fault();
  // The end of a read that nobody waits for any more may still be in the mailbox: it serves.
  if (!is_under_way()) end_soon();
}

void Lister::cancel_read(Folder::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
}

void Lister::ended() noexcept {
  if (!is_open_) return end_list();
  if (is_closing_) return leave();
  Folder::Read* operation = std::exchange(read_, nullptr);
  if (operation == nullptr) return;
  if (error_ == Error::none && !storage_.is_folder(folder())) error_ = Error::not_found;
  if (error_ != Error::none) {
    operation->finish(error_);
  } else {
    operation->succeed(read_page(operation->max_entries()));
  }
}

FolderPage Lister::read_page(std::uint32_t max_entries) noexcept {
  FolderPageWriter page(page_);
  while (true) {
    const FolderEntry entry = storage_.next_entry(folder(), behind());
    const bool is_last = entry.name.empty();
    if (is_last || page.count() == max_entries || !page.add(entry))
      return page.finish(FolderPage::Order::name, is_last);
    go_behind(entry.name);
  }
}

void Lister::close() noexcept {
  is_closing_ = true;
  if (!is_under_way()) leave();
}

void Lister::leave() noexcept {
  MemoryStorage& storage = storage_;
  std::destroy_at(this);
  storage.give_back(reinterpret_cast<std::byte*>(this));
}

// ---------------------------------------------------------------- Changer

void Changer::begin_change(Storage::Change& operation) noexcept {
  change_ = &operation;
  end_soon();
}

void Changer::ended() noexcept {
  Storage::Change* operation = std::exchange(change_, nullptr);
  MemoryStorage& storage = storage_;
  std::destroy_at(this);
  storage.give_back(reinterpret_cast<std::byte*>(this));
  if (operation == nullptr) return;
  Error error = storage.next_fault();
  if (error == Error::none) {
    error = operation->is_move() ? storage.move_now(*operation) : storage.remove_now(*operation);
  }
  operation->finish(error);
}

}  // namespace wherry::storage::memory
