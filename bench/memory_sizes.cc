// SPDX-License-Identifier: MIT
// What `wherry serve` has when it starts and never more: the terms of the sum, from the types and
// the default limits themselves.
#include <cstdio>

#include "wherry/app/limits.h"
#include "wherry/app/server.h"
#include "wherry/net/asio/connection.h"
#include "wherry/storage/posix/options.h"
#include "wherry/storage/posix/waiting_writers.h"
#include "wherry/storage/posix/writer.h"

namespace wherry::bench {
namespace {

void row(const char* what, std::size_t each, std::size_t count) {
  std::printf("%s\t%zu\t%zu\t%zu\n", what, each, count, each * count);
}

void print() {
  const app::Limits limits;
  storage::posix::Options storage;
  storage.small_block_bytes = limits.send_file_buffer_size;
  storage.slots = limits.max_connections + 16;
  using app::Server;

  row("connection slot", Server::slot_bytes(), limits.max_connections);
  row("request: state", Server::workspace_bytes(), limits.max_connections);
  row("request: input", app::input_bytes(limits), limits.max_connections);
  row("request: first part of its arena", app::internal::first_arena_bytes(limits),
      limits.max_connections);
  row("request: arena", limits.arena_bytes, limits.max_connections);
  row("slot for a refusal (503)", Server::refusal_bytes(), limits.max_refusals);
  row("event that is kept", sizeof(app::TransferEvent), limits.kept_events);
  row("socket", sizeof(net::asio::AsioConnection), limits.max_connections + limits.max_refusals);
  row("file being written: state", sizeof(storage::posix::Writer), storage.slots);
  row("file being written or read: small block", storage.small_block_bytes,
      storage.slots + storage::posix::WaitingWriters::kMaxSpills);
  row("large block, lent to transfers that move", storage.large_block_bytes, storage.large_blocks);
}

}  // namespace
}  // namespace wherry::bench

int main() { wherry::bench::print(); }
