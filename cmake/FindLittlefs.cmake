# SPDX-License-Identifier: MIT
# Finds littlefs v2 and makes the target littlefs::littlefs of its two C files. Sets Littlefs_FOUND.
#
# Where it comes from, the first that there is:
# - WHERRY_LITTLEFS_DIR: a folder that you name;
# - where script/fetch-littlefs puts it: ${XDG_CACHE_HOME:-~/.cache}/wherry/littlefs;
# - with WHERRY_LITTLEFS_FETCH=ON: upstream, at the commit below, while CMake configures.
# Upstream's names begin with lfs_, those in Debian's sources with lfs2_: this file takes either, as
# does wherry/storage/littlefs/lfs.h.
set(WHERRY_LITTLEFS_DIR "" CACHE PATH "A folder with littlefs v2's sources")
option(WHERRY_LITTLEFS_FETCH "Get littlefs from upstream when it is nowhere else" OFF)

set(littlefs_cache "$ENV{XDG_CACHE_HOME}")
if(NOT littlefs_cache)
  set(littlefs_cache "$ENV{HOME}/.cache")
endif()

function(look_for_littlefs folder)
  foreach(prefix IN ITEMS lfs2 lfs)
    if(EXISTS "${folder}/${prefix}.c" AND EXISTS "${folder}/${prefix}_util.c")
      set(Littlefs_SOURCE_DIR "${folder}" PARENT_SCOPE)
      set(Littlefs_SOURCES "${folder}/${prefix}.c" "${folder}/${prefix}_util.c" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

unset(Littlefs_SOURCE_DIR)
if(WHERRY_LITTLEFS_DIR)
  look_for_littlefs("${WHERRY_LITTLEFS_DIR}")
else()
  look_for_littlefs("${littlefs_cache}/wherry/littlefs")
  if(NOT Littlefs_SOURCE_DIR AND WHERRY_LITTLEFS_FETCH)
    include(FetchContent)
    FetchContent_Declare(littlefs
      GIT_REPOSITORY https://github.com/littlefs-project/littlefs.git
      GIT_TAG d01280e64934a09ba16cac60cf9d3a37e228bb66)  # v2.9.3
    FetchContent_MakeAvailable(littlefs)
    look_for_littlefs("${littlefs_SOURCE_DIR}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Littlefs REQUIRED_VARS Littlefs_SOURCE_DIR Littlefs_SOURCES
  REASON_FAILURE_MESSAGE "script/fetch-littlefs gets it")

if(Littlefs_FOUND AND NOT TARGET littlefs::littlefs)
  add_library(wherry_littlefs_library STATIC ${Littlefs_SOURCES})
  add_library(littlefs::littlefs ALIAS wherry_littlefs_library)
  target_include_directories(wherry_littlefs_library SYSTEM PUBLIC "${Littlefs_SOURCE_DIR}")
  target_compile_features(wherry_littlefs_library PRIVATE c_std_99)
  # Not ours: its warnings are nobody's here. It never allocates and never prints.
  target_compile_options(wherry_littlefs_library PRIVATE -w -ffunction-sections -fdata-sections)
  foreach(prefix IN ITEMS LFS2 LFS)
    target_compile_definitions(wherry_littlefs_library PUBLIC
      ${prefix}_NO_MALLOC ${prefix}_NO_DEBUG ${prefix}_NO_WARN ${prefix}_NO_ERROR)
  endforeach()
  # Its assertions stay on wherever there is somewhere to print them, also in release builds.
  if(CMAKE_CROSSCOMPILING)
    target_compile_definitions(wherry_littlefs_library PRIVATE LFS2_NO_ASSERT LFS_NO_ASSERT)
  else()
    target_compile_options(wherry_littlefs_library PRIVATE -UNDEBUG)
  endif()
  if(WHERRY_SANITIZE)
    target_compile_options(wherry_littlefs_library PRIVATE
      -fsanitize=${WHERRY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  endif()
endif()
