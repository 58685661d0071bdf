// SPDX-License-Identifier: MIT
// Accept: which of the types that can be had a client likes best.
// Knows media types as names; not what is offered, nor what happens when nothing suits.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/http/request_head.h"

namespace wherry::http {

/// `offered`: media types without parameters; first the one for clients without a preference.
/// Returns: the index of the one with the highest weight, the first where several have it; none
/// when the client accepts none of them. Without an Accept, or with an empty one, the first. The
/// most specific range that fits a type weighs it. Parameters of a range but `q` are ignored, and
/// ranges that are malformed skipped. Source: RFC 9110 §12.4.2, §12.5.1.
std::optional<std::size_t> best_media_type(const RequestHead& head,
                                           std::span<const std::string_view> offered) noexcept;

}  // namespace wherry::http
