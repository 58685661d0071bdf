// SPDX-License-Identifier: MIT
// A client that sends files whole, fetches, removes, moves and lists them.
#include <charconv>
#include <string>
#include <utility>

#include "tests/sim/client.h"

namespace wherry::sim {
namespace {

using Kind = Manners::Kind;

class PlainClient final : public Client {
 public:
  using Client::Client;

  Script<> run() override {
    for (std::uint32_t i = 0; i < plan_.actions_each; ++i) {
      co_await act();
      const std::uint64_t pause_ms = random().below(3'000);
      co_await world_.sleep(pause_ms);
    }
  }

 private:
  Script<> act() {
    switch (random().below(12)) {
      case 0:
        return form();
      case 1:
        return remove(some_name());
      case 2:
        return move();
      case 3:
        return list();
      case 4:
        return put_once();
      case 5:
        return put_again(some_name());
      case 6:
      case 7:
      case 8:
        return get(some_name());
      default:
        return put(some_name());
    }
  }

  Script<Answer> ask(std::string method, std::string request, Manners manners) {
    Answer answer = co_await link().ask(std::move(method), std::move(request), manners);
    after(answer, manners);
    co_return answer;
  }

  // ------------------------------------------------------------ sending

  /// Stores `content`. `condition`: a field, or nothing.  Returns: the answer.
  Script<Answer> store(std::string path, ContentPtr content, std::string condition) {
    const bool says_digest = random().chance(40);
    const bool is_right = !says_digest || random().chance(75);
    std::string fields = condition;
    if (says_digest) fields += digest_field(*content, random().chance(50), is_right);
    const std::string target = (random().chance(50) ? "/files/" : "/upload/") + path;
    std::string request;
    if (random().chance(70)) {
      request = app::request_text("PUT", target, fields, content->bytes);
    } else {
      fields += "Transfer-Encoding: chunked\r\n";
      const std::size_t chunk_size = random().between(1, 20'000);
      request = app::request_text("PUT", target, fields) +
                app::chunked(content->bytes, std::max<std::size_t>(chunk_size, 50));
    }
    const std::size_t request_size = request.size();
    const Manners manners = some_manners(request_size);
    const std::string what = "PUT " + target + " content " + std::to_string(content->id) + " of " +
                             std::to_string(content->bytes.size()) + " bytes";
    trace(what + (is_right ? "" : " with a wrong digest") + (condition.empty() ? "" : ", ") +
          condition.substr(0, condition.find('\r')));
    // A wrong one must never be there.
    const Model::ChangePtr change = is_right ? model().begin(path, content) : nullptr;
    Answer answer = co_await ask("PUT", std::move(request), manners);
    trace(what + " -> " + std::to_string(answer.status()));
    if (!answer.final) co_return answer;
    if (answer.is_success()) {
      const bool was_cut = manners.kind == Kind::ends_early && manners.part < request_size;
      if (!is_right || was_cut) refuse(what, answer);
      check_stored(what, path, answer, *content);
      model().acknowledge(change);
      co_return answer;
    }
    const int mismatch = is_right ? 0 : 422;
    const int failed_condition = condition.empty() ? 0 : 412;
    const int cut = manners.kind == Kind::sends_all ? 0 : 400;
    const int timed_out = manners.kind == Kind::sends_all ? 0 : 408;
    check_status(what, answer, {mismatch, failed_condition, cut, timed_out});
    if (change && !answer.is_lost) model().refuse(change);
    co_return answer;
  }

  Script<> put(std::string path) {
    const ContentPtr content = some_content();
    const Answer answer = co_await store(std::move(path), content, "");
    static_cast<void>(answer);
  }

  /// Of all who want to make the same file one wins.
  Script<> put_once() {
    const std::string path = "once-" + std::to_string(random().below(2));
    const ContentPtr content = some_content();
    const Answer answer = co_await store(path, content, "If-None-Match: *\r\n");
    if (answer.is_success()) model().won(path, "");
  }

  /// Of all who want to replace the same version one wins.
  Script<> put_again(std::string path) {
    const Answer seen = co_await ask("HEAD", app::request_text("HEAD", "/files/" + path), {});
    if (!seen.is_success()) co_return;
    const std::string tag = seen.final->header("ETag");
    const std::uint64_t pause_ms = random().below(500);
    co_await world_.sleep(pause_ms);
    const ContentPtr content = some_content();
    const Answer answer = co_await store(path, content, "If-Match: " + tag + "\r\n");
    if (answer.is_success()) model().won(path, tag);
  }

  Script<> form() {
    std::string body;
    std::vector<Model::ChangePtr> changes;
    const std::uint64_t count = random().between(1, 2);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string path = "form-" + std::to_string(random().below(3));
      const ContentPtr content = some_content();
      body += "--=sim\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + path +
              "\"\r\n\r\n" + content->bytes + "\r\n";
      changes.push_back(model().begin(path, content));
    }
    body += "--=sim--\r\n";
    std::string request = app::request_text(
        "POST", "/upload", "Content-Type: multipart/form-data; boundary=\"=sim\"\r\n", body);
    const Manners manners = some_manners(request.size());
    trace("form of " + std::to_string(count) + " files");
    const Answer answer = co_await ask("POST", std::move(request), manners);
    trace("form -> " + std::to_string(answer.status()));
    if (answer.is_success()) {
      // One may follow the other under the same name.
      for (const Model::ChangePtr& change : changes) {
        if (answer.final->body.find(crc32_text(*change->content)) == std::string::npos) {
          refuse("form", answer);
        }
        model().acknowledge(change);
      }
      co_return;
    }
    if (manners.kind == Kind::sends_all) check_status("form", answer, {});
  }

  // ------------------------------------------------------------ the others

  Script<> get(std::string path) {
    const std::string target = (random().chance(50) ? "/files/" : "/download/file/") + path;
    std::string fields;
    if (random().chance(40)) {
      const std::uint64_t first = random().below(plan_.max_size / 4);
      fields += "Range: bytes=" + std::to_string(first) + "-";
      if (random().chance(60)) fields += std::to_string(first + random().below(20'000));
      fields += "\r\n";
    }
    if (random().chance(40)) fields += "Want-Repr-Digest: sha-256=1\r\n";
    std::string request = app::request_text("GET", target, fields);
    Manners manners = some_manners(request.size());
    const Model::Time since = model().now();
    const Answer answer = co_await ask("GET", std::move(request), manners);
    trace("GET " + path + " -> " + std::to_string(answer.status()));
    if (!answer.final) co_return;
    check_fetched(path, since, answer);
  }

  void check_fetched(const std::string& path, Model::Time since, const Answer& answer) {
    const app::Reply& reply = *answer.final;
    Model::Seen seen;
    if (reply.status == 206) {
      const std::string range = reply.header("Content-Range");
      std::from_chars(range.data() + std::min<std::size_t>(6, range.size()),
                      range.data() + range.size(), seen.offset);
    } else if (reply.status != 200 && reply.status != 404) {
      return check_status("GET " + path, answer, {416, 400, 408});
    }
    if (reply.status != 404) {
      seen.bytes = reply.body;
      seen.is_whole = reply.status == 200 && reply.is_whole;
    }
    const ContentPtr content = model().check_read(path, since, seen);
    if (!seen.is_whole || !content) return;
    model().check_tag(path, reply.header("ETag"), content->crc32);
    const std::string digest = reply.header("Repr-Digest");
    const std::string field = "Repr-Digest: " + digest + "\r\n";
    const bool is_sha256 = digest.starts_with("sha-256");
    if (is_sha256 && field != digest_field(*content, true, true)) refuse("GET " + path, answer);
  }

  Script<> remove(std::string path) {
    std::string request = app::request_text("DELETE", "/files/" + path);
    const Manners manners = some_manners(request.size());
    const Model::Time since = model().now();
    const Model::ChangePtr change = model().begin(path, nullptr);
    const Answer answer = co_await ask("DELETE", std::move(request), manners);
    trace("DELETE " + path + " -> " + std::to_string(answer.status()));
    if (answer.is_success()) {
      model().acknowledge(change);
    } else if (answer.final && !answer.is_lost) {
      check_status("DELETE " + path, answer, {404, 400, 408});
      model().refuse(change);
      if (answer.status() == 404) model().check_read(path, since, {});
    }
  }

  /// Between two names that nobody else has.
  Script<> move() {
    const std::string from = "mine-" + std::to_string(number_) + "/from";
    const std::string to = "mine-" + std::to_string(number_) + "/to";
    const ContentPtr content = some_content();
    const Answer stored = co_await store(from, content, "");
    if (!stored.is_success()) co_return;
    std::string request =
        app::request_text("POST", "/files/" + from + "?move=" + to + "&replace=1", "", "");
    const Manners manners = some_manners(request.size());
    const Model::ChangePtr gone = model().begin(from, nullptr);
    const Model::ChangePtr come = model().begin(to, content);
    const Answer answer = co_await ask("POST", std::move(request), manners);
    trace("move to " + to + " -> " + std::to_string(answer.status()));
    if (answer.is_success()) {
      model().acknowledge(gone);
      model().acknowledge(come);
    } else if (answer.final && !answer.is_lost) {
      check_status("move", answer, {400, 408});
      model().refuse(gone);
      model().refuse(come);
    }
  }

  Script<> list() {
    const Answer answer = co_await ask("GET", app::request_text("GET", "/files/"), {});
    check_status("list", answer, {200});
    if (answer.is_success() && answer.final->body.find(".wherry") != std::string::npos) {
      refuse("list", answer);
    }
  }
};

}  // namespace

std::unique_ptr<Client> make_plain_client(World& world, const Plan& plan, std::uint32_t number) {
  return std::make_unique<PlainClient>(world, plan, number);
}

}  // namespace wherry::sim
