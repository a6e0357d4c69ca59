# SPDX-License-Identifier: 0BSD
"""tree.py: the links of the Markdown lead somewhere, and the README names every folder at the top."""
import re

from docs import Check, ROOT, markdown, tree


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path):
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
    return {anchor(re.sub(r"[`*]", "", h)) for h in re.findall(r"^#+ +(.+)$", text, flags=re.M)}


def check_links(check, path):
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if re.match(r"(https?|mailto):", target):
            continue
        name, _, part = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        where = f"{path.relative_to(ROOT)}: {target}"
        if check.expect(file.exists(), f"{where} is not there") and part:
            check.expect(part in anchors(file), f"{where}: no such heading")


def check_structure(check):
    readme = (ROOT / "README.md").read_text()
    section = re.search(r"^## Structure\n(.*?)(?=^## )", readme, flags=re.M | re.S)
    if not check.expect(section, "README.md has no section Structure"):
        return
    named = set(re.findall(r"^(\S+)/ ", section.group(1), flags=re.M))
    top = {file.relative_to(ROOT).parts[0] for file in tree() if len(file.relative_to(ROOT).parts) > 1}
    for folder in sorted(top - named):
        check.expect(False, f"README.md does not name the folder {folder}/")
    for folder in sorted(named):
        check.expect((ROOT / folder).is_dir(), f"README.md names {folder}/, which is not there")


def check_stages(check):
    """CONTRIBUTING.md says of each stage what it is for."""
    named = set(re.findall(r"^\| `(\d\d-[\w-]+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.M))
    there = {file.name for file in (ROOT / ".ci/stages").glob("[0-9]*")}
    if there:  # a source archive may come without them
        check.expect(named == there, f"CONTRIBUTING.md and .ci/stages differ in {sorted(named ^ there)}")


def main():
    check = Check()
    for path in markdown():
        check_links(check, path)
    check_structure(check)
    check_stages(check)
    check.finish("links and folders")


main()
