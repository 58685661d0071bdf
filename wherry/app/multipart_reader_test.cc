// SPDX-License-Identifier: MIT
#include "wherry/app/multipart_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "wherry/app/route.h"
#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using coro::Task;

/// POST /parts/<int:pieces>  "name=filename:bytes " for each part, of which that many pieces are
///                           read; the rest is skipped
/// POST /again               what next() says at the end, asked three times
Task<Response> parts(Request& request, std::uint64_t pieces) {
  MultipartReader form(request);
  TextWriter told(co_await request.scratch().text(1000));
  while (const http::PartHead* part = co_await form.next()) {
    std::uint64_t size = 0;
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const Bytes piece = co_await form.read();
      size += piece.size();
      if (piece.empty()) break;
    }
    // After all that was read through the buffer in which the head came.
    told.append(part->name).append("=").append(part->filename).append(":");
    told.append_decimal(size).append(" ");
  }
  co_return text(request, told.view());
}

Task<Response> again(Request& request) {
  MultipartReader form(request);
  TextWriter told(co_await request.scratch().text(1000));
  int count = 0;
  while (count < 3) {
    const auto part = co_await coro::as_result(form.next());
    if (part && *part != nullptr) continue;
    told.append(part ? "end " : "error ");
    ++count;
  }
  const auto piece = co_await coro::as_result(form.read());
  told.append(!piece ? "error" : piece->empty() ? "nothing" : "something");
  co_return text(request, told.view());
}

constexpr Route kRoutes[] = {post<"/parts/<int:pieces>", parts>, post<"/again", again>};
constexpr App kApp{kRoutes};

constexpr std::string_view kType = "Content-Type: multipart/form-data; boundary=XyZ\r\n";

std::string part(std::string_view name, std::string_view filename, std::string_view content) {
  std::string text = "--XyZ\r\nContent-Disposition: form-data; name=\"";
  text.append(name).append("\"; filename=\"").append(filename).append("\"\r\n\r\n");
  return text.append(content).append("\r\n");
}

const std::string kForm = part("f", "first", std::string(3000, 'x')) + part("s", "second", "") +
                          part("t", "third", std::string(700, '\r')) + "--XyZ--\r\nepilogue";

std::string answer(std::string_view target, std::string_view body) {
  TestServer server(kApp);
  return server.ask(request_text("POST", target, kType, body)).body;
}

TEST(MultipartReader, HeadOfAPartLastsWhileThePartIsRead) {
  EXPECT_EQ(answer("/parts/100000", kForm), "f=first:3000 s=second:0 t=third:700 ");
}

TEST(MultipartReader, SkipsWhatNobodyReads) {
  EXPECT_EQ(answer("/parts/0", kForm), "f=first:0 s=second:0 t=third:0 ");
  TestServer server(kApp);
  const auto replies = server.exchange(request_text("POST", "/parts/1", kType, kForm) +
                                       request_text("POST", "/parts/0", kType, kForm));
  EXPECT_EQ(statuses(replies), "200 200");
  EXPECT_TRUE(replies.at(0).body.starts_with("f=first:")) << replies.at(0).body;
  EXPECT_EQ(replies.at(0).body.find("first:0"), std::string::npos);
}

TEST(MultipartReader, ReadsTheSameInChunksOfAnySize) {
  for (const std::size_t size : {1u, 2u, 7u, 100u, 600u, 5000u}) {
    TestServer server(kApp);
    const std::string fields = std::string(kType) + "Transfer-Encoding: chunked\r\n";
    EXPECT_EQ(server.ask(request_text("POST", "/parts/100000", fields) + chunked(kForm, size)).body,
              "f=first:3000 s=second:0 t=third:700 ");
  }
}

TEST(MultipartReader, EndIsTheEndHoweverOftenItIsAskedFor) {
  EXPECT_EQ(answer("/again", kForm), "end end end nothing");
  EXPECT_EQ(answer("/again", "--XyZ--"), "end end end nothing");
}

TEST(MultipartReader, FormThatIsNotWholeHasNoEndHoweverOftenItIsAskedFor) {
  const std::size_t end = kForm.find("--XyZ--");
  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, std::size_t{90}, end, end + 6}) {
    EXPECT_TRUE(answer("/again", kForm.substr(0, size)).starts_with("error error error ")) << size;
  }
  TestServer server(kApp);
  EXPECT_EQ(server.ask(request_text("POST", "/again", "Content-Type: text/plain\r\n", "")).body,
            "error error error nothing");
}

TEST(MultipartReader, FormThatIsNotWholeIsABadRequest) {
  TestServer server(kApp);
  EXPECT_EQ(server.ask(request_text("POST", "/parts/9", kType, kForm.substr(0, 50))).status, 400);
}

}  // namespace
}  // namespace wherry::app
