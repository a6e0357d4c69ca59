# SPDX-License-Identifier: 0BSD
"""reference.py: Doxygen makes the API reference out of the headers, without a warning."""
import re
import shutil
import sys
from pathlib import Path

from docs import Check, HEADERS, Header, ROOT, arguments, need, run


def main():
    check = Check()
    work = Path(arguments().work)
    doxygen, = need(("doxygen",))
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    text = (ROOT / "include/wg/wg.h").read_text()
    version = ".".join(re.search(rf"WG_VERSION_{part} (\d+)", text).group(1) for part in ("MAJOR", "MINOR", "PATCH"))
    values = {"VERSION": version, "OUTPUT": work, "HEADERS": " ".join(map(str, HEADERS)),
              "REST": ROOT / "docs/reference.dox", "INCLUDE": ROOT / "include",
              "FILTER": f"{sys.executable} {ROOT / 'tests/docs/doxygen_filter.py'}"}
    doxyfile = (ROOT / "docs/Doxyfile.in").read_text()
    for name, value in values.items():
        doxyfile = doxyfile.replace(f"@{name}@", str(value))
    (work / "Doxyfile").write_text(doxyfile)
    done = run([doxygen, work / "Doxyfile"])
    check.expect(done.returncode == 0 and "warning" not in done.stdout, done.stdout)
    pages = "".join(re.sub(r"<[^>]*>|&#160;", "", p.read_text()) for p in sorted((work / "html").glob("*.html")))
    for name in sorted(Header().names()):
        check.expect(re.search(rf"\b{name}\b", pages), f"the reference lacks {name}")
    check.finish(f"reference in {work}/html")


main()
