/** Alerts beside the watching: they come into its stream of events, and their command is run. */
import type { SourceKind } from "../../../recording/source.ts";
import { commandOf } from "../../../text/holder.ts";
import { AlertCommands, type CommandOptions, type CommandProblem } from "../../alert/commands.ts";
import { type WatchEvent, watchEvent } from "../event.ts";
import type { WatchListener } from "../watch.ts";
import type { Alert } from "./alert.ts";
import type { AlertSettings } from "./settings.ts";
import { type AlertLook, AlertTracker } from "./tracker.ts";
import { variablesOf } from "./variables.ts";

export interface AlertOptions {
  readonly settings: AlertSettings;
  readonly paths: readonly string[];
  readonly source: SourceKind;
  readonly output: CommandOptions<Alert>["output"];
  /** The line of an alert, without its time. */
  readonly messageOf: (event: WatchEvent) => string;
  readonly onProblem: (event: WatchEvent, problem: CommandProblem) => void;
  readonly lookNow: () => void;
}

export interface Alerts {
  /** In place of the one that was given. */
  readonly listener: WatchListener;
  /** No command is started any more. */
  readonly end: () => void;
}

/** A look waits for so many messages of the readings at most: their clock may be behind that of the looks. */
const MAX_WAITS = 10;

export function withAlerts(listener: WatchListener, options: AlertOptions): Alerts {
  const { settings, paths, source, output, messageOf, onProblem, lookNow } = options;
  const tracker = new AlertTracker(paths, settings.afterMs, source === "kernel");
  const commands =
    settings.command === null
      ? null
      : new AlertCommands<Alert>({
          command: settings.command,
          output,
          variablesOf: (alert) => variablesOf(alert, messageOf(alertEvent(alert))),
          nowOf: (alert) => {
            const hold = tracker.holdOf(alert);
            return hold === null ? null : { ...alert, ...hold };
          },
          onProblem: (alert, problem) => onProblem(alertEvent(alert), problem),
        });
  let look: AlertLook | null = null;
  let waits = 0;
  const onRead = (untilMs: number) => {
    // events until the look must be known: it may have found a lock that was released and taken again
    const isDue = look !== null && (look.atMs <= untilMs || ++waits > MAX_WAITS);
    const alerts = look === null || !isDue ? [] : tracker.addLook(look, untilMs);
    if (isDue) look = null;
    if (alerts.length > 0) listener.onEvents(alerts.map(alertEvent));
    for (const alert of alerts) commands?.add(alert);
    if (tracker.needsLook(untilMs)) lookNow();
  };
  return {
    listener: {
      ...listener,
      onEvents: (events) => {
        tracker.addEvents(events);
        listener.onEvents(events);
      },
      onLooked: (next) => {
        look = next;
        waits = 0;
      },
      onRead: (untilMs) => {
        try {
          onRead(untilMs);
        } catch (error) {
          listener.onError(error);
        }
      },
    },
    end: () => commands?.end(),
  };
}

function alertEvent(alert: Alert): WatchEvent {
  const { atMs, path, holder, lock, lockDirectory, heldMs, atLeast, blocks, waitsFor } = alert;
  const user = holder?.user ?? null;
  const uid = holder?.uid ?? null;
  return watchEvent("alert", path, atMs, {
    pid: holder?.pid ?? null,
    name: holder === null ? null : commandOf(holder),
    lock: lock?.name ?? null,
    role: lock?.role ?? null,
    type: lock?.type ?? null,
    api: lock?.api ?? null,
    heldMs,
    atLeast,
    alert: { blocks, waitsFor, user, uid, lockDirectory },
  });
}
