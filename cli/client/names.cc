// SPDX-License-Identifier: MIT
#include "cli/client/names.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "wherry/base/ascii.h"
#include "wherry/base/percent.h"
#include "wherry/base/text_writer.h"
#include "wherry/base/utf8.h"
#include "wherry/http/field_value.h"
#include "wherry/http/part_head.h"

namespace wherry::cli {
namespace {

struct UrlCleanup {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlCleanup>;

/// Returns: nothing where `text` is no URL of HTTP.
Url parse(const std::string& text) {
  Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return nullptr;
  return url;
}

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (!url || curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string result(text);
  curl_free(text);
  return result;
}

std::optional<std::string> decode(std::string_view text) {
  std::string decoded(text.size(), '\0');
  const auto size = percent_decode(text, decoded);
  if (!size) return std::nullopt;
  decoded.resize(*size);
  return decoded;
}

/// `UTF-8''na%C3%AFve.txt`
std::optional<std::string> decode_extended(std::string_view value) {
  const std::string_view charset = split_next(value, '\'');
  split_next(value, '\'');  // the language
  if (!equals_ignoring_case(charset, "UTF-8")) return std::nullopt;
  return decode(value);
}

}  // namespace

std::optional<std::string> normal_url(std::string_view url) {
  std::string full(url);
  if (full.find("://") == full.npos) full.insert(0, "http://");
  const Url parsed = parse(full);
  const std::string scheme = part(parsed, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  curl_url_set(parsed.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return part(parsed, CURLUPART_URL);
}

std::optional<std::string> resolve_url(const std::string& base, const std::string& reference) {
  const Url url = parse(base);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  return normal_url(part(url, CURLUPART_URL));
}

bool same_origin(const std::string& a, const std::string& b) {
  const Url first = parse(a);
  const Url second = parse(b);
  return first && second && part(first, CURLUPART_SCHEME) == part(second, CURLUPART_SCHEME) &&
         equals_ignoring_case(part(first, CURLUPART_HOST), part(second, CURLUPART_HOST)) &&
         part(first, CURLUPART_PORT, CURLU_DEFAULT_PORT) ==
             part(second, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string path_of_url(const std::string& url) { return part(parse(url), CURLUPART_PATH); }

std::string with_path(const std::string& url, const std::string& path) {
  const Url parsed = parse(url);
  if (!parsed) return url;
  curl_url_set(parsed.get(), CURLUPART_PATH, path.c_str(), 0);
  curl_url_set(parsed.get(), CURLUPART_QUERY, nullptr, 0);
  return part(parsed, CURLUPART_URL);
}

std::string folder_of_url(const std::string& url) {
  const std::string path = path_of_url(url);
  return with_path(url, path.substr(0, path.rfind('/') + 1));
}

std::string url_below(const std::string& url, std::string_view path) {
  std::string encoded;
  while (true) {
    const std::string_view segment = split_next(path, '/');
    std::string text(3 * segment.size(), '\0');
    TextWriter writer{std::span<char>(text)};
    percent_encode_component(segment, writer);
    encoded += writer.view();
    if (path.empty()) break;
    encoded += '/';
  }
  std::string folder = path_of_url(url);
  if (!folder.ends_with('/')) folder += '/';
  return with_path(url, folder + encoded);
}

std::optional<std::string> name_of_url(const std::string& url) {
  const std::string path = path_of_url(url);
  const auto decoded = decode(std::string_view(path).substr(path.rfind('/') + 1));
  // An encoded slash would make another name of it.
  if (!decoded || decoded->find_first_of("/\\") != decoded->npos) return std::nullopt;
  return safe_name(*decoded);
}

std::optional<std::string> name_of_disposition(std::string_view value) {
  http::ParameterReader parameters(value);
  std::optional<std::string> plain;
  std::optional<std::string> extended;
  while (true) {
    const auto parameter = parameters.next();
    if (!parameter) return std::nullopt;
    if (!*parameter) break;
    std::vector<char> memory((*parameter)->raw.size());
    const auto text = (*parameter)->text(memory);
    if (!text) return std::nullopt;
    if (equals_ignoring_case((*parameter)->name, "filename")) plain = std::string(*text);
    if (equals_ignoring_case((*parameter)->name, "filename*")) extended = decode_extended(*text);
  }
  auto name = safe_name(extended ? *extended : plain.value_or(""));
  if (name && name->front() == '.') name->front() = '_';
  return name;
}

std::optional<std::string> safe_name(std::string_view name) {
  constexpr std::size_t kLongest = 255 - sizeof(".part.json");
  const std::string_view last = http::last_segment(name);
  const bool is_safe = !last.empty() && last != "." && last != ".." && last.size() <= kLongest &&
                       is_valid_utf8(last) && std::ranges::none_of(last, is_control);
  if (!is_safe) return std::nullopt;
  return std::string(last);
}

}  // namespace wherry::cli
