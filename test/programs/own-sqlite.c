/* A program with a SQLite of its own: it says where functions and fields of it are, and waits for the end of stdin. */
#include "sqlite3.c"
#include <stddef.h>
#include <stdio.h>

#define TELL(name) printf("%s=%lx ", #name, (unsigned long)&name)

int main(void) {
  sqlite3 *db;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  TELL(sqlite3_open);
  TELL(sqlite3_close);
  TELL(sqlite3_prepare_v2);
  TELL(sqlite3_step);
  TELL(sqlite3_exec);
  printf("sql=%zx state=%zx db=%zx\n", offsetof(Vdbe, zSql), offsetof(Vdbe, eVdbeState), offsetof(Vdbe, db));
  if (VDBE_RUN_STATE != 2) return 1;
  fflush(stdout);
  while (getchar() != EOF) continue;
  return 0;
}
