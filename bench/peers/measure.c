/*
 * Runs a command on one core and writes one line about it to a file: user and system seconds, wall seconds, peak RSS
 * in KiB, exit status (128 + signal when it was killed).
 *
 *     measure FILE CORE COMMAND [ARGUMENT...]      CORE -1: wherever it likes
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  const int core = atoi(argv[2]);
  struct timespec began, ended;
  clock_gettime(CLOCK_MONOTONIC, &began);
  const pid_t child = fork();
  if (child < 0) return 71;
  if (child == 0) {
    if (core >= 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(core, &set);
      if (sched_setaffinity(0, sizeof set, &set) != 0) _exit(125);
    }
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  int status = 0;
  struct rusage used;
  if (wait4(child, &status, 0, &used) < 0) return 71;
  clock_gettime(CLOCK_MONOTONIC, &ended);
  FILE *out = fopen(argv[1], "w");
  if (out == NULL) return 73;
  const double wall = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  fprintf(out, "%.6f %.6f %.6f %ld %d\n", seconds(used.ru_utime), seconds(used.ru_stime), wall, used.ru_maxrss, code);
  return fclose(out) == 0 ? 0 : 73;
}
