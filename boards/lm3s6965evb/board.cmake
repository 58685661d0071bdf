# SPDX-License-Identifier: MIT
# Luminary (Stellaris) LM3S6965 evaluation board: Cortex-M3, 256 KiB of flash, 64 KiB of RAM.
set(WHERRY_BOARD_CPU -mcpu=cortex-m3 -mthumb)
set(WHERRY_BOARD_SOURCES
  lm3s6965evb/ethernet.cc lm3s6965evb/main.cc lm3s6965evb/sd_card.cc lm3s6965evb/serial.cc
  lm3s6965evb/spi.cc lm3s6965evb/watchdog.cc)
set(WHERRY_BOARD_FAST_SOURCES lm3s6965evb/spi.cc)
# A second image, which is small: main.cc says what it leaves out.
set(WHERRY_BOARD_HAS_IMAGE_WITHOUT_UPLOADS ON)
