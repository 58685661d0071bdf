// SPDX-License-Identifier: MIT
// What a program of handlers needs, under one name: `#include "wherry/wherry.h"`.
//
// The back ends and ports (storage/posix, net/asio, …) are chosen by main alone.
#pragma once

#include "wherry/app/cors.h"
#include "wherry/app/event_stream.h"
#include "wherry/app/mount.h"
#include "wherry/app/multipart_reader.h"
#include "wherry/app/redirect.h"
#include "wherry/app/response.h"
#include "wherry/app/route.h"
#include "wherry/app/server.h"
#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/coro/generator.h"
#include "wherry/coro/task.h"
#include "wherry/http/form_urlencoded.h"
#include "wherry/storage/storage.h"

namespace wherry {

using app::AfterHook;
using app::App;
using app::BeforeHook;
using app::Cors;
using app::CorsOptions;
using app::ErrorHandler;
using app::EventWriter;
using app::JsonView;
using app::Limits;
using app::MountHooks;
using app::MultipartReader;
using app::Request;
using app::Response;
using app::Route;
using app::Seekable;
using app::SeekableInfo;
using coro::as_result;
using coro::AsyncGenerator;
using coro::Generator;
using coro::Task;
using http::FormReader;
using http::PartHead;
using http::SetCookie;
using storage::File;
using storage::StagedFile;

using app::bytes;
using app::delete_;
using app::error_reply;
using app::event_stream;
using app::get;
using app::head;
using app::join;
using app::json;
using app::mount;
using app::on_error;
using app::options;
using app::patch;
using app::post;
using app::put;
using app::redirect;
using app::send_file;
using app::send_seekable;
using app::stream;
using app::text;

}  // namespace wherry
