/** Whether a transaction is open after a call: what the driver says, else what the words mean. */
import type { SqlFacts } from "./sql.ts";

export interface WordState {
  readonly isOpen: boolean;
  /** The savepoint that opened it: its release is a commit. */
  readonly savepoint: string | undefined;
}

const CLOSED: WordState = { isOpen: false, savepoint: undefined };

export function stateAfter(
  before: WordState,
  { controls }: SqlFacts,
  { isOpen, result }: { readonly isOpen: boolean | undefined; readonly result: string | null },
): WordState {
  if (isOpen !== undefined) return isOpen === before.isOpen ? before : { isOpen, savepoint: undefined };
  if (result !== null) return before; // a failed BEGIN begins nothing, a failed COMMIT leaves it open
  let state = before;
  for (const { kind, name } of controls) {
    if (kind === "commit" || kind === "rollback") state = CLOSED;
    else if (kind === "release") state = name === state.savepoint ? CLOSED : state;
    else if (!state.isOpen) state = { isOpen: true, savepoint: kind === "savepoint" ? name : undefined };
  }
  return state;
}
