/* SPDX-License-Identifier: 0BSD */
/* notice.h: what the last done and a wait for any need of the notices. */
#ifndef WGI_NOTICE_H
#define WGI_NOTICE_H

#include "wg/wg.h"

/* Calls the notices of a group whose counter is zero, or leaves that to the thread that holds the list. */
void wgi_notice_due(wg_t *wg);

/* wg_notify() on behalf of 'caller', the line of the user that a race detector must name. */
bool wgi_notify_from(wg_t *wg, wg_notice_t *notice, void (*fn)(void *arg), void *arg, void *caller);

#endif
