/** What can be done to the timeline, by key or by button. */

export interface TimelineActions {
  /** Above 1: nearer. */
  readonly zoom: (factor: number) => void;
  readonly showAll: () => void;
  /** By a part of what is shown; below 0: earlier. */
  readonly pan: (part: number) => void;
  /** To the next bar of the lane, or to the one before. */
  readonly step: (by: 1 | -1) => void;
  readonly stepTrack: (by: 1 | -1) => void;
  /** To a wait that is so many places shorter. */
  readonly toLongest: (by: number) => void;
  readonly unfoldAll: () => void;
  readonly showKeys: () => void;
  readonly enter: () => void;
  readonly close: () => void;
}

type Act = (actions: TimelineActions) => void;

const PART = 0.2;

const SHIFTED: ReadonlyMap<string, Act> = new Map<string, Act>([
  ["ArrowLeft", ({ pan }) => pan(-PART)],
  ["ArrowRight", ({ pan }) => pan(PART)],
]);

const KEYS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ["+", ({ zoom }) => zoom(2)],
  ["=", ({ zoom }) => zoom(2)],
  ["-", ({ zoom }) => zoom(0.5)],
  ["0", ({ showAll }) => showAll()],
  ["Home", ({ showAll }) => showAll()],
  ["ArrowRight", ({ step }) => step(1)],
  ["ArrowLeft", ({ step }) => step(-1)],
  ["ArrowDown", ({ stepTrack }) => stepTrack(1)],
  ["ArrowUp", ({ stepTrack }) => stepTrack(-1)],
  ["n", ({ toLongest }) => toLongest(1)],
  ["p", ({ toLongest }) => toLongest(-1)],
  ["c", ({ unfoldAll }) => unfoldAll()],
  ["?", ({ showKeys }) => showKeys()],
  ["Enter", ({ enter }) => enter()],
  [" ", ({ enter }) => enter()],
  ["Escape", ({ close }) => close()],
]);

/** Null: the key means nothing here. */
export function actOf(key: string, isShifted: boolean): Act | null {
  return (isShifted ? SHIFTED.get(key) : undefined) ?? KEYS.get(key) ?? null;
}
