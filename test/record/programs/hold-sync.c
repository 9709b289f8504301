/*
** A library for LD_PRELOAD: a sync of one file by one process lasts until the test says so. HOLD_SYNC names a file; while
** it is there and has the line "PID PATH", that process stays in fsync() or fdatasync() of that path, and says so by
** making the file HOLD_SYNC.reached.
*/
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int isHeld(const char *name, int fd) {
  char wanted[4200], own[4200], path[4096], link[64];
  ssize_t length;
  FILE *file = name == 0 ? 0 : fopen(name, "r");
  if (file == 0) return 0;
  if (fgets(wanted, sizeof wanted, file) == 0) wanted[0] = 0;
  fclose(file);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  snprintf(own, sizeof own, "%d %s\n", getpid(), path);
  return strcmp(wanted, own) == 0;
}

static int hold(int number, int fd) {
  const char *name = getenv("HOLD_SYNC");
  if (isHeld(name, fd)) {
    char reached[4200];
    snprintf(reached, sizeof reached, "%s.reached", name);
    close(open(reached, O_WRONLY | O_CREAT, 0600));
    while (access(name, F_OK) == 0) usleep(1000);
  }
  return syscall(number, fd);
}

int fsync(int fd) { return hold(SYS_fsync, fd); }
int fdatasync(int fd) { return hold(SYS_fdatasync, fd); }
