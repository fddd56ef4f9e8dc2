/* The daemon: it owns all state, runs the jobs, answers on its socket. Config and wiring only. */
#ifndef APP_DAEMON_DAEMON_H
#define APP_DAEMON_DAEMON_H

/* Run `usenetsync daemon ...`; the exit code. With --foreground (log on standard error) or
 * --background (log in the state folder; what the command line starts) it returns when the daemon
 * has ended; with neither it starts one in the background and returns. */
int daemon_main(int argc, char **argv);

#endif
