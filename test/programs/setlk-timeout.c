/*
** A program whose SQLite was built with SQLITE_ENABLE_SETLK_TIMEOUT.
**   setlk-timeout hold DATABASE   keeps readers out (locking_mode=EXCLUSIVE) until its standard input ends
**   setlk-timeout read DATABASE   reads, and waits in fcntl(F_SETLKW) while somebody has EXCLUSIVE without PENDING
**
** That is the one lock for which SQLite's own code for unix blocks (SQLITE_SETLK_BLOCK_ON_CONNECT): for all others it
** asks once, with F_SETLK, whatever the timeout (os_unix.c, osSetPosixAdvisoryLock).
*/
#include "sqlite3.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  sqlite3 *db;
  int rc;
  if (argc != 3 || sqlite3_open_v2(argv[2], &db, SQLITE_OPEN_READWRITE, 0) != SQLITE_OK) return 2;
  if (strcmp(argv[1], "hold") == 0) {
    rc = sqlite3_exec(db, "pragma locking_mode=exclusive; insert into t values (1)", 0, 0, 0);
    printf("holds: %s\n", sqlite3_errmsg(db));
    fflush(stdout);
    while (getchar() != EOF) continue;
  } else {
    sqlite3_setlk_timeout(db, 60000, SQLITE_SETLK_BLOCK_ON_CONNECT);
    rc = sqlite3_exec(db, "select count(*) from t", 0, 0, 0);
    printf("has read: %s\n", sqlite3_errmsg(db));
  }
  sqlite3_close(db);
  return rc;
}
