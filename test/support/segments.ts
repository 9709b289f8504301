/** The segments of a continuous recording, read as any reader does. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { bySegment, segmentOf } from "../../src/features/record/segments/names.ts";
import { RecordingReader } from "../../src/recording/document/reader.ts";
import type { MetaLine, RecordingLine } from "../../src/recording/lines.ts";
import { expectToFit } from "./schema.ts";

export interface ReadSegment {
  readonly name: string;
  readonly number: number;
  readonly run: string;
  readonly meta: MetaLine;
  readonly lines: readonly RecordingLine[];
  readonly isComplete: boolean;
}

/** Names in the order of time. */
export function segmentNames(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => ({ name, segment: segmentOf(name) }))
    .flatMap(({ name, segment }) => (segment === null ? [] : { name, segment }))
    .sort((a, b) => bySegment(a.segment, b.segment))
    .map(({ name }) => name);
}

/** Each must be whole, and fit the schema. To be called when nothing writes there any more. */
export function readSegments(folder: string): ReadSegment[] {
  return segmentNames(folder).map((name) => {
    const { number = 0, run = "", compressed } = segmentOf(name) ?? {};
    const bytes = readFileSync(join(folder, name));
    const text = (compressed === true ? gunzipSync(bytes) : bytes).toString("utf8");
    expect(text, name).toMatch(/\n$/);
    const lines: RecordingLine[] = [];
    const reader = new RecordingReader((line) => lines.push(line));
    reader.push(text);
    const { problems, refused, isComplete } = reader.end();
    expect({ name, problems, refused }).toEqual({ name, problems: [], refused: null });
    const written = text.trimEnd().split("\n");
    expectToFit("record", { schemaVersion: 1, sqlock: "0", lines: written.map((line) => JSON.parse(line) as unknown) });
    const [meta, clock] = lines;
    expect([meta, clock], name).toMatchObject([{ type: "meta", segment: number }, { type: "clock" }]);
    return { name, number, run, meta: meta as MetaLine, lines, isComplete };
  });
}
