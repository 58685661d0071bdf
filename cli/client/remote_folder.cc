// SPDX-License-Identifier: MIT
#include "cli/client/remote_folder.h"

#include <vector>

#include "cli/client/names.h"

namespace wherry::cli {
namespace {

Reply get_page(Exchanger& exchanger, Retry& retry, const std::string& url) {
  Request request;
  request.url = url;
  request.fields = {"Accept: application/json"};
  while (true) {
    Reply reply = exchanger.perform(request);
    if (!may_try_again(reply)) {
      retry.progressed();
      return reply;
    }
    if (!retry.wait(reply)) return reply;
  }
}

/// Fails `reply` when it is no page.
std::optional<RemotePage> page_of(Reply& reply) {
  if (!reply.is_success()) return std::nullopt;
  auto page = parse_listing(reply.body);
  if (page) return page;
  reply.failure = Failure::unsupported;
  reply.what = reply.url + " is not listed as JSON: this is no folder below /files/ of a Wherry";
  return std::nullopt;
}

}  // namespace

Reply list_remote(Exchanger& exchanger, Retry& retry, const std::string& url, RemoteTree& tree) {
  std::vector<std::string> folders = {""};
  Reply reply;
  while (!folders.empty()) {
    const std::string folder = folders.back();
    folders.pop_back();
    const std::string folder_url = folder.empty() ? url : url_below(url, folder) + "/";
    for (std::string page_url = folder_url + "?limit=500"; !page_url.empty();) {
      reply = get_page(exchanger, retry, page_url);
      if (reply.has_status(404, 404)) break;  // removed meanwhile, or never made
      const auto page = page_of(reply);
      if (!page) return reply;
      for (const RemoteEntry& entry : page->entries) {
        const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
        if (entry.is_folder) folders.push_back(path);
        tree[path] = entry;
      }
      page_url = page->next.empty() ? "" : resolve_url(folder_url, page->next).value_or("");
    }
  }
  return reply;
}

}  // namespace wherry::cli
