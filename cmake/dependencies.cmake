# Every library the project links, found once. Which layer may use which: docs/ARCHITECTURE.md.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(LIBEVENT REQUIRED IMPORTED_TARGET libevent_core libevent_openssl libevent_pthreads)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)

# Hyperscan in two halves: the gateway links only the runtime; compiling patterns is policyc's.
find_path(HS_INCLUDE_DIR hs/hs.h REQUIRED)
# Statically: a program that holds both halves as shared libraries has every IFUNC twice, and the
# loader complains or fails. The compiler is C++.
find_library(HS_LIBRARY NAMES libhs.a hs REQUIRED)
find_library(HS_RUNTIME_LIBRARY NAMES libhs_runtime.a hs_runtime REQUIRED)
add_library(hyperscan_runtime INTERFACE)
target_include_directories(hyperscan_runtime SYSTEM INTERFACE ${HS_INCLUDE_DIR})
target_link_libraries(hyperscan_runtime INTERFACE ${HS_RUNTIME_LIBRARY})
add_library(hyperscan_compile INTERFACE)
target_include_directories(hyperscan_compile SYSTEM INTERFACE ${HS_INCLUDE_DIR})
target_link_libraries(hyperscan_compile INTERFACE ${HS_LIBRARY} stdc++ m)

if(DVARA_BUILD_TESTS)
  pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)
endif()
