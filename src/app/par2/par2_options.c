/* par2cmdline's options. A value may follow its letter at once or as a word of its own. */
#include "app/par2/par2_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIB = 1 << 20, LEEWAY_DEFAULT = 64 };

static enum err bad(const char *what, const char *value)
{
    (void)fprintf(stderr, "usenetsync: par2: %s: %s\n", what, value);
    return ERR_BAD_REQUEST;
}

static bool is_number(const char *text)
{
    return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

static enum err read_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    return !is_number(text) || errno != 0 || *out > max ? bad("not a fitting number", text) : OK;
}

static enum err read_u32(const char *text, uint32_t max, uint32_t *out)
{
    uint64_t v = 0;
    enum err err = read_number(text, max, &v);

    *out = (uint32_t)v;
    return err;
}

/* -r10, -r2.5: per cent; -rk300, -rm20, -rg1: a size. */
static enum err read_redundancy(const char *text, struct par2files_create *create)
{
    const char *unit = text[0] != '\0' ? strchr("kmg", text[0]) : NULL;
    char *end;
    uint64_t size;

    if (unit != NULL) {
        static const unsigned shift[] = {10, 20, 30};
        const char units[] = "kmg";
        enum err err = read_number(text + 1, UINT32_MAX, &size);

        create->recovery_bytes = size << shift[strchr(units, text[0]) - units];
        return err;
    }
    create->percent = strtod(text, &end);
    if (end == text || *end != '\0' || !(create->percent >= 0 && create->percent <= 1000)) {
        return bad("not a level of redundancy", text);
    }
    return OK;
}

static enum err read_scheme(struct par2files_create *create, enum par2files_scheme scheme)
{
    if (create->scheme != PAR2FILES_DOUBLING && create->scheme != scheme) {
        return bad("cannot be used with each other", "-u and -l");
    }
    create->scheme = scheme;
    return OK;
}

static enum err read_create_option(int letter, const char *value, struct par2_options *options)
{
    struct par2files_create *create = &options->create;

    switch (letter) {
    case 's':
        return read_number(value, UINT64_C(1) << 40, &create->slice_len);
    case 'b':
        return read_u32(value, 32768, &create->slice_count);
    case 'r':
        return read_redundancy(value, create);
    case 'c':
        return read_u32(value, 65535, &create->recovery_count);
    case 'f':
        return read_u32(value, 65534, &create->first_exponent);
    case 'n':
        return read_u32(value, 65535, &create->volume_count);
    case 'u':
        return read_scheme(create, PAR2FILES_EVEN);
    case 'l':
        return read_scheme(create, PAR2FILES_LIMITED);
    default:
        return bad("unknown option", "see usenetsync par2 --help");
    }
}

static enum err read_option(int letter, const char *value, struct par2_options *options)
{
    struct par2files_place *place = &options->create.place;
    uint64_t number = 0;
    enum err err = OK;

    switch (letter) {
    case 'B':
        options->base = value;
        return OK;
    case 'a':
        options->archive = value;
        return OK;
    case 'm':
        err = read_number(value, UINT32_MAX, &number);
        place->memory = number * MIB;
        return err == OK && number == 0 ? bad("not a fitting number", value) : err;
    case 't':
        return read_u32(value, 256, &place->threads);
    case 'q':
        options->quiet++;
        return OK;
    case 'v':
        options->verbose++;
        return OK;
    case 'T':
        err = read_u32(value, 65535, &place->readers);
        return err == OK && place->readers == 0 ? bad("not a fitting number", value) : err;
    case 'N': /* a -S that stands with it says how much */
        options->leeway = options->leeway != 0 ? options->leeway : LEEWAY_DEFAULT;
        return OK;
    case 'S':
        err = read_number(value, UINT32_MAX, &options->leeway);
        return err == OK && options->leeway == 0 ? bad("not a fitting number", value) : err;
    case 'R':
        options->recurse = true;
        return OK;
    case 'p':
        options->purge = true;
        return OK;
    default:
        return read_create_option(letter, value, options);
    }
}

static enum err check_together(const struct par2_options *options, const char *given)
{
    if (options->name_count == 0 && options->archive == NULL) {
        return bad("no file is named", "see usenetsync par2 --help");
    }
    if (options->command != PAR2_COMMAND_CREATE && strpbrk(given, "sbrcfnulR") != NULL) {
        return bad("these options are for create", given);
    }
    if (options->command == PAR2_COMMAND_CREATE && strpbrk(given, "pNS") != NULL) {
        return bad("these options are for verify and repair", given);
    }
    if (strchr(given, 'S') != NULL && strchr(given, 'N') == NULL) {
        return bad("means nothing without -N", "-S");
    }
    if (options->quiet > 0 && options->verbose > 0) {
        return bad("cannot be used with each other", "-q and -v");
    }
    if (strchr(given, 's') != NULL && strchr(given, 'b') != NULL) {
        return bad("cannot be used with each other", "-s and -b");
    }
    if (strchr(given, 'r') != NULL && strchr(given, 'c') != NULL) {
        return bad("cannot be used with each other", "-r and -c");
    }
    if (strchr(given, 'l') != NULL && strpbrk(given, "nu") != NULL) {
        return bad("cannot be used with each other", "-l and -n");
    }
    return OK;
}

static enum err read_command(const char *word, enum par2_command *command)
{
    static const char *const words[] = {"create", "verify", "repair"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0 || (word[0] == words[i][0] && word[1] == '\0')) {
            *command = (enum par2_command)i;
            return OK;
        }
    }
    return bad("neither create, verify nor repair", word);
}

enum err par2_options_read(int argc, char **argv, struct par2_options *options)
{
    char given[64] = "";
    size_t count = 0;
    int letter;
    enum err err;

    *options = (struct par2_options){.quiet = 0};
    if (argc < 2) {
        return bad("no command", "create, verify or repair");
    }
    err = read_command(argv[1], &options->command);
    optind = 1;
    opterr = 0;
    while (err == OK &&
           (letter = getopt(argc - 1, argv + 1, "B:s:b:r:c:f:n:m:t:T:S:a:RulqvpN")) != -1) {
        err = read_option(letter, optarg, options);
        if (count + 1 < sizeof given && strchr(given, letter) == NULL) {
            given[count++] = (char)letter;
        }
    }
    if (err != OK) {
        return err;
    }
    options->names = argv + 1 + optind;
    options->name_count = (size_t)(argc - 1 - optind);
    if (options->command == PAR2_COMMAND_CREATE && strpbrk(given, "rc") == NULL) {
        options->create.percent = 5;
    }
    return check_together(options, given);
}
