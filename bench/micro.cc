// SPDX-License-Identifier: MIT
// How fast the parsers and the checksum are by themselves, on what clients really send.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/json_view.h"
#include "wherry/app/json_writer.h"
#include "wherry/base/crc32.h"
#include "wherry/http/chunked.h"
#include "wherry/http/framing.h"
#include "wherry/http/multipart.h"
#include "wherry/http/request_head.h"

namespace wherry::bench {
namespace {

constexpr std::string_view kCurlHead =
    "PUT /upload/photo.jpg HTTP/1.1\r\n"
    "Host: 192.0.2.7:8000\r\n"
    "User-Agent: curl/8.10.1\r\n"
    "Accept: */*\r\n"
    "Content-Length: 2097152\r\n"
    "\r\n";

constexpr std::string_view kBrowserHead =
    "GET /download/file/photos/2026/autumn/DSC_0042.jpg HTTP/1.1\r\n"
    "Host: files.example.org:8000\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    "image/apng,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.9,de;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Connection: keep-alive\r\n"
    "Referer: http://files.example.org:8000/\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
    "\r\n";

/// Bytes of every value, none of them foreseeable.
std::vector<std::byte> make_noise(std::size_t size) {
  std::vector<std::byte> noise(size);
  std::uint64_t state = 88172645463325252u;
  for (std::byte& byte : noise) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<std::byte>(state);
  }
  return noise;
}

void count_bytes(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void scan_head(benchmark::State& state, std::string_view head) {
  http::HeadScanner scanner({.max_readline = 8192, .max_header_bytes = 16384});
  for (auto _ : state) {
    benchmark::DoNotOptimize(scanner.scan(head));
    scanner.reset();
  }
  count_bytes(state, head.size());
}

void read_head(benchmark::State& state, std::string_view text) {
  http::HeadScanner scanner({.max_readline = 8192, .max_header_bytes = 16384});
  for (auto _ : state) {
    const auto size = scanner.scan(text);
    const auto head = http::RequestHead::parse(text.substr(0, *size));
    benchmark::DoNotOptimize(http::check_host(*head));
    benchmark::DoNotOptimize(http::body_framing(*head));
    benchmark::DoNotOptimize(http::keeps_alive(*head));
    benchmark::DoNotOptimize(http::expects_continue(*head));
    scanner.reset();
  }
  count_bytes(state, text.size());
}

BENCHMARK_CAPTURE(scan_head, curl, kCurlHead);
BENCHMARK_CAPTURE(scan_head, browser, kBrowserHead);
BENCHMARK_CAPTURE(read_head, curl, kCurlHead);
BENCHMARK_CAPTURE(read_head, browser, kBrowserHead);

/// A body of 1 MiB in chunks of the argument's size, which arrives 16 KiB at a time. The decoder
/// looks at the framing only: the larger the chunks, the less there is of it.
void decode_chunked(benchmark::State& state) {
  const auto chunk_size = static_cast<std::size_t>(state.range(0));
  const std::vector<std::byte> noise = make_noise(chunk_size);
  std::string body;
  while (body.size() < 1024 * 1024) {
    body += http::chunk_head(chunk_size).view();
    body += as_text(noise);
    body += http::kChunkEnd;
  }
  body += http::kLastChunk;
  for (auto _ : state) {
    http::ChunkedDecoder decoder;
    Bytes rest = as_bytes(body);
    while (!decoder.finished()) {
      const Bytes arrived = rest.first(std::min<std::size_t>(rest.size(), 16 * 1024));
      const auto step = decoder.decode(arrived);
      if (!step) return state.SkipWithError("malformed");
      benchmark::DoNotOptimize(step->data.data());
      rest = rest.subspan(step->consumed);
    }
  }
  count_bytes(state, body.size());
}
BENCHMARK(decode_chunked)->Arg(64)->Arg(1024)->Arg(16 * 1024);

/// A form of one file of 1 MiB, which arrives as many bytes at a time as the argument says.
void search_multipart(benchmark::State& state, std::string_view what_repeats) {
  constexpr std::string_view kBoundary = "------------------------Xq4m2VbT0cW9sLkR";
  std::string file;
  if (what_repeats.empty()) {
    file = as_text(make_noise(1024 * 1024));
  } else {
    while (file.size() < 1024 * 1024) file += what_repeats;
  }
  std::string form = "--" + std::string(kBoundary) +
                     "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
                     "Content-Type: application/octet-stream\r\n\r\n" +
                     file + "\r\n--" + std::string(kBoundary) + "--\r\n";
  const auto step = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    std::array<char, 1024> head;
    http::MultipartParser parser(kBoundary, head);
    std::size_t found = 0;
    for (Bytes rest = as_bytes(form); !rest.empty();) {
      Bytes arrived = rest.first(std::min(rest.size(), step));
      rest = rest.subspan(arrived.size());
      while (true) {
        const auto event = parser.next(arrived);
        if (!event) return state.SkipWithError("bad form");
        if (event->kind == http::MultipartParser::Event::Kind::need_input) break;
        found += event->data.size();
      }
    }
    if (found != file.size()) return state.SkipWithError("another size");
  }
  count_bytes(state, form.size());
}
BENCHMARK_CAPTURE(search_multipart, noise, "")->Arg(256)->Arg(16 * 1024);
// Data that looks like the start of a boundary again and again.
BENCHMARK_CAPTURE(search_multipart, look_alikes, "\r\n-----")->Arg(16 * 1024);

void checksum(benchmark::State& state) {
  const std::vector<std::byte> noise = make_noise(static_cast<std::size_t>(state.range(0)));
  std::uint32_t crc = 0;
  for (auto _ : state) benchmark::DoNotOptimize(crc = crc32(noise, crc));
  count_bytes(state, noise.size());
}
BENCHMARK(checksum)->Arg(256)->Arg(4 * 1024)->Arg(256 * 1024);

void checksum_portable(benchmark::State& state) {
  const std::vector<std::byte> noise = make_noise(static_cast<std::size_t>(state.range(0)));
  std::uint32_t crc = 0;
  for (auto _ : state) benchmark::DoNotOptimize(crc = crc32_portable(noise, crc));
  count_bytes(state, noise.size());
}
BENCHMARK(checksum_portable)->Arg(256)->Arg(256 * 1024);

void read_json(benchmark::State& state) {
  constexpr std::string_view kText = R"({"size": 1024, "pattern": "sequential"})";
  std::array<char, app::JsonView::memory_for(kText.size())> memory;
  for (auto _ : state) {
    const auto view = app::JsonView::parse(kText, memory);
    benchmark::DoNotOptimize(view->unsigned_integer("size"));
    benchmark::DoNotOptimize(view->string("pattern"));
  }
  count_bytes(state, kText.size());
}
BENCHMARK(read_json);

void write_json(benchmark::State& state) {
  std::array<char, 256> memory;
  std::size_t size = 0;
  for (auto _ : state) {
    app::JsonWriter json(memory);
    json.object({{"filename", "photos/2026/DSC_0042.jpg"},
                 {"size", std::uint64_t{2097152}},
                 {"crc32", "0x1234abcd"}});
    const auto text = json.text();
    benchmark::DoNotOptimize(text->data());
    size = text->size();
  }
  count_bytes(state, size);
}
BENCHMARK(write_json);

}  // namespace
}  // namespace wherry::bench

BENCHMARK_MAIN();
