#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""run.py: builds libwg and its peers, measures them by turns, and says which targets hold.

python3 bench/run.py --out DIR               five repetitions, about eleven minutes
python3 bench/run.py --out DIR --write-docs  the tables of docs/benchmarks.md from DIR/results.json
"""
import argparse
import datetime
import glob
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
# Aligned, so that the speed of a loop of a nanosecond does not depend on its address.
FLAGS = ["-O2", "-falign-functions=64", "-falign-loops=64", "-D_GNU_SOURCE", "-pthread", "-Wall", "-Wextra"]

# Loops of a few nanoseconds on one thread.  The speed of a core drifts by more than the peers differ, so these loops
# stay on one core and take more and shorter turns.
LOOPS = ["pair", "dones", "wait_zero"]
TURNS = 5
NOTICES = ["notices_1", "notices_8", "notices_64", "notify_cancel", "ring"]
PINNED = LOOPS + NOTICES
ANY = ["any_1", "any_8", "any_64"]
ANY_TIMED = ["any_timed_1", "any_timed_8", "any_timed_64"]
SHARED = ["shared_1", "shared_2", "shared_8", "beside"]
CORES = ["cores_1", "cores_2", "cores_8", "cores_all", "cores_all_1us", "cores_all_10us"]
RELEASE = ["release_1", "release_8", "release_64", "release_512"]
SPAWN_SIZES = (1, 8, 100, 10000)
SPAWN = ["spawn_%dus_%d" % (us, n) for us in (0, 1, 20) for n in SPAWN_SIZES]
GO = ["go_uncontended", "go_add_done", "go_add_done_work", "go_wait", "go_wait_work", "go_actually_wait"]
GROUPS = [
    ["check"],
    PINNED,
    SHARED,
    CORES,
    ["fork_join_%dus_1" % us for us in (0, 1, 20)],
    ["fork_join_%dus_%d" % (us, workers) for us in (0, 1, 20) for workers in (2, 8)],
    RELEASE + ["release_1_of_512"],
    ["ring_asleep"] + ANY,
    ANY_TIMED,
    ["crowd", "timed"],
    GO,
] + [SPAWN[i:i + len(SPAWN_SIZES)] for i in range(0, len(SPAWN), len(SPAWN_SIZES))]
ONCE = ["memory", "spawn_memory"]


INCLUDE = "-I" + os.path.join(ROOT, "include")


class Absent(Exception):
    """A peer that this machine does not have."""


def say(text=""):
    print(text, flush=True)


def call(command, **options):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode != 0:
        raise RuntimeError("%s\n%s" % (" ".join(command), result.stdout[-3000:]))
    return result.stdout


def tool(*names):
    for name in names:
        if shutil.which(name):
            return name
    raise Absent("no " + " or ".join(names))


def pkg_config(package):
    """Options and libraries of a package."""
    try:
        return [call([tool("pkg-config"), what, package]).split() for what in ("--cflags", "--libs")]
    except RuntimeError:
        raise Absent("no package " + package) from None


def header(path):
    if not os.path.exists(os.path.join("/usr/include", path)):
        raise Absent("no <%s>" % path)


def with_rpath(library):
    return [library, "-Wl,-rpath," + os.path.dirname(os.path.abspath(library))]


class Builder:
    """Makes the command of each peer in one folder."""

    def __init__(self, folder, lib, smoke):
        self.folder = os.path.abspath(folder)
        self.smoke = smoke
        self.lib = lib
        os.makedirs(self.folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def wg(self, kind):
        """libwg as its own build makes it, but at the -O2 of all peers.  Returns its file."""
        if self.lib and kind == "wg":
            return self.lib
        options = {"wg": [], "wg-lto": ["-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON"], "wg-dispatch": ["-DWG_DISPATCH=on"]}
        target, file = ("wg_static", "libwg.a") if kind == "wg-lto" else ("wg_shared", "libwg.so")
        folder = self.path(kind)
        call(["cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_COMPILER=gcc",
              "-DCMAKE_C_FLAGS=-O2", "-DWG_BUILD_TESTS=OFF", "-DWG_BUILD_EXAMPLES=OFF",
              "-DWG_BUILD_BENCH=OFF"] + options[kind])
        call(["cmake", "--build", folder, "--parallel", "--target", target])
        if kind == "wg":
            self.lib = os.path.join(folder, file)
        return os.path.join(folder, file)

    def program(self, source, adapter, name, options=(), libraries=(), language="c"):
        compiler = ["gcc", "-std=gnu11"] if language == "c" else ["g++", "-x", "c++", "-std=gnu++20"]
        short = ["-DSHORT=8"] if self.smoke else []
        program = self.path("bench-" + name)
        call(compiler + FLAGS + short + list(options) +
             ['-DADAPTER="peers/%s.h"' % adapter, os.path.join(HERE, source), "-o", program] + list(libraries))
        return [program]

    def scenarios(self, peer, options=(), libraries=(), language="c", name=None):
        return self.program("scenarios.c", "peer_" + peer, name or peer, options, libraries, language)

    def spawn(self, peer, options=(), libraries=(), language="c", name=None):
        return self.program("spawn.c", "spawn_" + peer, name or peer, options, libraries, language)

    def build_wg(self, name, options=(), kind="wg", peer="wg"):
        library = self.wg(kind)
        options = [INCLUDE, '-DPEER_NAME="%s"' % name] + list(options)
        if kind == "wg-lto":
            return self.scenarios("wg", options + ["-flto"], [library], name=name)
        return self.scenarios(peer, options, with_rpath(library), name=name)

    def spawn_wg(self, name, peer, options=(), libraries=()):
        return self.spawn(peer, [INCLUDE] + list(options), with_rpath(self.wg("wg")) + list(libraries), name=name)

    def build_idealcall(self):
        library = self.path("libidealcall.so")
        call(["gcc", "-std=gnu11"] + FLAGS + ["-fPIC", "-shared", "-fvisibility=hidden",
              os.path.join(HERE, "peers", "idealcall.c"), "-o", library])
        return self.scenarios("idealcall", libraries=[library, "-Wl,-rpath," + self.folder])

    def build_go(self):
        program = self.path("bench-go")
        environment = dict(os.environ, GO111MODULE="off", GOCACHE=self.path("go-cache"), GOFLAGS="")
        call([tool("go"), "build", "-o", program, os.path.join(HERE, "peers", "go", "main.go")], env=environment)
        return [program]

    def build_crossbeam(self):
        tool("cargo")
        if not glob.glob("/usr/share/cargo/registry/crossbeam-utils-*"):
            raise Absent("no Debian package of crossbeam-utils")
        folder = self.path("rust")
        shutil.copytree(os.path.join(HERE, "peers", "rust"), folder, dirs_exist_ok=True)
        os.makedirs(os.path.join(folder, ".cargo"), exist_ok=True)
        with open(os.path.join(folder, ".cargo", "config.toml"), "w", encoding="utf-8") as config:
            config.write('[source.crates-io]\nreplace-with = "debian"\n'
                         '[source.debian]\ndirectory = "/usr/share/cargo/registry"\n')
        call(["cargo", "build", "--release", "--offline", "--quiet"], cwd=folder)
        return [os.path.join(folder, "target", "release", "bench")]

    def build_java(self, kind):
        tool("java")
        call([tool("javac"), "-d", self.path("java"), os.path.join(HERE, "peers", "java", "Bench.java")])
        return ["java", "-cp", self.path("java"), "Bench", kind]


def dispatch():
    """Options and libraries for libdispatch."""
    places = [("/usr", "/usr/include", sorted(glob.glob("/usr/lib/*/libdispatch.so")))]
    swift = shutil.which("swiftc")
    if swift:
        base = os.path.dirname(os.path.dirname(os.path.realpath(swift)))
        places.append((base, base + "/lib/swift", glob.glob(base + "/lib/swift/linux/libdispatch.so")))
    for _, include, libraries in places:
        if libraries and os.path.exists(include + "/dispatch/dispatch.h"):
            folder = os.path.dirname(libraries[0])
            return ["-I" + include], ["-L" + folder, "-ldispatch", "-Wl,-rpath," + folder]
    raise Absent("no libdispatch")


def cpp(peer, include, *libraries):
    def build(builder):
        tool("g++")
        header(include)
        return builder.scenarios(peer, libraries=libraries, language="c++")
    return build


def dispatch_wg(builder):
    dispatch()
    return builder.build_wg("wg-dispatch", ["-DWG_BENCH_SEM=wg_sem_dispatch"], kind="wg-dispatch")


def spawn_tbb(builder):
    tool("g++")
    header("tbb/task_group.h")
    return builder.spawn("tbb", libraries=["-ltbb"], language="c++")


def nsync(builder):
    header("nsync.h")
    return builder.scenarios("nsync", libraries=["-lnsync"])


PEERS = {
    "ideal": lambda b: b.scenarios("ideal"),
    "idealcall": lambda b: b.build_idealcall(),
    "wg": lambda b: b.build_wg("wg"),
    "wg-lto": lambda b: b.build_wg("wg-lto", kind="wg-lto"),
    "wg-nospin": lambda b: b.build_wg("wg-nospin", ["-DWG_BENCH_FLAGS=WG_NO_SPIN"]),
    "wg-posix": lambda b: b.build_wg("wg-posix", ["-DWG_BENCH_SEM=wg_sem_posix"]),
    "wg-dispatch": dispatch_wg,
    "wg-sharded": lambda b: b.build_wg("wg-sharded", peer="sharded"),
    "cached": lambda b: b.scenarios("cached"),
    "atomic": lambda b: b.scenarios("atomic"),
    "mutex": lambda b: b.scenarios("mutex"),
    "sem": lambda b: b.scenarios("sem"),
    "dispatch": lambda b: b.scenarios("dispatch", *dispatch()),
    "nsync": nsync,
    "latch": cpp("latch", "c++/12/latch"),
    "barrier": cpp("barrier", "c++/12/barrier"),
    "boost": cpp("boost", "boost/thread/latch.hpp"),
    "absl": cpp("absl", "absl/synchronization/blocking_counter.h", "-labsl_synchronization", "-labsl_base"),
    "go": lambda b: b.build_go(),
    "crossbeam": lambda b: b.build_crossbeam(),
    "java-latch": lambda b: b.build_java("latch"),
    "java-phaser": lambda b: b.build_java("phaser"),
    "scope": lambda b: b.spawn_wg("scope", "scope"),
    "scope-task": lambda b: b.spawn_wg("scope-task", "scope", ["-DSCOPE_GO=scope_go_task"]),
    "scope-dispatch": lambda b: b.spawn_wg("scope-dispatch", "scope_dispatch", *dispatch()),
    "scope-glib": lambda b: b.spawn_wg("scope-glib", "scope_glib", *pkg_config("glib-2.0")),
    "wg-go": lambda b: b.spawn_wg("wg-go", "wg"),
    "pthread": lambda b: b.spawn("pthread"),
    "dispatch-async": lambda b: b.spawn("dispatch", *dispatch(), name="dispatch-async"),
    "glib": lambda b: b.spawn("glib", *pkg_config("glib-2.0")),
    "openmp": lambda b: b.spawn("openmp", ["-fopenmp"]),
    "tbb": spawn_tbb,
    "async": lambda b: b.spawn("async", language="c++"),
}
SMOKE_PEERS = ["ideal", "wg", "mutex", "wg-sharded", "cached", "atomic", "scope", "scope-task", "pthread"]
# Peers that take part only in the rows of many cores; and all peers that take part in these rows.
CORES_ONLY = ["wg-sharded", "cached", "atomic"]
CORES_PEERS = CORES_ONLY + ["ideal", "wg", "go"]
# Peers that only start tasks; and all peers that start tasks.
SCOPES = ["scope", "scope-task", "scope-dispatch", "scope-glib"]
SPAWN_ONLY = SCOPES + ["wg-go", "pthread", "dispatch-async", "glib", "openmp", "tbb", "async"]
SPAWN_PEERS = SPAWN_ONLY + ["go"]
SHORT_TIMEOUT = 120


def figures_of(output):
    for line in output.splitlines():
        figure = json.loads(line)
        yield figure["scenario"] + "/" + figure["metric"], figure["value"]


def stay():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def takes_part(peer, name):
    if name in CORES:
        return peer in CORES_PEERS
    if name in SPAWN or name == "spawn_memory":
        return peer in SPAWN_PEERS
    if peer in SPAWN_ONLY:
        return name == "check"
    return peer not in CORES_ONLY or name in ("check", "wait_zero")


def measure(command, steps, names, results, **options):
    if not names:
        return
    for key, value in figures_of(call(command + [str(steps)] + names, timeout=SHORT_TIMEOUT, **options)):
        results.setdefault(key, []).append(value)


def count_syscalls(command, steps, name, folder):
    """System calls of the releasing thread inside one done()."""
    log = os.path.join(folder, "strace.log")
    call(["strace", "-f", "-qq", "-o", log] + command + [str(steps), name], timeout=SHORT_TIMEOUT,
         env=dict(os.environ, BENCH_MARK="1"))
    count, counts, marker = None, [], None
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"(\d+)\s+(\w+)\(", line)
            if match is None:
                continue
            thread, syscall = match.groups()
            if syscall == "getppid":
                if count is None:
                    count, marker = 0, thread
                elif thread == marker:
                    counts.append(count)
                    count = None
            elif count is not None and thread == marker:
                count += 1
    return counts[-1]


def text_bytes(folder):
    """The bytes of code of scope.c in the library; None if this run did not build it."""
    objects = glob.glob(os.path.join(folder, "wg", "**", "scope.c.o"), recursive=True)
    if not objects or not shutil.which("size"):
        return None
    sections = (line.split() for line in call(["size", "-A", objects[0]]).splitlines())
    return sum(int(words[1]) for words in sections if words and words[0].startswith(".text"))


def first_line(command):
    try:
        return call(command).splitlines()[0].strip()
    except (OSError, RuntimeError, IndexError):
        return None


def describe():
    model = None
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        match = re.search(r"^model name\s*:\s*(.*)$", cpuinfo.read(), re.M)
        model = match.group(1) if match else platform.machine()
    packages = {}
    for package in ("libc6", "libnsync-dev", "libboost-dev", "libabsl-dev", "librust-crossbeam-utils-dev",
                    "libglib2.0-dev", "libgomp1", "libtbb-dev"):
        version = first_line(["dpkg-query", "-W", "-f", "${Version}\n", package])
        if version:
            packages[package] = version
    versions = {"gcc": first_line(["gcc", "--version"]), "go": first_line(["go", "version"]),
                "rustc": first_line(["rustc", "--version"]), "java": first_line(["java", "-version"]),
                "swift (libdispatch)": swift_version()}
    with open("/etc/os-release", encoding="utf-8") as release:
        system = re.search(r'^PRETTY_NAME="(.*)"', release.read(), re.M).group(1)
    return {"date": datetime.date.today().isoformat(), "cpu": model, "cores": len(os.sched_getaffinity(0)),
            "virtual": "hypervisor" in open("/proc/cpuinfo", encoding="utf-8").read(),
            "kernel": platform.release(), "system": system, "packages": packages,
            "versions": {name: version for name, version in versions.items() if version},
            "load_before": os.getloadavg()[0]}


def swift_version():
    if not shutil.which("swiftc"):
        return None
    match = re.search(r"Swift version \S+", call(["swiftc", "--version"]))
    return match.group(0) if match else None


def run(options):
    peers = options.peers or (SMOKE_PEERS if options.smoke else list(PEERS))
    repetitions = 1 if options.smoke else options.repetitions
    machine = describe()
    machine["repetitions"] = repetitions
    builder = Builder(os.path.join(options.out, "build"), options.lib, options.smoke)
    commands, absent = {}, {}
    for peer in peers:
        try:
            commands[peer] = PEERS[peer](builder)
        except Absent as reason:
            absent[peer] = str(reason)
            say("%-12s absent: %s" % (peer, reason))
        except RuntimeError as error:
            if peer in SMOKE_PEERS or peer.startswith(("wg", "scope")):
                raise
            absent[peer] = "does not build: " + str(error).splitlines()[-1]
            say("%-12s absent: %s" % (peer, error))
    steps = int(call([builder.scenarios("ideal", name="calibrate")[0]]))
    machine["steps_per_us"] = steps
    say("built %d peers; %d steps of work take 1 us" % (len(commands), steps))

    results = {peer: {} for peer in commands}
    wanted = set(options.scenarios or [name for group in GROUPS for name in group] + ONCE)
    order = list(commands)
    for repetition in range(repetitions):
        for group in GROUPS:
            names = [name for name in group if name in wanted or name == "check" and repetition == 0]
            if not names or (names == ["check"] and repetition > 0):
                continue
            turns, how = (TURNS, {"preexec_fn": stay}) if group is PINNED else (1, {})
            for peer in order * turns:
                measure(commands[peer], steps, [name for name in names if takes_part(peer, name)], results[peer], **how)
        order = order[1:] + order[:1]
        say("repetition %d of %d, load %.1f" % (repetition + 1, repetitions, os.getloadavg()[0]))
    for peer in commands:
        measure(commands[peer], steps, [name for name in ONCE if name in wanted and takes_part(peer, name)],
                results[peer])
        if "check/passed" not in results[peer]:
            raise RuntimeError(peer + " was not checked")
    if shutil.which("strace") and not options.smoke:
        for peer in commands:
            for name in RELEASE:
                if name in wanted and name + "/done_ns" in results[peer]:
                    count = count_syscalls(commands[peer], steps, name, builder.folder)
                    results[peer][name + "/syscalls"] = [count]
    else:
        say("system calls not counted: no strace, or a smoke run")
    text = text_bytes(builder.folder)
    if text is not None and "scope" in commands:
        results["scope"]["text/bytes"] = [text]
    machine["load_after"] = os.getloadavg()[0]
    document = {"machine": machine, "absent": absent, "results": results}
    with open(os.path.join(options.out, "results.json"), "w", encoding="utf-8") as file:
        file.write(one_line_each(document, 3) + "\n")
    return document


def one_line_each(value, depth):
    """JSON with a line for each entry down to this depth."""
    if depth == 0 or not isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    entries = ["%s: %s" % (json.dumps(key), one_line_each(value[key], depth - 1)) for key in sorted(value)]
    return "{" + ",\n".join(entries) + "}"


class Figures:
    """Medians, spreads and ratios."""

    def __init__(self, document):
        self.results = document["results"]

    def all(self, peer, key):
        return self.results.get(peer, {}).get(key)

    def median(self, peer, key):
        values = self.all(peer, key)
        return statistics.median(values) if values else None

    def spread(self, peer, key):
        """Half the distance of the quartiles, as a share of the median."""
        values = self.all(peer, key)
        if not values or len(values) < 3:
            return None
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return (high - low) / 2 / statistics.median(values) if statistics.median(values) else 0.0

    def ratio(self, key, peer, other):
        mine, its = self.median(peer, key), self.median(other, key)
        return mine / its if mine is not None and its else None

    def overlap(self, key, peer, other):
        mine, its = self.all(peer, key), self.all(other, key)
        return min(mine) <= max(its)


ALL_ROWS = ([name + "/ns" for name in LOOPS + SHARED] +
            ["fork_join_%dus_%d/p50_ns" % (us, workers) for us in (0, 1, 20) for workers in (1, 2, 8)] +
            ["%s/%s" % (name, metric) for name in RELEASE for metric in ("done_ns", "last_back_ns")] +
            ["crowd/p50_ns"] + [name + "/ns" for name in GO])


def targets(figures):
    """Yields (what, measured, limit, verdict)."""

    def at_most(what, value, limit, overlap=False, form="%.2f"):
        if value is None:
            return (what, "not measured", form % limit, "not measured")
        verdict = "yes" if value <= limit else "within the spread" if overlap else "no"
        return (what, form % value, "<= " + form % limit, verdict)

    for name in ("pair", "dones", "shared_1", "shared_2", "shared_8"):
        key = name + "/ns"
        yield at_most(name + ", shared library / idealcall", figures.ratio(key, "wg", "idealcall"), 1.05)
        yield at_most(name + ", libwg.a with -flto / ideal", figures.ratio(key, "wg-lto", "ideal"), 1.08)
        yield at_most(name + ", libwg.a with -flto / Go", figures.ratio(key, "wg-lto", "go"), 1.0)
    yield at_most("wait_zero, shared library / idealcall", figures.ratio("wait_zero/ns", "wg", "idealcall"), 1.1)
    yield at_most("wait_zero, libwg.a with -flto / ideal", figures.ratio("wait_zero/ns", "wg-lto", "ideal"), 1.3)
    for us in (0, 1):
        name = "fork_join_%dus_1" % us
        yield at_most(name + " p50 / ideal", figures.ratio(name + "/p50_ns", "wg", "ideal"), 0.5)
        yield at_most(name + " p99, ns", figures.median("wg", name + "/p99_ns"), 2000, form="%.0f")
    for name in ["fork_join_%dus_%d" % (us, workers) for us in (0, 1, 20) for workers in (2, 8)] + ["crowd"]:
        for metric, what in (("p50_ns", "time"), ("cpu_ns", "CPU")):
            key = name + "/" + metric
            ratio = figures.ratio(key, "wg", "wg-nospin")
            overlap = ratio is not None and figures.overlap(key, "wg", "wg-nospin")
            yield at_most("%s %s / without spinning" % (name, what), ratio, 1.03, overlap)
    for name in RELEASE:
        key = name + "/done_ns"
        ratio = figures.ratio(key, "wg", "ideal")
        overlap = ratio is not None and figures.overlap(key, "wg", "ideal")
        yield at_most(name + ": inside done() / ideal", ratio, 1.1, overlap)
    for name in RELEASE:
        yield at_most(name + ": system calls of done()", figures.median("wg", name + "/syscalls"), 1, form="%.0f")
    for name in RELEASE[1:]:
        key = name + "/last_back_ns"
        ratio = figures.ratio(key, "wg", "ideal")
        overlap = ratio is not None and figures.overlap(key, "wg", "ideal")
        yield at_most(name + ": last waiter back / ideal", ratio, 1.1, overlap)
    yield at_most("release_64: last waiter back / mutex", figures.ratio("release_64/last_back_ns", "wg", "mutex"), 0.5)
    pair, one = figures.median("wg", "pair/ns"), figures.median("wg", "notices_1/ns")
    yield at_most("add, notify, done above a pair, ns", one - pair if one and pair else None, 45, form="%.0f")
    for n in (8, 64):
        many = figures.median("wg", "notices_%d/ns" % n)
        each = (many - one) / (n - 1) if many and one else None
        yield at_most("each of %d notices after the first, ns" % n, each, 26, form="%.1f")
    yield at_most("notify and cancel, ns", figures.median("wg", "notify_cancel/ns"), 55, form="%.0f")
    for key, what in ([(name + "/last_back_ns", "back") for name in ANY] +
                      [(name + "/cpu_ns", "CPU") for name in ANY_TIMED]):
        ratio = figures.ratio(key, "wg", "nsync")
        overlap = ratio is not None and figures.overlap(key, "wg", "nsync")
        yield at_most("%s: %s / nsync_wait_n" % (key.split("/")[0], what), ratio, 1.0, overlap)
    for peer in SCOPES:
        for other, limit, works, sizes in (("go", 1.0, (0, 1, 20), (100, 10000)),
                                           ("dispatch-async", 0.5, (0, 1), SPAWN_SIZES),
                                           ("tbb", 1.05, (1,), (100, 10000))):
            for name in ["spawn_%dus_%d" % (us, n) for us in works for n in sizes]:
                ratio = figures.ratio(name + "/ns", peer, other)
                overlap = ratio is not None and figures.overlap(name + "/ns", peer, other)
                yield at_most("%s: %s / %s" % (name, peer, other), ratio, limit, overlap)
    for peer in SCOPES[:2]:
        bytes_ = figures.median(peer, "spawn_memory/bytes")
        yield at_most("%s: MB of 10000 queued tasks" % peer, bytes_ / 1e6 if bytes_ is not None else None, 5)
    yield at_most("bytes of code of scope.c", figures.median("scope", "text/bytes"), 3072, form="%.0f")
    for backend, peer in (("wg-posix", "sem"), ("wg-dispatch", "dispatch")):
        for key in ALL_ROWS:
            ratio = figures.ratio(key, backend, peer)
            if ratio is not None:
                yield at_most("%s: %s / %s" % (key, backend, peer), ratio, 1.0, figures.overlap(key, backend, peer))
    yield at_most("bytes of wg_storage_t", figures.median("wg", "memory/storage_bytes"), 64, form="%.0f")
    yield at_most("resident bytes of a group on the heap", figures.median("wg", "memory/heap_bytes"), 96, form="%.0f")


def table(head, rows):
    widths = [max(len(str(row[i])) for row in [head] + rows) for i in range(len(head))]
    lines = ["| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |"
             for row in [head] + rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def number(value):
    if value is None:
        return "-"
    if value >= 1000:
        return "%.0f" % value
    return "%.3g" % value


def sections(document):
    """Yields (title, table) of everything that was measured."""
    figures = Figures(document)
    peers = [peer for peer in PEERS if peer in document["results"]]

    def one(title, columns, against=None, scale=1.0):
        rows = []
        for peer in peers:
            cells = []
            for _, key in columns:
                value = figures.median(peer, key)
                ratio = figures.ratio(key, peer, against) if against else None
                spread = figures.spread(peer, key)
                text = number(value / scale if value is not None else None)
                if value is not None and spread is not None and spread >= 0.1:
                    text += " ±%.0f%%" % (100 * spread)
                cells.append(text + (" (%.2f)" % ratio if ratio is not None else ""))
            if any(cell != "-" for cell in cells):
                rows.append([peer] + cells)
        return title, table(["peer"] + [name for name, _ in columns], rows) if rows else None

    everything = [
        one("Counting, ns an operation (ratio to ideal)",
            [(name, name + "/ns") for name in LOOPS + SHARED], "ideal")]
    everything.append(one("Many cores, ns a task by the tasks of all threads (ratio to ideal)",
                          [(name[6:].replace("_", ", "), name + "/ns") for name in CORES], "ideal"))
    for us in (0, 1, 20):
        columns = [("%d: %s" % (workers, what), "fork_join_%dus_%d/%s" % (us, workers, metric))
                   for workers in (1, 2, 8)
                   for what, metric in (("p50", "p50_ns"), ("p99", "p99_ns"), ("CPU", "cpu_ns"))]
        everything.append(one("Rounds of 1, 2 and 8 workers with %d us of work each, us (ratio to ideal)" % us, columns,
                              "ideal", 1000.0))
    everything.append(one("One done() lets W waiters go: time inside done(), us (ratio to ideal)",
                          [("W = " + name[8:], name + "/done_ns") for name in RELEASE] +
                          [("W = 1 of 512", "release_1_of_512/done_ns")], "ideal", 1000.0))
    everything.append(one("One done() lets W waiters go: time until the last is back, us (ratio to ideal)",
                          [("W = " + name[8:], name + "/last_back_ns") for name in RELEASE], "ideal", 1000.0))
    everything.append(one("One done() lets W waiters go: system calls of the thread that calls it",
                          [("W = " + name[8:], name + "/syscalls") for name in RELEASE]))
    everything.append(one("Notices, ns a round", [(name, name + "/ns") for name in NOTICES]))
    everything.append(one("One done() wakes a thread, by the wait and by a notice that rings its eventfd, us",
                          [("wait: in done()", "release_1/done_ns"), ("wait: back", "release_1/last_back_ns"),
                           ("rung: in done()", "ring_asleep/done_ns"), ("rung: back", "ring_asleep/last_back_ns")],
                          None, 1000.0))
    everything.append(one("A wait for any of n groups, us (ratio to nsync): let go, and with a time-out of 20 us",
                          [("n = %s: %s" % (name.split("_")[-1], what), name + "/" + metric)
                           for names, metric, what in ((ANY, "last_back_ns", "back"), (ANY, "done_ns", "in done()"),
                                                       (ANY_TIMED, "cpu_ns", "CPU"),
                                                       (ANY_TIMED, "late_p50_ns", "late")) for name in names],
                          "nsync", 1000.0))
    everything.append(one("64 workers with 1 us of work each and 4 waiters, us (ratio to ideal)",
                          [("p50", "crowd/p50_ns"), ("p99", "crowd/p99_ns"), ("CPU", "crowd/cpu_ns")], "ideal", 1000.0))
    everything.append(one("Timed waits of 50 us by 4 threads, us: how late, and CPU time of one",
                          [("late p50", "timed/late_p50_ns"), ("late p99", "timed/late_p99_ns"),
                           ("CPU", "timed/cpu_ns")], None, 1000.0))
    everything.append(one("Go's six benchmarks, ns an operation (ratio to ideal)",
                          [(name[3:], name + "/ns") for name in GO], "ideal"))
    for us in (0, 1, 20):
        everything.append(one("One thread starts n tasks of %d us and waits for them, ns a task (ratio to Go)" % us,
                              [("n = %d" % n, "spawn_%dus_%d/ns" % (us, n)) for n in SPAWN_SIZES], "go"))
    everything.append(one("10000 tasks that cannot end yet, MB", [("resident", "spawn_memory/bytes")], None, 1e6))
    everything.append(one("Bytes of a group",
                          [("on the heap, resident", "memory/heap_bytes"), ("its storage", "memory/storage_bytes")]))
    return [(title, text) for title, text in everything if text is not None]


def machine_text(document):
    machine = document["machine"]
    lines = ["Measured on %s: %s, %d cores%s, Linux %s, %s; %d repetitions, load %.1f before and %.1f after." % (
        machine["date"], machine["cpu"], machine["cores"], " of a virtual machine" if machine["virtual"] else "",
        machine["kernel"], machine["system"], machine["repetitions"], machine["load_before"], machine["load_after"])]
    versions = ["%s: %s" % pair for pair in sorted(machine["versions"].items())]
    versions += ["%s %s" % pair for pair in sorted(machine["packages"].items())]
    lines.append("Versions: " + "; ".join(versions) + ".")
    if document["absent"]:
        lines.append("Absent: " + "; ".join("%s (%s)" % pair for pair in sorted(document["absent"].items())) + ".")
    return "\n\n".join(lines)


def verdicts(document):
    return table(["target", "measured", "limit", "holds"], [list(row) for row in targets(Figures(document))])


def report(document):
    parts = [machine_text(document), "### Targets\n\n" + verdicts(document)]
    parts += ["### %s\n\n%s" % pair for pair in sections(document)]
    return "\n\n".join(parts) + "\n"


PLOTS = {
    "counting": ("ns an operation", [name + "/ns" for name in ("pair", "dones", "shared_2", "shared_8")], False),
    "fork-join": ("ns a round, p50", ["fork_join_%dus_%d/p50_ns" % (us, w) for us in (0, 1) for w in (1, 8)], True),
    "release": ("ns until the last waiter is back", [name + "/last_back_ns" for name in RELEASE], True),
}


def plot(document, folder):
    try:
        import matplotlib
    except ImportError:
        say("no plots: this python3 has no matplotlib (Debian: python3-matplotlib, for /usr/bin/python3)")
        return []
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "wg"
    from matplotlib import pyplot
    figures = Figures(document)
    os.makedirs(folder, exist_ok=True)
    made = []
    for name, (label, keys, logarithmic) in PLOTS.items():
        canvas, axes = pyplot.subplots(1, len(keys), figsize=(3.2 * len(keys), 4.2))
        for axis, key in zip(axes, keys):
            peers = [peer for peer in PEERS if figures.median(peer, key) is not None]
            values = [figures.median(peer, key) for peer in peers]
            errors = [[value - min(figures.all(peer, key)) for peer, value in zip(peers, values)],
                      [max(figures.all(peer, key)) - value for peer, value in zip(peers, values)]]
            colours = ["#1f6fb2" if peer.startswith("wg") else "#999999" if peer.startswith("ideal") else "#d8a657"
                       for peer in peers]
            axis.barh(peers, values, xerr=errors, color=colours, ecolor="#444444", error_kw={"linewidth": 0.8})
            axis.invert_yaxis()
            axis.set_title(key.split("/")[0], fontsize=9)
            axis.set_xlabel(label, fontsize=8)
            axis.tick_params(labelsize=7)
            if logarithmic:
                axis.set_xscale("log")
        canvas.tight_layout()
        file = os.path.join(folder, name + ".svg")
        canvas.savefig(file, metadata={"Date": None})
        pyplot.close(canvas)
        made.append(file)
    return made


def write_docs(document, out):
    """Puts the tables between the marks of docs/benchmarks.md, and the plots beside it."""
    folder = os.path.join(ROOT, "docs", "benchmarks")
    made = plot(document, folder)
    os.makedirs(folder, exist_ok=True)
    if os.path.abspath(out) != folder:
        shutil.copy(os.path.join(out, "results.json"), os.path.join(folder, "results.json"))
    text = report(document)
    if made:
        text += "\n" + "\n".join("![%s](benchmarks/%s)" % (os.path.basename(file)[:-4], os.path.basename(file))
                                 for file in made) + "\n"
    page = os.path.join(ROOT, "docs", "benchmarks.md")
    with open(page, encoding="utf-8") as file:
        old = file.read()
    begin, end = "<!-- results: begin -->\n", "<!-- results: end -->"
    head, rest = old.split(begin)
    tail = rest.split(end)[1]
    with open(page, "w", encoding="utf-8") as file:
        file.write(head + begin + "\n" + text + "\n" + end + tail)
    say("wrote " + page)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder for the builds, results.json and the plots")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--peers", nargs="+", choices=list(PEERS))
    parser.add_argument("--scenarios", nargs="+")
    parser.add_argument("--lib", help="measure this libwg.so instead of building one")
    parser.add_argument("--smoke", action="store_true", help="one short repetition of a few peers")
    parser.add_argument("--report", action="store_true", help="only print what results.json says")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md from results.json")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    if options.report or options.write_docs:
        with open(os.path.join(options.out, "results.json"), encoding="utf-8") as file:
            document = json.load(file)
    else:
        document = run(options)
    say(report(document))
    if options.write_docs:
        write_docs(document, options.out)
    elif not options.smoke:
        for file in plot(document, options.out):
            say("wrote " + file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
