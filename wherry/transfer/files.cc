// SPDX-License-Identifier: MIT
// /files/<path>: every file and folder of the storage under its own address.
#include <optional>

#include "wherry/app/redirect.h"
#include "wherry/base/percent.h"
#include "wherry/base/text_writer.h"
#include "wherry/storage/path.h"
#include "wherry/transfer/archive.h"
#include "wherry/transfer/conditions.h"
#include "wherry/transfer/listing.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

std::string_view without_slash(std::string_view path) noexcept {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// Whether the query says `name=1`.  Errors: bad_request: another value.
Result<bool> flag(Request& request, std::string_view name) noexcept {
  const auto value = request.query(name);
  if (!value) return value.error();
  if (!*value || **value == "0") return false;
  return **value == "1" ? Result<bool>(true) : Error::bad_request;
}

/// 308 to the address of the folder, with a slash at its end: what its list refers to is relative.
Response to_folder(Request& request) noexcept {
  const std::string_view query = request.query_text();
  const auto memory = request.scratch().text(request.path().size() + query.size() + 2);
  if (!memory) {
    Response response(request, 308);
    response.lacks_memory();
    return response;
  }
  TextWriter location(*memory);
  location.append(request.path()).append('/');
  if (!query.empty()) location.append('?').append(query);
  return app::redirect(request, location.view(), 308);
}

/// Sends a folder as one file.
using Archive = Task<Response> (*)(Request&, std::string_view);

Task<Response> refuse(Request& request, std::uint16_t status, std::string_view sentence) {
  return app::reply(request, app::error_reply(request, status, sentence));
}

/// `archive`: nullptr: none is offered here.
Task<Response> get_folder(Request& request, std::string_view folder, Archive archive) {
  const auto format = request.query("archive");
  if (!format) return app::reply(request, format.error());
  if (!*format) return list(request, folder);
  if (archive == nullptr) return refuse(request, 501, "There are no archives here");
  if (**format == "tar") return archive(request, folder);
  return refuse(request, 400, "The only archive is ?archive=tar");
}

Task<Response> get_regular(Request& request, std::string_view path) {
  auto response = co_await coro::as_result(app::send_file(request, path, request.freshness()));
  if (response || response.error() != Error::not_found) co_return response;
  const auto folder = co_await coro::as_result(request.storage().list(path));
  if (!folder) co_return folder.error();
  co_return to_folder(request);
}

}  // namespace

Task<Response> get_file(Request& request, std::string_view path) {
  return path.ends_with('/') ? get_folder(request, without_slash(path), archive)
                             : get_regular(request, path);
}

Task<Response> get_root(Request& request) { return get_folder(request, {}, archive); }

Task<Response> get_file_or_list(Request& request, std::string_view path) {
  return path.ends_with('/') ? get_folder(request, without_slash(path), nullptr)
                             : get_regular(request, path);
}

Task<Response> get_root_list(Request& request) { return get_folder(request, {}, nullptr); }

Task<Response> delete_file(Request& request, std::string_view path) {
  const std::string_view name = without_slash(path);
  storage::RemoveOptions options;
  options.recursive = co_await flag(request, "recursive");
  if (name != path) static_cast<void>(co_await request.storage().list(name));  // no file goes so
  if (has_conditions(request)) {
    options.expected = co_await judge_conditions(request, name, Target::must_exist);
  }
  co_await request.storage().remove(name, options);
  co_return Response(request, 204);
}

Task<Response> move_file(Request& request, std::string_view path) {
  const std::optional<std::string_view> target = co_await request.query("move");
  if (!target) co_return app::error_reply(request, 400, "POST here takes ?move=NEW-NAME");
  storage::MoveOptions options;
  options.replaces = co_await flag(request, "replace");
  const std::string_view old_path = without_slash(path);
  if (has_conditions(request)) {
    options.expected = co_await judge_conditions(request, old_path, Target::must_exist);
  }
  const std::string_view new_path = without_slash(*target);
  co_await storage::check_path(new_path);  // it is to stand in the reply
  const std::span<char> memory =
      co_await request.scratch().text(kFilesPrefix.size() + 3 * new_path.size());
  TextWriter location(memory);
  location.append(kFilesPrefix);
  percent_encode_path(new_path, location);
  Response response = app::json(request, {{"filename", new_path}}, 201);
  response.header("Location", location.view()).reserve_head();
  if (response.failure() != Error::none) co_return response;
  co_await request.storage().move(old_path, new_path, options);
  co_return response;
}

}  // namespace wherry::transfer
