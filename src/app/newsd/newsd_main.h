/* The command line `usenetsync newsd`. */
#ifndef APP_NEWSD_NEWSD_MAIN_H
#define APP_NEWSD_NEWSD_MAIN_H

/* Run the server until SIGTERM or SIGINT; argv[0] is "newsd". The first line on standard output is
 * "listening HOST:PORT". Returns the exit code: 0 ended in order, 1 failed (standard error says
 * why), 2 the command line is wrong. --state and --json are taken and change nothing. */
int newsd_main(int argc, char **argv);

#endif
