// SPDX-License-Identifier: MIT
#include "wherry/transfer/upload_resource.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/path.h"
#include "wherry/transfer/upload_sweep.h"

namespace wherry::transfer {
namespace {

using storage::Scope;

/// The note as it is stored; path and metadata follow.
struct Note : NoteHead {
  UploadState state;
};
static_assert(std::is_trivially_copyable_v<Note>);

// Each upload under way has a slot of the storage, and takes a second one while its note is
// written. Where that is missing, somebody else's note is being written: it is waited for, for five
// seconds.
constexpr std::uint32_t kTries = 100;
constexpr std::uint32_t kBetweenTriesMs = 50;

Bytes bytes_of(const UploadState& state) noexcept { return std::as_bytes(std::span(&state, 1)); }

UploadResource::Key random_key(net::Loop& loop) noexcept {
  const std::uint64_t bits[2] = {loop.random_bits(), loop.random_bits()};
  UploadResource::Key key;
  static_assert(sizeof(bits) == sizeof(key));
  std::memcpy(key.data(), bits, sizeof(bits));
  return key;
}

/// Reads all of `file` that fits into `into`.
coro::Task<std::size_t> read_all(app::Request&, storage::File& file, MutableBytes into) {
  std::size_t size = 0;
  while (size < into.size()) {
    const Bytes part = co_await file.read(size, into.size() - size);
    if (part.empty()) break;
    std::ranges::copy(part, into.begin() + static_cast<std::ptrdiff_t>(size));
    size += part.size();
  }
  co_return size;
}

}  // namespace

void UploadResource::claim(const Key& key) noexcept {
  names_ = UploadNames(key);
  claim_.emplace(*request_, key);
}

Result<> UploadResource::set_state(const UploadState& state) noexcept {
  void* const memory = request_->scratch().take(sizeof(UploadState));
  if (memory == nullptr) return Error::no_memory;
  state_ = new (memory) UploadState(state);
  return {};
}

coro::Task<> UploadResource::create(std::string_view path, const UploadState& state,
                                    UploadCheck::Subject subject, std::string_view metadata) {
  if (!path.empty()) co_await storage::check_path(path);
  co_await set_state(state);
  metadata_ = metadata;
  if (request_->limits().keeps_upload_digests) co_await check_.compute_all(*request_);
  co_await check_.expect(*request_, subject);
  claim(random_key(request_->loop()));
  path_ = path.empty() ? id() : path;
  co_await claim_->take();
  const auto begun = co_await coro::as_result(begin());
  if (begun) co_return;
  // Nobody has been told its name yet, so nobody could give back what there is of it.
  static_cast<void>(co_await coro::as_result(remove()));
  co_await Result<>(begun.error());
}

/// Removes old uploads, and those that are done where there are too many; `own_count`: how many of
/// those that are there are this one.  Errors: no_space.
coro::Task<> UploadResource::make_room(std::uint32_t own_count) {
  const app::Limits& limits = request_->limits();
  UploadSweeper sweeper(*request_);
  const Sweep first = own_count == 0 ? Sweep::old : Sweep::none;
  for (const Sweep sweep : {first, Sweep::old_or_done, Sweep::old_or_all_done}) {
    const UploadsLeft left = co_await sweeper.sweep(sweep);
    const bool has_room = limits.max_unfinished_bytes > left.bytes &&
                          limits.max_unfinished_bytes - left.bytes >= state_->length;
    if (left.count < limits.max_unfinished_uploads + own_count && has_room) co_return;
  }
  co_await Result<>(Error::no_space);
}

/// Finds out how much more may come now.
coro::Task<> UploadResource::look_for_room() {
  const std::uint64_t most = request_->limits().max_unfinished_bytes;
  if (most == UINT64_MAX) co_return;
  co_await file_->sync();  // what is not written yet is not seen
  UploadSweeper sweeper(*request_);
  const UploadsLeft left = co_await sweeper.sweep(Sweep::none);
  most_bytes_ = file_->size() + (most > left.bytes ? most - left.bytes : 0);
}

// What the commit would be refused for is told now, not when the last byte has come. Room is looked
// for before, and once more with this one there: others may have begun meanwhile.
coro::Task<> UploadResource::begin() {
  storage::CreateOptions options;
  options.is_trial = true;
  std::string_view name = path_;
  for (std::uint32_t own_count = 0; own_count < 2; ++own_count) {
    file_.emplace(co_await request_->storage().create(name, options));
    if (own_count == 0) {
      file_.reset();
    } else {
      co_await keep();
    }
    co_await make_room(own_count);
    options.is_trial = false;
    options.scope = Scope::uploads;
    options.resume_at = 0;
    if (state_->has_length) options.expected_size = state_->length;
    name = names_.bytes();
  }
}

coro::Task<> UploadResource::open(std::string_view id_text) {
  const auto key = UploadNames::parse(id_text);
  if (!key) co_await Result<>(Error::not_found);
  claim(*key);
  co_await claim_->take();
  co_await read_note();
  check_ = co_await UploadCheck::from(*request_, state_->check);
  if (state_->is_complete) {
    // Whole, and in its place: then its bytes are not here any more.
    const auto bytes =
        co_await coro::as_result(request_->storage().open(names_.bytes(), Scope::uploads));
    if (!bytes && bytes.error() == Error::not_found) co_return;
    if (!bytes) co_await Result<>(bytes.error());
  }
  storage::CreateOptions options;
  options.scope = Scope::uploads;
  options.resume_at = state_->offset;
  file_.emplace(co_await request_->storage().create(names_.bytes(), options));
}

coro::Task<> UploadResource::read_note() {
  storage::File file = co_await request_->storage().open(names_.note(), Scope::uploads);
  constexpr std::size_t kMost = sizeof(Note) + storage::kMaxPathBytes + kMaxMetadataBytes;
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(file.info().size, kMost));
  const std::span<char> memory = co_await request_->scratch().text(most);
  const MutableBytes bytes = std::as_writable_bytes(memory);
  const std::size_t size = co_await read_all(*request_, file, bytes);
  Note note;
  if (size < sizeof(note)) co_await Result<>(Error::not_found);
  std::memcpy(&note, bytes.data(), sizeof(note));
  const std::string_view text(memory.data() + sizeof(note), size - sizeof(note));
  const bool is_note = note.format == NoteHead::kFormat && note.note_bytes == sizeof(note) &&
                       note.path_bytes <= text.size() &&
                       note.metadata_bytes == text.size() - note.path_bytes &&
                       note.crc32 == crc32(as_bytes(text), crc32(bytes_of(note.state)));
  if (!is_note) co_await Result<>(Error::not_found);
  path_ = text.substr(0, note.path_bytes);
  metadata_ = text.substr(note.path_bytes);
  if (!storage::check_path(path_)) co_await Result<>(Error::not_found);
  co_await set_state(note.state);
  age_s_ = age_s(request_->loop(), file.info().modified_s, note);
}

coro::Task<> UploadResource::write_note() {
  state_->check = check_.state();
  Note note;
  note.note_bytes = sizeof(note);
  note.path_bytes = static_cast<std::uint32_t>(path_.size());
  note.metadata_bytes = static_cast<std::uint32_t>(metadata_.size());
  note.uptime_s = uptime_s(request_->loop());
  note.state = *state_;
  // Of the copy that is written: bytes between members need not be copied alike.
  note.crc32 = crc32(as_bytes(metadata_), crc32(as_bytes(path_), crc32(bytes_of(note.state))));
  storage::CreateOptions options;
  options.scope = Scope::uploads;
  std::optional<storage::StagedFile> file;
  for (std::uint32_t tries = 1; !file; ++tries) {
    auto made = co_await coro::as_result(request_->storage().create(names_.note(), options));
    if (made) {
      file.emplace(*std::move(made));
    } else if (made.error() == Error::busy && tries < kTries) {
      co_await request_->loop().sleep(kBetweenTriesMs);
    } else {
      co_await Result<>(made.error());
    }
  }
  const std::array<Bytes, 3> parts{std::as_bytes(std::span(&note, 1)), as_bytes(path_),
                                   as_bytes(metadata_)};
  for (const Bytes part : parts) co_await file->write(part);
  co_await file->commit();
  age_s_ = 0;
}

std::uint32_t UploadResource::remaining_s() const noexcept {
  const std::uint32_t most = request_->limits().upload_max_age_s;
  return age_s_ < most ? static_cast<std::uint32_t>(most - age_s_) : 0;
}

coro::Task<> UploadResource::keep() {
  co_await file_->sync();
  state_->offset = file_->size();
  co_await write_note();
  has_news_ = false;
}

Result<> UploadResource::expect() noexcept {
  has_news_ = true;
  return check_.expect(*request_, UploadCheck::Subject::representation, state_->offset);
}

bool UploadResource::set_length(std::uint64_t length) noexcept {
  if (state_->has_length) return state_->length == length;
  if (length < state_->offset) return false;
  has_news_ = true;
  state_->has_length = true;
  state_->length = length;
  return true;
}

coro::Task<> UploadResource::take_body(std::uint64_t most, PartCheck* part) {
  const std::uint64_t begin = file_->size();
  std::uint64_t looked_at = begin;
  co_await look_for_room();
  while (true) {
    co_await file_->room();
    const Bytes chunk = co_await request_->body().read(file_->lender());
    if (chunk.empty()) break;
    if (chunk.size() > most - (file_->size() - begin)) co_await Result<>(Error::content_too_large);
    if (chunk.size() > most_bytes_ - file_->size()) co_await Result<>(Error::no_space);
    check_.update(chunk);
    if (part != nullptr) part->update(chunk);
    file_->filled(chunk.size());
    if (file_->size() - looked_at < request_->limits().upload_keep_bytes) continue;
    looked_at = file_->size();
    if (part == nullptr) co_await keep();
    co_await look_for_room();
    if (part == nullptr && progress_ != nullptr) co_await progress_(*request_, state_->offset);
  }
  if (part != nullptr && !part->holds()) co_await Result<>(Error::digest_mismatch);
}

coro::Task<> UploadResource::receive(std::uint64_t most, PartCheck* part) {
  const auto taken = co_await coro::as_result(take_body(most, part));
  if (part != nullptr && !taken) {
    // What has come of it lies behind what the note counts: who goes on writes over it.
    file_.reset();
    check_.go_back(state_->check);
  } else if (file_->size() > state_->offset || has_news_) {
    co_await keep();  // who sent so much need not send it again
  }
  // Another has taken it over, from a client that has gone, as far as it knows: there is nobody to
  // tell (section "Concurrency").
  const Error error = error_of(taken);
  co_await Result<>(error == Error::cancelled ? Error::closed : error);
}

coro::Task<> UploadResource::complete() {
  if (!check_.holds()) {
    co_await remove();
    co_await Result<>(Error::digest_mismatch);
  }
  state_->is_complete = true;
  state_->has_length = true;
  state_->length = file_->size();
  co_await write_note();
  storage::CommitOptions options;
  options.expected = state_->expected;
  options.crc32 = check_.crc32();
  options.path = path_;
  co_await file_->commit(options);
}

coro::Task<> UploadResource::remove() {
  file_.reset();
  is_removed_ = true;
  co_await remove_upload(request_->context(), request_->storage(), names_);
}

}  // namespace wherry::transfer
