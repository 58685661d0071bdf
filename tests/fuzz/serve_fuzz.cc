// SPDX-License-Identifier: MIT
// Invariant: whatever a client sends, however it is cut: each reply is well-formed HTTP and told of
// in the log, the cut changes none of them, and all slots, files and memory come back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_app.h"
#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace {

using namespace wherry;
using app::Reply;

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

app::Limits limits() {
  app::Limits limits = app::small_limits();
  limits.max_form_reply_bytes = 2048;  // a form that is too long for it ends where it is cut
  return limits;
}

/// What a new server answers to `pieces`.
std::vector<Reply> answers_of(const app::App& app, const std::vector<std::string>& pieces) {
  app::TestServer server(app, limits());
  server.world.store("a", "the content of a stored file");
  std::vector<Reply> replies;
  try {
    replies = server.exchange(pieces);
  } catch (const std::exception& refused) {
    check(false, refused.what());
  }
  check(server.world.leftovers().empty(), "a connection or a file is left open");
  check(server.server->connection_count() == 0 && server.server->busy_count() == 0, "a slot is");
  return replies;
}

/// What of two runs must be the same: all but the 100 that only a client that waits is told, and
/// the end of a connection whose client was waiting when its answer came.
void check_same(const std::vector<Reply>& whole, const std::vector<Reply>& cut) {
  std::vector<const Reply*> left;
  std::vector<const Reply*> right;
  for (const Reply& reply : whole) {
    if (reply.status != 100) left.push_back(&reply);
  }
  for (const Reply& reply : cut) {
    if (reply.status != 100) right.push_back(&reply);
  }
  const std::size_t count = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < count; ++i) {
    check(left[i]->status == right[i]->status, "another status");
    check(left[i]->body == right[i]->body, "another body");
    check(left[i]->is_whole == right[i]->is_whole, "another end");
  }
  const auto& longer = left.size() > right.size() ? left : right;
  const auto& shorter = left.size() > right.size() ? right : left;
  if (longer.size() == shorter.size()) return;
  check(!shorter.empty() && shorter.back()->closes(), "a reply is missing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first byte tells which application and how many bytes of steps follow; the rest is what a
  // client sends.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  const std::size_t step_count = static_cast<unsigned char>(input[0]) / 2 % 8;
  if (input.size() < 1 + step_count || input.size() > 8192) return 0;
  const app::App& app =
      static_cast<unsigned char>(input[0]) % 2 == 0 ? transfer::kService : app::kTestApp;
  const std::string_view steps = input.substr(1, step_count);
  const std::string text(input.substr(1 + step_count));

  const std::vector<Reply> whole = answers_of(app, {text});
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += pieces.back().size()) {
    const std::size_t step =
        steps.empty() ? 1 : static_cast<unsigned char>(steps[pieces.size() % steps.size()]);
    pieces.push_back(text.substr(at, std::max<std::size_t>(step, 1)));
  }
  check_same(whole, answers_of(app, pieces));
  return 0;
}
