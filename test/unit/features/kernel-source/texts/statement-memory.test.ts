import { expect, test } from "vitest";
import {
  MAX_BYTES,
  type ReadMemory,
  readStatement,
  withMemory,
} from "../../../../../src/features/kernel-source/texts/statement-memory.ts";

const PLACE = { statement: 0x7f00_0000_1000, connection: 0x5500_0000_0010, sqlOffset: 248 };
const TEXT = 0x7f00_0010_0ff0; // the text goes on in the next page
const START = "select a, b from t";

interface World {
  text?: Buffer;
  connection?: number;
  pointer?: number;
  /** Bytes that are mapped there. */
  mapped?: number;
  /** What the pointer to the text is the second time. */
  later?: number;
}

function memory({ text = sql(100), connection = PLACE.connection, pointer = TEXT, mapped, later }: World): ReadMemory {
  let asked = 0;
  const pages = text.subarray(0, mapped);
  return (into, length, address) => {
    if (address === PLACE.statement) return into.writeBigUInt64LE(BigInt(connection));
    if (address === PLACE.statement + 248) {
      asked += 1;
      return into.writeBigUInt64LE(BigInt(asked > 1 ? (later ?? pointer) : pointer));
    }
    return address < TEXT ? 0 : pages.copy(into, 0, address - TEXT, address - TEXT + length);
  };
}

/** A text of so many bytes, and its end. */
const sql = (bytes: number) => Buffer.from(`${START.padEnd(bytes, "x")}\0 what is after it`);
const read = (world: World) => readStatement(memory(world), PLACE, Buffer.from(START));

test.each([[18], [100], [4096], [12_345], [70_000], [MAX_BYTES - 1]])("a text of %i bytes", (bytes) => {
  const found = read({ text: sql(bytes) });
  expect(found).toMatchObject({ bytes, atLeast: false });
  expect(found?.start.toString()).toBe(START.padEnd(bytes, "x").slice(0, 32 * 1024));
});

test("a text without an end where it is looked for", () => {
  expect(read({ text: sql(MAX_BYTES + 10) })).toMatchObject({ bytes: MAX_BYTES, atLeast: true });
});

test.each<[string, World]>([
  ["another text", { text: Buffer.from("select a, b from u where 1\0") }],
  ["a text that is shorter than what the kernel has", { text: Buffer.from("select a, b\0") }],
  ["a statement of another connection", { connection: 0x5500_0000_0020 }],
  ["no text", { pointer: 0 }],
  ["a pointer to nowhere", { pointer: 0x1000 }],
  ["a pointer that is none", { pointer: 0xffff_8000_0000_0000 }],
  ["a text that is not mapped to its end", { text: sql(9000), mapped: 5000 }],
  ["another pointer after the reading", { later: TEXT + 64 }],
])("nothing: %s", (_, world) => {
  expect(read(world)).toBeNull();
});

test("the memory of this process, and of none", () => {
  const read = withMemory(process.pid, (memory, startTicks) => [memory(Buffer.alloc(8), 8, 16), startTicks > 0n]);
  expect(read).toEqual([0, true]);
  expect(withMemory(2 ** 22 + 1, () => true)).toBeNull();
});
