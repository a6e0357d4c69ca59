#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check.sh WORK CASE: one way to use the installed library.  `install` goes first: the prefix that most cases share.
# The environment names SOURCE, CMAKE, CC, CMAKE_GENERATOR, VERSION and ABI.  A missing tool skips its case (77);
# with WG_PACKAGE_STRICT=1 it fails it.
set -eu
unset DESTDIR CFLAGS CXXFLAGS LDFLAGS PKG_CONFIG_PATH PKG_CONFIG_LIBDIR LD_LIBRARY_PATH CMAKE_PREFIX_PATH wg_DIR
: "${SOURCE:?}" "${CMAKE:?}" "${CC:?}" "${VERSION:?}" "${ABI:?}"
here=$(cd "$(dirname "$0")" && pwd)
case=$2
shared_work=$1
prefix=$shared_work/install/prefix
work=$shared_work/$case
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd -P)
export CMAKE_GENERATOR CC CMAKE_FIND_USE_PACKAGE_REGISTRY=OFF

fail() {
    echo "FAILED: $*"
    exit 1
}

need() {
    for tool; do
        command -v "$tool" >/dev/null && continue
        echo "SKIPPED: needs $tool"
        [ "${WG_PACKAGE_STRICT:-0}" = 0 ] || fail "which this machine must have"
        exit 77
    done
}

# quiet COMMAND...: its output only if it fails.
quiet() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail "$*"
    }
}

# refused TEXT COMMAND...: it must fail, and say TEXT.
refused() {
    text=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        fail "accepted: $*"
    fi
    # cmake breaks its lines where it likes
    tr -s ' \n' '  ' <"$work/log" | grep -q -e "$text" || {
        cat "$work/log"
        fail "does not say '$text': $*"
    }
}

# build_library BUILD [CMAKE-OPTION...]
build_library() {
    build=$1
    shift
    quiet "$CMAKE" -S "$SOURCE" -B "$build" -DCMAKE_BUILD_TYPE=Release -DWG_BUILD_TESTS=OFF -DWG_BUILD_EXAMPLES=OFF \
        -DWG_BUILD_BENCH=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@"
    quiet "$CMAKE" --build "$build" --parallel 2
}

# runs PROGRAM: it must print the version, and that three tasks ran.
runs() {
    result=$("$@") || fail "$* ended with $?"
    [ "$result" = "$VERSION 3" ] || fail "$* printed $result"
}

# linked shared|static PROGRAM
linked() {
    found=static
    if readelf -d "$2" | grep -q "NEEDED.*libwg\.so\.$ABI\]"; then
        found=shared
    fi
    [ "$found" = "$1" ] || fail "$2 is linked with the $found library, not with the $1 one"
}

# consumer BUILD PREFIX shared|static [CMAKE-OPTION...]
consumer() {
    build=$1 where=$2 flavour=$3
    shift 3
    quiet "$CMAKE" -S "$here/consumer" -B "$build" -DCMAKE_PREFIX_PATH="$where" "$@"
    quiet "$CMAKE" --build "$build"
    linked "$flavour" "$build/consumer"
    runs "$build/consumer"
}

# with_pc PKGCONFIG-FOLDER shared|static: builds main.c by what pkg-config says and runs it.
with_pc() {
    options=
    [ "$2" = shared ] || options=--static
    # shellcheck disable=SC2086 # none or one word
    cflags=$(PKG_CONFIG_PATH=$1 pkg-config --cflags wg) libs=$(PKG_CONFIG_PATH=$1 pkg-config --libs $options wg)
    libdir=$(PKG_CONFIG_PATH=$1 pkg-config --variable=libdir wg)
    [ "$2" = shared ] || libs=$(printf '%s' "$libs" | sed 's/-lwg\b/-Wl,-Bstatic -lwg -Wl,-Bdynamic/')
    # shellcheck disable=SC2086 # words
    quiet "$CC" $cflags "$here/consumer/main.c" -o "$work/$2" $libs
    linked "$2" "$work/$2"
    if [ "$2" = shared ]; then
        LD_LIBRARY_PATH=$libdir runs "$work/$2"
    else
        runs "$work/$2"
    fi
}

install_case() {
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib
    quiet "$CMAKE" --install "$work/build"
}

cmake_flavours() {
    consumer "$work/a" "$prefix" shared
    consumer "$work/b" "$prefix" static -DBUILD_SHARED_LIBS=OFF
    consumer "$work/c" "$prefix" shared -DBUILD_SHARED_LIBS=ON
    consumer "$work/d" "$prefix" shared -DLINK=wg::wg_shared -DBUILD_SHARED_LIBS=OFF
    consumer "$work/e" "$prefix" static -DLINK=wg::wg_static
}

cmake_components() {
    consumer "$work/a" "$prefix" static -DCOMPONENTS=static -DBUILD_SHARED_LIBS=ON
    consumer "$work/b" "$prefix" shared -DCOMPONENTS=shared -DBUILD_SHARED_LIBS=OFF
    refused 'nope' "$CMAKE" -S "$here/consumer" -B "$work/c" -DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENTS=nope
}

cmake_version() {
    consumer "$work/a" "$prefix" shared -DWANT="$VERSION"
    consumer "$work/b" "$prefix" shared -DWANT="${VERSION%.*}"
    major=${VERSION%%.*} minor=${VERSION#*.}
    minor=${minor%%.*}
    set -- "$major.$((minor + 1))" "$((major + 1))" "${VERSION%.*}.99"
    # While the major version is 0, the one before is another ABI too.
    if [ "$major" -eq 0 ] && [ "$minor" -gt 0 ]; then
        set -- "$@" "0.$((minor - 1))"
    fi
    for other; do
        refused "version: $VERSION" "$CMAKE" -S "$here/consumer" -B "$work/c$other" -DCMAKE_PREFIX_PATH="$prefix" \
            -DWANT="$other"
    done
}

cmake_moved() {
    cp -R "$prefix" "$work/elsewhere"
    mv "$prefix" "$prefix.away"
    trap 'mv "$prefix.away" "$prefix"' EXIT
    consumer "$work/a" "$work/elsewhere" shared
    consumer "$work/b" "$work/elsewhere" static -DCOMPONENTS=static
    consumer "$work/c" "" shared -Dwg_DIR="$work/elsewhere/lib/cmake/wg"
}

cmake_no_archive() {
    cp -R "$prefix" "$work/prefix"
    rm "$work/prefix/lib/libwg.a"
    consumer "$work/a" "$work/prefix" shared
    refused 'static' "$CMAKE" -S "$here/consumer" -B "$work/b" -DCMAKE_PREFIX_PATH="$work/prefix" -DCOMPONENTS=static
    cp -R "$prefix" "$work/other"
    rm "$work/other"/lib/libwg.so*
    consumer "$work/c" "$work/other" static
    rm "$work/other/lib/libwg.a"
    refused 'neither' "$CMAKE" -S "$here/consumer" -B "$work/d" -DCMAKE_PREFIX_PATH="$work/other"
}

install_absolute() {
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR="$work/abs/lib" \
        -DCMAKE_INSTALL_INCLUDEDIR="$work/abs/dev/include"
    quiet "$CMAKE" --install "$work/build"
    rm -r "$work/build"
}

cmake_absolute() {
    install_absolute
    consumer "$work/a" "" shared -Dwg_DIR="$work/abs/lib/cmake/wg"
    consumer "$work/b" "" static -Dwg_DIR="$work/abs/lib/cmake/wg" -DCOMPONENTS=static
}

cmake_cxx_only() {
    need c++
    consumer "$work/a" "$prefix" shared -DLANGUAGE=CXX
    consumer "$work/b" "$prefix" static -DLANGUAGE=CXX -DCOMPONENTS=static
}

# A shared library that embeds libwg.a gives none of its names away.
cmake_hidden_static() {
    consumer "$work/a" "$prefix" static -DCOMPONENTS=static
    nm -D --defined-only "$work/a/libembed.so" >"$work/names"
    grep -q embed_count "$work/names" || fail "the probe has no names"
    if grep wg "$work/names"; then
        fail "libwg's names leak out of a library that embeds it"
    fi
}

pkgconfig_shared() {
    need pkg-config
    quiet pkg-config --validate "$prefix/lib/pkgconfig/wg.pc"
    with_pc "$prefix/lib/pkgconfig" shared
    found=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --modversion wg)
    [ "$found" = "$VERSION" ] || fail "wg.pc says version $found"
    if PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --libs wg | grep -e -pthread -e dispatch; then
        fail "what only a static link needs is in Libs"
    fi
}

# By --static, and in a program that has no shared library at all.
pkgconfig_static() {
    need pkg-config
    with_pc "$prefix/lib/pkgconfig" static
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --static --libs wg | grep -q -e -pthread ||
        fail "--static does not ask for threads"
    # shellcheck disable=SC2046 # words
    quiet "$CC" -static "$here/consumer/main.c" -o "$work/alone" \
        $(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --static --cflags --libs wg)
    runs "$work/alone"
}

pkgconfig_moved() {
    need pkg-config
    cp -R "$prefix" "$work/elsewhere"
    mv "$prefix" "$prefix.away"
    trap 'mv "$prefix.away" "$prefix"' EXIT
    with_pc "$work/elsewhere/lib/pkgconfig" shared
    with_pc "$work/elsewhere/lib/pkgconfig" static
}

# The prefix /usr: pkg-config must leave out what the compiler knows; and inside a sysroot it must not.
pkgconfig_system() {
    need pkg-config
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR=lib
    DESTDIR=$work/root quiet "$CMAKE" --install "$work/build"
    pc=$work/root/usr/lib/pkgconfig
    [ "$(PKG_CONFIG_LIBDIR=$pc pkg-config --cflags --libs wg | tr -s ' ' | sed 's/ $//')" = -lwg ] ||
        fail "not only -lwg: $(PKG_CONFIG_LIBDIR=$pc pkg-config --cflags --libs wg)"
    found=$(PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_LIBDIR=$pc PKG_CONFIG_SYSTEM_INCLUDE_PATH=/none \
        PKG_CONFIG_SYSTEM_LIBRARY_PATH=/none pkg-config --cflags --libs wg | sed 's/ *$//')
    [ "$found" = "-I$work/root/usr/include -L$work/root/usr/lib -lwg" ] || fail "in a sysroot: $found"
}

# A multiarch folder, staged: what a packager does.
pkgconfig_destdir() {
    need pkg-config
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX=/opt/wg -DCMAKE_INSTALL_LIBDIR=lib/some-triplet/deep
    DESTDIR=$work/stage quiet "$CMAKE" --install "$work/build"
    [ ! -e /opt/wg ] || fail "something was installed outside DESTDIR"
    with_pc "$work/stage/opt/wg/lib/some-triplet/deep/pkgconfig" shared
}

pkgconfig_absolute() {
    need pkg-config
    install_absolute
    with_pc "$work/abs/lib/pkgconfig" shared
    with_pc "$work/abs/lib/pkgconfig" static
    # shellcheck disable=SC2016 # pkg-config's own variable
    if grep -n -F '${prefix}/'"$work" "$work/abs/lib/pkgconfig/wg.pc"; then
        fail "an absolute folder below the prefix"
    fi
}

# Without the shared library every link is static, and must not need --static.
pkgconfig_static_only() {
    need pkg-config
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib -DWG_BUILD_SHARED=OFF
    quiet "$CMAKE" --install "$work/build"
    # shellcheck disable=SC2046 # words
    quiet "$CC" -static "$here/consumer/main.c" -o "$work/alone" \
        $(PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig pkg-config --cflags --libs wg)
    runs "$work/alone"
    PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig pkg-config --libs wg | grep -q -e -pthread || fail "no -pthread in Libs"
    consumer "$work/a" "$work/prefix" static
}

plain() {
    quiet "$CC" -I"$prefix/include" "$here/consumer/main.c" -o "$work/program" -L"$prefix/lib" -lwg
    linked shared "$work/program"
    LD_LIBRARY_PATH=$prefix/lib runs "$work/program"
    quiet "$CC" -I"$prefix/include" "$here/consumer/main.c" "$prefix/lib/libwg.a" -pthread -o "$work/program"
    linked static "$work/program"
    runs "$work/program"
}

cxx() {
    need g++ clang++-14
    for compiler in g++ clang++-14; do
        for standard in c++98 c++11 c++20; do
            quiet "$compiler" -std=$standard -Wall -Wextra -Wpedantic -Werror -Wno-deprecated -Wno-long-long \
                -I"$prefix/include" -x c++ "$here/consumer/main.c" -o "$work/program" -L"$prefix/lib" -lwg
            LD_LIBRARY_PATH=$prefix/lib runs "$work/program"
        done
        for standard in c++11 c++20; do
            quiet "$compiler" -std=$standard -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" \
                "$here/consumer/main.cpp" -o "$work/program" -L"$prefix/lib" -lwg
            LD_LIBRARY_PATH=$prefix/lib runs "$work/program"
        done
    done
}

# names CACHE: the entries that a project has made.
names() {
    sed -n 's/^\([A-Za-z_][A-Za-z0-9_.-]*\):.*/\1/p' "$1/CMakeCache.txt" | sort
}

# as_part HOW: a parent must get the library and nothing else.
as_part() {
    for flavour in static shared; do
        build=$work/$flavour
        set -- "$1" -DHOW="$1" -DWG_SOURCE="$SOURCE" -DCMAKE_INSTALL_PREFIX="$work/prefix-$flavour"
        [ "$flavour" = static ] || set -- "$@" -DBUILD_SHARED_LIBS=ON
        how=$1
        shift
        quiet "$CMAKE" -S "$here/parent" -B "$build" "$@"
        quiet "$CMAKE" --build "$build"
        linked $flavour "$build/consumer"
        runs "$build/consumer"
        [ "$(find "$build" -name 'libwg.*' ! -type l | wc -l)" -eq 1 ] || fail "both libraries were built"
        quiet "$CMAKE" --install "$build"
        [ "$(cd "$work/prefix-$flavour" && find . ! -type d)" = ./bin/consumer ] || fail "more than the parent's was installed"
        set -- "$how"
    done
    quiet "$CMAKE" -S "$here/parent" -B "$work/none" -DHOW=none
    names "$work/none" >"$work/before"
    names "$work/static" | comm -13 "$work/before" - >"$work/new"
    if grep -v -e '^WG_' -e '^wg_' -e '^HOW$' -e '^FETCHCONTENT_' -e '^FIND_PACKAGE_MESSAGE_DETAILS_Threads$' \
        -e '^CMAKE_HAVE_' -e '^CMAKE_PROJECT_VERSION' "$work/new"; then
        fail "the parent's cache has got foreign entries"
    fi
    [ -s "$work/new" ] || fail "the comparison of the caches sees nothing"
    # Both names, whatever the default is.
    for flavour in static shared; do
        quiet "$CMAKE" -S "$here/parent" -B "$work/named-$flavour" -DHOW="$how" -DWG_SOURCE="$SOURCE" -DLINK=wg::wg_$flavour
        quiet "$CMAKE" --build "$work/named-$flavour"
        linked $flavour "$work/named-$flavour/consumer"
    done
}

subdirectory() {
    as_part subdirectory
}

fetchcontent() {
    as_part fetchcontent
    # The parent's own find_package(wg), answered by FetchContent.
    case $("$CMAKE" --version) in
    *' 3.1'* | *' 3.20'* | *' 3.21'* | *' 3.22'* | *' 3.23'*) return 0 ;;
    esac
    quiet "$CMAKE" -S "$here/parent" -B "$work/override" -DHOW=override -DWG_SOURCE="$SOURCE"
    quiet "$CMAKE" --build "$work/override"
    runs "$work/override/consumer"
}

# A parent that installs libwg with itself: then it is whole, and `uninstall` is still the parent's name.
subproject_install() {
    quiet "$CMAKE" -S "$here/parent" -B "$work/build" -DHOW=subdirectory -DWG_SOURCE="$SOURCE" -DWG_INSTALL=ON \
        -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib
    quiet "$CMAKE" --build "$work/build"
    quiet "$CMAKE" --install "$work/build"
    [ -x "$work/prefix/bin/consumer" ] || fail "the parent's own program is not installed"
    consumer "$work/a" "$work/prefix" shared
    consumer "$work/b" "$work/prefix" static -DCOMPONENTS=static
}

meson() {
    need meson ninja pkg-config
    cp -R "$here/meson" "$work/source"
    cp "$here/consumer/main.c" "$work/source"
    mkdir "$work/source/subprojects"
    # A copy: meson does not look for subprojects elsewhere.
    mkdir "$work/source/subprojects/wg"
    for part in CMakeLists.txt cmake include src wg.pc.in LICENSE bench docs examples tests; do
        cp -R "$SOURCE/$part" "$work/source/subprojects/wg/"
    done
    for how in pkg-config cmake static subproject; do
        quiet env PKG_CONFIG_PATH="$prefix/lib/pkgconfig" CMAKE_PREFIX_PATH="$prefix" \
            meson setup -Dhow=$how "$work/$how" "$work/source"
        ! grep -e WARNING -e Warning "$work/log" || fail "meson warns"
        quiet ninja -C "$work/$how"
        LD_LIBRARY_PATH=$prefix/lib runs "$work/$how/consumer"
    done
    linked shared "$work/pkg-config/consumer"
    linked shared "$work/cmake/consumer"
    linked static "$work/static/consumer"
    linked static "$work/subproject/consumer"
    inside=$work/subproject/subprojects/wg/__CMake_build
    [ -e "$inside/CMakeCache.txt" ] || fail "the probe does not see libwg's own build"
    for folder in tests examples bench docs; do
        [ ! -e "$inside/$folder" ] || fail "meson has configured libwg's $folder too"
    done
}

# link_archive SOURCE PROGRAM COMPILER...: with libwg.a.
link_archive() {
    source=$here/consumer/$1 program=$2
    shift 2
    quiet "$@" -O2 -I"$prefix/include" "$source" -o "$program" "$prefix/lib/libwg.a" -pthread
    runs "$program"
}

# hot PROGRAM: the code of the loop in hot.c.
hot() {
    objdump -d --no-show-raw-insn "$1" | sed -n '/<hot[^>]*>:$/,/^$/p'
}

# libwg.a has both halves: gcc -O2 -flto inlines out of it, and everybody else can link it.
lto() {
    need gcc clang-14 objdump
    if ! "$CC" --version | grep -q 'Free Software' || [ "$(uname -m)" != x86_64 ]; then
        echo "SKIPPED: needs gcc for x86-64, where libwg.a has the LTO half"
        exit 77
    fi
    link_archive hot.c "$work/gcc" gcc -fno-lto
    link_archive hot.c "$work/lto" gcc -flto
    link_archive main.c "$work/main" gcc
    link_archive main.c "$work/main-lto" gcc -flto
    link_archive main.c "$work/clang" clang-14
    link_archive main.c "$work/clang-lto" clang-14 -flto -fuse-ld=lld-14
    [ "$(hot "$work/gcc" | grep -c 'call.*<wg_\(add\|done\)>')" -eq 2 ] || fail "the probe sees no calls"
    if hot "$work/lto" | grep 'call.*<wg_\(add\|done\)>'; then
        fail "gcc -O2 -flto did not inline wg_add and wg_done"
    fi
    hot "$work/lto" | grep -q 'lock' || fail "no atomic in the loop"
}

# A build that makes LTO objects by itself: clang, which cannot read gcc's, must still link the archive.
slim_lto() {
    need gcc clang-14
    CC=gcc build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
    quiet "$CMAKE" --install "$work/build"
    prefix=$work/prefix
    link_archive main.c "$work/clang" clang-14
    nm -D --defined-only "$work/prefix/lib/libwg.so.$ABI" | grep -q ' T wg_add' || fail "LTO lost the names"
}

# Prints the functions of the headers.
header_names() {
    cat "$SOURCE"/include/wg/*.h | grep -v -e '^#' -e '^ \*' -e '^/\*' | tr '\n' ' ' | grep -o '\bWG_API [^;]*;' |
        grep -o '\bwg_[a-z_]*(' | tr -d '(' | sort -u
}

# What is given away: wg_* and nothing else, each function of the headers, with the ABI's version; and the soname.
symbols() {
    nm -D --defined-only "$prefix/lib/libwg.so.$VERSION" | awk '$2 != "A" { print $3 }' | sort >"$work/given"
    header_names >"$work/names"
    [ "$(wc -l <"$work/names")" -ge 34 ] || fail "the header was not read: $(wc -l <"$work/names") names"
    sed "s/\$/@@WG_$ABI/" "$work/names" >"$work/wanted"
    diff "$work/wanted" "$work/given" || fail "the names of libwg.so are not those of the headers"
    readelf -d "$prefix/lib/libwg.so" | grep -q "SONAME.*\[libwg\.so\.$ABI\]" || fail "the soname is wrong"
    # An archive has no fence but the prefix of its names.
    if nm --defined-only --extern-only "$prefix/lib/libwg.a" 2>/dev/null |
        awk 'NF == 3 && $3 !~ /^wg_/ && $3 !~ /^wgi_/ && $3 !~ /^__gnu_lto/ { print $3; found = 1 } END { exit !found }'; then
        fail "names in libwg.a that others may have"
    fi
    readelf -s --wide "$prefix/lib/libwg.a" | awk '$8 ~ /^wg/ && $5 == "GLOBAL" && $7 != "UND" && $6 != "HIDDEN" { print $8;
        found = 1 } END { exit !found }' && fail "names in libwg.a that are not hidden"
    return 0
}

# No file says where it was built or installed.
prefix_free() {
    if grep -r -l -F -e "$shared_work" -e "$SOURCE" "$prefix"; then
        fail "these files name the folders of the build"
    fi
}

# The three components are all there is, and each has its own.
components() {
    for component in runtime devel static; do
        quiet "$CMAKE" --install "$shared_work/install/build" --prefix "$work/$component" --component $component
        (cd "$work/$component" && find . ! -type d | sort) >"$work/$component.files"
    done
    printf './lib/libwg.so.%s\n' "$ABI" "$VERSION" | diff - "$work/runtime.files" || fail "runtime"
    echo ./lib/libwg.a | diff - "$work/static.files" || fail "static"
    for file in ./include/wg/wg.h ./include/wg/scope.h ./include/wg/wg.hpp ./lib/libwg.so ./lib/pkgconfig/wg.pc ./lib/cmake/wg/wg-config.cmake; do
        grep -q -x "$file" "$work/devel.files" || fail "devel lacks $file"
    done
    (cd "$prefix" && find . ! -type d | sort) >"$work/all"
    sort "$work"/*.files | diff - "$work/all" || fail "the components are not the whole"
}

# Each function and each type has a page of the manual, and each link leads to one.
manual() {
    header_names >"$work/names"
    [ "$(wc -l <"$work/names")" -ge 34 ] || fail "the header was not read"
    for name in $(cat "$work/names") wg_t wg_storage_t wg_config_t wg_sem_ops_t wg_scope_t wg_scope_config_t wg_task_t; do
        [ -s "$prefix/share/man/man3/$name.3" ] || fail "no manual page for $name"
    done
    grep -q '^\.Sh NAME' "$prefix/share/man/man7/libwg.7" || fail "no libwg(7)"
    for page in "$prefix"/share/man/man3/*.3; do
        grep -q '^\.Sh NAME' "$page" || fail "$page leads to no page"
    done
    [ "$(readlink "$prefix/share/man/man7/wg.7")" = libwg.7 ] || fail "wg(7) is no link to libwg(7)"
}

# Nobody has asked for libdispatch: the library needs the C library alone, and looks for nothing in folders of this
# machine, whatever is on PATH.
dispatch_unasked() {
    library=$prefix/lib/libwg.so.$VERSION
    readelf -d "$library" >"$work/dynamic"
    grep -q 'NEEDED.*\[libc\.' "$work/dynamic" || fail "the probe does not see the C library"
    if grep -E 'NEEDED|RUNPATH|RPATH' "$work/dynamic" | grep -v -E 'NEEDED.*\[(libc|libpthread)\.'; then
        fail "libwg.so needs more than the C library"
    fi
    if nm -D --undefined-only "$library" | grep dispatch; then
        fail "libwg.so calls libdispatch"
    fi
    if grep -r -i -e 'wg::dispatch;' -e ldispatch -e blocks -e swift "$prefix/lib/cmake" "$prefix/lib/pkgconfig" ||
        [ -e "$prefix/lib/cmake/wg/wg-dispatch.cmake" ]; then
        fail "what users are told to link has libdispatch in it"
    fi
}

# With libdispatch, every way to link makes a program that starts without LD_LIBRARY_PATH; and Debian packages are
# refused, since no package there has that library.
dispatch() {
    if ! command -v swiftc >/dev/null; then
        echo "SKIPPED: there is no swiftc, so no libdispatch"
        exit 77
    fi
    need pkg-config
    build_library "$work/on" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib -DWG_DISPATCH=on
    quiet "$CMAKE" --install "$work/on"
    readelf -d "$work/prefix/lib/libwg.so" | grep -q 'NEEDED.*libdispatch' || fail "libwg.so has no libdispatch"
    with_pc "$work/prefix/lib/pkgconfig" shared
    with_pc "$work/prefix/lib/pkgconfig" static
    readelf -d "$work/static" | grep -q 'NEEDED.*libdispatch' || fail "the program has no libdispatch"
    consumer "$work/a" "$work/prefix" shared
    consumer "$work/b" "$work/prefix" static -DCOMPONENTS=static
    need cpack dpkg
    cd "$work/on"
    refused 'WG_DISPATCH=on' cpack -G DEB
    [ -z "$(find . -name '*.deb')" ] || fail "a package was made all the same"
}

# A cross build takes no libdispatch of the building machine: not of the swiftc on PATH, nor one that is for another
# processor or another system.
dispatch_foreign() {
    need aarch64-linux-gnu-gcc zig
    mkdir -p "$work/swift/bin" "$work/swift/lib/swift/linux" "$work/swift/lib/swift/dispatch"
    printf '#!/bin/sh\n' >"$work/swift/bin/swiftc"
    chmod +x "$work/swift/bin/swiftc"
    : >"$work/swift/lib/swift/dispatch/dispatch.h"
    echo 'void *dispatch_semaphore_create(long n) { return n < 0 ? (void *)1 : (void *)0; }' >"$work/one.c"
    for library in dispatch BlocksRuntime; do
        quiet "$CC" -shared -fPIC "$work/one.c" -o "$work/swift/lib/swift/linux/lib$library.so" -Wl,--no-as-needed -lc
    done
    set -- -S "$SOURCE" -DWG_BUILD_TESTS=OFF -DWG_BUILD_EXAMPLES=OFF -DWG_BUILD_BENCH=OFF -DWG_DISPATCH=on
    PATH=$work/swift/bin:$PATH
    quiet "$CMAKE" "$@" -B "$work/native" # what the others refuse
    aarch64=-DCMAKE_TOOLCHAIN_FILE=$SOURCE/cmake/toolchains/linux-aarch64.cmake
    freebsd=-DCMAKE_TOOLCHAIN_FILE=$work/freebsd.cmake # which names no roots
    printf '%s\n' 'set(CMAKE_SYSTEM_NAME FreeBSD)' "set(CMAKE_SYSTEM_PROCESSOR $(uname -m))" 'set(CMAKE_C_COMPILER zig)' \
        "set(CMAKE_C_COMPILER_ARG1 \"cc -target $(uname -m)-freebsd\")" >"$work/freebsd.cmake"
    refused 'no libdispatch was found' "$CMAKE" "$@" -B "$work/a" "$aarch64"
    refused 'no libdispatch was found' "$CMAKE" "$@" -B "$work/b" "$freebsd"
    # Named by the user.
    set -- "$@" -DWG_DISPATCH_INCLUDE_DIR="$work/swift/lib/swift" \
        -DWG_DISPATCH_LIBRARY="$work/swift/lib/swift/linux/libdispatch.so" \
        -DWG_BLOCKS_LIBRARY="$work/swift/lib/swift/linux/libBlocksRuntime.so"
    refused 'does not link for this target' "$CMAKE" "$@" -B "$work/c" "$aarch64"
    refused 'is of another system: it needs libc' "$CMAKE" "$@" -B "$work/d" "$freebsd"
    build_library "$work/freebsd" "$freebsd" -DCMAKE_AR="$(command -v ar)" \
        -DCMAKE_RANLIB="$(command -v ranlib)"
    readelf -d "$work/freebsd/libwg.so" | grep NEEDED >"$work/needed"
    grep -q 'libc\.so\.7' "$work/needed" || fail "no library for FreeBSD"
    if grep -v -E '\[lib(c|thr)\.so' "$work/needed"; then
        fail "the library for FreeBSD needs more than its C library"
    fi
}

# staged NAME SOURCE [CMAKE-OPTION...]: what is installed, and the Debian packages, of a build in a folder of its own.
staged() {
    name=$1 source=$2
    shift 2
    SOURCE=$source build_library "$work/$name/build" -DCMAKE_INSTALL_PREFIX=/usr "$@"
    DESTDIR=$work/$name/stage quiet "$CMAKE" --install "$work/$name/build"
    (cd "$work/$name/build" && quiet cpack -G DEB)
    mkdir "$work/$name/stage/deb"
    mv "$work/$name/build"/*.deb "$work/$name/stage/deb/"
}

same() {
    [ "$(find "$work/$1/stage/deb" -name '*.deb' | wc -l)" -eq 2 ] || fail "the comparison sees no packages"
    quiet diff -r --no-dereference "$work/$1/stage" "$work/$2/stage"
}

# A build makes the same files whenever and wherever it is done.  The path of the source is in the LTO half of libwg.a,
# in a place where gcc lets nobody change it; without that half, the path of the source is nowhere.
reproducible() {
    need cpack dpkg
    SOURCE_DATE_EPOCH=1700000000
    export SOURCE_DATE_EPOCH
    staged one "$SOURCE"
    staged some/other/two "$SOURCE"
    same one some/other/two
    mkdir -p "$work/moved/source/docs"
    for part in CMakeLists.txt cmake include src wg.pc.in LICENSE docs/man; do
        cp -R "$SOURCE/$part" "$work/moved/source/$part"
    done
    staged three "$SOURCE" -DWG_LTO_OBJECTS=OFF
    staged moved "$work/moved/source" -DWG_LTO_OBJECTS=OFF
    same three moved
}

# What a Debian package must say, which lintian does not ask for; the stage 45-fresh-root installs and uses them.
debian() {
    need cpack dpkg-deb dpkg-gensymbols
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX=/usr
    cd "$work/build"
    quiet cpack -G DEB
    package=libwg$ABI
    library=$(echo "${package}_${VERSION}"_*.deb) devel=$(echo "libwg-dev_${VERSION}"_*.deb)
    if ! [ -e "$library" ] || ! [ -e "$devel" ]; then
        fail "not $library and $devel: $(ls -- *.deb)"
    fi
    dpkg-deb -x "$library" root
    dpkg-deb -e "$library" control
    homepage=$(sed -n 's/^CMAKE_PROJECT_HOMEPAGE_URL:STATIC=//p' CMakeCache.txt)
    for deb in "$library" "$devel"; do
        [ "$(dpkg-deb -f "$deb" Homepage)" = "${homepage:?}" ] || fail "the homepage of $deb is not $homepage"
    done
    grep -q -x "URL: $homepage" package/wg.pc || fail "the homepage is not in wg.pc"
    for line in 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/' 'Files: \*' \
        'Copyright: [0-9]* .*' 'License: 0BSD' ' PERFORMANCE OF THIS SOFTWARE.'; do
        grep -q -x -e "$line" "root/usr/share/doc/$package/copyright" || fail "no line '$line' in the copyright"
    done
    if grep -v -e '^[A-Z][A-Za-z-]*: ' -e '^ [^ ]' "root/usr/share/doc/$package/copyright" | grep .; then
        fail "these lines of the copyright are not machine-readable"
    fi
    # The same symbols as in the library: -c4 refuses one that is missing and one too many.
    mkdir debian
    printf 'Source: wg\n\nPackage: %s\nArchitecture: any\n' "$package" >debian/control
    quiet dpkg-gensymbols -c4 -v"$VERSION" -p"$package" -P"root" -Icontrol/symbols -O"$work/symbols"
    [ "$(grep -c " ${VERSION%.*}.0\$" control/symbols)" -gt 24 ] || fail "the symbols are too few"
}

uninstall() {
    mkdir -p "$work/prefix/share/man"
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix"
    quiet "$CMAKE" --install "$work/build"
    quiet "$CMAKE" --install "$work/build"
    [ -d "$work/prefix/include/wg" ] || fail "the probe sees no folder"
    echo mine >"$work/prefix/keep"
    quiet "$CMAKE" --build "$work/build" --target uninstall
    # What was there before stays.
    (cd "$work/prefix" && find . | sort) >"$work/left"
    printf '%s\n' . ./keep ./share ./share/man | diff - "$work/left" || fail "not what was there before"
    refused 'Nothing was installed' "$CMAKE" --build "$work/build" --target uninstall
    # A prefix that was made goes, too; staged as well.
    rm -r "$work/prefix"
    DESTDIR=$work/stage quiet "$CMAKE" --install "$work/build"
    DESTDIR=$work/stage quiet "$CMAKE" --build "$work/build" --target uninstall
    [ "$(find "$work/stage")" = "$work/stage" ] || fail "left: $(find "$work/stage")"
}

# What cannot be had is refused with a sentence; each default semaphore can be chosen.
options() {
    set -- -S "$SOURCE" -DWG_BUILD_TESTS=OFF -DWG_BUILD_EXAMPLES=OFF -DWG_BUILD_BENCH=OFF
    refused 'does not have the semaphore' "$CMAKE" "$@" -B "$work/b" -DWG_SEM=dispatch -DWG_DISPATCH=OFF
    for choice in WG_SEM=mutex WG_SEM=win32 WG_DISPATCH=never WG_VALGRIND=1; do
        refused "$choice is none of" "$CMAKE" "$@" -B "$work/$choice" -D"$choice"
    done
    refused 'both off' "$CMAKE" "$@" -B "$work/c" -DWG_BUILD_SHARED=OFF -DWG_BUILD_STATIC=OFF
    refused 'no lock-free 64-bit atomics' "$CMAKE" "$@" -B "$work/d" \
        -DCMAKE_C_FLAGS='-U__GCC_ATOMIC_LLONG_LOCK_FREE -D__GCC_ATOMIC_LLONG_LOCK_FREE=1'
    for sem in futex posix; do
        build_library "$work/$sem" -DWG_SEM=$sem -DWG_BUILD_SHARED=OFF
        printf '#include <wg/wg.h>\n#include <stdio.h>\nint main(void) { return puts(wg_sem_default()->name) < 0; }\n' \
            >"$work/name.c"
        quiet "$CC" -I"$SOURCE/include" "$work/name.c" -o "$work/name-$sem" "$work/$sem/libwg.a" -pthread
        [ "$("$work/name-$sem")" = $sem ] || fail "WG_SEM=$sem makes $("$work/name-$sem") the default"
    done
}

# Sanitizers leave names open, which the link must allow.
sanitizer() {
    need clang-14
    CC=clang-14 build_library "$work/build" -DCMAKE_C_FLAGS=-fsanitize=thread
    CC=clang-14 build_library "$work/build2" -DCMAKE_C_FLAGS=-fsanitize=address,undefined
}

case $case in
install) install_case ;;
*) "$case" ;;
esac
if [ "$case" != install ]; then
    rm -rf "$work"
fi
echo ok
