/** One line of a recording's file. Pure. */
import { zoneOrOffset } from "../history/zone.ts";
import { RECORDING_VERSION, type RecordingLine } from "../lines.ts";
import { type Checked, checkOf, isObject, text } from "./shape.ts";
import { SHAPES } from "./shapes.ts";

/** Why a line was left out. */
export type ReadProblem =
  | { readonly line: number; readonly kind: "not-json"; readonly text: string }
  | { readonly line: number; readonly kind: "too-long" }
  /** The file ends in the middle of it: the recorder was killed. */
  | { readonly line: number; readonly kind: "cut" }
  /** Of a later version of sqlock. */
  | { readonly line: number; readonly kind: "unknown-type"; readonly type: string }
  | { readonly line: number; readonly kind: "bad-field"; readonly type: string; readonly field: string };

export interface ReadLine {
  /** Null where `problem` is not, for an empty line and for the summary. */
  readonly line: RecordingLine | null;
  readonly problem: ReadProblem | null;
  readonly isSummary?: true;
  /** `meta` of a later schema. */
  readonly newer?: number;
}

/** In an error. */
const QUOTED = 80;

const CHECKS: ReadonlyMap<string, (value: Record<string, unknown>) => Checked> = new Map(
  Object.entries(SHAPES).map(([type, { needed, optional }]) => [type, checkOf({ type: text, ...needed }, optional)]),
);

const EMPTY: ReadLine = { line: null, problem: null };

/** `number` is that of the line, from 1 on. */
export function readLine(json: string, number: number): ReadLine {
  if (json === "") return EMPTY;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return bad({ line: number, kind: "not-json", text: json.slice(0, QUOTED) });
  }
  if (!isObject(value) || typeof value["type"] !== "string") {
    return bad({ line: number, kind: "not-json", text: json.slice(0, QUOTED) });
  }
  const type = value["type"];
  if (type === "summary") return { ...EMPTY, isSummary: true };
  const check = CHECKS.get(type);
  if (check === undefined) return bad({ line: number, kind: "unknown-type", type: type.slice(0, QUOTED) });
  const version = value["schemaVersion"];
  if (type === "meta" && typeof version === "number" && version > RECORDING_VERSION)
    return { ...EMPTY, newer: version };
  const result = check(type === "meta" ? withZone(value) : value);
  if ("field" in result) return bad({ line: number, kind: "bad-field", type, field: result.field });
  return { line: result.value as unknown as RecordingLine, problem: null };
}

/** Where the recorder, or this system, does not know the name of its zone. */
function withZone(meta: Record<string, unknown>): Record<string, unknown> {
  const { zone, startedAt } = meta;
  if ((zone !== undefined && typeof zone !== "string") || typeof startedAt !== "string") return meta;
  return { ...meta, zone: zoneOrOffset(zone, startedAt) };
}

function bad(problem: ReadProblem): ReadLine {
  return { line: null, problem };
}
