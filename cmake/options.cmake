# Compiler settings shared by every target. C17, no extensions; asserts stay on in every preset.
option(DVARA_WERROR "treat warnings as errors" OFF)
option(DVARA_HARDENED "fortify, stack protector, RELRO, PIE" OFF)
option(DVARA_FUZZ "build the libFuzzer targets (needs clang)" OFF)
option(DVARA_BUILD_TESTS "build tests/" ON)
set(DVARA_SANITIZE "" CACHE STRING "value for -fsanitize=")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# POSIX and Linux interfaces (accept4, memmem, pidfd ...) without compiler extensions.
add_compile_definitions(_GNU_SOURCE)
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

add_compile_options(
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough
  -fno-strict-overflow -fno-common)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT DVARA_SANITIZE)
  add_compile_options(-Wnull-dereference) # sanitizer instrumentation makes it report its own checks
endif()
if(DVARA_WERROR)
  add_compile_options(-Werror)
endif()
if(DVARA_HARDENED)
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
  set(CMAKE_C_LINK_PIE_SUPPORTED ON)
  add_link_options(-pie)
endif()
if(DVARA_SANITIZE)
  add_compile_options(-fsanitize=${DVARA_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${DVARA_SANITIZE})
  if(DVARA_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
  endif()
endif()
if(DVARA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
