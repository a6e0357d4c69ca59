# SPDX-License-Identifier: 0BSD
"""programs.py: every program of the manual and of the Markdown is built and run; every fragment compiles.

A display in EXAMPLES is a program, or what the one before it prints (its last lines).  A block of Markdown that
is fenced as "c" or "cpp" is a program if it has a main().  Else one in C is a fragment: declarations, or statements;
fragment.h says what it may use.  Code that is not meant to compile is fenced otherwise.  A block that includes a header of another
project is left out where that project is missing.
"""
import re

from docs import Check, Compiler, PAGES, Page, ROOT, arguments, blocks, foreign, markdown

PRELUDE = f'#include "{ROOT / "tests/docs/fragment.h"}"\n'


def fragment(compiler, text, flags):
    """Includes go on top; the rest is at file scope, or else a function's body."""
    includes = "".join(re.findall(r"^#(?:include|define) .*\n", text, flags=re.M))
    rest = re.sub(r"^#(?:include|define) .*\n", "\n", text, flags=re.M)
    said = [compiler.syntax(f"{PRELUDE}{includes}\n{rest}", flags)]
    if said[0]:
        said.append(compiler.syntax(f"{PRELUDE}{includes}\nvoid fragment(void)\n{{\n{rest}}}\n", flags))
    return "" if "" in said else said[-1]


def main():
    check = Check()
    given = arguments()
    compiler = Compiler(given)
    programs = fragments = 0
    for path in PAGES:
        for number, (text, printed) in enumerate(Page(path).programs(), 1):
            programs += 1
            where = f"{path.name}, program {number}"
            out = compiler.run_program(text, check, where)
            if out is not None and printed is not None:
                check.expect(out == printed or out.endswith("\n" + printed), f"{where} prints\n{out}not\n{printed}")
    for path in markdown():
        for block in blocks(path):
            if block.language not in ("c", "cpp"):
                continue
            others = foreign(compiler, block.text)
            if others is None:
                continue
            if re.search(r"\bmain\(", block.text):
                programs += 1
                compiler.run_program(block.text, check, block.where, others)
            elif block.language == "c":
                fragments += 1
                said = fragment(compiler, block.text, others[0])
                check.expect(not said, f"{block.where} does not compile:\n{said}")
    check.expect(programs > 10 and fragments > 0, f"only {programs} programs and {fragments} fragments were found")
    check.finish(f"{programs} programs built and run, {fragments} fragments compiled")


main()
