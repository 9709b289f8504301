/** Compares indexes one after another: all of them, or those that the parent gives to this worker. */
import type Database from "better-sqlite3";
import type { Channel } from "../../../../worker/serve.ts";
import type { Message, Turn } from "../../protocol.ts";
import { Turns } from "../../turns.ts";
import type { Content } from "./content.ts";
import type { OrdinaryIndex } from "./index.ts";
import { type Comparison, compare, type HasRoom } from "./merge.ts";

/** By the number of the index, and how many processes took part. */
export interface Compared {
  readonly comparisons: readonly Comparison[];
  readonly workers: number;
}

/** What this worker reads, and has room for. */
export interface Reading {
  readonly db: Database.Database;
  readonly content: Content;
  readonly hasRoom: HasRoom;
}

/** `told`: how many are done. */
export async function compareAlone(
  reading: Reading,
  indexes: readonly OrdinaryIndex[],
  told: (done: number) => void,
): Promise<Compared> {
  const turns = new Turns<"alone">(indexes);
  for (let next = turns.take("alone"); next !== null; next = turns.take("alone")) {
    told(turns.done);
    turns.tell("alone", next, compareOne(reading, indexes, next));
  }
  return { comparisons: turns.all ?? [], workers: 1 };
}

/** Until all are done, by whichever worker. */
export async function compareShared(
  reading: Reading,
  indexes: readonly OrdinaryIndex[],
  ask: Channel<Message>["ask"],
): Promise<Compared> {
  let done: Extract<Message, { kind: "next" }>["done"] = null;
  for (;;) {
    const turn: Turn = await ask<Turn>({ kind: "next", done });
    if (turn.kind === "all") return turn;
    done = { index: turn.index, comparison: compareOne(reading, indexes, turn.index) };
  }
}

function compareOne({ db, content, hasRoom }: Reading, indexes: readonly OrdinaryIndex[], at: number): Comparison {
  const index = indexes[at];
  return index === undefined ? "unproved" : compare(db, index, content, hasRoom);
}
