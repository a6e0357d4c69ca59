/* SPDX-License-Identifier: 0BSD */
/* unistd.h: declares syscall(2) as NetBSD does, under a name of our own. */
#ifndef PORT_UNISTD_H
#define PORT_UNISTD_H

#define syscall fake_syscall
int syscall(int number, ...);

#endif
