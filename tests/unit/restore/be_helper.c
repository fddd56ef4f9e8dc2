/* Restores in tests have a helper as in real life: the test's own program once more. It becomes
 * that before its main() begins. */
#include <string.h>
#include <unistd.h>

#include "flow/restore/restore_helper.h"

static void __attribute__((constructor)) be_helper(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], RESTORE_HELPER) == 0) {
        _exit(restore_helper_main(argc, argv));
    }
}
