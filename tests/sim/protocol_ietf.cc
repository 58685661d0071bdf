// SPDX-License-Identifier: MIT
#include <charconv>

#include "tests/sim/protocol.h"
#include "wherry/app/test_client.h"

namespace wherry::sim {
namespace {

std::string fields_of(const UploadProtocol::Part& part) {
  std::string fields = "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ";
  fields += part.is_last ? "?1\r\n" : "?0\r\n";
  if (part.length) fields += "Upload-Length: " + std::to_string(*part.length) + "\r\n";
  return fields + part.fields;
}

class IetfProtocol final : public UploadProtocol {
 public:
  std::string create(const std::string& name, const Part& part) const override {
    return app::request_text("PUT", "/files/" + name, fields_of(part), part.bytes);
  }
  std::string append(const std::string& location, const Part& part) const override {
    return app::request_text("PATCH", location,
                             fields_of(part) + "Content-Type: application/partial-upload\r\n" +
                                 "Upload-Offset: " + std::to_string(part.offset) + "\r\n",
                             part.bytes);
  }
  std::string find_out(const std::string& location) const override {
    return app::request_text("HEAD", location, "Upload-Draft-Interop-Version: 8\r\n");
  }
  std::string cancel(const std::string& location) const override {
    return app::request_text("DELETE", location, "Upload-Draft-Interop-Version: 8\r\n");
  }
  Told told(const app::Reply& reply) const override {
    return {.location = reply.find("Location"),
            .offset = number_of(reply, "Upload-Offset"),
            .is_complete = reply.header("Upload-Complete") == "?1"};
  }
  bool ends_by_length() const override { return false; }
  std::string create_method() const override { return "PUT"; }
};

}  // namespace

std::optional<std::uint64_t> number_of(const app::Reply& reply, std::string_view name) {
  const std::optional<std::string> text = reply.find(name);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::unique_ptr<UploadProtocol> make_ietf_protocol() { return std::make_unique<IetfProtocol>(); }

}  // namespace wherry::sim
