// SPDX-License-Identifier: MIT
// Text of bounded size held in place: names, formatted numbers, boundaries.
// Knows no heap, no locale and no terminating NUL. What does not fit is refused whole, never cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace wherry {

/// Up to `N` characters, stored inside the object (which is `N` + 1 or 2 bytes large).
/// Lifetime: views of it end with it, or with its next change.
template <std::size_t N>
class FixedString {
  static_assert(N > 0 && N <= UINT16_MAX);
  using Size = std::conditional_t<N <= UINT8_MAX, std::uint8_t, std::uint16_t>;

 public:
  constexpr FixedString() noexcept = default;

  /// Returns: false, and nothing has changed, when `character` does not fit.
  [[nodiscard]] constexpr bool push_back(char character) noexcept {
    return append(std::string_view(&character, 1));
  }

  /// Returns: false, and nothing has changed, when `text` does not fit whole.
  /// `text` may be a view of this very string.
  [[nodiscard]] constexpr bool append(std::string_view text) noexcept {
    if (text.size() > N - size_) return false;
    for (std::size_t i = 0; i < text.size(); ++i) text_[size_ + i] = text[i];
    size_ = static_cast<Size>(size_ + text.size());
    return true;
  }

  /// Replaces the content. Returns: false, and nothing has changed, when `text` does not fit whole.
  /// `text` may be a view of this very string.
  [[nodiscard]] constexpr bool assign(std::string_view text) noexcept {
    if (text.size() > N) return false;
    for (std::size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
    size_ = static_cast<Size>(text.size());
    return true;
  }

  constexpr void clear() noexcept { size_ = 0; }

  constexpr std::string_view view() const noexcept { return {text_, size_}; }
  constexpr operator std::string_view() const noexcept { return view(); }

  constexpr const char* data() const noexcept { return text_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  static constexpr std::size_t capacity() noexcept { return N; }

  friend constexpr bool operator==(const FixedString& a, const FixedString& b) noexcept {
    return a.view() == b.view();
  }
  friend constexpr bool operator==(const FixedString& a, std::string_view b) noexcept {
    return a.view() == b;
  }

 private:
  char text_[N]{};
  Size size_ = 0;
};

}  // namespace wherry
