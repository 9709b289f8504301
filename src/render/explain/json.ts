/** The JSON document of explain. Every field is described in docs/explain.schema.json. */

import type { AccessAnswer } from "../../features/explain/access/answer.ts";
import type { Refusal } from "../../features/explain/access/refusals.ts";
import { EXPLAIN_SCHEMA_VERSION, type ExplainedCause, type Explanation } from "../../features/explain/explanation.ts";
import type { Waited } from "../../features/explain/waited.ts";
import type { Viewer } from "../../model/viewer.ts";
import { refusalSentence } from "./access.ts";
import { reasonText } from "./reason.ts";
import { waitedSentence } from "./waited.ts";

type CauseDocument = Omit<ExplainedCause, "likelihood" | "reason"> & {
  readonly standing: ExplainedCause["likelihood"];
  readonly why: string | null;
};

type RefusalDocument = Omit<Refusal, "user"> & { readonly uid: number; readonly sentence: string };

type AccessDocument = Omit<AccessAnswer, "refusals"> & { readonly refusals: readonly RefusalDocument[] };

type WaitedDocument = Omit<Waited, "basis" | "atMost" | "library"> & { readonly sentence: string };

export type ExplanationDocument = Omit<Explanation, "causes" | "waited" | "access"> & {
  readonly schemaVersion: typeof EXPLAIN_SCHEMA_VERSION;
  readonly waited: WaitedDocument | null;
  readonly access: AccessDocument | null;
  readonly causes: readonly CauseDocument[];
};

export function explanationDocument(explanation: Explanation): ExplanationDocument {
  const { waited, causes, access } = explanation;
  return {
    schemaVersion: EXPLAIN_SCHEMA_VERSION,
    ...explanation,
    waited: waited === null ? null : waitedDocument(waited),
    access: access === null ? null : accessDocument(access, explanation.whoHolds?.viewer ?? { uid: null }),
    causes: causes.map(({ likelihood, reason, ...cause }) => ({
      ...cause,
      standing: likelihood,
      why: reason === null ? null : reasonText(reason),
    })),
  };
}

function accessDocument({ refusals, ...facts }: AccessAnswer, viewer: Viewer): AccessDocument {
  return {
    ...facts,
    refusals: refusals.map((refusal) => {
      const { user, ...rest } = refusal;
      return { uid: user.uid, ...rest, sentence: refusalSentence(refusal, viewer) };
    }),
  };
}

function waitedDocument(waited: Waited): WaitedDocument {
  const { basis, atMost, library, ...facts } = waited;
  return { ...facts, sentence: waitedSentence(waited) };
}
