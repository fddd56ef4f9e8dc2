/* What the sink remembers of every article when it is told to (--hash): 64 bits for its Message-ID
 * and 64 for its body, in 256 tables that grow one by one, so that 27 million articles need about
 * 700 MB and never twice that. The 64 bits are of Poly1305 under a key of the moment: two that
 * differ look alike once in 2^60 times or so, and it costs less than the copying. */
#include "sink.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LEN = 32, TAG_LEN = 16, TABLES = 256, FIRST_SLOTS = 64 };

struct seen {
    uint64_t id; /* 0: this slot is free */
    uint64_t body;
};

struct table {
    struct seen *slots;
    size_t cap, used; /* at most three quarters of the slots */
};

static struct {
    EVP_MAC_CTX *mac;
    uint8_t key[KEY_LEN];
    struct table tables[TABLES];
    uint64_t ids, again_same, again_other;
} memory;

void sink_hash_start(void)
{
    EVP_MAC *poly = EVP_MAC_fetch(NULL, "POLY1305", NULL);

    memory.mac = poly != NULL ? EVP_MAC_CTX_new(poly) : NULL;
    EVP_MAC_free(poly);
    if (memory.mac == NULL || RAND_bytes(memory.key, KEY_LEN) != 1) {
        sink_die("Poly1305");
    }
}

static uint64_t hash_of(const void *bytes, size_t len)
{
    uint8_t tag[TAG_LEN];
    uint64_t value;
    size_t n;

    if (EVP_MAC_init(memory.mac, memory.key, KEY_LEN, NULL) != 1 ||
        EVP_MAC_update(memory.mac, bytes, len) != 1 ||
        EVP_MAC_final(memory.mac, tag, &n, sizeof(tag)) != 1) {
        sink_die("Poly1305");
    }
    memcpy(&value, tag, sizeof(value));
    return value == 0 ? 1 : value;
}

/* Its slot, or the free one where it belongs. The table's number is the hash's lowest bits. */
static struct seen *slot_of(const struct table *table, uint64_t id)
{
    size_t i = (size_t)((id / TABLES) % table->cap);

    while (table->slots[i].id != 0 && table->slots[i].id != id) {
        i = i + 1 < table->cap ? i + 1 : 0;
    }
    return &table->slots[i];
}

/* By half as much again: room for a further one. */
static void grow(struct table *table)
{
    struct table larger = {.cap = table->cap == 0 ? FIRST_SLOTS : table->cap / 2 * 3};

    larger.used = table->used;
    larger.slots = calloc(larger.cap, sizeof(*larger.slots));
    if (larger.slots == NULL) {
        sink_die("memory");
    }
    for (size_t i = 0; i < table->cap; i++) {
        if (table->slots[i].id != 0) {
            *slot_of(&larger, table->slots[i].id) = table->slots[i];
        }
    }
    free(table->slots);
    *table = larger;
}

int sink_hash_knows(const char *id)
{
    uint64_t hash = hash_of(id, strlen(id));
    const struct table *table = &memory.tables[hash % TABLES];

    return table->used > 0 && slot_of(table, hash)->id != 0;
}

int sink_hash_add(const char *id, const void *body, size_t len)
{
    struct seen now = {hash_of(id, strlen(id)), hash_of(body, len)};
    struct table *table = &memory.tables[now.id % TABLES];
    struct seen *slot;

    if (table->used + 1 > table->cap / 4 * 3) {
        grow(table);
    }
    slot = slot_of(table, now.id);
    if (slot->id != 0) {
        memory.again_same += slot->body == now.body;
        memory.again_other += slot->body != now.body;
        return 0;
    }
    *slot = now;
    table->used++;
    memory.ids++;
    return 1;
}

static int compare(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

/* Sorts a copy of them all: for a report, not for every article. */
static uint64_t different_bodies(void)
{
    uint64_t *bodies = calloc(memory.ids + 1, sizeof(*bodies)), different = 0;
    size_t n = 0;

    if (bodies == NULL) {
        sink_die("memory");
    }
    for (size_t t = 0; t < TABLES; t++) {
        for (size_t i = 0; i < memory.tables[t].cap; i++) {
            if (memory.tables[t].slots[i].id != 0) {
                bodies[n++] = memory.tables[t].slots[i].body;
            }
        }
    }
    qsort(bodies, n, sizeof(*bodies), compare);
    for (size_t i = 0; i < n; i++) {
        different += i == 0 || bodies[i] != bodies[i - 1];
    }
    free(bodies);
    return different;
}

void sink_hash_report(void)
{
    (void)printf("ids=%llu different=%llu again_same=%llu again_other=%llu ",
        (unsigned long long)memory.ids, (unsigned long long)different_bodies(),
        (unsigned long long)memory.again_same, (unsigned long long)memory.again_other);
}
