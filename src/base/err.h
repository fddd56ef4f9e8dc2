/* Errors: code decides by kind; the sentence is for the terminal and the web page. base/err_list.h
 * has them all. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/err_list.h"

#define MUST_USE __attribute__((warn_unused_result))

enum err_kind {
    KIND_NONE,      /* no error */
    KIND_RETRY,     /* the same call may work later or elsewhere */
    KIND_MISSING,   /* what was asked for is not there */
    KIND_CORRUPT,   /* what arrived or lies here is damaged or forged */
    KIND_REFUSED,   /* the other side understood and said no; trying again is no use */
    KIND_USER,      /* the person asked for something impossible; the sentence says what */
    KIND_LOCAL,     /* this machine cannot: disk, memory, permission */
    KIND_CANCELLED, /* somebody asked to stop */
    KIND_BUG,       /* our own mistake */
};

#define ERR_ENUM(name, kind, text) name,
enum err { ERR_LIST(ERR_ENUM) ERR_COUNT };
#undef ERR_ENUM

/* The kind of `err`: what a caller decides by. */
enum err_kind err_kind(enum err err);

/* The sentence for a person; never NULL, lives for ever. */
const char *err_text(enum err err);

/* The error's own name, "ERR_TIMEOUT": for logs and JSON. Lives for ever. */
const char *err_name(enum err err);

/* Turn an errno value into one of ours. */
enum err err_from_errno(int code);

#endif
