#!/usr/bin/env python3
"""Run a command as on a kernel without Landlock: no_landlock.py COMMAND ARGUMENT...

A filter says ENOSYS to landlock_create_ruleset(), to the command and to all that it starts."""
import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, IS, RETURN = 0x20, 0x15, 0x06
CREATE_RULESET = 444  # on every machine
ALLOW, ENOSYS = 0x7FFF0000, 0x00050000 | 38


class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


steps = [(LOAD, 0, 0, 0), (IS, 0, 1, CREATE_RULESET), (RETURN, 0, 0, ENOSYS), (RETURN, 0, 0, ALLOW)]
program = Program(len(steps), b"".join(struct.pack("HBBI", *step) for step in steps))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program)):
    sys.exit(f"no filter: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
