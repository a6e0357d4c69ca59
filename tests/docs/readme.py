# SPDX-License-Identifier: 0BSD
"""readme.py: does what the README says under "Install and link", line by line, with its own program.

Only the place differs: a scratch prefix instead of /usr/local, and variables where the system's paths would lead.
"""
import os
import re
import shutil
from pathlib import Path

from docs import Check, ROOT, arguments, blocks, need, run


def main():
    check = Check()
    given = arguments()
    need(("cmake",), ("pkg-config", "pkgconf"))
    work = Path(given.work)
    shutil.rmtree(work, ignore_errors=True)
    prefix, user = work / "prefix", work / "user"
    user.mkdir(parents=True)
    readme = blocks(ROOT / "README.md")
    program = next(b for b in readme if b.language == "c")
    check.expect(len(program.text.splitlines()) == 12, "the first program has not 12 lines")
    (user / "program.c").write_text(program.text)

    environment = {k: v for k, v in os.environ.items() if k not in ("CFLAGS", "LDFLAGS", "DESTDIR")}
    environment.update(CC=given.cc, CPATH=f"{prefix}/include", LIBRARY_PATH=f"{prefix}/lib:{prefix}/lib64",
                       LD_LIBRARY_PATH=f"{prefix}/lib:{prefix}/lib64", CMAKE_PREFIX_PATH=str(prefix),
                       PKG_CONFIG_PATH=f"{prefix}/lib/pkgconfig:{prefix}/lib64/pkgconfig")
    ways = 0
    for block in readme:
        if not block.heading.startswith("Install and link"):
            continue
        if block.language == "cmake":
            (user / "CMakeLists.txt").write_text(block.text)
        elif block.language == "sh":
            if "apt-get" in block.text:
                continue  # a machine that builds this has them
            installing = "--install" in block.text
            script = block.text.replace("/usr/local", str(prefix)).replace("build/release", str(work / "build"))
            script = script.replace("sudo ldconfig", ":").replace("sudo ", "").replace("cc program.c", '"$CC" program.c')
            done = run(["sh", "-euc", script], cwd=ROOT if installing else user, env=environment, timeout=280)
            good = done.returncode == 0 and (installing or done.stdout.endswith("1 4 9\n"))
            check.expect(good, f"{block.where}:\n{block.text}{done.stdout[-3000:]}")
            ways += not installing
    check.expect(ways == 3, f"the README shows {ways} ways to link, not 3")
    for name in re.findall(r"`man ((?:lib)?wg\w*)`", (ROOT / "README.md").read_text()):
        section = 7 if name == "libwg" else 3
        page = prefix / f"share/man/man{section}/{name}.{section}"
        check.expect(page.exists(), f"man {name}: no {page}")
    check.finish(f"README, {ways} ways to link")


main()
