/* SPDX-License-Identifier: 0BSD */
/* windows.h: what futex_win32.c needs of Windows.  The numbers are not those of Windows. */
#ifndef PORT_WINDOWS_H
#define PORT_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

typedef int BOOL;
typedef uint32_t DWORD; /* 32 bits, as on Windows */
typedef void VOID, *PVOID;
typedef size_t SIZE_T;
#define WINAPI
#define FALSE 0
#define TRUE 42 /* anything but zero */
#define INFINITE UINT32_MAX
#define ERROR_TIMEOUT 160460u

BOOL WINAPI WaitOnAddress(volatile VOID *Address, PVOID CompareAddress, SIZE_T AddressSize, DWORD dwMilliseconds);
VOID WINAPI WakeByAddressSingle(PVOID Address);
VOID WINAPI WakeByAddressAll(PVOID Address);
DWORD WINAPI GetLastError(VOID);

#endif
