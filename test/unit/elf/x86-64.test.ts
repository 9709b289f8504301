import fc from "fast-check";
import { expect, test } from "vitest";
import { returnedField } from "../../../src/elf/x86-64.ts";

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** As compilers made them of `return p ? ((Vdbe*)pStmt)->zSql : 0`. */
const KNOWN = {
  "gcc -O2, -O3": "4885ff 740b 488b87f8000000 c3 0f1f00 31c0 c3",
  "gcc -O2, Intel CET": "f30f1efa 4885ff 740b 488b87f8000000 c3 0f1f00 31c0 c3",
  "gcc -O1": "4885ff 7408 488b87f8000000 c3 4889f8 c3",
  "gcc -Os": "4889f8 4885ff 7407 488b87f8000000 c3",
  "gcc -O0": "55 4889e5 48897de8 488b45e8 488945f8 48837df800 740d 488b45f8 488b80f8000000 eb05 b800000000 5d c3",
  "clang -O0":
    "55 4889e5 48897df8 488b45f8 488945f0 48837df000 7411 488b45f0 488b80f8000000 488945e8 eb08 31c0 488945e8 eb00 " +
    "488b45e8 5d c3",
  "clang -O2, with a frame pointer": "55 4889e5 4885ff 7409 488b87f8000000 5d c3 31c0 5d c3",
  "result cleared first": "31c0 4885ff 7407 488b87f8000000 c3",
  "registers cleared at the end": "4885ff 740b 488b87f8000000 31ff c3 6690 31c0 31ff c3",
  "repz ret": "4885ff 7409 488b87f8000000 f3c3 31c0 c3",
};

test.each(Object.entries(KNOWN))("the field that a small function returns: %s", (_, code) => {
  expect(returnedField(bytes(code))).toBe(0xf8);
});

test.each([
  ["at the very start, with mod 0", "4885ff 7404 488b07 c3 31c0 c3", 0],
  ["with a displacement of one byte", "4885ff 7405 488b4778 c3 31c0 c3", 0x78],
  ["of another layout", "4885ff 740b 488b8710010000 c3 0f1f00 31c0 c3", 0x110],
])("the field %s", (_, code, field) => {
  expect(returnedField(bytes(code))).toBe(field);
});

test.each([
  ["goes on after the load", "4885ff 740f 488b87f8000000 4883c008 c3 31c0 c3"],
  ["adds to the pointer first", "4883c708 4885ff 7408 488b87f8000000 c3 31c0 c3"],
  ["loads through the field", "4885ff 740b 488b87f8000000 488b00 c3 31c0 c3"],
  ["loads 32 bits", "4885ff 7407 8b87f8000000 c3 31c0 c3"],
  ["returns an address", "4885ff 7408 488d87f8000000 c3 31c0 c3"],
  ["does not look whether it is null", "488b87f8000000 c3"],
  ["returns something for null", "4885ff 7408 488b87f8000000 c3 b801000000 c3"],
  ["looks the wrong way", "4885ff 7508 488b87f8000000 c3 31c0 c3"],
  ["calls", "4885ff 740d 488b87f8000000 e800000000 c3 31c0 c3"],
  ["takes its second argument", "4885ff 7408 488b86f8000000 c3 31c0 c3"],
  ["reads relative to its own code", "4885ff 7408 488b05f8000000 c3 31c0 c3"],
  ["reads with an index", "4885ff 7409 488b84c7f8000000 c3 31c0 c3"],
  ["reads before the pointer", "4885ff 7408 488b87f8ffffff c3 31c0 c3"],
  ["reads across two fields", "4885ff 7408 488b87f9000000 c3 31c0 c3"],
  ["reads far behind", "4885ff 7408 488b8700100000 c3 31c0 c3"],
  ["reads a slot that was never written", "55 4889e5 488b45f8 5d c3"],
  ["returns with a word on the stack", "55 4885ff 7408 488b87f8000000 c3 31c0 c3"],
  ["runs in a circle", "ebfe"],
  ["jumps out of itself", "4885ff 747f 488b87f8000000 c3"],
  ["jumps before itself", "4885ff 7480 488b87f8000000 c3"],
  ["ends in the middle", "4885ff 7408 488b87f8"],
  ["ends before the return", "4885ff 7408 488b87f8000000"],
  ["is empty", ""],
])("says nothing of a function that %s", (_, code) => {
  expect(returnedField(bytes(code))).toBeNull();
});

test("property: whatever the code is, it ends, and with no error", () => {
  const instruction = fc.constantFrom(...Object.values(KNOWN).flatMap((code) => code.split(" ")));
  const code = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.array(instruction, { maxLength: 40 }).map((parts) => bytes(parts.join(""))),
  );
  fc.assert(
    fc.property(code, (each) => {
      const field = returnedField(each);
      expect(field === null || (field >= 0 && field < 1024 && field % 8 === 0)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("property: a known function with one byte changed is unknown, or is one that returns what is said", () => {
  const known = fc.constantFrom(...Object.values(KNOWN));
  fc.assert(
    fc.property(known, fc.nat(60), fc.nat(255), (code, at, value) => {
      const changed = bytes(code);
      if (at >= changed.length) return;
      changed[at] = value;
      const field = returnedField(changed);
      // only a displacement may lead to another field
      if (field !== null && field !== 0xf8) expect(changed.includes(field & 0xff)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
