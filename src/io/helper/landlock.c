/* Landlock: rights to files end where the folder ends. Debian 12's header knows version 2 of it, so
 * what came later is named here. */
#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/helper/confine.h"

/* struct landlock_ruleset_attr as the newest version has it; older kernels take its front. */
struct ruleset {
    uint64_t files;
    uint64_t net;   /* version 4 */
    uint64_t scope; /* version 6 */
};

#define FILES_1 ((UINT64_C(1) << 13) - 1)  /* EXECUTE .. MAKE_SYM */
#define FILES_REFER (UINT64_C(1) << 13)    /* version 2 */
#define FILES_TRUNCATE (UINT64_C(1) << 14) /* version 3 */
#define FILES_IOCTL (UINT64_C(1) << 15)    /* version 5 */
#define NET_TCP (UINT64_C(3))              /* version 4: bind and connect */
#define SCOPE_ALL (UINT64_C(3))            /* version 6: abstract sockets and signals */

/* What may be done below the folder; of what the kernel knows. */
#define FILES_ALLOWED                                                                              \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |  \
        LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
        LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM | FILES_REFER | FILES_TRUNCATE)

static struct ruleset ruleset_of(int version)
{
    struct ruleset r = {.files = FILES_1};

    r.files |= version >= 2 ? FILES_REFER : 0;
    r.files |= version >= 3 ? FILES_TRUNCATE : 0;
    r.files |= version >= 5 ? FILES_IOCTL : 0;
    r.net = version >= 4 ? NET_TCP : 0;
    r.scope = version >= 6 ? SCOPE_ALL : 0;
    return r;
}

/* 0: there is none, or it is switched off, or a filter around us hides it. */
static int kernel_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

static enum err restrict_to(int rules, int folder, const struct ruleset *r)
{
    const struct landlock_path_beneath_attr below = {
        .allowed_access = FILES_ALLOWED & r->files, .parent_fd = folder};

    if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0 ||
        syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
        return err_from_errno(errno);
    }
    return OK;
}

enum err confine_files(int folder, int *version)
{
    struct ruleset r;
    int rules;
    enum err err;

    *version = kernel_version();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return err_from_errno(errno);
    }
    if (*version == 0) {
        return OK;
    }
    r = ruleset_of(*version);
    rules = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
    if (rules < 0) {
        return err_from_errno(errno);
    }
    err = restrict_to(rules, folder, &r);
    (void)close(rules);
    return err;
}
