/** Damage to what lies beside a database: a -wal or a -journal. */
import type { Random } from "./random.ts";

export interface FileDamage {
  readonly name: string;
  readonly apply: (bytes: Buffer, random: Random) => Buffer;
}

function flip(bytes: Buffer, random: Random, from: number, to: number): Buffer {
  const changed = Buffer.from(bytes);
  for (let i = random.int(1, 4); i > 0 && changed.length > 0; i--) {
    const offset = random.int(Math.min(from, changed.length - 1), Math.min(to, changed.length - 1));
    changed[offset] = (changed[offset] ?? 0) ^ (1 << random.int(0, 7));
  }
  return changed;
}

const WAL_HEADER = 32;
const JOURNAL_HEADER = 28;

function damages(kind: string, header: number): readonly FileDamage[] {
  return [
    { name: `${kind}-flipped-bits`, apply: (bytes, random) => flip(bytes, random, header, bytes.length - 1) },
    { name: `${kind}-header`, apply: (bytes, random) => flip(bytes, random, 0, header - 1) },
    { name: `${kind}-cut`, apply: (bytes, random) => Buffer.from(bytes.subarray(0, random.int(0, bytes.length))) },
    { name: `${kind}-longer`, apply: (bytes, random) => Buffer.concat([bytes, random.bytes(random.int(1, 3000))]) },
    {
      name: `${kind}-zeroed`,
      apply: (bytes, random) => Buffer.from(bytes).fill(0, random.pick([0, Math.floor(bytes.length / 2)])),
    },
    { name: `${kind}-not-one`, apply: (_bytes, random) => random.bytes(random.int(1, 2000)) },
  ];
}

export const WAL_DAMAGES = damages("wal", WAL_HEADER);
export const JOURNAL_DAMAGES = damages("journal", JOURNAL_HEADER);
