/** Which row of a matrix is the best, or why none is named, in sentences. Pure. */
import { WARNINGS, type Warning } from "../../features/stress/advised-against.ts";
import type { MatrixRow, RunReport, Standing } from "../../features/stress/report.ts";
import { MIN_ROUNDS } from "../../features/stress/spread.ts";
import { MIN_ROUND_MS } from "../../features/stress/turns.ts";
import { optionDuration } from "../../text/duration.ts";
import { count } from "../../text/list.ts";
import { WARNING_TEXTS } from "./warning-text.ts";

/** Before the rows of the table. */
export const MARKS: Record<Standing, string> = {
  best: "*",
  only: "",
  "no-difference": "=",
  "faster-with-errors": "+",
  worse: "",
  "not-compared": "",
  "not-recommended": "!",
};

/** One paragraph each. */
export function matrixVerdict(rows: readonly MatrixRow[]): string[] {
  const leader = rows.find(({ standing }) => standing !== "not-recommended");
  return [
    leader === undefined ? "None of these combinations can be recommended." : resultText(rows, leader),
    fasterText(rows),
    leader?.standing === "best" || leader?.standing === "only" ? `${optionsText(leader)}: ${leader.verdict}` : "",
    warningsText(rows),
  ].filter((paragraph) => paragraph !== "");
}

/** `leader`: the first row that can be recommended. */
function resultText(rows: readonly MatrixRow[], leader: MatrixRow): string {
  const rounds = leader.rounds.length;
  switch (leader.standing) {
    case "best":
      return (
        `Best (*): ${optionsText(leader)}. In each of its ${rounds} rounds it had fewer errors, or more commits, ` +
        "than any other row that can be recommended had in any of them."
      );
    case "only":
      return rows.length === 1
        ? "One combination: nothing to compare it with."
        : `Only ${optionsText(leader)} can be recommended: nothing to compare it with.`;
    case "not-compared":
      return (
        `Too short to compare: ${count(rounds, "round")} for each row, and ${MIN_ROUNDS} are needed ` +
        `(--duration ${optionDuration(MIN_ROUNDS * MIN_ROUND_MS)} or longer).`
      );
    default:
      return noDifferenceText(rows, leader);
  }
}

function noDifferenceText(rows: readonly MatrixRow[], leader: MatrixRow): string {
  const equal = rows.filter(({ standing }) => standing === "no-difference");
  const worse = rows.filter(({ standing }) => standing === "worse");
  const rounds = `by no more than their own ${leader.rounds.length} rounds differ from each other`;
  if (equal.length === 1) return "No row is the best in both errors and commits.";
  const common = commonOptions(equal, [...equal, ...worse]);
  const sentences = [
    `No difference that counts between the ${equal.length} rows marked =: they differ ${rounds}.`,
    ...(common === "" ? [] : [`${equal.length === 2 ? "Both" : "All of them"} have ${common}.`]),
    ...(worse.length === 0
      ? []
      : [`The ${count(worse.length, "row")} without a mark ${worse.length === 1 ? "is" : "are"} worse.`]),
  ];
  return sentences.join(" ");
}

function fasterText(rows: readonly MatrixRow[]): string {
  const faster = rows.filter(({ standing }) => standing === "faster-with-errors").length;
  if (faster === 0) return "";
  const which = faster === 1 ? "The row marked + committed" : `The ${faster} rows marked + committed`;
  return `${which} more, but more transactions failed.`;
}

function warningsText(rows: readonly MatrixRow[]): string {
  const seen = (Object.keys(WARNINGS) as Warning[]).filter((warning) =>
    rows.some(({ advisedAgainst }) => advisedAgainst.includes(warning)),
  );
  return seen.length === 0
    ? ""
    : `Never recommended (!), whatever was measured: ${seen.map((warning) => WARNING_TEXTS[warning]).join("; ")}.`;
}

const OPTIONS: readonly ((settings: RunReport["settings"]) => string)[] = [
  ({ journalMode }) => `--journal-mode ${journalMode}`,
  ({ transaction }) => `--transaction ${transaction}`,
  ({ busyTimeoutMs }) => `--busy-timeout ${optionDuration(busyTimeoutMs)}`,
];

function optionsText({ settings }: RunReport): string {
  return OPTIONS.map((option) => option(settings)).join(" ");
}

/** What all of `rows` have in common, and not all of `others`. */
function commonOptions(rows: readonly RunReport[], others: readonly RunReport[]): string {
  return OPTIONS.flatMap((option) => {
    const texts = new Set(rows.map(({ settings }) => option(settings)));
    const isVaried = new Set(others.map(({ settings }) => option(settings))).size > 1;
    return texts.size === 1 && isVaried ? [...texts] : [];
  }).join(" ");
}
