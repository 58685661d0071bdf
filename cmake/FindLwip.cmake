# SPDX-License-Identifier: MIT
# Finds the sources of lwIP 2.1.3, the TCP/IP of boards; fetches them where that is possible.
#
# WHERRY_LWIP_DIR names a copy: the folder in which src/ lies. Default: one in the user's cache,
# filled by script/fetch-lwip where there is apt, else by a download that is checked by its hash.
# Defines Lwip_FOUND, LWIP_INCLUDE_DIR, LWIP_SOURCES: what the port needs, raw API and IPv4.
if(DEFINED ENV{XDG_CACHE_HOME})
  set(lwip_cache "$ENV{XDG_CACHE_HOME}/wherry/lwip")
else()
  set(lwip_cache "$ENV{HOME}/.cache/wherry/lwip")
endif()
set(WHERRY_LWIP_DIR "${lwip_cache}" CACHE PATH "Folder of lwIP 2.1.3: the one in which src/ lies")

set(lwip_folder "${WHERRY_LWIP_DIR}")
if(NOT EXISTS "${lwip_folder}/src/include/lwip/init.h" AND Lwip_FIND_REQUIRED)
  find_program(WHERRY_APT_GET apt-get)
  mark_as_advanced(WHERRY_APT_GET)
  if(WHERRY_APT_GET)
    execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/../script/fetch-lwip" "${lwip_folder}")
  else()
    include(FetchContent)
    FetchContent_Declare(lwip
      URL "https://deb.debian.org/debian/pool/main/l/lwip/lwip_2.1.3+dfsg1.orig.tar.xz"
      URL_HASH SHA256=0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24
      SOURCE_SUBDIR does-not-exist)  # its own build is of no use here
    FetchContent_MakeAvailable(lwip)
    set(lwip_folder "${lwip_SOURCE_DIR}")
  endif()
endif()

find_path(LWIP_INCLUDE_DIR lwip/init.h
  PATHS "${lwip_folder}/src/include" NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(LWIP_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Lwip REQUIRED_VARS LWIP_INCLUDE_DIR)

if(Lwip_FOUND)
  set(LWIP_SOURCES
    core/def.c core/inet_chksum.c core/init.c core/ip.c core/mem.c core/memp.c core/netif.c
    core/pbuf.c core/stats.c core/tcp.c core/tcp_in.c core/tcp_out.c core/timeouts.c core/udp.c
    core/ipv4/dhcp.c core/ipv4/etharp.c core/ipv4/icmp.c core/ipv4/ip4.c core/ipv4/ip4_addr.c
    core/ipv4/ip4_frag.c netif/ethernet.c)
  list(TRANSFORM LWIP_SOURCES PREPEND "${LWIP_INCLUDE_DIR}/../")
endif()
