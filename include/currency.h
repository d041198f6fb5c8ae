/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ISO 4217 codes of money that is in circulation. */
#ifndef COSTWRIGHT_CURRENCY_H
#define COSTWRIGHT_CURRENCY_H

#define CURRENCY_DEFAULT "EUR"

/* For field tables: NULL where text is a code in use, in upper case; else a constant sentence.
   Left out on purpose: units of account, precious metals and the codes for testing and for no
   money at all (XAU, XDR, CLF, XTS, XXX): a shop cannot be paid in them. */
const char *currency_check(const char *text);

#endif
