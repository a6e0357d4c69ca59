/* SPDX-License-Identifier: 0BSD */
/* none.c: the parent without libwg, for comparison. */
int main(void)
{
    return 0;
}
