/**
 * The rules of the Trace Event Format: what of a text breaks them. Source: "Trace Event Format" of the Catapult
 * project, and what Perfetto's importer (json_trace_parser.cc) drops.
 */

interface Event extends Record<string, unknown> {
  readonly ph: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly name?: string;
  readonly id?: string;
  readonly args?: Record<string, unknown>;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const PHASES = new Set(["X", "B", "E", "b", "e", "n", "i", "C", "s", "t", "f", "M"]);
const METADATA = new Set(["process_name", "process_labels", "process_sort_index", "thread_name", "thread_sort_index"]);
/** Times have three places: sums of them are not exact. */
const SLACK_US = 0.0006;

export function problemsOfTrace(text: string): string[] {
  const problems: string[] = [];
  const trace = JSON.parse(text) as { traceEvents?: unknown; displayTimeUnit?: unknown; otherData?: unknown };
  if (!Array.isArray(trace.traceEvents)) return ["traceEvents is no list"];
  if (trace.displayTimeUnit !== "ms" && trace.displayTimeUnit !== "ns")
    problems.push("displayTimeUnit is not ms or ns");
  const events = trace.traceEvents as Event[];
  for (const event of events) {
    const problem = problemOf(event);
    if (problem !== null) problems.push(`${problem}: ${JSON.stringify(event).slice(0, 200)}`);
  }
  if (problems.length > 0) return problems;
  return [...namesMissing(events), ...badlyNested(events), ...unbalanced(events), ...unboundFlows(events)];
}

function problemOf(event: Event): string | null {
  const { ph, pid, tid, ts, dur, name, id, args } = event;
  if (!PHASES.has(ph)) return "an unknown phase";
  if (!isWhole(pid)) return "no pid";
  if (ph !== "E" && (typeof name !== "string" || name === "")) return "no name";
  if (args !== undefined && (typeof args !== "object" || args === null || Array.isArray(args))) return "bad args";
  if (ph === "M") return METADATA.has(name ?? "") ? badMetadata(event) : "unknown metadata";
  if (typeof ts !== "number" || !Number.isFinite(ts) || ts < 0) return "no time";
  if (ph !== "C" && !isWhole(tid)) return "no tid";
  if (ph === "X" && (typeof dur !== "number" || !Number.isFinite(dur) || dur < 0)) return "no duration";
  if (ph === "i" && !["t", "p", "g"].includes(String(event["s"]))) return "an instant without a scope";
  if (ph === "C" && !Object.values(args ?? {}).every((value) => typeof value === "number" && Number.isFinite(value)))
    return "a counter with what is no number";
  if (ph === "C" && Object.keys(args ?? {}).length === 0) return "a counter without a number";
  if (["s", "t", "f", "b", "e", "n"].includes(ph)) {
    if (typeof id !== "string" || id === "") return "no id";
    if (typeof event["cat"] !== "string") return "no category";
  }
  return null;
}

function badMetadata({ name, args, tid }: Event): string | null {
  const value = args?.[name?.endsWith("sort_index") ? "sort_index" : name?.endsWith("labels") ? "labels" : "name"];
  if (name?.startsWith("thread") && !isWhole(tid)) return "no tid";
  return typeof value === (name?.endsWith("sort_index") ? "number" : "string") ? null : "bad metadata";
}

function isWhole(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function namesMissing(events: readonly Event[]): string[] {
  const named = new Set<string>();
  for (const { ph, name, pid, tid } of events) {
    if (ph === "M" && name === "process_name") named.add(String(pid));
    if (ph === "M" && name === "thread_name") named.add(`${pid} ${tid}`);
  }
  const missing = new Set<string>();
  for (const { pid, tid } of events) {
    if (!named.has(String(pid))) missing.add(`process ${pid} has no name`);
    if (tid !== undefined && !named.has(`${pid} ${tid}`)) missing.add(`track ${pid} ${tid} has no name`);
  }
  return [...missing];
}

function slicesByTrack(events: readonly Event[]): Map<string, Span[]> {
  const tracks = new Map<string, Span[]>();
  for (const { ph, pid, tid, ts = 0, dur = 0 } of events) {
    if (ph !== "X") continue;
    const key = `${pid} ${tid}`;
    const spans = tracks.get(key) ?? [];
    spans.push({ from: ts, to: ts + dur });
    tracks.set(key, spans);
  }
  for (const spans of tracks.values()) spans.sort((a, b) => a.from - b.from || b.to - a.to);
  return tracks;
}

function badlyNested(events: readonly Event[]): string[] {
  const problems: string[] = [];
  for (const [track, spans] of slicesByTrack(events)) {
    const open: Span[] = [];
    for (const span of spans) {
      while (open.length > 0 && (open.at(-1)?.to ?? 0) <= span.from + SLACK_US) open.pop();
      const around = open.at(-1);
      if (around !== undefined && span.to > around.to + SLACK_US)
        problems.push(`track ${track}: ${span.from}-${span.to} overlaps ${around.from}-${around.to}`);
      open.push(span);
    }
  }
  return problems;
}

function unbalanced(events: readonly Event[]): string[] {
  const open = new Map<string, number>();
  const problems: string[] = [];
  for (const { ph, pid, tid, id, cat } of events) {
    const key = ph === "B" || ph === "E" ? `${pid} ${tid}` : `${pid} ${cat} ${id}`;
    if (ph === "B" || ph === "b") open.set(key, (open.get(key) ?? 0) + 1);
    if (ph === "E" || ph === "e") open.set(key, (open.get(key) ?? 0) - 1);
    if ((open.get(key) ?? 0) < 0) problems.push(`${key} ends without a beginning`);
  }
  return [...problems, ...[...open].filter(([, count]) => count > 0).map(([key]) => `${key} does not end`)];
}

/** Each has one beginning and one end, in this order, and both lie inside of a slice of their track. */
function unboundFlows(events: readonly Event[]): string[] {
  const problems: string[] = [];
  const tracks = slicesByTrack(events);
  const begun = new Map<string, Event>();
  for (const event of events) {
    const { ph, pid, tid, ts = 0, id = "" } = event;
    if (ph !== "s" && ph !== "f") continue;
    const isInside = tracks.get(`${pid} ${tid}`)?.some(({ from, to }) => from < ts && ts < to) === true;
    if (!isInside) problems.push(`flow ${id} (${ph}) at ${ts} is in no slice of track ${pid} ${tid}`);
    if (ph === "s" && begun.has(id)) problems.push(`flow ${id} begins twice`);
    if (ph === "s") begun.set(id, event);
    else {
      const start = begun.get(id);
      if (start === undefined || (start.ts ?? 0) > ts) problems.push(`flow ${id} ends before it begins`);
      if (event["bp"] !== "e") problems.push(`flow ${id} ends at the next slice`);
      begun.delete(id);
    }
  }
  return [...problems, ...[...begun.keys()].map((id) => `flow ${id} does not end`)];
}
