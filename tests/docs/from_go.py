# SPDX-License-Identifier: 0BSD
"""from_go.py: each idiom of docs/from-go.md, in C and in Go, prints what the page says.

The C halves need the library; the Go halves need Go 1.25 or later, named by WG_GO or found as "go".
"""
import os
import re
import shutil
import sys

from docs import Check, Compiler, ROOT, arguments, blocks, run


def find_go():
    go = os.environ.get("WG_GO") or shutil.which("go")
    version = re.search(r"go(\d+)\.(\d+)", run([go, "version"]).stdout) if go else None
    if version and (int(version.group(1)), int(version.group(2))) >= (1, 25):
        return go
    if os.environ.get("WG_DOCS_STRICT") == "1":
        sys.exit("no Go 1.25 on this machine")
    print("SKIPPED: the Go halves, as there is no Go 1.25 on this machine")
    return None


def main():
    check = Check()
    compiler = Compiler(arguments())
    go = find_go()
    idioms = {}
    for block in blocks(ROOT / "docs/from-go.md"):
        if block.language != "c" or "main(" in block.text:
            idioms.setdefault(block.heading, []).append(block)
    for heading, parts in idioms.items():
        if not check.expect([part.language for part in parts] == ["go", "c", "text"],
                            f'"{heading}" is not a Go program, a C program and what they print'):
            continue
        in_go, in_c, printed = parts
        out = compiler.run_program(in_c.text, check, in_c.where)
        if out is not None:
            check.expect(out == printed.text, f"{in_c.where} prints\n{out}not\n{printed.text}")
        if go:
            source = compiler.work / f"idiom{compiler.count}.go"
            source.write_text(in_go.text)
            cache = {**os.environ, "GOCACHE": str(compiler.work / "gocache"), "GOTOOLCHAIN": "local",
                     "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
            done = run([go, "run", source], env=cache)
            check.expect(done.returncode == 0 and done.stdout == printed.text, f"{in_go.where}: {done.stdout}")
    check.expect(len(idioms) >= 8, f"only {len(idioms)} idioms")
    check.finish(f"{len(idioms)} idioms")


main()
