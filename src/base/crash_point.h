/* Named places where a crash hurts most. A debug build dies there as by a pulled plug when its
 * environment says USENETSYNC_CRASH_POINT="NAME", or "NAME@4" for the fourth time it comes by (the
 * only setting that does not arrive through a _new: nobody but a test knows of it). Elsewhere there
 * is nothing left of them. tests/e2e/crash_points.py finds every name in the source and dies there.
 */
#ifndef BASE_CRASH_POINT_H
#define BASE_CRASH_POINT_H

#ifdef CRASH_POINTS

/* Die here, if this is the place. `name`: a literal, unique in the source. Any thread. */
void crash_point(const char *name);

#else

#define crash_point(name) ((void)0)

#endif

#endif
