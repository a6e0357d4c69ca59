/* SPDX-License-Identifier: 0BSD */
/* sys/syscall.h: the one call that futex_netbsd.c needs.  The number is not that of NetBSD. */
#ifndef PORT_SYSCALL_H
#define PORT_SYSCALL_H

#define SYS___futex 4711

#endif
