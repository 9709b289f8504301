/** Two entries of an index: exchanged, or one made like the other. */
import type { ByteDamage, Victim } from "./byte-damages.ts";
import { again, putPayload, recordAt, someIndex, split, typeOf } from "./damage-target.ts";
import { type Cell, cellAt, entriesOf, INDEX_INTERIOR, type Position, putCell } from "./index-records.ts";
import { encodeRecord } from "./record.ts";

/** Exchanges two payloads. */
export function exchange(victim: Victim, a: Position, b: Position): boolean {
  const [first, second] = [cellAt(victim, a), cellAt(victim, b)];
  if (first === null || second === null || first.payload.equals(second.payload)) return false;
  const swap = (position: Position, cell: Cell, { payload, overflow }: Cell) =>
    putCell(victim, position, { ...cell, payload, overflow });
  if (!swap(a, first, second)) return false;
  if (swap(b, second, first)) return true;
  putCell(victim, a, first);
  return false;
}

/** Two places in one index, by a choice among all of its places in order. */
function pairDamage(
  name: string,
  choose: (places: readonly Position[], victim: Victim) => readonly [Position, Position] | null,
  act: (victim: Victim, pair: readonly [Position, Position]) => boolean = (victim, [a, b]) => exchange(victim, a, b),
): ByteDamage {
  return {
    name,
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim);
        const pair = tree === null ? null : choose(entriesOf(victim, tree.root), victim);
        return pair !== null && act(victim, pair);
      });
    },
  };
}

function neighbours(places: readonly Position[], { random }: Victim): readonly [Position, Position] | null {
  const at = random.int(0, Math.max(0, places.length - 2));
  const [a, b] = [places[at], places[at + 1]];
  if (a === undefined || b === undefined) return null;
  return random.oneIn(2) ? [a, b] : [b, a];
}

export function anyTwo(places: readonly Position[], { random }: Victim): readonly [Position, Position] | null {
  return places.length < 2 ? null : [random.pick(places), random.pick(places)];
}

function innerAndLeaf(places: readonly Position[], victim: Victim): readonly [Position, Position] | null {
  const isInner = ({ page }: Position) => typeOf(victim, page) === INDEX_INTERIOR;
  const at = places.flatMap((place, i) => (isInner(place) ? [i] : []));
  const inner = at.length === 0 ? undefined : victim.random.pick(at);
  const [a, b] = inner === undefined ? [] : [places[inner], places[inner + victim.random.pick([-1, 1])]];
  return a === undefined || b === undefined ? null : [a, b];
}

function acrossPages(places: readonly Position[], { random }: Victim): readonly [Position, Position] | null {
  const [a, b] = places.length < 2 ? [] : [random.pick(places), random.pick(places)];
  return a === undefined || b === undefined || a.page === b.page ? null : [a, b];
}

/** The first becomes what the second is, or its key or rowid alone. */
function copyOver(part: "all" | "key" | "rowid") {
  return (victim: Victim, [to, from]: readonly [Position, Position]): boolean => {
    const [target, source] = [recordAt(victim, to), recordAt(victim, from)];
    const [own, others] = [target && split(target.record), source && split(source.record)];
    if (!target || !source || !own || !others) return false;
    const keys = part === "rowid" ? own.keys : others.keys;
    const rowid = part === "key" ? own.rowid : others.rowid;
    return putPayload(victim, to, encodeRecord({ ...target.record, fields: [...keys, rowid] }));
  };
}

function exchangeRowids(victim: Victim, [a, b]: readonly [Position, Position]): boolean {
  const before = recordAt(victim, a);
  const rowid = before?.record.fields.at(-1);
  if (!copyOver("rowid")(victim, [a, b]) || rowid === undefined) return false;
  const target = recordAt(victim, b);
  const parts = target && split(target.record);
  return (
    !!parts && !!target && putPayload(victim, b, encodeRecord({ ...target.record, fields: [...parts.keys, rowid] }))
  );
}

/** Entries of two indexes, mostly of one table. */
const entriesOfTwoIndexes: ByteDamage = {
  name: "entries-of-two-indexes",
  apply: (victim) => {
    again(() => {
      const one = someIndex(victim);
      const two = someIndex(victim, ({ table, name }) => table === one?.table && name !== one.name);
      if (one === null || two === null) return false;
      const [a, b] = [entriesOf(victim, one.root), entriesOf(victim, two.root)];
      return a.length > 0 && b.length > 0 && exchange(victim, victim.random.pick(a), victim.random.pick(b));
    });
  },
};

export const PAIR_DAMAGES: readonly ByteDamage[] = [
  pairDamage("neighbours-swapped", neighbours),
  pairDamage("entries-swapped", anyTwo),
  pairDamage("entries-of-two-pages-swapped", acrossPages),
  pairDamage("inner-and-leaf-swapped", innerAndLeaf),
  pairDamage("copy-of-neighbour", neighbours, copyOver("all")),
  pairDamage("key-of-neighbour", neighbours, copyOver("key")),
  pairDamage("copy-of-entry", anyTwo, copyOver("all")),
  entriesOfTwoIndexes,
];

export const ROWID_PAIR_DAMAGES: readonly ByteDamage[] = [
  pairDamage("rowid-of-neighbour", neighbours, copyOver("rowid")),
  pairDamage("rowids-exchanged", anyTwo, exchangeRowids),
  pairDamage("rowids-of-neighbours-exchanged", neighbours, exchangeRowids),
];
