// SPDX-License-Identifier: MIT
// Whoever looks at everything after the power has come back, and cleans up at the end.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/client.h"

namespace wherry::sim {
namespace {

class Inspector final : public Client {
 public:
  Inspector(World& world, const Plan& plan) : Client(world, plan, 99) {}

  Script<> run() override { co_return; }

  Script<> look_at_all() {
    for (const std::string& path : model().names()) co_await look_at(path);
    co_await look_at_list();
  }

  /// By who begins an upload, which is then taken back: so a board removes those that are too old.
  Script<> sweep_uploads() {
    const auto protocol = make_tus_protocol();
    UploadProtocol::Part part;
    part.length = 1;
    const std::string method = protocol->create_method();
    const Answer begun = co_await send(method, protocol->create("sweep", part));
    check_status("the last upload", begun, {201});
    if (begun.status() != 201) co_return;
    const std::string location = protocol->told(*begun.final).location.value_or("");
    const Answer ended = co_await send("DELETE", protocol->cancel(location));
    check_status("DELETE " + location, ended, {204});
  }

  Script<> remove_all() {
    for (const std::string& path : model().names()) {
      const std::string top = path.substr(0, path.find('/'));
      const Answer answer = co_await ask("DELETE", "/files/" + top + "?recursive=1");
      check_status("DELETE " + top, answer, {204, 404});
    }
  }

 private:
  /// Waits for its turn: who has vanished is served until he is missed.
  Script<Answer> ask(std::string method, std::string target) {
    co_return co_await send(method, app::request_text(method, target));
  }
  Script<Answer> send(std::string method, std::string request) {
    for (int tries = 0;; ++tries) {
      Answer answer = co_await link().ask(method, request, Manners());
      after(answer, Manners());
      if (answer.status() != 503 || tries == kTries) co_return answer;
      co_await world_.sleep(5'000);
    }
  }
  static constexpr int kTries = 60;

  Script<> look_at(std::string path) {
    const Answer answer = co_await ask("GET", "/files/" + path);
    if (answer.is_lost) co_return;
    Model::Seen seen;
    if (answer.status() != 404) {
      if (answer.status() != 200) refuse("GET " + path, answer);
      seen.bytes = answer.final->body;
      seen.is_whole = answer.final->is_whole;
      const ContentPtr content = model().check_read(path, model().now(), seen);
      if (seen.is_whole) model().check_tag(path, answer.final->header("ETag"), content->crc32);
    }
    if (!answer.final->is_whole) refuse("GET " + path + " (cut)", answer);
    model().settle(path, seen);
  }

  /// No name is served that nobody meant.
  Script<> look_at_list() {
    const Answer answer = co_await ask("GET", "/files/");
    if (answer.is_lost) co_return;
    if (answer.status() != 200) refuse("GET /files/", answer);
    static constexpr std::string_view kKey = "\"name\":\"";
    std::string_view rest = answer.final->body;
    for (std::size_t at = rest.find(kKey); at != rest.npos; at = rest.find(kKey)) {
      rest.remove_prefix(at + kKey.size());
      const std::string_view entry = rest.substr(0, rest.find('"'));
      const bool is_known = std::ranges::any_of(model().names(), [&](const std::string& name) {
        return name == entry || name.starts_with(std::string(entry) + '/');
      });
      if (!is_known) refuse("GET /files/ (" + std::string(entry) + ")", answer);
    }
  }
};

Script<> look(World& world, const Plan& plan) {
  Inspector inspector(world, plan);
  co_await inspector.look_at_all();
}

}  // namespace

Script<> look_at_all(World& world, const Plan& plan) { return look(world, plan); }

Script<> remove_all(World& world, const Plan& plan) {
  Inspector inspector(world, plan);
  co_await inspector.sweep_uploads();
  co_await inspector.remove_all();
}

}  // namespace wherry::sim
