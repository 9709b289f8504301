/** The topics that a few words are about, or that mistyped ones are likely about. Pure. */
import type { Topic } from "./topic.ts";
import { TOPICS } from "./topics/index.ts";

/** More words than this are a text. */
const MAX_WORDS = 5;

const WORDS = new Map(TOPICS.flatMap((topic) => topic.words.map((word) => [word, topic] as const)));

/** They narrow nothing down. */
const FILLERS = new Set(
  (
    "a an the is are was it in of on to for my not no left and or with without by at does do why what how mean means " +
    "mode sqlite sqlite3 database databases db file files folder error errors exception problem issue device"
  ).split(" "),
);

/** The topics of all words, in their order; [] where one of them is of no topic. */
export function topicsOf(text: string): Topic[] {
  return topicsBy(text, (word) => WORDS.get(word) ?? WORDS.get(word.replace(/^-|s$/g, "")));
}

/** The topics whose words are most similar to mistyped ones. */
export function nearestTopics(text: string): Topic[] {
  return topicsBy(text, (word) => WORDS.get(word) ?? similarTo(word));
}

function topicsBy(text: string, topicOf: (word: string) => Topic | undefined): Topic[] {
  const words = (
    text
      .toLowerCase()
      .slice(0, 200)
      .match(/[\p{L}\p{N}_./-]+/gu) ?? []
  )
    .map((word) => word.replace(/^\.+|[.]+$/g, ""))
    .filter((word) => word !== "" && !FILLERS.has(word));
  if (words.length > MAX_WORDS) return [];
  const topics = words.map(topicOf);
  return topics.every((topic) => topic !== undefined) ? [...new Set(topics)] : [];
}

function similarTo(word: string): Topic | undefined {
  let best: { readonly topic: Topic; readonly distance: number } | undefined;
  for (const [known, topic] of WORDS) {
    const most = known.length <= 5 ? 1 : 2;
    if (known.length < 3 || known[0] !== word[0] || Math.abs(known.length - word.length) > most) continue;
    const distance = distanceOf(word, known);
    if (distance <= most && distance < (best?.distance ?? most + 1)) best = { topic, distance };
  }
  return best?.topic;
}

/** How many letters were left out, added, replaced or exchanged with the next one. */
function distanceOf(a: string, b: string): number {
  let [before, last]: [readonly number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, exchanged, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
