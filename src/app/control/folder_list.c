/* Names packed one behind the other, and their order. A name's place is its key: whether it is a
 * folder (where folders come first), then the name, letters of either case side by side. */
#include "app/control/folder_list.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_LEN = 7,
    BYTE_BITS = 8,
    BYTE_VALUES = 1 << BYTE_BITS,
    WORD_BYTES = sizeof(uint64_t),
    SHORT = 1000, /* so few are sorted by comparing */
};

struct place {
    uint64_t word; /* while sorting: what tells most names apart */
    size_t at;     /* in `text`: the length, then the key */
};

struct folder_list {
    struct folder_wish wish; /* without `find` */
    struct disk_stat folder; /* when it was read */
    struct buf after;        /* what it begins behind */
    struct buf text;
    struct place *places;
    size_t count, cap, total;
    bool cut; /* there are more behind the last */
};

size_t folder_key(const struct folder_wish *wish, struct bytes name, enum disk_type type,
    uint8_t key[FOLDER_KEY_MAX])
{
    size_t len = name.len < FOLDER_KEY_MAX - 1 ? name.len : FOLDER_KEY_MAX - 1;

    key[0] = (uint8_t)type;
    if (wish->order == FOLDER_BY_TYPE && type == DISK_DIRECTORY) {
        key[0] |= 0x80;
    }
    memcpy(key + 1, name.ptr, len);
    return 1 + len;
}

static int fold(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

/* Keys in order; the type itself says nothing. */
static int compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;

    if ((a.ptr[0] & 0x80) != (b.ptr[0] & 0x80)) {
        return (a.ptr[0] & 0x80) != 0 ? -1 : 1;
    }
    for (size_t i = 1; i < len; i++) {
        int difference = fold(a.ptr[i]) - fold(b.ptr[i]);

        if (difference != 0) {
            return difference;
        }
    }
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return memcmp(a.ptr + 1, b.ptr + 1, len - 1);
}

static struct bytes key_of(const uint8_t *text, const struct place *place)
{
    const uint8_t *at = text + place->at;

    return bytes_at(at + 1, (size_t)*at + 1); /* the length is the name's, which may be 255 */
}

static struct bytes key_at(const struct folder_list *list, size_t i)
{
    return key_of(list->text.ptr, &list->places[i]);
}

static int compare_places(const void *a, const void *b, void *text)
{
    const struct place *left = a, *right = b;

    if (left->word != right->word) {
        return left->word < right->word ? -1 : 1;
    }
    return compare(key_of(text, left), key_of(text, right));
}

/* How many bytes at the front all names share, letters in any case. */
static size_t common_len(const struct folder_list *list)
{
    struct bytes first = key_at(list, 0);
    size_t common = first.len - 1;

    for (size_t i = 1; i < list->count && common > 0; i++) {
        struct bytes key = key_at(list, i);
        size_t len = 0;

        while (len < common && len + 1 < key.len &&
               fold(key.ptr[1 + len]) == fold(first.ptr[1 + len])) {
            len++;
        }
        common = len;
    }
    return common;
}

/* Whether it stands behind the folders, then the bytes behind those that all share: names hold no
 * NUL, so that the shorter is the smaller. */
static uint64_t word_of(struct bytes key, size_t common)
{
    uint64_t word = (key.ptr[0] & 0x80) == 0;

    for (size_t i = 1 + common; i < 1 + common + WORD_LEN; i++) {
        word = word << BYTE_BITS | (i < key.len ? (uint64_t)fold(key.ptr[i]) : 0);
    }
    return word;
}

static void compare_sort(struct folder_list *list, size_t from, size_t end)
{
    if (end - from > 1) {
        qsort_r(
            list->places + from, end - from, sizeof(*list->places), compare_places, list->text.ptr);
    }
}

/* Deal the places by one byte of their words, in the order in which they come. */
static void deal(const struct place *from, struct place *to, size_t count, unsigned shift)
{
    size_t next[BYTE_VALUES] = {0}, sum = 0;

    for (size_t i = 0; i < count; i++) {
        next[from[i].word >> shift & (BYTE_VALUES - 1)]++;
    }
    for (size_t i = 0; i < BYTE_VALUES; i++) {
        size_t these = next[i];

        next[i] = sum;
        sum += these;
    }
    for (size_t i = 0; i < count; i++) {
        to[next[from[i].word >> shift & (BYTE_VALUES - 1)]++] = from[i];
    }
}

/* The places in the order of their words, by each byte of them, the last one first; bytes that all
 * have in common are left out. */
static enum err word_sort(struct folder_list *list)
{
    struct place *spare = malloc(list->count * sizeof(*spare));
    uint64_t differ = 0;

    if (spare == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 1; i < list->count; i++) {
        differ |= list->places[i].word ^ list->places[0].word;
    }
    for (unsigned shift = 0; shift < WORD_BYTES * BYTE_BITS; shift += BYTE_BITS) {
        if ((differ >> shift & (BYTE_VALUES - 1)) != 0) {
            struct place *dealt = spare;

            deal(list->places, dealt, list->count, shift);
            spare = list->places;
            list->places = dealt;
        }
    }
    list->cap = list->count; /* of the spare ones */
    free(spare);
    return OK;
}

/* Whole names are compared only where a word of each does not tell: names of one folder often begin
 * alike, and there may be hundreds of thousands. */
static void sort(struct folder_list *list)
{
    size_t common, from = 0;

    if (list->count < 2) {
        return;
    }
    common = common_len(list);
    for (size_t i = 0; i < list->count; i++) {
        list->places[i].word = word_of(key_at(list, i), common);
    }
    if (list->count < SHORT || word_sort(list) != OK) {
        compare_sort(list, 0, list->count);
        return;
    }
    for (size_t i = 1; i <= list->count; i++) {
        if (i == list->count || list->places[i].word != list->places[from].word) {
            compare_sort(list, from, i);
            from = i;
        }
    }
}

/* --- reading -----------------------------------------------------------------------------------
 */

static bool holds(struct bytes name, const char *find)
{
    size_t len = strlen(find);

    for (size_t from = 0; from + len <= name.len; from++) {
        size_t i = 0;

        while (i < len && fold(name.ptr[from + i]) == fold((uint8_t)find[i])) {
            i++;
        }
        if (i == len) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct folder_wish *wish, struct bytes name, enum disk_type type)
{
    return (wish->hidden || name.ptr[0] != '.') &&
           (!wish->only_folders || type == DISK_DIRECTORY) && holds(name, wish->find);
}

static enum err append(struct folder_list *list, struct bytes key)
{
    enum err err;

    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 1024 : list->cap * 2;
        struct place *places = realloc(list->places, cap * sizeof(*places));

        if (places == NULL) {
            return ERR_NO_MEMORY;
        }
        list->places = places;
        list->cap = cap;
    }
    list->places[list->count].at = list->text.len;
    err = buf_append_byte(&list->text, (uint8_t)(key.len - 1));
    if (err == OK) {
        err = buf_append(&list->text, key);
    }
    list->count += err == OK;
    return err;
}

/* Keep the first FOLDER_LIST_MAX of those held. */
static enum err shorten(struct folder_list *list)
{
    struct buf old = list->text;
    enum err err = OK;

    sort(list);
    list->count = FOLDER_LIST_MAX;
    list->cut = true;
    list->text = (struct buf){0};
    for (size_t i = 0; i < list->count && err == OK; i++) {
        const uint8_t *at = old.ptr + list->places[i].at;

        list->places[i].at = list->text.len;
        err = buf_append(&list->text, bytes_at(at, (size_t)*at + 2));
    }
    buf_clear(&old);
    return err;
}

static enum err read_names(struct folder_list *list, struct disk_names *names, const char *find)
{
    struct folder_wish wish = list->wish;
    struct bytes after = buf_view(&list->after);
    enum err err = OK;

    wish.find = find;
    while (err == OK) {
        uint8_t key[FOLDER_KEY_MAX];
        struct bytes name;
        enum disk_type type;
        size_t len;

        err = disk_names_next(names, &name, &type);
        if (err != OK || !is_wanted(&wish, name, type)) {
            continue;
        }
        list->total++;
        len = folder_key(&wish, name, type, key);
        if (after.len == 0 || compare(bytes_at(key, len), after) > 0) {
            err = append(list, bytes_at(key, len));
        }
        if (err == OK && list->count >= (size_t)2 * FOLDER_LIST_MAX) {
            err = shorten(list);
        }
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

enum err folder_list_read(struct disk_names *names, const struct folder_wish *wish,
    struct bytes after, struct folder_list **out)
{
    struct folder_list *list = calloc(1, sizeof(*list));
    enum err err = list != NULL ? OK : ERR_NO_MEMORY;

    if (err == OK) {
        list->wish = *wish;
        list->wish.find = "";
        err = disk_names_stat(names, &list->folder);
    }
    if (err == OK && after.len > 0) {
        err = buf_append(&list->after, after);
    }
    if (err == OK) {
        err = read_names(list, names, wish->find);
    }
    if (err == OK && list->count > FOLDER_LIST_MAX) {
        err = shorten(list);
    }
    if (err != OK) {
        folder_list_free(list);
        return err;
    }
    sort(list);
    *out = list;
    return OK;
}

enum err folder_list_narrow(
    const struct folder_list *whole, const struct folder_wish *wish, struct folder_list **out)
{
    struct folder_list *list;
    enum err err = OK;

    if (whole->cut || whole->after.len > 0) {
        return ERR_NO_ROW;
    }
    list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return ERR_NO_MEMORY;
    }
    list->wish = whole->wish;
    list->folder = whole->folder;
    for (size_t i = 0; i < whole->count && err == OK; i++) {
        struct bytes key = key_at(whole, i);

        if (holds(bytes_at(key.ptr + 1, key.len - 1), wish->find)) {
            err = append(list, key);
        }
    }
    list->total = list->count;
    if (err != OK) {
        folder_list_free(list);
        return err;
    }
    *out = list;
    return OK;
}

void folder_list_free(struct folder_list *list)
{
    if (list != NULL) {
        buf_clear(&list->after);
        buf_clear(&list->text);
        free(list->places);
        free(list);
    }
}

/* --- asking ------------------------------------------------------------------------------------
 */

size_t folder_list_find(const struct folder_list *list, struct bytes after)
{
    size_t low = 0, high = list->count;

    if (after.len == 0) {
        return 0;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(key_at(list, middle), after) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Where names are cut off the front or the end, it has to hold one behind `after` to be of use. */
bool folder_list_fits(
    const struct folder_list *list, const struct disk_stat *folder, struct bytes after)
{
    struct bytes begin = buf_view(&list->after);

    if (!disk_stat_same(&list->folder, folder)) {
        return false;
    }
    if (begin.len > 0 && (after.len == 0 || compare(after, begin) < 0)) {
        return false;
    }
    return !list->cut || folder_list_find(list, after) < list->count;
}

size_t folder_list_total(const struct folder_list *list)
{
    return list->total;
}

size_t folder_list_size(const struct folder_list *list)
{
    return list->text.cap + list->cap * sizeof(*list->places);
}

bool folder_list_get(
    const struct folder_list *list, size_t i, struct bytes *name, enum disk_type *type)
{
    struct bytes key;

    if (i >= list->count) {
        return false;
    }
    key = key_at(list, i);
    *type = (enum disk_type)(key.ptr[0] & 0x7f);
    *name = bytes_at(key.ptr + 1, key.len - 1);
    return true;
}

bool folder_list_more(const struct folder_list *list, size_t i)
{
    return i < list->count || list->cut;
}

const char *folder_type_word(enum disk_type type)
{
    static const char *const words[] = {
        [DISK_FILE] = "file",
        [DISK_DIRECTORY] = "directory",
        [DISK_SYMLINK] = "symlink",
        [DISK_OTHER] = "other",
    };

    return words[type];
}
