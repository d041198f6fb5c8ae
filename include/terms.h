/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The glossary: what a member or parameter name means wherever it stands. */
#ifndef COSTWRIGHT_TERMS_H
#define COSTWRIGHT_TERMS_H

/* One line with its unit; NULL: the name has no meaning of its own. A field's own help comes first.
 */
const char *term_help(const char *name);

#endif
