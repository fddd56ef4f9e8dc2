/* Any list of lost inputs and recovery slices: a repair that is promised works. The first byte is
 * the number of lost inputs; then two bytes a number, lost inputs first, exponents after them. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_field.h"
#include "codec/par2/par2_repair.h"

enum { LOST_MAX = 24, EXPONENTS_MAX = 64, WORD = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct par2_field field;

static size_t take_numbers(struct bytes *in, uint32_t *out, size_t max)
{
    size_t n = 0;

    for (; n < max && in->len >= WORD; n++) {
        out[n] = get_le16(in->ptr);
        bytes_skip(in, WORD);
    }
    return n;
}

/* One column: lost input l holds the word l + 1. */
static void solve(const struct par2_loss *loss, const struct par2_repair *repair)
{
    static uint8_t words[2][LOST_MAX][WORD];
    const uint8_t *in[LOST_MAX];
    uint8_t *out[LOST_MAX];
    struct par2_columns columns = {in, out, 0, WORD, malloc(par2_repair_work(repair))};

    if (columns.work == NULL) {
        abort();
    }
    for (size_t j = 0; j < loss->missing_count; j++) {
        uint32_t e = par2_repair_exponents(repair)[j];
        uint16_t sum = 0;

        for (size_t l = 0; l < loss->missing_count; l++) {
            uint16_t factor = par2_input_power(&field, loss->missing[l], e);

            sum ^= par2_mul_plain(factor, (uint16_t)(l + 1));
        }
        put_le16(words[0][j], sum);
        in[j] = words[0][j];
        out[j] = words[1][j];
    }
    par2_repair_solve(repair, &columns);
    for (size_t l = 0; l < loss->missing_count; l++) {
        if (get_le16(out[l]) != l + 1) {
            abort();
        }
    }
    free(columns.work);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint32_t missing[LOST_MAX];
    uint32_t exponents[EXPONENTS_MAX];
    struct bytes in = bytes_at(data, len);
    struct par2_loss loss = {.missing = missing, .exponents = exponents};
    struct par2_repair *repair = NULL;

    if (len == 0) {
        return 0;
    }
    if (field.exp[0] == 0) {
        par2_field_init(&field);
    }
    bytes_skip(&in, 1);
    loss.missing_count = take_numbers(&in, missing, data[0] % (LOST_MAX + 1));
    loss.exponent_count = take_numbers(&in, exponents, EXPONENTS_MAX);
    if (par2_repair_new(&loss, &repair) == OK) {
        solve(&loss, repair);
        par2_repair_free(repair);
    }
    return 0;
}
