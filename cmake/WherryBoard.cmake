# SPDX-License-Identifier: MIT
# Firmware instead of a host's program: WHERRY_BOARD names a folder of boards/. That folder's
# board.cmake says which processor it has, its lwipopts.h how much network.
set(board_folder "${PROJECT_SOURCE_DIR}/boards/${WHERRY_BOARD}")
include("${board_folder}/board.cmake")  # WHERRY_BOARD_CPU
set(WHERRY_CORE_OPTIONS ${WHERRY_BOARD_CPU})
set(WHERRY_LWIP_OPTIONS_DIR "${board_folder}")
add_compile_definitions(WHERRY_TERSE_ASSERTIONS)
include(WherryBareMetal)
