/** What Node.js's tracer tells, joined: each event with the names that its numbers stand for. */
import type { Message } from "./program-trace.ts";

export interface Told {
  readonly type: string;
  readonly pid: number;
  /** 0 is the main thread. */
  readonly stream: number;
  readonly conn?: number;
  /** Lines of the site's file, the innermost first; empty: not known. */
  readonly lines: readonly number[];
  readonly files: readonly string[];
  readonly isLibrary?: boolean;
  readonly sql?: string;
  readonly thread?: string | null;
  readonly tid?: number;
  /** All that stands behind the numbers that are joined. */
  readonly rest: readonly unknown[];
}

const PER_THREAD = 2 ** 32;
/** Where in an event its references are. */
const REFERENCES: Record<string, { conn: number; who?: number; site?: number; sql?: number }> = {
  open: { conn: 3, who: 4, site: 5 },
  close: { conn: 3, who: 4, site: 5 },
  call: { conn: 3, who: 4, site: 5, sql: 6 },
  end: { conn: 3, who: 4, site: 5, sql: 6 },
  misuse: { conn: 4, who: 5, site: 6 },
};

/** @throws Error where an event refers to what was not told before it */
export function told(messages: readonly Message[]): Told[] {
  const definitions = new Map<string, readonly unknown[]>();
  const events: Told[] = [];
  for (const message of messages) {
    const [type, pid, seq, id] = message;
    const stream = Math.floor(seq / PER_THREAD);
    if (type === "site" || type === "sql" || type === "who") definitions.set(`${pid} ${type} ${id}`, message);
    const at = REFERENCES[type];
    if (at === undefined) continue;
    const find = (kind: string, index: number | undefined) => {
      const wanted = index === undefined ? 0 : message[index];
      if (wanted === 0) return undefined;
      const found = definitions.get(`${pid} ${kind} ${wanted}`);
      if (found === undefined) throw new Error(`${type} refers to ${kind} ${wanted}, which was not told`);
      return found;
    };
    const [site, sql, who] = [find("site", at.site), find("sql", at.sql), find("who", at.who)];
    const frames = (site?.[4] ?? []) as readonly (readonly [string, number, string | null])[];
    events.push({
      ...{ type, pid, stream, conn: message[at.conn] as number },
      lines: frames.map(([, line]) => line),
      files: frames.map(([file]) => file),
      ...(site === undefined ? {} : { isLibrary: site[5] as boolean }),
      ...(sql === undefined ? {} : { sql: sql[4] as string }),
      ...(who === undefined ? {} : { tid: who[4] as number, thread: who[5] as string | null }),
      rest: message.slice(Math.max(at.conn, at.who ?? 0, at.site ?? 0, at.sql ?? 0) + 1),
    });
  }
  return events;
}

/**
 * Calls as `flags sql`, ends as `end outcome`, the others by their type: what happened in which order. Not that a call
 * was slow: any may be on a busy machine.
 */
export function story(events: readonly Told[]): string[] {
  const sure = events.filter(({ type, rest }) => type !== "call" || rest[2] !== "s");
  return sure.map(({ type, sql, rest }) => {
    if (type === "call") return `${String(rest[2]).replace("s", "")} ${sql}${rest[5] === null ? "" : ` ${rest[5]}`}`;
    if (type === "end") return `end ${rest[2]} ${rest[3]}`;
    if (type === "close") return `close ${rest[1]}`;
    return type;
  });
}

/** Every number of each stream is there once, from 0 on. */
export function isComplete(messages: readonly Message[]): boolean {
  const streams = new Map<string, number[]>();
  for (const [, pid, seq] of messages) {
    const key = `${pid} ${Math.floor(seq / PER_THREAD)}`;
    streams.set(key, [...(streams.get(key) ?? []), seq % PER_THREAD]);
  }
  return [...streams.values()].every((seqs) => seqs.every((seq, index) => seq === index));
}
