/** The message that is explained, and the others of the text. Pure. */
import { withoutMeaning } from "./codes.ts";
import type { Entry, ExtendedCode } from "./entry.ts";
import type { Message, OtherMessage } from "./explanation.ts";
import type { RaisedAt } from "./frames/index.ts";
import { libraryOf } from "./libraries.ts";
import type { Lookup } from "./lookup.ts";
import type { LibraryRead, Reading } from "./reading.ts";
import type { Recognition, Tally } from "./recognise.ts";

/** The extended code of most occurrences: one that only a few have says nothing about the others. */
export function commonExtendedCode(readings: readonly Reading[]): ExtendedCode | null {
  return (
    readings.find(
      ({ extended }) =>
        extended !== null && readings.filter((each) => each.extended === extended).length * 2 > readings.length,
    )?.extended ?? null
  );
}

/** The library that printed it, else its language; null where neither is known. */
export function speakerOf(reading: Reading | undefined): string | null {
  return reading?.library?.id ?? reading?.language ?? null;
}

export function messageOf(
  entry: Entry,
  extended: ExtendedCode | null,
  tally: Tally | undefined,
  reading: Reading | undefined,
): Message {
  return {
    id: entry.id,
    title: entry.title,
    code: entry.code === null ? null : withoutMeaning(entry.code),
    extended: extended === null ? null : { ...withoutMeaning(extended), meaning: extended.meaning },
    meaning: entry.meaning,
    library: reading?.library ? libraryText(reading.library) : null,
    language: reading?.language ?? null,
    found:
      tally === undefined || reading === undefined
        ? null
        : { line: reading.line, text: reading.text, count: tally.count },
    alsoSaidBy: alsoSaidBy(tally?.readings ?? [], reading),
    raisedAt: reading?.raisedAt ?? null,
    alsoRaisedAt: alsoRaisedAt(tally?.readings ?? [], reading),
  };
}

/** The first occurrence of each other library, or language where the library is not known. */
function alsoSaidBy(readings: readonly Reading[], shown: Reading | undefined): Message["alsoSaidBy"] {
  const listed = new Set([speakerOf(shown), shown?.language ?? null, null]);
  return readings.flatMap((reading) => {
    if (listed.has(speakerOf(reading))) return [];
    listed.add(speakerOf(reading));
    return [{ library: reading.library?.id ?? null, language: reading.language, line: reading.line }];
  });
}

function alsoRaisedAt(readings: readonly Reading[], shown: Reading | undefined): Message["alsoRaisedAt"] {
  const keyOf = (at: RaisedAt | null | undefined) => (at ? `${at.file}:${at.line}` : "");
  const places = new Map<string, RaisedAt & { count: number }>();
  for (const { raisedAt } of readings) {
    if (raisedAt === null || keyOf(raisedAt) === keyOf(shown?.raisedAt)) continue;
    const place = places.get(keyOf(raisedAt)) ?? { ...raisedAt, count: 0 };
    place.count++;
    places.set(keyOf(raisedAt), place);
  }
  return [...places.values()].sort((a, b) => b.count - a.count);
}

function libraryText({ id, from, line }: LibraryRead): NonNullable<Message["library"]> {
  const { name, language } = libraryOf(id);
  return { id, name, language, from, line };
}

/** Other messages of the text, and other codes of the same; for a code, other messages that have it. */
export function otherMessages(
  recognition: Recognition | null,
  named: Lookup | null,
  shown: ExtendedCode | null,
): OtherMessage[] {
  if (named?.kind === "code")
    return named.entries.slice(1).map(({ id, title }) => ({ id, title, extended: null, count: 0, line: null }));
  const [first, ...rest] = recognition?.tallies ?? [];
  if (first === undefined) return [];
  const codes = new Set(
    first.readings.flatMap(({ extended }) => (extended === null || extended === shown ? [] : extended)),
  );
  const sameMessage = [...codes].map((code) => {
    const readings = first.readings.filter((each) => each.extended === code);
    return otherMessage(first.entry, code, readings.length, readings);
  });
  const others = rest.map(({ entry, count, readings }) =>
    otherMessage(entry, commonExtendedCode(readings), count, readings),
  );
  return [...sameMessage, ...others];
}

function otherMessage(
  { id, title }: Entry,
  extended: ExtendedCode | null,
  count: number,
  readings: readonly Reading[],
): OtherMessage {
  const code = extended === null ? null : withoutMeaning(extended);
  return { id, title, extended: code, count, line: readings[0]?.line ?? null };
}
