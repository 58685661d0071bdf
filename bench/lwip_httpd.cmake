# SPDX-License-Identifier: MIT
# The image of lwip_httpd.cc for the board that is being built: what boards/CMakeLists.txt makes, with
# lwIP's HTTP server in the place of Wherry.
set(boards "${PROJECT_SOURCE_DIR}/boards")
include("${boards}/${WHERRY_BOARD}/board.cmake")
list(REMOVE_ITEM WHERRY_BOARD_SOURCES "${WHERRY_BOARD}/main.cc")
set(fast_sources common/checksum.cc common/fifo.cc ${WHERRY_BOARD_FAST_SOURCES})
set(board_sources common/checksum.cc common/clock.cc common/console.cc common/fifo.cc
  common/network.cc common/random.cc common/runtime.cc common/startup.cc common/watchdog.cc
  ${WHERRY_BOARD_SOURCES})
list(TRANSFORM board_sources PREPEND "${boards}/")
list(TRANSFORM fast_sources PREPEND "${boards}/")

# As lwIP has it by default; beside the port that a board serves at.
add_library(wherry_lwip_httpd_app OBJECT EXCLUDE_FROM_ALL
  "${LWIP_INCLUDE_DIR}/../apps/http/httpd.c")
target_compile_definitions(wherry_lwip_httpd_app PRIVATE HTTPD_SERVER_PORT=8000)
target_compile_options(wherry_lwip_httpd_app PRIVATE -w)  # not ours
target_link_libraries(wherry_lwip_httpd_app PRIVATE wherry_lwip_library)

add_executable(wherry_lwip_httpd EXCLUDE_FROM_ALL lwip_httpd.cc ${board_sources})
set_target_properties(wherry_lwip_httpd PROPERTIES SUFFIX ".elf")
target_include_directories(wherry_lwip_httpd PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(wherry_lwip_httpd PRIVATE
  wherry_lwip_httpd_app wherry::net_lwip wherry_options)
set_source_files_properties(${fast_sources} PROPERTIES COMPILE_OPTIONS -O2)
set_source_files_properties("${boards}/common/runtime.cc"
  PROPERTIES COMPILE_OPTIONS "-O2;-fno-tree-loop-distribute-patterns")
# What sections.ld compares with a board's sum is what there is: this image promises nothing.
target_link_options(wherry_lwip_httpd PRIVATE
  ${WHERRY_BOARD_CPU} -fdata-sections -flto-partition=none -nostartfiles --specs=nano.specs
  -L "${boards}/common" -T "${boards}/${WHERRY_BOARD}/memory.ld"
  # The compiler makes calls of memset() when it has already left that out for having none.
  -Wl,--undefined=memset -Wl,--gc-sections
  -Wl,--defsym=wherry_sum_static=wherry_bss_end-0x20000000
  -Wl,--defsym=wherry_sum_stack=0x1000)
