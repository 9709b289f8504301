/** The live screen: watching, keys and drawing put together. */
import { isTerminal, offerOut, writeErr } from "../../terminal.ts";
import type { CommandProblem } from "../alert/commands.ts";
import { type AlertOptions, withAlerts } from "./alert/alerts.ts";
import type { WatchedDatabase } from "./databases.ts";
import type { WatchEvent, WatchSummary } from "./event.ts";
import type { HolderView } from "./holder-view.ts";
import {
  afterKey,
  type Frame,
  INITIAL_INTERACTION,
  type Interaction,
  type ScreenSize,
  selectedHolder,
  withSelection,
} from "./interaction.ts";
import type { Key } from "./keys.ts";
import { killSelected } from "./kill-selected.ts";
import type { LockReader } from "./lock-reader.ts";
import { Screen } from "./screen.ts";
import { onSignals } from "./signals.ts";
import { LiveState } from "./state.ts";
import { shownFile, type View } from "./view.ts";
import { Watch, type WatchListener } from "./watch.ts";

export interface LiveOptions {
  readonly databases: readonly WatchedDatabase[];
  /** Of these databases, not started; it is ended here. */
  readonly reader: LockReader;
  readonly intervalMs: number;
  readonly forMs: number | null;
  readonly renderScreen: (view: View, interaction: Interaction, size: ScreenSize) => Frame;
  readonly renderSummary: (summary: WatchSummary) => string;
  /** Null: none are wanted. */
  readonly alerts: LiveAlerts | null;
}

export interface LiveAlerts extends Pick<AlertOptions, "settings" | "messageOf"> {
  readonly renderProblem: (event: WatchEvent, problem: CommandProblem) => string;
}

/** Between two drawings, in ms: hold times grow. */
const DRAW_EVERY_MS = 200;

/** PgDn keeps a line in sight; title, heading and keys take the others. */
const PAGE_OVERLAP = 5;

/** Until q, --for or a signal; then the summary takes the place of the screen. @returns the exit code */
export async function runScreen({
  databases,
  reader,
  intervalMs,
  forMs,
  renderScreen,
  renderSummary,
  alerts: wanted,
}: LiveOptions): Promise<number> {
  const paths = databases.map(({ path }) => path);
  const state = new LiveState(paths, Date.now(), reader.kind);
  let killing = false;
  const signals = onSignals(() => killing);
  let interaction = INITIAL_INTERACTION;
  let view: View = state.view(Date.now());
  let finish: (code: number) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const finished = new Promise<number>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const draw = () => {
    if (!interaction.paused) view = state.view(Date.now(), watching.unreadMs);
    interaction = withSelection(view, interaction);
    const { lines, maxScroll } = renderScreen(view, interaction, screen.size);
    interaction = { ...interaction, scroll: Math.min(interaction.scroll, maxScroll) };
    if (!screen.draw(lines)) finish(0);
  };
  const onKey = (key: Key) => {
    if (key === "quit" && interaction.page === null) return finish(0);
    switch (key) {
      case "interrupt":
        finish(130);
        break;
      case "suspend":
        screen.suspend();
        break;
      case "redraw":
        screen.enter();
        break;
      case "kill": {
        const holder = interaction.page === null ? selectedHolder(view, interaction) : null;
        if (holder !== null) kill(holder).catch(fail);
        break;
      }
      default:
        interaction = afterKey(key, interaction, view, Math.max(1, screen.size.rows - PAGE_OVERLAP));
    }
    if (!killing) draw();
  };
  const kill = async (holder: HolderView) => {
    killing = true;
    const watched = databases.find(({ path }) => path === holder.path);
    const file = shownFile(view, holder, watched?.file ?? null);
    const selected = { path: holder.path, pid: holder.pid, file, refusal: watched?.refusal ?? null };
    const continues = await killSelected(selected, (start) => screen.leave(start));
    killing = false;
    if (!continues) return finish(130);
    screen.enter();
    draw();
  };
  const screen = new Screen({ onKey, onRedraw: draw });
  const listener: WatchListener = {
    onEvents: (events) => {
      // --for counts from the first reading on
      if (forMs !== null && timers.length === 1) timers.push(setTimeout(() => finish(0), forMs));
      state.addEvents(events);
    },
    onLook: (look) => state.addLook(look),
    onError: fail,
  };
  let isOver = false;
  const alerts =
    wanted === null
      ? null
      : withAlerts(listener, {
          ...wanted,
          paths,
          source: reader.kind,
          output: isTerminal(2) ? "nowhere" : "stderr",
          onProblem: (event, problem) => {
            if (isOver || !isTerminal(2)) writeErr(`sqlock: ${wanted.renderProblem(event, problem)}\n`);
            state.addProblem({ atMs: Date.now(), event, problem });
          },
          lookNow: () => watching.lookNow(),
        });
  const watching: Watch = new Watch(paths, intervalMs, reader, alerts?.listener ?? listener);
  const timers: NodeJS.Timeout[] = [setInterval(draw, DRAW_EVERY_MS)];
  signals.caught.then(finish);
  try {
    screen.open();
    draw();
    const code = await finished;
    screen.close();
    isOver = true;
    offerOut(renderSummary(await watching.stop()));
    alerts?.end();
    return code;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    screen.close();
    signals.dismiss();
    watching.end();
  }
}
