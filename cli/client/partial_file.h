// SPDX-License-Identifier: MIT
// A download that is not whole yet: NAME.part, and NAME.part.json, which says what of.
// Knows no network.
// Keeps: NAME is touched by one rename, when all is there and on disk; what a part holds is always
// a prefix of the version that its JSON names; of two downloads of one name one is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/client/local_file.h"
#include "wherry/base/bytes.h"
#include "wherry/base/crc32.h"

namespace wherry::cli {

class PartialFile {
 public:
  /// `path`: of the file to be, without `.part`. Takes up what an earlier download of `url` left.
  /// Returns: an error's sentence; empty: it is open, and nobody else has it.
  std::string open(const std::string& path, const std::string& url);

  std::uint64_t size() const noexcept { return size_; }
  /// What its bytes are of, for If-Range; empty: not known, so they cannot be gone on with.
  const std::string& validator() const noexcept { return validator_; }
  std::uint32_t crc32() const noexcept { return crc_.value(); }

  /// Drops what there is; what comes now is of another version.
  bool restart(const std::string& validator);
  bool append(Bytes bytes) noexcept;
  /// Makes it durable and gives it its name: `name` in the same folder.
  /// `replaces`: may take the place of another file.
  /// Returns: an error's sentence; empty: it is there.
  std::string finish(const std::string& path, bool replaces);
  /// Removes it: nothing of it is of use.
  void drop() noexcept;
  /// Keeps it for another run where it can be gone on with; else removes it.
  void leave() noexcept;

 private:
  std::string lock();
  bool take_up();
  bool write_origin();

  std::string part_;    // path
  std::string origin_;  // path of the JSON
  std::string url_;
  std::string validator_;
  Descriptor descriptor_;
  std::uint64_t size_ = 0;
  Crc32 crc_;
};

}  // namespace wherry::cli
