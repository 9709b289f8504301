/** The messages that are most similar to a text in which none was recognised. Pure. */
import type { Entry } from "./entry.ts";

/** This share of a message's trigrams must be in the line. */
const MIN_SHARE = 0.5;
const MAX_RESULTS = 3;

export function nearest(lines: readonly string[], entries: readonly Entry[]): Entry[] {
  const texts = lines.map(trigrams).filter((each) => each.size > 0);
  return entries
    .map((entry) => ({ entry, score: Math.max(0, ...texts.map((text) => share(trigrams(entry.title), text))) }))
    .filter(({ score }) => score >= MIN_SHARE)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_RESULTS)
    .map(({ entry }) => entry);
}

/** The ids, of findings as well, that are most similar to one mistyped word. */
export function nearestIds<Id extends string>(text: string, ids: readonly Id[]): Id[] {
  if (!/^[a-z]+(?:-[a-z]+)+$/i.test(text.trim())) return [];
  const own = trigrams(text);
  return ids
    .map((id) => ({ id, score: share(trigrams(id), own) }))
    .filter(({ score }) => score >= MIN_SHARE)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_RESULTS)
    .map(({ id }) => id);
}

/** Pieces of three characters, many of which a mistyped word shares with the right one. */
function trigrams(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const padded = words.map((word) => ` ${word} `).join("");
  return new Set(Array.from({ length: Math.max(0, padded.length - 2) }, (_, i) => padded.slice(i, i + 3)));
}

function share(title: ReadonlySet<string>, text: ReadonlySet<string>): number {
  if (title.size === 0) return 0;
  return [...title].filter((piece) => text.has(piece)).length / title.size;
}
