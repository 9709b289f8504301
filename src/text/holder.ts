/** The words for a holder: its name, its state, its descriptors. Pure. */

import { basename } from "node:path";
import type { Handle, Holder } from "../model/report.ts";
import { duration } from "./duration.ts";
import { likelyClause } from "./likely.ts";
import { list } from "./list.ts";
import { fileName } from "./role.ts";

const INTERPRETERS = /^(python[\d.]*|node|nodejs|ruby[\d.]*|perl|php[\d.]*|bash|sh|dash|deno|bun)$/;

/** The longest command in a sentence; the table and the document have all of it. */
const MAX_CHARACTERS = 60;

/** What a person recognises: `python manage.py runserver`, without the folders of the program and of its script. */
export function commandOf(holder: Pick<Holder, "name" | "commandLine">): string {
  // a title that was rewritten is padded with spaces
  const [program, ...rest] = holder.commandLine.map((arg) => arg.trimEnd());
  if (program === undefined || program === "") return holder.name === "" ? "hidden" : `[${holder.name}]`;
  // A program that rewrote its title ("postgres: writer process") has it all in one argument: no folder is cut off
  // there.
  const name = program.includes(" ") && rest.length === 0 ? program : basename(program).replace(/^-/, "") || program;
  const script = INTERPRETERS.test(name) ? rest.findIndex((arg) => !arg.startsWith("-")) : -1;
  const options = rest.slice(0, Math.max(0, script));
  const inline = options.some((arg) => INLINE.test(arg));
  return [name, ...rest.map((arg, i) => (i === script && !inline && PLAIN_PATH.test(arg) ? basename(arg) : arg))].join(
    " ",
  );
}

/** What follows is code, or the name of a module: `-c code`, `-m module`, `node -p code`. */
const INLINE = /^(-\w*[ceEm]|-p|-pe|--eval|--print)$/;

/** Code may hold slashes as well (`php -r 'new SQLite3("/srv/app.db")'`): only a path is shortened. */
const PLAIN_PATH = /^(?=[^/]*\/)[^\s'"`()[\]{}$;<>|&=*?!]+$/;

/** `4242 (python manage.py shell)`. */
export function nameOf(holder: Holder): string {
  return shortNameOf(holder, MAX_CHARACTERS);
}

/** The same, with at most so many characters of the command. */
export function shortNameOf(holder: Holder, most: number): string {
  const command = [...commandOf(holder)];
  const short = command.length > most ? `${command.slice(0, most - 3).join("")}...` : command.join("");
  return `${holder.pid} (${short})`;
}

/** What it is doing at this moment: `asleep for 4 m 12 s`, `running`; null where the kernel does not say. */
export function stateClause(holder: Holder): string | null {
  if (holder.frozen !== null) return holder.idleMs === null ? "frozen" : `frozen for ${duration(holder.idleMs)}`;
  if (holder.state === "stopped") return holder.idleMs === null ? "stopped" : `stopped for ${duration(holder.idleMs)}`;
  if (holder.state === "traced") return "stopped by a debugger";
  const stuckMs = holder.uninterruptible?.idleMs ?? 0;
  if (stuckMs >= 1000) return `waiting in the kernel (D state) for ${duration(stuckMs)}`;
  const likely = likelyClause(holder);
  if (holder.idleMs === null) return likely;
  // its threads wake for something else
  if (holder.idleMs < 1000 && holder.stale.includes("likely-idle-in-transaction") && likely !== null) return likely;
  if (holder.state === "running" || holder.idleMs < 1000) return "active within the last second";
  return `asleep for ${duration(holder.idleMs)}`;
}

/** Since any of its threads last ran, in ms; where one has ended that may have run later, of those that are left. */
export function likelyAsleepMs({ idleMs, heldLikelyMs, heldLikelyBasis }: Holder): number | null {
  return idleMs ?? (heldLikelyBasis === "living-threads" ? heldLikelyMs : null);
}

/** The most descriptors of one file that a sentence names. */
const MAX_DESCRIPTORS = 4;

/** `descriptors 3 on the database, 4 on the -wal`; `descriptors 3, 4, 5, 6 and 41 more on the database`. */
export function descriptorsOf(handles: readonly Handle[]): string {
  const roles = [...new Set(handles.map((handle) => handle.role))];
  const places = roles
    .map((role) => {
      const fds = handles.filter((handle) => handle.role === role).map((handle) => handle.fd);
      const more = fds.length - MAX_DESCRIPTORS;
      const named = more > 1 ? `${fds.slice(0, MAX_DESCRIPTORS).join(", ")} and ${more} more` : list(fds);
      return `${named} on the ${fileName(role)}`;
    })
    .join(", ");
  if (handles.length === 0) return "";
  return `${handles.length === 1 ? "descriptor" : "descriptors"} ${places}`;
}
