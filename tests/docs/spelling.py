# SPDX-License-Identifier: 0BSD
"""spelling.py: codespell over every text of the project."""
from docs import Check, ROOT, need, run, tree

NOT_TEXT = {".png", ".svg", ".abi", ".json"}


def main():
    check = Check()
    codespell, = need(("codespell",))
    files = [file for file in tree() if file.suffix not in NOT_TEXT]
    done = run([codespell, "--ignore-words-list", "nd,alls,cancelability", *files], cwd=ROOT)
    check.expect(done.returncode == 0 and not done.stdout, done.stdout)
    check.finish(f"spelling of {len(files)} files")


main()
