/* SPDX-License-Identifier: 0BSD */
/* client.h: for clients that are not in tests/scenes, since only the explorer can run them. */
#include "runner.h"
