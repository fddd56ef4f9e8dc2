/* The filter of system calls: what file work needs, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "io/helper/confine.h"

/* What is allowed whatever its arguments: paths are Landlock's business. A name that this machine's
 * kernel does not have is passed over. */
static const char *const allowed[] = {
    /* open files */
    "read", "write", "pread64", "pwrite64", "readv", "writev", "lseek", "_llseek", "close", "fstat",
    "fstat64", "fstatfs", "fstatfs64", "ftruncate", "ftruncate64", "fsync", "fdatasync", "syncfs",
    "fchmod", "flock", "getdents64",
    /* paths */
    "openat", "openat2", "newfstatat", "fstatat64", "statx", "mkdirat", "unlinkat", "renameat",
    "renameat2", "linkat", "symlinkat", "readlinkat", "utimensat", "utimensat_time64",
    /* the sockets it has */
    "recvfrom", "recv", "sendto", "send",
    /* memory, threads, time */
    "brk", "munmap", "mremap", "madvise", "futex", "futex_time64", "set_robust_list", "rseq",
    "sched_yield", "sched_getaffinity", "membarrier", "uname", "getpid", "gettid", "getrandom",
    "clock_gettime", "clock_gettime64", "gettimeofday", "nanosleep", "clock_nanosleep",
    "clock_nanosleep_time64", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    "restart_syscall", "exit", "exit_group"};

/* What no mistake of ours calls: whoever tries is not us any more. */
static const char *const deadly[] = {"socket", "socketpair", "connect", "bind", "listen", "accept",
    "accept4", "execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace",
    "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    "io_uring_setup", "bpf", "perf_event_open", "userfaultfd", "mount", "umount2", "move_mount",
    "open_tree", "fsopen", "unshare", "setns", "chroot", "pivot_root", "open_by_handle_at",
    "keyctl", "add_key", "request_key", "init_module", "finit_module", "kexec_load", "kill",
    "tkill"};

/* fcntl() can also have signals sent to others. */
static const int fcntl_allowed[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL};

static int add(scmp_filter_ctx ctx, uint32_t action, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);

    return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(ctx, action, number, 0);
}

/* Calls whose arguments decide. */
static int add_judged(scmp_filter_ctx ctx)
{
    const struct scmp_arg_cmp no_code = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    int code = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_code);

    if (seccomp_syscall_resolve_name("mmap2") >= 0) { /* of 32-bit machines */
        code |= seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 1, &no_code);
    }
    code |= seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &no_code);
    for (size_t i = 0; i < sizeof(fcntl_allowed) / sizeof(fcntl_allowed[0]); i++) {
        const struct scmp_arg_cmp is =
            SCMP_A1_32(SCMP_CMP_EQ, (scmp_datum_t)(unsigned)fcntl_allowed[i], 0);

        code |= seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, &is);
    }
    /* abort() and its like: a signal to itself */
    code |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
        SCMP_A0_32(SCMP_CMP_EQ, (scmp_datum_t)(unsigned)getpid(), 0));
    /* the allocator names its memory, where the kernel can */
    code |= seccomp_rule_add(
        ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0_32(SCMP_CMP_EQ, PR_SET_NAME, 0));
    /* is this a terminal? */
    code |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
    return code;
}

static int fill(scmp_filter_ctx ctx)
{
    int code = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);

    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && code == 0; i++) {
        code = add(ctx, SCMP_ACT_ALLOW, allowed[i]);
    }
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]) && code == 0; i++) {
        code = add(ctx, SCMP_ACT_KILL_PROCESS, deadly[i]);
    }
    return code == 0 ? add_judged(ctx) : code;
}

enum err confine_calls(void)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int code = ctx == NULL ? -ENOMEM : fill(ctx);

    if (code == 0) {
        code = seccomp_load(ctx);
    }
    seccomp_release(ctx);
    return code == 0 ? OK : code == -ENOMEM ? ERR_NO_MEMORY : ERR_SYSTEM;
}
