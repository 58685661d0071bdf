// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/pools.h"

#include <map>

#include "wherry/net/lwip/wire_for_test.h"

namespace wherry::net::lwip {
namespace {

using LwipPoolsTest = LwipTest;

/// "TCP_PCB used" → 3
class NumberSink final : public StatusSink {
 public:
  std::map<std::string, std::uint64_t> numbers;
  std::string its_section;

 private:
  void section(const char* name) noexcept override { its_section = name; }
  void item(const char* name) noexcept override { item_ = name; }
  void number(const char* name, std::uint64_t value, Kind) noexcept override {
    numbers[item_ + " " + name] = value;
  }
  void text(const char*, const char*) noexcept override {}

  std::string item_;
};

std::map<std::string, std::uint64_t> tell() {
  NumberSink sink;
  LwipPools().report(sink);
  EXPECT_EQ(sink.its_section, "lwip");
  return sink.numbers;
}

coro::Task<> read_nothing(Session& session) { co_await session.loop.sleep(1'000'000); }

TEST_F(LwipPoolsTest, TellEachPoolByItsNameAndTheHeap) {
  auto numbers = tell();
  EXPECT_EQ(numbers["TCP_PCB limit"], MEMP_NUM_TCP_PCB);
  EXPECT_EQ(numbers["TCP_PCB_LISTEN limit"], MEMP_NUM_TCP_PCB_LISTEN);
  EXPECT_EQ(numbers["TCP_SEG limit"], MEMP_NUM_TCP_SEG);
  EXPECT_EQ(numbers["PBUF_POOL limit"], PBUF_POOL_SIZE);
  EXPECT_EQ(numbers["HEAP_BYTES limit"], MEM_SIZE);
  EXPECT_EQ(numbers.size(), (MEMP_MAX + 1) * 4u);
}

TEST_F(LwipPoolsTest, TellWhatAConnectionTakes) {
  serve(&read_nothing);
  auto before = tell();
  {
    Client client(kPort);
    settle();
    auto during = tell();
    EXPECT_GT(during["TCP_PCB used"], before["TCP_PCB used"]);
    EXPECT_GE(during["TCP_PCB peak"], during["TCP_PCB used"]);
    EXPECT_EQ(during["TCP_PCB_LISTEN used"], 1u);
  }
}

}  // namespace
}  // namespace wherry::net::lwip
