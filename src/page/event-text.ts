/** Events in a few words: on a bar, in a tooltip, for a screen reader. */
import { REFUSAL_REASONS, TRANSACTION_KINDS, TRANSACTION_OUTCOMES, WAIT_OUTCOMES } from "../render/page/data.ts";
import { lengthText } from "../render/page/length-text.ts";
import { grouped } from "../text/list.ts";
import type { EventRef, Model } from "./model.ts";

export const OUTCOME_TEXT: Readonly<Record<(typeof WAIT_OUTCOMES)[number], string>> = {
  granted: "got it",
  "gave-up": "gave up",
  killed: "killed",
  still: "still waiting at the end",
  unknown: "outcome not known",
};

export const END_TEXT: Readonly<Record<(typeof TRANSACTION_OUTCOMES)[number], string>> = {
  commit: "committed",
  rollback: "rolled back",
  open: "open at the end",
  "process-ended": "its process ended",
  unknown: "committed or rolled back, not known",
};

export const REASON_TEXT: Readonly<Record<(typeof REFUSAL_REASONS)[number], string>> = {
  "same-process": "another connection of the same process had the lock",
  snapshot: "another connection committed after this transaction had read (SQLITE_BUSY_SNAPSHOT)",
  "committed-in-between": "it got the lock, but the log had moved on",
  deadlock: "it has a read lock that the other one needs to go: SQLite does not wait then",
  "inside-process": "the connection itself, or one that shares its cache, is in the way (SQLITE_LOCKED)",
  "no-wait": "no busy timeout: refused without a wait",
  unknown: "why is not known",
};

/** `WRITE`, `READ1 (write)` */
export function lockName(model: Model, kind: number): string {
  const [name, type] = model.data.kinds[kind] ?? ["?", "read"];
  return name.startsWith("READ") && type === "write" ? `${name} (write)` : name;
}

/** `at least 1.5 s` */
export function lengthOfText(model: Model, ref: EventRef): string {
  return `${model.isAtLeast(ref) ? "at least " : ""}${lengthText(model.lengthOf(ref) / 1_000)}`;
}

export function processText(model: Model, process: number): string {
  const { pid = "?", command = "?" } = model.data.processes[process] ?? {};
  return `${pid} (${command})`;
}

export function processOf(model: Model, ref: EventRef): number {
  return model.data.lanes[model.laneOf(ref)]?.process ?? -1;
}

/** On a bar: what is before the comma stays where there is little room. */
export function barText(model: Model, ref: EventRef): string {
  const { data } = model;
  const length = lengthOfText(model, ref).replace("at least ", "\u2265 ");
  if (ref.kind === "lock") return `${lockName(model, data.locks.kind[ref.id] as number)}, ${length}`;
  if (ref.kind !== "wait") return "";
  const gaveUp = WAIT_OUTCOMES[data.waits.outcome[ref.id] as number] === "gave-up";
  return `${gaveUp ? "gave up" : "waits"}, ${length}`;
}

/** In a sentence: `WRITE held for 1.5 s`, `waited 0.9 s for WRITE, gave up`. */
export function headText(model: Model, ref: EventRef): string {
  const { data } = model;
  const { id } = ref;
  const length = lengthOfText(model, ref);
  switch (ref.kind) {
    case "lock":
      return `${lockName(model, data.locks.kind[id] as number)} held for ${length}`;
    case "wait": {
      const outcome = OUTCOME_TEXT[WAIT_OUTCOMES[data.waits.outcome[id] as number] ?? "unknown"];
      return `waited ${length} for ${lockName(model, data.waits.kind[id] as number)}: ${outcome}`;
    }
    case "transaction": {
      const kind = TRANSACTION_KINDS[data.transactions.kind[id] as number];
      const end = END_TEXT[TRANSACTION_OUTCOMES[data.transactions.outcome[id] as number] ?? "unknown"];
      return `${kind === "upgrade" ? "read, then write" : kind} transaction, open for ${length}: ${end}`;
    }
    case "refusal":
      return `${textAt(model, data.refusals.result[id] as number) ?? "refused"}: ${
        REASON_TEXT[REFUSAL_REASONS[data.refusals.why[id] as number] ?? "unknown"]
      }`;
    case "counted": {
      const { times, kind, total } = data.counted;
      const all = lengthText((total[id] as number) / 1_000);
      const name = lockName(model, kind[id] as number);
      return `${grouped(times[id] as number)} shorter holds of ${name}, ${all} in all, within ${length}`;
    }
  }
}

/** Null: not known. */
export function textAt(model: Model, index: number): string | null {
  return model.data.strings[index] ?? null;
}

/** The statement of an event, as the recording has it; null: not known. */
export function sqlOf(model: Model, { kind, id }: EventRef): string | null {
  const { locks, waits, refusals, transactions } = model.data;
  if (kind === "transaction") {
    const sequence = model.data.sequences[transactions.sequence[id] as number] ?? [];
    return textAt(model, sequence[0] ?? -1);
  }
  const index =
    kind === "lock" ? locks.sql[id] : kind === "wait" ? waits.sql[id] : kind === "refusal" ? refusals.sql[id] : -1;
  return textAt(model, index ?? -1);
}
