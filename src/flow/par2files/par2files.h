/* PAR2 for ordinary files: make .par2 files for them, check files by them, repair files. Blocking:
 * each call runs threads of its own and returns when all is done. The sink is called on the
 * caller's thread. */
#ifndef FLOW_PAR2FILES_PAR2FILES_H
#define FLOW_PAR2FILES_PAR2FILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/progress/progress.h"

/* How the recovery slices are shared out to files. */
enum par2files_scheme {
    PAR2FILES_DOUBLING, /* each file holds twice what the one before holds */
    PAR2FILES_EVEN,     /* all the same */
    PAR2FILES_LIMITED,  /* doubling, but none larger than the largest source file */
};

/* Where: folders are absolute paths. */
struct par2files_place {
    const char *base;   /* the folder that the files' names are relative to */
    const char *folder; /* where the .par2 files lie */
    uint64_t memory;    /* bytes that slices may take; 0: half of the machine's */
    unsigned threads;   /* 0: one a processor */
    unsigned readers;   /* at most so many of them read input files at a time; 0: any */
    uint32_t mode;      /* of new files, & 0777 */
    const struct progress_sink *sink;
};

struct par2files_create {
    struct par2files_place place;
    const char *stem;         /* the .par2 files' name without ".par2" */
    const char *const *files; /* relative to the base; empty ones are passed over */
    size_t file_count;
    uint64_t slice_len;      /* a multiple of 4; or 0: see slice_count */
    uint32_t slice_count;    /* at most so many input slices; 0: 2000, or a slice a file */
    double percent;          /* recovery slices as a share of the input slices, or ... */
    uint32_t recovery_count; /* ... so many, or ... */
    uint64_t recovery_bytes; /* ... about so much */
    uint32_t first_exponent;
    uint32_t volume_count; /* 0: as many as doubling asks for */
    enum par2files_scheme scheme;
};

/* Make STEM.par2 and its volumes.
 * ERR_EXISTS: one of them is there already. ERR_BAD_REQUEST: the numbers do not fit together; an
 * event says why. ERR_NOTHING_TO_SHARE: no file has any bytes. ERR_CHANGED: a file changed while it
 * was read. Errors of the disk. Nothing is left behind then. */
MUST_USE enum err par2files_create(const struct par2files_create *options);

enum par2files_state {
    PAR2FILES_INTACT,   /* every file is as it should be */
    PAR2FILES_REPAIRED, /* now it is */
    PAR2FILES_REPAIRABLE,
    PAR2FILES_LOST, /* more is lost than can be repaired */
};

enum par2files_action { PAR2FILES_VERIFY, PAR2FILES_REPAIR };

/* What becomes of a damaged file when it was repaired. */
enum par2files_damaged { PAR2FILES_KEEP_DAMAGED, PAR2FILES_DROP_DAMAGED };

struct par2files_check {
    struct par2files_place place;
    enum par2files_action action;
    enum par2files_damaged damaged;
    uint64_t leeway; /* look for moved slices only so many bytes around their places; 0: anywhere */
    const char *const *par2s; /* .par2 files, absolute paths */
    size_t par2_count;
    const char *const *extras; /* other files that may hold what is lost, absolute paths */
    size_t extra_count;
};

struct par2files_report {
    enum par2files_state state;
    uint32_t files;          /* of the set */
    uint32_t files_damaged;  /* or missing, or under another name */
    uint32_t slices;         /* input slices of the set */
    uint32_t slices_lost;    /* found nowhere */
    uint32_t recovery_found; /* recovery slices */
};

/* Look at the files of the set that the .par2 files describe, and repair them if asked to: damaged
 * ones stay beside the repaired ones as NAME.1, NAME.2 ... if they are kept.
 * ERR_NOT_FOUND: there is no .par2 file. ERR_BAD_FORMAT: they do not describe a set.
 * ERR_BAD_SEAL: what was repaired is not what it should be; nothing was replaced by it. */
MUST_USE enum err par2files_check(
    const struct par2files_check *options, struct par2files_report *report);

#endif
