# SPDX-License-Identifier: MIT
# Finds what boards need of Mbed TLS 2.28, SHA-256; fetches it where that is possible.
#
# WHERRY_MBEDTLS_DIR names a copy: the folder in which include/ and library/ lie. Default: one in the
# user's cache, filled by script/fetch-mbedtls where there is apt, else by a download that is checked
# by its hash. Defines Mbedtls_FOUND, MBEDTLS_SOURCE_DIR, MBEDTLS_SOURCES.
if(DEFINED ENV{XDG_CACHE_HOME})
  set(mbedtls_cache "$ENV{XDG_CACHE_HOME}/wherry/mbedtls")
else()
  set(mbedtls_cache "$ENV{HOME}/.cache/wherry/mbedtls")
endif()
set(WHERRY_MBEDTLS_DIR "${mbedtls_cache}" CACHE PATH
  "Folder of Mbed TLS 2.28: the one in which include/ and library/ lie")

set(mbedtls_folder "${WHERRY_MBEDTLS_DIR}")
if(NOT EXISTS "${mbedtls_folder}/library/sha256.c")
  find_program(WHERRY_APT_GET apt-get)
  mark_as_advanced(WHERRY_APT_GET)
  if(WHERRY_APT_GET)
    execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/../script/fetch-mbedtls" "${mbedtls_folder}")
  else()
    include(FetchContent)
    FetchContent_Declare(mbedtls
      URL "https://deb.debian.org/debian/pool/main/m/mbedtls/mbedtls_2.28.3.orig.tar.gz"
      URL_HASH SHA256=3b4953aa55a681e084d31892d9904cc5328d6b4958ea57b90ae4b4f94ae69a8d
      SOURCE_SUBDIR does-not-exist)  # its own build is of no use here
    FetchContent_MakeAvailable(mbedtls)
    set(mbedtls_folder "${mbedtls_SOURCE_DIR}")
  endif()
endif()

find_path(MBEDTLS_SOURCE_DIR library/sha256.c
  PATHS "${mbedtls_folder}" NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(MBEDTLS_SOURCE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Mbedtls REQUIRED_VARS MBEDTLS_SOURCE_DIR)

if(Mbedtls_FOUND)
  set(MBEDTLS_SOURCES
    "${MBEDTLS_SOURCE_DIR}/library/sha256.c" "${MBEDTLS_SOURCE_DIR}/library/platform_util.c")
endif()
