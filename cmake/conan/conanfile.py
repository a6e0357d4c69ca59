# SPDX-License-Identifier: 0BSD
"""The Conan 2 recipe: `conan create cmake/conan` packages the tree around it."""
import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Wg(ConanFile):
    name = "wg"
    license = "0BSD"
    description = "Wait groups: Go's sync.WaitGroup for C11"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {"shared": False, "fPIC": True}
    languages = "C"

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "..", "..", "include", "wg", "wg.h"))
        self.version = ".".join(re.findall(r"^#define WG_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.M))

    def export_sources(self):
        tree = os.path.join(self.recipe_folder, "..", "..")
        for part in ("CMakeLists.txt", "LICENSE", "wg.pc.in", "cmake/*", "include/*", "src/*", "docs/man/*"):
            copy(self, part, tree, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in ("TESTS", "EXAMPLES", "BENCH"):
            toolchain.cache_variables["WG_BUILD_" + part] = False
        toolchain.cache_variables["WG_BUILD_SHARED"] = bool(self.options.shared)
        toolchain.cache_variables["WG_BUILD_STATIC"] = not self.options.shared
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        # The package has its own CMake files and wg.pc; consumers shall use those.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "wg"))
        self.cpp_info.libs = ["wg"]
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
