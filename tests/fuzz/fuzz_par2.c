/* Any bytes as PAR2 packets: what is accepted is written as it was read, up to its padding. */
#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What was written must be read back as the same body. */
static void same(enum err err, struct buf *out, struct bytes body)
{
    struct bytes back = buf_view(out);
    struct par2_head head;

    if (err != OK || par2_head_decode(out->ptr, &head) != OK ||
        !par2_packet_is_whole(back, &head)) {
        abort();
    }
    bytes_skip(&back, PAR2_HEAD_LEN);
    /* more padding than needed was in the packet, or none that was needed: up to the shorter */
    back.len = back.len < body.len ? back.len : body.len;
    if (memcmp(back.ptr, body.ptr, back.len) != 0) {
        abort();
    }
    buf_clear(out);
}

static void use_recovery(const struct par2_head *head, struct bytes body)
{
    uint8_t out[PAR2_RECOVERY_LEN];
    struct par2_recovery r;
    struct par2_md5 md5;

    if (par2_recovery_decode(body, &r) == OK) {
        par2_recovery_md5(&head->set, r.exponent, &md5);
        par2_md5_update(&md5, r.slice);
        par2_recovery_encode(&head->set, &r, &md5, out);
        if (memcmp(out + PAR2_HEAD_LEN, body.ptr, PAR2_RECOVERY_LEN - PAR2_HEAD_LEN) != 0) {
            abort();
        }
    }
}

static void use(const struct par2_head *head, struct bytes body)
{
    struct buf out = {0};
    struct par2_main m;
    struct par2_file f;
    struct par2_checks c;

    if (head->type == PAR2_MAIN && par2_main_decode(body, &m) == OK) {
        same(par2_main_encode(&m, &out), &out, body);
    }
    if (head->type == PAR2_FILE && par2_file_decode(body, &f) == OK) {
        (void)par2_file_id(&f);
        same(par2_file_encode(&head->set, &f, &out), &out, body);
    }
    if (head->type == PAR2_CHECKS && par2_checks_decode(body, &c) == OK) {
        same(par2_checks_encode(&head->set, &c, &out), &out, body);
    }
    if (head->type == PAR2_RECOVERY) {
        use_recovery(head, body);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes in = bytes_at(data, len);

    for (;;) {
        struct par2_head head;
        struct bytes body;

        bytes_skip(&in, par2_packet_find(in));
        if (in.len < PAR2_HEAD_LEN) {
            return 0;
        }
        body = in;
        if (par2_head_decode(in.ptr, &head) != OK || head.len > in.len) {
            bytes_skip(&in, 1);
            continue;
        }
        (void)par2_packet_is_whole(bytes_at(in.ptr, head.len), &head);
        body.len = head.len;
        bytes_skip(&body, PAR2_HEAD_LEN);
        use(&head, body);
        bytes_skip(&in, 1); /* packets may hide in packets */
    }
}
