# SPDX-License-Identifier: MIT
# What every build without an operating system has in common: how to compile, and what comes from
# elsewhere. The caller has set WHERRY_CORE_OPTIONS: what the compiler is to know of the processor.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "How to build" FORCE)
endif()
add_compile_options(${WHERRY_CORE_OPTIONS} -ffunction-sections -fdata-sections
  -fno-unwind-tables -fno-asynchronous-unwind-tables
  # Where a coroutine goes on is a switch, twice; its table is larger than comparisons are.
  -fno-jump-tables
  # What takes one instruction more than its call is a part of its caller: that lets others go.
  --param=max-inline-insns-size=1
  # A failed assertion prints its file: from the root of the tree on.
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/="
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>
  # Nothing here was built by a g++ before 7.1, whose calls were not quite the same.
  -Wno-psabi)

enable_language(C)  # lwIP and littlefs are C

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
