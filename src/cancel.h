/* SPDX-License-Identifier: 0BSD */
/* cancel.h: thread cancellation off, for good. */
#ifndef WGI_CANCEL_H
#define WGI_CANCEL_H

/* From here on no cancellation point ends the calling thread. */
void wgi_cancel_off(void);

#endif
