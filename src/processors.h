/* SPDX-License-Identifier: 0BSD */
/* processors.h: how many processors the calling thread may run on. */
#ifndef WGI_PROCESSORS_H
#define WGI_PROCESSORS_H

/* At least 1.  Opens no file. */
unsigned wgi_processors(void);

#endif
