/** What the keys have done to the screen. Pure. */
import type { HolderView } from "./holder-view.ts";
import type { KeyAction } from "./keys.ts";
import type { View } from "./state.ts";

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Interaction {
  readonly selected: { readonly path: string; readonly pid: number } | null;
  readonly paused: boolean;
  readonly help: boolean;
}

export const INITIAL_INTERACTION: Interaction = { selected: null, paused: false, help: false };

export function selectedHolder(view: View, { selected }: Interaction): HolderView | null {
  return holdersOf(view).find((holder) => isSelected(holder, selected)) ?? null;
}

/** Selects the first holder where none is selected, or the selected one is gone. */
export function withSelection(view: View, interaction: Interaction): Interaction {
  const holder = selectedHolder(view, interaction) ?? holdersOf(view)[0] ?? null;
  return { ...interaction, selected: holder === null ? null : { path: holder.path, pid: holder.pid } };
}

/** After a key that changes only what is shown. */
export function afterKey(
  key: Extract<KeyAction, "pause" | "help" | "back" | "down" | "up">,
  interaction: Interaction,
  view: View,
): Interaction {
  switch (key) {
    case "pause":
      return { ...interaction, paused: !interaction.paused };
    case "help":
      return { ...interaction, help: !interaction.help };
    case "back":
      return { ...interaction, help: false };
    case "down":
      return moved(1, interaction, view);
    case "up":
      return moved(-1, interaction, view);
  }
}

function moved(by: number, interaction: Interaction, view: View): Interaction {
  const holders = holdersOf(view);
  const at = holders.findIndex((holder) => isSelected(holder, interaction.selected)) + by;
  const holder = holders[Math.max(0, Math.min(holders.length - 1, at))];
  return { ...interaction, selected: holder === undefined ? null : { path: holder.path, pid: holder.pid } };
}

export function isSelected({ path, pid }: HolderView, selected: Interaction["selected"]): boolean {
  return path === selected?.path && pid === selected.pid;
}

function holdersOf(view: View): HolderView[] {
  return view.databases.flatMap(({ holders }) => holders);
}
