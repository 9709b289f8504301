/** The name of a finding, of an entry or of a result code, given instead of a text. Pure. */

import { FINDING_IDS } from "../../findings/index.ts";
import type { FindingId } from "../../model/report.ts";
import { MANY } from "./codes.ts";
import type { Entry, ExtendedCode } from "./entry.ts";

export type Lookup =
  /** `disk-full` is a message as well. */
  | { readonly kind: "finding"; readonly id: FindingId; readonly entry: Entry | null }
  | { readonly kind: "entry"; readonly entry: Entry }
  /** Messages with this code, of which there may be several. */
  | { readonly kind: "code"; readonly entries: readonly [Entry, ...Entry[]]; readonly extended: ExtendedCode | null }
  /** A code that stands for many errors, these among them. */
  | { readonly kind: "many-codes"; readonly entries: readonly Entry[] }
  /** A code that no message here has. */
  | { readonly kind: "unknown-code"; readonly code: string };

/** Null where the text is no name. */
export function lookUp(text: string, entries: readonly Entry[]): Lookup | null {
  const name = text.trim();
  const finding = /^(?:(?:error|warning|info) )?([a-z][a-z-]+):?$/.exec(name.toLowerCase())?.[1];
  const id = FINDING_IDS.find((each) => each === finding);
  const entry = entries.find((each) => each.id === name.toLowerCase()) ?? null;
  if (id !== undefined) return { kind: "finding", id, entry };
  if (entry !== null) return { kind: "entry", entry };
  const code =
    /^(?:(?:sqlite |result |error |extended )*(?:code|error|rc|errcode)? ?[:=]? ?(\d{1,5})|(sqlite_[a-z0-9_]+))$/i.exec(
      name,
    );
  if (code === null) return null;
  return byCode(code[1] === undefined ? (code[2] ?? "").toUpperCase() : Number(code[1]), entries);
}

function byCode(code: string | number, entries: readonly Entry[]): Lookup {
  const is = (each: { readonly name: string; readonly number: number }) => each.name === code || each.number === code;
  const extended = entries.flatMap((entry) => entry.extended.filter(is).map((each) => ({ entry, each })))[0];
  if (extended !== undefined) return { kind: "code", entries: [extended.entry], extended: extended.each };
  const [first, ...more] = entries.filter((entry) => entry.code !== null && is(entry.code));
  if (first?.code !== undefined && first.code !== null && MANY.has(first.code.name))
    return { kind: "many-codes", entries: [first, ...more] };
  if (first !== undefined) return { kind: "code", entries: [first, ...more], extended: null };
  return { kind: "unknown-code", code: String(code) };
}
