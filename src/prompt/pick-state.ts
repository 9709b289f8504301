/** The list that is picked from with the keyboard: what each key does to it. Pure. */
import type { KeyPress } from "./key.ts";

export interface Choice {
  readonly id: string;
  readonly label: string;
}

export interface PickState {
  readonly choices: readonly Choice[];
  /** Index among those that are shown. */
  readonly cursor: number;
  readonly marked: ReadonlySet<string>;
  readonly filter: string;
  /** The keys go into the filter. */
  readonly filtering: boolean;
  /** The keys are shown in place of the list. */
  readonly help: boolean;
}

/** Nothing is marked; the cursor is on the first one. */
export function startPick(choices: readonly Choice[]): PickState {
  return { choices, cursor: 0, marked: new Set(), filter: "", filtering: false, help: false };
}

export function shownChoices({ choices, filter }: PickState): readonly Choice[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
}

/** `page`: how many rows of the list are shown at once. @returns null where the key leaves the list */
export function pressed(state: PickState, key: KeyPress, page: number): PickState | null {
  if (state.help) return { ...state, help: false };
  const moved = movedBy(state, key, page);
  if (moved !== null) return moved;
  return state.filtering ? inFilter(state, key) : inList(state, key);
}

function inList(state: PickState, { name, char }: KeyPress): PickState | null {
  if (name === "escape") return null;
  if (name === "space") return toggled(state);
  switch (char) {
    case "k":
      return stepped(state, -1);
    case "j":
      return stepped(state, 1);
    case "/":
      return { ...state, filtering: true };
    case "?":
      return { ...state, help: true };
    default:
      return state;
  }
}

function inFilter(state: PickState, { name, char }: KeyPress): PickState {
  if (name === "return") return { ...state, filtering: false };
  if (name === "escape") return { ...state, filter: "", filtering: false, cursor: 0 };
  if (name === "backspace") return { ...state, filter: [...state.filter].slice(0, -1).join(""), cursor: 0 };
  if (char === undefined || [...char].length !== 1 || char < " " || char === "\u007f") return state;
  return { ...state, filter: state.filter + char, cursor: 0 };
}

/** Null for a key that moves no cursor. */
function movedBy(state: PickState, { name }: KeyPress, page: number): PickState | null {
  switch (name) {
    case "up":
      return stepped(state, -1);
    case "down":
      return stepped(state, 1);
    case "pageup":
      return movedTo(state, state.cursor - page);
    case "pagedown":
      return movedTo(state, state.cursor + page);
    case "home":
      return movedTo(state, 0);
    case "end":
      return movedTo(state, Number.POSITIVE_INFINITY);
    default:
      return null;
  }
}

/** From one end of the list to the other. */
function stepped(state: PickState, by: -1 | 1): PickState {
  const { length } = shownChoices(state);
  return length === 0 ? state : { ...state, cursor: (state.cursor + by + length) % length };
}

function movedTo(state: PickState, index: number): PickState {
  return { ...state, cursor: Math.max(0, Math.min(index, shownChoices(state).length - 1)) };
}

function toggled(state: PickState): PickState {
  const choice = shownChoices(state)[state.cursor];
  if (choice === undefined) return state;
  const marked = new Set(state.marked);
  if (!marked.delete(choice.id)) marked.add(choice.id);
  return { ...state, marked };
}

/** The ids of those that are marked, in the order of the list; with none marked, of the one at the cursor. */
export function takenBy(state: PickState): string[] {
  if (state.marked.size > 0) return state.choices.filter(({ id }) => state.marked.has(id)).map(({ id }) => id);
  const current = shownChoices(state)[state.cursor];
  return current === undefined ? [] : [current.id];
}

/** Whether Enter takes them: it closes the help, leaves the filter, and does nothing where nothing is shown. */
export function submits(state: PickState): boolean {
  return !state.help && !state.filtering && takenBy(state).length > 0;
}
