/** Captured texts, and what may become of them: torn, doubled, damaged. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { CODE_POINT } from "./code-point.ts";

/** A file of /proc as Linux 6.18 wrote it. */
export function procFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/proc/${name}`, import.meta.url), "utf8");
}

/** Any text, and the given one with a piece cut out, doubled or overwritten in a place or two. */
export function damaged(text: string): fc.Arbitrary<string> {
  const junk = fc.oneof(
    fc.string({ unit: CODE_POINT, maxLength: 8 }),
    fc.constantFrom("\n", ")", "(", ":", "-", " ", "\t", "9".repeat(400), "-1", "EOF", "\\999", "\0"),
  );
  const change = fc.record({ at: fc.nat(text.length), length: fc.nat(12), by: junk, twice: fc.boolean() });
  const changed = fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((now, { at, length, by, twice }) => {
      const piece = now.slice(at, at + length);
      return now.slice(0, at) + (twice ? piece + piece : by) + now.slice(at + length);
    }, text),
  );
  const torn = fc.nat(text.length).map((length) => text.slice(0, length));
  return fc.oneof(changed, torn, fc.string({ unit: CODE_POINT }));
}
