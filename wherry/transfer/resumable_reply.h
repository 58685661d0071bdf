// SPDX-License-Identifier: MIT
// What resumable uploads of the IETF's draft say in replies: its fields, its problem types, and its
// interim responses. Sections named here are those of the draft. Knows no rule of when to say what
// (resumable_upload.cc does).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "wherry/app/json_writer.h"
#include "wherry/app/response.h"
#include "wherry/transfer/reply_fields.h"
#include "wherry/transfer/upload_resource.h"

namespace wherry::transfer {

inline constexpr std::string_view kUploads = "/uploads/";
inline constexpr std::string_view kPartialUpload = "application/partial-upload";

/// Whether the client understands 104: who does says by which version of the draft. Section "Draft
/// Version Identification".
bool takes_interim(const app::Request& request) noexcept;

// All of these take memory of the request for what they add; without, the response fails.

/// Upload-Limit: of an upload that is kept for another `max_age_s`; section "Limits".
void add_limit(app::Request& request, app::Response& response, std::uint32_t max_age_s) noexcept;
void add_location(app::Request& request, app::Response& response,
                  const UploadResource& upload) noexcept;
/// X-Checksum-CRC32 of what has come.
void add_crc32(app::Request& request, app::Response& response, const UploadCheck& check) noexcept;
/// Repr-Digest of what has come, where it is computed; section "Representation Digests".
void add_digest(app::Request& request, app::Response& response, const UploadCheck& check,
                http::DigestAlgorithm algorithm) noexcept;

/// Section "Problem Types"; RFC 9457.
app::Response problem(app::Request& request, std::uint16_t status, std::string_view type,
                      std::string_view title,
                      std::initializer_list<app::JsonMember> more = {}) noexcept;
app::Response inconsistent_length(app::Request& request) noexcept;

/// 413 with the limits; section "Limits".
app::Response too_large(app::Request& request) noexcept;

/// 104 with the address of the upload; sections "Upload Creation", "Status Code 104".
coro::Task<> announce(app::Request& request, const UploadResource& upload);

/// 104 with the offset; section "Upload Append": without Location.
coro::Task<> tell_offset(app::Request& request, std::uint64_t offset);

}  // namespace wherry::transfer
