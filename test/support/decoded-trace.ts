/** The messages of tracers with what their numbers stand for. A number that was not told before is an error. */
import { basename } from "node:path";
import type { Message } from "./program-trace.ts";

export interface Told {
  readonly type: string;
  readonly pid: number;
  readonly connection: number;
  /** "file.py:12" of the innermost frame; "" if not known. */
  readonly site: string;
  /** All frames of it, as "file.py:12 function". */
  readonly frames: readonly string[];
  readonly isLibrary: boolean;
  readonly sql: string;
  readonly thread: string | null;
  readonly tid: number;
  readonly task: string | null;
  /** Flags of a call, how a connection was closed, the outcome of a transaction, the kind of misuse. */
  readonly what: string;
  readonly result: unknown;
  /** The message as it is. */
  readonly raw: Message;
}

type Frame = readonly [file: string, line: number, name: string | null];

interface Site {
  readonly frames: readonly Frame[];
  readonly isLibrary: boolean;
}

interface Who {
  readonly tid: number;
  readonly thread: string | null;
  readonly task: string | null;
}

/** Where each type has them, from the connection on. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  open: ["connection", "who", "site", "t0", "t1", "what", "path", "result"],
  close: ["connection", "who", "site", "t0", "what"],
  call: ["connection", "who", "site", "sql", "t0", "t1", "what", "times", "insideUs", "result"],
  end: ["connection", "who", "site", "sql", "t0", "t1", "what", "statements", "insideUs", "gapUs", "result", "before"],
  misuse: ["what", "connection", "who", "site", "t0", "result"],
};

class Process {
  readonly sites = new Map<unknown, Site>();
  readonly texts = new Map<unknown, string>();
  readonly whos = new Map<unknown, Who>();

  told(message: Message): Told | undefined {
    const [type, pid, , ...rest] = message;
    const [id, ...value] = rest;
    if (type === "site") this.sites.set(id, { frames: value[0] as Frame[], isLibrary: value[1] as boolean });
    else if (type === "sql") this.texts.set(id, value[0] as string);
    else if (type === "who") this.whos.set(id, { tid: value[0] as number, ...namesOf(value) });
    const fields = FIELDS[type];
    if (fields === undefined) return undefined;
    const field = (name: string) => rest[fields.indexOf(name)];
    const site = known(this.sites, field("site"), message) ?? { frames: [], isLibrary: false };
    const who = known(this.whos, field("who"), message) ?? { tid: 0, thread: null, task: null };
    const [first = ""] = site.frames.map(([file, line]) => `${basename(file)}:${line}`);
    return {
      ...{ type, pid, raw: message, ...who, connection: field("connection") as number, site: first },
      frames: site.frames.map(([file, line, name]) => `${basename(file)}:${line} ${name ?? "-"}`),
      isLibrary: site.isLibrary,
      sql: known(this.texts, field("sql"), message) ?? "",
      what: field("what") as string,
      result: type === "end" ? gap(this.sites, field("result"), field("before"), message) : field("result"),
    };
  }
}

function namesOf(value: readonly unknown[]): Pick<Who, "thread" | "task"> {
  return { thread: value[1] as string | null, task: value[2] as string | null };
}

function gap(sites: Map<unknown, Site>, after: unknown, before: unknown, message: Message): string {
  const line = (id: unknown) => known(sites, id, message)?.frames[0]?.[1] ?? "?";
  return `${line(after)}-${line(before)}`;
}

function known<Value>(of: Map<unknown, Value>, id: unknown, message: Message): Value | undefined {
  if (id === undefined || id === 0) return undefined;
  const value = of.get(id);
  if (value === undefined) throw new Error(`number ${id} was not told before ${JSON.stringify(message)}`);
  return value;
}

/** All but definitions, hello and bye, in the order in which they were written. */
export function decoded(messages: readonly Message[]): Told[] {
  const processes = new Map<number, Process>();
  return messages.flatMap((message) => {
    const [type, pid] = message;
    if (type === "hello") processes.set(pid, new Process());
    const process = processes.get(pid);
    if (process === undefined) throw new Error(`no hello before ${JSON.stringify(message)}`);
    return process.told(message) ?? [];
  });
}

/** A line for each message: what most tests compare. Whether a call was slow is the machine's doing: it is left out. */
export function lines(messages: readonly Message[]): string[] {
  return decoded(messages).map(({ type, what, site, sql, result }) => {
    const how = { open: "", call: what.replace("s", "") }[type] ?? what;
    return [type, how, site, sql, typeof result === "string" ? result : ""].filter((each) => each !== "").join(" ");
  });
}
