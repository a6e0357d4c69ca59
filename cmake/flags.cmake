# SPDX-License-Identifier: 0BSD
# What this compiler and linker can do, asked and not guessed.  Sets variables; the targets take them.
wg_choice(WG_VALGRIND "Tell Valgrind's race detectors what is ordered; auto: if its headers are there" auto on off)
option(WG_LTO_OBJECTS "With gcc, add to libwg.a what a user's -flto needs to inline wg_add and wg_done" ON)
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckIncludeFile)

# Atomics.  Those of libatomic take locks.  With them no call would be async-signal-safe, and no group could be shared.
check_c_source_compiles("
  #include <stdatomic.h>
  #if ATOMIC_LLONG_LOCK_FREE != 2
  #error
  #endif
  int main(void) { return 0; }" WG_HAVE_ATOMIC_64)
if(NOT WG_HAVE_ATOMIC_64)
  message(FATAL_ERROR "libwg: this compiler has no lock-free 64-bit atomics for its target, without which wg_add() and "
    "wg_done() would not be async-signal-safe and no group could be shared by processes.  If the processor has them "
    "(x86 since the Pentium, ARM since v6K), say so in CMAKE_C_FLAGS, for example by -march=i586, or take a later compiler "
    "(for 32-bit x86 clang 19 has them, clang 14 not).")
endif()
# Smaller ones may still be calls.
set(source "
  #include <stdatomic.h>
  #include <stdint.h>
  static _Atomic uint64_t word; static atomic_uchar byte; static void *_Atomic pointer;
  int main(int argc, char **argv) {
    uint64_t seen = atomic_fetch_add(&word, (uint64_t)argc);
    return atomic_compare_exchange_strong(&word, &seen, 1) + atomic_exchange(&byte, 1) +
           (atomic_exchange(&pointer, argv) != 0); }")
check_c_source_compiles("${source}" WG_ATOMICS_LINK)
set(WG_FLAG_LIBRARIES)
if(NOT WG_ATOMICS_LINK)
  set(CMAKE_REQUIRED_LIBRARIES atomic)
  check_c_source_compiles("${source}" WG_ATOMICS_LINK_LIBATOMIC)
  unset(CMAKE_REQUIRED_LIBRARIES)
  if(NOT WG_ATOMICS_LINK_LIBATOMIC)
    message(FATAL_ERROR "libwg: C11 atomics do not link for this target, nor with -latomic.")
  endif()
  set(WG_FLAG_LIBRARIES atomic)
endif()

set(WG_HAVE_VALGRIND 0)
if(NOT WG_VALGRIND STREQUAL "off")
  set(WG_HAVE_VALGRIND 1)
  foreach(tool valgrind helgrind drd)
    check_include_file(valgrind/${tool}.h WG_HAVE_${tool}_H)
    if(NOT WG_HAVE_${tool}_H)
      set(WG_HAVE_VALGRIND 0)
    endif()
  endforeach()
  if(WG_VALGRIND STREQUAL "on" AND NOT WG_HAVE_VALGRIND)
    message(FATAL_ERROR "libwg: WG_VALGRIND=on, but valgrind/valgrind.h, helgrind.h and drd.h were not all found.")
  endif()
endif()
set(WG_DETECTOR_SOURCES)
if(WG_HAVE_VALGRIND)
  list(APPEND WG_DETECTOR_SOURCES src/annotate_valgrind.c)
endif()
set(WG_HAVE_TSAN 0)
if(NOT APPLE AND NOT WIN32) # ELF, where a weak reference may be missing
  set(WG_HAVE_TSAN 1)
  list(APPEND WG_DETECTOR_SOURCES src/annotate_tsan.c)
endif()
set(WG_FLAG_DEFINITIONS WGI_HAVE_TSAN=${WG_HAVE_TSAN} WGI_HAVE_VALGRIND=${WG_HAVE_VALGRIND})

# Calls out of the library go straight to their target, calls inside it are inlined.
set(WG_COMPILE_OPTIONS)
if(UNIX AND NOT APPLE)
  foreach(flag -fno-plt -fno-semantic-interposition)
    string(MAKE_C_IDENTIFIER WG_HAVE${flag} have)
    check_c_compiler_flag(${flag} ${have})
    if(${have})
      list(APPEND WG_COMPILE_OPTIONS ${flag})
    endif()
  endforeach()
endif()

# Names that a compiler makes up, such as those of gcc's LTO sections, are the same in each build.
check_c_compiler_flag(-frandom-seed=x WG_HAVE_RANDOM_SEED)

# Sanitizers leave names open in shared libraries, and want the code that was compiled to be the code that runs.
get_directory_property(options COMPILE_OPTIONS)
string(TOUPPER "CMAKE_C_FLAGS_${CMAKE_BUILD_TYPE}" flags)
string(REGEX MATCH "-fsanitize|--coverage|-fprofile" is_instrumented "${CMAKE_C_FLAGS} ${${flags}} ${options}")

# Each object serves both kinds of linking, also when CMake adds -flto by itself: only gcc can link an object that has
# nothing but an LTO half.  wg.c, which has the fast paths, offers its LTO half without -flto, too.  gcc takes that half
# for any link.  What -fsanitize=thread must leave alone in it is said in src/compiler.h (WGI_UNSEEN_BY_LTO).  -O2, since
# gcc does not inline a function that was compiled at a higher level than its caller.
set(WG_STATIC_COMPILE_OPTIONS)
if(WG_LTO_OBJECTS AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT is_instrumented)
  set(map -ffile-prefix-map=${PROJECT_SOURCE_DIR}=/libwg) # absolute, or gcc adds the folder of the build
  check_c_compiler_flag("-flto -ffat-lto-objects ${map}" WG_HAVE_FAT_LTO)
  if(WG_HAVE_FAT_LTO)
    set(WG_STATIC_COMPILE_OPTIONS -ffat-lto-objects)
    set(when $<AND:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,STATIC_LIBRARY>,$<NOT:$<CONFIG:Debug>>>)
    set_source_files_properties(src/wg.c PROPERTIES COMPILE_OPTIONS "$<${when}:-flto>;$<${when}:${map}>;$<${when}:-O2>")
  endif()
endif()

# ELF: every name is found at link time, and only the public ones go out, with the version of the ABI.  The code stays
# loaded after dlclose(): a thread that has counted off may have some instructions of wg_done() left.
set(WG_SHARED_LINK_OPTIONS)
if(UNIX AND NOT APPLE)
  if(NOT is_instrumented)
    list(APPEND WG_SHARED_LINK_OPTIONS LINKER:-z,defs)
  endif()
  configure_file(${CMAKE_CURRENT_LIST_DIR}/wg.map.in ${PROJECT_BINARY_DIR}/wg.map @ONLY)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,--version-script=${PROJECT_BINARY_DIR}/wg.map)
  check_c_source_compiles("int main(void) { return 0; }" WG_HAVE_VERSION_SCRIPT)
  set(CMAKE_REQUIRED_LINK_OPTIONS -Wl,-z,nodelete)
  check_c_source_compiles("int main(void) { return 0; }" WG_HAVE_NODELETE)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  if(WG_HAVE_VERSION_SCRIPT)
    list(APPEND WG_SHARED_LINK_OPTIONS LINKER:--version-script=${PROJECT_BINARY_DIR}/wg.map)
  endif()
  if(WG_HAVE_NODELETE)
    list(APPEND WG_SHARED_LINK_OPTIONS LINKER:-z,nodelete)
  endif()
endif()

set(WG_WARNINGS)
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang" AND NOT MSVC)
  set(WG_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wvla -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wwrite-strings -Wcast-qual)
endif()
