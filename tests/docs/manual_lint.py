# SPDX-License-Identifier: 0BSD
"""manual_lint.py: the installed manual is whole, and mandoc and groff find nothing to say."""
import os
import re
import shutil
from pathlib import Path

from docs import Check, PAGES, Page, arguments, need, run

# Pages of others that ours refer to; mandoc can look for them only where they are installed.
ELSEWHERE = {"futex 2", "fork 2", "write 2", "abort 3", "calloc 3", "dispatch_semaphore_create 3", "longjmp 3",
             "malloc 3", "pthread_create 3", "pthread_exit 3", "sem_init 3", "pthreads 7"}

PROJECT = """cmake_minimum_required(VERSION 3.16)
project(manual LANGUAGES NONE)
set(CMAKE_INSTALL_MANDIR share/man)
add_subdirectory({folder} man)
"""


def install(check, work):
    """The manual as docs/man/CMakeLists.txt installs it."""
    (work / "CMakeLists.txt").write_text(PROJECT.format(folder=PAGES[0].parent))
    for command in (["cmake", "-S", work, "-B", work / "b", f"-DCMAKE_INSTALL_PREFIX={work / 'p'}"],
                    ["cmake", "--install", work / "b"]):
        done = run(command)
        check.expect(done.returncode == 0, f"{command}: {done.stdout}")
    return work / "p/share/man"


def check_links(check, man):
    for path in PAGES:
        folder = man / f"man{path.suffix[1]}"
        check.expect((folder / path.name).is_file(), f"{path.name} is not installed")
        for name in Page(path).names():
            target = folder / (name + path.suffix)
            if not check.expect(target.is_file(), f"{name}{path.suffix} is not installed"):
                continue
            if target.name != path.name:
                check.expect(target.is_symlink() and os.readlink(target) == path.name, f"{target.name} is no link to it")
            # What a reader gets.
            shown = run(["groff", "-mandoc", "-Tascii", "-ww", target], cwd=man)
            text = re.sub(".\b", "", shown.stdout)
            check.expect(shown.returncode == 0 and name in text, f"{target.name} does not show {name}:\n{text[:400]}")


def main():
    check = Check()
    work = Path(arguments().work)
    mandoc, groff, _ = need(("mandoc",), ("groff",), ("cmake",))
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    man = install(check, work)
    environment = {**os.environ, "MANPATH": str(man)}
    for path in PAGES:
        said = run([mandoc, "-T", "lint", "-W", "style", path], env=environment).stdout.splitlines()
        for line in said:
            other = re.search(r"referenced manual not found: Xr (\w+ \d)", line)
            known = other is not None and other.group(1) in ELSEWHERE
            check.expect(known or "outdated mandoc.db" in line, line)
        said = run([groff, "-mandoc", "-Tutf8", "-ww", "-z", path])
        check.expect(said.returncode == 0 and said.stdout == "", f"{path.name}: {said.stdout}")
        wide = [line for line in run([mandoc, "-T", "ascii", "-O", "width=78", path]).stdout.splitlines()
                if len(re.sub(".\b", "", line)) > 80]
        check.expect(not wide, f"{path.name} is shown wider than 80 columns: {wide}")
    check_links(check, man)
    check.finish("manual")


main()
