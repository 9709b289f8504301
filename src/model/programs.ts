/** Programs that are known by their names: likely, since a process may have any name. Pure. */
import type { Holder } from "./report.ts";

/**
 * A program that has a read open on purpose. `litestream`: for as long as it runs, so that nobody but itself starts the
 * WAL again before it is copied (litestream, db.go: acquireReadLock). `sqlite3_rsync`, `backup` (the sqlite3 shell with
 * .backup, .dump, .clone or VACUUM INTO): until the copy is done.
 */
export type ReaderOnPurpose = "litestream" | "sqlite3_rsync" | "backup";

type Named = Pick<Holder, "name" | "commandLine">;

/** Null for any other program. */
export function readerOnPurpose(process: Named): ReaderOnPurpose | null {
  const names = namesOf(process);
  if (names.includes("litestream")) return "litestream";
  if (names.includes("sqlite3_rsync")) return "sqlite3_rsync";
  return names.includes("sqlite3") && process.commandLine.slice(1).some((arg) => BACKUP.test(arg)) ? "backup" : null;
}

/** Source: the sqlite3 shell's help; https://www.sqlite.org/lang_vacuum.html */
const BACKUP = /^\s*(?:\.(?:backup|save|dump|clone)\b|vacuum\s(?:.*\s)?into\b)/is;

/** A program that copies files as they are, and knows nothing of SQLite's locks. */
export function isCopier(process: Named): boolean {
  return namesOf(process).some((name) => COPIERS.has(name));
}

const COPIERS: ReadonlySet<string> = new Set([
  ...["cp", "dd", "rsync", "scp", "sftp-server", "pax", "tar", "bsdtar", "star", "cpio", "zip", "7z", "7za", "7zz"],
  ...["restic", "borg", "kopia", "duplicity", "duplicacy", "rdiff-backup", "bup", "rsnapshot", "rclone", "unison"],
  ...["syncthing", "dropbox", "nextcloud", "nextcloudcmd", "owncloud", "owncloudcmd", "onedrive", "insync", "maestral"],
  ...["megasync", "seaf-daemon", "rslsync"],
]);

const INTERPRETER = /^(?:python|perl|ruby)[\d.]*$/;

/** The kernel's name, that of the program, and that of an interpreter's script: without folders. */
function namesOf({ name, commandLine }: Named): string[] {
  const [program = "", ...args] = commandLine.map((arg) => arg.trimEnd());
  const own = lastName(program);
  const script = INTERPRETER.test(own) ? args.find((arg) => !arg.startsWith("-")) : undefined;
  return [name, own, ...(script === undefined ? [] : [lastName(script)])];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
