// SPDX-License-Identifier: MIT
// The reason phrases of status codes. It must not know when a status is sent.
#pragma once

#include <cstdint>
#include <string_view>

namespace wherry::http {

/// Returns: the registered reason phrase of `status`; empty when the code is not registered. An
/// empty phrase is valid on the wire (RFC 9112 §4).
/// Source: RFC 9110 §15, RFC 6585 (428, 429, 431), RFC 4918 (207, 423, 507).
std::string_view reason_phrase(std::uint16_t status) noexcept;

}  // namespace wherry::http
