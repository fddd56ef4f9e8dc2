/* The par2 command: options to flow/par2files, events to the terminal, results to exit codes. */
#include "app/par2/par2_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/par2/par2_names.h"
#include "app/par2/par2_options.h"
#include "base/text.h"

/* par2cmdline's numbers. */
enum exit_code {
    EXIT_REPAIRABLE = 1,
    EXIT_LOST = 2,
    EXIT_ARGUMENTS = 3,
    EXIT_NO_SET = 4,
    EXIT_REPAIR_FAILED = 5,
    EXIT_FILES = 6,
    EXIT_BUG = 7,
    EXIT_MEMORY = 8,
};

static const char help[] =
    "usenetsync par2 create|c [options] NAME.par2 [FILE...]   make recovery data\n"
    "usenetsync par2 verify|v [options] NAME.par2 [FILE...]   are the files sound?\n"
    "usenetsync par2 repair|r [options] NAME.par2 [FILE...]   repair them\n"
    "\n"
    "PAR2 2.0 files, as par2cmdline and others make and read them. FILE... after verify and "
    "repair:\n"
    "more .par2 files, and files that may hold what is missed under another name.\n"
    "\n"
    "  -B DIR   names are relative to DIR (else: to the folder of NAME.par2)\n"
    "  -m N     memory for slices in MiB (else: half of the machine's)\n"
    "  -t N     threads (else: one a processor)\n"
    "  -T N     threads that may read files at a time (else: all)\n"
    "  -q       say less; -q -q: nothing\n"
    "  -v       say more\n"
    "create:\n"
    "  -s N     length of a slice in bytes, a multiple of 4\n"
    "  -b N     at most N slices in all (2000)\n"
    "  -r N     N per cent of recovery slices (5); -rkN, -rmN, -rgN: N KiB, MiB, GiB of them\n"
    "  -c N     N recovery slices\n"
    "  -f N     the first one's exponent\n"
    "  -n N     N recovery files\n"
    "  -u, -l   recovery files all the same size; none larger than the largest FILE\n"
    "  -R       take all files in folders\n"
    "  -a NAME  NAME.par2, all other words being files\n"
    "verify, repair:\n"
    "  -p       when all is well, remove the .par2 files and what a repair set aside\n"
    "  -N       look for moved data only near the places where it should be: faster, and finds "
    "less\n"
    "  -S N     so many bytes near, with -N (64)\n"
    "\n"
    "Exit code: 0 all is well, 1 damaged but repairable, 2 not repairable, 3 not understood,\n"
    "4 the .par2 files do not describe a set, 5 the repair went wrong, 6 files cannot be read or\n"
    "written, 8 not enough memory.\n";

struct screen {
    int quiet;
    int verbose;
    int shown; /* tenths of per cent; -1: the line is empty */
};

/* ---- what the flow says ---- */

static void wipe_line(struct screen *screen)
{
    if (screen->shown >= 0) {
        (void)fputs("\r\033[K", stderr);
        screen->shown = -1;
    }
}

static const char *phase_words(enum progress_phase phase)
{
    return phase == PROGRESS_WRITE  ? "Repairing"
           : phase == PROGRESS_LIST ? "Loading"
                                    : "Processing";
}

static void on_changed(void *arg, const struct progress *progress)
{
    struct screen *screen = arg;
    int tenths = 0;

    if (progress->bytes_total > 0) {
        tenths = (int)((double)progress->bytes_done * 1000 / (double)progress->bytes_total);
    }
    if (screen->quiet == 0 && tenths != screen->shown && isatty(STDERR_FILENO)) {
        screen->shown = tenths;
        (void)fprintf(
            stderr, "\r\033[K%s: %d.%d%%", phase_words(progress->phase), tenths / 10, tenths % 10);
    }
}

static void on_event(void *arg, enum log_level level, const char *text)
{
    struct screen *screen = arg;
    struct buf safe = {0};
    FILE *out = level >= LOG_INFO ? stdout : stderr;

    if (level == LOG_DEBUG ? screen->verbose == 0 : screen->quiet > (level == LOG_INFO ? 0 : 1)) {
        return;
    }
    wipe_line(screen);
    if (text_escape(bytes_str(text), &safe) == OK) {
        (void)fprintf(out, "%.*s\n", (int)safe.len, (const char *)safe.ptr);
    }
    buf_clear(&safe);
}

/* ---- exit codes ---- */

static int exit_of_error(enum err err, const struct screen *screen)
{
    if (screen->quiet < 2) {
        (void)fprintf(stderr, "usenetsync: par2: %s\n", err_text(err));
    }
    switch (err) {
    case ERR_BAD_REQUEST:
    case ERR_NOTHING_TO_SHARE:
        return EXIT_ARGUMENTS;
    case ERR_BAD_FORMAT:
    case ERR_LIMIT:
        return EXIT_NO_SET;
    case ERR_BAD_SEAL:
    case ERR_SINGULAR:
        return EXIT_REPAIR_FAILED;
    case ERR_NO_MEMORY:
        return EXIT_MEMORY;
    case ERR_BUG:
        return EXIT_BUG;
    default:
        return EXIT_FILES;
    }
}

static int exit_of_state(enum par2files_state state)
{
    switch (state) {
    case PAR2FILES_REPAIRABLE:
        return EXIT_REPAIRABLE;
    case PAR2FILES_LOST:
        return EXIT_LOST;
    default:
        return EXIT_SUCCESS;
    }
}

/* ---- the commands ---- */

static int create(
    struct par2_options *options, const struct par2_names *names, struct screen *screen)
{
    struct par2files_create *create = &options->create;
    enum err err;

    create->stem = names->stem;
    create->files = (const char *const *)names->files.list;
    create->file_count = names->files.count;
    err = par2files_create(create);
    wipe_line(screen);
    return err == OK ? EXIT_SUCCESS : exit_of_error(err, screen);
}

/* All is well: the .par2 files are not needed any more. */
static void purge(const struct par2_names *names)
{
    for (size_t i = 0; i < names->par2s.count; i++) {
        (void)remove(names->par2s.list[i]);
    }
}

static int check(
    const struct par2_options *options, const struct par2_names *names, struct screen *screen)
{
    struct par2files_check check = {.place = options->create.place,
        .action = options->command == PAR2_COMMAND_REPAIR ? PAR2FILES_REPAIR : PAR2FILES_VERIFY,
        .damaged = options->purge ? PAR2FILES_DROP_DAMAGED : PAR2FILES_KEEP_DAMAGED,
        .leeway = options->leeway,
        .par2s = (const char *const *)names->par2s.list,
        .par2_count = names->par2s.count,
        .extras = (const char *const *)names->files.list,
        .extra_count = names->files.count};
    struct par2files_report report = {.state = PAR2FILES_LOST};
    enum err err = par2files_check(&check, &report);

    wipe_line(screen);
    if (err != OK) {
        return exit_of_error(err, screen);
    }
    if (options->purge &&
        (report.state == PAR2FILES_INTACT || report.state == PAR2FILES_REPAIRED)) {
        purge(names);
    }
    return exit_of_state(report.state);
}

/* Every file of a set is open at the same time. */
static void allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What a new file may be, by this process's umask. */
static uint32_t new_mode(void)
{
    mode_t mask = umask(0);

    (void)umask(mask);
    return 0666 & ~mask;
}

static int run(const struct par2_options *given)
{
    struct par2_options copy = *given;
    struct par2_options *options = &copy;
    struct screen screen = {.quiet = options->quiet, .verbose = options->verbose, .shown = -1};
    struct progress_sink sink = {.changed = on_changed, .event = on_event, .arg = &screen};
    struct par2_names names;
    enum err err = par2_names_find(options, &names);
    int code = EXIT_ARGUMENTS;

    allow_many_files();
    if (err == OK) {
        options->create.place.sink = &sink;
        options->create.place.mode = new_mode();
        options->create.place.base = names.base;
        options->create.place.folder = names.folder;
        code = options->command == PAR2_COMMAND_CREATE ? create(options, &names, &screen)
                                                       : check(options, &names, &screen);
    }
    par2_names_clear(&names);
    return code;
}

int par2_main(int argc, char **argv)
{
    struct par2_options options;

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(help, stdout);
            return EXIT_SUCCESS;
        }
    }
    return par2_options_read(argc, argv, &options) == OK ? run(&options) : EXIT_ARGUMENTS;
}
