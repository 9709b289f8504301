import { expect, test } from "vitest";
import { comparedByte, entryOf } from "../../../src/elf/known-code.ts";

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

test.each([
  ["f30f1efa 55 4889e5", 4],
  ["f30f1efa 4157 4156", 4],
  ["f30f1efa 4885ff", 0],
  ["f30f1efa 4889f8", 0],
  ["f30f1efa", 0],
  ["55 4889e5", 0],
  ["f30f1efb 55", 0],
])("the place of a probe in %s: %i", (code, place) => {
  expect(entryOf(bytes(code))).toBe(place);
});

test.each([
  ["gcc -O2, -O3, -Os", "31c0 4885ff 740c 31c0 80bfc700000002 0f94c0 c3"],
  ["gcc -O2, Intel CET", "f30f1efa 31c0 4885ff 740c 31c0 80bfc700000002 0f94c0 c3"],
  ["gcc -O1", "b800000000 4885ff 740d 80bfc700000002 0f94c0 0fb6c0 c3"],
  ["clang -O2", "4885ff 740d 31c0 80bfc700000002 0f94c0 c3 31c0 c3"],
])("the byte that a small function compares with 2: %s", (_, code) => {
  expect(comparedByte(bytes(code))).toBe(0xc7);
});

test.each([
  ["compares with 3", "31c0 4885ff 740c 31c0 80bfc700000003 0f94c0 c3"],
  ["is true where it differs", "31c0 4885ff 740c 31c0 80bfc700000002 0f95c0 c3"],
  ["jumps elsewhere", "31c0 4885ff 740d 31c0 80bfc700000002 0f94c0 c3"],
  ["is about a field before the pointer", "31c0 4885ff 740c 31c0 80bfc7ffffff02 0f94c0 c3"],
  ["is about a field too far behind", "31c0 4885ff 740c 31c0 80bfc700010002 0f94c0 c3"],
  ["goes on", "31c0 4885ff 740c 31c0 80bfc700000002 0f94c0 90"],
  ["ends too soon", "31c0 4885ff 740c 31c0 80bfc7000000"],
  ["is another one", "4885ff 740b 488b87f8000000 c3 0f1f00 31c0 c3"],
])("no byte of a function that %s", (_, code) => {
  expect(comparedByte(bytes(code))).toBeNull();
});
