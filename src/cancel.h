/* SPDX-License-Identifier: 0BSD */
/* cancel.h: POSIX thread cancellation, where the system has it. */
#ifndef WGI_CANCEL_H
#define WGI_CANCEL_H

/* A cancellation that is pending no longer ends this thread.  Returns what it was before.  Async-signal-safe. */
int wgi_cancel_off(void);

void wgi_cancel_restore(int before);

#endif
