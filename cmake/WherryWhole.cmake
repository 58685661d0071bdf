# SPDX-License-Identifier: MIT
# wherry::wherry: all rooms at once, with every back end and port that this host has.
get_property(rooms GLOBAL PROPERTY WHERRY_ROOMS)
add_library(wherry_whole INTERFACE)
add_library(wherry::wherry ALIAS wherry_whole)
set_target_properties(wherry_whole PROPERTIES EXPORT_NAME wherry)
target_link_libraries(wherry_whole INTERFACE ${rooms})
