// SPDX-License-Identifier: MIT
#include "wherry/transfer/upload_resource.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"
#include "wherry/storage/path.h"

namespace wherry::transfer {
namespace {

using storage::Scope;

constexpr std::string_view kNoteSuffix = ".note";

/// The note as it is stored; path and metadata follow. A note that was written by a program which
/// is built otherwise is no note: its upload is gone.
struct Note {
  static constexpr std::uint32_t kFormat = 0x57480004;

  std::uint32_t format = kFormat;
  std::uint32_t note_bytes = sizeof(Note);
  std::uint32_t path_bytes = 0;
  std::uint32_t metadata_bytes = 0;
  std::uint32_t crc32 = 0;  // of the state and what follows
  std::uint32_t uptime_s = 0;
  UploadState state;
};
static_assert(std::is_trivially_copyable_v<Note>);

std::uint32_t uptime_s(const net::Loop& loop) noexcept {
  return static_cast<std::uint32_t>(loop.uptime_ms() / 1000);
}

/// Returns: seconds since `note` was written, or fewer: without a clock, the time in which nothing
/// was running does not count. A note that was written later than now is of an earlier run.
std::uint64_t age_s(const net::Loop& loop, std::optional<std::int64_t> modified_s,
                    const Note& note) noexcept {
  const auto now_s = loop.unix_time_s();
  if (now_s && modified_s) {
    return *now_s > *modified_s ? static_cast<std::uint64_t>(*now_s - *modified_s) : 0;
  }
  const std::uint32_t up_s = uptime_s(loop);
  return note.uptime_s <= up_s ? up_s - note.uptime_s : up_s;
}

Bytes bytes_of(const UploadState& state) noexcept { return std::as_bytes(std::span(&state, 1)); }

int hex_value(char c) noexcept { return c >= 'A' && c <= 'F' ? -1 : hex_digit_value(c); }

std::optional<UploadResource::Key> parse_key(std::string_view id) noexcept {
  UploadResource::Key key;
  if (id.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = hex_value(id[2 * i]);
    const int low = hex_value(id[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key[i] = static_cast<std::byte>(high * 16 + low);
  }
  return key;
}

UploadResource::Key random_key(net::Loop& loop) noexcept {
  const std::uint64_t bits[2] = {loop.random_bits(), loop.random_bits()};
  UploadResource::Key key;
  static_assert(sizeof(bits) == sizeof(key));
  std::memcpy(key.data(), bits, sizeof(bits));
  return key;
}

/// Removes both files of an upload. The note first: bytes without one belong to nobody, and are
/// swept.  Errors: those of Storage::remove but not_found.
coro::Task<> remove_files(app::Request& request, const UploadNames& names) {
  storage::RemoveOptions options;
  options.scope = Scope::uploads;
  const auto note = co_await coro::as_result(request.storage().remove(names.note(), options));
  const auto bytes = co_await coro::as_result(request.storage().remove(names.bytes(), options));
  const Error error = note ? error_of(bytes) : error_of(note);
  if (error != Error::none && error != Error::not_found) co_await Result<>(error);
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

UploadNames::UploadNames(const Key& key) noexcept {
  TextWriter text(text_);
  text.append(storage::kUploadsFolder).append('/');
  for (const std::byte byte : key) text.append_hex(std::to_integer<std::uint8_t>(byte), 2);
  text.append(kNoteSuffix);
  WHERRY_ASSERT(!text.overflowed());
}

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
  const std::uint32_t most = request_->limits().max_unfinished_uploads;
  std::uint32_t count = co_await sweep_uploads(*request_, Sweep::stale);
  if (count >= most) count = co_await sweep_uploads(*request_, Sweep::stale_or_done);
  if (count >= most) co_await Result<>(Error::no_space);
  claim(random_key(request_->loop()));
  path_ = path.empty() ? id() : path;
  co_await claim_->take();
  const auto begun = co_await coro::as_result(begin());
  if (begun) co_return;
  // Nobody has been told its name yet, so nobody could give back what there is of it.
  static_cast<void>(co_await coro::as_result(remove()));
  co_await Result<>(begun.error());
}

coro::Task<> UploadResource::begin() {
  storage::CreateOptions options;
  options.scope = Scope::uploads;
  options.resume_at = 0;
  if (state_->has_length) options.expected_size = state_->length;
  file_.emplace(co_await request_->storage().create(names_.bytes(), options));
  co_await keep();
}

coro::Task<> UploadResource::open(std::string_view id_text) {
  const auto key = parse_key(id_text);
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
  const bool is_note = note.format == Note::kFormat && note.note_bytes == sizeof(note) &&
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
  note.path_bytes = static_cast<std::uint32_t>(path_.size());
  note.metadata_bytes = static_cast<std::uint32_t>(metadata_.size());
  note.uptime_s = uptime_s(request_->loop());
  note.state = *state_;
  // Of the copy that is written: bytes between members need not be copied alike.
  note.crc32 = crc32(as_bytes(metadata_), crc32(as_bytes(path_), crc32(bytes_of(note.state))));
  storage::CreateOptions options;
  options.scope = Scope::uploads;
  storage::StagedFile file = co_await request_->storage().create(names_.note(), options);
  co_await file.write(std::as_bytes(std::span(&note, 1)));
  co_await file.write(as_bytes(path_));
  co_await file.write(as_bytes(metadata_));
  co_await file.commit();
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
  while (true) {
    const MutableBytes room = co_await file_->room();
    const Bytes chunk = co_await request_->body().read(room);
    if (chunk.empty()) break;
    if (chunk.size() > most - (file_->size() - begin)) co_await Result<>(Error::content_too_large);
    check_.update(chunk);
    if (part != nullptr) part->update(chunk);
    file_->filled(chunk.size());
    if (part != nullptr) continue;
    if (file_->size() - state_->offset < request_->limits().upload_keep_bytes) continue;
    co_await keep();
    if (progress_ != nullptr) co_await progress_(*request_, state_->offset);
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
  co_await remove_files(*request_, names_);
}

// ---------------------------------------------------------------- those that nobody goes on with

namespace {

/// Returns: when the file was last written; none: there is no clock.  Errors: not_found.
coro::Task<std::optional<std::int64_t>> written_s(app::Request& request, std::string_view name) {
  const storage::File file = co_await request.storage().open(name, Scope::uploads);
  co_return file.info().modified_s;
}

/// Removes the upload `id` unless one of its two files was written after `before_s`; where that is
/// none, only if its bytes are not there any more.
coro::Task<bool> remove_stale(app::Request& request, std::string_view id,
                              std::optional<std::int64_t> before_s) {
  const auto key = parse_key(id);
  if (!key || request.claims().has(*key)) co_return false;
  const UploadNames names(*key);
  const auto bytes = co_await coro::as_result(written_s(request, names.bytes()));
  if (!bytes && bytes.error() != Error::not_found) co_return bytes.error();
  if (bytes && (!before_s || bytes->value_or(*before_s) > *before_s)) co_return false;
  const auto note = co_await coro::as_result(written_s(request, names.note()));
  if (note && before_s && note->value_or(*before_s) > *before_s) co_return false;
  static_cast<void>(co_await coro::as_result(remove_files(request, names)));
  co_return true;
}

/// Removes the bytes `id` if they have no note, so that nobody was ever told of them.
coro::Task<> remove_unnoted(app::Request& request, std::string_view id) {
  const auto key = parse_key(id);
  if (!key || request.claims().has(*key)) co_return;
  const UploadNames names(*key);
  const auto note = co_await coro::as_result(written_s(request, names.note()));
  if (!note && note.error() == Error::not_found) {
    static_cast<void>(co_await coro::as_result(remove_files(request, names)));
  }
}

}  // namespace

coro::Task<std::uint32_t> sweep_uploads(app::Request& request, Sweep sweep) {
  std::uint32_t count = 0;
  const std::int64_t max_age_s = request.limits().upload_max_age_s;
  const auto now_s = request.loop().unix_time_s();
  auto opened =
      co_await coro::as_result(request.storage().list(storage::kUploadsFolder, {}, Scope::uploads));
  if (!opened && opened.error() == Error::not_found) co_return 0u;
  storage::Folder folder = co_await std::move(opened);
  while (true) {
    const storage::FolderPage page = co_await folder.read();
    for (std::uint32_t i = 0; i < page.count(); ++i) {
      const storage::FolderEntry entry = page[i];
      const bool is_note = entry.name.ends_with(kNoteSuffix);
      const std::string_view id = entry.name.substr(0, entry.name.find('.'));
      bool is_gone = false;
      if (now_s && entry.modified_s && *entry.modified_s + max_age_s < *now_s) {
        is_gone = co_await remove_stale(request, id, *now_s - max_age_s);
      } else if (is_note && sweep == Sweep::stale_or_done) {
        is_gone = co_await remove_stale(request, id, std::nullopt);
      } else if (!is_note && !entry.modified_s) {
        // Where there is no clock they never become too old. That there is but one loop then, which
        // knows who is just about to write a note, is so on boards.
        co_await remove_unnoted(request, id);
      }
      if (is_note && !is_gone) ++count;
    }
    if (page.is_last() || page.count() == 0) co_return count;
  }
}

}  // namespace wherry::transfer
