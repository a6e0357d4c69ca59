#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""test_wgwc.py WGWC [unittest arguments]: what wgwc counts, prints and refuses, on nasty trees; signals; a terminal.

The expected results are here and in words.txt.  Only the class Host compares with the host's wc, and only if the test
has found out by which rule that wc counts words.
"""
import ctypes
import fcntl
import os
import pty
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import words

WGWC = ""
C = {**os.environ, "LC_ALL": "C"}
LIMIT = 60  # seconds; no run takes nearly as long, so this only ends a run that hangs
PART = 4 << 20


def wgwc(*args, **more):
    return subprocess.run([WGWC, *args], capture_output=True, timeout=LIMIT, check=False, **more)


def wc(*args):
    return subprocess.run(["wc", *args], capture_output=True, timeout=LIMIT, check=False, env=C)


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def read(name):
    with open(name, "rb") as file:
        return file.read()


def lines_of(names, rule="9.5"):
    """What wc prints for these files: columns as wide as the sum of their sizes; a total if there are several."""
    rows, total = [], [0, 0, 0]
    for name in names:
        content = read(name)
        row = [content.count(b"\n"), words.count(content, rule), len(content)]
        rows.append((row, name))
        total = [a + b for a, b in zip(total, row)]
    if len(rows) > 1:
        rows.append((total, b"total"))
    width = len(str(total[2]))
    return b"".join(b"%*d %*d %*d %s\n" % (width, row[0], width, row[1], width, row[2], name) for row, name in rows)


def files_of(path):
    """The regular files below the path, sorted by the bytes of their paths."""
    found = [os.path.join(folder, name) for folder, _, names in os.walk(os.fsencode(path)) for name in names]
    return sorted(name for name in found if os.path.isfile(name) and not os.path.islink(name))


def obey_permissions():
    """Drops the two capabilities by which root may read every file, for the programs that are started next."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if os.geteuid() == 0 and prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "prctl")


def in_shell(script, *args):
    """Runs the script with wgwc as "$0"."""
    return subprocess.run(["sh", "-c", script, WGWC, *args], capture_output=True, timeout=LIMIT, check=False, env=C,
                          stdin=subprocess.DEVNULL)


class InScratch(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        self.back = os.getcwd()
        self.scratch = tempfile.mkdtemp()
        os.chdir(self.scratch)

    def tearDown(self):
        os.chdir(self.back)
        subprocess.run(["chmod", "-R", "u+rwx", self.scratch], check=False)
        subprocess.run(["rm", "-rf", self.scratch], check=True)

    def says(self, ran, out, err=b"", status=0):
        self.assertEqual((ran.stdout, ran.stderr, ran.returncode), (out, err, status))


NAMES = [b"plain", b"with space", b"new\nline", b"\n", b"tab\there", b"-t", b"--", b"-j", b"quote'd", b'double"',
         b"back\\slash", b"dollar$(x)", b"caf\xc3\xa9", b"latin\xe9", b"\xff\xfe", b"*?[", b".hidden", b"~", b"#",
         b"a:b", b"x" * 255, b"total", b"\x01\x7f"]

CONTENTS = [b"", b"\n", b"no newline at the end", b"one line\n", b"\0\0\0", b"a\0b c\0\n", bytes(range(256)),
            bytes(range(256)) * 40, b"dos\r\nlines\r\n", b"x" * 100000, b"word " * 50000, b" \t\n\v\f\r" * 300,
            "schöne grüße, мир\n".encode() * 500, b"\x01 \x02\n\xff\xa0 \x85", b"\xa0 \xa0x\xa0 x", b"\n" * 70000]


def make_tree(names):
    contents = CONTENTS * 2
    for place in (b"tree", b"tree/dir", b"tree/dir-more", b"tree/dir/sub dir", b"tree/z"):
        os.makedirs(place, exist_ok=True)
        for i, name in enumerate(names):
            if not os.path.isdir(place + b"/" + name):
                write(place + b"/" + name, contents[(i + len(place)) % len(contents)])
    os.makedirs("tree/empty/er")


class Tree(InScratch):
    """Values, order and format."""

    def setUp(self):
        super().setUp()
        make_tree(NAMES)

    def test_tree_is_counted(self):
        for rule, option in words.RULES.items():
            for threads in ("1", "2", "7"):
                self.says(wgwc(*option, "-j", threads, "tree"), lines_of(files_of("tree"), rule))
        for path in ("tree/", ".", "tree/dir", self.scratch):
            self.says(wgwc(path), lines_of(files_of(path)))

    def test_default_is_the_current_directory(self):
        self.says(wgwc(input=b"not read\n"), lines_of(files_of(".")))

    def test_several_trees_and_files_in_the_order_given(self):
        self.says(wgwc("tree/z", "tree/dir/plain", "tree/dir", "tree/dir"),
                  lines_of(files_of("tree/z") + [b"tree/dir/plain"] + files_of("tree/dir") * 2))

    def test_list_of_files_is_counted(self):
        os.chdir("tree/dir")
        names = [name for name in os.listdir(b".") if os.path.isfile(name)]
        for seed in range(5):
            random.Random(seed).shuffle(names)
            some = names[: 1 + seed * 5] + names[:1]
            self.says(wgwc("--", *some), lines_of(some))

    def test_each_file_alone(self):
        for name in files_of("tree/z"):
            self.says(wgwc(name), lines_of([name]))

    def test_long_list(self):
        os.mkdir("many")
        names = [b"many/%d" % i for i in range(3000)]
        for i, name in enumerate(names):
            write(name, b"a b\n" * (i % 7))
        self.says(wgwc(*names), lines_of(names))
        self.says(wgwc("many"), lines_of(sorted(names)))

    def test_total_only(self):
        self.says(wgwc("-t", "tree"), lines_of(files_of("tree")).splitlines(keepends=True)[-1])
        self.assertEqual(wgwc("-t", "tree/plain").stdout.split()[-1], b"total")
        self.says(wgwc("-t", "tree/empty"), b"0 0 0 total\n")

    def test_empty_tree(self):
        self.says(wgwc("tree/empty"), b"")

    def test_devices_and_pipes(self):
        self.says(wgwc("/dev/null"), b"      0       0       0 /dev/null\n")
        self.says(wgwc("/dev/stdin", input=b"from a pipe\n"), b"      1       3      12 /dev/stdin\n")
        version = read("/proc/version")  # a file that says that its size is 0
        self.says(wgwc("/proc/version"), b"1 %d %d /proc/version\n" % (len(version.split()), len(version)))


class Words(InScratch):
    """What a word is, for each byte in each place."""

    def test_the_model_of_this_test_counts_as_wc_did(self):
        stored = words.stored()
        self.assertEqual(set(stored), {(rule, name) for rule in words.RULES for name in words.CONTEXTS})
        for rule in words.RULES:
            for name, ranges in words.vectors(lambda content, rule=rule: words.count(content, rule)):
                self.assertEqual(ranges, stored[rule, name], (rule, name))

    def test_every_byte_in_every_place(self):
        os.mkdir("bytes")
        stored = words.stored()
        for rule, option in words.RULES.items():
            places = {}

            def keep(content, places=places):
                write(f"bytes/{len(places):05}", content)
                places[len(places)] = content
                return 0

            for _ in words.vectors(keep):
                pass
            ran = wgwc(*option, "bytes")
            counted = iter([int(line.split()[1]) for line in ran.stdout.splitlines()])
            for name, ranges in words.vectors(lambda _, counted=counted: next(counted)):
                self.assertEqual(ranges, stored[rule, name], (rule, name))

    def test_random_bytes_of_all_densities(self):
        rng = random.Random(7)
        os.mkdir("random")
        for i in range(400):
            alphabet = rng.choice((b"a \n", b"ab \x01", b"a\xff\n", b"abcdefgh \t\n", b"\0\x01\xff", b"a\xa0 ",
                                   b"a" * 500 + b" \x80"))
            write(f"random/{i}", bytes(rng.choices(alphabet, k=rng.randrange(3000))))
        for rule, option in words.RULES.items():
            self.says(wgwc(*option, "random"), lines_of(files_of("random"), rule))


class Large(InScratch):
    """Files that are counted in parts."""

    def check(self, content):
        write("f", content)
        for rule, option in words.RULES.items():
            expected = b"%d %d %d f\n" % (content.count(b"\n"), words.count(content, rule), len(content))
            ran = wgwc(*option, "f")
            self.assertEqual((b" ".join(ran.stdout.split()) + b"\n", ran.stderr, ran.returncode), (expected, b"", 0), rule)

    def test_parts_of_a_large_file_are_put_together(self):
        rng = random.Random(11)
        lines = b"".join(b"w" * rng.randrange(9) + rng.choice((b" ", b"\n", b"\x01", b"  ")) for _ in range(20000))
        text = (lines * (3 * PART // len(lines) + 1))[: 3 * PART]
        for border in (b"xx", b" x", b"x ", b"  ", b"\x01\x01", b"x\x01", b"\x01x", b"\x01 ", b" \x01", b"\xa0x"):
            content = bytearray(text)
            content[PART - 1: PART + 1] = border
            content[2 * PART - 1000: 2 * PART + 1000] = border[:1] * 1000 + border[1:] * 1000
            self.check(bytes(content))

    def test_large_files_of_one_kind(self):
        for content in (b"x" * (3 * PART), b" " * (3 * PART), b"\x01" * (3 * PART), b"\n" * (2 * PART + 1),
                        b"x" + b"\x01" * (3 * PART - 2) + b"x", b"\x01" * (3 * PART) + b"x", b"ab c\n" * (PART // 2),
                        b"\x01" * PART + b" " + b"\x01" * (PART - 1) + b"x" + b"\x01" * PART):
            self.check(content)

    def test_sizes_around_the_borders(self):
        for size in (PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART, 2 * PART + 1, 3 * PART + 1):
            self.check((b"ab cd\n" * (size // 6 + 1))[:size])


class Errors(InScratch):
    """Files that cannot be counted, and options that do not exist."""

    def test_unreadable_files_are_reported(self):
        write("good", b"good file\n")
        os.symlink("nowhere", "dangling")
        os.symlink("loop", "loop")
        for bad, message in (("missing", b"No such file or directory"), ("", b"No such file or directory"),
                             ("dangling", b"No such file or directory"), ("good/", b"Not a directory"),
                             ("loop", b"Too many levels of symbolic links"), ("good/below", b"Not a directory"),
                             ("x" * 300, b"File name too long"), ("with space", b"No such file or directory")):
            with self.subTest(bad=bad):
                error = b"wgwc: " + bad.encode() + b": " + message + b"\n"
                self.says(wgwc(bad, env=C), b"", error, 1)
                self.says(wgwc("good", bad, "good", env=C), b" 1  2 10 good\n 1  2 10 good\n 2  4 20 total\n", error, 1)
        self.says(wgwc("good", "missing", env=C), b" 1  2 10 good\n 1  2 10 total\n",
                  b"wgwc: missing: No such file or directory\n", 1)

    def test_no_permission(self):
        os.mkdir("tree")
        os.mkdir("tree/closed")
        write("tree/closed/f", b"f\n")
        write("tree/secret", b"secret\n" * 1000)
        write("tree/open", b"open\n")
        os.chmod("tree/secret", 0)
        os.chmod("tree/closed", 0)
        self.says(wgwc("tree", preexec_fn=obey_permissions, env=C),
                  b"   1    1    5 tree/open\n   1    1    5 total\n",
                  b"wgwc: tree/closed: Permission denied\nwgwc: tree/secret: Permission denied\n", 1)

    def test_output_that_is_lost_is_an_error(self):
        write("good", b"good file\n")
        for names in (["good"], ["good"] * 3000):
            self.says(in_shell('"$0" "$@" >/dev/full', *names), b"", b"wgwc: write error: No space left on device\n", 1)
            self.says(in_shell('"$0" "$@" >&-', *names), b"", b"wgwc: write error: Bad file descriptor\n", 1)
            self.assertEqual(in_shell('"$0" "$@" >/dev/full 2>&1', *names).returncode, 1)
            self.assertEqual(in_shell('"$0" "$@" <&- >&- 2>&-', *names).returncode, 1)

    def test_no_output_is_no_lost_output(self):
        os.mkdir("empty")
        for output in (">&-", ">/dev/full"):
            self.says(in_shell(f'"$0" "$@" {output}', "empty"), b"")

    def test_output_that_is_lost_in_between_is_an_error(self):
        """A pipe that has no room for a full buffer, but has room for the rest of the output."""
        write("f", b"x\n")
        from_full, full = os.pipe2(os.O_NONBLOCK)
        try:
            if fcntl.fcntl(full, 1031, 4096) != 4096:  # F_SETPIPE_SZ
                self.skipTest("pages are larger here")
            self.assertEqual(os.write(full, b"x" * 1000), 1000)
            ran = subprocess.run([WGWC, *["f"] * 600], stdout=full, stderr=subprocess.PIPE, timeout=LIMIT, check=False,
                                 env=C)
            out = os.read(from_full, 8192)[1000:]
        finally:
            os.close(from_full)
            os.close(full)
        self.assertLess(out.count(b"\n"), 601)
        self.assertEqual((ran.stderr, ran.returncode),
                         (b"wgwc: write error: Resource temporarily unavailable\n", 1))

    def test_wrong_options_are_named(self):
        hint = b"Try 'wgwc --help' for more information.\n"
        for args, message in ((("-z",), rb"invalid option -- '?z'?"), (("--foo",), rb"unrecognized option:? '?(--)?foo'?"),
                              (("-j",), rb"option requires an argument -- '?j'?"),
                              (("-j", "x"), rb"invalid number of threads: 'x'"),
                              (("-j", "2x"), rb"invalid number of threads: '2x'"),
                              (("-j", ""), rb"invalid number of threads: ''"),
                              (("-j", "0"), rb"invalid number of threads: '0' is not in 1 to 1024"),
                              (("-j", "-1"), rb"invalid number of threads: '-1' is not in 1 to 1024"),
                              (("-j", "1025"), rb"invalid number of threads: '1025' is not in 1 to 1024"),
                              (("-j", "9" * 30), rb"invalid number of threads: '9{30}' is not in 1 to 1024"),
                              (("-w", "-1"), rb"invalid number of seconds: '-1' is not in 0 to 3600"),
                              (("-w", "9" * 30), rb"invalid number of seconds: '9{30}' is not in 0 to 3600")):
            ran = wgwc(*args, env=C)
            self.assertEqual((ran.returncode, ran.stdout), (2, b""), args)
            self.assertRegex(ran.stderr, rb"\Awgwc: " + message + rb"\n" + re.escape(hint) + rb"\Z")

    def test_help_names_every_option(self):
        ran = wgwc("--help")
        self.assertEqual((ran.returncode, ran.stderr), (0, b""))
        self.assertTrue(ran.stdout.startswith(b"Usage: wgwc "))
        self.assertEqual(re.findall(rb"^  (-[-a-z]+)", ran.stdout, flags=re.M),
                         [b"-j", b"-o", b"-p", b"-t", b"-w", b"--help"])

    def test_only_regular_files_of_a_tree_and_no_links(self):
        os.makedirs("tree/dir")
        write("tree/file", b"a b c\n")
        write("tree/dir/file", b"d\n")
        os.symlink("file", "tree/link")
        os.symlink(".", "tree/cycle")
        os.symlink("nowhere", "tree/dangling")
        os.mkfifo("tree/fifo")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind("tree/socket")
            self.says(wgwc("tree"), b"1 1 2 tree/dir/file\n1 3 6 tree/file\n2 4 8 total\n")

    def test_links_that_are_arguments_are_followed(self):
        os.mkdir("tree")
        write("tree/file", b"a b c\n")
        os.symlink("tree", "to tree")
        os.symlink("tree/file", "to file")
        self.says(wgwc("to file"), b"1 3 6 to file\n")
        self.says(wgwc("to tree", "tree"), b" 1  3  6 to tree/file\n 1  3  6 tree/file\n 2  6 12 total\n")

    def test_file_that_vanishes_before_its_turn(self):
        os.mkdir("tree")
        for name in "abc":
            write("tree/" + name, b"x\n")
        os.mkfifo("fifo")
        run = subprocess.Popen([WGWC, "-j1", "tree", "fifo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open("fifo", "wb"):  # opens when the one worker reads it: by then the tree is listed, its files wait
            os.unlink("tree/b")
        out, err = run.communicate(timeout=LIMIT)
        self.assertEqual(err, b"wgwc: tree/b: No such file or directory\n")
        self.assertEqual([line.split() for line in out.splitlines()],
                         [[b"1", b"1", b"2", b"tree/a"], [b"1", b"1", b"2", b"tree/c"], [b"0", b"0", b"0", b"fifo"],
                          [b"2", b"2", b"4", b"total"]])
        self.assertEqual(run.returncode, 1)


class Host(InScratch):
    """Compares with the host's wc over the same files, by its rule; names that wc would quote are left out."""

    RULE = None

    def same(self, mine, theirs):
        self.assertEqual(mine.stdout, theirs.stdout)
        self.assertEqual(mine.stderr, re.sub(rb"^wc: ", b"wgwc: ", theirs.stderr, flags=re.M))
        self.assertEqual(mine.returncode, theirs.returncode)

    def wc_of_tree(self, *paths):
        found = []
        for path in paths:
            listed = subprocess.run(["find", "-H", path, "-type", "f", "-print0"], capture_output=True, check=True).stdout
            found += sorted(listed.split(b"\0")[:-1])
        write("list", b"\0".join(found))
        return wc("--files0-from=list")

    def test_its_words_are_those_of_its_rule(self):
        for name, ranges in words.vectors(words.count_by_wc):
            self.assertEqual(ranges, words.stored()[self.RULE, name], name)

    def test_trees_and_files(self):
        make_tree([name for name in NAMES if b"\n" not in name])
        option = words.RULES[self.RULE]
        for paths in (["tree"], ["tree/"], ["tree/z", "tree/dir/plain", "tree/dir", "tree/dir"], ["tree/empty"]):
            self.same(wgwc(*option, *paths), self.wc_of_tree(*paths))
        for files in (["tree/plain"], ["tree/plain", "missing", "tree/total"], ["/dev/null", "tree/plain"],
                      ["/proc/version"], ["good/below"], ["/proc/self/mem"]):
            self.same(wgwc(*option, *files, env=C), wc(*files))

    def test_real_tree(self):
        theirs = None
        for _ in range(5):  # tries again if files change meanwhile, as by an installation
            before, theirs = theirs, self.wc_of_tree("/usr/include")
            if before is not None and before.stdout == theirs.stdout:
                break
            mine = wgwc(*words.RULES[self.RULE], "/usr/include")
        self.same(mine, theirs)


class Signals(InScratch):
    """One signal ends wgwc, whatever it is blocked in; its parent sees that signal."""

    def start(self, *args, stdout=subprocess.PIPE):
        run = subprocess.Popen([WGWC, *args], stdout=stdout, stderr=subprocess.PIPE, env=C)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.kill)
        return run

    def test_a_pipe_that_nobody_opens(self):
        """A worker is stuck in open()."""
        os.mkfifo("fifo")
        ran = subprocess.run(["timeout", "1", WGWC, "fifo"], capture_output=True, timeout=LIMIT, check=False)
        self.assertEqual(ran.returncode, 124)
        ran = subprocess.run(["timeout", "-s", "INT", "1", WGWC, "-w0", "fifo"], capture_output=True, timeout=LIMIT,
                             check=False)
        self.assertEqual(ran.returncode, 124)

    def test_a_pipe_that_nobody_writes(self):
        """A worker is stuck in read(); what is complete is printed."""
        os.mkfifo("fifo")
        write("before", b"one two\n")
        write("after", b"left out\n")
        for number in (signal.SIGTERM, signal.SIGINT):
            for seconds in ("0", "1"):
                run = self.start("-j1", "-w", seconds, "before", "fifo", "after")
                with open("fifo", "wb"):  # opens when the one worker reads it: by then "before" is complete
                    run.send_signal(number)
                    out, err = run.communicate(timeout=LIMIT)
                self.assertEqual(out, b"1 2 8 before\n1 2 8 total\n")
                self.assertEqual(err, b"wgwc: gave up after %s s, tasks that are not done: 2\n"
                                 b"wgwc: interrupted: 1 files are counted, the others left out\n" % seconds.encode())
                self.assertEqual(run.returncode, -number)

    def test_two_signals_at_once_are_one(self):
        """Two signals as timeout(1) sends them, to the program and to its group: the second one does not kill."""
        os.mkfifo("fifo")
        write("before", b"one two\n")
        run = self.start("-j1", "before", "fifo")
        with open("fifo", "wb"):
            for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
                run.send_signal(number)
            out = run.communicate(timeout=LIMIT)[0]
        self.assertEqual(out, b"1 2 8 before\n1 2 8 total\n")
        self.assertIn(run.returncode, (-signal.SIGINT, -signal.SIGTERM))

    def test_output_that_nobody_reads(self):
        """The printing after the drain is stuck, too."""
        os.mkfifo("fifo")
        write("before", b"one two\n")
        from_full, full = os.pipe()
        os.set_blocking(full, False)
        try:
            while True:
                os.write(full, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(full, True)
        run = self.start("-j1", "-w0", "before", "fifo", stdout=full)
        with open("fifo", "wb"):
            run.send_signal(signal.SIGTERM)
            self.assertEqual(run.wait(timeout=LIMIT), -signal.SIGTERM)
        os.close(full)
        os.close(from_full)


class Terminal(InScratch):
    """Progress and Ctrl-C at a terminal.  A pipe as an argument blocks the worker where the test needs it."""

    def setUp(self):
        super().setUp()
        os.mkfifo("fifo")
        write("before", b"one two\n")
        os.mkdir("after")
        for i in range(50):
            write(f"after/{i}", b"left out\n")
        self.seen = b""

    def start(self, *args, ignored=False):
        self.start_program(WGWC, *args, ignored=ignored)

    def start_program(self, *command, ignored=False):
        self.master, slave = pty.openpty()

        def make_terminal():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.SIG_DFL)

        self.run_ = subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=slave,
                                     preexec_fn=make_terminal)
        os.close(slave)
        self.addCleanup(os.close, self.master)
        self.addCleanup(self.run_.stdout.close)

    def read_more(self, timeout):
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        try:
            more = os.read(self.master, 4096)
        except OSError:  # the other side is closed
            more = b""
        self.seen += more
        return more != b""

    def wait_for(self, pattern):
        end = time.monotonic() + LIMIT
        while not re.search(pattern, self.seen):
            if not self.read_more(max(0, end - time.monotonic())):
                self.run_.kill()
                self.run_.wait()
                self.fail(f"{pattern} is not in {self.seen}")
        self.seen = b""

    def end(self):
        try:
            out = self.run_.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            self.run_.kill()
            self.run_.wait()
            raise
        while self.read_more(0):
            pass
        return out, self.run_.returncode

    def test_progress_is_shown_and_erased(self):
        self.start("before", "fifo")
        with open("fifo", "wb", buffering=0) as fifo:
            self.wait_for(rb"1 files, 0\.0 MB")
            fifo.write(b"x" * 50000)
            fifo.write(b"y" * 100000)
            self.wait_for(rb"1 files, 0\.[12] MB")
        out, status = self.end()
        self.assertTrue(self.seen.endswith(b"\r\x1b[K"), self.seen)
        self.assertEqual([line.split() for line in out.splitlines()],
                         [[b"1", b"2", b"8", b"before"], [b"0", b"1", b"150000", b"fifo"],
                          [b"1", b"3", b"150008", b"total"]])
        self.assertEqual(status, 0)

    def test_no_progress_where_there_is_no_terminal(self):
        run = subprocess.Popen([WGWC, "fifo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open("fifo", "wb", buffering=0) as fifo:
            fifo.write(b"x\n")
            self.assertEqual(select.select([run.stderr], [], [], 0.5)[0], [])
        self.assertEqual(run.communicate(timeout=LIMIT), (b"      1       1       2 fifo\n", b""))

    def interrupt_and_drain(self, stop):
        self.start("-w", "3600", "-j1", "before", "fifo", "after")
        with open("fifo", "wb", buffering=0) as fifo:
            self.wait_for(rb"files, ")
            stop()
            self.wait_for(rb"finishing what is under way")
            fifo.write(b"under way\n")  # it is still counted
        return self.end()

    def test_ctrl_c_drains_and_prints_what_is_complete(self):
        out, status = self.interrupt_and_drain(lambda: os.write(self.master, b"\x03"))
        self.assertEqual(out, b"      1       2       8 before\n      1       2      10 fifo\n      2       4      18 total\n")
        self.assertIn(b"wgwc: interrupted: 2 files are counted, the others left out", self.seen)
        self.assertEqual(status, -signal.SIGINT)

    def test_shell_sees_130(self):
        script = 'trap : INT; "$1" -w3600 -j1 before fifo after >out; echo $?'
        self.start_program("sh", "-c", script, "sh", WGWC)
        with open("fifo", "wb"):
            self.wait_for(rb"files, ")
            os.write(self.master, b"\x03")
            self.wait_for(rb"finishing what is under way")
        out = self.end()[0]
        self.assertEqual(out, b"130\n")
        with open("out", "rb") as file:
            self.assertEqual(file.read().splitlines()[-1].split(), [b"1", b"2", b"8", b"total"])

    def test_sigterm_drains_likewise(self):
        out, status = self.interrupt_and_drain(lambda: os.kill(self.run_.pid, signal.SIGTERM))
        self.assertEqual(out.splitlines()[-1].split(), [b"2", b"4", b"18", b"total"])
        self.assertEqual(status, -signal.SIGTERM)

    def test_second_ctrl_c_kills(self):
        self.start("-w", "3600", "-j1", "before", "fifo", "after")
        with open("fifo", "wb", buffering=0):
            self.wait_for(rb"files, ")
            os.write(self.master, b"\x03")
            self.wait_for(rb"Ctrl-C again to kill")
            os.write(self.master, b"\x03")
            out, status = self.end()
        self.assertEqual((out, status), (b"", -signal.SIGINT))

    def test_sigint_that_is_ignored_stays_ignored(self):
        self.start("-j1", "before", "fifo", "after", ignored=True)
        with open("fifo", "wb", buffering=0):
            self.wait_for(rb"files, ")
            os.write(self.master, b"\x03")
            self.wait_for(rb"files, ")
        out, status = self.end()
        self.assertEqual(len(out.splitlines()), 53)
        self.assertEqual(status, 0)

    def test_ctrl_c_within_a_huge_file(self):
        with open("huge", "wb") as huge:
            for size in (1 << 40, 1 << 36):
                try:
                    huge.truncate(size)
                    break
                except OSError:
                    continue
        self.start("-w", "3600", "-j2", "before", "huge", "after")
        self.wait_for(rb"[1-9]\d* files, [1-9]\d*\.\d MB")
        os.write(self.master, b"\x03")
        out, status = self.end()
        self.assertEqual(status, -signal.SIGINT)
        self.assertNotIn(b"huge", out)
        counts = [int(line.split()[0]) for line in out.splitlines()]
        self.assertEqual(counts[-1], sum(counts[:-1]))
        self.assertIn(b"wgwc: interrupted: %d files are counted" % (len(counts) - 1), self.seen)


def left_out(reason):
    print("SKIPPED:", reason)
    sys.exit(77)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WGWC = os.path.abspath(sys.argv.pop(1))
    if "Host" in sys.argv:
        Host.RULE = words.rule_of() if b"GNU coreutils" in wc("--version").stdout else None
        if Host.RULE is None:
            left_out("needs a GNU wc whose rule of words is known")
    if "Terminal" in sys.argv:
        try:
            for end in pty.openpty():
                os.close(end)
        except OSError:
            left_out("needs a pseudo-terminal (devpts)")
    unittest.main(verbosity=2)
