/* What out_file.c and out_piece.c know of one another: a file and its pieces. */
#ifndef FLOW_RESTORE_OUT_PIECE_H
#define FLOW_RESTORE_OUT_PIECE_H

#include "flow/restore/restore_out.h"

enum out_file_state {
    OUT_FILE_CLOSED,
    OUT_FILE_OPENING,
    OUT_FILE_OPEN, /* its temporary file is there */
    OUT_FILE_PUT,  /* it was written at once, or cannot be; `put` says with what success */
};

struct out_file {
    struct list node; /* in out->files */
    struct restore_out *out;
    struct out_dir *dir; /* held */
    struct list pieces;  /* all that have not ended */
    struct list waiting; /* of them, what is here and waits for the file to be open */
    enum { OUT_FILE_GROWS, OUT_FILE_PLANNED } plan;
    enum out_file_state state;
    struct write_file *handle; /* NULL while no piece is less than the whole file */
    enum err lost;             /* why it cannot be rebuilt */
    enum err put;
    uint64_t size, holes, written;
    int taken, totals; /* of struct out_file_options */
    uint32_t mode;
    int64_t mtime_ns;
    size_t path_len;
    uint8_t path[];
};

/* From the pinned segments to a range of the file. It ends once, by piece_end() or piece_free(). */
struct piece {
    struct list node; /* in file->pieces */
    struct list turn; /* in file->waiting */
    struct out_file *file;
    struct extent extent;
    uint64_t offset;
    bool whole; /* the file is this piece alone */
    struct arrival *from[2];
    struct arrival_waiter waiters[2];
    unsigned missing; /* of from[] */
    struct bytes inlined;
    struct held *copy; /* of it, since it is to be written */
};

/* The file lets go of a piece that is done or lost; the last one finishes the file. */
void piece_end(struct piece *piece);
void piece_free(struct piece *piece);

/* The piece is not what the tree says, or cannot be had: so is the file. */
void piece_lost(struct piece *piece, enum err err);

/* Say in *request what the piece is made from. */
MUST_USE enum err piece_fill(struct piece *piece, struct write_request *request);

/* The name of an entry is taken (ERR_EXISTS ...) or cannot be: it is counted as kept or blocked and
 * true returned. Any other error is not looked at. */
bool out_taken(struct restore_out *out, struct bytes path, enum err err);

/* Give the piece its way to the disk. */
void out_file_write(struct out_file *file, struct piece *piece);

/* Make sure that the file has a handle. */
MUST_USE enum err out_file_reserve(struct out_file *file);

/* `len` more bytes of it are on the disk. */
void out_file_count(struct out_file *file, uint64_t len);

/* Finish the file if nothing of it is under way. */
void out_file_check(struct out_file *file);
void out_file_free(struct out_file *file);

#endif
