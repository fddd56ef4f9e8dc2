/* `usenetsync recover`. */
#ifndef APP_DAEMON_RECOVER_H
#define APP_DAEMON_RECOVER_H

/* Put a damaged catalogue aside; argv[0] is "recover". The exit code. */
int recover_main(int argc, char **argv);

#endif
