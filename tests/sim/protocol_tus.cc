// SPDX-License-Identifier: MIT
#include <array>

#include "tests/sim/protocol.h"
#include "wherry/app/test_client.h"
#include "wherry/base/base64.h"
#include "wherry/base/crc32.h"
#include "wherry/base/text_writer.h"

namespace wherry::sim {
namespace {

std::string base64(Bytes bytes) {
  std::string memory(base64_size(bytes.size()), '\0');
  TextWriter text(memory);
  append_base64(bytes, text);
  return memory;
}

// In network order.
std::string checksum_field(const UploadProtocol::Part& part) {
  if (!part.has_checksum) return "";
  std::uint32_t crc = crc32(as_bytes(part.bytes)) ^ (part.is_checksum_right ? 0 : 1);
  std::array<std::byte, 4> bytes;
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(crc >> 24);
    crc <<= 8;
  }
  return "Upload-Checksum: crc32 " + base64(bytes) + "\r\n";
}

std::string fields_of(const UploadProtocol::Part& part) {
  return "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n" +
         checksum_field(part) + part.fields;
}

class TusProtocol final : public UploadProtocol {
 public:
  std::string create(const std::string& name, const Part& part) const override {
    return app::request_text("POST", "/tus/",
                             fields_of(part) + "Upload-Length: " + std::to_string(*part.length) +
                                 "\r\nUpload-Metadata: filename " +
                                 base64(as_bytes(std::string_view(name))) + "\r\n",
                             part.bytes);
  }
  std::string append(const std::string& location, const Part& part) const override {
    return app::request_text(
        "PATCH", location,
        fields_of(part) + "Upload-Offset: " + std::to_string(part.offset) + "\r\n", part.bytes);
  }
  std::string find_out(const std::string& location) const override {
    return app::request_text("HEAD", location, "Tus-Resumable: 1.0.0\r\n");
  }
  std::string cancel(const std::string& location) const override {
    return app::request_text("DELETE", location, "Tus-Resumable: 1.0.0\r\n");
  }
  Told told(const app::Reply& reply) const override {
    const auto offset = number_of(reply, "Upload-Offset");
    return {.location = reply.find("Location"),
            .offset = offset,
            .is_complete = offset && offset == number_of(reply, "Upload-Length")};
  }
  bool ends_by_length() const override { return true; }
  std::string create_method() const override { return "POST"; }
};

}  // namespace

std::unique_ptr<UploadProtocol> make_tus_protocol() { return std::make_unique<TusProtocol>(); }

}  // namespace wherry::sim
