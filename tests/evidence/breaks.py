#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""Breaks each promise of docs/evidence.md, in a copy of the tree, and sees that the tests which its row names fail.

breaks.txt has the breaks; its head says how they are written.  A break that a test does not notice is a failure of this
script, and so is a test that fails without a break.

--quick runs nothing: each row has a break; each test that a row names has one, or a reason why not; each old text is
found exactly once; each mutant is there.
"""
import argparse
import collections
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SKIPPED = 77
JOBS = os.environ.get("JOBS", "1")

Hunk = collections.namedtuple("Hunk", "file old new")
Run = collections.namedtuple("Run", "name command")  # command: None for a test of ctest


class Break:
    def __init__(self, row, words):
        self.row, self.words, self.hunks, self.runs, self.needs = row, words, [], [], []


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def rows_of_the_table():
    """{promise: the names in its second column}"""
    table = read("docs/evidence.md").split("\n## Promise by promise\n")[1].split("\n## ")[0]
    rows = {}
    for line in table.splitlines():
        if line.startswith("| ") and not line.startswith("| promise "):
            promise, tests = line.strip("| ").split(" | ", 1)
            rows[promise] = re.findall(r"`([^`]+)`", tests)
    return rows


def read_breaks(faults):
    """[(row, [mutants], [names that have no break])], [breaks], as breaks.txt says."""
    rows, breaks, file, old, new = [], [], None, [], []

    def end_hunk():
        nonlocal old, new
        if old:
            breaks[-1].hunks.append(Hunk(file, "\n".join(old), "\n".join(new)))
        old, new = [], []

    text = re.sub(r"\n {4,}", " ", read("tests/evidence/breaks.txt"))
    for line in text.splitlines():
        if line.startswith("-"):
            if new:
                end_hunk()
            old.append(line[1:])
            continue
        if line.startswith("+"):
            new.append(line[1:])
            continue
        end_hunk()
        key, _, value = line.partition(": ")
        if line == "" or line.startswith("#"):
            pass
        elif key == "row":
            rows.append((value, [], []))
        elif key in ("explore mutant", "race mutant"):
            rows[-1][1].append((key, value))
        elif key == "break":
            breaks.append(Break(rows[-1][0], value))
        elif key == "file":
            file = value
        elif key == "tests":
            breaks[-1].runs += [Run(name, None) for name in value.split()]
        elif key == "run":
            breaks[-1].runs.append(Run(*value.split(": ", 1)))
        elif key == "unseen":
            rows[-1][2].append(value.split(": ", 1)[0])
        elif key == "needs":
            breaks[-1].needs += value.split()
        else:
            faults.append("breaks.txt: what is '%s'?" % line)
    end_hunk()
    return rows, breaks


def test_of_mutant(kind, name):
    """The test that catches this mutant, or None if there is no such mutant."""
    if kind == "race mutant":
        sys.path.insert(0, os.path.join(ROOT, "tests/race"))
        sys.dont_write_bytecode = True
        from mutate import MUTANTS  # pylint: disable=import-outside-toplevel,import-error
        return next(("race." + mutant[1][0] for mutant in MUTANTS if mutant[0] == name), None)
    path = "tests/explore/mutants/%s.patch" % name
    if not os.path.exists(os.path.join(ROOT, path)):
        return None
    client = re.search(r"^Client: \w+@(tokens|futex)(, stop)?", read(path), re.M)  # none: it is equivalent
    return client and "explore.%s%s" % (client.group(1), ".stop" if client.group(2) else "")


def check(table, rows, breaks, faults):
    """What can be said without a run: every row has something, and all that is named is there, once."""
    named = {}
    for key, mutants, unseen in rows:
        found = [promise for promise in table if promise.startswith(key)]
        if len(found) != 1:
            faults.append("%d rows of docs/evidence.md begin with '%s'" % (len(found), key))
            continue
        if found[0] in named:
            faults.append("breaks.txt has two rows '%s'" % key)
        names = named[found[0]] = table[found[0]]
        mine = [one for one in breaks if one.row == key]
        if not mine and not mutants:
            faults.append("no break: " + found[0])
        caught = []
        for kind, name in mutants:
            test = test_of_mutant(kind, name)
            if test is None:
                faults.append("there is no %s '%s' that a test catches" % (kind, name))
            else:
                caught.append((name, test))
        for one in mine:
            if not one.runs or not one.hunks:
                faults.append("'%s' has no test, or no text" % one.words)
            caught += [(one.words, run.name) for run in one.runs]
        for words, test in caught:
            if not any(test == name or fnmatch.fnmatch(test, name) for name in names):
                faults.append("'%s' is caught by %s, which this row does not name: %s" % (words, test, found[0]))
        seen = [test for _, test in caught] + [name for _, name in mutants] + unseen
        seen += ["explore.mutants" for kind, _ in mutants if kind == "explore mutant"]
        for name in names:
            if not name.endswith("()") and not any(test == name or fnmatch.fnmatch(test, name) for test in seen):
                faults.append("%s has neither a break nor a reason in the row: %s" % (name, found[0]))
    faults += ["no break: " + promise for promise in table if promise not in named]
    for one in breaks:
        for hunk in one.hunks:
            exists = os.path.exists(os.path.join(ROOT, hunk.file))
            times = read(hunk.file).count(hunk.old) if exists else 0
            if times != 1:
                faults.append("'%s': found %d times in %s:\n%s" % (one.words, times, hunk.file, hunk.old))


class Tree:
    """The copy and its build folder."""

    def __init__(self, work, options):
        self.work = os.path.abspath(work)
        self.tree, self.folder = os.path.join(self.work, "tree"), os.path.join(self.work, "build")
        self.seconds = {}
        files = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout
        for name in files.decode().split("\0"):
            source, to = os.path.join(ROOT, name), os.path.join(self.tree, name)
            if name and os.path.exists(source):
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copy2(source, to)
        for command in (["git", "init", "-q"], ["git", "add", "-A"]):  # some checks ask git for the files
            subprocess.run(command, cwd=self.tree, check=True)
        self.must(["cmake", "-G", "Ninja", "-S", self.tree, "-B", self.folder, "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                   "-DWG_BUILD_BENCH=OFF"] + options)
        self.must(["ninja", "-j", JOBS, "-C", self.folder])  # before it, ctest shows no commands
        self.load()

    def must(self, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stdout.decode(errors="replace")[-3000:])
        return done.stdout.decode(errors="replace")

    def load(self):
        """The tests, as ctest knows them, and the files that ninja can make."""
        shown = json.loads(self.must(["ctest", "--test-dir", self.folder, "--show-only=json-v1"]))
        self.tests = {test["name"]: (test.get("command", []), {p["name"]: p["value"] for p in test["properties"]})
                      for test in shown["tests"]}
        self.made = {line.split(": ")[0] for line in self.must(["ninja", "-C", self.folder, "-t", "targets",
                                                                "all"]).splitlines()}

    def needed(self, names):
        """The test and those that set up what it requires, in order."""
        order = []
        for name in names:
            for fixture in self.tests[name][1].get("FIXTURES_REQUIRED", []):
                order += [other for other, (_, its) in self.tests.items() if fixture in its.get("FIXTURES_SETUP", [])]
            order.append(name)
        return list(dict.fromkeys(order))

    def build(self, runs):
        words = [word for run in runs if run.command is None for name in self.needed([run.name])
                 for word in self.tests[name][0]]
        targets = {os.path.relpath(word, self.folder) for word in words if word.startswith(self.folder + "/")}
        targets = sorted(targets & self.made)
        if any(run.command is not None for run in runs):
            targets += ["wg_shared", "wg_static"]
        if targets:
            self.must(["ninja", "-j", JOBS, "-C", self.folder] + targets)

    def start(self, command, seconds, environment, cwd):
        """Its exit status; None: it did not end in time, and was ended."""
        begun = time.monotonic()
        with open(os.path.join(self.work, "log"), "wb") as log, \
                subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd,
                                 env={**os.environ, **environment}, start_new_session=True) as child:
            try:
                status = child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                status = None
            try:
                os.killpg(child.pid, signal.SIGKILL)  # the test's own children, too
            except ProcessLookupError:
                pass
        return status, time.monotonic() - begun

    def run(self, run, is_broken):
        """'passed', 'failed', 'hangs' or 'skipped'."""
        if run.command is not None:
            steps = [(["sh", "-c", run.command], {}, self.tree)]
        else:
            steps = []
            for name in self.needed([run.name]):
                command, properties = self.tests[name]
                environment = dict(one.split("=", 1) for one in properties.get("ENVIRONMENT", []))
                steps.append((command, environment, properties.get("WORKING_DIRECTORY", self.folder)))
        # A hang is a failure, too: several times what the test takes without a break.
        limit = 20 + 4 * self.seconds.get(run, 0) if is_broken else 1800
        for at, (command, environment, cwd) in enumerate(steps):
            environment.update(TREE=self.tree, BUILD=self.folder, WORK=self.work, JOBS=JOBS)
            status, seconds = self.start(command, limit, environment, cwd)
            if status != 0 and at < len(steps) - 1:
                raise RuntimeError("what it requires fails: " + " ".join(command) + "\n" + self.log())
        if not is_broken:
            self.seconds[run] = seconds
        if status == SKIPPED or status == 0 and "SKIPPED: needs " in self.log():
            return "skipped"
        return "passed" if status == 0 else "hangs" if status is None else "failed"

    def log(self):
        with open(os.path.join(self.work, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def write(self, hunks, back=False):
        for hunk in hunks:
            path = os.path.join(self.tree, hunk.file)
            if back:
                shutil.copy(os.path.join(ROOT, hunk.file), path)
                continue
            with open(path, encoding="utf-8") as file:
                text = file.read().replace(hunk.old, hunk.new)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def can_run(tree, one):
    """The runs of a break that this machine has; prints the others."""
    missing = [tool for tool in one.needs if shutil.which(tool) is None]
    if missing:
        print("%-9s %s: needs %s" % ("skipped", one.words, ", ".join(missing)), flush=True)
        return []
    for run in one.runs:
        if run.command is None and run.name not in tree.tests:
            print("%-9s %s: this build has no test %s" % ("skipped", one.words, run.name), flush=True)
    return [run for run in one.runs if run.command is not None or run.name in tree.tests]


def judge(tree, one, runs):
    """How many of the runs went wrong."""
    bad = 0
    tree.write(one.hunks)
    try:
        tree.build(runs)
        for run in runs:
            verdict = tree.run(run, True)
            if verdict == "passed":
                bad += 1
            word = {"passed": "SURVIVED", "failed": "noticed", "hangs": "hangs", "skipped": "skipped"}[verdict]
            print("%-9s %-64s %s" % (word, one.words, run.name), flush=True)
    except RuntimeError as error:
        bad += 1
        print("%-9s %s:\n%s" % ("FAILED", one.words, error), flush=True)
    finally:
        tree.write(one.hunks, back=True)
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="run nothing")
    parser.add_argument("--work", help="an empty folder for the copy and its build")
    parser.add_argument("--only", action="append", help="the rows and breaks in which this is found")
    parser.add_argument("options", nargs="*", help="for CMake")
    args = parser.parse_args()

    faults = []
    table = rows_of_the_table()
    rows, breaks = read_breaks(faults)
    check(table, rows, breaks, faults)
    if faults:
        sys.exit("\n".join(faults))
    mutants = sum(len(row[1]) for row in rows)
    print("%d rows, %d breaks, %d mutants of other suites" % (len(table), len(breaks), mutants))
    if args.quick:
        return
    if not args.work:
        parser.error("--work is needed")
    if args.only:
        breaks = [one for one in breaks if any(word in one.row or word in one.words for word in args.only)]

    tree = Tree(args.work, args.options)
    chosen = [(one, can_run(tree, one)) for one in breaks]
    bad = judged = 0
    skipped = sum(len(one.runs) - len(runs) for one, runs in chosen)
    sound = set()
    for run in dict.fromkeys(run for _, runs in chosen for run in runs):
        tree.build([run])
        verdict = tree.run(run, False)
        if verdict == "passed":
            sound.add(run)
        else:
            bad += verdict != "skipped"
            skipped += verdict == "skipped"
            print("%-9s without a break: %s\n%s" % (verdict, run.name, tree.log()), flush=True)
    for one, runs in chosen:
        runs = [run for run in runs if run in sound]
        if runs:
            judged += len(runs)
            bad += judge(tree, one, runs)
    print("%d breaks, %d verdicts, %d wrong; %d tests skipped" % (len(breaks), judged, bad, skipped))
    sys.exit(1 if bad or not judged else 0)


if __name__ == "__main__":
    main()
