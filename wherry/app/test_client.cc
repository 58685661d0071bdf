// SPDX-License-Identifier: MIT
#include "wherry/app/test_client.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "wherry/base/ascii.h"
#include "wherry/storage/path.h"

namespace wherry::app {
namespace {

[[noreturn]] void refuse_reply(const std::string& why, std::string_view received) {
  throw std::runtime_error(why + " in: " + std::string(received.substr(0, 400)));
}

/// Takes a line off `rest`; none: it has not ended.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void read_status_line(std::string_view line, Reply& reply) {
  const auto status = line.size() >= 13 ? number(line.substr(9, 3), 10) : std::nullopt;
  if (!line.starts_with("HTTP/1.1 ") || !status || line[12] != ' ' || *status < 100) {
    refuse_reply("a bad status line", line);
  }
  reply.status = static_cast<int>(*status);
}

void read_field(std::string_view line, Reply& reply) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    refuse_reply("a bad field", line);
  }
  const std::string_view value = line.substr(colon + 2);
  if (std::ranges::any_of(value, is_control) || trim_ows(value) != value) {
    refuse_reply("a bad field value", line);
  }
  reply.fields.emplace_back(line.substr(0, colon), value);
}

/// Takes a whole head off `rest`.  Returns: false when it is cut short.
bool take_head(std::string_view& rest, Reply& reply) {
  const std::size_t size = rest.find("\r\n\r\n");
  if (size == std::string_view::npos) return false;
  reply.head = rest.substr(0, size);
  std::string_view lines = rest.substr(0, size + 2);
  rest.remove_prefix(size + 4);
  read_status_line(*take_line(lines), reply);
  while (const auto line = take_line(lines)) read_field(*line, reply);
  return true;
}

void take_chunks(std::string_view& rest, Reply& reply) {
  const std::string_view all = rest;
  while (true) {
    std::string_view ahead = rest;
    const auto line = take_line(ahead);
    if (!line) return;
    const auto size = number(*line, 16);
    if (!size) refuse_reply("a bad chunk size", all);
    const std::string_view data = ahead.substr(0, static_cast<std::size_t>(*size));
    reply.body += data;
    ahead.remove_prefix(data.size());
    if (data.size() < *size || ahead.size() < 2) return;
    if (!ahead.starts_with("\r\n")) refuse_reply("a chunk without its end", all);
    rest = ahead.substr(2);
    if (*size > 0) continue;
    reply.is_whole = true;
    return;
  }
}

void take_body(std::string_view& rest, Reply& reply, bool is_head, bool has_ended) {
  const auto length = reply.find("Content-Length");
  const auto coding = reply.find("Transfer-Encoding");
  if (length && coding) refuse_reply("two framings", reply.head);
  const bool is_bare = reply.status < 200 || reply.status == 204;
  if (is_bare && (length || coding)) refuse_reply("a body that may not be", reply.head);
  if (is_bare || is_head || reply.status == 304) {
    reply.is_whole = true;
  } else if (coding) {
    if (*coding != "chunked") refuse_reply("an unknown coding", reply.head);
    take_chunks(rest, reply);
  } else if (length) {
    const auto size = number(*length, 10);
    if (!size) refuse_reply("a bad length", reply.head);
    reply.body = rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(*size, SIZE_MAX)));
    rest.remove_prefix(reply.body.size());
    reply.is_whole = reply.body.size() == *size;
  } else {
    if (!reply.closes()) refuse_reply("a body without an end", reply.head);
    reply.body = std::exchange(rest, {});
    reply.is_whole = has_ended;
  }
}

}  // namespace

std::optional<std::string> Reply::find(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [field_name, value] : fields) {
    if (!equals_ignoring_case(field_name, name)) continue;
    if (found) refuse_reply("a field twice", head);
    found = value;
  }
  return found;
}

std::vector<std::string> Reply::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [field_name, value] : fields) {
    if (equals_ignoring_case(field_name, name)) values.push_back(value);
  }
  return values;
}

std::vector<Reply> read_replies(std::string_view received, const std::vector<std::string>& methods,
                                bool has_ended) {
  std::vector<Reply> replies;
  std::string_view rest = received;
  std::size_t final_count = 0;
  while (!rest.empty()) {
    if (!replies.empty() && replies.back().closes()) refuse_reply("bytes after the end", received);
    Reply reply;
    if (!take_head(rest, reply)) {
      if (!std::string_view("HTTP/1.1 ").starts_with(rest.substr(0, 9))) {
        refuse_reply("no reply", rest);
      }
      replies.push_back(reply);
      break;
    }
    const bool is_head = final_count < methods.size() && methods[final_count] == "HEAD";
    if (reply.status >= 200) ++final_count;
    take_body(rest, reply, is_head, has_ended);
    replies.push_back(std::move(reply));
    if (!replies.back().is_whole) break;
  }
  return replies;
}

std::string statuses(const std::vector<Reply>& replies) {
  std::string text;
  for (const Reply& reply : replies) {
    if (!text.empty()) text += ' ';
    text += std::to_string(reply.status);
  }
  return text;
}

void RecordingLog::record(const TransferRecord& r) noexcept {
  records.push_back({std::string(r.client), std::string(r.method), std::string(r.path), r.status,
                     r.size, r.crc32, r.duration_ms, r.outcome});
}

Limits small_limits() {
  Limits limits;
  limits.max_connections = 2;
  limits.max_refusals = 2;
  limits.max_readline = 256;
  limits.max_header_bytes = 1024;
  limits.max_content_length = 200'000;
  limits.max_body_length = 128;
  limits.max_form_reply_bytes = 512;
  limits.receive_buffer_size = 512;
  limits.arena_bytes = 24 * 1024;
  return limits;
}

TestWorld::TestWorld(std::uint64_t seed, bool has_slow_storage, std::uint32_t file_count)
    : network(seed),
      storage_memory(1024 * 1024),
      storage(storage_memory.bytes(), {.files = file_count,
                                       .slots = 3,
                                       .path_bytes = storage::kMaxPathBytes,
                                       .block_bytes = 512,
                                       .mailbox = has_slow_storage ? &network.loop() : nullptr}) {}

namespace {

coro::Task<> read_whole(coro::Context& context, storage::Storage& storage, std::string_view path,
                        std::optional<std::string>& into) {
  static_cast<void>(context);
  storage::File file = co_await storage.open(path);
  std::string content;
  while (content.size() < file.info().size) {
    const Bytes part = co_await file.read(content.size(), 65'536);
    content += as_text(part);
  }
  into = std::move(content);
}

}  // namespace

std::optional<std::string> TestWorld::stored(std::string_view path) {
  std::optional<std::string> content;
  AlignedMemory memory(4096);
  coro::Arena arena(memory.bytes());
  coro::Context context(arena, network.loop().ready_list());
  coro::Runner runner(network.loop().ready_list(), [](void*, Error) noexcept {}, nullptr);
  runner.start(read_whole(context, storage, path, content));
  network.loop().run_until_idle();
  if (runner.is_running()) throw std::runtime_error("the storage does not answer");
  return content;
}

void TestWorld::store(std::string_view path, std::string_view content) {
  if (!storage.store(path, as_bytes(content))) throw std::runtime_error("not stored");
}

std::string TestWorld::leftovers() const {
  std::string text;
  if (network.open_count() != 0) text += std::to_string(network.open_count()) + " connections ";
  if (storage.slots_in_use() != 0) text += std::to_string(storage.slots_in_use()) + " slots ";
  return text;
}

TestServer::TestServer(const App& app, const Limits& its_limits, std::uint64_t seed,
                       bool has_slow_storage)
    : world(seed, has_slow_storage), limits(its_limits), memory(Server::required_bytes(limits)) {
  server.emplace(app, limits, world.storage, world.network.loop(), &world.log, memory.bytes());
}

// What the storage has under way outlives the connections.
TestServer::~TestServer() {
  server.reset();
  run();
}

net::sim::SimPeer& TestServer::connect(net::sim::SimOptions options) {
  const std::string client = "192.0.2.7:" + std::to_string(51'234 + clients_.size());
  options.peer_address = client;
  net::sim::SimPeer& peer = world.network.connect(*server, std::move(options));
  clients_[&peer] = client;
  return peer;
}

std::vector<Recorded> TestServer::records_of(const net::sim::SimPeer& peer) const {
  std::vector<Recorded> records;
  for (const Recorded& record : world.log.records) {
    if (record.client == clients_.at(&peer)) records.push_back(record);
  }
  return records;
}

std::vector<Reply> TestServer::replies_to(const net::sim::SimPeer& peer) const {
  std::vector<std::string> methods;
  for (const Recorded& record : records_of(peer)) {
    if (record.status != 0) methods.push_back(record.method);
  }
  return read_replies(peer.received(), methods, peer.has_seen_end());
}

std::vector<Reply> TestServer::exchange(const std::vector<std::string>& pieces,
                                        net::sim::SimOptions options) {
  net::sim::SimPeer& peer = connect(std::move(options));
  for (const std::string& piece : pieces) {
    peer.send(piece);
    run();
  }
  peer.finish_sending();
  const bool has_ended = world.network.loop().run_until(
      [&peer] { return peer.is_closed() && (peer.has_seen_end() || peer.was_reset()); });
  if (!has_ended) throw std::runtime_error("the connection does not end");
  if (peer.was_reset()) throw std::runtime_error("the connection was reset");
  std::vector<Reply> replies = replies_to(peer);
  std::string told;
  for (const Recorded& record : records_of(peer)) {
    if (record.status != 0) told += std::to_string(record.status) + ' ';
  }
  std::string seen;
  for (const Reply& reply : replies) {
    if (reply.status >= 200) seen += std::to_string(reply.status) + ' ';
  }
  if (told != seen) throw std::runtime_error("replies " + seen + ", but the log tells " + told);
  return replies;
}

Reply TestServer::ask(std::string_view input) {
  std::vector<Reply> replies = exchange(input);
  if (replies.size() != 1) throw std::runtime_error("not one reply: " + statuses(replies));
  return replies[0];
}

LoneSession::LoneSession(const App& app, const Limits& limits, TestWorld& world)
    : limits_(limits),
      input_memory_(input_bytes(limits)),
      arena_memory_(limits.arena_bytes),
      input_(input_memory_.bytes()),
      arena_(arena_memory_.bytes()),
      context_(arena_, world.network.loop().ready_list()),
      services_{&world.storage, &world.network.loop(), &limits_, &claims_},
      session_{&context_, nullptr, &input_, &app, &services_, this, &world.log},
      runner_(
          world.network.loop().ready_list(),
          [](void* self, Error error) noexcept {
            auto& session = *static_cast<LoneSession*>(self);
            session.outcome_ = error;
            if (error == Error::none && session.session_.after == After::next) {
              return session.runner_.start(serve(session.session_));
            }
            std::exchange(session.session_.connection, nullptr)->close();
          },
          this) {}

LoneSession::~LoneSession() {
  if (is_over()) return;
  runner_.cancel();
  session_.connection->close();
}

void LoneSession::accepted(net::Connection& connection) noexcept {
  session_.connection = &connection;
  connection.set_write_idle_ms(limits_.write_idle_ms);
  runner_.start(serve(session_));
}

std::string request_text(std::string_view method, std::string_view target, std::string_view fields,
                         std::optional<std::string_view> body) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: wherry.test\r\n").append(fields);
  if (body) text.append("Content-Length: ").append(std::to_string(body->size())).append("\r\n");
  text.append("\r\n").append(body.value_or(""));
  return text;
}

std::string chunked(std::string_view body, std::size_t size) {
  std::string text;
  while (!body.empty()) {
    const std::string_view part = body.substr(0, size);
    char digits[16];
    const auto written = std::to_chars(digits, digits + sizeof(digits), part.size(), 16);
    text.append(digits, written.ptr).append("\r\n").append(part).append("\r\n");
    body.remove_prefix(part.size());
  }
  return text + "0\r\n\r\n";
}

}  // namespace wherry::app
