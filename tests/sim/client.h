// SPDX-License-Identifier: MIT
// Clients of a simulation: what each of them does, chosen by the seed. Whatever they are told goes
// into the model, and whatever they see is compared with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/link.h"
#include "tests/sim/model.h"
#include "tests/sim/protocol.h"
#include "tests/sim/script.h"
#include "tests/sim/world.h"

namespace wherry::sim {

/// How one simulation is laid out.
struct Plan {
  std::uint32_t client_count = 3;
  std::uint32_t actions_each = 4;
  std::size_t max_size = 60'000;  // of a file, mostly
  /// A long time goes by: one upload trickles in for longer than uploads are kept, and others come
  /// back after that time.
  bool is_long = false;
};

/// What all clients have in common.
class Client {
 public:
  Client(World& world, const Plan& plan, std::uint32_t number)
      : world_(world), plan_(plan), number_(number) {}
  virtual ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  virtual Script<> run() = 0;

 protected:
  Random& random() { return world_.random(); }
  Model& model() { return world_.model(); }
  void trace(const std::string& text) { world_.trace(name() + ": " + text); }
  std::string name() const { return "client " + std::to_string(number_); }

  std::size_t some_size();
  ContentPtr some_content();
  std::string some_name();
  /// Of a request of `size` bytes.
  Manners some_manners(std::size_t size);
  /// The connection for the next request: the one that there is, or another.
  Link& link();
  void leave_link() { link_.reset(); }
  /// What becomes of a connection on which a request has been answered, or not.
  void after(const Answer& answer, const Manners& manners);

  /// Says what a reply told that must not be.
  [[noreturn]] void refuse(const std::string& what, const Answer& answer);
  /// Throws Violation: a final reply with a status which nothing explains.
  void check_status(const std::string& what, const Answer& answer,
                    std::initializer_list<int> expected);
  /// The reply to who has stored `content` tells of its bytes.
  void check_stored(const std::string& what, const std::string& path, const Answer& answer,
                    const Content& content);

  World& world_;
  const Plan& plan_;
  std::uint32_t number_;
  std::unique_ptr<Link> link_;
  /// Connections that are never heard of again.
  std::vector<std::unique_ptr<Link>> vanished_;

 private:
  std::uint32_t content_count_ = 0;
};

/// Repr-Digest, or X-Checksum-CRC32, of the bytes; or of others.
std::string digest_field(const Content& content, bool is_sha256, bool is_right);
/// As a reply tells it.
std::string crc32_text(const Content& content);

std::unique_ptr<Client> make_plain_client(World& world, const Plan& plan, std::uint32_t number);
std::unique_ptr<Client> make_upload_client(World& world, const Plan& plan, std::uint32_t number);

/// Looks at every name that was ever meant, while nobody else is at work.
Script<> look_at_all(World& world, const Plan& plan);
/// Removes all that is served.
Script<> remove_all(World& world, const Plan& plan);

}  // namespace wherry::sim
