import { expect, test } from "vitest";
import { recordedMs } from "../../../../src/recording/history/recorded.ts";

const blank = (fromMs: number, toMs: number) => ({ fromMs, toMs, why: "no-recorder" }) as const;

test.each<[string, ReturnType<typeof blank>[], number]>([
  ["nothing is missing", [], 100],
  ["a part is missing", [blank(120, 130)], 90],
  ["parts overlap", [blank(110, 150), blank(120, 130), blank(140, 160)], 50],
  ["they reach over the edges", [blank(-50, 110), blank(190, 250)], 80],
  ["all is missing", [blank(0, 300)], 0],
  ["they are elsewhere", [blank(0, 50), blank(300, 400)], 100],
])("%s", (_, blanks, ms) => {
  expect(recordedMs({ fromMs: 100, toMs: 200 }, blanks)).toBe(ms);
});
