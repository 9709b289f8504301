/** Looks again, shortly after, where one look cannot tell a database at work from one that is stuck. */
import { type Related, relate } from "../model/relate.ts";
import { type Look, mayLetGoSoon, needsAnotherLook, needsSecondLook, withMoreLooks } from "../model/several-looks.ts";
import type { Snapshot, Target } from "../model/snapshot.ts";
import { sleep, uptimeMs } from "../time.ts";

/** Before the second look, in ms: a writer that commits for every request does so several times. */
const PAUSE_MS = 50;

/** Where two looks are not enough, there are at most so many more, with a shorter pause, in ms. */
const MORE_LOOKS = 5;
const SHORT_PAUSE_MS = 7;

/** One that may work in short transactions is looked at for so long, in ms, until it is seen to let go. */
const PATIENCE_MS = 600;
const PATIENT_PAUSE_MS = 20;

type LookAgain = (
  targets: readonly Target[],
  pids: readonly number[],
  known: Snapshot["processes"],
) => Promise<Snapshot>;

/**
 * `related`: by database of `snapshot`. Those that one look is enough for are left as they are. `brief`: a program that
 * may let go soon is not waited for.
 */
export async function withMoreLooksWhereNeeded(
  related: readonly Related[],
  snapshot: Snapshot,
  lookAgain: LookAgain,
  { staleAfterMs, brief = false }: { readonly staleAfterMs: number; readonly brief?: boolean },
): Promise<Related[]> {
  const looks = new Map<number, [Look, ...Look[]]>();
  for (const [i, database] of related.entries())
    if (needsSecondLook(database))
      looks.set(i, [
        {
          database,
          commits: snapshot.databases[i]?.facts.commits ?? null,
          atMs: snapshot.takenAt.getTime(),
          partial: snapshot.partialView,
        },
      ]);
  const startedMs = uptimeMs();
  const look = async (asked: readonly number[], known = snapshot.processes) => {
    const targets = asked.flatMap((i) => snapshot.databases[i]?.target ?? []);
    const next = await lookAgain(targets, [...snapshot.processes.keys()], known);
    for (const [k, i] of asked.entries()) {
      const seen = next.databases[k];
      if (seen !== undefined)
        looks.get(i)?.push({
          database: relate(seen, next, staleAfterMs),
          commits: seen.facts.commits,
          atMs: next.takenAt.getTime(),
          partial: next.partialView,
          mayMiss: next.locksReadInPart === true && snapshot.locksReadInPart !== true,
        });
    }
  };
  let asked = [...looks.keys()];
  for (let more = 0; asked.length > 0 && more <= MORE_LOOKS; more++) {
    await sleep(more === 0 ? PAUSE_MS : SHORT_PAUSE_MS);
    await look(asked);
    asked = asked.filter((i) => needsAnotherLook(looks.get(i) ?? []));
  }
  asked = brief ? [] : [...looks.keys()].filter((i) => mayLetGoSoon(looks.get(i) ?? []));
  while (asked.length > 0 && uptimeMs() - startedMs < PATIENCE_MS) {
    await sleep(PATIENT_PAUSE_MS);
    await look(asked);
    asked = asked.filter((i) => mayLetGoSoon(looks.get(i) ?? []));
  }
  // By now it may have been asleep for longer: only a process that is read anew shows that.
  if (asked.length > 0) await look(asked, new Map());
  return related.map((database, i) => {
    const of = looks.get(i);
    return of === undefined ? database : withMoreLooks(database, of);
  });
}
