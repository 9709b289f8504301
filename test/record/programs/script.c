/*
** SQLite's own C does what a script says, and logs each call: see test/record/script.ts. Arguments: the file of the
** log. Its busy handler sleeps as SQLite's does, and counts. Environment, SCRIPT_LOCKS:
**   ofd    all locks are open file description locks
**   wait   the locks that a call needs are waited for in the kernel, by F_SETLKW, for as long as the timeout is
** What fcntl() refuses and grants is logged with the times before and after it.
** SCRIPT_BUSY=slow: the busy handler sleeps longer than SQLite's, always the same time.
*/
#define _GNU_SOURCE
#include "sqlite3.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MOST 8
#define MOST_ATTEMPTS 1000

typedef struct Connection {
  char name[32];
  char path[4096];
  sqlite3 *db;
  sqlite3_stmt *open;
  int timeout;
} Connection;

static Connection connections[MOST];
static FILE *logFile;
static int handled;
static int timeoutNow;
static const char *locks = "";
static int slowMs = 0;
/* Of this call: what fcntl() refused, and what it granted. */
static struct Attempt {
  long long from, to;
} refused[MOST_ATTEMPTS], granted[MOST_ATTEMPTS];
static int refusedCount, grantedCount;

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void sleepMs(int ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
  while (nanosleep(&time, &time) != 0) continue;
}

/* As sqliteDefaultBusyCallback. */
static int onBusy(void *given, int count) {
  static const unsigned char delays[] = {1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100};
  static const unsigned char totals[] = {0, 1, 3, 8, 18, 33, 53, 78, 103, 128, 178, 228};
  int timeout = ((Connection *)given)->timeout;
  int delay, prior;
  if (timeout == 0) return 0;
  if (slowMs > 0) {
    delay = slowMs;
    prior = slowMs * count;
  } else if (count < 12) {
    delay = delays[count];
    prior = totals[count];
  } else {
    delay = delays[11];
    prior = totals[11] + delay * (count - 11);
  }
  if (prior + delay > timeout) {
    delay = timeout - prior;
    if (delay <= 0) return 0;
  }
  handled++;
  sleepMs(delay);
  return 1;
}

static void onAlarm(int signal) { (void)signal; }

/* PENDING, RESERVED and SHARED of the database, WRITE of the -shm. */
static int isNeeded(const struct flock *lock) { return lock->l_start >= 0x40000000 || lock->l_start == 120; }

static int waitFor(int fd, struct flock *lock) {
  struct itimerval timer = {{0, 0}, {timeoutNow / 1000, timeoutNow % 1000 * 1000}};
  struct itimerval none = {{0, 0}, {0, 0}};
  int result, error;
  setitimer(ITIMER_REAL, &timer, 0);
  result = fcntl(fd, F_SETLKW, lock);
  error = errno;
  setitimer(ITIMER_REAL, &none, 0);
  errno = result != 0 && (error == EINTR || error == EDEADLK) ? EAGAIN : error;
  return result;
}

static int lockedFcntl(int fd, int command, void *given) {
  if (command == F_SETLK || command == F_GETLK) {
    struct flock *lock = given;
    if (strcmp(locks, "ofd") == 0) {
      lock->l_pid = 0;
      return fcntl(fd, command == F_SETLK ? F_OFD_SETLK : F_OFD_GETLK, lock);
    }
    if (command == F_SETLK && timeoutNow > 0 && lock->l_type != F_UNLCK && isNeeded(lock)) return waitFor(fd, lock);
  }
  return fcntl(fd, command, given);
}

static int ownFcntl(int fd, int command, ...) {
  va_list list;
  void *given;
  int result;
  struct Attempt attempt;
  va_start(list, command);
  given = va_arg(list, void *);
  va_end(list);
  attempt.from = nanoseconds();
  result = lockedFcntl(fd, command, given);
  attempt.to = nanoseconds();
  if (command != F_SETLK || ((struct flock *)given)->l_type == F_UNLCK) return result;
  if (result != 0 && refusedCount < MOST_ATTEMPTS) refused[refusedCount++] = attempt;
  if (result == 0 && grantedCount < MOST_ATTEMPTS) granted[grantedCount++] = attempt;
  return result;
}

static void attempts(const char *name, const struct Attempt *list, int count) {
  fprintf(logFile, ",\"%s\":[", name);
  for (int i = 0; i < count; i++) fprintf(logFile, "%s[%lld,%lld]", i == 0 ? "" : ",", list[i].from, list[i].to);
  fputc(']', logFile);
}

static Connection *find(const char *name) {
  for (int i = 0; i < MOST; i++)
    if (connections[i].db != 0 && strcmp(connections[i].name, name) == 0) return &connections[i];
  for (int i = 0; i < MOST; i++)
    if (connections[i].db == 0) return memset(&connections[i], 0, sizeof connections[i]);
  exit(3);
}

static void text(const char *value) {
  if (value == 0) {
    fputs("null", logFile);
    return;
  }
  fputc('"', logFile);
  for (; *value != 0; value++) {
    if (*value == '"' || *value == '\\') fputc('\\', logFile);
    fputc(*value, logFile);
  }
  fputc('"', logFile);
}

static void facts(const Connection *c, const char *op, const char *sql, long long from) {
  fprintf(logFile, "{\"pid\":%d,\"tid\":%d,\"connection\":\"%s\",\"op\":\"%s\",\"sql\":", getpid(), getpid(), c->name, op);
  text(sql);
  fputs(",\"path\":", logFile);
  text(c->path);
  fprintf(logFile, ",\"from_ns\":%lld", from);
}

static const char *nameOf(int rc) {
  switch (rc & 0xff) {
    case SQLITE_OK: return "SQLITE_OK";
    case SQLITE_BUSY: return rc == SQLITE_BUSY_SNAPSHOT ? "SQLITE_BUSY_SNAPSHOT" : "SQLITE_BUSY";
    case SQLITE_LOCKED: return "SQLITE_LOCKED";
    default: return "SQLITE_ERROR";
  }
}

/* A statement to its end, or to its first row; that row's first number in `row`. */
static int execute(Connection *c, const char *sql, int one, long long *row, int *hasRow) {
  sqlite3_stmt *statement;
  int rc = sqlite3_prepare_v2(c->db, sql, -1, &statement, 0);
  if (rc != SQLITE_OK) return sqlite3_extended_errcode(c->db);
  while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
    if (!*hasRow) *row = sqlite3_column_int64(statement, 0);
    *hasRow = 1;
    if (one) {
      c->open = statement;
      return SQLITE_OK;
    }
  }
  rc = rc == SQLITE_DONE ? SQLITE_OK : sqlite3_extended_errcode(c->db);
  sqlite3_finalize(statement);
  return rc;
}

static int openOne(Connection *c, const char *name, const char *timeout, const char *path) {
  int rc;
  snprintf(c->name, sizeof c->name, "%s", name);
  snprintf(c->path, sizeof c->path, "%s", path);
  c->timeout = atoi(timeout);
  rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
  if (strcmp(locks, "wait") != 0) sqlite3_busy_handler(c->db, onBusy, c);
  return rc;
}

static void logged(const char *op, char **words, int count) {
  Connection *c = find(words[1]);
  Connection shown;
  const char *sql = strcmp(op, "sql") == 0 || strcmp(op, "fetch") == 0 ? words[2] : 0;
  long long row = 0, begin, end;
  int hasRow = 0, rc;
  if (strcmp(op, "open") == 0 && count > 3) {
    snprintf(c->name, sizeof c->name, "%s", words[1]);
    snprintf(c->path, sizeof c->path, "%s", words[3]);
  }
  shown = *c;
  facts(c, op, sql, nanoseconds());
  fputs("}\n", logFile);
  fflush(logFile);
  handled = refusedCount = grantedCount = 0;
  timeoutNow = strcmp(locks, "wait") == 0 ? c->timeout : 0;
  begin = nanoseconds();
  if (strcmp(op, "open") == 0) rc = openOne(c, words[1], words[2], words[3]);
  else if (strcmp(op, "sql") == 0) rc = execute(c, sql, 0, &row, &hasRow);
  else if (strcmp(op, "fetch") == 0) rc = execute(c, sql, 1, &row, &hasRow);
  else if (strcmp(op, "drop") == 0) {
    rc = sqlite3_finalize(c->open);
    c->open = 0;
  } else {
    rc = sqlite3_close(c->db);
    c->db = 0;
  }
  end = nanoseconds();
  facts(&shown, op, sql, begin);
  fprintf(logFile, ",\"to_ns\":%lld,\"code\":\"%s\"", end, nameOf(rc));
  if (hasRow) fprintf(logFile, ",\"row\":[%lld]", row);
  if (strcmp(locks, "wait") != 0) {
    fprintf(logFile, ",\"handled\":%d", handled);
    attempts("refused", refused, refusedCount);
    attempts("granted", granted, grantedCount);
  }
  fputs("}\n", logFile);
  fflush(logFile);
}

int main(int argc, char **argv) {
  char line[8192];
  struct sigaction action = {0};
  sqlite3_vfs *vfs = sqlite3_vfs_find(0);
  if (argc != 2 || (logFile = fopen(argv[1], "a")) == 0) return 2;
  if (getenv("SCRIPT_LOCKS") != 0) locks = getenv("SCRIPT_LOCKS");
  if (getenv("SCRIPT_BUSY") != 0) slowMs = 230;
  action.sa_handler = onAlarm; /* without SA_RESTART */
  sigaction(SIGALRM, &action, 0);
  vfs->xSetSystemCall(vfs, "fcntl", (sqlite3_syscall_ptr)ownFcntl);
  while (fgets(line, sizeof line, stdin) != 0) {
    char *words[6];
    int count = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *word = strtok(line, "\t"); word != 0 && count < 6; word = strtok(0, "\t"))
      words[count++] = word;
    if (count < 2) return 3;
    if (strcmp(words[1], "sleep") == 0) sleepMs(atoi(words[2]));
    else if (strcmp(words[1], "say") == 0) {
      puts(words[2]);
      fflush(stdout);
    } else if (strcmp(words[1], "die") == 0) kill(getpid(), SIGKILL);
    else logged(words[1], words + 1, count - 1);
  }
  return 0;
}
