/** Python text for a holder (holder.ts). */

/** Opens `path` as the connection `c` and runs statements on it; a transaction that they begin stays open. */
export function connection(path: string, ...statements: readonly string[]): string {
  return [
    `c = sqlite3.connect(${literal(path)}, isolation_level=None)`,
    ...statements.map((sql) => `c.execute(${literal(sql)})`),
  ].join("\n");
}

/** Opens a file as `fd` without SQLite and takes SQLite's RESERVED on it: POSIX, or OFD. */
export function bareReserved(path: string, api: "posix" | "ofd" = "posix"): string {
  const set = api === "posix" ? "fcntl.F_SETLK" : "37";
  return `fd = os.open(${literal(path)}, os.O_RDWR | os.O_CREAT)
fcntl.fcntl(fd, ${set}, struct.pack("hhqqixxxx", fcntl.F_WRLCK, 0, ${RESERVED_BYTE}, 1, 0))`;
}

/** JSON's strings are Python's. */
export function literal(text: string): string {
  return JSON.stringify(text);
}

/** Nobody waits for the disk: that is for the statements that a test is about. */
function quick(...statements: readonly string[]): readonly string[] {
  return ["pragma synchronous=off", ...statements, "pragma synchronous=full"];
}

const RESERVED_BYTE = 1073741825;

/** What a database needs before it can be held: a table, and its journal mode. */
export const ROLLBACK = quick("create table t(a)");
export const WAL = quick("pragma journal_mode=wal", "create table t(a)");
export const WRITE = ["begin immediate", "insert into t values (1)"];
