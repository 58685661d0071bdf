// SPDX-License-Identifier: MIT
// Limits: every number that bounds what one client can cost. One value a server, fixed at its
// start.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wherry::app {

struct Limits {
  /// Connections served at once; one more gets 503 when none of them is idle.
  std::uint32_t max_connections = 256;
  /// Connections that may be told 503 at the same time; further ones are reset.
  std::uint32_t max_refusals = 8;

  /// Bytes of the request line; over it: 414.
  std::size_t max_readline = 8 * 1024;
  /// Bytes of the whole request head; over it: 431.
  std::size_t max_header_bytes = 16 * 1024;
  /// Bytes of a request body, however it is sent; over it: 413.
  std::uint64_t max_content_length = UINT64_MAX;
  /// Bytes of a body that a handler takes whole (JSON, urlencoded forms); over it: 413.
  std::size_t max_body_length = 2048;
  /// Bytes of the reply that lists the files of one form; a form with more files: 413.
  std::size_t max_form_reply_bytes = 8 * 1024;
  /// Bytes of the buffer (256 or more), behind the head's, through which a multipart form, or a
  /// body that is not stored, is read.
  std::size_t receive_buffer_size = 16 * 1024;
  /// Bytes of the lines that say what one part of a form is; over it: 431.
  std::size_t max_part_head_bytes = 1024;
  /// Uploads that may lie unfinished, for their senders to go on with; one more: 507.
  std::uint32_t max_unfinished_uploads = 256;
  /// Bytes that these may have together; over it: 507. Those that are being received may pass it by
  /// upload_keep_bytes each.
  std::uint64_t max_unfinished_bytes = UINT64_MAX;
  /// Bytes of an upload after which it is made durable, so that no more of it is lost.
  std::uint64_t upload_keep_bytes = 32 * 1024 * 1024;
  /// Seconds for which an upload is kept that nobody goes on with.
  std::uint32_t upload_max_age_s = 24 * 60 * 60;
  /// Whether all digests of an upload are computed from its first byte, so that its sender may say
  /// one with its last. Without this, only those that are said with the first request.
  bool keeps_upload_digests = true;
  /// Bytes of the buffer through which a stored file is sent where that needs one.
  std::size_t send_file_buffer_size = 4 * 1024;
  /// Bytes that each connection has for a request's coroutine frames, decoded names and replies.
  std::size_t arena_bytes = 32 * 1024;
  /// Bytes for all connections of a server together, for what a request needs beyond its own; when
  /// these too are used up: 503.
  std::size_t common_arena_bytes = 0;

  /// Events that a server keeps for those who watch it (app/monitor.h); 0: nobody can.
  std::uint32_t kept_events = 64;

  /// Milliseconds for the whole head, from its first byte: 408.
  std::uint32_t header_ms = 30'000;
  /// Milliseconds without a byte of a body: 408. Not a minimum speed.
  std::uint32_t body_idle_ms = 60'000;
  /// Milliseconds in which a client takes no byte of a reply.
  std::uint32_t write_idle_ms = 60'000;
  /// Milliseconds that a connection may wait for its next request.
  std::uint32_t keep_alive_idle_ms = 75'000;

  /// What is still read and dropped of a body that nobody wanted, so that the client sees the reply
  /// and not a reset (RFC 9112 §9.6): bytes, milliseconds in all, and without a byte.
  std::uint64_t linger_bytes = 64 * 1024 * 1024;
  std::uint32_t linger_ms = 10'000;
  std::uint32_t linger_idle_ms = 1'000;
};

}  // namespace wherry::app
