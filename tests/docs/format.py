# SPDX-License-Identifier: 0BSD
"""format.py: clang-format 14 would change no C or C++ file."""
import re

from docs import Check, ROOT, need, run, tree


def main():
    check = Check()
    tool, = need(("clang-format-14", "clang-format"))
    version = run([tool, "--version"]).stdout
    if not re.search(r"version 14\.", version):
        need(("clang-format-14",))
    files = [file for file in tree() if file.suffix in (".c", ".h", ".cpp", ".cc", ".hpp")]
    for file in files:
        done = run([tool, "--dry-run", "--Werror", "--style=file", file])
        first = done.stdout.partition("\n")[0]
        check.expect(done.returncode == 0, f"{file.relative_to(ROOT)} is not formatted: {first}")
    check.finish(f"format of {len(files)} files")


main()
