/* SPDX-License-Identifier: 0BSD */
/* client.h: for the clients that no scene of tests/scenes holds, as only the explorer runs them. */
#include "runner.h"
