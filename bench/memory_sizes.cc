// SPDX-License-Identifier: MIT
// What `wherry serve` has when it starts and never more: the terms of the sum, from the types and
// the default limits themselves.
#include <cstdio>

#include "wherry/app/limits.h"
#include "wherry/app/server.h"
#include "wherry/net/asio/connection.h"
#include "wherry/storage/posix/options.h"
#include "wherry/storage/posix/writer.h"

namespace wherry::bench {
namespace {

void row(const char* what, std::size_t each, std::size_t count) {
  std::printf("%s\t%zu\t%zu\t%zu\n", what, each, count, each * count);
}

/// What one more connection adds to a server's memory.
std::size_t slot_bytes(app::Limits limits) {
  const std::size_t without = app::Server::required_bytes(limits);
  // Sixteen more, because the sum's parts are rounded up.
  limits.max_connections += 16;
  return (app::Server::required_bytes(limits) - without) / 16;
}

void print() {
  const app::Limits limits;
  storage::posix::Options storage;
  storage.small_block_bytes = limits.send_file_buffer_size;
  storage.slots = limits.max_connections + 16;
  const std::size_t state = slot_bytes(limits) - limits.max_header_bytes -
                            limits.receive_buffer_size - limits.arena_bytes;

  row("connection slot: state", state, limits.max_connections);
  row("connection slot: input", limits.max_header_bytes + limits.receive_buffer_size,
      limits.max_connections);
  row("connection slot: arena", limits.arena_bytes, limits.max_connections);
  row("slot for a refusal (503)",
      (app::Server::required_bytes(limits) - slot_bytes(limits) * limits.max_connections) /
          limits.max_refusals,
      limits.max_refusals);
  row("socket", sizeof(net::asio::AsioConnection), limits.max_connections + limits.max_refusals);
  row("file being written: state", sizeof(storage::posix::Writer), storage.slots);
  row("file being written or read: small block", storage.small_block_bytes, storage.slots);
  row("large block, lent to transfers that move", storage.large_block_bytes, storage.large_blocks);
}

}  // namespace
}  // namespace wherry::bench

int main() { wherry::bench::print(); }
