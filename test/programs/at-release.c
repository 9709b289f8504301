/*
 * LD_PRELOAD: from the moment that a process has deleted a -wal, it runs AT_RELEASE (a shell command) each time that it
 * has given up a lock of SQLite on a database, or a part of one, and goes on when that command has ended. So another
 * process comes in between wherever SQLite's locks let it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SHARED_FIRST of os.h, in a file with the usual PENDING_BYTE. */
#define SHARED_FIRST 0x40000002

static int deleted;

static int unlink_next(const char *path) {
  static int (*next)(const char *);
  if (!next) next = dlsym(RTLD_NEXT, "unlink");
  return next(path);
}

int unlink(const char *path) {
  int result = unlink_next(path);
  size_t length = strlen(path);
  if (result == 0 && length > 4 && strcmp(path + length - 4, "-wal") == 0) deleted = 1;
  return result;
}

static void after(int result, int command, void *argument) {
  const struct flock *lock = argument;
  if (!deleted || result != 0 || command != F_SETLK) return;
  int downgraded = lock->l_type == F_RDLCK && lock->l_start == SHARED_FIRST;
  int released = lock->l_type == F_UNLCK && lock->l_start == 0 && lock->l_len == 0;
  if (!downgraded && !released) return;
  int saved = errno;
  const char *line = getenv("AT_RELEASE");
  if (line) system(line);
  errno = saved;
}

#define FCNTL(name)                                             \
  int name(int fd, int command, ...) {                          \
    static int (*next)(int, int, ...);                          \
    if (!next) next = dlsym(RTLD_NEXT, #name);                  \
    va_list list;                                               \
    va_start(list, command);                                    \
    void *argument = va_arg(list, void *);                      \
    va_end(list);                                               \
    int result = next(fd, command, argument);                   \
    after(result, command, argument);                           \
    return result;                                              \
  }

FCNTL(fcntl)
FCNTL(fcntl64)
