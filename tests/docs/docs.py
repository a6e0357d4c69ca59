# SPDX-License-Identifier: 0BSD
"""docs.py: reads the headers, the manual pages and the Markdown, for the checks in this folder."""
import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = sorted((ROOT / "include/wg").glob("*.h"))
MAN = ROOT / "docs/man"
PAGES = sorted(MAN.glob("*.[37]"))

# Macros that only carry attributes for compilers.
ATTRIBUTES = {"WG_API", "WG_NONNULL", "WG_NONNULL_1", "WG_NONNULL_1_2", "WG_NONNULL_1_2_3", "WG_NONNULL_1_4",
              "WG_CHECK_RESULT", "WG_ALIGNED_8", "WG_ALLOCATES"}


class Check:
    """Collects failures; ends the program with what it looked at."""

    def __init__(self):
        self.failures = 0
        self.passed = 0

    def expect(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failures += 1
            print(f"FAILED: {what}", flush=True)
        return good

    def finish(self, what):
        self.expect(self.failures or self.passed, f"nothing was checked: {what}")
        print(f"{what}: {self.passed} checks passed, {self.failures} failed")
        sys.exit(1 if self.failures else 0)


def need(*tools):
    """The paths of tools, each given as a tuple of names; without one, the check is skipped (77), or fails."""
    found = []
    for names in tools:
        path = next((p for p in map(shutil.which, names) if p), None)
        if path is None:
            print(f"SKIPPED: needs {names[0]}")
            sys.exit(1 if os.environ.get("WG_STRICT") == "1" else 77)
        found.append(path)
    return found


def find_go():
    """Go 1.25 or later, named by WG_GO or found as "go"; None, or a failure, without it."""
    go = os.environ.get("WG_GO") or shutil.which("go")
    version = re.search(r"go(\d+)\.(\d+)", run([go, "version"]).stdout) if go else None
    if version and (int(version.group(1)), int(version.group(2))) >= (1, 25):
        return go
    if os.environ.get("WG_STRICT") == "1":
        sys.exit("no Go 1.25 on this machine")
    print("SKIPPED: needs Go 1.25")
    return None


GOPATH = Path("/usr/share/gocode")  # where Debian's golang-golang-x-sync-dev is


def go_has(text):
    """Whether each package that a Go program imports and Go does not bring is here; or a failure."""
    for package in re.findall(r'^\s*(?:import )?"(\w+\.\w+/.*)"$', text, flags=re.M):
        if not (GOPATH / "src" / package).is_dir():
            if os.environ.get("WG_STRICT") == "1":
                sys.exit(f"no {package} in {GOPATH}")
            print(f"SKIPPED: a Go program needs {package}")
            return False
    return True


def go_environment(work):
    """For programs of one file, without the network; all tests of a build share what Go has compiled."""
    return {**os.environ, "GOCACHE": str(work.parent / "gocache"), "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod",
            "GO111MODULE": "off", "GOPATH": str(GOPATH)}


def run(command, **options):
    options.setdefault("timeout", 120)
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, **options)


# The headers

def squeeze(text):
    """C text with one way to write white space."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([^\w\s])\s*", r"\1", text)
    return text.strip()


class Header:
    """The public names of some headers: prototypes by name, typedef texts by name, macros, enum constants."""

    def __init__(self, paths=tuple(HEADERS)):
        self.functions, self.types, self.macros, self.enums = {}, {}, set(), []
        for path in paths:
            self.read(path)

    def read(self, path):
        text = re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S).replace("\\\n", " ")
        self.macros.update(m for m in re.findall(r"^\s*#\s*define\s+(WG_\w+)", text, flags=re.M)
                           if m not in ATTRIBUTES and m != f"WG_{path.stem.upper()}_H")
        text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
        text = re.sub(r'extern\s+"C"\s*\{', "", text)
        text = re.sub(r"\b(%s)\b" % "|".join(sorted(ATTRIBUTES, key=len, reverse=True)), "", text)
        for statement in self.statements(text):
            if statement.startswith("typedef"):
                flat = re.sub(r"\{.*\}", "", statement, flags=re.S)
                name = re.search(r"(\w+)\s*(\([^)]*\))?$", flat).group(1)
                self.types[name] = squeeze(statement + ";")
                if statement.startswith("typedef enum"):
                    self.enums += re.findall(r"\b(WG_\w+)", statement)
            elif "(" in statement:
                name = re.search(r"(\w+)\s*\(", statement).group(1)
                self.functions[name] = squeeze(statement)

    @staticmethod
    def statements(text):
        depth, start = 0, 0
        for at, char in enumerate(text):
            depth += {"{": 1, "}": -1}.get(char, 0)
            if char == ";" and depth == 0:
                yield text[start:at].strip()
                start = at + 1

    def names(self):
        return {*self.functions, *self.types, *self.macros, *self.enums}


# The manual

ESCAPES = {r"\e": "\\", r"\-": "-", r"\(aq": "'", r"\(ha": "^", r"\(ti": "~", r"\(ga": "`"}


def unescape(text):
    return re.sub(r"\\(?:e|-|\((?:aq|ha|ti|ga))", lambda m: ESCAPES[m.group()], text)


def words(line):
    """The arguments of a macro line."""
    return [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', line)]


class Page:
    """A page in mdoc: its lines by section, its literal displays, its prototypes."""

    def __init__(self, path):
        self.path = path
        self.name = path.name
        self.sections = {}
        self.displays = []  # (section, text)
        section, display = "", None
        for line in path.read_text().splitlines():
            if line.startswith(".Sh "):
                section = line[4:]
                self.sections[section] = []
            elif line.startswith(".Bd -literal"):
                display = []
            elif line == ".Ed" and display is not None:
                self.displays.append((section, unescape("\n".join(display)) + "\n"))
                display = None
            elif display is not None:
                display.append(line)
            elif section:
                self.sections[section].append(line)

    def names(self):
        """What the page is a manual of."""
        return [words(line)[1] for line in self.sections.get("NAME", []) if line.startswith(".Nm ")]

    def prototypes(self):
        found, returns = {}, None
        for line in self.sections.get("SYNOPSIS", []):
            if line.startswith(".Ft "):
                returns = " ".join(words(line)[1:])
            elif line.startswith(".Fn "):
                _, name, *arguments = words(line)
                found[name] = squeeze(f"{returns} {name}({', '.join(arguments)})")
        return found

    def programs(self):
        """(program, what it prints or None) for each display of EXAMPLES."""
        shown = [text for section, text in self.displays if section == "EXAMPLES"]
        result = []
        for text in shown:
            if re.search(r"\bmain\(", text):
                result.append([text, None])
            elif result and result[-1][1] is None:
                result[-1][1] = text
            else:
                raise SystemExit(f"{self.name}: a display in EXAMPLES is neither a program nor the output of one")
        return result


# Markdown

class Block:
    """A fenced block: its language, its text, its line, the heading above."""

    def __init__(self, path, line, language, text, heading):
        self.path, self.line, self.language, self.text, self.heading = path, line, language, text, heading
        self.where = f"{path.relative_to(ROOT)}:{line}"


def blocks(path):
    found, fence, heading = [], None, ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if fence is None and line.startswith("#"):
            heading = line.lstrip("# ")
        if re.match(r"\s*```", line):
            if fence is None:
                fence = (number, line.strip()[3:].strip(), [])
            else:
                found.append(Block(path, fence[0], fence[1], "\n".join(fence[2]) + "\n", heading))
                fence = None
        elif fence is not None:
            fence[2].append(line)
    if fence is not None:
        raise SystemExit(f"{path}:{fence[0]}: this block has no end")
    return found


def markdown():
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def tree():
    """The files of the project: what git knows or would add; outside git, what is not ignored by name."""
    listed = None
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"])
    if listed is not None and listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.splitlines()]
    else:
        files = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders if f not in (".git", "__pycache__") and not re.match(r"build(-|$)", f)]
            files += [Path(folder) / name for name in names]
    return sorted(f for f in files if f.is_file())


# Building

# What a block that includes a header of another project needs: the package of pkg-config, or None if the header is
# the system's.  Only the first two are on every machine that checks the documents.
FOREIGN = {"uv.h": "libuv", "glib.h": "glib-2.0", "sys/event.h": None, "dispatch/dispatch.h": None}
REQUIRED = {"uv.h", "glib.h"}


def dispatch_flags():
    """For libdispatch of a Swift toolchain; nothing for a system that has it."""
    swift = shutil.which("swiftc")
    folder = Path(swift).resolve().parents[1] / "lib/swift" if swift else None
    if not folder or not (folder / "dispatch/dispatch.h").exists():
        return [], []
    return ([f"-isystem{folder}", "-D__has_feature(x)=0", "-D__has_extension(x)=0"],
            [f"-L{folder}/linux", "-ldispatch", f"-Wl,-rpath,{folder}/linux"])


def foreign(compiler, text):
    """(flags, libraries) for the headers of others that the text includes; None, or a failure, without one."""
    flags, libraries = [], []
    for header in re.findall(r"^#include <(\S+)>", text, flags=re.M):
        if header not in FOREIGN:
            continue
        if header == "dispatch/dispatch.h":
            found = dispatch_flags()
        elif FOREIGN[header] and shutil.which("pkg-config") and run(["pkg-config", FOREIGN[header]]).returncode == 0:
            found = [run(["pkg-config", what, FOREIGN[header]]).stdout.split() for what in ("--cflags", "--libs")]
        else:
            found = [], []
        own = [re.sub("^-I", "-isystem", flag) for flag in found[0]]
        # The header by itself, so that a mistake in the block does not look like a missing header.
        if compiler.syntax(f"#include <sys/types.h>\n#include <{header}>\n", own):
            if header in REQUIRED and os.environ.get("WG_STRICT") == "1":
                sys.exit(f"no <{header}> on this machine")
            print(f"SKIPPED: what needs <{header}>, which is not on this machine")
            return None
        flags += own
        libraries += found[1]
    return flags, libraries


class Compiler:
    """The compiler and the library of a build, for programs out of the documents."""

    def __init__(self, given):
        self.cc = given.cc
        self.cxx = given.cxx
        self.flags = given.cflags.split()
        self.library = Path(given.library) if given.library else None
        self.work = Path(given.work)
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.count = 0

    def base(self, cplusplus=False):
        language = [self.cxx, "-std=c++17"] if cplusplus else [self.cc, "-std=gnu11"]
        return [language[0], *self.flags, *language[1:], "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                f"-I{ROOT / 'include'}"]

    def syntax(self, text, flags=()):
        """'' if the text compiles, else what the compiler said."""
        source = self.work / "fragment.c"
        source.write_text(text)
        done = run([*self.base(), *flags, "-Wno-unused", "-fsyntax-only", source])
        return "" if done.returncode == 0 else done.stdout

    def run_program(self, text, check, where, others=((), ())):
        """Builds a program against the library, and others, and runs it; its standard output, or None."""
        self.count += 1
        cplusplus = "<wg/wg.hpp>" in text
        if cplusplus and not shutil.which(self.cxx):
            if os.environ.get("WG_STRICT") == "1":
                sys.exit("no C++ compiler on this machine")
            print(f"SKIPPED: {where}, which needs a C++ compiler")
            return None
        source = self.work / f"program{self.count}.{'cpp' if cplusplus else 'c'}"
        program = source.with_suffix("")
        source.write_text(text)
        library = [self.library, f"-Wl,-rpath,{self.library.parent}"]
        built = run([*self.base(cplusplus), *others[0], source, "-o", program, *library, *others[1], "-pthread"])
        if not check.expect(built.returncode == 0, f"{where} does not compile:\n{built.stdout}"):
            return None
        try:
            ran = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            check.expect(False, f"{where} does not end")
            return None
        if not check.expect(ran.returncode == 0, f"{where} ends with {ran.returncode}:\n{ran.stdout}{ran.stderr}"):
            return None
        return ran.stdout


def arguments(*more):
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--cflags", default="")
    parser.add_argument("--library", help="libwg.so or libwg.a")
    parser.add_argument("--work", required=True, help="a folder that this check may empty")
    for option, text in more:
        parser.add_argument(option, help=text)
    return parser.parse_args()
