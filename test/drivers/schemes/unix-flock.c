/* DATABASE: opens it by SQLite's unix-flock, and runs each line of stdin as SQL; answers `ok`, or the error. */
#include <stdio.h>
#include "sqlite3.h"

int main(int argc, char **argv) {
  sqlite3 *db;
  char line[4096], *error = NULL;
  if (argc < 2 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, "unix-flock") != SQLITE_OK) {
    puts("cannot open the database by unix-flock");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    puts(sqlite3_exec(db, line, NULL, NULL, &error) == SQLITE_OK ? "ok" : error);
    fflush(stdout);
  }
  return sqlite3_close(db);
}
