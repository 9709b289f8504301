/** The live screen: watching, keys and drawing put together. */
import type { Style } from "../../render/style.ts";
import { summaryText } from "../../render/watch/lines.ts";
import { type Interaction, render } from "../../render/watch/view.ts";
import { offerOut } from "../../terminal.ts";
import type { Key } from "./keys.ts";
import { killSelected } from "./kill-selected.ts";
import { Screen } from "./screen.ts";
import { onSignals } from "./signals.ts";
import { type HolderView, LiveState, type View } from "./state.ts";
import { Watch } from "./watch.ts";

export interface LiveOptions {
  readonly paths: readonly string[];
  readonly intervalMs: number;
  readonly forMs: number | null;
  readonly style: Style;
  /** What k does, with the screen left to it; false: to end it all. */
  readonly onKill?: (holder: HolderView) => Promise<boolean>;
}

/** Between two drawings, in ms, where no key is typed: hold times go on. */
const DRAW_EVERY_MS = 200;

/** Until q, --for or a signal; then prints the summary where the screen was. @returns the exit code */
export async function runScreen({
  paths,
  intervalMs,
  forMs,
  style,
  onKill = killSelected,
}: LiveOptions): Promise<number> {
  const state = new LiveState(paths, Date.now());
  let killing = false;
  const signals = onSignals(() => killing);
  let interaction: Interaction = { selected: null, paused: false, help: false };
  let view: View = state.view(Date.now());
  let finish: (code: number) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const finished = new Promise<number>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const draw = () => {
    if (!interaction.paused) view = state.view(Date.now());
    interaction = { ...interaction, selected: stillThere(view, interaction.selected) };
    if (!screen.draw(render(view, interaction, screen.size, style))) finish(0);
  };
  const onKey = (key: Key) => {
    if (key === "quit") finish(0);
    else if (key === "interrupt") finish(130);
    else if (key === "suspend") screen.suspend();
    else if (key === "redraw") screen.enter();
    else if (key === "kill") {
      const holder = selectedHolder(view, interaction);
      if (holder !== null) kill(holder).catch(fail);
    } else interaction = after(key, interaction, view);
    if (!killing) draw();
  };
  const kill = async (holder: HolderView) => {
    killing = true;
    screen.leave();
    const goesOn = await onKill(holder);
    killing = false;
    if (!goesOn) return finish(130);
    screen.enter();
    draw();
  };
  const screen = new Screen({ onKey, onRedraw: draw });
  const watching = new Watch(paths, intervalMs, {
    onEvents: (events) => state.add(events),
    onLook: (seen, unseen) => state.look(seen, unseen),
    onError: fail,
  });
  const timers = [setInterval(draw, DRAW_EVERY_MS), ...(forMs === null ? [] : [setTimeout(() => finish(0), forMs)])];
  signals.caught.then(finish);
  try {
    screen.open();
    draw();
    const code = await finished;
    screen.close();
    offerOut(summaryText(await watching.stop(), style));
    return code;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    screen.close();
    signals.dismiss();
    watching.end();
  }
}

function all(view: View): HolderView[] {
  return view.databases.flatMap(({ holders }) => holders);
}

function selectedHolder(view: View, { selected }: Interaction): HolderView | null {
  return all(view).find(({ path, pid }) => path === selected?.path && pid === selected.pid) ?? null;
}

/** The first one at the beginning, and where the selected one has gone. */
function stillThere(view: View, selected: Interaction["selected"]): Interaction["selected"] {
  const holders = all(view);
  return holders.find(({ path, pid }) => path === selected?.path && pid === selected.pid) ?? holders[0] ?? null;
}

function after(key: Key, interaction: Interaction, view: View): Interaction {
  const holders = all(view);
  const at = holders.findIndex(
    ({ path, pid }) => path === interaction.selected?.path && pid === interaction.selected.pid,
  );
  if (key === "pause") return { ...interaction, paused: !interaction.paused };
  if (key === "help") return { ...interaction, help: !interaction.help };
  if (key === "back") return { ...interaction, help: false };
  const next = key === "down" ? at + 1 : key === "up" ? at - 1 : at;
  return { ...interaction, selected: holders[Math.max(0, Math.min(holders.length - 1, next))] ?? null };
}
