/** Whether the super-journal that a journal names proves a commit: decided here alone. Pure. Source: `pager.c`. */

/** A super-journal is not where the journal says, and nothing proves that the transaction was committed. */
export interface MissingSuperJournal {
  /** As the journal names it: a path of the program that wrote it, which may see other folders. */
  readonly name: string;
  /** It lies beside the database under this path: its transaction was not committed. Null: that is not known. */
  readonly beside: string | null;
}

/**
 * `there`, `beside`: not committed. `gone`: committed. `unknown`: the path may lead elsewhere here. `no-answer`: SQLite
 * would wait for it.
 */
export type SuperJournalState = SuperJournalVerdict | "no-answer";

type SuperJournalVerdict = "there" | "gone" | "beside" | "unknown";

/** What was found of it. Null: it may not be looked at. */
export interface SuperJournalSigns {
  /** Something has the path that the journal names. */
  readonly there: boolean | null;
  /** A super-journal of the same file name lies in the folder of the database. */
  readonly beside: boolean;
  /** The folder that the name has is the folder of the database, by whichever path. */
  readonly sameFolder: boolean | null;
  /** The database after which the super-journal is named is in that folder. */
  readonly mainThere: boolean | null;
}

/**
 * That nothing has the path proves a commit only where the path leads into the database's own folder, and the database
 * is there after which it is named. Else the path may be one inside a container, or of a folder that was moved.
 */
export function superJournalState({ there, beside, sameFolder, mainThere }: SuperJournalSigns): SuperJournalVerdict {
  if (there === true) return "there";
  if (beside) return "beside";
  return there === false && sameFolder === true && mainThere === true ? "gone" : "unknown";
}

/** Null where SQLite, opened here, does not take the transaction for committed, or does so rightly. */
export function missingSuperJournal(
  name: string,
  state: SuperJournalState,
  besidePath: string,
): MissingSuperJournal | null {
  if (state !== "beside" && state !== "unknown") return null;
  return { name, beside: state === "beside" ? besidePath : null };
}

/** Whether the transaction was committed; null where that is not known. */
export function isCommitted(state: SuperJournalState): boolean | null {
  return state === "unknown" || state === "no-answer" ? null : state === "gone";
}
