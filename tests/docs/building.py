# SPDX-License-Identifier: 0BSD
"""building.py: docs/building.md names every option of CMake with its default, and its way without CMake works.

The commands are run as they are printed, beside copies of include/ and src/; their files and definitions are those of
CMake's own build.
"""
import os
import re
import shutil
from pathlib import Path

from docs import Check, ROOT, arguments, blocks, run

PAGE = ROOT / "docs/building.md"
DEFAULTS = {"${is_top}": "`ON`; inside another project `OFF`"}


def options():
    """The name and the default of each option that the build files make."""
    found = {}
    for path in [ROOT / "CMakeLists.txt", ROOT / "examples/CMakeLists.txt", *sorted(ROOT.glob("cmake/*.cmake"))]:
        text = re.sub(r"#.*", "", path.read_text())
        found.update(re.findall(r'^\s*option\((WG_\w+)\s+"[^"]*"\s+(\S+)\)', text, flags=re.M))
        found.update(re.findall(r'^\s*wg_choice\((WG_\w+)\s+"[^"]*"\s+(\w+)', text, flags=re.M))
        found.update(re.findall(r"^\s*set\((WG_\w+)\s+(\S+)\s+CACHE", text, flags=re.M))
    return {name: DEFAULTS.get(value, f"`{value}`") for name, value in found.items()}


def check_options(check):
    wanted = options()
    check.expect(len(wanted) > 8, f"only {sorted(wanted)} were found in the build files")
    said = dict(re.findall(r"^\| `(WG_\w+)` \| (.+?) \|", PAGE.read_text(), flags=re.M))
    for name in sorted({*wanted, *said}):
        check.expect(said.get(name) == wanted.get(name),
                     f"{PAGE.name} says of {name}: {said.get(name)}; the build files: {wanted.get(name)}")


def elsewhere(sources):
    """The same list where the system has no futex, so that zero-filled groups need the heap, and no affinity mask."""
    return {name.replace("zero_ready", "zero_heap").replace("processors_linux", "processors_posix")
            for name in sources if "futex" not in name}


def check_lists(check, block, sources, definitions):
    named = set(re.findall(r"\bsrc/\w+\.c\b", block.text))
    check.expect(named == sources,
                 f"{block.where} compiles {sorted(named - sources)} in excess and leaves out {sorted(sources - named)}")
    defined = set(re.findall(r"-D(\w+)", block.text))
    check.expect(defined == definitions,
                 f"{block.where} defines {sorted(defined - definitions)} in excess and leaves out "
                 f"{sorted(definitions - defined)}")


def check_commands(check, block, work, cc):
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(ROOT / "include", work / "include")
    shutil.copytree(ROOT / "src", work / "src")
    program = next(b for b in blocks(ROOT / "README.md") if b.language == "c")
    (work / "program.c").write_text(program.text)
    (work / "bin").mkdir()
    (work / "bin/cc").write_text(f'#!/bin/sh\nexec "{cc}" "$@"\n')
    (work / "bin/cc").chmod(0o755)
    done = run(["sh", "-euc", block.text], cwd=work, env={**os.environ, "PATH": f"{work / 'bin'}:{os.environ['PATH']}"})
    check.expect(done.returncode == 0 and done.stdout == "1 4 9\n", f"{block.where}:\n{done.stdout[-3000:]}")


def main():
    check = Check()
    given = arguments(("--sources", "of the static library, in CMake's list"), ("--definitions", "of it"))
    check_options(check)
    sources = set(given.sources.split(";")) - {"src/sem_dispatch.c", "src/annotate_valgrind.c"}
    definitions = {definition.partition("=")[0] for definition in given.definitions.split(";")}
    shown = [b for b in blocks(PAGE) if b.heading == "Without CMake"]
    if check.expect(len(shown) == 2, f"{PAGE.name} shows {len(shown)} ways without CMake, not two"):
        for block, wanted in zip(shown, (sources, elsewhere(sources))):
            check_lists(check, block, wanted, definitions)
            check_commands(check, block, Path(given.work), given.cc)
    check.finish("options, and the way without CMake")


main()
