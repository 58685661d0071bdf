// SPDX-License-Identifier: MIT
// UploadResource: an upload that outlives its connection, and the program: its bytes, and a note of
// what is known of them, lie in the storage under a name that nobody can guess, until it is whole
// and takes its place, or until nobody has gone on with it for too long.
//
// Order: bytes are made durable, then the note that counts them. So an offset that was told is
// never more than what is there, and the checksums go on from where they were: a whole file is
// checked without being read again. Knows no protocol (resumable_upload.cc speaks one).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/claims.h"
#include "wherry/app/request.h"
#include "wherry/coro/task.h"
#include "wherry/storage/storage.h"
#include "wherry/transfer/upload_check.h"
#include "wherry/transfer/upload_note.h"

namespace wherry::transfer {

/// What is kept of an upload, beside its bytes.
struct UploadState {
  std::uint64_t offset = 0;  // bytes that are durable, all of them in `check`
  std::uint64_t length = 0;  // of the whole, where has_length
  bool has_length = false;
  bool is_complete = false;  // all bytes are there; it takes its place, or has
  storage::Expected expected;
  // What its sender would like to be told of the whole.
  std::optional<http::DigestAlgorithm> wanted_digest;
  UploadCheck::State check;
};

class UploadResource {
 public:
  using Key = UploadNames::Key;

  static constexpr std::size_t kMaxMetadataBytes = 1024;

  /// Lifetime: `request` outlives it.
  explicit UploadResource(app::Request& request) noexcept : request_(&request) {}
  UploadResource(const UploadResource&) = delete;
  UploadResource& operator=(const UploadResource&) = delete;

  /// Begins an upload that will be the file `path` (empty: named by its id), with nothing of it
  /// there yet. From here on it is ours alone. What the request says of the whole is noted with it,
  /// and `metadata`, at most kMaxMetadataBytes, which mean nothing here.
  /// Errors: those of Storage::create, also of a file `path`, and of UploadCheck::expect; no_space
  /// (also: there are too many). Lifetime: `path` and `metadata` outlive this object.
  coro::Task<> create(std::string_view path, const UploadState& state,
                      UploadCheck::Subject subject = UploadCheck::Subject::representation,
                      std::string_view metadata = {});

  /// Takes over the upload `id`, from whichever request has it.
  /// Errors: not_found (there is none, or none any more); closed (a newer request has taken it over
  /// meanwhile); no_memory, disk_failed.
  coro::Task<> open(std::string_view id);

  /// After open(): adds what the request says of the whole. It is kept with the next bytes.
  /// Errors: those of UploadCheck::expect.
  Result<> expect() noexcept;

  /// After open(): the length of the whole is known, too. It is kept with the next bytes.
  /// Returns: whether it is what was told before, and no less than what is there.
  bool set_length(std::uint64_t length) noexcept;

  /// Takes the rest of the request's body, at most `most` bytes, and keeps what has come however it
  /// ends. With `part`, all of it or nothing: no byte counts before the last has come and `part`
  /// holds; else the upload is what it was before, and this object can only tell so, or remove it.
  /// Errors: those of Body::read, StagedFile::room and sync, but closed where a newer request has
  ///         taken it over; content_too_large: more than `most`;
  ///         no_space: also for limits.max_unfinished_bytes;
  ///         digest_mismatch: `part` does not hold.
  /// Lifetime: `part` outlives the await.
  coro::Task<> receive(std::uint64_t most, PartCheck* part = nullptr);

  /// Has `progress` called each time that bytes have been made durable while receive() goes on.
  /// Its errors end receive(), as those of the body.
  using Progress = coro::Task<> (*)(app::Request& request, std::uint64_t offset);
  void tell_progress(Progress progress) noexcept { progress_ = progress; }

  /// Makes what has come durable, and notes it.
  coro::Task<> keep();

  /// Gives a whole upload its name, when receive() has taken its last byte. What is known of it is
  /// kept for who asks later. Errors: digest_mismatch (it is gone then); those of
  /// StagedFile::commit.
  coro::Task<> complete();

  /// Gives back all that it takes.
  coro::Task<> remove();

  /// Lifetime: this object's.
  std::string_view id() const noexcept { return names_.id(); }
  std::string_view path() const noexcept { return path_; }
  std::string_view metadata() const noexcept { return metadata_; }
  /// Whether it is whole and in its place: nothing can be added.
  bool is_done() const noexcept { return state_->is_complete && !file_; }
  bool is_removed() const noexcept { return is_removed_; }
  UploadState& state() noexcept { return *state_; }
  const UploadState& state() const noexcept { return *state_; }
  std::uint64_t offset() const noexcept { return state_->offset; }
  const storage::StagedFile& file() const noexcept { return *file_; }
  const UploadCheck& check() const noexcept { return check_; }
  /// Seconds after which it may be removed if nobody goes on with it.
  std::uint32_t remaining_s() const noexcept;

  coro::Context& context() const noexcept { return request_->context(); }

 private:
  void claim(const Key& key) noexcept;
  /// Puts a copy of `state` into request memory, where state() finds it.  Errors: no_memory.
  Result<> set_state(const UploadState& state) noexcept;
  coro::Task<> begin();
  coro::Task<> read_note();
  coro::Task<> write_note();
  coro::Task<> make_room(std::uint32_t own_count);
  coro::Task<> look_for_room();
  coro::Task<> take_body(std::uint64_t most, PartCheck* part);

  app::Request* request_;
  UploadNames names_;
  std::optional<app::Claim> claim_;
  UploadState* state_ = nullptr;  // in request memory
  std::string_view path_;         // the caller's, or the note's in request memory
  std::string_view metadata_;     // the same
  UploadCheck check_;
  bool is_removed_ = false;
  bool has_news_ = false;    // that the note does not tell yet, beside bytes
  std::uint64_t age_s_ = 0;  // of the note
  Progress progress_ = nullptr;
  std::optional<storage::StagedFile> file_;
  std::uint64_t most_bytes_ = UINT64_MAX;  // that the file may have, by limits.max_unfinished_bytes
};

}  // namespace wherry::transfer
