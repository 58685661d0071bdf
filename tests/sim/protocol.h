// SPDX-License-Identifier: MIT
// UploadProtocol: a protocol of uploads that go on, as a client speaks it: which requests it makes,
// and what the replies tell. Knows nothing of when and why.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "wherry/app/app_client.h"

namespace wherry::sim {

class UploadProtocol {
 public:
  virtual ~UploadProtocol() = default;

  /// Some bytes of an upload, and what is said with them.
  struct Part {
    std::uint64_t offset = 0;
    std::string_view bytes;
    bool is_last = false;
    std::optional<std::uint64_t> length;  // of the whole
    bool has_checksum = false;            // of this part alone, where the protocol has that
    bool is_checksum_right = true;
    std::string fields;  // lines with their CRLF
  };

  /// What a reply tells of an upload.
  struct Told {
    std::optional<std::string> location;
    std::optional<std::uint64_t> offset;
    bool is_complete = false;
  };

  virtual std::string create(const std::string& name, const Part& part) const = 0;
  virtual std::string append(const std::string& location, const Part& part) const = 0;
  virtual std::string find_out(const std::string& location) const = 0;
  virtual std::string cancel(const std::string& location) const = 0;
  virtual Told told(const app::Reply& reply) const = 0;

  /// Whether an upload is whole when it has all bytes of the length that was told at first, and
  /// parts may have checksums of their own; else its last part says that it is the last.
  virtual bool ends_by_length() const = 0;
  /// The method of a creation, by which its reply is read.
  virtual std::string create_method() const = 0;
};

/// Returns: a field that is a number; none: it is not there, or is none.
std::optional<std::uint64_t> number_of(const app::Reply& reply, std::string_view name);

/// "Resumable Uploads for HTTP", interop version 8.
std::unique_ptr<UploadProtocol> make_ietf_protocol();
/// tus 1.0.0.
std::unique_ptr<UploadProtocol> make_tus_protocol();

}  // namespace wherry::sim
