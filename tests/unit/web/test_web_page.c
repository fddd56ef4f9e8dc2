/* Which form of a file goes to whom. */
#include "app/web/web_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *accepts;
    const char *encoding; /* NULL: plain */
} rows[] = {
    {"", NULL},
    {"gzip", "gzip"},
    {"gzip, deflate, br", "br"},
    {"br", "br"},
    {"BR", "br"},
    {"gzip;q=1.0, br;q=0.5", "br"},
    {"gzip, br;q=0", "gzip"},
    {"gzip;q=0.0, br;q=0", NULL},
    {"gzip;q=0.001", "gzip"},
    {"brotli, x-gzip", NULL},
    {"identity", NULL},
    {" , ,gzip", "gzip"},
    {"gzip ;q=0", NULL},
};

static struct web_asset all_forms(void)
{
    return (struct web_asset){
        .path = "/x",
        .plain = bytes_str("plain"),
        .gzip = bytes_str("gzip"),
        .brotli = bytes_str("br"),
    };
}

static void test_forms(void **state)
{
    struct web_asset asset = all_forms();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *encoding = "none";
        struct bytes form = web_page_form(&asset, rows[i].accepts, &encoding);
        const char *want = rows[i].encoding != NULL ? rows[i].encoding : "plain";

        print_message("\"%s\"\n", rows[i].accepts);
        assert_true(bytes_equal(form, bytes_str(want)));
        assert_true(rows[i].encoding != NULL ? strcmp(encoding, want) == 0 : encoding == NULL);
    }
}

static void test_forms_that_are_not_there(void **state)
{
    struct web_asset asset = all_forms();
    const char *encoding = "none";

    (void)state;
    asset.brotli = bytes_at("", 0);
    assert_true(bytes_equal(web_page_form(&asset, "br, gzip", &encoding), asset.gzip));
    assert_string_equal(encoding, "gzip");
    asset.gzip = bytes_at("", 0);
    assert_true(bytes_equal(web_page_form(&asset, "br, gzip", &encoding), asset.plain));
    assert_null(encoding);
}

/* Whatever was packed into this build can be found, and nothing else. */
static void test_finding(void **state)
{
    static const char *const strange[] = {
        "", "index.html", "/index.htm", "/../app.js", "//", "/APP.JS"};

    (void)state;
    for (const struct web_asset *asset = web_assets; asset->path != NULL; asset++) {
        assert_ptr_equal(web_page_find(asset->path), asset);
        assert_true(asset->etag[0] == '"' && asset->etag[strlen(asset->etag) - 1] == '"');
    }
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        assert_null(web_page_find(strange[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_forms_that_are_not_there),
        cmocka_unit_test(test_finding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
