import { defineFinding, type Rule } from "./shared/record.ts";

/** Mount options that say where locks are kept. Source: nfs(5), mount.cifs(8). */
const ABOUT_LOCKS = /^(no)?lock$|^local_lock=|^(no)?brl$|^(no)?mand$|^cache=|^forcemand$/;

/** Locks may be local to this machine, or lost; a WAL's shared memory surely is. */
const rule: Rule = ({ database, seen }) => {
  const { fileSystem } = database;
  if (fileSystem === null || !fileSystem.network) return [];
  const options = seen.target.mountOptions.filter((option) => ABOUT_LOCKS.test(option));
  const local = options.some((option) => /^(nolock|nobrl|local_lock=(all|posix))$/.test(option));
  const wal = database.journalMode === "wal";
  return [
    {
      pids: database.holders.map((holder) => holder.pid),
      summary: `The database lies on ${fileSystem.type} (${fileSystem.mountPoint}): ${
        local
          ? "its locks do not reach other machines, so two can write at once and corrupt it"
          : "locks may not reach every process that uses it, and the database can be corrupted"
      }${wal ? "; and WAL mode does not work between machines" : ""}.`,
      detail:
        (options.length === 0
          ? "The mount options say nothing about locks."
          : `Mount options: ${options.join(", ")}.`) +
        ` Processes on ${fileSystem.host === true ? "the host" : "other machines"} cannot be seen from here.` +
        (wal ? " The -shm of WAL mode is memory that only programs on one machine share." : ""),
      remedy:
        "Keep the database on a local disk, and let other machines reach it through a program that runs there. If it " +
        `must stay here: use it from one machine only, ${wal ? "set PRAGMA journal_mode=DELETE, " : ""}and mount it ` +
        "so that the server keeps the locks (no nolock, no nobrl).",
    },
  ];
};

export const networkFileSystem = defineFinding({
  id: "network-file-system",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
