/* Help for the tests of io/disk. */
#include "disk_fixture.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, DIED = 200, BUFFERS = 8, PATH_LEN = 4096 };

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/test_disk.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(chmod(f->dir, 0777), 0);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    char command[256];

    (void)snprintf(command, sizeof(command), "chmod -R u+rwx %s; rm -rf %s", f->dir, f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

const char *fixture_path(struct fixture *f, const char *name)
{
    static char buffers[BUFFERS][PATH_LEN];
    static unsigned next;
    char *path = buffers[next++ % BUFFERS];

    (void)snprintf(path, PATH_LEN, "%s/%s", f->dir, name);
    return path;
}

void fixture_write(struct fixture *f, const char *name, const char *text)
{
    FILE *file = fopen(fixture_path(f, name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

int fixture_holds(struct fixture *f, const char *name, const char *text)
{
    char buffer[1000] = "";
    FILE *file = fopen(fixture_path(f, name), "r");
    size_t len;

    if (file == NULL) {
        return 0;
    }
    len = fread(buffer, 1, sizeof(buffer) - 1, file);
    (void)fclose(file);
    return len == strlen(text) && memcmp(buffer, text, len) == 0;
}

enum child_kind { CHILD_PLAIN, CHILD_NOBODY, CHILD_NO_OPENAT2 };

static int become_nobody(void)
{
    if (geteuid() != 0) {
        return 0;
    }
    return setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0;
}

static int lose_openat2(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

static int run_child(struct fixture *f, int (*check)(struct fixture *f), enum child_kind kind)
{
    int status = 0;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int bad = (kind == CHILD_NOBODY && become_nobody() != 0) ||
                  (kind == CHILD_NO_OPENAT2 && lose_openat2() != 0);

        _exit(bad ? DIED : check(f));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : DIED;
}

int fixture_in_child(struct fixture *f, int (*check)(struct fixture *f))
{
    return run_child(f, check, CHILD_PLAIN);
}

int fixture_as_nobody(struct fixture *f, int (*check)(struct fixture *f))
{
    return run_child(f, check, CHILD_NOBODY);
}

int fixture_without_openat2(struct fixture *f, int (*check)(struct fixture *f))
{
    return run_child(f, check, CHILD_NO_OPENAT2);
}
