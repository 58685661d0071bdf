// SPDX-License-Identifier: MIT
#include "wherry/transfer/conditions.h"

#include "wherry/http/entity_tag.h"
#include "wherry/http/precondition.h"

namespace wherry::transfer {
namespace {

using storage::Expected;

Result<Expected> judge(app::Request& request, const storage::FileInfo* info) noexcept {
  const http::VersionTag tag = http::version_tag(info != nullptr ? info->version : 0);
  http::Validators current{.exists = info != nullptr, .etag = tag.view()};
  if (info != nullptr) current.modified_s = info->modified_s;
  const auto verdict =
      http::evaluate_preconditions(request.head(), current, request.loop().unix_time_s());
  if (verdict != http::Precondition::proceed) return Error::precondition_failed;
  switch (http::write_guard(request.head(), current)) {
    case http::WriteGuard::none:
      break;
    case http::WriteGuard::absent:
      return Expected{Expected::Kind::nothing};
    case http::WriteGuard::present:
      return Expected{Expected::Kind::file};
    case http::WriteGuard::same:
      return info != nullptr ? Expected{Expected::Kind::version, info->version}
                             : Expected{Expected::Kind::nothing};
  }
  return Expected{};
}

}  // namespace

bool has_conditions(const app::Request& request) noexcept {
  return request.header("If-Match") || request.header("If-None-Match") ||
         request.header("If-Unmodified-Since");
}

coro::Task<Expected> judge_conditions(app::Request& request, std::string_view path, Target target) {
  const auto file = co_await coro::as_result(request.storage().open(path));
  if (!file && file.error() != Error::not_found) co_return file.error();
  const Result<Expected> expected = judge(request, file ? &file->info() : nullptr);
  // A folder fails the condition; what is not there at all is not found.
  const bool is_no_file = !expected && !file;
  if (is_no_file && target == Target::must_exist) {
    static_cast<void>(co_await request.storage().list(path));
  }
  co_return expected;
}

}  // namespace wherry::transfer
