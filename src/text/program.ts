/** The words for programs that are known by their names. Pure. */
import type { ReaderOnPurpose } from "../model/programs.ts";

/** Why it reads for so long: a clause after the name of the process, which says "likely", as a name proves nothing. */
export function purposeClause(reader: ReaderOnPurpose): string {
  switch (reader) {
    case "litestream":
      return (
        "likely this is how Litestream works: it keeps a read open so that the WAL is not reset before it is " +
        "copied, and does its own checkpoints"
      );
    case "sqlite3_rsync":
      return "likely sqlite3_rsync, which reads one snapshot until the copy is done";
    case "backup":
      return "likely a backup or a dump by the sqlite3 shell, which reads one snapshot until it is done";
  }
}

/** What to do about its read: sentences. */
export function purposeRemedy(reader: ReaderOnPurpose): string {
  switch (reader) {
    case "litestream":
      return (
        "Leave it running: without it nothing is replicated. If the WAL still grows, check its log (is a replica " +
        "unreachable?), and whether another program pins frames as well."
      );
    case "sqlite3_rsync":
    case "backup":
      return "Let it finish: the next checkpoint then copies the frames back.";
  }
}

/** What ending it does: a sentence. */
export function endOfReaderText(reader: ReaderOnPurpose): string {
  return reader === "litestream"
    ? "It is likely Litestream: once ended, it replicates nothing until it is started again, and it may then have to " +
        "begin with a new snapshot."
    : "It likely copies the database: if it is ended, that copy is incomplete.";
}
