/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard input, output and error. */
#ifndef COSTWRIGHT_DESCRIPTORS_H
#define COSTWRIGHT_DESCRIPTORS_H

/* Holds the places of those that the caller had closed, so that nothing that is opened later gets
   one and with it what is printed. Reading and writing there fail as if they were closed. First in
   main. */
void descriptors_hold(void);

#endif
