# SPDX-License-Identifier: 0BSD
# The test programs that a platform cannot run, each with its reason; check.sh lets no other one be missing.

# wg_leave_out(<program> <reason>)
function(wg_leave_out program reason)
  set_property(GLOBAL PROPERTY WG_LEFT_OUT_${program} "${reason}")
  message(STATUS "Left out: ${program}: ${reason}")
endfunction()

# wg_is_left_out(<program> <variable>): sets it to the reason, or to nothing.
function(wg_is_left_out program variable)
  get_property(reason GLOBAL PROPERTY WG_LEFT_OUT_${program})
  set(${variable} "${reason}" PARENT_SCOPE)
endfunction()

if(WIN32)
  wg_leave_out(test_failures "its faults are in POSIX calls; platform.sem_win32 and platform.go_win32 have those of Windows")
  wg_leave_out(test_futex "there is no futex")
  wg_leave_out(test_process "no semaphore of Windows is shared by processes, and there is no fork")
  wg_leave_out(test_signal "there are no signals")
  wg_leave_out(test_syscalls "it counts the system calls of Linux, by seccomp")
elseif(APPLE)
  wg_leave_out(test_failures "the linker has no --wrap")
  wg_leave_out(test_futex "there is no futex")
  wg_leave_out(test_panic "the linker has no --wrap")
  wg_leave_out(test_process "no semaphore of macOS is shared by processes")
  wg_leave_out(test_syscalls "it counts the system calls of Linux, by seccomp")
elseif(CMAKE_CROSSCOMPILING_EMULATOR MATCHES qemu)
  wg_leave_out(test_syscalls "qemu-user does not have seccomp, by which it counts")
endif()
