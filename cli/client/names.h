// SPDX-License-Identifier: MIT
// URLs taken apart and put together, and names for files here that a server had a say in.
// Knows no file: whether a name is taken is for its caller to see.
// Keeps: a name that comes out of here is one segment that stays in its folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wherry::cli {

/// Returns: `url` with a scheme (http:// where it had none); nothing when it is no URL of HTTP.
std::optional<std::string> normal_url(std::string_view url);

/// Returns: `reference`, as a Location or a list says it, in full; nothing when it makes no URL.
/// Source: RFC 3986 §5.
std::optional<std::string> resolve_url(const std::string& base, const std::string& reference);

/// Whether both have the same scheme, host and port.  Source: RFC 6454 §5.
bool same_origin(const std::string& a, const std::string& b);

/// Returns: the path of `url` as it is written, without query and fragment.
std::string path_of_url(const std::string& url);

/// Returns: `url` with another path, and without a query.
std::string with_path(const std::string& url, const std::string& path);

/// Returns: the folder that `url` lies in: up to the last slash of its path, without a query.
std::string folder_of_url(const std::string& url);

/// Returns: `url`, a folder's, and behind it `path` (its segments percent-encoded).
std::string url_below(const std::string& url, std::string_view path);

/// Returns: the last segment of a URL's path, decoded; nothing when it names no file (a folder, or
/// what safe_name refuses).
std::optional<std::string> name_of_url(const std::string& url);

/// Returns: the file name in a Content-Disposition: `filename*` before `filename`; nothing when it
/// has none that safe_name allows. A dot at its beginning becomes `_`: a server hides no file here.
/// Source: RFC 6266 §4.3; RFC 8187 §3.2 (UTF-8 only).
std::optional<std::string> name_of_disposition(std::string_view value);

/// Returns: the last segment of `name`, by either slash; nothing when it is empty, `.`, `..`,
/// longer than 255 bytes less what a partial file adds, not UTF-8, or holds control characters.
std::optional<std::string> safe_name(std::string_view name);

}  // namespace wherry::cli
