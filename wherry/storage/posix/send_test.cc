// SPDX-License-Identifier: MIT
// Files on their way into sockets: from the page cache, from a disk, in part, and not at all.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "wherry/storage/posix/place_for_test.h"
#include "wherry/storage/posix/stored_file.h"

namespace wherry::storage::posix {
namespace {

// A socket whose other end takes what comes, as far as the test lets it.
class SocketSink final : public coro::Sink {
 public:
  explicit SocketSink(TestLoop& loop) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
      std::abort();
    }
    here_ = Fd(ends[0]);
    there_ = Fd(ends[1]);
    loop.look_at([this] { return move(); });
  }

  int descriptor() const noexcept override { return here_.get(); }
  const std::string& received() const { return received_; }
  void hold(bool holds) { holds_ = holds; }
  bool is_waiting() const { return writable_ != nullptr; }
  std::uint64_t written_through_blocks() const { return written_; }
  void peer_goes_away() {
    there_.reset();
    holds_ = true;
  }

 private:
  bool move() {
    bool moved = false;
    char buffer[64 * 1024];
    while (!holds_) {
      const ssize_t size = ::read(there_.get(), buffer, sizeof(buffer));
      if (size <= 0) break;
      received_.append(buffer, static_cast<std::size_t>(size));
      moved = true;
    }
    pollfd room{here_.get(), POLLOUT, 0};
    const bool has_room = ::poll(&room, 1, 0) == 1;
    if (has_room && writable_ != nullptr) {
      std::exchange(writable_, nullptr)->finish();
      moved = true;
    }
    if (has_room && write_ != nullptr) moved = write_some() || moved;
    return moved;
  }
  bool write_some() {
    for (const Bytes piece : write_->pieces()) {
      if (piece.empty()) continue;
      const ssize_t size = ::send(here_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      written_ += static_cast<std::uint64_t>(size);
      write_->advance(static_cast<std::size_t>(size));
      break;
    }
    if (write_->remaining() == 0) std::exchange(write_, nullptr)->finish();
    return true;
  }

  void begin_write(Write& operation) noexcept override { write_ = &operation; }
  void cancel_write(Write&) noexcept override { write_ = nullptr; }
  void begin_writable(Writable& operation) noexcept override { writable_ = &operation; }
  void cancel_writable(Writable&) noexcept override { writable_ = nullptr; }
  void on_sent_directly() noexcept override {}

  Fd here_;
  Fd there_;
  std::string received_;
  Write* write_ = nullptr;
  Writable* writable_ = nullptr;
  std::uint64_t written_ = 0;
  bool holds_ = false;
};

// Takes all at once and for ever: what would keep a loop for itself.
class InsatiableSink final : public coro::Sink {
 public:
  int descriptor() const noexcept override { return null_.get(); }

 private:
  void begin_write(Write& operation) noexcept override {
    operation.advance(operation.remaining());
    operation.finish();
  }
  void cancel_write(Write&) noexcept override {}
  void begin_writable(Writable& operation) noexcept override { operation.finish(); }
  void cancel_writable(Writable&) noexcept override {}
  void on_sent_directly() noexcept override {}

  const Fd null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
};

class Send : public ::testing::Test {
 protected:
  TestLoop& loop() { return place_.loop(); }

  // Has the system forget the file's bytes. Returns: whether it did.
  bool evict(const std::string& name) {
    const Fd fd(::open((folder_ / name).c_str(), O_RDONLY));
    ::fsync(fd.get());
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
    const std::size_t size = std::filesystem::file_size(folder_ / name);
    void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    std::vector<unsigned char> pages(size / 4096 + 1);
    ::mincore(mapping, size, pages.data());
    ::munmap(mapping, size);
    return std::ranges::count_if(pages, [](unsigned char page) { return (page & 1) != 0; }) == 0;
  }

  Result<> send(std::string_view name, coro::Sink& sink, std::uint64_t offset, std::uint64_t size) {
    Result<File> file = place_.open(name);
    if (!file) return file.error();
    return loop().run(file->send_to(loop().context(), sink, offset, size));
  }

  const FolderForTest folder_;
  PlaceForTest place_{folder_.path()};
};

TEST_F(Send, KernelsThatCountTheirCacheAndThoseThatDoNotAreBothAsked) {
  constexpr std::size_t kSize = 300'000;
  ASSERT_TRUE(place_.store("file", some_text(kSize)));
  if (!evict("file")) GTEST_SKIP() << "the file system keeps everything in memory";
  StoredFile file;
  ASSERT_TRUE(file.open(place_.root(), "file", Waiting::allowed));
  for (const bool kernel_counts : {place_.root().has_cache_statistics(), false}) {
    ASSERT_TRUE(evict("file"));
    EXPECT_FALSE(file.is_cached(kernel_counts, 0, kSize, StoredFile::Look::closely));
    ASSERT_EQ(get(folder_ / "file").size(), kSize);
    EXPECT_TRUE(file.is_cached(kernel_counts, 0, kSize, StoredFile::Look::closely));
    EXPECT_TRUE(file.is_cached(kernel_counts, 0, kSize, StoredFile::Look::again));
    EXPECT_TRUE(file.is_cached(kernel_counts, kSize - 1, 1, StoredFile::Look::closely));
    EXPECT_FALSE(file.is_cached(kernel_counts, kSize, 1, StoredFile::Look::closely));
  }
}

TEST_F(Send, CachedFileGoesStraightIntoTheSocket) {
  const std::string text = some_text(3'000'000);
  ASSERT_TRUE(place_.store("file", text));
  SocketSink sink(loop());
  ASSERT_TRUE(send("file", sink, 0, text.size()));
  loop().turn();
  EXPECT_TRUE(sink.received() == text);
  EXPECT_EQ(sink.sent_bytes(), text.size());
  EXPECT_EQ(sink.written_through_blocks(), 0u);
}

TEST_F(Send, AnyRangeArrivesExactly) {
  const std::string text = some_text(1'000'000);
  ASSERT_TRUE(place_.store("file", text));
  for (const auto& [offset, size] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 1}, {4095, 2}, {4096, 4096}, {262'143, 2}, {262'144, 262'144}, {999'999, 1}}) {
    SocketSink sink(loop());
    ASSERT_TRUE(send("file", sink, offset, size));
    loop().run_until([&] { return sink.received().size() == size; });
    EXPECT_TRUE(sink.received() == text.substr(offset, size)) << offset;
    loop().look_at_nothing();
  }
}

TEST_F(Send, FileThatIsNotCachedIsReadByADiskThread) {
  const std::string text = some_text(3'000'000);
  ASSERT_TRUE(place_.store("file", text));
  if (!evict("file")) GTEST_SKIP() << "the file system keeps everything in memory";
  SocketSink sink(loop());
  Result<File> file = place_.open("file");
  ASSERT_TRUE(file);
  Started sending(loop(), file->send_to(loop().context(), sink, 0, text.size()));
  EXPECT_EQ(place_.storage().jobs_under_way(), 1u);
  EXPECT_EQ(sink.sent_bytes(), 0u);
  ASSERT_TRUE(sending.wait());
  loop().turn();
  EXPECT_TRUE(sink.received() == text);
}

TEST_F(Send, ReadThatIsNotCachedIsDoneByADiskThread) {
  const std::string text = some_text(200'000);
  ASSERT_TRUE(place_.store("file", text));
  if (!evict("file")) GTEST_SKIP() << "the file system keeps everything in memory";
  Result<File> file = place_.open("file");
  ASSERT_TRUE(file);
  {
    // Dropped while it is under way; the next one begins before it has ended.
    const Started dropped(loop(), file->read(100'000, 50'000));
    EXPECT_EQ(place_.storage().jobs_under_way(), 1u);
  }
  const Result<Bytes> bytes = loop().run(file->read(1'000, 50'000));
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(as_text(*bytes) == text.substr(1'000, bytes->size()));
  EXPECT_GT(bytes->size(), 0u);
}

TEST_F(Send, FileClosedWhileADiskThreadReadsItLeavesNothing) {
  ASSERT_TRUE(place_.store("file", some_text(2'000'000)));
  for (int i = 0; i < 8; ++i) {  // as many as there are slots: none has come back meanwhile
    // Later rounds may find a job of the one before bringing it in again: that is wanted, too.
    const bool is_evicted = evict("file");
    if (i == 0 && !is_evicted) GTEST_SKIP() << "the file system keeps everything in memory";
    Result<File> file = place_.open("file");
    ASSERT_TRUE(file);
    SocketSink sink(loop());
    {
      const Started sending(loop(), file->send_to(loop().context(), sink, 0, 2'000'000));
    }
    loop().look_at_nothing();
  }
  EXPECT_TRUE(place_.becomes_idle());
  EXPECT_EQ(place_.storage().large_blocks_in_use(), 0u);
}

TEST_F(Send, StalledPeerIsWaitedForWithoutABlock) {
  const std::string text = some_text(3'000'000);
  ASSERT_TRUE(place_.store("file", text));
  SocketSink sink(loop());
  sink.hold(true);
  Result<File> file = place_.open("file");
  ASSERT_TRUE(file);
  Started sending(loop(), file->send_to(loop().context(), sink, 0, text.size()));
  ASSERT_TRUE(loop().run_until([&] { return sink.is_waiting(); }));
  EXPECT_EQ(place_.storage().large_blocks_in_use(), 0u);
  sink.hold(false);
  ASSERT_TRUE(sending.wait());
  loop().turn();
  EXPECT_TRUE(sink.received() == text);
}

TEST_F(Send, PeerThatGoesAwayIsAnErrorAndNoSignal) {
  ASSERT_TRUE(place_.store("file", some_text(3'000'000)));
  SocketSink sink(loop());
  sink.peer_goes_away();
  EXPECT_EQ(error_of(send("file", sink, 0, 3'000'000)), Error::closed);
}

TEST_F(Send, FileThatBecomesShorterFails) {
  ASSERT_TRUE(place_.store("file", some_text(3'000'000)));
  SocketSink sink(loop());
  sink.hold(true);
  Result<File> file = place_.open("file");
  ASSERT_TRUE(file);
  Started sending(loop(), file->send_to(loop().context(), sink, 0, 3'000'000));
  ASSERT_TRUE(loop().run_until([&] { return sink.is_waiting(); }));
  ASSERT_EQ(::truncate((folder_ / "file").c_str(), 1'000'000), 0);
  sink.hold(false);
  EXPECT_EQ(error_of(sending.wait()), Error::disk_failed);
}

TEST_F(Send, FileThatGrowsIsSentAsItWasPromised) {
  const std::string text = some_text(100'000);
  ASSERT_TRUE(place_.store("file", text));
  Result<File> file = place_.open("file");
  ASSERT_TRUE(file);
  std::ofstream(folder_ / "file", std::ios::app) << "more";
  SocketSink sink(loop());
  ASSERT_TRUE(loop().run(file->send_to(loop().context(), sink, 0, file->info().size)));
  loop().turn();
  EXPECT_TRUE(sink.received() == text);
}

TEST_F(Send, InsatiablePeerDoesNotKeepTheLoopForItself) {
  constexpr std::size_t kSize = 48 * 1024 * 1024;
  ASSERT_TRUE(place_.store("file", std::string(kSize, 'x')));
  Result<File> file = place_.open("file");
  ASSERT_TRUE(file);
  InsatiableSink sink;
  Started sending(loop(), file->send_to(loop().context(), sink, 0, kSize));
  int turns = 0;  // in which something was sent: in the others the disk was at work
  std::uint64_t most_in_a_turn = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!sending.has_ended()) {
    const std::uint64_t before = sink.sent_bytes();
    loop().turn();
    most_in_a_turn = std::max(most_in_a_turn, sink.sent_bytes() - before);
    if (sink.sent_bytes() > before) ++turns;
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  ASSERT_TRUE(sending.wait());
  EXPECT_EQ(sink.sent_bytes(), kSize);
  EXPECT_LE(most_in_a_turn, 5u * 1024 * 1024);
  EXPECT_GE(turns, 8);
}

}  // namespace
}  // namespace wherry::storage::posix
