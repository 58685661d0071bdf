# SPDX-License-Identifier: MIT
# cmake -D NM=... -D IMAGE=... -P check_image.cmake
# Fails when an image has a heap in it, or the machinery of exceptions.
execute_process(COMMAND "${NM}" "${IMAGE}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
set(unwanted
  malloc _malloc_r calloc realloc free _free_r _sbrk _sbrk_r aligned_alloc
  _Znwj _Znaj _ZdlPv _ZdlPvj _ZdaPv  # operator new and delete
  __cxa_throw __cxa_allocate_exception __aeabi_atexit __cxa_atexit)
foreach(name IN LISTS unwanted)
  if(symbols MATCHES "[0-9a-f]+ [A-Za-z] ${name}\n")
    message(SEND_ERROR "${IMAGE} has ${name} in it")
  endif()
endforeach()
