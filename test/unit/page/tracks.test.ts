import { expect, test } from "vitest";
import { Model } from "../../../src/page/model.ts";
import { placeOf } from "../../../src/page/place.ts";
import { tracksOf } from "../../../src/page/tracks.ts";
import type { RecordingLine } from "../../../src/recording/lines.ts";
import { pageOf } from "../../support/page.ts";
import { lockLine, metaLine, processLine, refusalLine, waitLine } from "../../support/recording.ts";

const NO_FILES = { script: "", style: "" };

function modelOf(...lines: readonly RecordingLine[]): Model {
  return new Model(pageOf([metaLine(), processLine(), ...lines], 3_000, {}, NO_FILES).collected.data);
}

test("what is of no known connection is not said to be of the only known one", () => {
  const note = (model: Model) => tracksOf(model, new Set(), 0).map((track) => track.note);
  expect(note(modelOf(lockLine()))).toEqual(["connection 1"]);
  expect(note(modelOf(lockLine(), refusalLine({ connection: null })))).toEqual(["connection 1, and unknown"]);
});

test("in a lane of several connections, a wait is below what another one holds", () => {
  const model = modelOf(lockLine({ connection: 2, fromMs: 900, toMs: 1_800 }), waitLine());
  const place = (unfolded: ReadonlySet<number>, kind: "lock" | "wait") =>
    placeOf(tracksOf(model, unfolded, 0), model, { kind, id: 0 });
  const [lock, wait] = [place(new Set(), "lock"), place(new Set(), "wait")];
  expect(wait?.track).toBe(lock?.track);
  expect(wait?.top).toBe((lock?.top ?? 0) + (lock?.height ?? 0) / 2);
  expect(wait?.height).toBe((lock?.height ?? 0) / 2);
  expect(place(new Set([0]), "wait")?.height).toBe(lock?.height);
  expect(place(new Set([0]), "wait")?.track).not.toBe(place(new Set([0]), "lock")?.track);
});

test("of a lower bound, the ends that are not known are open", () => {
  const model = modelOf(
    lockLine({ fromMs: 100 }),
    lockLine({ fromMs: 200, toMs: 300, atLeast: true }),
    lockLine({ fromMs: 400, toMs: null }),
    waitLine({ outcome: "still" }),
  );
  expect([0, 1, 2].map((id) => model.openEnds({ kind: "lock", id }))).toEqual(["none", "both", "right"]);
  expect(model.openEnds({ kind: "wait", id: 0 })).toBe("right");
});
