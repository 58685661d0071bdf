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
constexpr Register kPacketCount(kMac + 0x34);
constexpr Register kTransmitRequest(kMac + 0x38);

constexpr std::uint32_t kReceivedBit = 1;
constexpr std::uint32_t kInterruptNumber = 42;
constexpr std::uint32_t kWord = 4;
constexpr std::uint32_t kLengthBytes = 2, kChecksumBytes = 4, kHeaderBytes = 14;

bool has_frame() noexcept { return (kPacketCount.get() & 0x3F) != 0; }

void skip_words(std::uint32_t count) noexcept {
  while (count-- > 0) static_cast<void>(kData.get());
}

/// Fills a chain of packet buffers from the FIFO, word by word.
void read_words(pbuf* buffer, std::uint32_t first_word, std::uint32_t word_count) noexcept {
  std::uint32_t word = first_word;
  std::uint32_t left = word_count;
  for (; buffer != nullptr; buffer = buffer->next) {
    // A buffer's data is aligned, and only the last one's size may be no multiple of a word.
    auto* to = static_cast<std::byte*>(buffer->payload);
    std::uint32_t size = buffer->len;
    while (size >= kWord) {
      std::memcpy(to, &word, kWord);
      to += kWord;
      size -= kWord;
      if (left > 0) {
        word = kData.get();
        --left;
      }
    }
    if (size > 0) std::memcpy(to, &word, size);
  }
  skip_words(left);
}

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

// The PHY's registers are not asked: frames that find no link are lost, as on any bad wire.
bool has_link() noexcept { return true; }

pbuf* receive(bool (*is_wanted)(std::uint32_t size)) noexcept {
  if (!has_frame()) return nullptr;
  while (has_frame()) {
    const std::uint32_t first_word = kData.get();
    const std::uint32_t length = first_word & 0xFFFF;
    const std::uint32_t words_left = (length + kWord - 1) / kWord - 1;
    const std::uint32_t size = length - kLengthBytes - kChecksumBytes;
    pbuf* const buffer =
        is_wanted(size) ? pbuf_alloc(PBUF_RAW, static_cast<u16_t>(size + ETH_PAD_SIZE), PBUF_POOL)
                        : nullptr;
    if (buffer != nullptr) {
      read_words(buffer, first_word, words_left);
      return buffer;
    }
    skip_words(words_left);
  }
  return nullptr;
}

void send(const pbuf& frame) noexcept {
  while ((kTransmitRequest.get() & 1) != 0) continue;  // the frame before is on its way
  const std::uint32_t payload_bytes = frame.tot_len - ETH_PAD_SIZE - kHeaderBytes;
  std::uint32_t word = payload_bytes;  // in the place of the padding
  std::uint32_t filled = kLengthBytes;
  std::uint32_t skipped = ETH_PAD_SIZE;
  for (const pbuf* buffer = &frame; buffer != nullptr; buffer = buffer->next) {
    const auto* from = static_cast<const unsigned char*>(buffer->payload) + skipped;
    std::uint32_t size = buffer->len - skipped;
    skipped = 0;
    while (size > 0) {
      if (filled == 0 && size >= kWord) {
        std::memcpy(&word, from, kWord);
        from += kWord;
        size -= kWord;
        filled = kWord;
      } else {
        if (filled == 0) word = 0;
        word |= std::uint32_t{*from++} << 8 * filled++;
        --size;
      }
      if (filled == kWord) {
        kData.set(word);
        filled = 0;
      }
    }
  }
  if (filled > 0) kData.set(word);
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
