# SPDX-License-Identifier: 0BSD
"""bindings.py: the program of docs/bindings.md in one language prints the text below it, with the library of a build.

The sizes that the page names are those of the header, whatever the language.
"""
import os
import sys
from pathlib import Path

from docs import Check, Compiler, ROOT, arguments, blocks, find_go, go_environment, need, run

PAGE = ROOT / "docs/bindings.md"
SIZES = """#include <stdalign.h>
#include <stdio.h>
#include <wg/wg.h>
int main(void)
{
    printf("| `wg_storage_t` | %zu | %zu |\\n", sizeof(wg_storage_t), alignof(wg_storage_t));
    printf("| `wg_config_t` | %zu | %zu |\\n", sizeof(wg_config_t), alignof(wg_config_t));
    return sizeof(void *) == 8 && offsetof(wg_config_t, sem) == 8 && offsetof(wg_config_t, flags) == 16 ? 0 : 1;
}
"""


def python(source, _work):
    return [[sys.executable, source]]


def rust(source, work):
    rustc, = need(("rustc",))
    return [[rustc, "--edition", "2021", "-D", "warnings", "-o", work / "program", source], [work / "program"]]


def go(source, _work):
    found = find_go()
    if not found:
        sys.exit(77)
    return [[found, "run", source]]


def main():
    check = Check()
    given = arguments(("--language", "python, rust or go"))
    compiler = Compiler(given)
    suffix, commands = {"python": (".py", python), "rust": (".rs", rust), "go": (".go", go)}[given.language]
    source = compiler.work / f"program{suffix}"
    commands = commands(source, compiler.work)  # first: without the tool it ends here

    sizes = compiler.run_program(SIZES, check, "the sizes of the header")
    for line in (sizes or "").splitlines():
        check.expect(line in map(str.strip, PAGE.read_text().splitlines()), f"{PAGE.name} does not say {line}")

    parts = blocks(PAGE)
    at = [i for i, block in enumerate(parts) if block.language == given.language]
    if check.expect(len(at) == 1, f"{PAGE.name} has {len(at)} programs in {given.language}, not one"):
        program, printed = parts[at[0]], parts[at[0] + 1]
        source.write_text(program.text)
        folder = Path(given.library).parent
        environment = {**go_environment(compiler.work), "CC": given.cc, "CGO_ENABLED": "1", "CPATH": str(ROOT / "include"),
                       "LIBRARY_PATH": str(folder), "LD_LIBRARY_PATH": str(folder)}
        for command in commands:
            done = run(command, env=environment, cwd=compiler.work)
            if not check.expect(done.returncode == 0, f"{program.where}: {command[0]} says\n{done.stdout}"):
                break
        check.expect(done.stdout == printed.text, f"{program.where} prints\n{done.stdout}not\n{printed.text}")
    check.finish(f"{given.language} of {PAGE.name}")


main()
