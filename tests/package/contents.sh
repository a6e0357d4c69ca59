# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# contents.sh: what is installed: symbols, components, manual pages, and no folder of the build.  check.sh reads this file.

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
