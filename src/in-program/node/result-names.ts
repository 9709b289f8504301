/** The names of SQLite's result codes (sqlite3.h), for drivers that give numbers. */
const PRIMARY =
  "OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL " +
  "EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING";

const EXTENDED: Readonly<Record<string, string>> = {
  ERROR: "MISSING_COLLSEQ RETRY SNAPSHOT",
  ABORT: "- ROLLBACK",
  BUSY: "RECOVERY SNAPSHOT TIMEOUT",
  LOCKED: "SHAREDCACHE VTAB",
  READONLY: "RECOVERY CANTLOCK ROLLBACK DBMOVED CANTINIT DIRECTORY",
  IOERR:
    "READ SHORT_READ WRITE FSYNC DIR_FSYNC TRUNCATE FSTAT UNLOCK RDLOCK DELETE BLOCKED NOMEM ACCESS " +
    "CHECKRESERVEDLOCK LOCK CLOSE DIR_CLOSE SHMOPEN SHMSIZE SHMLOCK SHMMAP SEEK DELETE_NOENT MMAP GETTEMPPATH " +
    "CONVPATH VNODE AUTH BEGIN_ATOMIC COMMIT_ATOMIC ROLLBACK_ATOMIC DATA CORRUPTFS IN_PAGE",
  CORRUPT: "VTAB SEQUENCE INDEX",
  CANTOPEN: "NOTEMPDIR ISDIR FULLPATH CONVPATH DIRTYWAL SYMLINK",
  CONSTRAINT: "CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID PINNED DATATYPE",
};

const primary = PRIMARY.split(" ");

/** Undefined: no code of SQLite's. */
export function resultName(code: number): string | undefined {
  const name = primary[code & 0xff];
  if (name === undefined || code <= 0) return undefined;
  const extended = EXTENDED[name]?.split(" ")[(code >> 8) - 1];
  return extended === undefined || extended === "-" ? `SQLITE_${name}` : `SQLITE_${name}_${extended}`;
}

/** What a failure is called: SQLite's name for it, else the error's class. */
export function failureName(error: unknown): string {
  try {
    const { code, errcode, name } = error as { code?: unknown; errcode?: unknown; name?: unknown };
    const known = typeof errcode === "number" ? resultName(errcode) : undefined;
    if (known !== undefined) return known;
    if (typeof code === "string" && /^SQLITE_\w+$/.test(code)) return code;
    return typeof name === "string" && name !== "" ? name.slice(0, 100) : "Error";
  } catch {
    return "Error"; // a Proxy, say
  }
}
