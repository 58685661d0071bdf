// SPDX-License-Identifier: MIT
// Request targets and their parts: one row for each rule of RFC 9112 §3.2. Plain data without a
// test framework, so that a board can run through it too.
#pragma once

#include <string_view>

#include "wherry/base/error.h"
#include "wherry/http/method.h"

namespace wherry::http {

struct TargetVector {
  std::string_view rule;
  Method method;
  std::string_view target;
  Error error;
  std::string_view path = {};
  std::string_view query = {};
};

inline constexpr TargetVector kTargetVectors[] = {
    {"3.2.1: the root", Method::get, "/", Error::none, "/"},
    {"3.2.1: a path", Method::get, "/a/b", Error::none, "/a/b"},
    {"3.2.1: a query", Method::get, "/a?b=c", Error::none, "/a", "b=c"},
    {"3.2.1: an empty query", Method::get, "/a?", Error::none, "/a", ""},
    {"3.2.1: a query ends nowhere", Method::get, "/a?b?c/d", Error::none, "/a", "b?c/d"},
    {"3.2.1: the path is not decoded", Method::get, "/a%2Fb%20c", Error::none, "/a%2Fb%20c"},
    {"3.2.1: two slashes are a path", Method::get, "//a/b", Error::none, "//a/b"},
    {"3.2.1: a colon in a path", Method::get, "/http://a", Error::none, "/http://a"},
    {"3.2.1: UTF-8 as typed", Method::get, "/\xc3\xa9", Error::none, "/\xc3\xa9"},
    {"3.2.1: not without a slash", Method::get, "a/b", Error::bad_request},
    {"3.2.1: not a query alone", Method::get, "?a", Error::bad_request},
    {"3.2.1: not empty", Method::get, "", Error::bad_request},
    {"3.2: no fragment", Method::get, "/a#b", Error::malformed},
    {"3.2: no fragment in a query", Method::get, "/a?b#c", Error::malformed},
    {"3.2: no fragment after an authority", Method::get, "http://a#b", Error::malformed},

    {"2.1: half an escape", Method::get, "/a%2", Error::bad_request},
    {"2.1: a percent sign at the end", Method::get, "/a%", Error::bad_request},
    {"2.1: no hexadecimal digits", Method::get, "/a%zz", Error::bad_request},
    {"2.1: one hexadecimal digit", Method::get, "/a%2z", Error::bad_request},
    {"2.1: a percent sign in an escape", Method::get, "/%%41", Error::bad_request},
    {"2.1: in a query", Method::get, "/a?b=%g0", Error::bad_request},
    {"2.1: an escape of two letters", Method::get, "/%fF", Error::none, "/%fF"},
    {"2.1: an escape does not reach into the query", Method::get, "/%4?1", Error::bad_request},

    {"3.2.2: authority and scheme are dropped", Method::get, "http://example.org:80/a?b",
     Error::none, "/a", "b"},
    {"3.2.2: https", Method::put, "https://a/b", Error::none, "/b"},
    {"3.2.2: a scheme has no case", Method::get, "HtTp://a/b", Error::none, "/b"},
    {"3.2.2: an IPv6 address", Method::get, "http://[::1]:8000/b", Error::none, "/b"},
    {"3.2.2: no path is the root", Method::get, "http://a", Error::none, "/"},
    {"3.2.2: no path but a query", Method::get, "http://a?b/c", Error::none, "/", "b/c"},
    {"3.2.2: no authority", Method::get, "http:///a", Error::bad_request},
    {"3.2.2: a port alone", Method::get, "http://:80/a", Error::bad_request},
    {"3.2.2: user information", Method::get, "http://user@a/b", Error::bad_request},
    {"3.2.2: a backslash ends no authority", Method::get, "http://a\\@b/c", Error::bad_request},
    {"3.2.2: one slash", Method::get, "http:/a", Error::bad_request},
    {"3.2.2: another scheme", Method::get, "ftp://a/b", Error::bad_request},
    {"3.2.2: a scheme alone", Method::get, "http://", Error::bad_request},

    {"3.2.3: authority-form is for proxies", Method::other, "a:80", Error::bad_request},
    {"3.2.3: in brackets too", Method::other, "[::1]:80", Error::bad_request},
    {"3.2.4: asterisk-form", Method::options, "*", Error::none, "*"},
    {"3.2.4: for OPTIONS alone", Method::get, "*", Error::bad_request},
    {"3.2.4: it stands alone", Method::options, "*a", Error::bad_request},
    {"3.2.4: OPTIONS of a resource", Method::options, "/a", Error::none, "/a"},
};

}  // namespace wherry::http
