import fc from "fast-check";
import { expect, test } from "vitest";
import { PageCollector } from "../../../../src/render/page/collect/collector.ts";
import { el, escapeHtml, toHtml } from "../../../../src/render/page/element.ts";
import { packed, unpacked } from "../../../../src/render/page/packed.ts";
import { oneRun } from "../../../support/page.ts";
import { blocker, lockLine, metaLine, transactionLine, waitLine } from "../../../support/recording.ts";

test("the data of a page comes back as it was", () => {
  const ms = fc.integer({ min: 0, max: 10_000_000 }).map((us) => us / 1_000);
  const line = fc.oneof(
    fc.record({ fromMs: ms, length: fc.option(ms) }).map(({ fromMs, length }) => {
      return lockLine({ fromMs, toMs: length === null ? null : fromMs + length });
    }),
    fc
      .record({ fromMs: ms, waitedMs: ms, many: fc.nat(3), blockedMs: ms })
      .map(({ fromMs, waitedMs, many, blockedMs }) => {
        return waitLine({
          fromMs,
          waitedMs,
          blockers: Array.from({ length: many }, () => blocker({ fromMs, blockedMs })),
        });
      }),
    fc.record({ fromMs: ms, insideMs: fc.option(ms), outsideMs: fc.option(ms) }).map((given) => {
      return transactionLine({ ...given, toMs: given.fromMs + 10 });
    }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const facts = oneRun(metaLine(), 20_000);
      const collector = new PageCollector(facts, facts);
      for (const each of lines) collector.take(each);
      const { data } = collector.finish(facts, []);
      expect(unpacked(JSON.parse(packed(data)))).toEqual(data);
    }),
  );
});

test("text is escaped wherever it stands", () => {
  expect(toHtml(el("p", { title: `"'<&>` }, "<b>", el("br"), "&amp;"))).toBe(
    '<p title="&quot;&#39;&lt;&amp;&gt;">&lt;b&gt;<br>&amp;amp;</p>',
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});
