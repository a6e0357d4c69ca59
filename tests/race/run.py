#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""Runs silent.c and reported.c under one race detector, on one build of the library, and judges its verdicts.

A silent case must end with exit code 0 and without any report.  A reported case must end with the detector's
own exit code, and every report must name one of the right pair of functions, one of them both, and where the
race is on a call, the very line of that call.  Exit code 77: the detector does not work here, or the library
has not this backend; the reason is printed.  With WG_STRICT=1 in the environment, that is a failure.
"""
import argparse
import concurrent.futures
import os
import platform
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 240  # a hang; on a machine with much else to do a run has taken a minute

# name: the function that came first, the one that came later, and what the line of each says.
REPORTED = {
    "write_after_wake": ("earlier_waker", "later_woken", "written_after_the_wake", "written_after_the_wake"),
    "two_workers": ("earlier_worker", "later_worker", "written_by_both", "written_by_both"),
    "add_inside_the_task": ("earlier_add", "later_wait", "wg_add(", "wg_wait("),
    "add_inside_the_task_timed": ("earlier_add", "later_timed_wait", "wg_add(", "wg_wait_for("),
    "add_inside_the_task_until": ("earlier_add", "later_wait_until", "wg_add(", "wg_wait_until("),
    "go_inside_the_task": ("earlier_go", "later_wait", "wg_go(", "wg_wait("),
    "add_from_zero_after_wait": ("earlier_wait", "later_add", "wg_wait(", "wg_add("),
    "reuse_while_reading": ("earlier_reader", "later_task", "result", "result"),
    "read_after_timeout": ("earlier_task", "later_reader", "unfinished", "unfinished"),
    "read_after_zero_timeout": ("earlier_task", "later_reader", "unfinished", "unfinished"),
    "read_after_failed_try_wait": ("earlier_task", "later_reader", "unfinished", "unfinished"),
    "as_mutex": ("earlier_section", "later_section", "guarded", "guarded"),
    "gate_as_mutex": ("earlier_request", "later_request", "gated", "gated"),
    "bytes_after_destroy": ("earlier_owner", "later_owner", "bytes.word", "bytes.word"),
    "notice_two_workers": ("earlier_worker", "later_worker", "written_by_both", "written_by_both"),
    "fn_against_outsider": ("earlier_outsider", "later_fn", "outside", "outside"),
    "write_after_notify": ("earlier_owner_of_fn", "later_fn_of_owner", "after_registration", "after_registration"),
    "read_after_cancel": ("earlier_task", "later_reader", "unfinished", "unfinished"),
    "read_after_any_timed_out": ("earlier_task", "later_reader", "unfinished", "unfinished"),
    "read_after_any_of_another": ("earlier_task", "later_reader", "unfinished", "unfinished"),
    "add_before_notify": ("earlier_add", "later_notify", "wg_add(", "wg_notify("),
    "add_before_wait_any": ("earlier_add", "later_wait_any", "wg_add(", "wg_wait_any("),
    "add_from_zero_after_notice": ("earlier_notify", "later_add", "wg_notify(", "wg_add("),
    "add_from_zero_after_wait_any": ("earlier_wait_any", "later_add", "wg_wait_any(", "wg_add("),
    "bytes_after_cancel": ("earlier_owner_of_notice", "later_owner_of_notice", "place.word", "place.word"),
    "bytes_after_fn": ("earlier_owner_of_notice", "later_owner_of_notice", "place.word", "place.word"),
    "tasks_of_scope": ("earlier_task_of_scope", "later_task_of_scope", "written_by_both_tasks", "written_by_both_tasks"),
    "write_after_scope_go": ("earlier_owner_of_task", "later_task_with_it", "given_to_task", "given_to_task"),
    "read_after_scope_stopped": ("earlier_result_of_task", "later_reader_of_task", "result_of_task", "result_of_task"),
}
# In an instrumented library the detector sees that a look which found no zero has acquired, too.  gcc's detector takes
# a waiter's write to the shadow for an older write, if the waiter made the group itself.
HIDDEN_BY_INSTRUMENTATION = {"read_after_timeout", "read_after_zero_timeout", "read_after_failed_try_wait",
                             "add_inside_the_task", "add_inside_the_task_timed", "add_inside_the_task_until",
                             "go_inside_the_task", "read_after_cancel", "read_after_any_timed_out", "add_before_notify",
                             "add_before_wait_any"}
# The bytes that race, where the detector names them: the variable, or the group on the heap.
PLACE = {name: r"'?\b%s\b" % row[2] for name, row in REPORTED.items() if row[2].isidentifier()}
PLACE["bytes_after_destroy"] = r"\bbytes\b"
PLACE["bytes_after_cancel"] = PLACE["bytes_after_fn"] = r"\bplace\b"
IN_GROUP = set(REPORTED) - set(PLACE)
for _name in IN_GROUP:
    PLACE[_name] = r"wg_create_with"


class Skip(Exception):
    pass


def run(command, env=None, limit=LIMIT_S):
    try:
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=limit)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return "no end after %d s" % limit, (late.stdout or b"").decode(errors="replace")


class Tsan:
    exit_code = 66
    flags = ["-fsanitize=thread"]

    def __init__(self, args):
        self.before = []
        options = "halt_on_error=0 exitcode=%d" % self.exit_code
        for symbolizer in ("llvm-symbolizer-19", "llvm-symbolizer", "llvm-symbolizer-14"):
            if "clang" in args.cc and shutil.which(symbolizer):
                options += " external_symbolizer_path=" + shutil.which(symbolizer)
                break
        self.env = dict(os.environ, TSAN_OPTIONS=options)

    def probe(self, program):
        """Some kernels lay memory out more randomly than older run times can bear in each run: so not at random."""
        self.before = ["setarch", platform.machine(), "-R"]
        if not shutil.which("setarch") or run(self.before + [program], self.env)[0] != 0:
            self.before = []
        code, out = run(self.before + [program], self.env)
        if code != 0:
            raise Skip("ThreadSanitizer does not run a program that does nothing: %s: %s" % (code, out.strip()[:200]))

    def reports(self, out):
        return re.findall(r"WARNING: ThreadSanitizer: .*?(?=\n==================)", out, re.S)

    def any_report(self, out):
        return "ThreadSanitizer" in out


class Valgrind:
    exit_code = 99
    flags = ["-gdwarf-4"]  # valgrind 3.19 stops at the debug information that clang writes by default

    def __init__(self, args):
        self.env = dict(os.environ)
        self.before = ["valgrind", "--tool=" + args.tool, "--error-exitcode=%d" % self.exit_code]
        self.before += args.valgrind_option

    def probe(self, program):
        if not shutil.which("valgrind"):
            raise Skip("needs valgrind")
        code, out = run(self.before + [program], self.env)
        if code != 0 or "ERROR SUMMARY: 0 errors" not in out:
            raise Skip("%s does not run a program that does nothing: %s: %s" % (self.before, code, out.strip()[-300:]))

    def any_report(self, out):
        return "ERROR SUMMARY: 0 errors" not in out


class Helgrind(Valgrind):
    def reports(self, out):
        out = re.sub(r"(?m)^==\d+== ?", "", out)
        return re.findall(r"Possible data race .*?(?=\n-{20,}|\nUse --history|\nFor lists)", out, re.S)


class Drd(Valgrind):
    def reports(self, out):
        out = re.sub(r"(?m)^==\d+== ?", "", out)
        return re.findall(r"Conflicting (?:load|store) .*?(?=\n\n|\nFor lists)", out, re.S)


TOOLS = {"tsan": Tsan, "helgrind": Helgrind, "drd": Drd}


def compile_programs(args, tool):
    libdir, name = os.path.split(os.path.abspath(args.library))
    common = [args.cc, "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", *tool.flags, "-Wall", "-Wextra", "-Werror",
              "-I" + args.include, "-pthread", "-rdynamic"]
    link = [args.library]
    if args.dlopen:
        common += ['-DRACE_DLOPEN="%s"' % os.path.abspath(args.library)]
        link = ["-ldl"]
    elif ".so" in name:
        link += ["-Wl,-rpath," + libdir]
    nothing = os.path.join(args.work, "nothing")
    with open(nothing + ".c", "w", encoding="ascii") as file:
        file.write("int main(void) { return 0; }\n")
    code, out = run([args.cc, *tool.flags, nothing + ".c", "-o", nothing])
    if code != 0:
        raise Skip("%s cannot build with %s: %s" % (args.cc, " ".join(tool.flags), out.strip()[-200:]))
    tool.probe(nothing)
    for program in ("silent", "reported"):
        code, out = run([*common, os.path.join(HERE, program + ".c"), "-o", os.path.join(args.work, program), *link])
        if code != 0:
            sys.exit("%s.c does not build:\n%s" % (program, out))


def source_line(number):
    with open(os.path.join(HERE, "reported.c"), encoding="ascii") as file:
        return file.read().splitlines()[int(number) - 1]


def names(report, function, text):
    """Whether the report has a frame of the function, at a line that says the text."""
    return any(text in source_line(line)
               for line in re.findall(r"\b%s\b.*?reported\.c:(\d+)" % function, report))


def starts_at_call(report, function):
    """DRD may miss the innermost frame; then the first one is the call of it."""
    first = re.search(r"\bat 0x\S+ \w+ \(reported\.c:(\d+)\)", report)
    return first is not None and function + "(" in source_line(first.group(1))


def judge_silent(tool, code, out):
    if code == 77:
        raise Skip(out.strip()[-200:])
    if code == 0 and not tool.any_report(out):
        return None
    return "is not silent (%s)" % code


def judge_reported(tool, name, code, out):
    if code == 77:
        raise Skip(out.strip()[-200:])
    if code == 0:
        return "is not reported"
    if code != tool.exit_code:
        return "ended with %s" % code
    reports = tool.reports(out)
    earlier, later, at_earlier, at_later = REPORTED[name]
    if not reports:
        return "has no report that we can read"
    # One byte of the group is there to race, its shadow; the others are no user's business.
    if name in IN_GROUP and not any(re.search(r"\bsize 1\b", r) for r in reports):
        return "is not reported, but other bytes of the group are"
    if name in IN_GROUP and not all(re.search(r"\bsize 1\b", r) for r in reports):
        return "is reported, but other bytes of the group are, too"
    for report in reports:
        if not names(report, later, at_later) and not (isinstance(tool, Drd) and starts_at_call(report, later)):
            return "has a report that does not name %s at %s" % (later, at_later)
    # DRD shows the segment of the other thread, not its access.
    if isinstance(tool, Drd):
        if not any(re.search(PLACE[name], r) or "BSS section" in r for r in reports):
            return "has no report that names what races"
        return None
    if not any(names(r, earlier, at_earlier) and re.search(PLACE[name], r) for r in reports):
        return "has no report that names %s at %s and what races" % (earlier, at_earlier)
    return None


def cases_of(args, tool, program):
    code, out = run(tool.before[:3] * isinstance(tool, Tsan) + [os.path.join(args.work, program)], tool.env)
    if code != 0:
        sys.exit("%s does not list its cases: %s\n%s" % (program, code, out))
    return out.split()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True, choices=sorted(TOOLS))
    parser.add_argument("--cc", required=True, help="the compiler of the programs")
    parser.add_argument("--include", required=True, help="where wg/wg.h is")
    parser.add_argument("--library", required=True, help="libwg.so or libwg.a")
    parser.add_argument("--dlopen", action="store_true", help="load the library by dlopen(RTLD_LOCAL)")
    parser.add_argument("--instrumented", action="store_true", help="the library was built with -fsanitize=thread")
    parser.add_argument("--no-requests", help="the library has no requests for valgrind: skip, for this reason")
    parser.add_argument("--valgrind-option", action="append", default=[])
    parser.add_argument("--backend", required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1, help="rounds of a silent case inside one process")
    parser.add_argument("--only", action="append", help="only these cases")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--work", required=True, help="scratch folder")
    parser.add_argument("--verdicts", help="write 'case verdict' lines there, and succeed whatever they are")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)

    tool = TOOLS[args.tool](args)
    tally, worst = {}, {}

    def one(job):
        program, name = job
        command = tool.before + [os.path.join(args.work, program), name, args.backend]
        if program == "silent":
            code, out = run(command + [str(args.rounds)], tool.env)
            return name, judge_silent(tool, code, out), out
        code, out = run(command, tool.env)
        return name, judge_reported(tool, name, code, out), out

    try:
        if args.no_requests and args.tool != "tsan":
            raise Skip(args.no_requests)
        compile_programs(args, tool)
        jobs = [(program, name) for program in ("silent", "reported") for name in cases_of(args, tool, program)]
        missing = set(REPORTED) ^ {name for program, name in jobs if program == "reported"}
        if missing:
            sys.exit("run.py and reported.c differ: %s" % sorted(missing))
        unknown = set(args.only or ()) - {name for _, name in jobs}
        if unknown:
            sys.exit("no such case: %s" % sorted(unknown))
        if args.instrumented:
            jobs = [job for job in jobs if job[1] not in HIDDEN_BY_INSTRUMENTATION]
        if args.only:
            jobs = [job for job in jobs if job[1] in args.only]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for name, wrong, out in pool.map(one, jobs * args.repeat):
                right, runs = tally.get(name, (0, 0))
                tally[name] = (right + (wrong is None), runs + 1)
                if wrong is not None:
                    worst.setdefault(name, (wrong, out))
    except Skip as reason:
        print("SKIPPED:", reason)
        sys.exit(1 if os.environ.get("WG_STRICT") == "1" else 77)

    if args.verdicts:
        with open(args.verdicts, "w", encoding="ascii") as file:
            for name, (right, runs) in tally.items():
                file.write("%s %d/%d %s\n" % (name, right, runs, worst.get(name, ("right", ""))[0]))
        return
    for name, (right, runs) in tally.items():
        print("%-10s %-9s %-9s %-28s %2d of %d" % (args.tool, args.cc, args.backend, name, right, runs))
    for name, (wrong, out) in worst.items():
        print("\n==== %s %s; one such run:\n%s" % (name, wrong, out[-6000:]))
    sys.exit(1 if worst or not tally else 0)


if __name__ == "__main__":
    main()
