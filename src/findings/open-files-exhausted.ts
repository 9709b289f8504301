import { asOwnerOf } from "../text/as-root.ts";
import { nameOf } from "../text/holder.ts";
import { count, grouped } from "../text/list.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/** From this share of its limit on. */
const NEAR_THE_LIMIT = 0.8;

/** So many descriptors of one process on one database are more than a pool of connections has. */
const MANY_HANDLES = 20;

/** A process that has many files open, or this database many times: next, SQLite cannot open what it needs. */
const rule: Rule = ({ database, snapshot }) =>
  database.holders.flatMap((holder) => {
    const { openFiles, openFilesLimit } = holder;
    const ours = holder.handles.filter((handle) => handle.role === "database").length;
    const near = openFiles !== null && openFilesLimit !== null && openFiles >= NEAR_THE_LIMIT * openFilesLimit;
    if (!near && ours < MANY_HANDLES) return [];
    const exhausted = openFiles !== null && openFilesLimit !== null && openFiles >= openFilesLimit;
    const of =
      openFiles === null
        ? ""
        : `${count(openFiles, "file")} open${openFilesLimit === null ? "" : ` of ${grouped(openFilesLimit)} allowed`}`;
    const command = snapshot.source === "proc" ? `ls -l /proc/${holder.pid}/fd` : `lsof -p ${holder.pid}`;
    return [
      {
        severity: exhausted ? "error" : "warning",
        pids: [holder.pid],
        summary: near
          ? `${nameOf(holder)} has ${of}: ` +
            `${exhausted ? "the next connection gets" : "when the limit is reached, a new connection gets"} 'unable ` +
            "to open database file'."
          : `${nameOf(holder)} has this database open ${count(ours, "time")}: likely a leak of connections.`,
        detail:
          `${near || of === "" ? "" : `It has ${of}; `}${count(holder.handles.length, "descriptor")} ` +
          `${holder.handles.length === 1 ? "is" : "are"} on this database's files, ${ours} on the database itself.` +
          (ours >= MANY_HANDLES
            ? " So many connections in one process are likely a leak: opened again and again, and never closed."
            : openFiles !== null && holder.handles.length < openFiles / 2
              ? " Most of its open files are others: if this is a leak, it is elsewhere."
              : ""),
        remedy:
          "Restart the program to free them; then close each connection where it was opened (a with block, a pool " +
          `of fixed size). To list its open files: ${asOwnerOf(holder, command, snapshot.viewer)}. A higher limit ` +
          "(ulimit -n, LimitNOFILE=) only delays the failure.",
      },
    ];
  });

export const openFilesExhausted = defineFinding({
  id: "open-files-exhausted",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  rule,
});
