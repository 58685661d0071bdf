# SPDX-License-Identifier: MIT
# Bare-metal Arm, by GNU's compilers. Which core it is for is the board's affair (WHERRY_BOARD).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_SIZE arm-none-eabi-size CACHE STRING "Prints how large an image is")

# Without a linker script and a start-up there is nothing to link a trial with.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# What lies in the host's folders is the host's.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
