import { list, nameOf } from "../phrases.ts";
import type { Handle, Holder } from "../report.ts";
import type { Rule } from "./rule.ts";

/** Somebody works on a file that no longer has its name: what is committed there exists nowhere else. */
export const deletedFile: Rule = ({ database }) =>
  database.holders.flatMap((holder) => {
    const lost = holder.handles.filter((handle) => handle.deleted || handle.moved);
    if (lost.length === 0) return [];
    const kinds = [...new Set(lost.map((handle) => (handle.role === "database" ? "database" : `-${handle.role}`)))];
    const moved = lost.some((handle) => handle.moved);
    const generations = database.files.length > 0 && lost.some((handle) => handle.role === "database");
    return [
      {
        id: "deleted-file",
        severity: "error",
        pids: [holder.pid],
        summary: `${nameOf(holder)} works on a ${list(kinds)} file that was ${moved ? "moved away" : "deleted"}: what it commits there is ${moved ? "not in this database" : "lost when it ends"}.`,
        detail: `${lost.map((handle) => `descriptor ${handle.fd} is on ${handle.path}${handle.deleted ? " (deleted)" : ""}`).join("; ")}.${
          generations ? ` Another file has the name ${database.path} now: two generations of the database are in use at once.` : ""
        }`,
        remedy: `First rescue the data: ${rescue(holder, lost)}. Then restart the program.`,
      },
    ];
  });

function rescue(holder: Holder, lost: readonly Handle[]): string {
  const first = (role: Handle["role"]) => lost.find((handle) => handle.role === role) ?? holder.handles.find((handle) => handle.role === role);
  const [database, wal] = [first("database"), first("wal")];
  const copies = [database, wal].flatMap((handle) =>
    handle === undefined ? [] : [`cp /proc/${holder.pid}/fd/${handle.fd} rescue.db${handle.role === "wal" ? "-wal" : ""}`],
  );
  if (copies.length > 0) return copies.join(" && ");
  return lost.map((handle) => `cp /proc/${holder.pid}/fd/${handle.fd} rescue-${handle.role}`).join(" && ");
}
