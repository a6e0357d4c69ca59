#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""test_wgwc.py WGWC [unittest arguments]: wgwc against wc, on nasty trees, and at a terminal."""
import ctypes
import fcntl
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import tty
import unittest

WGWC = ""
WC = {**os.environ, "LC_ALL": "C"}
LIMIT = 60  # seconds; nothing here takes long, so this only ends what hangs
PIECE = 4 << 20


def wgwc(*args, **more):
    return subprocess.run([WGWC, *args], capture_output=True, timeout=LIMIT, check=False, **more)


def wc(*args, **more):
    return subprocess.run(["wc", *args], capture_output=True, timeout=LIMIT, check=False, env=WC, **more)


def wc_of_tree(*paths):
    """wc of what find finds, each path's files in byte order."""
    names = b""
    for path in paths:
        found = subprocess.run(["find", "-H", path, "-type", "f", "-print0"], capture_output=True, check=True).stdout
        names += b"".join(name + b"\0" for name in sorted(found.split(b"\0")[:-1]))
    with tempfile.NamedTemporaryFile() as names_file:
        names_file.write(names)
        names_file.flush()
        return wc("--files0-from=" + names_file.name)


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def obey_permissions():
    """Root reads everything, by two capabilities; a program started without them does not."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if os.geteuid() == 0 and prctl(24, capability, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
            raise OSError(ctypes.get_errno(), "prctl")


def in_shell(script, *args):
    """What the script does with wgwc, and with wc, as "$@"."""
    return [subprocess.run(["sh", "-c", script, "sh", program, *args], capture_output=True, timeout=LIMIT, check=False,
                           env=WC, stdin=subprocess.DEVNULL) for program in (WGWC, "wc")]


class InScratch(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        self.back = os.getcwd()
        self.scratch = tempfile.mkdtemp()
        os.chdir(self.scratch)

    def tearDown(self):
        os.chdir(self.back)
        subprocess.run(["rm", "-rf", self.scratch], check=True)

    def same(self, mine, theirs):
        self.assertEqual(mine.stdout, theirs.stdout)
        self.assertEqual(mine.stderr, re.sub(rb"^wc: ", b"wgwc: ", theirs.stderr, flags=re.M))
        self.assertEqual(mine.returncode, theirs.returncode)


NAMES = [b"plain", b"with space", b"new\nline", b"\n", b"tab\there", b"-t", b"--", b"-j", b"quote'd", b'double"',
         b"back\\slash", b"dollar$(x)", b"caf\xc3\xa9", b"latin\xe9", b"\xff\xfe", b"*?[", b".hidden", b"~", b"#",
         b"a:b", b"x" * 255, b"total", b"\x01\x7f"]

CONTENTS = [b"", b"\n", b"no newline at the end", b"one line\n", b"\0\0\0", b"a\0b c\0\n", bytes(range(256)),
            bytes(range(256)) * 40, b"dos\r\nlines\r\n", b"x" * 100000, b"word " * 50000, b" \t\n\v\f\r" * 300,
            "schöne grüße, мир\n".encode() * 500, b"\x01 \x02\n\xff\xa0 \x85", b"\xa0 \xa0x\xa0 x", b"\n" * 70000]


class Tree(InScratch):
    """Values, order and format, against wc over the same files."""

    def setUp(self):
        super().setUp()
        os.mkdir("tree")
        contents = CONTENTS * 2
        for place in (b"tree", b"tree/dir", b"tree/dir-more", b"tree/dir/sub dir", b"tree/new\nline dir", b"tree/z"):
            os.makedirs(place, exist_ok=True)
            for i, name in enumerate(NAMES):
                if not os.path.isdir(place + b"/" + name):
                    write(place + b"/" + name, contents[(i + len(place)) % len(contents)])
        os.makedirs("tree/empty/er")

    def test_tree_is_counted_as_wc_counts_it(self):
        for threads in ("1", "2", "7"):
            for path in ("tree", "tree/", ".", "tree/dir", self.scratch):
                with self.subTest(threads=threads, path=path):
                    self.same(wgwc("-j", threads, path), wc_of_tree(path))

    def test_default_is_the_current_directory(self):
        self.same(wgwc(), wc_of_tree("."))

    def test_several_trees_and_files_in_the_order_given(self):
        paths = ["tree/z", "tree/dir/plain", "tree/dir", "tree/dir"]
        self.same(wgwc(*paths), wc_of_tree(*paths))

    def test_list_of_files_is_counted_as_wc_counts_it(self):
        os.chdir("tree/dir")
        names = [name for name in os.listdir(b".") if os.path.isfile(name)]
        for seed in range(5):
            random.Random(seed).shuffle(names)
            some = names[: 1 + seed * 5] + names[:1]
            self.same(wgwc("--", *some), wc("--", *some))

    def test_each_file_alone(self):
        for name in os.listdir(b"tree"):
            if os.path.isfile(b"tree/" + name):
                self.same(wgwc(b"tree/" + name), wc(b"tree/" + name))

    def test_long_list(self):
        os.mkdir("many")
        for i in range(3000):
            write(f"many/{i}", b"a b\n" * (i % 7))
        names = [f"many/{i}" for i in range(3000)]
        self.same(wgwc(*names), wc(*names))
        self.same(wgwc("many"), wc_of_tree("many"))

    def test_total_only(self):
        mine, theirs = wgwc("-t", "tree"), wc_of_tree("tree")
        self.assertEqual(mine.stdout, theirs.stdout.splitlines(keepends=True)[-1])
        self.assertEqual(wgwc("-t", "tree/plain").stdout.split()[-1], b"total")
        self.assertEqual(wgwc("-t", "tree/empty").stdout, b"0 0 0 total\n")

    def test_empty_tree(self):
        self.same(wgwc("tree/empty"), wc_of_tree("tree/empty"))

    def test_standard_input_devices_and_pipes(self):
        with open("tree/plain", "rb") as a, open("tree/plain", "rb") as b:
            self.same(wgwc("-", stdin=a), wc("-", stdin=b))
        for file in ("/dev/null", "/proc/cpuinfo", "/proc/version"):
            self.same(wgwc(file), wc(file))
        self.same(wgwc("-", "tree/plain", input=b"from a pipe\n"), wc("-", "tree/plain", input=b"from a pipe\n"))

    def test_real_tree(self):
        theirs = None
        for _ in range(5):  # again if somebody installs something meanwhile
            before, theirs = theirs, wc_of_tree("/usr/include")
            if before is not None and before.stdout == theirs.stdout:
                break
            mine = wgwc("/usr/include")
        self.same(mine, theirs)


class Words(InScratch):
    """What a word is, in every byte and at every border."""

    def check(self, content):
        write("f", content)
        self.same(wgwc("f"), wc("f"))
        mine = wgwc("-a", "f").stdout.split()
        self.assertEqual(int(mine[1]), len(content.split()))

    def test_every_byte_in_every_place(self):
        os.mkdir("bytes")
        for i in range(256):
            b = bytes([i])
            for k, content in enumerate((b, b"a" + b + b"a", b" " + b + b" ", b + b + b" a", b"a " + b,
                                         b"ab cd" * 60 + b + b"ef gh" * 60, (b"a" + b + b" ") * 200)):
                write(f"bytes/{i}.{k}", content)
        self.same(wgwc("bytes"), wc_of_tree("bytes"))

    def test_random_bytes_of_all_densities(self):
        rng = random.Random(7)
        os.mkdir("random")
        for i in range(400):
            alphabet = rng.choice((b"a \n", b"ab \x01", b"a\xff\n", b"abcdefgh \t\n", b"\0\x01\xff", b"a" * 500 + b" \x80"))
            write(f"random/{i}", bytes(rng.choices(alphabet, k=rng.randrange(3000))))
        self.same(wgwc("random"), wc_of_tree("random"))

    def test_pieces_of_a_large_file_are_put_together(self):
        rng = random.Random(11)
        lines = b"".join(b"w" * rng.randrange(9) + rng.choice((b" ", b"\n", b"\x01", b"  ")) for _ in range(20000))
        text = (lines * (3 * PIECE // len(lines) + 1))[: 3 * PIECE]
        for border in (b"xx", b" x", b"x ", b"  ", b"\x01\x01", b"x\x01", b"\x01x", b"\x01 ", b" \x01"):
            content = bytearray(text)
            content[PIECE - 1: PIECE + 1] = border
            content[2 * PIECE - 1000: 2 * PIECE + 1000] = border[:1] * 1000 + border[1:] * 1000
            self.check(bytes(content))

    def test_large_files_of_one_kind(self):
        for content in (b"x" * (3 * PIECE), b" " * (3 * PIECE), b"\x01" * (3 * PIECE), b"\n" * (2 * PIECE + 1),
                        b"x" + b"\x01" * (3 * PIECE - 2) + b"x", b"\x01" * (3 * PIECE) + b"x", b"ab c\n" * (PIECE // 2),
                        b"\x01" * PIECE + b" " + b"\x01" * (PIECE - 1) + b"x" + b"\x01" * PIECE):
            self.check(content)

    def test_sizes_around_the_borders(self):
        for size in (2 * PIECE - 1, 2 * PIECE, 2 * PIECE + 1, 3 * PIECE - 1, 3 * PIECE + 1):
            self.check((b"ab cd\n" * (size // 6 + 1))[:size])


class Errors(InScratch):
    """What cannot be counted."""

    def test_unreadable_files_are_reported_as_wc_reports_them(self):
        write("good", b"good file\n")
        os.symlink("nowhere", "dangling")
        os.symlink("loop", "loop")
        for bad in ("", "missing", "dangling", "loop", "good/below", "good/", "/proc/self/mem", "x" * 300,
                    "./" * 2500 + "good", "it's missing", "with space", "new\nline", "a:b", b"\xff", "d$x", "~", "{"):
            with self.subTest(bad=bad):
                self.same(wgwc(bad), wc(bad))
                self.same(wgwc("good", bad, "good"), wc("good", bad, "good"))
        self.assertEqual(wgwc("missing").returncode, 1)
        self.same(wgwc("", ""), wc("", ""))

    def test_no_permission(self):
        os.mkdir("tree")
        os.mkdir("tree/closed")
        write("tree/closed/f", b"f\n")
        write("tree/secret", b"secret\n" * 1000)
        write("tree/open", b"open\n")
        os.chmod("tree/secret", 0)
        os.chmod("tree/closed", 0)
        user = {"preexec_fn": obey_permissions}
        self.same(wgwc("tree/open", "tree/secret", **user), wc("tree/open", "tree/secret", **user))
        mine = wgwc("tree", **user)
        self.assertEqual(mine.stdout, b"   1    1    5 tree/open\n   1    1    5 total\n")
        self.assertEqual(mine.stderr, b"wgwc: tree/closed: Permission denied\nwgwc: tree/secret: Permission denied\n")
        self.assertEqual(mine.returncode, 1)
        os.chmod("tree/closed", 0o755)

    def test_output_that_is_lost_is_an_error(self):
        write("good", b"good file\n")
        many = ["good"] * 3000
        for names in (["good"], ["good", "missing"], many, ["", "-"]):
            for output in (">/dev/full", ">&-", "<&- >&-", "2>/dev/full", "2>&-", ">/dev/full 2>&1", "<&- >&- 2>&-"):
                with self.subTest(names=names[:3], output=output):
                    self.same(*in_shell(f'"$@" {output}', *names))
        mine = in_shell('"$@" >/dev/full', "good")[0]
        self.assertEqual((mine.stderr, mine.returncode), (b"wgwc: write error\n", 1))

    def test_no_output_is_no_lost_output(self):
        os.mkdir("empty")
        for output in (">&-", ">/dev/full"):
            mine = in_shell(f'"$@" {output}', "empty")[0]
            self.assertEqual((mine.stdout, mine.stderr, mine.returncode), (b"", b"", 0))

    def test_output_that_is_lost_in_between_is_an_error(self):
        """A pipe without room for a full buffer, but for the rest of the output."""
        write("f", b"x\n")
        os.mkdir("empty")
        read, full = os.pipe2(os.O_NONBLOCK)
        try:
            if fcntl.fcntl(full, 1031, 4096) != 4096:  # F_SETPIPE_SZ
                self.skipTest("pages are larger here")
            self.assertEqual(os.write(full, b"x" * 1000), 1000)
            ran = subprocess.run([WGWC, *["f"] * 600], stdout=full, stderr=subprocess.PIPE, timeout=LIMIT, check=False)
            out = os.read(read, 8192)[1000:]
        finally:
            os.close(read)
            os.close(full)
        self.assertIn(b" total\n", out)
        self.assertLess(out.count(b"\n"), 601)
        self.assertEqual((ran.stderr, ran.returncode), (b"wgwc: write error\n", 1))

    def test_wrong_options(self):
        for args in (("-z",), ("-j", "0"), ("-j", "x"), ("-j", "-1"), ("-j", ""), ("-j",), ("-j", "1025")):
            ran = wgwc(*args)
            self.assertEqual((ran.returncode, ran.stdout), (2, b""), args)
            self.assertIn(b"usage: wgwc", ran.stderr)

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
            self.same(wgwc("tree"), wc_of_tree("tree"))
        self.assertEqual(wgwc("tree").stdout, b"1 1 2 tree/dir/file\n1 3 6 tree/file\n2 4 8 total\n")

    def test_links_that_are_arguments_are_followed(self):
        os.mkdir("tree")
        write("tree/file", b"a b c\n")
        os.symlink("tree", "to tree")
        os.symlink("tree/file", "to file")
        self.same(wgwc("to file"), wc("to file"))
        self.same(wgwc("to tree", "tree"), wc_of_tree("to tree", "tree"))

    def test_deeper_than_a_path_can_be(self):
        os.mkdir("deep")
        os.chdir("deep")
        path = "deep"
        for i in range(3000):
            os.mkdir("d")
            os.chdir("d")
            path += "/d"
            if i % 500 == 499:
                write("f", b"a b\n")
        os.mkdir("x" * 255)
        os.chdir("x" * 255)
        write("f", b"c\n")
        os.chdir(self.scratch)
        ran = wgwc("deep")
        lines = ran.stdout.splitlines()
        self.assertEqual((ran.returncode, ran.stderr), (0, b""))
        self.assertEqual(len(lines), 8)
        self.assertEqual(lines[-1].split(), [b"7", b"13", b"26", b"total"])
        self.assertIn(" 1  2  4 {}/f".format(path).encode(), lines)

    def test_file_that_vanishes_before_its_turn(self):
        os.mkdir("tree")
        for name in "abc":
            write("tree/" + name, b"x\n")
        os.mkfifo("fifo")
        run = subprocess.Popen([WGWC, "-j1", "tree", "fifo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open("fifo", "wb"):  # opens when the one worker reads it: the tree is listed, its files wait
            os.unlink("tree/b")
        out, err = run.communicate(timeout=LIMIT)
        self.assertEqual(err, b"wgwc: tree/b: No such file or directory\n")
        self.assertEqual([line.split() for line in out.splitlines()],
                         [[b"1", b"1", b"2", b"tree/a"], [b"1", b"1", b"2", b"tree/c"], [b"0", b"0", b"0", b"fifo"],
                          [b"2", b"2", b"4", b"total"]])
        self.assertEqual(run.returncode, 1)


class Input(InScratch):
    """Standard input: "-", once or several times, and what it may be."""

    ARGUMENTS = (["-"], ["-", "-"], ["f", "-"], ["-", "f"], ["f", "-", "f", "-", "f", "-"], ["--", "-", "./-"],
                 ["missing", "-"], ["-", "", "-"])

    def setUp(self):
        super().setUp()
        write("f", b"a file\nof two lines\n")
        write("-", b"its name is -\n")
        write("empty", b"")
        os.mkdir("dir")

    def check(self, script, repeat=1):
        for args in self.ARGUMENTS:
            for _ in range(repeat):
                with self.subTest(script=script, args=args):
                    self.same(*in_shell(script, *args))

    def test_files_and_devices(self):
        for name in ("f", "empty", "/dev/null", "/proc/version", "-"):
            self.check(f'"$@" <{name}')

    def test_file_of_which_a_part_is_read(self):
        self.check('(read line; "$@") <f')

    def test_file_that_is_open_for_writing_only(self):
        self.check('"$@" 0>>f')

    def test_closed(self):
        self.check('"$@" <&-')
        mine = in_shell('"$@" - <&-')[0]
        self.assertEqual((mine.stdout, mine.returncode), (b"0 0 0 -\n", 1))

    def test_closed_while_another_file_is_descriptor_0(self):
        """Pipes as arguments: the one that became descriptor 0 holds a worker, the other lets one go on to "-"."""
        for name in ("one", "two", "after"):
            os.mkfifo(name)
        for _ in range(20):
            run = subprocess.Popen(["sh", "-c", 'exec "$0" -j2 one two - after <&-', WGWC], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
            signal.signal(signal.SIGALRM, lambda *_, run=run: run.kill() or self.fail("both workers are held"))
            signal.alarm(LIMIT)
            pipes = {name: open(name, "wb", buffering=0) for name in ("one", "two")}
            for pipe in pipes.values():
                pipe.write(b"x" * 100000)  # more than a pipe holds: it is being read
            try:
                held = os.path.basename(os.readlink(f"/proc/{run.pid}/fd/0"))
            except FileNotFoundError:
                held = None  # it was the library's for a moment, which looks for the cores: again
            else:
                pipes.pop("two" if held == "one" else "one").close()
            if held is None:
                for pipe in pipes.values():
                    pipe.close()
            with open("after", "wb", buffering=0):
                pass  # "-" is behind the worker that reads this
            for pipe in pipes.values():
                pipe.close()
            out, err = run.communicate(timeout=LIMIT)
            signal.alarm(0)
            self.assertEqual([line.split() for line in out.splitlines()],
                             [[b"0", b"1", b"100000", b"one"], [b"0", b"1", b"100000", b"two"],
                              [b"0", b"0", b"0", b"-"], [b"0", b"0", b"0", b"after"],
                              [b"0", b"2", b"200000", b"total"]])
            self.assertEqual((err, run.returncode), (b"wgwc: -: Bad file descriptor\n" * 2, 1))
            if held is not None:
                return
        self.fail("no argument ever became descriptor 0")

    def test_directory(self):
        self.check('"$@" <dir')
        mine = in_shell('"$@" - <dir')[0]
        self.assertEqual((mine.stderr, mine.returncode), (b"wgwc: -: Is a directory\n", 1))

    def test_that_cannot_be_read(self):
        self.check('"$@" </proc/self/mem')

    def test_read_error_after_some_bytes(self):
        """The far side of a terminal gives what was written, then EIO."""
        for args in self.ARGUMENTS:
            results = []
            for program in (wgwc, wc):
                master, slave = pty.openpty()
                tty.setraw(slave)
                os.write(slave, b"some words\nand then\n")
                os.close(slave)
                results.append(program(*args, stdin=master))
                os.close(master)
            with self.subTest(args=args):
                self.same(*results)
                self.assertIn(b"wgwc: -: Input/output error\n", results[0].stderr)

    def test_the_first_takes_all(self):
        self.check('cat f - f f </dev/null | "$@"')
        self.check('yes | head -c 3000001 | "$@"', repeat=3)

    def test_each_starts_when_the_one_before_has_ended(self):
        """At a terminal, each end of a transmission ends one."""
        for args in (["-", "-"], ["-", "f", "-", "-"]):
            results = []
            for program in (WGWC, "wc"):
                master, slave = pty.openpty()
                os.write(master, b"first words\n\x04second\n\x04\x04")
                results.append(subprocess.run([program, *args], stdin=slave, capture_output=True, timeout=LIMIT,
                                              check=False, env=WC))
                os.close(slave)
                os.close(master)
            with self.subTest(args=args):
                self.same(*results)
                self.assertTrue(results[0].stdout.split()[:3] == [b"1", b"2", b"12"], results[0].stdout)


class Deliberate(InScratch):
    """Where wgwc is not wc."""

    def test_directory_is_a_tree(self):
        os.mkdir("dir")
        write("dir/f", b"a b\n")
        mine = wgwc("dir")
        self.assertEqual((mine.stdout, mine.stderr, mine.returncode), (b"1 2 4 dir/f\n", b"", 0))
        self.assertEqual(wc("dir").returncode, 1)

    def test_no_argument_is_the_current_directory(self):
        write("f", b"a b\n")
        mine = wgwc(input=b"not read\n")
        self.assertEqual((mine.stdout, mine.stderr, mine.returncode), (b"1 2 4 ./f\n", b"", 0))


class Terminal(InScratch):
    """Progress and Ctrl-C.  A pipe as argument holds the worker where the test wants it."""

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
        except OSError:  # the other side is gone
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

    def interrupt_and_drain(self, stop, threads):
        self.start("-j", threads, "before", "fifo", "after")
        with open("fifo", "wb", buffering=0) as fifo:
            self.wait_for(rb"files, ")
            stop()
            self.wait_for(rb"finishing what is under way")
            fifo.write(b"under way\n")  # and still counted
        return self.end()

    def test_ctrl_c_drains_and_prints_what_is_complete(self):
        out, status = self.interrupt_and_drain(lambda: os.write(self.master, b"\x03"), "1")
        self.assertEqual(out, b"      1       2       8 before\n      1       2      10 fifo\n      2       4      18 total\n")
        self.assertIn(b"wgwc: interrupted: 2 files are counted, the others left out", self.seen)
        self.assertEqual(status, -signal.SIGINT)

    def test_shell_sees_130(self):
        script = 'trap : INT; "$1" -j1 before fifo after >out; echo $?'
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
        out, status = self.interrupt_and_drain(lambda: os.kill(self.run_.pid, signal.SIGTERM), "1")
        self.assertEqual(out.splitlines()[-1].split(), [b"2", b"4", b"18", b"total"])
        self.assertEqual(status, -signal.SIGTERM)

    def test_second_ctrl_c_kills(self):
        self.start("-j1", "before", "fifo", "after")
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
        self.start("-j2", "before", "huge", "after")
        self.wait_for(rb"[1-9]\d* files, [1-9]\d*\.\d MB")
        os.write(self.master, b"\x03")
        out, status = self.end()
        self.assertEqual(status, -signal.SIGINT)
        self.assertNotIn(b"huge", out)
        counts = [int(line.split()[0]) for line in out.splitlines()]
        self.assertEqual(counts[-1], sum(counts[:-1]))
        self.assertIn(b"wgwc: interrupted: %d files are counted" % (len(counts) - 1), self.seen)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WGWC = os.path.abspath(sys.argv.pop(1))
    if shutil.which("wc") is None or b"GNU coreutils" not in wc("--version").stdout:
        print("SKIPPED: there is no GNU wc to compare with")
        sys.exit(77)
    unittest.main(verbosity=2)
