/**
 * What `lsof -F…0` prints: a line for each process and each file, of fields that end in NUL. Pure. Source: lsof(8),
 * "OUTPUT FOR OTHER PROGRAMS".
 */
import { ParseError } from "../errors.ts";

/** The requested fields, as -F takes them. lsof leaves out what it does not know: such a field is null here. */
export const FIELDS = "pRuLcfalDikn";

/**
 * The process has a lock on the file: r and w on a part of it, R and W on all of it, u both; the others exist only on
 * some systems. Where a process has several locks on a file, the letter is that of the first one that lsof finds.
 */
export type LockLetter = "r" | "R" | "w" | "W" | "u" | "U" | "x" | "X" | "N";

/** An open descriptor. */
export interface OpenFile {
  readonly fd: number;
  readonly access: "read" | "write" | "read-write" | null;
  readonly lock: LockLetter | null;
  /** As in stat(2). */
  readonly device: bigint | null;
  readonly inode: bigint | null;
  /** Its number of hard links. */
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
  /** Some or all of its descriptors could not be read. */
  readonly denied: boolean;
}

const SOURCE = "lsof -F";

/** A process while its lines are being read. */
type PartialProcess = Omit<LsofProcess, "files" | "denied"> & {
  readonly files: Map<number, OpenFile>;
  denied: boolean;
};

/**
 * Descriptors only, not the current folder, the program and mapped files. A line that is not in the documented form is
 * skipped; with the line of a process, its files are skipped too. On Linux lsof may list each thread of a process under
 * the same pid: these are merged.
 */
export function parseLsof(text: string): { processes: LsofProcess[]; problems: ParseError[] } {
  const processes = new Map<number, PartialProcess>();
  const problems: ParseError[] = [];
  let process: PartialProcess | null = null;
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
      process.denied ||= isDenied(fields);
    }
  }
  return { processes: [...processes.values()].map((each) => ({ ...each, files: [...each.files.values()] })), problems };
}

type Fields = ReadonlyMap<string, string>;

/** Null for a line that does not end in NUL: it was cut off. */
function fieldsOf(line: string): Fields | null {
  if (!line.endsWith("\0")) return null;
  const fields = line.slice(0, -1).split("\0");
  return new Map(fields.map((field) => [field.slice(0, 1), field.slice(1)]));
}

function processOf(fields: Fields | null): PartialProcess | null {
  const pid = numberOf(fields?.get("p"));
  if (fields === null || pid === null) return null;
  return {
    pid,
    parentPid: numberOf(fields.get("R")),
    uid: numberOf(fields.get("u")),
    user: fields.get("L") ?? null,
    command: fields.get("c") ?? "",
    files: new Map(),
    denied: false,
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

/** `NOFD … /proc/1/fd (opendir: Permission denied)`, or a descriptor whose name ends with such an error. */
function isDenied(fields: Fields): boolean {
  return (
    / \((opendir|readlink|stat|lstat): (Permission denied|Operation not permitted)\)$/.test(fields.get("n") ?? "") &&
    /^(NOFD|\d+)$/.test(fields.get("f") ?? "")
  );
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** Decimal, or hexadecimal after 0x. */
function integerOf(text: string | undefined): bigint | null {
  return text !== undefined && /^(\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text) ? BigInt(text) : null;
}
