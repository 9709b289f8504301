/** pin → look → candidates → select → guard → ask → signal, wait, look again. */
import { UserError } from "../../errors.ts";
import { isPathError, type PathError, type Report } from "../../model/report.ts";
import { type PinnedDatabase, pinDatabase } from "../../observe/pinned.ts";
import { anotherFileError, type FileIdentity, isSameFile } from "../../observe/same-file.ts";
import type { Candidate } from "./candidates.ts";
import { endProcesses } from "./end-processes.ts";
import { identityOf, isSameProcess, type SendResult } from "./identity.ts";
import { isOtherFile, type LookResult, look, settledLook } from "./look.ts";
import { outcomeOfRefusal, plannedOutcome, type SignalledProcess } from "./outcomes.ts";
import { isSamePlan, type Plan, type PlannedSignal, permittedPlan, signalsOf } from "./plan.ts";
import { ownPids, wouldSend } from "./process.ts";
import { type KillResult, reportOf, type Spared } from "./result.ts";
import { guard, isNamed, type Refusal, type Selected, type Selection, select, sparedBy } from "./selection.ts";
import type { KillSettings } from "./settings.ts";
import type { Signal } from "./signals.ts";

/** The questions to a person at a terminal. Null as an answer: Ctrl-C, Ctrl-D or Escape. */
export interface KillDialog {
  /** The table of who-holds, with findings. */
  readonly showReport: (report: Report) => void;
  readonly pick: (candidates: readonly Candidate[]) => Promise<Pick<Plan, "ended" | "continued"> | null>;
  /** What the plan does. */
  readonly showPlan: (plan: Plan, signal: Signal) => void;
  readonly confirm: (plan: Plan, signal: Signal) => Promise<boolean | null>;
  /** The plan does something else by now: it is shown, and asked, again. */
  readonly showChanged: () => void;
  readonly confirmSigkill: (blocking: readonly SignalledProcess[], graceMs: number) => Promise<boolean | null>;
}

/** How often the question is repeated because the plan does something else by now. */
const MAX_QUESTIONS = 10;

/** `dialog` null: there is no terminal to ask at. @throws UserError */
export async function kill(givenAs: string, settings: KillSettings, dialog: KillDialog | null): Promise<KillResult> {
  const pinned = await pin(givenAs, settings.file);
  if (isPathError(pinned)) return { kind: "error", error: pinned };
  const first = await look(pinned, settings.staleAfterMs);
  if (isPathError(first)) return { kind: "error", error: first };
  dialog?.showReport(first.report);
  const { pids, stale, likely, force } = settings;
  if (dialog === null || settings.yes) {
    const selection: Selection = { pids, stale, likely, force, interactive: false, picked: false };
    return killUnasked(pinned, settings, selection, first, dialog);
  }
  const picked = pids.length === 0 && !stale;
  const selection: Selection = { pids, stale, likely, force, interactive: true, picked };
  const chosen = picked ? await pick(first, dialog) : planOf(select(first.candidates, selection));
  if (chosen === null) return { kind: "cancelled" };
  if (settings.dryRun) return plannedResult(first, guarded(chosen, selection), settings);
  const plan = await confirmedPlan(pinned, settings, chosen, selection, dialog);
  if (plan === null) return { kind: "cancelled" };
  const { report, interrupted } = await endProcesses(pinned, settings, {
    refusals: plan.refusals,
    signals: signalsOf(plan, settings.signal),
    allowedNow: ({ candidates }) => candidates,
    allowedSigkill: ({ candidates }) => candidates,
    confirmSigkill: async (blocking) => (await dialog.confirmSigkill(blocking, settings.graceMs)) === true,
  });
  return { kind: "done", report, interrupted };
}

/** `dialog`: shows the plan; with --yes nothing is asked. */
async function killUnasked(
  pinned: PinnedDatabase,
  settings: KillSettings,
  selection: Selection,
  first: LookResult,
  dialog: KillDialog | null,
): Promise<KillResult> {
  const spared = sparedOf(first, selection);
  const planNow = ({ candidates }: LookResult) => guarded(planOf(select(candidates, selection)), selection);
  const plan = planNow(first);
  if (settings.dryRun) return plannedResult(first, plan, settings, spared);
  if (!settings.yes) {
    const idle = plan.ended.length + plan.refusals.length === 0;
    const settled = idle ? await settledLook(pinned, settings.staleAfterMs) : first;
    if (isPathError(settled)) return { kind: "error", error: settled };
    const refused = plan.refusals.map(outcomeOfRefusal);
    const report = reportOf(settled.database, settings, refused, [], false, spared);
    return { kind: "unconfirmed", report, pids: plan.ended.map(({ holder }) => holder.pid) };
  }
  const permitted = permittedPlan(plan, settings.signal, answerTo);
  if (permitted.ended.length > 0) dialog?.showPlan(permitted, settings.signal);
  const { report, interrupted } = await endProcesses(pinned, settings, {
    refusals: plan.refusals,
    signals: signalsOf(plan, settings.signal),
    allowedNow: (now) => planNow(now).ended,
    spared,
    // it may block less by now, but still by what is proved to be its own
    allowedSigkill: ({ candidates }) =>
      candidates.filter(({ doubts }) => isNamed(selection) || doubts.byStale.length === 0),
    confirmSigkill: async () => true,
  });
  return { kind: "done", report, interrupted };
}

async function pin(givenAs: string, file: FileIdentity | null | undefined): Promise<PinnedDatabase | PathError> {
  try {
    const pinned = await pinDatabase(givenAs);
    if (file !== undefined && pinned.file !== null && !isSameFile(pinned.file, file))
      throw anotherFileError(pinned.path);
    return pinned;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, hint } = error;
    return { givenAs, error: { code, message, hint } };
  }
}

async function pick({ candidates }: LookResult, dialog: KillDialog): Promise<Plan | null> {
  const picked = candidates.length === 0 ? { ended: [], continued: [] } : await dialog.pick(candidates);
  return picked === null ? null : { ...picked, refusals: [] };
}

function planOf({ candidates, refusals }: Selected): Plan {
  return { ended: candidates, continued: [], refusals };
}

/** SIGCONT does no harm: those that continue are not checked. */
function guarded({ ended, continued, refusals }: Plan, selection: Selection): Plan {
  return { ...planOf(guard({ candidates: ended, refusals }, selection, ownPids())), continued };
}

function sparedOf({ candidates }: LookResult, selection: Selection): Spared[] {
  return sparedBy(candidates, selection).flatMap(({ holder, turns }) => (turns === null ? [] : { holder, turns }));
}

function plannedResult(
  { database }: LookResult,
  plan: Plan,
  settings: KillSettings,
  spared: readonly Spared[] = [],
): KillResult {
  const outcomes = [
    ...signalsOf(plan, settings.signal).map((planned) => plannedOutcome(planned, answerTo(planned))),
    ...plan.refusals.map(outcomeOfRefusal),
  ];
  return { kind: "done", report: reportOf(database, settings, outcomes, [], false, spared), interrupted: false };
}

/** What the kernel would answer to the signal. */
function answerTo({ candidate: { holder }, signal }: PlannedSignal): SendResult {
  return wouldSend(identityOf(holder), signal);
}

/**
 * Shows what the plan does at this moment, and asks; again where that has changed until the answer. Null: the answer is
 * no.
 */
async function confirmedPlan(
  pinned: PinnedDatabase,
  settings: KillSettings,
  chosen: Plan,
  selection: Selection,
  dialog: KillDialog,
): Promise<Plan | null> {
  let plan = await refreshedPlan(pinned, settings, chosen, selection);
  for (let i = 0; i < MAX_QUESTIONS; i++) {
    if (plan.ended.length + plan.continued.length === 0) return plan;
    dialog.showPlan(plan, settings.signal);
    if ((await dialog.confirm(plan, settings.signal)) !== true) return null;
    const now = await refreshedPlan(pinned, settings, chosen, selection);
    if (isSamePlan(now, plan)) return now;
    dialog.showChanged();
    plan = now;
  }
  return null;
}

/** The chosen processes as a fresh look shows them; those that hold the database no more are gone. */
async function refreshedPlan(
  pinned: PinnedDatabase,
  { staleAfterMs, signal }: KillSettings,
  chosen: Plan,
  selection: Selection,
): Promise<Plan> {
  const result = await look(pinned, staleAfterMs);
  const candidates = isPathError(result) ? [] : result.candidates;
  const why = { kind: isOtherFile(result) ? "another-file" : "ended-or-closed" } as const;
  const fresh = ({ holder }: Candidate) => candidates.find((each) => isSameProcess(each.holder, holder));
  const gone = [...chosen.ended, ...chosen.continued]
    .filter((each) => fresh(each) === undefined)
    .map(({ holder }): Refusal => ({ pid: holder.pid, holder, reason: why }));
  const plan = guarded(
    {
      ended: chosen.ended.flatMap((each) => fresh(each) ?? []),
      continued: chosen.continued.flatMap((each) => fresh(each) ?? []),
      refusals: [...chosen.refusals, ...gone],
    },
    selection,
  );
  return permittedPlan(plan, signal, answerTo);
}
