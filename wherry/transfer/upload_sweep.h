// SPDX-License-Identifier: MIT
// Who removes uploads that nobody goes on with, and gives back what they take: before an upload is
// created, when a program starts, and every few minutes. In fixed memory, however many there are.
//
// Knows no protocol. Invariant: what a request has, on whichever loop, is not touched: a claim of
// one's own is taken first, and what is looked at then decides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/app/claims.h"
#include "wherry/app/limits.h"
#include "wherry/app/request.h"
#include "wherry/coro/arena.h"
#include "wherry/coro/runner.h"
#include "wherry/coro/task.h"
#include "wherry/transfer/upload_note.h"

namespace wherry::transfer {

/// Which uploads are to go.
enum class Sweep : std::uint8_t {
  none,             // they are only counted
  old,              // that nobody has gone on with for limits.upload_max_age_s
  old_or_done,      // also those that were completed more than a minute ago, of which is known only
                    // that, for who has missed the reply
  old_or_all_done,  // also those that were completed just now
  all,              // the old ones, and bytes that a crash has left without a note
};

/// What is left of uploads that are not finished, or were not long ago.
struct UploadsLeft {
  std::uint32_t count = 0;
  std::uint64_t bytes = 0;
};

class UploadSweeper {
 public:
  /// Lifetime: all outlive this object.
  UploadSweeper(coro::Context& context, storage::Storage& storage, net::Loop& loop,
                const app::Limits& limits, app::Claims& claims) noexcept
      : context_(&context), storage_(&storage), loop_(&loop), limits_(&limits), claims_(&claims) {}
  explicit UploadSweeper(app::Request& request) noexcept
      : UploadSweeper(request.context(), request.storage(), request.loop(), request.limits(),
                      request.claims()) {}

  /// Looks at all uploads once, a page of the folder after the other.
  /// Errors: those of Storage::list and Folder::read but not_found and, where the storage keeps
  /// none, not_implemented; no_memory.
  coro::Task<UploadsLeft> sweep(Sweep sweep);

  coro::Context& context() const noexcept { return *context_; }

 private:
  bool may_be_over(const storage::FolderEntry& entry, bool is_note, Sweep sweep) const noexcept;
  coro::Task<bool> remove_if_over(std::string_view id, Sweep sweep);
  coro::Task<bool> is_over(const UploadNames& names, Sweep sweep);

  coro::Context* context_;
  storage::Storage* storage_;
  net::Loop* loop_;
  const app::Limits* limits_;
  app::Claims* claims_;
};

/// Sweeps all when it is started, and from then on every ten minutes, or more often where uploads
/// are kept for less. One a storage, on one of its loops.
class UploadKeeper {
 public:
  /// Lifetime: all outlive this object.
  UploadKeeper(storage::Storage& storage, net::Loop& loop, const app::Limits& limits,
               app::Claims& claims) noexcept;
  UploadKeeper(const UploadKeeper&) = delete;
  UploadKeeper& operator=(const UploadKeeper&) = delete;
  ~UploadKeeper() { runner_.cancel(); }

  void start() noexcept;

 private:
  // Its frames.
  static constexpr std::size_t kArenaBytes = 384 * sizeof(void*);

  coro::Task<> sweep_for_ever(coro::Context& context);

  net::Loop* loop_;
  const app::Limits* limits_;
  alignas(coro::Arena::kAlignment) std::array<std::byte, kArenaBytes> arena_memory_{};
  coro::Arena arena_{arena_memory_};
  coro::Context context_;
  UploadSweeper sweeper_;
  coro::Runner runner_;
};

}  // namespace wherry::transfer
