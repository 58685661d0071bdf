// SPDX-License-Identifier: MIT
// The file-transfer service: the endpoints that send files to a machine and fetch them from it, in
// groups, of which a program takes all or some.
//
//     PUT  /upload/<path:filename>         stores the body
//     POST /upload                         stores each file of a multipart form
//     PUT  /discard/<path:filename>        measures the link: counts and checks, stores nothing
//     GET  /download/file/<path:filename>  a stored file
//     GET  /download/generate/<int:size>   bytes that are made on the fly
//     POST /download/report                the same, by parameters in JSON
//     GET, PUT, DELETE /files/<path:path>  a file; of a folder, GET lists or archives what is in it
//     POST /files/<path:path>?move=NEW     gives a file or a folder another name
//     GET, PATCH, DELETE /uploads/<id>     an upload that was cut: where it goes on
//     POST /tus/                           begins an upload by tus 1.0
//     HEAD, PATCH, DELETE /tus/<id>        goes on with it
//     GET  /status                         what is in use, and how much of it there is, as JSON
//     GET  /metrics                        the same for Prometheus
//     GET  /events                         what happens to requests, as server-sent events
//     GET  /                               OK
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/app/mount.h"
#include "wherry/app/multipart_reader.h"
#include "wherry/base/crc32.h"
#include "wherry/storage/storage.h"

namespace wherry::transfer {

using app::Request;
using app::Response;
using coro::Task;

/// The whole service: all groups of routes below. A table of your own takes those that it names
/// (app/mount.h), and then nothing of the others is linked:
///
///     constexpr auto kRoutes = app::join(transfer::kGuideRoutes, get<"/hello", hello>);
extern const app::App kService;

Task<Response> home(Request& request);
Task<Response> upload(Request& request, std::string_view filename);
Task<Response> upload_form(Request& request);
Task<Response> discard(Request& request, std::string_view filename);
Task<Response> download(Request& request, std::string_view filename);
Task<Response> generate(Request& request, std::uint64_t size);
Task<Response> report(Request& request);
Task<Response> get_root(Request& request);
Task<Response> get_file(Request& request, std::string_view path);
Task<Response> get_root_list(Request& request);
Task<Response> get_file_or_list(Request& request, std::string_view path);
Task<Response> put_file(Request& request, std::string_view path);
Task<Response> delete_file(Request& request, std::string_view path);
Task<Response> move_file(Request& request, std::string_view path);
Task<Response> upload_resumable(Request& request, std::string_view filename);
Task<Response> put_file_resumable(Request& request, std::string_view path);
Task<Response> post_form_resumable(Request& request);
Task<Response> post_file_resumable(Request& request, std::string_view path);
Task<Response> resumable_options(Request& request);
Task<Response> resumable_file_options(Request& request, std::string_view path);
Task<Response> upload_state(Request& request, std::string_view id);
Task<Response> append_to_upload(Request& request, std::string_view id);
Task<Response> cancel_upload(Request& request, std::string_view id);
Task<Response> tus_uploads(Request& request);
Task<Response> tus_upload(Request& request, std::string_view id);
Task<Response> status(Request& request);
Task<Response> metrics(Request& request);
Task<Response> events(Request& request);

/// Upload, download, generate, report.
inline constexpr app::Route kGuideRoutes[] = {
    app::get<"/", home>,
    app::put<"/upload/<path:filename>", upload>,
    app::post<"/upload", upload_form>,
    app::put<"/discard/<path:filename>", discard>,
    app::get<"/download/file/<path:filename>", download>,
    app::get<"/download/generate/<int:size>", generate>,
    app::post<"/download/report", report>,
};

inline constexpr std::string_view kFilesPrefix = "/files/";

/// Files and folders under their own addresses.
inline constexpr app::Route kFileRoutes[] = {
    app::get<"/files/", get_root>,
    app::get<"/files/<path:path>", get_file>,
    app::put<"/files/<path:path>", put_file>,
    app::delete_<"/files/<path:path>", delete_file>,
    app::post<"/files/<path:path>", move_file>,
};

/// The same without archives, which take 6 KB of a board's flash.
inline constexpr app::Route kFileRoutesWithoutArchives[] = {
    app::get<"/files/", get_root_list>,         app::get<"/files/<path:path>", get_file_or_list>,
    app::put<"/files/<path:path>", put_file>,   app::delete_<"/files/<path:path>", delete_file>,
    app::post<"/files/<path:path>", move_file>,
};

/// Uploads that go on where they were cut, by the IETF's draft; for a storage that has
/// Scope::uploads. Before the other groups: it takes PUT, POST and OPTIONS from them.
inline constexpr app::Route kResumableRoutes[] = {
    app::put<"/upload/<path:filename>", upload_resumable>,
    app::post<"/upload", post_form_resumable>,
    app::put<"/files/<path:path>", put_file_resumable>,
    app::post<"/files/<path:path>", post_file_resumable>,
    app::options<"/upload", resumable_options>,
    app::options<"/upload/<path:filename>", resumable_file_options>,
    app::options<"/files/<path:path>", resumable_file_options>,
    app::options<"/uploads/<id>", resumable_file_options>,
    app::get<"/uploads/<id>", upload_state>,
    app::patch<"/uploads/<id>", append_to_upload>,
    app::delete_<"/uploads/<id>", cancel_upload>,
};

/// The same by tus 1.0, for a storage as above. Of an upload each method is taken, for another may
/// be meant: X-HTTP-Method-Override.
inline constexpr app::Route kTusRoutes[] = {
    app::post<"/tus/", tus_uploads>,     app::options<"/tus/", tus_uploads>,
    app::post<"/tus", tus_uploads>,      app::options<"/tus", tus_uploads>,
    app::get<"/tus/<id>", tus_upload>,   app::put<"/tus/<id>", tus_upload>,
    app::post<"/tus/<id>", tus_upload>,  app::delete_<"/tus/<id>", tus_upload>,
    app::patch<"/tus/<id>", tus_upload>, app::options<"/tus/<id>", tus_upload>,
};
inline constexpr app::ConstantField kTusField{"Tus-Resumable", "1.0.0"};

/// What goes with both: what no handler of theirs is asked about. A request that is too large to be
/// looked at any further is told the limits, and each reply below /tus says its version.
Task<Response> resumable_error(Request& request, Error error);
inline constexpr app::ErrorHandler kResumableErrors[] = {app::on_error<405, resumable_error>,
                                                         app::on_error<413, resumable_error>};

/// What the server has in use.
inline constexpr app::Route kStatusRoutes[] = {app::get<"/status", status>};
inline constexpr app::Route kMetricsRoutes[] = {app::get<"/metrics", metrics>};

/// What happens. Nobody can watch a server of one connection, or of which no events are kept.
inline constexpr app::Route kEventRoutes[] = {app::get<"/events", events>};

/// Takes the rest of `body` into `file`, straight into the storage's own blocks, and into `crc`.
/// Errors: those of Body::read and StagedFile::room.
Task<> receive(app::Body& body, storage::StagedFile& file, Crc32& crc);

}  // namespace wherry::transfer
