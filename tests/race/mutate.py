#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
"""Breaks the hooks one at a time, in a copy of the sources, and sees that the cases notice.

A hook that is taken out must make a silent case reported; one that is strengthened wrongly must make a reported
case silent; one that is not told its caller must lose the user's line.  A break that no case notices is a failure
of this script, and so is a detector that does not run.
"""
import argparse
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ALL = ("tsan", "helgrind", "drd")
VALGRIND = ("helgrind", "drd")
ANNOTATE, TSAN_WORDS, VALGRIND_WORDS = "src/annotate.c", "src/annotate_tsan.c", "src/annotate_valgrind.c"
WG, LIFE, GO = "src/wg.c", "src/life.c", "src/go.c"
NOTICE, ANY, SCOPE = "src/notice.c", "src/any.c", "src/scope.c"

RELEASE = "        wgi_annotate_release(wg);\n        now = wgi_state_done(&wg->state, delta);"
BARE = "        now = wgi_state_done(&wg->state, delta);"
LIFT = "wgi_annotate_add(&wg->shadow, (int32_t)wgi_state_counter(now), delta, caller);"
TRY_WAIT = "    if (zero && wgi_annotate_watched())\n        wgi_annotate_acquire(wg);"
ZERO = "    if (enlist(wg, caller)) {\n"
TOKEN = "        check_not_reused(wg);\n"
ENLIST = "    wgi_annotate_wait(&wg->shadow, caller);\n"
GAVE_UP = "    if (wgi_state_retract(&wg->state))\n        return false;"
NEW_IN_INIT = "    wgi_annotate_new(wg, sizeof *wg, &wg->shadow);\n    return 0;"
NEW_IN_ATTACH = "    wgi_annotate_new(wg, sizeof *wg, &wg->shadow);\n    return wg;"
GONE = "    wgi_annotate_gone(wg, sizeof *wg);\n"
WAIT_FOR = "int wg_wait_for(wg_t *wg, int64_t timeout_ns)\n{\n"
WAIT_UNTIL = "int wg_wait_until(wg_t *wg, const struct timespec *deadline)\n{\n"
BARE_LOOK = "    if (wg_count(wg) == 0)\n        return 0;\n"
ADD_FROM = "        add_watched(wg, delta, caller);"
WAKE_ENDS = "    wgi_annotate_wake_ends();\n"
LATE_HOOK = {WG: [(WAKE_ENDS, WAKE_ENDS + "    wgi_annotate_wait(&wg->shadow, NULL);\n")]}
TRY_ADDED = "    default:\n        return true;"
CALLED = "wgi_group_misuse(wg, WG_MISUSE_ADD_DURING_WAIT, was, 0);\n    wgi_annotate_acquire(wg);\n"
HAND = "        wgi_annotate_release(notice); /*"
TAKE = "        wgi_annotate_acquire(notice);\n"
TAKE_GONE = "        wgi_annotate_gone(notice, sizeof *notice);\n        turn.fn(turn.arg);"
REGISTERED = "        wgi_annotate_wait(&wg->shadow, caller);\n"
HIDE = "        wgi_annotate_hide(notice, sizeof *notice);\n"
WITHDRAWN_GONE = "        if (is_mine)\n            wgi_annotate_gone(notice, sizeof *notice);\n        return is_mine;\n"
FOUND = "    wgi_annotate_acquire(choices[found].wg);\n"
ALL_GONE = "        wgi_annotate_gone(&choices[i].notice, sizeof choices[i].notice);\n"
HB_BEFORE = "    ANNOTATE_HAPPENS_BEFORE(shadow);\n"
HB_AFTER = "    ANNOTATE_HAPPENS_AFTER(shadow);\n"
ADD_FROM_ZERO = "static void add_from_zero(unsigned char *shadow, void *caller)\n{\n"
WAIT_BEGINS = "static void wait_begins(unsigned char *shadow, void *caller)\n{\n"
ONE_SHADOW = [(ADD_FROM_ZERO, "static unsigned char all;\n" + ADD_FROM_ZERO + "    shadow = &all;\n"),
              (WAIT_BEGINS, WAIT_BEGINS + "    shadow = &all;\n")]
PLAIN_READ = "    (void)*(volatile unsigned char *)shadow;\n"
ATOMIC_STORE = "__tsan_atomic8_store(shadow, 0, __ATOMIC_RELAXED)"

# Seen only if the thread that wakes is slow: so they get many rounds.
ROUNDS = {"the wake is a store": 100, "a hook after the token": 10}
# Where the library makes the system call itself.  Over posix, where sem_post() does, none of 4 runs was noticed.
ONLY_OVER = {"the wake is a store": "futex"}

# name, tools, {file: [(old, new), ...]}, the cases of which each must go wrong
HOOKS = [
    # Taken out: what was silent is reported.
    ("no hook at all", ALL, {ANNOTATE: [("wgi_annotate_on = true", "wgi_annotate_on = false")]},
     ["publish", "late_wait", "timed", "try_wait", "go", "transitive", "generations", "several_waiters",
      "close_and_drain", "early", "add_inside_the_task", "add_from_zero_after_wait"]),
    ("wg_done does not release", ALL, {WG: [(RELEASE, "        if (caller != NULL)\n            wgi_annotate_release(wg);\n" + BARE)]},
     ["publish", "late_wait", "go", "several_waiters", "destroy_right_after_wait", "free_right_after_wait"]),
    ("a scope's flag is not hidden", VALGRIND,
     {SCOPE: [("    wgi_annotate_hide(&scope->stopped, sizeof scope->stopped);\n", "")]}, ["scope_is_stopped"]),
    ("only the last done releases", ALL,
     {WG: [(RELEASE, "        if (wg_count(wg) == 1)\n            wgi_annotate_release(wg);\n" + BARE)]},
     ["publish", "late_wait", "generations"]),
    ("a negative add does not release", ALL, {WG: [(RELEASE, "        if (caller == NULL)\n            wgi_annotate_release(wg);\n" + BARE)]}, ["negative_add"]),
    ("a look at zero does not acquire", ALL, {WG: [(TRY_WAIT, "")]}, ["late_wait", "try_wait"]),
    ("the look of wg_wait_for does not acquire", ALL, {WG: [(WAIT_FOR, WAIT_FOR + BARE_LOOK)]}, ["timed_at_zero"]),
    ("the look of wg_wait_until does not acquire", ALL, {WG: [(WAIT_UNTIL, WAIT_UNTIL + BARE_LOOK)]},
     ["timed_at_zero"]),
    ("a watched wait polls", ALL, {WG: [(" && !wgi_annotate_watched();", ";")]}, ["zero_while_polling"]),
    ("zero at the second look does not acquire", ALL, {WG: [(ZERO, "    if (!enlist(wg, caller))\n        return true;\n    {\n")]},
     ["zero_between_two_looks"]),
    ("a wait that blocked does not acquire", ALL, {WG: [(TOKEN, TOKEN + "        return true;\n")]},
     ["publish", "timed", "timed_owed", "several_waiters", "transitive", "drain_in_order", "zero_filled", "add_during_wait"]),
    ("a plain write by each waiter", ALL,
     {TSAN_WORDS: [(ATOMIC_STORE, "__tsan_read1((__tsan_write1(shadow), shadow))"),
                   ("WGI_WEAK void __tsan_read1(", "WGI_WEAK void __tsan_write1(void *address);\nWGI_WEAK void __tsan_read1(")],
      VALGRIND_WORDS: [(HB_AFTER, ""), (HB_BEFORE, "")]},
     ["two_time_out", "several_waiters"]),
    ("an add from zero writes", ALL,
     {TSAN_WORDS: [("WGI_WEAK void __tsan_read1(", "WGI_WEAK void __tsan_write1(void *address);\nWGI_WEAK void __tsan_read1("),
                   ("__tsan_read1(shadow)", "__tsan_write1(shadow)")],
      VALGRIND_WORDS: [(PLAIN_READ, "    *(volatile unsigned char *)shadow = 0;\n")]},
     ["adders"]),
    ("one shadow for all groups", ALL,
     {TSAN_WORDS: ONE_SHADOW, VALGRIND_WORDS: ONE_SHADOW},
     ["two_groups"]),
    ("wg_try_add reads the shadow", ALL,
     {WG: [(TRY_ADDED, "    default:\n        wgi_annotate_add(&wg->shadow, 1, 1, WGI_CALLER);\n        return true;")]},
     ["drain_in_order"]),
    ("each add reads the shadow", ALL, {WG: [(LIFT, "wgi_annotate_add(&wg->shadow, delta, delta, caller);")]},
     ["add_during_wait"]),
    ("a hook after the token", ALL, LATE_HOOK, ["destroy_right_after_wait"]),
    ("a hook after the token, and the group is freed", ("tsan",), LATE_HOOK, ["free_right_after_wait"]),
    ("wg_init does not mark the bytes", VALGRIND, {LIFE: [(NEW_IN_INIT, "    return 0;")]}, ["destroy_right_after_wait"]),
    # A zero-filled group has no plain store, and Helgrind takes a locked instruction for ordered.
    ("wg_attach does not mark the bytes", ("drd",), {LIFE: [(NEW_IN_ATTACH, "    return wg;")]}, ["zero_filled"]),
    ("a thread's stores are not seen after its first wake", ("drd",), {WG: [(WAKE_ENDS, "")]}, ["write_after_wake"]),
    ("the wake is a store", ("drd",), {WG: [("    wgi_annotate_wake_begins();\n", "")]},
     ["destroy_right_after_wait"]),
    ("a notice does not acquire the group", ALL, {NOTICE: [(CALLED, CALLED.replace("    wgi_annotate_acquire(wg);\n", ""))]},
     ["notice_is_called", "notice_beside_a_wait", "fn_frees_all"]),
    ("wg_notify does not release", ALL, {NOTICE: [(HAND, "        /*")]}, ["notice_is_called", "fn_frees_all"]),
    ("a notice does not acquire the registration", ALL, {NOTICE: [(TAKE, "")]}, ["notice_is_called", "fn_frees_all"]),
    ("wg_notify releases before it writes the shadow", ("tsan",),
     {NOTICE: [(REGISTERED, "        wgi_annotate_release(notice);\n" + REGISTERED), (HAND, "        /*")]}, ["fn_frees_all"]),
    ("the links of notices are seen", ("helgrind",), {NOTICE: [(HIDE, "")]}, ["withdrawn_notice_is_reused"]),
    ("wg_wait_any does not acquire", ALL, {ANY: [(FOUND, "")]}, ["any_asleep"]),
    ("wg_wait_any does not take its notices back", ("helgrind",), {ANY: [(ALL_GONE, "        (void)0;\n")]}, ["any_asleep"]),
    # Strengthened wrongly, or taken out: what was reported is silent.
    ("the bytes of a withdrawn notice stay hidden", VALGRIND, {NOTICE: [(WITHDRAWN_GONE, "        return is_mine;\n")]},
     ["bytes_after_cancel"]),
    ("the bytes of a notice that was called stay hidden", VALGRIND, {NOTICE: [(TAKE_GONE, "        turn.fn(turn.arg);")]},
     ["bytes_after_fn"]),
    ("wg_notify does not write the shadow", ALL, {NOTICE: [(REGISTERED, "")]},
     ["add_before_notify", "add_before_wait_any", "add_from_zero_after_notice", "add_from_zero_after_wait_any"]),
    ("wg_notify_cancel acquires", ALL,
     {NOTICE: [(WITHDRAWN_GONE, "        wgi_annotate_acquire(wg);\n" + WITHDRAWN_GONE)]},
     ["read_after_cancel", "read_after_any_timed_out"]),
    ("wg_wait_any acquires all", ALL,
     {ANY: [("            *which = i;\n", "            *which = i;\n            for (size_t j = 0; j < n; j++)\n"
             "                wgi_annotate_acquire(choices[j].wg);\n")]}, ["read_after_any_of_another"]),
    ("wg_destroy does not wipe the bytes", VALGRIND, {LIFE: [(GONE, "")]}, ["bytes_after_destroy"]),
    ("an add from zero does not read", ALL, {WG: [(LIFT, ";")]},
     ["add_inside_the_task", "add_inside_the_task_timed", "add_from_zero_after_wait"]),
    ("wg_go does not read", ALL, {WG: [(ADD_FROM, "        (void)wgi_state_add(&wg->state, delta), (void)caller;")]},
     ["go_inside_the_task"]),
    ("a waiter does not write", ALL, {WG: [(ENLIST, "")]},
     ["add_inside_the_task", "add_inside_the_task_timed", "add_inside_the_task_until", "go_inside_the_task",
      "add_from_zero_after_wait"]),
    ("done acquires too", ALL,
     {WG: [(RELEASE, "        wgi_annotate_acquire(wg);\n" + RELEASE)]}, ["two_workers"]),
    ("add acquires too", ALL, {WG: [(LIFT, "wgi_annotate_acquire(wg);\n        " + LIFT)]}, ["as_mutex"]),
    ("try_add acquires too", ALL,
     {WG: [(TRY_ADDED, "    default:\n        wgi_annotate_acquire(wg);\n        return true;")]}, ["gate_as_mutex"]),
    ("a wait that timed out acquires", ALL,
     {WG: [(GAVE_UP, "    if (wgi_state_retract(&wg->state)) {\n        wgi_annotate_acquire(wg);\n"
                     "        return false;\n    }")]}, ["read_after_timeout"]),
    ("a look that found no zero acquires", ALL, {WG: [(TRY_WAIT, "    wgi_annotate_acquire(wg);")]},
     ["read_after_failed_try_wait", "read_after_zero_timeout"]),
    ("a wait releases, an add acquires", ALL,
     {WG: [(TRY_WAIT, TRY_WAIT.replace("watched())\n", "watched()) {\n        wgi_annotate_release(wg);\n") + "\n    }"),
           (LIFT, "wgi_annotate_acquire(wg);\n        " + LIFT)]}, ["reuse_while_reading"]),
]
# ThreadSanitizer knows of the library's callers what it is told; valgrind's tools see for themselves.
CALLERS = [
    ("wg_add names no caller", ("tsan",),
     {WG: [("add_watched(wg, delta, WGI_CALLER)", "add_watched(wg, delta, NULL)")]}, ["add_inside_the_task"]),
    ("wg_go calls wg_add itself", ("tsan",), {GO: [("wgi_add_from(wg, 1, WGI_CALLER)", "wg_add(wg, 1)")]},
     ["go_inside_the_task"]),
    ("wg_wait names no caller", ("tsan",),
     {WG: [("wait_slowly(wg, WGI_CALLER)", "wait_slowly(wg, NULL)")]}, ["add_inside_the_task"]),
    ("wg_wait_for names no caller", ("tsan",),
     {WG: [("wait_blocking(wg, &deadline, WGI_CALLER)", "wait_blocking(wg, &deadline, NULL)")]},
     ["add_inside_the_task_timed"]),
    ("wg_wait_until names no caller", ("tsan",),
     {WG: [("wait_blocking(wg, deadline, WGI_CALLER)", "wait_blocking(wg, deadline, NULL)")]},
     ["add_inside_the_task_until"]),
    ("wg_notify names no caller", ("tsan",),
     {NOTICE: [("wgi_notify_from(wg, notice, fn, arg, WGI_CALLER)", "wgi_notify_from(wg, notice, fn, arg, NULL)")]},
     ["add_before_notify", "add_from_zero_after_notice"]),
    ("wg_wait_any names no caller", ("tsan",),
     {ANY: [("register_all(choices, n, &sem, WGI_CALLER)", "register_all(choices, n, &sem, NULL)")]},
     ["add_before_wait_any", "add_from_zero_after_wait_any"]),
]
MUTANTS = HOOKS + CALLERS


def noticed(mutant, verdict):
    """Whether the one run went wrong as it must: a program that fails otherwise says nothing of the hooks."""
    if mutant in CALLERS:
        signs = ("does not name", "no report that names")
    else:
        signs = ("is not silent (66)", "is not silent (99)", "is not reported")
    return verdict.startswith("0/1 ") and any(sign in verdict for sign in signs)


def run_or_stop(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.exit("a mutant does not build:\n" + done.stdout.decode()[-4000:])


def configure(tree, folder, args):
    run_or_stop(["cmake", "-S", tree, "-B", folder, "-DCMAKE_C_COMPILER=" + args.cc, "-DCMAKE_C_FLAGS=-gdwarf-4",
                 "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DWG_BUILD_TESTS=OFF", "-DWG_BUILD_EXAMPLES=OFF",
                 "-DWG_BUILD_BENCH=OFF", "-DWG_VALGRIND=on"])


def build(folder):
    run_or_stop(["cmake", "--build", folder, "--target", "wg_shared", "-j", "2"])


def verdicts(tool, cases, rounds, args, folder):
    path = os.path.join(args.work, "verdicts")
    command = [sys.executable, os.path.join(HERE, "run.py"), "--tool", tool, "--cc", args.cc, "--backend", args.backend,
               "--library", os.path.join(folder, "libwg.so"), "--include", os.path.join(ROOT, "include"),
               "--repeat", "1", "--rounds", str(rounds), "--work", os.path.join(args.work, "programs-" + tool), "--verdicts", path]
    done = subprocess.run(command + [word for case in cases for word in ("--only", case)], check=False)
    if done.returncode != 0:
        sys.exit("%s judged nothing: run.py ended with %d" % (tool, done.returncode))
    with open(path, encoding="ascii") as file:
        return dict(line.rstrip("\n").split(" ", 1) for line in file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", required=True)
    parser.add_argument("--backend", required=True)
    parser.add_argument("--tool", action="append", choices=ALL)
    parser.add_argument("--mutant", action="append", choices=[mutant[0] for mutant in MUTANTS], help="only these")
    parser.add_argument("--all-cases", action="store_true", help="not only the first case of each mutant")
    parser.add_argument("--work", required=True)
    args = parser.parse_args()

    tree, folder = os.path.join(args.work, "tree"), os.path.join(args.work, "build")
    os.makedirs(tree)
    for name in os.listdir(ROOT):
        path = os.path.join(ROOT, name)
        if name in ("src", "include", "cmake"):
            shutil.copytree(path, os.path.join(tree, name))
        elif os.path.isfile(path):
            shutil.copy(path, tree)
    configure(tree, folder, args)

    mutants, judged, survived = 0, 0, 0
    for mutant in MUTANTS:
        name, tools, patches, cases = mutant
        tools = [tool for tool in tools if not args.tool or tool in args.tool]
        if not tools or args.mutant and name not in args.mutant or ONLY_OVER.get(name, args.backend) != args.backend:
            continue
        mutants += 1
        originals = {}
        for file, pairs in patches.items():
            with open(os.path.join(tree, file), encoding="ascii") as source:
                text = originals[file] = source.read()
            for old, new in pairs:
                if text.count(old) != 1:
                    sys.exit("mutant '%s' does not fit %s any more: %d times:\n%s" % (name, file, text.count(old), old))
                text = text.replace(old, new)
            with open(os.path.join(tree, file), "w", encoding="ascii") as source:
                source.write(text)
        build(folder)
        for tool in tools:
            found = verdicts(tool, cases if args.all_cases else cases[:1], ROUNDS.get(name, 1), args, folder)
            for case, verdict in found.items():
                right = noticed(mutant, verdict)
                judged += 1
                survived += not right
                print("%-9s %-42s %-9s %-28s %s" % ("noticed" if right else "SURVIVED", name, tool, case, verdict),
                      flush=True)
        for file, text in originals.items():
            with open(os.path.join(tree, file), "w", encoding="ascii") as source:
                source.write(text)
    print("%d mutants, %d verdicts, %d wrong" % (mutants, judged, survived))
    sys.exit(1 if survived or not judged else 0)


if __name__ == "__main__":
    main()
