# SPDX-License-Identifier: 0BSD
"""manual.py: every public name has a page, and every page says what the headers say."""
import re

from docs import Check, HEADERS, Header, PAGES, Page, ROOT, squeeze

SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "RETURN VALUES", "EXAMPLES", "ERRORS", "SEE ALSO", "CAVEATS"]
OPAQUE = {"wg_t", "wg_storage_t", "wg_scope_t", "wg_scope_storage_t"}  # their contents are nobody's business
NOT_NAMES = {"wg", "wg_sem", "WG_SEM", "WG_DISPATCH", "wg_storage", "wg_sem_ops", "wg_config", "wg_group", "wg_misuse",
             "wg_notice", "wg_choice", "wg_scope", "wg_scope_storage", "wg_scope_config", "wg_task"}  # pages, options, tags


def check_sections(check, page):
    expected = SECTIONS if page.name.endswith(".3") else [s for s in SECTIONS if s not in ("RETURN VALUES", "ERRORS")]
    check.expect(list(page.sections) == expected, f"{page.name}: sections {list(page.sections)}, not {expected}")
    for section in expected:
        text = page.sections.get(section, [])
        check.expect(text or any(s == section for s, _ in page.displays), f"{page.name}: {section} is empty")
    check.expect(page.programs(), f"{page.name}: EXAMPLES has no program")


def check_literals(check, page):
    """So that a program can be copied from the page as it is shown."""
    inside = False
    for number, line in enumerate(page.path.read_text().splitlines(), 1):
        if line.startswith(".Bd -literal"):
            inside = True
        elif line == ".Ed":
            inside = False
        elif inside:
            bare = re.sub(r"\\(?:e|-|\((?:aq|ha|ti|ga))", "", line)
            check.expect(not re.search(r"[\\'^~`-]", bare),
                         f"{page.name}:{number}: write \\e \\- \\(aq \\(ha \\(ti \\(ga in a display: {line}")
            check.expect(len(bare) <= 70, f"{page.name}:{number}: too wide for 80 columns: {line}")


def check_names(check, header, pages):
    titles = {name for page in pages for name in page.names()}
    text = re.sub(r"^\.Dt .*", "", "\n".join(page.path.read_text() for page in pages), flags=re.M)
    for name in sorted({*header.functions, *header.types, *header.macros}):
        check.expect(name in titles, f"{name} is in a header, and in no page's NAME")
    for name in header.enums:
        check.expect(re.search(rf"^\.It Dv {name}$", text, flags=re.M), f"{name} is explained in no page")
    for name in sorted(titles - {p.name.rsplit(".", 1)[0] for p in pages} - header.names() - NOT_NAMES):
        check.expect(False, f"a page documents {name}, which is in no header")
    for name in sorted(set(re.findall(r"\b(?:wg|WG)_\w+", text)) - header.names() - NOT_NAMES):
        check.expect(False, f"the manual speaks of {name}, which is in no header")


def check_prototypes(check, header, pages):
    seen = {}
    for page in pages:
        for name, prototype in page.prototypes().items():
            check.expect(name not in seen, f"{name} has a SYNOPSIS in {page.name} and in {seen.get(name)}")
            seen[name] = page.name
            check.expect(header.functions.get(name) == prototype,
                         f"{page.name} says\n  {prototype}\nthe header says\n  {header.functions.get(name)}")
            check.expect(name in page.names(), f"{page.name}: {name} is in SYNOPSIS, not in NAME")
    for name in sorted(set(header.functions) - set(seen)):
        check.expect(False, f"{name} is in a header, and in no SYNOPSIS")


def check_includes(check, pages):
    """A page includes the header that has its functions."""
    for path in HEADERS:
        functions = Header([path]).functions
        for page in pages:
            if functions.keys() & page.prototypes().keys():
                check.expect(f".In wg/{path.name}" in page.sections["SYNOPSIS"],
                             f"{page.name} has functions of {path.name}, and does not include it")


def check_types(check, header, pages):
    shown = "".join(squeeze(text) for page in pages for section, text in page.displays if section == "SYNOPSIS")
    for name, text in header.types.items():
        if name not in OPAQUE:
            check.expect(text in shown, f"no SYNOPSIS shows {name} as the header has it:\n  {text}")


def check_messages(check, pages):
    """The words of src/panic.c stand in the two pages that explain them."""
    names = re.findall(r'^\s*\[WG_MISUSE_\w+\] = "([^"]+)"', (ROOT / "src/panic.c").read_text(), flags=re.M)
    check.expect(len(names) == 9, f"src/panic.c has {len(names)} messages, not 9")
    for page in pages:
        if page.name in ("libwg.7", "wg_set_panic_handler.3"):
            lines = re.sub(r"^\.It ", "", page.path.read_text(), flags=re.M).splitlines()
            for name in names:
                check.expect(name in lines, f'{page.name} does not explain "{name}"')
    check_pointer(check, pages, names)


def check_pointer(check, pages, names):
    """The line that ends a program names a page; that page has each misuse and each failure of the system."""
    source = (ROOT / "src/panic.c").read_text()
    pointer = re.findall(r"see (\w+)\((\d)\)", source)
    if not check.expect(len(pointer) == 1, f"src/panic.c names the pages {pointer}, not one"):
        return
    model = [page for page in pages if ".".join(pointer[0]) in (page.name, f"lib{page.name}")]
    if not check.expect(model, f"there is no page {pointer[0]}"):
        return
    failures = {what for path in (ROOT / "src").glob("*.c")
                for what in re.findall(r'wgi_panic_system\("([^"]+)"', path.read_text())}
    check.expect(len(failures) > 5, f"only {sorted(failures)} were found in src/")
    items = {line[4:] for line in model[0].path.read_text().splitlines() if line.startswith(".It ")}
    for what in sorted({*names, *failures} - items):
        check.expect(False, f'{model[0].name} does not say what to do after "{what}"')


def main():
    check, header = Check(), Header()
    pages = [Page(path) for path in PAGES]
    check.expect(len(header.functions) > 20 and len(header.types) > 5, "the headers were not understood")
    for page in pages:
        check_sections(check, page)
        check_literals(check, page)
    check_names(check, header, pages)
    check_prototypes(check, header, pages)
    check_includes(check, pages)
    check_types(check, header, pages)
    check_messages(check, pages)
    check.finish(f"{len(pages)} pages, {len(header.functions)} functions, {len(header.names())} names")


main()
