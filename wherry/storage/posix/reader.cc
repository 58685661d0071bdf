// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/reader.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/posix_storage.h"

namespace wherry::storage::posix {
namespace {

// How much is looked for in memory, sent or brought in at a time: what a fast peer can take between
// two turns of the loop is a small multiple of this.
constexpr std::uint64_t kWindowBytes = 256 * 1024;

/// Lets the loop look after the others, when this coroutine has gone on often enough.
class Turn : public coro::LeafOperation {
 public:
  Turn() = default;
  Turn(Turn&&) = default;
  bool start(coro::Waiter& waiter) noexcept {
    return begin_for(waiter, [this] { finish(); });
  }
  void take() const noexcept {}
};

/// Returns: about kWindowBytes, in as many full segments: the last of them would else be a small
/// one, with a packet, a wake-up and an acknowledgement of its own.
std::uint64_t window_bytes(int socket) noexcept {
  int segment = 0;
  socklen_t size = sizeof(segment);
  const bool is_known = socket >= 0 &&
                        ::getsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, &segment, &size) == 0 &&
                        segment > 0 && static_cast<std::uint64_t>(segment) <= kWindowBytes;
  return is_known ? kWindowBytes - kWindowBytes % static_cast<std::uint64_t>(segment)
                  : kWindowBytes;
}

}  // namespace

void Reader::submit(Work work) noexcept {
  WHERRY_ASSERT(work_ == Work::none);
  work_ = work;
  storage_.jobs().submit(*this, Job::Kind::reads);
}

// ---------------------------------------------------------------- open

void Reader::begin_open(Storage::Open& operation) noexcept {
  open_ = &operation;
  operation.set_slot(this);
  if (operation.freshness() == Freshness::round && find_in_round()) return end_open({});
  // The path lies in a block, because a job may outlive the operation.
  const std::string_view path = operation.path();
  const MutableBytes block = small_block();
  std::memcpy(block.data(), path.data(), path.size());
  block[path.size()] = std::byte{0};
  const char* text = reinterpret_cast<const char*>(block.data());
  const Result<Progress> opened = file_.open(storage_.root(), text, Waiting::forbidden);
  if (!opened) {
    end_open(opened.error());
  } else if (*opened == Progress::would_wait) {
    submit(Work::open);
  } else {
    place_ = storage_.round_files().expect(operation.ready_list().round(), path);
    look_for_crc32();
  }
}

// The next round's first file may take the place of what is found: so it is copied.
bool Reader::find_in_round() noexcept {
  const auto file = storage_.round_files().find(open_->ready_list().round(), open_->path());
  if (!file || file->content.size() > storage_.small_blocks().block_size()) return false;
  const MutableBytes block = small_block();
  std::memcpy(block.data(), file->content.data(), file->content.size());
  content_ = block.first(file->content.size());
  file_.take_info(file->info);
  return true;
}

void Reader::look_for_crc32() noexcept {
  KnownChecksums& known = storage_.checksums();
  const std::uint64_t version = info().version;
  if (const auto* crc32 = known.find(version)) {
    file_.set_crc32(*crc32);
  } else if (file_.is_in_memory()) {
    file_.read_crc32();
    known.remember(version, info().crc32);
  } else {
    return submit(Work::look_for_crc32);
  }
  end_open({});
}

// A file that is only sent needs no block.
void Reader::end_open(Result<> result) noexcept {
  give_back_blocks();
  Storage::Open* operation = std::exchange(open_, nullptr);
  if (operation == nullptr) {
    close();
  } else if (result) {
    operation->succeed(*this);
  } else {
    leave();
    operation->finish(result.error());
  }
}

// ---------------------------------------------------------------- read

MutableBytes Reader::block_for(std::uint64_t offset, std::size_t size) noexcept {
  const std::uint64_t rest = info().size > offset ? info().size - offset : 0;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, rest));
  if (wanted > storage_.small_blocks().block_size() && large_block_.empty()) {
    large_block_ = storage_.large_blocks().take();
  }
  const MutableBytes block = large_block_.empty() ? small_block() : large_block_;
  return block.first(std::min(size, block.size()));
}

void Reader::begin_read(File::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == nullptr);
  read_ = &operation;
  // A read that nobody waits for any more may still be under way: done() goes on from there.
  if (work_ == Work::none) start_read();
}

void Reader::start_read() noexcept {
  const std::uint64_t offset = read_->offset();
  if (!content_.empty()) {
    const Bytes rest = content_.subspan(std::min<std::uint64_t>(offset, content_.size()));
    const Bytes part = rest.first(std::min(read_->size(), rest.size()));
    return std::exchange(read_, nullptr)->succeed(part);
  }
  const MutableBytes block = block_for(offset, read_->size());
  if (block.empty()) return std::exchange(read_, nullptr)->succeed({});
  const Result<StoredFile::Piece> piece = file_.read(offset, block, Waiting::forbidden);
  if (!piece) return std::exchange(read_, nullptr)->finish(piece.error());
  if (piece->progress == Progress::would_wait) {
    work_offset_ = offset;
    work_block_ = block;
    reads_ahead_ = is_sending_;
    is_abandoned_ = false;
    return submit(Work::read);
  }
  const Bytes bytes = block.first(piece->size);
  if (offset == 0 && bytes.size() == info().size) {
    storage_.round_files().keep(place_, read_->ready_list().round(), info(), bytes);
  }
  std::exchange(read_, nullptr)->succeed(bytes);
}

void Reader::cancel_read(File::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
  is_abandoned_ = true;
}

void Reader::end_read() noexcept {
  File::Read* operation = std::exchange(read_, nullptr);
  if (work_error_ != Error::none) {
    operation->finish(work_error_);
  } else {
    operation->succeed(work_block_.first(work_size_));
  }
}

// ---------------------------------------------------------------- send

// Straight from the page cache into the socket, where there is one and the bytes are there. Else a
// disk thread reads into the slot's block, and has the system read the next window meanwhile: while
// the network takes the block, the disk goes on.
coro::Task<> Reader::send_to(coro::Context&, coro::Sink& sink, std::uint64_t offset,
                             std::uint64_t size) noexcept {
  give_back_blocks();
  const bool kernel_counts = storage_.root().has_cache_statistics();
  bool is_direct = sink.descriptor() >= 0 && file_.is_open();
  std::uint64_t seen_end = offset;  // up to here the bytes were in memory when last looked at
  is_sending_ = true;
  const std::uint64_t most = size > kWindowBytes ? window_bytes(sink.descriptor()) : kWindowBytes;
  while (size > 0) {
    const bool is_seen = offset < seen_end;
    const auto look = is_seen ? StoredFile::Look::again : StoredFile::Look::closely;
    const auto window =
        static_cast<std::size_t>(std::min(size, is_seen ? seen_end - offset : most));
    std::size_t sent = 0;
    if (is_direct && file_.is_cached(kernel_counts, offset, window, look)) {
      seen_end = offset + window;
      const StoredFile::Piece piece = co_await file_.send(sink.descriptor(), offset, window);
      sent = piece.size;
      if (piece.progress == Progress::impossible) {
        is_direct = false;
      } else if (piece.progress == Progress::would_wait) {
        co_await sink.writable();
      } else {
        sink.sent_directly(sent);
        co_await Turn();
      }
    } else {
      const Bytes bytes = co_await File::Read(*this, offset, window);
      if (bytes.empty()) co_await Result<>(Error::disk_failed);  // shorter than it was
      co_await sink.write(bytes);
      sent = bytes.size();
    }
    offset += sent;
    size -= sent;
  }
  is_sending_ = false;
  give_back_blocks();
}

// ---------------------------------------------------------------- close

void Reader::close() noexcept {
  is_closing_ = true;
  if (work_ != Work::none) return;  // done() goes on from there
  if (file_.is_open() && file_.may_wait_to_close()) {
    submit(Work::close);
  } else {
    leave();
  }
}

// Each slot can have one.
MutableBytes Reader::small_block() noexcept {
  if (small_block_.empty()) small_block_ = storage_.small_blocks().take();
  WHERRY_ASSERT(!small_block_.empty());
  return small_block_;
}

void Reader::give_back_blocks() noexcept {
  if (work_ != Work::none || !content_.empty()) return;
  if (!small_block_.empty()) storage_.small_blocks().give_back(small_block_.data());
  if (!large_block_.empty()) storage_.large_blocks().give_back(large_block_.data());
  small_block_ = large_block_ = {};
}

void Reader::leave() noexcept {
  content_ = {};
  give_back_blocks();
  storage_.give_back(*this);
}

// ---------------------------------------------------------------- the job

void Reader::work() noexcept {
  switch (work_) {
    case Work::open: {
      const char* path = reinterpret_cast<const char*>(small_block_.data());
      work_error_ = error_of(file_.open(storage_.root(), path, Waiting::allowed));
      if (work_error_ == Error::none) file_.read_crc32();
      return;
    }
    case Work::look_for_crc32:
      work_error_ = Error::none;
      return file_.read_crc32();
    case Work::read: {
      if (reads_ahead_) file_.read_ahead(work_offset_ + work_block_.size(), kWindowBytes);
      const Result<StoredFile::Piece> piece =
          file_.read(work_offset_, work_block_, Waiting::allowed);
      work_error_ = error_of(piece);
      work_size_ = piece ? piece->size : 0;
      return;
    }
    case Work::close:
      return file_.close();
    case Work::none:
      return;
  }
}

void Reader::done() noexcept {
  const Work ended = std::exchange(work_, Work::none);
  if (ended == Work::open || ended == Work::look_for_crc32) {
    if (work_error_ != Error::none) return end_open(work_error_);
    storage_.checksums().remember(info().version, info().crc32);
    return end_open({});
  }
  if (ended == Work::close) return leave();
  if (is_closing_) return close();
  if (read_ == nullptr) return;
  // The read that waits may be another than the one that ended.
  if (ended == Work::read && !is_abandoned_) {
    end_read();
  } else {
    start_read();
  }
}

}  // namespace wherry::storage::posix
