/* SPDX-License-Identifier: 0BSD */
/* sys/umtx.h: what futex_freebsd.c needs of FreeBSD.  The numbers are not those of FreeBSD. */
#ifndef PORT_UMTX_H
#define PORT_UMTX_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct _umtx_time {
    struct timespec _timeout;
    uint32_t _flags;
    uint32_t _clockid;
};

#define UMTX_ABSTIME 0x40
#define UMTX_OP_WAIT_UINT 101
#define UMTX_OP_WAIT_UINT_PRIVATE 102
#define UMTX_OP_WAKE 103
#define UMTX_OP_WAKE_PRIVATE 104

int _umtx_op(void *obj, int op, u_long val, void *uaddr, void *uaddr2);

#endif
