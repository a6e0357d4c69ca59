/* SPDX-License-Identifier: 0BSD */
/* sys/futex.h: what futex_netbsd.c needs of NetBSD.  The numbers are not those of NetBSD. */
#ifndef PORT_FUTEX_H
#define PORT_FUTEX_H

#define FUTEX_WAKE 33
#define FUTEX_WAIT_BITSET 34
#define FUTEX_PRIVATE_FLAG 256u /* unsigned, as on NetBSD */
#define FUTEX_BITSET_MATCH_ANY (-77)

#endif
