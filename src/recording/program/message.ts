/**
 * What the tracer inside of a program writes: one line of JSON for each message, an array of its type, the process, its
 * number, and its fields. Whoever runs the program can write anything: every field is checked. Pure.
 *
 * Numbers of sites, texts, threads and connections are of one process, and 0 for "not known". Times are microseconds of
 * CLOCK_MONOTONIC. `number` counts what the process wanted to send: one that is missing was dropped.
 */
import { BAD, type Check, count, list, oneOf, orNull, pid, text, yes } from "../document/shape.ts";

/** Bytes of a line with its line feed: a write of so many is never mixed with another one. Source: PIPE_BUF, pipe(7) */
export const LONGEST_MESSAGE = 4096;

export const PROTOCOL = 1;

const MOST_FRAMES = 3;

export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly function: string | null;
}

const line: Check<number> = (value) => ((value as number) <= 0x7fffffff ? count(value) : BAD);

const frame: Check<Frame> = (value) => {
  if (!Array.isArray(value)) return BAD;
  const file = text(value[0]);
  const at = line(value[1]);
  const name = orNull(text)(value[2]);
  return file === BAD || at === BAD || name === BAD ? BAD : { file, line: at, function: name };
};

const frames: Check<readonly Frame[]> = (value) => {
  const checked = list(frame)(value);
  return checked === BAD || checked.length === 0 || checked.length > MOST_FRAMES ? BAD : checked;
};

/** What is told of a connection when it is opened. */
export interface OpenOptions {
  readonly timeoutMs: number | null;
  /** The name of a database in memory that several connections share. */
  readonly memory: string | null;
  /** It was opened before a fork. */
  readonly inherited: boolean;
  /** It could not be opened. */
  readonly error: string | null;
  /** The package that opened it for the program. */
  readonly library: string | null;
}

/** Fields that are missing, or are not what they should be, are not known: later versions may say more. */
const options: Check<OpenOptions> = (value) => {
  if (typeof value !== "object" || value === null) return BAD;
  const { timeoutMs, memory, inherited, error, library } = value as Record<string, unknown>;
  const timeout = count(timeoutMs);
  return {
    timeoutMs: timeout === BAD ? null : timeout,
    memory: typeof memory === "string" ? memory : null,
    inherited: inherited === true,
    error: typeof error === "string" ? error : null,
    library: typeof library === "string" ? library : null,
  };
};

const flags: Check<string> = (value) => (typeof value === "string" && /^[abersw]{0,6}$/.test(value) ? value : BAD);

export const OUTCOMES = ["commit", "rollback", "closed", "collected", "unknown"] as const;
export const MISUSES = ["used-after-close", "wrong-thread", "left-open"] as const;
export type MisuseKind = (typeof MISUSES)[number];
export const ENDS = ["task", "thread", "request"] as const;

/** In the order in which they are written. */
const FIELDS = {
  hello: { version: count, startTicks: text, runtime: oneOf("python", "node"), runtimeVersion: text },
  site: { id: count, frames, inLibrary: yes },
  sql: { id: count, text, bytes: count },
  who: { id: count, tid: pid, thread: orNull(text), task: orNull(text) },
  open: {
    ...{ connection: count, who: count, site: count, fromUs: count, toUs: count },
    ...{ driver: text, path: orNull(text), options },
  },
  close: { connection: count, who: count, site: count, atUs: count, how: oneOf("closed", "collected") },
  call: {
    ...{ connection: count, who: count, site: count, sql: count, fromUs: count, toUs: count },
    ...{ flags, times: count, insideUs: count, result: orNull(text) },
  },
  end: {
    ...{ connection: count, who: count, site: count, sql: count, fromUs: count, toUs: count },
    ...{ outcome: oneOf(...OUTCOMES), statements: count, insideUs: count, pauseUs: count, pauseAfter: count },
    pauseBefore: count,
  },
  misuse: {
    ...{ kind: oneOf(...MISUSES), connection: count, who: count, site: count, atUs: count },
    detail: orNull(oneOf(...ENDS)),
  },
  bye: {},
} as const satisfies Record<string, Record<string, Check<unknown>>>;

type Fields = typeof FIELDS;

type Value<C> = C extends Check<infer T> ? T : never;

type MessageOf<Type extends keyof Fields> = {
  readonly type: Type;
  readonly pid: number;
  readonly number: number;
} & { readonly [Field in keyof Fields[Type]]: Value<Fields[Type][Field]> };

export type ProgramMessage = { [Type in keyof Fields]: MessageOf<Type> }[keyof Fields];

export type HelloMessage = MessageOf<"hello">;
export type OpenMessage = MessageOf<"open">;
export type CloseMessage = MessageOf<"close">;
export type CallMessage = MessageOf<"call">;
export type EndMessage = MessageOf<"end">;
export type MisuseMessage = MessageOf<"misuse">;

/** Null: it is none, or of a later version. Further fields are not looked at. */
export function parseMessage(json: string): ProgramMessage | null {
  if (!json.startsWith("[")) return null;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const [type, process, number, ...rest] = value as unknown[];
  const fields: Record<string, Check<unknown>> | undefined =
    typeof type === "string" && Object.hasOwn(FIELDS, type) ? FIELDS[type as keyof Fields] : undefined;
  if (fields === undefined || pid(process) === BAD || count(number) === BAD) return null;
  const message: Record<string, unknown> = { type, pid: process, number };
  for (const [i, [field, check]] of Object.entries(fields).entries()) {
    const checked = check(rest[i]);
    if (checked === BAD) return null;
    message[field] = checked;
  }
  return message as unknown as ProgramMessage;
}
