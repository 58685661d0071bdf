// SPDX-License-Identifier: MIT
// The guide's complete server, written by hand in Wherry's API: no endpoint of wherry/transfer is
// used. Each co_await may be the end of a handler: if the client goes away, the disk fills up or a
// limit is passed, the handler's locals are destroyed, a staged file is discarded, and the right
// status is sent if there is still someone to send it to.
#include <array>
#include <cstdlib>

#include "run_on_linux.h"
#include "wherry/base/text_writer.h"
#include "wherry/wherry.h"

using namespace wherry;

Task<Response> home(Request& req) { co_return text(req, "OK"); }

// PUT /upload/<path:filename>: the file is never in memory, 256 bytes of it are.
Task<Response> upload(Request& req, std::string_view filename) {
  req.transfer().is_upload = true;
  StagedFile file = co_await req.storage().create(filename);  // refused? the handler ends here
  std::array<std::byte, 256> buffer;
  Crc32 crc;
  while (true) {
    Bytes chunk = co_await req.body().read(buffer);  // client gone? ends; `file` is discarded
    if (chunk.empty()) break;
    crc.update(chunk);
    co_await file.write(chunk);
  }
  co_await file.commit();  // readers see the old file or the new one
  req.transfer().crc32 = crc.value();
  co_return json(req,
                 {{"filename", filename}, {"size", file.size()}, {"crc32", hex32(crc.value())}},
                 file.replaced() ? 200 : 201);
}

// POST /upload: a form, one part at a time.
Task<Response> upload_form(Request& req) {
  req.transfer().is_upload = true;
  MultipartReader form(req);
  while (const PartHead* part = co_await form.next()) {
    if (!part->has_filename) continue;
    const std::string_view filename = http::last_segment(part->filename);
    StagedFile file = co_await req.storage().create(filename);
    Crc32 crc;
    while (true) {
      Bytes chunk = co_await form.read();
      if (chunk.empty()) break;
      crc.update(chunk);
      co_await file.write(chunk);
    }
    co_await file.commit();
    req.transfer().size = file.size();
    req.transfer().crc32 = crc.value();
    co_return json(
        req, {{"filename", filename}, {"size", file.size()}, {"crc32", hex32(crc.value())}}, 201);
  }
  co_return error_reply(req, 400, "The form has no part with a file name");
}

// GET /download/file/<path:filename>
Task<Response> download(Request& req, std::string_view filename) {
  auto response = co_await as_result(send_file(req, filename));
  if (!response && response.error() == Error::not_found) {
    co_return error_reply(req, 404, "File not found");
  }
  co_return response;
}

// Bytes that are made while they are sent, through one block of 1 KB.
Generator<Bytes> pattern(Request&, std::uint64_t size, unsigned factor) {
  std::array<std::byte, 1024> block;
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = std::byte(i * factor % 256);
  for (; size > block.size(); size -= block.size()) co_yield Bytes(block);
  co_yield Bytes(block).first(size);
}

// GET /download/generate/<int:size>
Task<Response> generate(Request& req, std::uint64_t size) {
  TextWriter name(co_await req.scratch().text(80));  // kept until the reply has been sent
  name.append("attachment; filename=\"generated_").append_decimal(size).append(".bin\"");
  Response response = stream(req, pattern(req, size, 1), size, "application/octet-stream");
  response.header("Content-Disposition", name.view());
  co_return response;
}

// POST /download/report: {"size": 1048576, "pattern": "random"}
Task<Response> report(Request& req) {
  JsonView params = co_await req.json();
  const auto size = co_await params.unsigned_integer("size");
  const auto name = co_await params.string("pattern");
  const bool is_sequential = name.value_or("sequential") == "sequential";
  const std::uint64_t count = size.value_or(1024);
  Response response =
      stream(req, pattern(req, count, is_sequential ? 1 : 37), count, "application/octet-stream");
  response.header("Content-Disposition", is_sequential
                                             ? "attachment; filename=\"report_sequential.bin\""
                                             : "attachment; filename=\"report_random.bin\"");
  co_return response;
}

constexpr Route kRoutes[] = {
    get<"/", home>,
    put<"/upload/<path:filename>", upload>,  // handler parameters are checked
    post<"/upload", upload_form>,            // against the pattern at compile time
    get<"/download/file/<path:filename>", download>,
    get<"/download/generate/<int:size>", generate>,
    post<"/download/report", report>,
};

int main(int argc, char** argv) {
  Limits limits;
  limits.max_content_length = 16 * 1024 * 1024;
  limits.max_body_length = 2048;
  limits.max_readline = 8 * 1024;
  const char* folder = argc > 1 ? argv[1] : ".";
  const int port = argc > 2 ? std::atoi(argv[2]) : 8000;
  return run_on_linux({kRoutes}, limits, folder, "127.0.0.1", static_cast<std::uint16_t>(port));
}
