// SPDX-License-Identifier: MIT
// The one door through which Asio comes in. Only the sources of this port include it: its types
// appear in no header that others use. Asio's part is to wait: for a time, for other threads, for
// who connects, and for connections by their Readiness. Bytes are moved by plain recv and sendmsg,
// so that nothing but this program ever holds a handler's buffer.
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "wherry/base/assert.h"

namespace asio::detail {

/// What Asio calls in place of `throw`: only where the program cannot go on (no epoll descriptor
/// when it starts). All else comes back as an error_code.
template <typename Exception>
void throw_exception(const Exception& exception) {
  ::wherry::panic(exception.what(), __FILE__, __LINE__);
}

}  // namespace asio::detail

namespace wherry::net::asio {

// The executor is named, not any_io_executor: no type erasure, no allocation.
using Executor = ::asio::io_context::executor_type;
using Descriptor = ::asio::posix::basic_stream_descriptor<Executor>;
using Timer =
    ::asio::basic_waitable_timer<std::chrono::steady_clock,
                                 ::asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace wherry::net::asio
