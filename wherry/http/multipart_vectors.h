// SPDX-License-Identifier: MIT
// Forms, and whether they are any (RFC 2046 §5.1.1, RFC 7578 §4). Plain data without a test
// framework, so that a board can run through it too.
#pragma once

#include <string_view>

#include "wherry/base/error.h"

namespace wherry::http {

inline constexpr std::string_view kFormBoundary = "XyZ";

// What stands around the data of a form of one field `a`.
inline constexpr std::string_view kBeforeFormData =
    "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
inline constexpr std::string_view kAfterFormData = "\r\n--XyZ--\r\n";

struct FormDataVector {
  std::string_view why;
  std::string_view data;
};

inline constexpr FormDataVector kFormDataVectors[] = {
    {"nothing", ""},
    {"one line break", "\r\n"},
    {"line breaks alone", "\r\n\r\n\r\n"},
    {"CRs alone", "\r\r\r\r"},
    {"CRs before a line break", "x\r\r\r\n"},
    {"LFs alone", "\n\n"},
    {"ends in CR", "abc\r"},
    {"ends in CR LF -", "abc\r\n-"},
    {"starts with dashes", "--"},
    {"starts like it", "--XyY\r\n"},
    {"ends like it", "abc\r\n--Xy"},
    {"look-alike", "\r\n--Xyz"},
    {"look-alikes in a row", "\r\n--X\r\n--Xy\r\n-\r\n\r\r\n--Xy-"},
    {"without the line break", "abc--XyZ--\r\n"},
    {"after a bare LF", "abc\n--XyZ\r\n"},
    {"after a bare CR", "abc\r--XyZ\r\n"},
    {"a whole part of another form",
     "\r\n--Other\r\nContent-Disposition: form-data; name=b\r\n\r\nx"},
};

struct FormVector {
  std::string_view why;
  std::string_view body;
};

inline constexpr std::string_view kPlainForm =
    "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--";

// One field `a` with the value 1.
inline constexpr FormVector kOneFieldFormVectors[] = {
    {"nothing after the close delimiter", kPlainForm},
    {"a leading line break",
     "\r\n--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\r\n"},
    {"a preamble",
     "This is --XyZ\r\n--Xy\r\r\n-- preamble\r\n--XyZ\r\n"
     "Content-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\r\n"},
    {"an epilogue",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\r\n"
     "epilogue\r\n--XyZ\r\n--XyZ--\r\n\r\n"},
    {"transport padding",
     "--XyZ \t \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ-- \t\r\n"},
    {"padding at the very end",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ-- \t"},
    {"other case, space, empty parameters",
     "--XyZ\r\ncontent-DISPOSITION:\tForm-Data ;; NAME=\"a\" ; x=y; \r\n\r\n1\r\n"
     "--XyZ--\r\n"},
    {"a folded header",
     "--XyZ\r\nContent-Disposition: form-data;\r\n name=a;\r\n\tx=y\r\n\r\n1\r\n"
     "--XyZ--\r\n"},
    {"unknown headers",
     "--XyZ\r\nX-A: b: c\r\nContent-Disposition: form-data; name=a\r\nX-Empty:\r\n"
     "\r\n1\r\n--XyZ--\r\n"},
};

inline constexpr FormVector kRefusedFormVectors[] = {
    {"empty body", ""},
    {"no delimiter", "hello\r\n"},
    {"another boundary", "--Other\r\n\r\n\r\n--Other--\r\n"},
    {"first line goes on", "--XyZ1\r\nContent-Disposition: form-data; name=a\r\n\r\n"},
    {"a line of the data starts with the delimiter",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ1\r\n--XyZ--\r\n"},
    {"the data starts with the delimiter",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n--XyZ1\r\n--XyZ--\r\n"},
    {"text after padding", "--XyZ x\r\n"},
    {"bare LF", "--XyZ\n"},
    {"bare CR", "--XyZ\rContent"},
    {"one dash", "--XyZ-\r\n"},
    {"dash after padding", "--XyZ --\r\n"},
    {"text after the close delimiter",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--x\r\n"},
    {"LF after the close delimiter",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\n"},
    {"CR after the close delimiter",
     "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\rx"},
    {"no head", "--XyZ\r\n\r\n1\r\n--XyZ--\r\n"},
    {"no Content-Disposition", "--XyZ\r\nX: y\r\n\r\n1\r\n--XyZ--\r\n"},
    {"bare LF in a head", "--XyZ\r\nContent-Disposition: form-data; name=a\n\r\n\r\n"},
    {"bare CR in a head", "--XyZ\r\nContent-Disposition: form-data; name=a\rX\r\n"},
    {"a control character in a head", "--XyZ\r\nX: \x01\r\n"},
    {"NUL in a head", std::string_view("--XyZ\r\nX: \0\r\n", 12)},
    {"space before the first header",
     "--XyZ\r\n Content-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--\r\n"},
    {"delimiter inside a head", "--XyZ\r\nX: y\r\n--XyZ--\r\n\r\n"},
};

struct BoundaryVector {
  std::string_view content_type;
  std::string_view boundary;  // empty: refused with `error`
  Error error = Error::none;
};

inline constexpr std::string_view kBoundary70 =
    "1234567890123456789012345678901234567890123456789012345678901234567890";

inline constexpr BoundaryVector kBoundaryVectors[] = {
    {"multipart/form-data; boundary=abc", "abc"},
    {"Multipart/Form-Data;BOUNDARY=\"a b\"", "a b"},
    {"multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundaryX1",
     "----WebKitFormBoundaryX1"},
    {"multipart/form-data; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"},
    {"multipart/form-data; "
     "boundary="
     "1234567890123456789012345678901234567890123456789012345678901234567890",
     kBoundary70},
    {"multipart/form-data; "
     "boundary="
     "12345678901234567890123456789012345678901234567890123456789012345678901",
     "", Error::bad_form},
    {"multipart/form-data", "", Error::bad_form},
    {"multipart/form-data; boundary=", "", Error::bad_form},
    {"multipart/form-data; boundary=\"\"", "", Error::bad_form},
    {"multipart/form-data; boundary=\"abc", "", Error::bad_form},
    {"multipart/form-data; boundary=\"a \"", "", Error::bad_form},
    {"multipart/form-data; boundary=\"a\\b\"", "", Error::bad_form},
    {"multipart/form-data; boundary=a*b", "", Error::bad_form},
    {"multipart/form-data; boundary=a/b", "", Error::bad_form},
    {"multipart/form-data; boundary=\"\xC3\xA9\"", "", Error::bad_form},
    {"multipart/form-data; boundary=a; boundary=a", "", Error::bad_form},
    {"multipart/form-data boundary=a", "", Error::unsupported_media_type},
    {"multipart/mixed; boundary=abc", "", Error::unsupported_media_type},
    {"application/json", "", Error::unsupported_media_type},
    {"", "", Error::unsupported_media_type},
};

}  // namespace wherry::http
