# SPDX-License-Identifier: 0BSD
"""from_go.py: each idiom of docs/from-go.md, in C and in Go, prints what the page says.

The C halves need the library, the Go halves need Go.
"""
from docs import Check, Compiler, ROOT, arguments, blocks, find_go, go_environment, go_has, run


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
        if go and go_has(in_go.text):
            source = compiler.work / f"idiom{compiler.count}.go"
            source.write_text(in_go.text)
            done = run([go, "run", source], env=go_environment(compiler.work))
            check.expect(done.returncode == 0 and done.stdout == printed.text, f"{in_go.where}: {done.stdout}")
    check.expect(len(idioms) >= 8, f"only {len(idioms)} idioms")
    check.finish(f"{len(idioms)} idioms")


main()
