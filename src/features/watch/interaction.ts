/** What the keys have done to the screen. Pure. */
import type { HolderView } from "./holder-view.ts";
import type { Key } from "./keys.ts";
import type { FindingView } from "./seen-findings.ts";
import type { View } from "./view.ts";

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is drawn. */
export interface Frame {
  readonly lines: readonly string[];
  /** How far the page can be scrolled; 0 without one. */
  readonly maxScroll: number;
}

/** What takes the place of the databases, and can be scrolled. */
export type Page =
  | { readonly kind: "help" }
  /** The findings as they were when the page was opened: a text must not change while it is read. */
  | { readonly kind: "findings"; readonly atMs: number; readonly findings: readonly FindingView[] };

export interface Interaction {
  readonly selected: { readonly path: string; readonly pid: number } | null;
  readonly paused: boolean;
  readonly page: Page | null;
  /** How many lines of the page are above the screen; Infinity for its end. */
  readonly scroll: number;
}

export const INITIAL_INTERACTION: Interaction = { selected: null, paused: false, page: null, scroll: 0 };

/** Those that only change what is shown. */
export type ViewKey = Exclude<Key, "interrupt" | "suspend" | "redraw" | "kill">;

export function selectedHolder(view: View, { selected }: Interaction): HolderView | null {
  return holdersOf(view).find((holder) => isSelected(holder, selected)) ?? null;
}

/** Selects the first holder where none is selected, or the selected one is gone. */
export function withSelection(view: View, interaction: Interaction): Interaction {
  const holder = selectedHolder(view, interaction) ?? holdersOf(view)[0] ?? null;
  return { ...interaction, selected: holder === null ? null : { path: holder.path, pid: holder.pid } };
}

/** `pageRows`: how many lines or processes PgUp and PgDn move by. */
export function afterKey(key: ViewKey, interaction: Interaction, view: View, pageRows: number): Interaction {
  if (key === "pause") return { ...interaction, paused: !interaction.paused };
  return interaction.page === null
    ? afterKeyOnDatabases(key, interaction, view, pageRows)
    : afterKeyOnPage(key, interaction, interaction.page, view, pageRows);
}

function afterKeyOnDatabases(key: ViewKey, interaction: Interaction, view: View, pageRows: number): Interaction {
  switch (key) {
    case "space":
      return { ...interaction, paused: !interaction.paused };
    case "help":
      return { ...interaction, page: { kind: "help" }, scroll: 0 };
    case "findings":
    case "enter":
      return { ...interaction, page: findingsPage(view, interaction), scroll: 0 };
    case "down":
      return moved(1, interaction, view);
    case "up":
      return moved(-1, interaction, view);
    case "page-down":
      return moved(pageRows, interaction, view);
    case "page-up":
      return moved(-pageRows, interaction, view);
    case "first":
      return moved(Number.NEGATIVE_INFINITY, interaction, view);
    case "last":
      return moved(Number.POSITIVE_INFINITY, interaction, view);
    default:
      return interaction;
  }
}

function afterKeyOnPage(key: ViewKey, interaction: Interaction, page: Page, view: View, pageRows: number): Interaction {
  const closed = { ...interaction, page: null, scroll: 0 };
  const scrolled = (by: number) => ({ ...interaction, scroll: Math.max(0, interaction.scroll + by) });
  switch (key) {
    case "quit":
    case "escape":
    case "enter":
      return closed;
    case "help":
      return page.kind === "help" ? closed : { ...interaction, page: { kind: "help" }, scroll: 0 };
    case "findings":
      return page.kind === "findings" ? closed : { ...interaction, page: findingsPage(view, interaction), scroll: 0 };
    case "down":
      return scrolled(1);
    case "up":
      return scrolled(-1);
    case "space":
    case "page-down":
      return scrolled(pageRows);
    case "page-up":
      return scrolled(-pageRows);
    case "first":
      return { ...interaction, scroll: 0 };
    case "last":
      return { ...interaction, scroll: Number.POSITIVE_INFINITY };
    default:
      return interaction;
  }
}

/** Those of the selected process come first. */
function findingsPage(view: View, { selected }: Interaction): Page {
  const all = view.databases.flatMap(({ findings }) => findings);
  const isOfSelected = ({ path, finding }: FindingView) =>
    selected !== null && path === selected.path && finding.pids.includes(selected.pid);
  const findings = [...all.filter(isOfSelected), ...all.filter((each) => !isOfSelected(each))];
  return { kind: "findings", atMs: view.nowMs, findings };
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
