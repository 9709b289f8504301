import { expect, test } from "vitest";
import { type Compared, conclude } from "../../../../src/features/journal-mode/comparison.ts";

const SAME: Compared = { frames: 9, pages: 4, differing: [], held: true, counter: 17, counterNow: 17 };
const proved = (rewritten: number) => ({ kind: "proved", proof: { frames: 9, pages: 4, rewritten } });
const unknown = { kind: "not-compared", why: { kind: "may-be-rewritten", frames: 9, pages: 4, differing: 2 } };

test.each<[string, Partial<Compared>, object]>([
  ["every page is there", {}, proved(0)],
  ["every page is there, whoever has written since", { held: false, counterNow: 18 }, proved(0)],
  ["pages differ, and nobody has written since", { differing: [2, 3] }, { kind: "lost", pages: [2, 3] }],
  ["pages differ, and another process has committed since", { differing: [2, 3], counterNow: 18 }, proved(2)],
  ["the counter has begun anew", { differing: [2, 3], counter: 2 ** 32 - 1, counterNow: 0 }, proved(2)],
  ["another process could write during the comparison", { differing: [2, 3], held: false }, unknown],
  ["it could, and has committed", { differing: [2, 3], held: false, counterNow: 18 }, unknown],
  ["the counter at the switch is not known", { differing: [2, 3], counter: null }, unknown],
  ["nor is that of now", { differing: [2, 3], counterNow: null }, unknown],
  ["neither is", { differing: [2, 3], counter: null, counterNow: null }, unknown],
])("%s", (_, compared, conclusion) => {
  expect(conclude({ ...SAME, ...compared })).toEqual(conclusion);
});
