/** Damage to the bytes of a database: what broken disks, interrupted copies and other programs do. */
import type { Random } from "./random.ts";

/** A page of the undamaged database, as its dbstat table has it; from 1. */
export interface Page {
  readonly number: number;
  readonly kind: "leaf" | "internal" | "overflow" | "unused";
}

/** A b-tree of the undamaged database. */
export interface Tree {
  readonly name: string;
  readonly table: string;
  readonly root: number;
  readonly type: "table" | "index";
  /** Of an index, by column. */
  readonly collations: readonly string[];
}

export interface Victim {
  bytes: Buffer;
  readonly pageSize: number;
  readonly reserved: number;
  readonly trees: readonly Tree[];
  readonly pages: readonly Page[];
  readonly random: Random;
}

export interface ByteDamage {
  readonly name: string;
  readonly apply: (victim: Victim) => void;
}

/** Where a page begins. */
function at(victim: Victim, page: number): number {
  return (page - 1) * victim.pageSize;
}

function pageCount({ bytes, pageSize }: Victim): number {
  return Math.max(1, Math.floor(bytes.length / pageSize));
}

function anyPage(victim: Victim): number {
  return victim.random.int(1, pageCount(victim));
}

/** A page of the kind; where there is none, any page. An earlier damage may have cut it off. */
function pageOf(victim: Victim, ...kinds: readonly Page["kind"][]): number {
  const some = victim.pages.filter(({ kind, number }) => kinds.includes(kind) && number <= pageCount(victim));
  return some.length > 0 ? victim.random.pick(some).number : anyPage(victim);
}

/** Does nothing outside the file. */
function put(victim: Victim, offset: number, value: number, length: 1 | 2 | 4): void {
  if (offset >= 0 && offset + length <= victim.bytes.length) victim.bytes.writeUIntBE(value, offset, length);
}

function flip(victim: Victim, from: number, to: number, times: number): void {
  for (let i = 0; i < times; i++) {
    const offset = victim.random.int(from, Math.max(from, to));
    put(victim, offset, (victim.bytes[offset] ?? 0) ^ (1 << victim.random.int(0, 7)), 1);
  }
}

function copyOf(victim: Victim, page: number): Buffer {
  return Buffer.from(victim.bytes.subarray(at(victim, page), at(victim, page) + victim.pageSize));
}

/** The number of some page, right or wrong: for pointers. */
function pointer(victim: Victim): number {
  const count = pageCount(victim);
  return victim.random.pick([0, 1, count, count + 1, 0xffffffff, 0x7fffffff, anyPage(victim), anyPage(victim)]);
}

/** Where the header of a page's b-tree begins: on page 1 behind that of the file. */
function tree(victim: Victim, page: number): number {
  return at(victim, page) + (page === 1 ? 100 : 0);
}

/** Where in the file header: bytes 16 to 99, field by field, with values that may mean something. */
const HEADER_FIELDS = {
  "page-size": { offset: 16, length: 2, values: [0, 1, 511, 512, 1024, 3000, 4096, 8192, 32768, 65535] },
  "write-version": { offset: 18, length: 1, values: [0, 1, 2, 3, 255] },
  "read-version": { offset: 19, length: 1, values: [0, 1, 2, 3, 255] },
  reserved: { offset: 20, length: 1, values: [0, 1, 8, 32, 200, 255] },
  "payload-fractions": { offset: 21, length: 1, values: [0, 63, 65, 255] },
  "change-counter": { offset: 24, length: 4, values: [0, 1, 7, 0xffffffff] },
  "page-count": { offset: 28, length: 4, values: [0, 1, 2, 3, 1000, 0xffffffff] },
  "first-free": { offset: 32, length: 4, values: [0, 1, 2, 3, 1000, 0xffffffff] },
  "free-count": { offset: 36, length: 4, values: [0, 1, 2, 50, 0xffffffff] },
  "schema-cookie": { offset: 40, length: 4, values: [0, 1, 99] },
  "schema-format": { offset: 44, length: 4, values: [0, 1, 2, 3, 4, 5, 100] },
  "cache-size": { offset: 48, length: 4, values: [0, 1, 0xffffffff, 0x80000000] },
  "largest-root": { offset: 52, length: 4, values: [0, 1, 2, 3, 1000] },
  encoding: { offset: 56, length: 4, values: [0, 1, 2, 3, 4, 77] },
  "user-version": { offset: 60, length: 4, values: [0, 5, 0xffffffff] },
  incremental: { offset: 64, length: 4, values: [0, 1, 2] },
  "application-id": { offset: 68, length: 4, values: [0, 0x47504b47] },
  zeroes: { offset: 72, length: 4, values: [1, 0xffffffff] },
  "version-valid-for": { offset: 92, length: 4, values: [0, 1, 5, 0xffffffff] },
  "library-version": { offset: 96, length: 4, values: [0, 3008000, 0xffffffff] },
} as const;

export const HEADER_DAMAGES: readonly ByteDamage[] = Object.entries(HEADER_FIELDS).map(
  ([name, { offset, length, values }]) => ({
    name: `header-${name}`,
    apply: (victim) => put(victim, offset, victim.random.pick(values), length),
  }),
);

/** Fields of a b-tree page's header, by their offset there. */
const TREE_FIELDS = {
  type: [0, 1],
  "first-freeblock": [1, 2],
  cells: [3, 2],
  "content-start": [5, 2],
  fragments: [7, 1],
  "right-child": [8, 4],
} as const;

const treeDamages: readonly ByteDamage[] = Object.entries(TREE_FIELDS).map(([name, [offset, length]]) => ({
  name: `page-${name}`,
  apply: (victim) => {
    const page = name === "right-child" ? pageOf(victim, "internal") : pageOf(victim, "leaf", "internal");
    const value =
      name === "right-child"
        ? pointer(victim)
        : victim.random.int(0, length === 1 ? 255 : victim.random.pick([12, 65535]));
    put(victim, tree(victim, page) + offset, value, length);
  },
}));

const CELL_POINTERS = 8;

export const PAGE_DAMAGES: readonly ByteDamage[] = [
  { name: "flipped-bits", apply: (victim) => flip(victim, 0, victim.bytes.length - 1, victim.random.int(1, 16)) },
  {
    name: "flipped-bits-in-a-leaf",
    apply: (victim) => {
      const page = pageOf(victim, "leaf");
      flip(victim, tree(victim, page), at(victim, page) + victim.pageSize - 1, victim.random.int(1, 8));
    },
  },
  {
    name: "flipped-bits-in-the-schema",
    apply: (victim) => flip(victim, 100, victim.pageSize - 1, victim.random.int(1, 4)),
  },
  { name: "flipped-bits-in-the-header", apply: (victim) => flip(victim, 0, 99, victim.random.int(1, 3)) },
  {
    name: "overwritten",
    apply: (victim) => {
      if (victim.bytes.length === 0) return;
      const noise = victim.random.bytes(victim.random.int(1, Math.min(2000, victim.bytes.length)));
      noise.copy(victim.bytes, victim.random.int(0, victim.bytes.length - noise.length));
    },
  },
  {
    name: "zeroed-pages",
    apply: (victim) => {
      const first = anyPage(victim);
      victim.bytes.subarray(at(victim, first), at(victim, first + victim.random.int(1, 3))).fill(0);
    },
  },
  {
    name: "zeroed-sector",
    apply: (victim) => {
      const sector = victim.random.int(0, Math.floor((victim.bytes.length - 1) / 512));
      victim.bytes.subarray(sector * 512, (sector + 1) * 512).fill(0);
    },
  },
  {
    name: "swapped-pages",
    apply: (victim) => {
      const [a, b] = [anyPage(victim), anyPage(victim)];
      const [first, second] = [copyOf(victim, a), copyOf(victim, b)];
      second.copy(victim.bytes, at(victim, a));
      first.copy(victim.bytes, at(victim, b));
    },
  },
  {
    name: "doubled-page",
    apply: (victim) => copyOf(victim, anyPage(victim)).copy(victim.bytes, at(victim, anyPage(victim))),
  },
  {
    name: "cut-at-a-page",
    apply: (victim) => {
      victim.bytes = victim.bytes.subarray(0, at(victim, anyPage(victim) + 1));
    },
  },
  {
    name: "last-pages-missing",
    apply: (victim) => {
      victim.bytes = victim.bytes.subarray(
        0,
        at(victim, Math.max(1, pageCount(victim) - victim.random.int(0, 2)) + 1) -
          victim.pageSize * victim.random.int(0, 1),
      );
    },
  },
  {
    name: "cut-in-a-page",
    apply: (victim) => {
      victim.bytes = victim.bytes.subarray(0, victim.random.int(1, victim.bytes.length));
    },
  },
  {
    name: "cut-in-the-header",
    apply: (victim) => {
      victim.bytes = victim.bytes.subarray(0, victim.random.int(0, 99));
    },
  },
  {
    name: "longer",
    apply: (victim) => {
      const more = victim.random.pick([1, 100, victim.pageSize, victim.pageSize * 3]);
      victim.bytes = Buffer.concat([
        victim.bytes,
        victim.random.oneIn(2) ? Buffer.alloc(more) : victim.random.bytes(Math.min(more, 5000)),
      ]);
    },
  },
  ...treeDamages,
  {
    name: "cell-pointer",
    apply: (victim) => {
      const page = pageOf(victim, "leaf", "internal");
      const inner = [2, 5].includes(victim.bytes[tree(victim, page)] ?? 0);
      put(
        victim,
        tree(victim, page) + CELL_POINTERS + (inner ? 4 : 0) + 2 * victim.random.int(0, 3),
        victim.random.int(0, 65535),
        2,
      );
    },
  },
  {
    name: "swapped-cells",
    apply: (victim) => {
      const first = tree(victim, pageOf(victim, "leaf")) + CELL_POINTERS;
      if (first + 4 > victim.bytes.length) return;
      const [a, b] = [victim.bytes.readUInt16BE(first), victim.bytes.readUInt16BE(first + 2)];
      put(victim, first, b, 2);
      put(victim, first + 2, a, 2);
    },
  },
  { name: "left-child", apply: (victim) => childOf(victim) },
  {
    name: "overflow-chain",
    apply: (victim) => put(victim, at(victim, pageOf(victim, "overflow")), pointer(victim), 4),
  },
  {
    name: "overflow-loop",
    apply: (victim) => {
      const page = pageOf(victim, "overflow");
      put(victim, at(victim, page), page, 4);
    },
  },
  {
    name: "freelist-trunk",
    apply: (victim) => {
      const trunk = victim.bytes.length >= 36 ? victim.bytes.readUInt32BE(32) : 0;
      if (trunk === 0) put(victim, 32, pageOf(victim, "leaf"), 4);
      else put(victim, at(victim, trunk) + victim.random.pick([0, 4]), pointer(victim), 4);
    },
  },
  {
    name: "freelist-leaf",
    apply: (victim) => {
      const trunk = victim.bytes.length >= 36 ? victim.bytes.readUInt32BE(32) : 0;
      if (trunk === 0) put(victim, 36, 1, 4);
      else put(victim, at(victim, trunk) + 8, pointer(victim), 4);
    },
  },
  {
    name: "pointer-map",
    apply: (victim) => {
      // Of a database with autovacuum page 2; else a page as any other.
      const entry = at(victim, 2) + 5 * victim.random.int(0, 10);
      if (victim.random.oneIn(2)) put(victim, entry, victim.random.int(0, 6), 1);
      else put(victim, entry + 1, pointer(victim), 4);
    },
  },
];

export const BYTE_DAMAGES: readonly ByteDamage[] = [...HEADER_DAMAGES, ...PAGE_DAMAGES];

/** The child of a cell of an inner page. */
function childOf(victim: Victim): void {
  const page = pageOf(victim, "internal");
  const cell = tree(victim, page) + CELL_POINTERS + 4;
  if (cell + 2 > victim.bytes.length) return;
  put(victim, at(victim, page) + victim.bytes.readUInt16BE(cell), pointer(victim), 4);
}
