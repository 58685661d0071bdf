// SPDX-License-Identifier: MIT
// The ready-made service in a program of one's own: its routes, one more, and a reply of one's own
// to whatever is not there.
//
//     service [folder [port]]
#include "wherry/transfer/service.h"

#include <cstdlib>

#include "run_on_linux.h"
#include "wherry/wherry.h"

using namespace wherry;

Task<Response> hello(Request& req, std::string_view name) {
  co_return json(req, {{"hello", name}, {"from", req.peer()}});
}

Task<Response> not_here(Request& req, Error) {
  co_return error_reply(req, 404, "There is no such thing here; uploads go to /upload/NAME");
}

constexpr Route kRoutes[] = {
    get<"/", transfer::home>,
    get<"/hello/<name>", hello>,
    put<"/upload/<path:filename>", transfer::upload>,
    post<"/upload", transfer::upload_form>,
    get<"/download/file/<path:filename>", transfer::download>,
    get<"/download/generate/<int:size>", transfer::generate>,
    post<"/download/report", transfer::report>,
};

constexpr app::ErrorHandler kErrors[] = {on_error<404, not_here>};

int main(int argc, char** argv) {
  const char* folder = argc > 1 ? argv[1] : ".";
  const int port = argc > 2 ? std::atoi(argv[2]) : 8000;
  return run_on_linux({kRoutes, kErrors}, Limits(), folder, "127.0.0.1",
                      static_cast<std::uint16_t>(port));
}
