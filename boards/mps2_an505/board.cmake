# SPDX-License-Identifier: MIT
# Arm MPS2 with the AN505 image: Cortex-M33, the core of the STM32H563, as QEMU has it.
set(WHERRY_BOARD_CPU -mcpu=cortex-m33+nofp -mthumb)
set(WHERRY_BOARD_SOURCES
  mps2_an505/ethernet.cc mps2_an505/host_file.cc mps2_an505/main.cc mps2_an505/serial.cc
  mps2_an505/watchdog.cc)
