# SPDX-License-Identifier: MIT
# One CMake target a room, so that a dependency that the design forbids fails to link.

include(GNUInstallDirs)

add_library(wherry_options INTERFACE)
target_compile_features(wherry_options INTERFACE cxx_std_23)
target_compile_options(wherry_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${WHERRY_WERROR}>:-Werror>
  # g++ 12 sees reads of std::expected's unused half; clang, which checks too, knows better.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
if(WHERRY_SANITIZE)
  target_compile_options(wherry_options INTERFACE
    -fsanitize=${WHERRY_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(wherry_options INTERFACE -fsanitize=${WHERRY_SANITIZE})
endif()
if(WHERRY_FUZZ)
  # The libraries tell the fuzzer which way they went; only its own programs have its main.
  target_compile_options(wherry_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# wherry_room(<name> SOURCES <file>... [USES <room or library>...])
# The library wherry_<name> (alias wherry::<name>): without exceptions and without RTTI.
function(wherry_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
  add_library(wherry_${name} STATIC ${ROOM_SOURCES})
  add_library(wherry::${name} ALIAS wherry_${name})
  set_target_properties(wherry_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(wherry_${name} PUBLIC cxx_std_23)
  target_compile_options(wherry_${name} PRIVATE -fno-exceptions -fno-rtti)
  target_include_directories(wherry_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(wherry_${name} PUBLIC ${ROOM_USES} PRIVATE $<BUILD_INTERFACE:wherry_options>)
  set_property(GLOBAL APPEND PROPERTY WHERRY_ROOMS wherry_${name})
endfunction()

# wherry_room_test(<name> SOURCES <file>... [USES <library>...])
# One GoogleTest program for the unit tests that lie beside a room's sources.
function(wherry_room_test name)
  if(NOT WHERRY_TESTS)
    return()
  endif()
  cmake_parse_arguments(TEST "" "" "SOURCES;USES" ${ARGN})
  add_executable(wherry_${name}_test ${TEST_SOURCES})
  target_link_libraries(wherry_${name}_test PRIVATE
    wherry_${name} ${TEST_USES} wherry_options GTest::gtest GTest::gtest_main)
  target_include_directories(wherry_${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  add_test(NAME unit.${name} COMMAND wherry_${name}_test)
  # Time to tell a program that hangs from one under a sanitizer on a machine with much else to do.
  # The report is that by which script/test counts cases.
  set_tests_properties(unit.${name} PROPERTIES TIMEOUT 600
    ENVIRONMENT "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/results/unit.${name}.xml")
endfunction()
