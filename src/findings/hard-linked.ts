import { count } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { whoCouldLose } from "./shared/opening.ts";
import { defineFinding, type Rule } from "./shared/record.ts";

/**
 * Opened by another of its names, the database has other companion files. Source:
 * https://www.sqlite.org/howtocorrupt.html §2.5
 */
const rule: Rule = ({ database, seen, snapshot }) => {
  const file = seen.target.files.find((each) => each.role === "database");
  if (file === undefined || file.links < 2) return [];
  const mountPoint = database.fileSystem?.mountPoint ?? "/";
  const names = [
    ...new Set(
      database.holders.flatMap((holder) =>
        holder.handles.filter((handle) => handle.role === "database").map((handle) => handle.path),
      ),
    ),
  ];
  const others = names.filter((name) => name !== database.path);
  return [
    {
      pids: database.holders
        .filter((holder) =>
          holder.handles.some((handle) => handle.role === "database" && handle.path !== database.path),
        )
        .map(({ pid }) => pid),
      summary:
        `${database.path} has ${count(file.links, "name")} (hard links): whoever opens it by another one uses ` +
        "another -wal and -journal, and the database can be corrupted.",
      detail:
        others.length === 0
          ? "The locks are on the file and still count, but a crash under one name leaves its journal where the " +
            "other name does not look for it."
          : `In use under another name: ${others.join(", ")}. The companion files lie beside that name, where the ` +
            "programs that use this one do not look for them.",
      remedy:
        `Find the other names: find ${shellQuoted(mountPoint)} -xdev -samefile ${shellQuoted(database.path)}. ` +
        "Let all " +
        "programs use one of them; make copies with " +
        (whoCouldLose({ database, snapshot }) === null ? `sqlite3 ${shellQuoted(database.path)} ` : "sqlite3's ") +
        "'.backup COPY' (or VACUUM INTO), not with ln or cp -l.",
    },
  ];
};

export const hardLinked = defineFinding({
  id: "hard-linked",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: { forcible: true, why: "programs that use another name would look for other companion files" },
  rule,
});
