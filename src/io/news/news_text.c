/* Cleans what a server says: whoever runs it could put terminal escapes there. */
#include "io/news/news_text.h"

#include <stdio.h>
#include <string.h>

static char fit(uint8_t byte)
{
    if (byte == '\t') {
        return ' ';
    }
    return byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
}

void news_text_clean(struct bytes in, char *out, size_t cap)
{
    size_t len = 0;

    if (cap == 0) {
        return;
    }
    for (size_t i = 0; i < in.len; i++) {
        char c = fit(in.ptr[i]);

        if (c == ' ' && (len == 0 || out[len - 1] == ' ')) {
            continue;
        }
        if (len + 1 >= cap) {
            if (cap > 4) {
                memcpy(out + cap - 4, "...", 3);
            }
            break;
        }
        out[len++] = c;
    }
    while (len > 0 && out[len - 1] == ' ') {
        len--;
    }
    out[len] = '\0';
}

void news_text_reply(int code, struct bytes text, char out[NEWS_TEXT_MAX])
{
    int len = code != 0 ? snprintf(out, NEWS_TEXT_MAX, "%d ", code) : 0;

    if (len <= 0) {
        out[0] = '\0';
        return;
    }
    news_text_clean(text, out + len, NEWS_TEXT_MAX - (size_t)len);
    if (out[len] == '\0') {
        out[len - 1] = '\0';
    }
}
