// SPDX-License-Identifier: MIT
// Once warm, the loop's thread takes nothing from the heap: not for accepting, reading, writing,
// waiting, timing out, sleeping, posts or closing. malloc and its kin are counted here, a thread.
#include <cstdlib>

#include "wherry/base/heap_calls_for_test.h"
#include "wherry/net/asio/server_for_test.h"

namespace {

thread_local bool is_counting = false;
std::atomic<int> allocation_count = 0;

}  // namespace

void wherry::on_heap_call() noexcept {
  if (is_counting) ++allocation_count;
}

namespace wherry::net::asio {
namespace {

using coro::as_result;
using coro::Task;

// Reads with a wait, with a timeout, and not at all; writes more than the socket holds.
Task<> serve(Session& session) {
  std::array<std::byte, 64> buffer{};
  static_cast<void>(co_await as_result(session.connection->read(buffer, 10)));  // times out
  co_await session.connection->write(Bytes(buffer).first(1));  // from now on the client may speak
  co_await session.server.thread.loop.sleep(1);
  co_await session.connection->read(buffer, 10'000);
  static const std::array<std::byte, 16 << 20> kMuch{};
  co_await session.connection->write(kMuch, buffer);
  co_await session.connection->read(buffer, 10'000);
  // Much at a time: a client that reads as fast as little comes would never let the socket fill.
  while (::send(session.connection->descriptor(), kMuch.data(), kMuch.size(), MSG_NOSIGNAL) > 0) {
  }
  co_await session.connection->writable();
}

void talk_once(std::uint16_t port) {
  Client client(port);
  EXPECT_EQ(client.receive(1).size(), 1u);
  client.send("x");
  EXPECT_EQ(client.receive((16 << 20) + 64).size(), (16u << 20) + 64);
  client.send("y");
  EXPECT_GT(client.receive_all().size(), 0u);
}

struct Work : coro::Completion {
  Work() : Completion([](Completion& self) noexcept { ++static_cast<Work&>(self).run_count; }) {}
  std::atomic<int> run_count = 0;
};

TEST(Heap, CountsWhatThisThreadTakes) {
  is_counting = true;
  const int before = allocation_count;
  // Volatile: what nobody looks at, a compiler may leave out.
  void* volatile memory = std::malloc(10);
  std::free(memory);
  int* volatile number = new int;
  delete number;
  is_counting = false;
  EXPECT_EQ(allocation_count - before, 2);
}

TEST(Heap, NothingIsTakenOnceTheLoopIsWarm) {
  TestServer server(&serve, {.host = "127.0.0.1", .connection_count = 2});
  Work work;
  const auto talk = [&] {
    std::thread other([&] { talk_once(server.port()); });
    talk_once(server.port());
    other.join();
    const int run_count = work.run_count;
    server.thread.loop.post(work);
    while (work.run_count == run_count) std::this_thread::yield();
  };
  talk();
  server.errors.next();
  server.errors.next();
  server.thread.call([] { is_counting = true; });
  const int before = allocation_count;
  for (int i = 0; i < 5; ++i) talk();
  const int taken = allocation_count - before;
  server.thread.call([] { is_counting = false; });
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace wherry::net::asio
