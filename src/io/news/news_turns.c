/* A small table; who had no turn for the longest time gives up its place. */
#include "io/news/news_turns.h"

#include <stddef.h>

uint64_t turns_of(const struct turns *turns, uint64_t lane)
{
    for (size_t i = 0; i < TURNS_MAX; i++) {
        if (turns->had[i].turn != 0 && turns->had[i].lane == lane) {
            return turns->had[i].turn;
        }
    }
    return 0;
}

void turns_take(struct turns *turns, uint64_t lane)
{
    size_t place = 0;

    for (size_t i = 0; i < TURNS_MAX; i++) {
        if (turns->had[i].turn != 0 && turns->had[i].lane == lane) {
            place = i;
            break;
        }
        if (turns->had[i].turn < turns->had[place].turn) {
            place = i;
        }
    }
    turns->had[place].lane = lane;
    turns->had[place].turn = ++turns->last;
}
