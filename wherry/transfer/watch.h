// SPDX-License-Identifier: MIT
// What the endpoints have in common that look at other requests: /status, /metrics, /events.
#pragma once

#include <array>
#include <optional>

#include "wherry/app/monitor.h"
#include "wherry/app/report.h"
#include "wherry/base/escape.h"
#include "wherry/storage/storage.h"

namespace wherry::transfer {

/// A path as it was sent, so that it can be shown: escaped as in the log, cut where it is long.
class ShownPath {
 public:
  explicit ShownPath(std::string_view path) noexcept {
    TextWriter text(memory_);
    append_log_text(text, path);
    size_ = text.size();
  }
  /// Lifetime: that of this.
  std::string_view view() const noexcept { return {memory_.data(), size_}; }

 private:
  std::array<char, 64> memory_;
  std::size_t size_;
};

/// Everything that the parts of the program tell of themselves: the same names each time.
/// `space`: none where the storage did not say.
void tell_all(app::Request& request, const std::optional<storage::Space>& space, StatusSink& sink);

}  // namespace wherry::transfer
