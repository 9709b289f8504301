/**
 * What was not written yet, and is worth being written later: while the disk is full the recorder still knows the
 * waits, refusals and long holds. The longest are kept, so that the memory is bounded. Pure.
 */
import type { WrittenLine } from "../../../recording/document/uncounted.ts";
import type { LockLine, RefusalLine, StatementLine, TransactionLine, WaitLine } from "../../../recording/lines.ts";

type Event = WaitLine | RefusalLine | LockLine | TransactionLine;

const MOST_LINES = 2_000;
const MOST_CHARACTERS = 2_000_000;

export class Unwritten {
  #events: Event[] = [];
  /** Long texts that these name by number. */
  #statements: StatementLine[] = [];

  add(line: WrittenLine): void {
    switch (line.type) {
      case "wait":
      case "refusal":
      case "lock":
      case "transaction":
        this.#events.push(line);
        if (this.#events.length >= 2 * MOST_LINES) this.#events = longest(this.#events);
        break;
      case "statement":
        this.#statements.push(line);
        if (this.#statements.length >= 2 * MOST_LINES) this.#statements = this.#statements.slice(-MOST_LINES);
        break;
      default:
    }
  }

  /** In the order of their ends, after the texts that they name. */
  get lines(): WrittenLine[] {
    const events = longest(this.#events).sort((a, b) => endOf(a) - endOf(b));
    const named = new Set(events.flatMap((line) => numbersIn(line)));
    return [...this.#statements.filter(({ id }) => named.has(id)), ...events];
  }

  clear(): void {
    if (this.#events.length > 0) this.#events = [];
    if (this.#statements.length > 0) this.#statements = [];
  }
}

/** As many as there is room for. */
function longest(events: readonly Event[]): Event[] {
  let characters = 0;
  return events
    .toSorted((a, b) => rankOf(b) - rankOf(a))
    .slice(0, MOST_LINES)
    .filter((line) => {
      characters += JSON.stringify(line).length;
      return characters <= MOST_CHARACTERS;
    });
}

/** ms; what got no lock comes before what is only long. */
function rankOf(line: Event): number {
  if (line.type === "wait") return line.outcome === "gave-up" ? Number.MAX_VALUE : line.waitedMs;
  if (line.type === "refusal") return Number.MAX_VALUE;
  return line.toMs === null ? 0 : line.toMs - line.fromMs;
}

function endOf(line: Event): number {
  if (line.type === "wait") return line.fromMs + line.waitedMs;
  return line.type === "refusal" ? line.atMs : (line.toMs ?? line.fromMs);
}

function numbersIn(line: Event): number[] {
  const facts = line.type === "transaction" ? line.statements : [line];
  const blockers = line.type === "wait" || line.type === "refusal" ? (line.blockers ?? []) : [];
  return [...facts, ...blockers].flatMap(({ statement }) => statement ?? []);
}
