/** The words for holders, times and sizes that sentences are made of. Pure. */
import { basename } from "node:path";
import type { Handle, Holder } from "../model/report.ts";

const INTERPRETERS = /^(python[\d.]*|node|nodejs|ruby[\d.]*|perl|php[\d.]*|bash|sh|dash|deno|bun)$/;

/** The longest command in a sentence; the table and the document have all of it. */
const MOST_CHARACTERS = 60;

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
  const inline = options.some((arg) => /^-\w*[cem]$/.test(arg)); // -c code, -e code, -m module: no path
  return [name, ...rest.map((arg, i) => (i === script && !inline && arg.includes("/") ? basename(arg) : arg))].join(
    " ",
  );
}

/** `4242 (python manage.py shell)`. */
export function nameOf(holder: Holder): string {
  const command = [...commandOf(holder)];
  const short =
    command.length > MOST_CHARACTERS ? `${command.slice(0, MOST_CHARACTERS - 3).join("")}...` : command.join("");
  return `${holder.pid} (${short})`;
}

/** What it is doing at this moment: `asleep for 4 m 12 s`, `running`; null where the kernel does not say. */
export function restOf(holder: Holder): string | null {
  if (holder.state === "stopped") return holder.idleMs === null ? "stopped" : `stopped for ${duration(holder.idleMs)}`;
  if (holder.state === "traced") return "stopped by a debugger";
  if (holder.idleMs === null) return null;
  if (holder.state === "running" || holder.idleMs < 1000) return "active within the last second";
  return `asleep for ${duration(holder.idleMs)}`;
}

/** `0.3 s`, `12 s`, `4 m 12 s`, `2 h 5 m`, `3 d 4 h`; cut off, never rounded up. */
export function duration(ms: number): string {
  if (ms < 1000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `900 B`, `48 KiB`, `1.5 GiB`; cut off, never rounded up. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const text =
    value >= 10 || Number.isInteger(value) ? String(Math.floor(value)) : (Math.floor(value * 10) / 10).toFixed(1);
  return `${text} ${units[unit]}`;
}

/** `3,021`. Not by toLocaleString: loading its tables takes longer than the whole look. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 frame`, `3,021 frames`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

/** The most descriptors of one file that a sentence names. */
const MOST_DESCRIPTORS = 4;

/** `3 on the database, 4 on the -wal`; `3, 4, 5, 6 and 41 more on the database`. */
export function descriptorsOf(handles: readonly Handle[]): string {
  const roles = [...new Set(handles.map((handle) => handle.role))];
  return roles
    .map((role) => {
      const fds = handles.filter((handle) => handle.role === role).map((handle) => handle.fd);
      const more = fds.length - MOST_DESCRIPTORS;
      const named = more > 1 ? `${fds.slice(0, MOST_DESCRIPTORS).join(", ")} and ${more} more` : list(fds);
      return `${named} on the ${role === "database" ? role : `-${role}`}`;
    })
    .join(", ");
}

/** More than a sentence can hold; the table and the document have all of them. */
const MOST_ITEMS = 8;

/** `4242`, `4242 and 4243`, `4242, 4243 and 4244`; of many the first ones, and how many more. */
export function list(items: readonly (string | number)[]): string {
  if (items.length > MOST_ITEMS)
    return `${items.slice(0, MOST_ITEMS - 1).join(", ")} and ${grouped(items.length - MOST_ITEMS + 1)} more`;
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
