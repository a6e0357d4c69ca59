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
    done = run([tool, "--dry-run", "--Werror", "--style=file", *files], timeout=280)
    wrong = sorted({line.split(":")[0] for line in done.stdout.splitlines() if "clang-format" in line})
    check.expect(done.returncode == 0, f"not formatted: {wrong or done.stdout}")
    check.finish(f"format of {len(files)} files")


main()
