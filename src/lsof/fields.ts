/**
 * What `lsof -F…0` prints: a line a process, a line a file, each of fields that end in NUL. Pure. Source: lsof(8),
 * "OUTPUT FOR OTHER PROGRAMS".
 */
import { ParseError } from "../errors.ts";

/**
 * The fields that are asked for, as -F takes them; what is not in the text is null, for lsof leaves out what it does
 * not know.
 */
export const FIELDS = "pRuLcfalDikn";

/**
 * That the process has some lock on the file: r and w on a part of it, R and W on all of it, u both; others are those
 * of single systems. Where a process has several locks on one file it is that of one of them, whichever lsof meets
 * first.
 */
export type LockLetter = "r" | "R" | "w" | "W" | "u" | "U" | "x" | "X" | "N";

/** An open descriptor. */
export interface OpenFile {
  readonly fd: number;
  readonly access: "read" | "write" | "read-write" | null;
  readonly lock: LockLetter | null;
  /** As stat(2) has them. */
  readonly device: bigint | null;
  readonly inode: bigint | null;
  /** How many names it has. */
  readonly links: number | null;
  /** As lsof writes it: see names.ts. */
  readonly name: string;
}

export interface LsofProcess {
  readonly pid: number;
  readonly parentPid: number | null;
  readonly uid: number | null;
  /** The login name; null for a user without one. */
  readonly user: string | null;
  readonly command: string;
  readonly files: readonly OpenFile[];
  /** Its descriptors, or some of them, could not be looked at. */
  readonly closed: boolean;
}

const SOURCE = "lsof -F";

type Gathered = Omit<LsofProcess, "files" | "closed"> & { readonly files: Map<number, OpenFile>; closed: boolean };

/**
 * Only descriptors: not the current folder, the program and what is mapped. A line that is not in the documented form
 * costs that line, and that of a process also the files behind it. Linux's lsof may list the threads of a process, each
 * under its pid: they are put together.
 */
export function parseLsof(text: string): { processes: LsofProcess[]; problems: ParseError[] } {
  const processes = new Map<number, Gathered>();
  const problems: ParseError[] = [];
  let process: Gathered | null = null;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const fields = fieldsOf(line);
    if (line.startsWith("p")) {
      const found = processOf(fields);
      process = found === null ? null : (processes.get(found.pid) ?? found);
      if (process !== null) processes.set(process.pid, process);
      else problems.push(new ParseError(SOURCE, line));
    } else if (process === null || fields === null || !line.startsWith("f")) {
      problems.push(new ParseError(SOURCE, line));
    } else {
      const file = fileOf(fields);
      if (file !== null) process.files.set(file.fd, file);
      process.closed ||= isClosed(fields);
    }
  }
  return { processes: [...processes.values()].map((each) => ({ ...each, files: [...each.files.values()] })), problems };
}

type Fields = ReadonlyMap<string, string>;

/** Null where the line does not end in NUL: it was cut off. */
function fieldsOf(line: string): Fields | null {
  if (!line.endsWith("\0")) return null;
  const fields = line.slice(0, -1).split("\0");
  return new Map(fields.map((field) => [field.slice(0, 1), field.slice(1)]));
}

function processOf(fields: Fields | null): Gathered | null {
  const pid = numberOf(fields?.get("p"));
  if (fields === null || pid === null) return null;
  return {
    pid,
    parentPid: numberOf(fields.get("R")),
    uid: numberOf(fields.get("u")),
    user: fields.get("L") ?? null,
    command: fields.get("c") ?? "",
    files: new Map(),
    closed: false,
  };
}

const ACCESS = { r: "read", w: "write", u: "read-write" } as const;

function fileOf(fields: Fields): OpenFile | null {
  const fd = numberOf(fields.get("f"));
  if (fd === null) return null;
  const access = fields.get("a") ?? "";
  const lock = fields.get("l") ?? "";
  return {
    fd,
    access: access in ACCESS ? ACCESS[access as keyof typeof ACCESS] : null,
    lock: /^[rRwWuUxXN]$/.test(lock) ? (lock as LockLetter) : null,
    device: integerOf(fields.get("D")),
    inode: integerOf(fields.get("i")),
    links: numberOf(fields.get("k")),
    name: fields.get("n") ?? "",
  };
}

/** `NOFD … /proc/1/fd (opendir: Permission denied)`, or a descriptor whose name is such a complaint. */
function isClosed(fields: Fields): boolean {
  return (
    / \((opendir|readlink|stat|lstat): (Permission denied|Operation not permitted)\)$/.test(fields.get("n") ?? "") &&
    /^(NOFD|\d+)$/.test(fields.get("f") ?? "")
  );
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** Decimal, or hexadecimal behind 0x. */
function integerOf(text: string | undefined): bigint | null {
  return text !== undefined && /^(\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text) ? BigInt(text) : null;
}
