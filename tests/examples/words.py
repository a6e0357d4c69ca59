#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""words.py RULE COMMAND...: the rules by which wc counts words in the C locale.  Prints the lines of words.txt for the
wc COMMAND.

The rules, each with the option of wgwc that follows it:
    9.5    (none) GNU coreutils since 9.5: a run of bytes that are not white; the no-break space 0xA0 is white
    posix  -p     POSIX, and those coreutils with POSIXLY_CORRECT=1: the same, but 0xA0 is not white
    9.1    -o     GNU coreutils before 9.5: the white bytes of POSIX; a run without a printable byte is no word
"""
import os
import subprocess
import sys

RULES = {"9.5": [], "posix": ["-p"], "9.1": ["-o"]}

# Each byte takes the place of the "?".
CONTEXTS = {
    "alone": b"?",
    "inside a word": b"a?a",
    "apart": b" ? ",
    "twice, then a word": b"?? a",
    "after a word": b"a ?",
    "in long text": b"ab cd" * 60 + b"?" + b"ef gh" * 60,
    "many times": b"a? " * 200,
    "many times alone": b"? " * 200,
}


# Before 9.5 these bytes neither made a word nor ended one.
IGNORED = bytes(byte for byte in range(256) if not 33 <= byte < 127 and not bytes([byte]).isspace())


def count(content, rule):
    """The words of the content, by the rule."""
    if rule == "9.5":
        content = content.replace(b"\xa0", b" ")
    elif rule == "9.1":
        content = content.translate(None, IGNORED)
    return len(content.split())


def count_by_wc(content, command=("wc",)):
    ran = subprocess.run([*command, "-w"], input=content, stdout=subprocess.PIPE, check=True,
                         env={**os.environ, "LC_ALL": "C"})
    return int(ran.stdout)


def rule_of(command=("wc",)):
    """The rule by which this wc counts; None: another one."""
    probe = b"\x01 a\xa0b \xff \x01a\x01 "  # 5 words; 4 to POSIX; 2 before 9.5
    found = [rule for rule in RULES if count(probe, rule) == count_by_wc(probe, command)]
    return found[0] if found else None


def vectors(counts):
    """For each context, its name and the number of words for each range of bytes."""
    for name, context in CONTEXTS.items():
        words = [counts(context.replace(b"?", bytes([byte]))) for byte in range(256)]
        starts = [byte for byte in range(256) if byte == 0 or words[byte] != words[byte - 1]]
        ends = [start - 1 for start in starts[1:]] + [255]
        yield name, " ".join(f"{start:02x}-{end:02x}:{words[start]}" for start, end in zip(starts, ends))


def stored():
    """{(rule, context): ranges} of words.txt."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "words.txt"), encoding="ascii") as file:
        rows = [line.rstrip("\n").split(" | ") for line in file if not line.startswith("#")]
    return {(rule, name): ranges for rule, name, ranges in rows}


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    for row in vectors(lambda content: count_by_wc(content, sys.argv[2:])):
        print(f"{sys.argv[1]} | {' | '.join(row)}")
