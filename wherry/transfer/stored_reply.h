// SPDX-License-Identifier: MIT
// What the sender of a file is told of it, and why it may be told no at once.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "wherry/app/response.h"
#include "wherry/storage/storage.h"

namespace wherry::transfer {

using app::Request;
using app::Response;

/// A file that has come, as its sender is told.
struct Stored {
  std::string_view filename;
  std::uint64_t size;
  std::uint32_t crc32;
};

/// `{"filename": …, "size": …, "crc32": …}`
Response stored_json(Request& request, const Stored& stored, std::uint16_t status) noexcept;

/// What one stored file is answered with, and where it is. Made whole before the file's commit:
/// once that is done, nothing may be missing to say so.
class StoredReply {
 public:
  StoredReply(Request& request, const Stored& stored, std::string_view where) noexcept;

  bool is_complete() const noexcept { return response_.failure() == Error::none; }
  Response failed() noexcept { return std::move(response_); }

  /// For more fields. Before reserve(); and all there is to say of a file that had its name before:
  /// another may stand there by now.
  Response& response() noexcept { return response_; }
  /// Takes the memory that is still missing. The last call before the commit.
  void reserve() noexcept;

  /// `file`: committed.
  Response finish(const storage::StagedFile& file) noexcept;

 private:
  Response response_;
  std::span<char> tag_;  // its place in the reply, which is known last
};

/// Returns: why the request is something else than "store these bytes under this name"; empty: it
/// is that.
std::string_view put_refusal(Request& request) noexcept;

/// The same, of one that brings a part of them.
std::string_view coding_refusal(Request& request) noexcept;

}  // namespace wherry::transfer
