/** Whether what a tracer writes keeps to the format of its messages, line by line: none of it has to be kept. */

/** PIPE_BUF: more is not written in one piece. */
const LONGEST_LINE = 4096;

const FLAGS = /^[brwase]+$/;
const OUTCOMES = new Set(["commit", "rollback", "closed", "unknown"]);
const MISUSES = new Set(["used-after-close", "wrong-thread", "left-open"]);

/** Where each type has what it refers to, and its times. */
interface Shape {
  readonly conn?: number;
  readonly who?: number;
  readonly sites?: readonly number[];
  readonly sql?: number;
  /** The first one, and the last. */
  readonly times?: readonly [number, number];
  readonly length: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  hello: { length: 7 },
  site: { length: 6 },
  sql: { length: 6 },
  who: { length: 7 },
  open: { conn: 3, who: 4, sites: [5], times: [6, 7], length: 11 },
  close: { conn: 3, who: 4, sites: [5], times: [6, 6], length: 8 },
  call: { conn: 3, who: 4, sites: [5], sql: 6, times: [7, 8], length: 13 },
  end: { conn: 3, who: 4, sites: [5, 13, 14], sql: 6, times: [7, 8], length: 15 },
  misuse: { conn: 4, who: 5, sites: [6], times: [7, 7], length: 9 },
  bye: { length: 3 },
};

interface Process {
  readonly defined: { readonly site: Set<number>; readonly sql: Set<number>; readonly who: Set<number> };
  readonly conns: Set<number>;
  /** So many messages arrived. */
  numbers: number;
  /** The highest number. */
  last: number;
}

export class TraceCheck {
  /** What is wrong, with the line: the first ones. */
  readonly problems: string[] = [];
  /** By type. */
  readonly counts = new Map<string, number>();
  /** How many sites have no frame of the user's. */
  librarySites = 0;
  readonly #processes = new Map<number, Process>();
  readonly #began = now();

  /** The processes that said hello. */
  get processes(): number {
    return this.#processes.size;
  }

  /** So many messages did not arrive. */
  get dropped(): number {
    return [...this.#processes.values()].reduce((sum, each) => sum + dropped(each), 0);
  }

  take(line: Buffer): void {
    for (const problem of this.#problemsOf(line))
      if (this.problems.length < 20) this.problems.push(`${problem}: ${line.toString().trimEnd()}`);
  }

  *#problemsOf(line: Buffer): Iterable<string> {
    if (line.length > LONGEST_LINE) yield `${line.length} bytes`;
    if (line.some((byte) => byte > 126)) yield "not ASCII";
    const message = parsed(line);
    const shape = SHAPES[String(message?.[0])];
    if (message === undefined || shape === undefined) return yield "no message";
    const [type, pid, seq] = message as [string, number, number];
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    if (message.length !== shape.length) yield `${message.length} parts, not ${shape.length}`;
    if (type === "hello" && seq === 0) this.#processes.delete(pid); // another program in the same process
    const known = this.#processes.get(pid);
    if (known === undefined && type !== "hello") yield "before hello";
    const process = known ?? this.#newProcess(pid);
    process.numbers += 1;
    process.last = Math.max(process.last, seq); // threads may write in another order than they count
    yield* this.#contents(message, process, shape);
  }

  #newProcess(pid: number): Process {
    const process = {
      defined: { site: new Set<number>(), sql: new Set<number>(), who: new Set<number>() },
      ...{ conns: new Set<number>(), numbers: 0, last: -1 },
    };
    this.#processes.set(pid, process);
    return process;
  }

  *#contents(message: readonly unknown[], process: Process, shape: Shape): Iterable<string> {
    const [type, , , id] = message as [string, number, number, number];
    if (type === "site" || type === "sql" || type === "who") process.defined[type].add(id);
    if (type === "site") {
      yield* wrongSite(message);
      if (message[5] === true) this.librarySites += 1;
    }
    if (type === "open") process.conns.add(id);
    yield* undefinedIds(message, process, shape);
    if (shape.times !== undefined) yield* wrongTimes(message, shape.times, this.#began);
    yield* wrongWords(message);
  }
}

function dropped({ last, numbers }: Process): number {
  return last + 1 - numbers;
}

function parsed(line: Buffer): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(line.toString());
    return Array.isArray(value) && Number.isInteger(value[1]) && Number.isInteger(value[2]) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A definition that was dropped is written again before it is referred to; the opening of a connection is not. */
function* undefinedIds(message: readonly unknown[], process: Process, shape: Shape): Iterable<string> {
  const { conn, who, sites = [], sql } = shape;
  const wants: { readonly kind: keyof Process["defined"]; readonly at: number | undefined }[] = [
    { kind: "who", at: who },
    { kind: "sql", at: sql },
    ...sites.map((at) => ({ kind: "site", at }) as const),
  ];
  for (const { kind, at } of wants) {
    if (at === undefined || message[at] === 0) continue;
    if (!process.defined[kind].has(message[at] as number)) yield `${kind} ${message[at]} is not defined`;
  }
  if (conn === undefined || dropped(process) > 0 || message[conn] === 0) return;
  if (!process.conns.has(message[conn] as number)) yield `connection ${message[conn]} is not open`;
}

function* wrongSite(message: readonly unknown[]): Iterable<string> {
  const frames = message[4] as readonly (readonly [string, number, string | null])[];
  if (frames.length < 1 || frames.length > 3) yield `${frames.length} frames`;
  // "<string>" and the like: code that is in no file.
  for (const [file] of frames) if (!/^[/<]/.test(file)) yield `${file} is no absolute path`;
}

function* wrongTimes(message: readonly unknown[], [from, to]: readonly [number, number], began: number) {
  const [t0, t1] = [message[from] as number, message[to] as number];
  if (!(Number.isInteger(t0) && Number.isInteger(t1))) yield "a time that is no whole number";
  if (t0 > t1) yield "it ends before it begins";
  if (t0 < began || t1 > now() + 1) yield "outside of the run";
}

function* wrongWords(message: readonly unknown[]): Iterable<string> {
  const [type] = message;
  if (type === "call" && !FLAGS.test(String(message[9]))) yield `flags ${message[9]}`;
  if (type === "call" && String(message[9]).includes("e") !== (message[12] !== null)) yield "flag e and result differ";
  // A slow call that only fetched rows counts as none.
  if (type === "call" && !(Number(message[10]) >= (String(message[9]).includes("s") ? 0 : 1))) yield "no calls";
  if (type === "end" && !OUTCOMES.has(String(message[9]))) yield `outcome ${message[9]}`;
  if (type === "close" && !/^(closed|collected)$/.test(String(message[7]))) yield `closed by ${message[7]}`;
  if (type === "misuse" && !MISUSES.has(String(message[3]))) yield `misuse ${message[3]}`;
}

/** As the tracers' times: microseconds of CLOCK_MONOTONIC. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
