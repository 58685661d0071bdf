# SPDX-License-Identifier: MIT
# Firmware instead of a host's program: WHERRY_BOARD names a folder of boards/. That folder's
# board.cmake says which processor it has; here is what all boards have in common.
set(board_folder "${PROJECT_SOURCE_DIR}/boards/${WHERRY_BOARD}")
include("${board_folder}/board.cmake")  # WHERRY_BOARD_CPU

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "How to build" FORCE)
endif()
add_compile_options(${WHERRY_BOARD_CPU} -ffunction-sections -fdata-sections
  -fno-unwind-tables -fno-asynchronous-unwind-tables
  # A failed assertion prints its file: from the root of the tree on.
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/="
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>)

enable_language(C)  # both of these are C

set(WHERRY_LWIP_OPTIONS_DIR "${board_folder}")
find_package(Lwip REQUIRED)

if(NOT WHERRY_LITTLEFS_DIR)
  find_program(WHERRY_APT_GET apt-get)
  mark_as_advanced(WHERRY_APT_GET)
  if(WHERRY_APT_GET)
    execute_process(COMMAND "${PROJECT_SOURCE_DIR}/script/fetch-littlefs")  # quiet when it is there
  else()
    set(WHERRY_LITTLEFS_FETCH ON)
  endif()
endif()
find_package(Littlefs REQUIRED)

# RapidJSON is headers alone, so that the host's copy will do; the folder in which it lies will not,
# for the host's C library lies there too.
if(NOT RAPIDJSON_INCLUDE_DIR)
  find_path(host_rapidjson rapidjson/reader.h
    PATHS /usr/include /usr/local/include /opt/homebrew/include
    NO_CMAKE_FIND_ROOT_PATH NO_CACHE REQUIRED)
  set(RAPIDJSON_INCLUDE_DIR "${PROJECT_BINARY_DIR}/rapidjson-alone" CACHE PATH
    "Folder in which the folder rapidjson lies")
  file(MAKE_DIRECTORY "${RAPIDJSON_INCLUDE_DIR}")
  file(CREATE_LINK "${host_rapidjson}/rapidjson" "${RAPIDJSON_INCLUDE_DIR}/rapidjson" SYMBOLIC)
endif()
