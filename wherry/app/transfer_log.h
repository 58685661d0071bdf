// SPDX-License-Identifier: MIT
// TransferLog: who is told of each request when it is over. What it writes, and where, is its
// affair.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/error.h"

namespace wherry::app {

/// One request that is over. Texts come from the network: escape them before showing them.
struct TransferRecord {
  std::string_view client;  // address and port
  std::string_view method;  // "-" when the request could not be read
  std::string_view path;    // as sent, or "-"
  std::uint16_t status;     // 0: no reply could be sent
  std::uint64_t size;       // bytes of content
  std::optional<std::uint32_t> crc32;
  std::uint64_t duration_ms;
  Error outcome;                     // none: all went over
  std::uint64_t received_bytes = 0;  // of the request's body
  std::uint64_t sent_bytes = 0;      // of the reply, head and framing included
  bool is_request = false;           // it could be read: method and path are the client's
  bool is_watching = false;          // as Transfer::is_watching
  std::uint32_t id = 0;              // under which it was told of as started; 0: it was not
  std::optional<std::uint64_t> announced_size = std::nullopt;  // bytes of content
};

class TransferLog {
 public:
  /// Called on the loop: must not wait.  Lifetime: the record's texts end with the call.
  virtual void record(const TransferRecord& record) noexcept = 0;

 protected:
  ~TransferLog() = default;
};

}  // namespace wherry::app
