# Warnings, language level and sanitizers: one place, for every room and every test.
set(SANITIZE "" CACHE STRING "sanitizers to build with: address,undefined or thread")
option(FUZZ "build the libFuzzer targets (clang)" OFF)

add_compile_definitions(_POSIX_C_SOURCE=200809L _GNU_SOURCE _FILE_OFFSET_BITS=64)
add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual
  -Wwrite-strings -Wvla -Wundef -Wformat=2 -Wimplicit-fallthrough -Werror
  -fno-strict-aliasing -fno-common "SHELL:-iquote ${CMAKE_SOURCE_DIR}/src")

# Debug builds may be told to die at a place (src/base/crash_point.h).
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(CRASH_POINTS)
endif()

if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()
if(FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# What is installed is hardened as Debian hardens its own, and a little more; test_hardened.sh looks for
# it in the program. What only some machines have is asked for where the compiler knows it.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  include(CheckCCompilerFlag)
  foreach(FLAG -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "HAVE${FLAG}" KNOWN)
    check_c_compiler_flag(${FLAG} ${KNOWN})
    if(${KNOWN})
      add_compile_options(${FLAG})
    endif()
  endforeach()
  add_compile_options(-fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_link_options(-pie)
endif()
