# SPDX-License-Identifier: 0BSD
"""doxygen_filter.py: prints a header whose plain comments Doxygen takes for documentation.

A comment that begins with a line in capitals opens a section; one right above a declaration documents it; one after
a declaration, on its line, documents that.  'Misuse:' and 'Ordering:' become paragraphs with a heading, and what is
indented is code.
"""
import os
import re
import sys

HEADING = re.compile(r"^[A-Z][A-Z ,]+$")


def body(text):
    """The lines of a comment, without its frame."""
    lines = [re.sub(r"^\s*\* ?", "", line) for line in text.split("\n")]
    return "\n".join(lines).strip("\n ")


def dress(text):
    text = re.sub(r"([#@%<>&])", r"\\\1", text)
    text = re.sub(r"^(Misuse|Ordering):", r"@par \1\n", text, flags=re.M)
    text = re.sub(r"^([A-Z]{4,}(?: [A-Z]+)*)\.  ", r"@par \1\n", text, flags=re.M)
    return re.sub(r"(?:^    .*\n?)+", lambda m: f"@code\n{m.group()}\n@endcode\n", text, flags=re.M)


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    out, at, open_group, first = [], 0, False, True
    for comment in re.finditer(r"/\*(.*?)\*/", text, flags=re.S):
        before = text[at:comment.start()]
        out.append(before)
        at = comment.end()
        content = body(comment.group(1))
        if content.startswith("SPDX"):
            continue
        line = before.rpartition("\n")[2]
        title, _, rest = content.partition("\n")
        if line.startswith("#"):
            continue  # a remark on the preprocessor's business
        if line.strip():
            out.append(f"/**< {dress(content)} */")
        elif first:
            first = False
            out.append(f"/** @file {os.path.basename(sys.argv[1])}\n{dress(content.partition(': ')[2])}\n*/")
        elif HEADING.match(title):
            name = re.sub(r"\W+", "_", title.lower())
            close = "/** @} */\n" if open_group else ""
            open_group = True
            out.append(f"{close}/** @defgroup {name} {title.capitalize()}\n{dress(rest.strip())}\n@{{ */\n")
            if not text[at:].startswith("\n\n"):
                out.append(f"/** {dress(rest.strip()) or title.capitalize()} */")
        else:
            out.append(f"/** {dress(content)} */")
    tail = text[at:]
    if open_group:
        tail = "\n/** @} */\n" + tail
    sys.stdout.write("".join(out) + tail)


main()
