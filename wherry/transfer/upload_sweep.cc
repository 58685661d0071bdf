// SPDX-License-Identifier: MIT
#include "wherry/transfer/upload_sweep.h"

#include <algorithm>
#include <cstring>

namespace wherry::transfer {

using coro::as_result;
using storage::Scope;

namespace {

// In which a client that has missed the reply to its last request asks what became of it.
constexpr std::uint64_t kDoneForS = 60;

bool takes_done(Sweep sweep) noexcept {
  return sweep == Sweep::old_or_done || sweep == Sweep::old_or_all_done;
}

}  // namespace

bool UploadSweeper::may_be_over(const storage::FolderEntry& entry, bool is_note,
                                Sweep sweep) const noexcept {
  if (sweep == Sweep::none) return false;
  if (is_note ? takes_done(sweep) : sweep == Sweep::all) return true;
  const auto now_s = loop_->unix_time_s();
  if (!now_s || !entry.modified_s) return true;  // it takes a look into its note
  return *now_s - *entry.modified_s >= limits_->upload_max_age_s;
}

coro::Task<UploadsLeft> UploadSweeper::sweep(Sweep sweep) {
  UploadsLeft left;
  auto opened = co_await as_result(storage_->list(storage::kUploadsFolder, {}, Scope::uploads));
  const Error error = error_of(opened);
  if (error == Error::not_found || error == Error::not_implemented) co_return left;
  storage::Folder folder = co_await std::move(opened);
  while (true) {
    const storage::FolderPage page = co_await folder.read();
    for (std::uint32_t i = 0; i < page.count(); ++i) {
      const storage::FolderEntry entry = page[i];
      const bool is_note = entry.name.ends_with(UploadNames::kNoteSuffix);
      if (may_be_over(entry, is_note, sweep)) {
        const std::string_view id = entry.name.substr(0, entry.name.find('.'));
        if (co_await remove_if_over(id, sweep)) continue;
      }
      left.count += is_note ? 1 : 0;
      left.bytes += is_note ? 0 : entry.size;
    }
    if (page.is_last() || page.count() == 0) co_return left;
  }
}

coro::Task<bool> UploadSweeper::remove_if_over(std::string_view id, Sweep sweep) {
  const auto key = UploadNames::parse(id);
  if (!key) co_return false;
  const app::Claim claim(*claims_, *key);
  if (!claim.is_held()) co_return false;
  const UploadNames names(*key);
  const auto over = co_await as_result(is_over(names, sweep));
  if (!over || !*over) co_return false;
  const auto removed = co_await as_result(remove_upload(*context_, *storage_, names));
  co_return removed.has_value();
}

/// Errors: what keeps us from seeing that.
coro::Task<bool> UploadSweeper::is_over(const UploadNames& names, Sweep sweep) {
  {
    auto opened = co_await as_result(storage_->open(names.note(), Scope::uploads));
    // Nobody was told of bytes that have no note: it is written first.
    if (!opened && opened.error() == Error::not_found) co_return true;
    storage::File file = co_await std::move(opened);
    const Bytes bytes = co_await file.read(0, sizeof(NoteHead));
    NoteHead note;
    if (bytes.size() < sizeof(note)) co_return true;
    std::memcpy(&note, bytes.data(), sizeof(note));
    if (note.format != NoteHead::kFormat) co_return true;
    const std::uint64_t age = age_s(*loop_, file.info().modified_s, note);
    if (age >= limits_->upload_max_age_s) co_return true;
    if (!takes_done(sweep) || (sweep == Sweep::old_or_done && age < kDoneForS)) co_return false;
  }
  // Done, when its bytes are in their place, and not here any more.
  const auto bytes = co_await as_result(storage_->open(names.bytes(), Scope::uploads));
  co_return !bytes && bytes.error() == Error::not_found;
}

// ---------------------------------------------------------------- again and again

UploadKeeper::UploadKeeper(storage::Storage& storage, net::Loop& loop, const app::Limits& limits,
                           app::Claims& claims) noexcept
    : loop_(&loop),
      limits_(&limits),
      context_(arena_, loop.ready_list()),
      sweeper_(context_, storage, loop, limits, claims),
      runner_(loop.ready_list(), [](void*, Error) noexcept {}, nullptr) {}

void UploadKeeper::start() noexcept { runner_.start(sweep_for_ever(context_)); }

coro::Task<> UploadKeeper::sweep_for_ever(coro::Context&) {
  constexpr std::uint32_t kMostMs = 10 * 60 * 1000;
  const std::uint64_t half_ms = std::uint64_t{limits_->upload_max_age_s} * 1000 / 2;
  const auto period_ms =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(half_ms, 1000, kMostMs));
  while (true) {
    // What could not be done now is done the next time.
    static_cast<void>(co_await as_result(sweeper_.sweep(Sweep::all)));
    co_await loop_->sleep(period_ms);
  }
}

}  // namespace wherry::transfer
