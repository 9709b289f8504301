/** The JSON document of explain. Every field is described in docs/explain.schema.json. */
import { EXPLAIN_SCHEMA_VERSION, type ExplainedCause, type Explanation } from "../../features/explain/explanation.ts";
import type { Waited } from "../../features/explain/waited.ts";
import { reasonText } from "./reason.ts";
import { waitedSentence } from "./waited.ts";

type CauseDocument = Omit<ExplainedCause, "likelihood" | "reason"> & {
  readonly standing: ExplainedCause["likelihood"];
  readonly why: string | null;
};

type WaitedDocument = Omit<Waited, "basis" | "atMost" | "library"> & { readonly sentence: string };

export type ExplanationDocument = Omit<Explanation, "causes" | "waited"> & {
  readonly schemaVersion: typeof EXPLAIN_SCHEMA_VERSION;
  readonly waited: WaitedDocument | null;
  readonly causes: readonly CauseDocument[];
};

export function explanationDocument(explanation: Explanation): ExplanationDocument {
  const { waited, causes } = explanation;
  return {
    schemaVersion: EXPLAIN_SCHEMA_VERSION,
    ...explanation,
    waited: waited === null ? null : waitedDocument(waited),
    causes: causes.map(({ likelihood, reason, ...cause }) => ({
      ...cause,
      standing: likelihood,
      why: reason === null ? null : reasonText(reason),
    })),
  };
}

function waitedDocument(waited: Waited): WaitedDocument {
  const { basis, atMost, library, ...facts } = waited;
  return { ...facts, sentence: waitedSentence(waited) };
}
