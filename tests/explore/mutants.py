#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""Breaks the library's sources by each patch of mutants/ and checks that the explorer catches it.

usage: mutants.py ROOT SCRATCH [--jobs N] [--survey] [PATCH...]

The head of a patch says what it breaks ("Mutant:"), which client over which
semaphore must catch it ("Client: name@futex" or "name@tokens") and what goes wrong
("Effect:").  ", stop" behind the client means the search that lets one thread stop.
If nothing can catch the patch, its head says why ("Equivalent:"), and all clients must
pass.  A patch that does not apply is a failure.  --survey lists the clients that catch
each patch.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

SECONDS = 300  # for one client on one mutant
PATIENCE = 20  # the same with --survey


def head(path):
    """The lines before the patch, by name."""
    fields = {}
    with open(path, encoding="utf-8") as text:
        for line in text:
            if line.startswith("---"):
                break
            match = re.match(r"([A-Z][a-z]+): (.*)", line)
            if match:
                fields[match.group(1)] = match.group(2)
    return fields


def run(command, timeout=SECONDS):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
                              check=False)
    except subprocess.TimeoutExpired:
        return None, "no end"
    return done.returncode, done.stdout


def build(root, scratch, name, patch, base):
    """Returns a mutant's folder with both programs, or raises with the reason."""
    folder = os.path.join(scratch, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    shutil.copytree(os.path.join(root, "src"), os.path.join(folder, "src"))
    status, text = run(["patch", "-p1", "--fuzz=0", "--no-backup-if-mismatch", "-d", folder, "-i", patch])
    if status != 0:
        raise RuntimeError("does not apply:\n" + text)
    status, text = run(["sh", os.path.join(root, "tests/explore/build.sh"), root, os.path.join(folder, "src"),
                        folder, base])
    if status != 0:
        raise RuntimeError("does not compile:\n" + text)
    return folder


def count(text):
    match = re.search(r"FAILED after (\d+) executions: (.*)", text)
    return (int(match.group(1)), match.group(2)) if match else (0, text.strip()[-200:])


def clients(folder, table):
    _, text = run([os.path.join(folder, "wg_explore_" + table), "--list"])
    return [line.split(":")[0] for line in text.splitlines() if "(large)" not in line.split(":")[0]]


def explore(folder, client, timeout=SECONDS):
    client, _, mode = client.partition(", ")
    name, table = client.split("@")
    modes = ["--" + mode] if mode else []
    return run([os.path.join(folder, "wg_explore_" + table), "--brief", "--client", name] + modes, timeout)


def survey(folder):
    caught = []
    for table in ("tokens", "futex"):
        for name in clients(folder, table):
            if table == "futex" or not name.startswith("futex_"):
                status, text = explore(folder, name + "@" + table, PATIENCE)
                if status is None or status != 0:
                    caught.append("%s@%s (%s)" % (name, table, "no end" if status is None else count(text)))
    return caught


def judge(root, scratch, patch, base, wide):
    """Returns whether the mutant does what its head says, and its line of the table."""
    name = os.path.basename(patch)[:-len(".patch")]
    fields = head(patch)
    try:
        folder = build(root, scratch, name, patch, base)
        if wide:
            return True, "%s\n    %s" % (name, "\n    ".join(survey(folder)) or "SURVIVES")
        if "Equivalent" in fields:
            for table in ("tokens", "futex"):
                for client in clients(folder, table):
                    status, text = explore(folder, client + "@" + table)
                    if status != 0:
                        return False, "%-26s NOT EQUIVALENT: %s@%s %s" % (name, client, table, count(text))
            return True, "%-26s equivalent: %s" % (name, fields["Equivalent"])
        if "Client" not in fields or "Mutant" not in fields or "Effect" not in fields:
            raise RuntimeError("its head is incomplete")
        status, text = explore(folder, fields["Client"])
        if status != 1:
            return False, "%-26s SURVIVED %s (status %s): %s" % (name, fields["Client"], status, count(text)[1])
        executions, why = count(text)
        return True, "%-26s %-26s %6d  %s" % (name, fields["Client"], executions, why[:90])
    except RuntimeError as error:
        return False, "%-26s %s" % (name, error)
    finally:
        shutil.rmtree(os.path.join(scratch, name), ignore_errors=True)


def main():
    arguments = sys.argv[1:]
    jobs, wide = 2, "--survey" in arguments
    if "--jobs" in arguments:
        at = arguments.index("--jobs")
        jobs = int(arguments[at + 1])
        del arguments[at:at + 2]
    arguments = [a for a in arguments if a != "--survey"]
    root, scratch, wanted = os.path.abspath(arguments[0]), os.path.abspath(arguments[1]), arguments[2:]
    folder = os.path.join(root, "tests/explore/mutants")
    patches = sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".patch"))
    if wanted:
        patches = [p for p in patches if os.path.basename(p)[:-len(".patch")] in wanted]
    if not patches:
        sys.exit("no patches")

    base = os.path.join(scratch, "base")
    status, text = run(["sh", os.path.join(root, "tests/explore/build.sh"), root, os.path.join(root, "src"), base])
    if status != 0:
        sys.exit(text)
    print("%-26s %-26s %6s  %s" % ("mutant", "caught by", "after", "what it saw"))
    bad = equivalent = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for good, line in pool.map(lambda p: judge(root, scratch, p, base, wide), patches):
            print(line, flush=True)
            bad += not good
            equivalent += " equivalent: " in line
    if not wide:
        print("%d mutants: %d caught, %d equivalent, %d FAILED" %
              (len(patches), len(patches) - equivalent - bad, equivalent, bad))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
