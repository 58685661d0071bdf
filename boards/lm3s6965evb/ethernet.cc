// SPDX-License-Identifier: MIT
// The LM3S6965's Ethernet controller: a FIFO of words each way.
//
// A frame that comes begins with its length in 16 bits, these and the checksum counted; one that
// goes begins with the length of its payload. Either way the frame itself begins in the upper half
// of the first word: at the two bytes of padding that lwIP leaves.
#include "boards/common/ethernet.h"

#include <cstddef>
#include <cstring>

#include "boards/common/cortex_m.h"
#include "boards/common/fifo.h"
#include "boards/common/phy.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::boards::ethernet {
namespace {

constexpr std::uintptr_t kMac = 0x40048000;
constexpr Register kInterruptStatus(kMac + 0x00);  // writing a bit acknowledges it
constexpr Register kInterruptMask(kMac + 0x04);
constexpr Register kReceiveControl(kMac + 0x08);
constexpr Register kTransmitControl(kMac + 0x0C);
constexpr Register kData(kMac + 0x10);
constexpr Register kAddressLow(kMac + 0x14);
constexpr Register kAddressHigh(kMac + 0x18);
constexpr Register kPhyControl(kMac + 0x20);
constexpr Register kPhyDivider(kMac + 0x24);
constexpr Register kPhyReceived(kMac + 0x30);
constexpr Register kPacketCount(kMac + 0x34);
constexpr Register kTransmitRequest(kMac + 0x38);

constexpr std::uint32_t kReceivedBit = 1;
constexpr std::uint32_t kInterruptNumber = 42;
constexpr std::uint32_t kWord = 4;
constexpr std::uint32_t kLengthBytes = 2, kChecksumBytes = 4, kHeaderBytes = 14;

/// Takes 64 bits of 0.6 us; waits no longer for a PHY that is not there.
std::uint32_t read_phy(std::uint32_t index) noexcept {
  constexpr std::uint32_t kStart = 1, kIndexShift = 3, kMaxLooks = 1000;
  kPhyControl.set(index << kIndexShift | kStart);
  for (std::uint32_t i = 0; i < kMaxLooks && (kPhyControl.get() & kStart) != 0; ++i) continue;
  return kPhyReceived.get() & 0xFFFF;
}

bool has_frame() noexcept { return (kPacketCount.get() & 0x3F) != 0; }

std::uint32_t load(const std::byte* from) noexcept {
  std::uint32_t word;
  std::memcpy(&word, from, kWord);
  return word;
}

/// Puts bytes that lie in several places into the FIFO, as words.
class Sender {
 public:
  /// `first`: the beginning of the first word, `size` bytes of it.
  Sender(std::uint32_t first, std::uint32_t size) noexcept : word_(first), filled_(size) {}

  void append(const std::byte* from, std::uint32_t size) noexcept {
    if (size < kWord) return gather(from, size);
    if (filled_ > 0) {
      kData.set(word_ | load(from) << 8 * filled_);
      from += kWord - filled_;
      size -= kWord - filled_;
    }
    put_words(kData, from, size / kWord);
    filled_ = size % kWord;
    word_ = filled_ > 0 ? load(from + size - kWord) >> 8 * (kWord - filled_) : 0;
  }
  void finish() const noexcept {
    if (filled_ > 0) kData.set(word_);
  }

 private:
  void gather(const std::byte* from, std::uint32_t size) noexcept {
    for (; size > 0; --size) {
      word_ |= std::to_integer<std::uint32_t>(*from++) << 8 * filled_++;
      if (filled_ < kWord) continue;
      kData.set(word_);
      word_ = filled_ = 0;
    }
  }

  std::uint32_t word_;
  std::uint32_t filled_;  // bytes of word_: less than it has
};

}  // namespace

MacAddress start() noexcept {
  constexpr Register kClocks(0x400FE108);
  constexpr std::uint32_t kPhy = 1u << 30, kController = 1u << 28, kPortF = 1u << 5;
  kClocks.set_bits(kPhy | kController | kPortF);
  constexpr Register kPortFFunction(0x40025420), kPortFDigital(0x4002551C);
  constexpr std::uint32_t kLights = 1u << 3 | 1u << 2;
  kPortFFunction.set_bits(kLights);
  kPortFDigital.set_bits(kLights);

  constexpr std::uint32_t kResetFifo = 1u << 4, kAllInterrupts = 0x7F;
  kInterruptMask.set(0);
  kReceiveControl.set(kResetFifo);
  kInterruptStatus.set(kAllInterrupts);

  kPhyDivider.set(3);  // 1.6 MHz of 12.5 MHz; the PHY takes 2.5 at most

  const std::uint32_t low = kAddressLow.get(), high = kAddressHigh.get();
  kAddressLow.set(low);
  kAddressHigh.set(high);

  constexpr std::uint32_t kDuplex = 1u << 4, kChecksum = 1u << 2, kPadding = 1u << 1, kTransmit = 1;
  kTransmitControl.set(kDuplex | kChecksum | kPadding | kTransmit);
  constexpr std::uint32_t kMulticast = 1u << 1, kReceive = 1;
  kReceiveControl.set(kMulticast | kReceive);
  enable_interrupt(kInterruptNumber);

  const auto byte_of = [](std::uint32_t word, unsigned index) {
    return static_cast<std::uint8_t>(word >> 8 * index);
  };
  return {byte_of(low, 0), byte_of(low, 1),  byte_of(low, 2),
          byte_of(low, 3), byte_of(high, 0), byte_of(high, 1)};
}

// A PHY that does not answer says nothing about its cable: frames may find a way.
bool has_link() noexcept {
  const std::uint32_t identifier = read_phy(phy::kIdentifier);
  if (identifier == 0 || identifier == 0xFFFF) return true;
  return phy::has_link(&read_phy);
}

pbuf* receive(bool (*is_wanted)(std::uint32_t size)) noexcept {
  while (has_frame()) {
    const std::uint32_t first_word = kData.get();
    const std::uint32_t length = first_word & 0xFFFF;
    const std::uint32_t words_left = (length + kWord - 1) / kWord - 1;
    const std::uint32_t size = length - kLengthBytes - kChecksumBytes;
    pbuf* buffer = nullptr;
    // One buffer has room for a frame with its checksum, and for the rest of a word.
    static_assert(PBUF_POOL_BUFSIZE >= 1524 && PBUF_POOL_BUFSIZE % kWord == 0);
    if (length <= PBUF_POOL_BUFSIZE && is_wanted(size)) {
      buffer = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(size + ETH_PAD_SIZE), PBUF_POOL);
    }
    if (buffer == nullptr) {
      skip_words(kData, words_left);
      continue;
    }
    auto* const to = static_cast<std::byte*>(buffer->payload);
    std::memcpy(to, &first_word, kWord);
    take_words(kData, to + kWord, words_left);
    return buffer;
  }
  return nullptr;
}

void send(const pbuf& frame) noexcept {
  while ((kTransmitRequest.get() & 1) != 0) continue;  // the frame before is on its way
  // The length of the payload takes the place of the padding.
  Sender sender(frame.tot_len - ETH_PAD_SIZE - kHeaderBytes, kLengthBytes);
  std::uint32_t skipped = ETH_PAD_SIZE;
  for (const pbuf* buffer = &frame; buffer != nullptr; buffer = buffer->next) {
    sender.append(static_cast<const std::byte*>(buffer->payload) + skipped, buffer->len - skipped);
    skipped = 0;
  }
  sender.finish();
  kTransmitRequest.set(1);
}

bool arm_interrupt() noexcept {
  kInterruptStatus.set(kReceivedBit);
  kInterruptMask.set(kReceivedBit);
  return has_frame();
}

void on_interrupt() noexcept {
  kInterruptMask.set(0);
  kInterruptStatus.set(kReceivedBit);
}

}  // namespace wherry::boards::ethernet
