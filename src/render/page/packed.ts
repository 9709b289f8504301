/** The data of a page as JSON, in little room. */
import type { PageData } from "./data.ts";

/** Ascending numbers as the first one and the steps between them: they take less room. */
function toSteps(numbers: readonly number[]): number[] {
  return numbers.map((each, i) => each - (numbers[i - 1] ?? 0));
}

function fromSteps(steps: readonly number[]): number[] {
  let sum = 0;
  return steps.map((step) => {
    sum += step;
    return sum;
  });
}

const STEPPED = ["locks", "waits", "transactions", "refusals", "counted"] as const;

/** JSON, in which columns that are all the same, or follow from others, take little room. */
export function packed(data: PageData): string {
  return JSON.stringify(eachColumn(related(stepped(data, toSteps), 1), shortened));
}

/** `json`: as parsed. */
export function unpacked(json: unknown): PageData {
  return related(stepped(eachColumn(json as PageData, restored), fromSteps), -1);
}

function stepped(data: PageData, change: (numbers: readonly number[]) => number[]): PageData {
  const parts = STEPPED.map((name) => [name, { ...data[name], from: change(data[name].from) }] as const);
  return { ...data, ...Object.fromEntries(parts) };
}

const TABLES = [...STEPPED, "blockers", "statements"] as const;

function eachColumn(data: PageData, change: (column: unknown) => unknown): PageData {
  const parts = TABLES.map((name) => {
    const columns = Object.entries(data[name]).map(([column, values]) => [column, change(values)] as const);
    return [name, Object.fromEntries(columns)] as const;
  });
  return { ...data, ...Object.fromEntries(parts) };
}

interface Same {
  readonly value: number;
  readonly times: number;
}

function shortened(column: unknown): unknown {
  const numbers = column as readonly number[];
  const [value] = numbers;
  const isSame = numbers.length > 2 && numbers.every((each) => each === value);
  return isSame ? ({ value, times: numbers.length } as Same) : numbers;
}

function restored(column: unknown): unknown {
  if (Array.isArray(column)) return column;
  const { value, times } = column as Same;
  return new Array<number>(times).fill(value);
}

/**
 * The time outside of SQLite is mostly what the time inside leaves; a blocker is mostly in the way for all of a wait.
 * `sign`: 1 to leave that out, -1 to put it back.
 */
function related(data: PageData, sign: 1 | -1): PageData {
  const { transactions, waits, blockers } = data;
  const outside = transactions.outside.map((us, i) => {
    const inside = transactions.inside[i] as number;
    return inside < 0 ? us : us - sign * ((transactions.length[i] as number) - inside);
  });
  const blocked = [...blockers.blocked];
  let at = 0;
  waits.blockers.forEach((many, i) => {
    if (many > 0) blocked[at] = (blocked[at] as number) - sign * (waits.length[i] as number);
    at += many;
  });
  return { ...data, transactions: { ...transactions, outside }, blockers: { ...blockers, blocked } };
}
