# SPDX-License-Identifier: MIT
# `cmake --install`: headers, libraries, the package that find_package(wherry) finds, the program.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/wherry")
get_property(rooms GLOBAL PROPERTY WHERRY_ROOMS)

if(TARGET wherry_test_client)
  set(test_client wherry_test_client)
endif()
install(TARGETS ${rooms} wherry_whole ${test_client} EXPORT wherryTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT wherryTargets NAMESPACE wherry:: DESTINATION "${package_folder}")

# All headers but those of tests, those of boards' ports (a board is built in this tree), and those
# inside a room that name a library which its user need not have.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/wherry" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h"
  REGEX "_(for_test|test|vectors)\\.h$" EXCLUDE
  REGEX "/test_[^/]*\\.h$" EXCLUDE
  REGEX "/wherry/net/lwip$" EXCLUDE
  REGEX "/wherry/storage/littlefs$" EXCLUDE
  REGEX "/wherry/net/asio/(asio_library|connection|engine|handler_memory)\\.h$" EXCLUDE
  REGEX "/wherry/app/rapidjson\\.h$" EXCLUDE)

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/wherryConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/wherryConfig.cmake" INSTALL_DESTINATION "${package_folder}")
# Before 1.0 a minor version may change what a user relies on.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/wherryConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/wherryConfig.cmake"
  "${PROJECT_BINARY_DIR}/wherryConfigVersion.cmake"
  DESTINATION "${package_folder}")
if(WHERRY_LIBDEFLATE)
  install(FILES "${PROJECT_SOURCE_DIR}/wherry/base/Findlibdeflate.cmake"
    DESTINATION "${package_folder}")
endif()

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
if(TARGET wherry_program)
  install(TARGETS wherry_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
