/** The list that is picked from with the keyboard: what each key does to it. Pure. */

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
}

export interface KeyPress {
  readonly name?: string | undefined;
  readonly char?: string | undefined;
}

/** Nothing is marked; the cursor is on the first one. */
export function startPick(choices: readonly Choice[]): PickState {
  return { choices, cursor: 0, marked: new Set(), filter: "", filtering: false };
}

export function shownChoices({ choices, filter }: PickState): readonly Choice[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
}

export function pressed(state: PickState, { name, char }: KeyPress): PickState {
  if (state.filtering) return inFilter(state, { name, char });
  switch (name) {
    case "up":
      return moved(state, -1);
    case "down":
      return moved(state, 1);
    case "space":
      return toggled(state);
    default:
  }
  if (char === "k") return moved(state, -1);
  if (char === "j") return moved(state, 1);
  return char === "/" ? { ...state, filtering: true } : state;
}

function inFilter(state: PickState, { name, char }: KeyPress): PickState {
  if (name === "return") return { ...state, filtering: false };
  if (name === "up" || name === "down") return moved(state, name === "up" ? -1 : 1);
  if (name === "backspace") return { ...state, filter: state.filter.slice(0, -1), cursor: 0 };
  if (char === undefined || char.length !== 1 || char < " " || char === "\u007f") return state;
  return { ...state, filter: state.filter + char, cursor: 0 };
}

function moved(state: PickState, by: number): PickState {
  const { length } = shownChoices(state);
  return length === 0 ? state : { ...state, cursor: (state.cursor + by + length) % length };
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

/** Whether Enter ends the prompt: it only leaves the filter, and does nothing where nothing is shown. */
export function submits(state: PickState): boolean {
  return !state.filtering && takenBy(state).length > 0;
}
