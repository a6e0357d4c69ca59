#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""Runs one tool over the C files that a build compiles, each once, and fails if the tool reports something.

lint.py clang-tidy TOOL SOURCE BUILD    clang-tidy, by the .clang-tidy files
lint.py analyzer SOURCE BUILD           the build's gcc with -fanalyzer, over src/ alone
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys


# Memory whose owner a list or an opaque word names looks lost.  The explorer and LeakSanitizer see what is lost.
NOT_ASKED = ['-Wno-analyzer-malloc-leak']


def commands(source, build, folders):
    """The first command of each file, since several targets compile the same file."""
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
        entries = json.load(file)
    first = {}
    for entry in entries:
        name = os.path.relpath(entry['file'], source)
        if name.endswith('.c') and name.split(os.sep)[0] in folders:
            first.setdefault(name, entry)
    return [first[name] for name in sorted(first)]


def tidy(tool, entry):
    """In the folder of the file: clang-tidy 19 takes HeaderFilterRegex by the folder that it runs in."""
    words = [word for word in shlex.split(entry['command'])[1:] if word not in ('-c', entry['file'])]
    return [tool, '--quiet', entry['file'], '--', *words], os.path.dirname(entry['file'])


def analyzer(entry):
    words = shlex.split(entry['command'])
    words[words.index('-o') + 1] = os.devnull
    return [*words, '-fanalyzer', '-Werror', *NOT_ASKED], entry['directory']


def run(job):
    done = subprocess.run(job[0], cwd=job[1], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, check=False)
    return done.returncode, done.stdout


def main():
    kind, *tool, source, build = sys.argv[1:]
    if kind == 'clang-tidy':
        entries = commands(source, build, ('src', 'tests', 'examples', 'bench'))
        jobs = [tidy(tool[0], entry) for entry in entries]
    else:
        entries = commands(source, build, ('src',))
        jobs = [analyzer(entry) for entry in entries]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for status, said in pool.map(run, jobs):
            if status != 0:
                failed += 1
                print(said)
    print(f'{kind}: {len(jobs)} files, {failed} with findings')
    return failed != 0 or not jobs


sys.exit(main())
