/* The par2 command: .par2 files for ordinary files, in this process, without the daemon. */
#ifndef APP_PAR2_PAR2_MAIN_H
#define APP_PAR2_PAR2_MAIN_H

/* `usenetsync par2 ...`: argv[0] is "par2". Returns the exit code, par2cmdline's numbers. */
int par2_main(int argc, char **argv);

#endif
