/* A piece is freed with the last segment that it lies in. */
#include "flow/publish/pieces.h"

#include <stdlib.h>

struct pieces {
    struct piece **at;
    size_t count, cap;
};

struct piece *pieces_make(struct block *block, const struct extent *extent)
{
    struct piece *piece = calloc(1, sizeof(*piece));

    if (piece != NULL) {
        piece->source = block->source;
        piece->tries = block->source->tries;
        piece->block = block->number;
        piece->extent = *extent;
        block->source->pins++;
    }
    return piece;
}

void pieces_unmake(struct piece *piece)
{
    piece->source->pins--;
    free(piece);
}

enum err pieces_add(struct pieces **pieces, struct piece *piece)
{
    struct pieces *l = *pieces;

    if (l == NULL) {
        l = calloc(1, sizeof(*l));
        if (l == NULL) {
            return ERR_NO_MEMORY;
        }
        *pieces = l;
    }
    if (l->count == l->cap) {
        size_t cap = l->cap == 0 ? 1 : l->cap * 2;
        struct piece **grown = realloc(l->at, cap * sizeof(struct piece *));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        l->at = grown;
        l->cap = cap;
    }
    l->at[l->count++] = piece;
    piece->pending++;
    return OK;
}

static void pieces_free(struct pieces *l)
{
    if (l != NULL) {
        free(l->at);
        free(l);
    }
}

static enum err piece_done(struct piece *piece, pieces_safe_fn safe, void *arg)
{
    struct source *source = piece->source;
    enum err err = OK;

    if (!source->dead && piece->tries == source->tries) {
        err = source_add(source, piece->block, 1, &piece->extent);
    }
    pieces_unmake(piece);
    safe(arg, source);
    return err;
}

enum err pieces_accepted(struct pieces *pieces, pieces_safe_fn safe, void *arg)
{
    enum err err = OK;

    for (size_t i = 0; pieces != NULL && i < pieces->count; i++) {
        if (--pieces->at[i]->pending == 0) {
            enum err one = piece_done(pieces->at[i], safe, arg);

            err = err == OK ? one : err;
        }
    }
    pieces_free(pieces);
    return err;
}

void pieces_dropped(struct pieces *pieces)
{
    for (size_t i = 0; pieces != NULL && i < pieces->count; i++) {
        if (--pieces->at[i]->pending == 0) {
            pieces_unmake(pieces->at[i]);
        }
    }
    pieces_free(pieces);
}
