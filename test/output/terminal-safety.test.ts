import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { VERDICTS, type VerdictCode } from '../../src/core/verdict.ts';
import { type Look, OUTPUTS, type OutputId } from '../../src/output/index.ts';
import { changesBetween } from '../../src/output/watch-lines.ts';
import { cellWidth } from '../../src/output/width.ts';
import { NOW, sampleReport } from './sample-reports.ts';

// Our own colours, and the ends of our own lines.
const OURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m|\\n`, 'g');
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;

// What terminals act upon, mixed with anything else.
const evil = fc.constantFrom(
  '\u001b]0;title\u0007',
  '\u001b[2J',
  '\u009b31m',
  '\r',
  '\n',
  '\t',
  '\u202e',
  '\u200d',
  '\u2028',
  '\ud800',
  '\u{e0041}',
  '\u{10ffff}',
  'e\u0301\u0301\u0301\u0301\u0301',
  '"',
  '\\',
  '- ',
  ': ',
  '#',
  "'",
);
const text = fc
  .array(fc.oneof(evil, fc.string({ unit: 'binary' }), fc.string()), { maxLength: 6 })
  .map((parts) => parts.join(''));

const instant = fc.oneof(fc.integer(), fc.double(), fc.constant(null));

const report = fc
  .record({
    namespace: text,
    name: text,
    identity: fc.option(text),
    found: text,
    ref: fc.option(fc.record({ kind: text, namespace: fc.option(text), name: text })),
    why: text,
    verdict: fc.constantFrom(...(Object.keys(VERDICTS) as VerdictCode[])),
    renewTime: instant,
    acquiredAgo: instant,
    lastRenewedAgoMs: instant,
    durationMs: instant,
  })
  .map(
    ({
      namespace,
      name,
      identity,
      found,
      ref,
      why,
      verdict,
      renewTime,
      acquiredAgo,
      lastRenewedAgoMs,
      durationMs,
    }) =>
      sampleReport({
        namespace,
        name,
        identity,
        acquiredAgo,
        record: { renewTime, durationMs, preferredHolder: why, strategy: why },
        holder: { found, ref, rule: why, was: why },
        renewal: { lastRenewedAgoMs },
        report: { verdict, evidence: [{ text: why, grade: 'clock', from: why }], advice: [why] },
      }),
  );

const look: fc.Arbitrary<Look> = fc.record({
  headers: fc.boolean(),
  color: fc.boolean(),
  width: fc.option(fc.integer({ min: 10, max: 200 })),
});

test.each(Object.keys(OUTPUTS) as OutputId[])(
  '%s never sends a terminal anything to act upon',
  async (id) => {
    await fc.assert(
      fc.asyncProperty(fc.array(report, { maxLength: 3 }), text, look, async (reports, note, how) => {
        const snapshot = {
          reports,
          notes: [{ code: 'unreadable', text: note, hint: note }] as const,
          takenAt: NOW,
        };
        const shown = await OUTPUTS[id].render(snapshot, how);
        const followed = OUTPUTS[id].follow?.(how)(changesBetween(null, snapshot), NOW) ?? '';
        for (const all of [shown, followed]) {
          const foreign = all.replaceAll(OURS, '');
          expect(DANGEROUS.exec(foreign)?.[0].codePointAt(0)).toBeUndefined();
          expect(foreign).not.toMatch(/\p{M}{4}/u);
          if (!how.color) expect(all).not.toContain('\u001b');
        }
      }),
      { numRuns: 60 },
    );
  },
);

test.each(['table', 'wide', 'name', 'jsonl'] as const)('%s has one line for each lock', async (id) => {
  await fc.assert(
    fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 3 }), async (reports) => {
      const shown = await OUTPUTS[id].render(
        { reports, notes: [], takenAt: NOW },
        { headers: false, color: true, width: 80 },
      );
      expect(shown.split('\n')).toHaveLength(reports.length + 1);
    }),
    { numRuns: 60 },
  );
});

test('json and yaml carry every text unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(report, async (one) => {
      const snapshot = { reports: [one], notes: [], takenAt: NOW };
      const how = { headers: true, color: false, width: null };
      const { identity, found } = one.holder;
      const json = JSON.parse(await OUTPUTS.json.render(snapshot, how));
      expect(json.items[0]).toMatchObject({ record: { holderIdentity: identity }, holder: { found } });
      // YAML has no way to write half of a surrogate pair.
      if (!/\p{Cs}/u.test(found + identity)) {
        const yaml = load(await OUTPUTS.yaml.render(snapshot, how)) as typeof json;
        expect(yaml.items[0].record.holderIdentity).toBe(identity);
        expect(yaml.items[0].holder.found).toBe(found);
      }
    }),
    { numRuns: 60 },
  );
});

test('every table fits a terminal of 80 cells as long as the lock itself does', async () => {
  const short = fc.string({ unit: fc.constantFrom('a', '漢', 'é', 'e\u0301', '🙂'), maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(short, short), { minLength: 1, maxLength: 4 }), async (pairs) => {
      const reports = pairs.map(([identity, found]) =>
        sampleReport({ name: 'a-lock-of-the-usual-length', identity, holder: { found } }),
      );
      const shown = await OUTPUTS.table.render(
        { reports, notes: [], takenAt: NOW },
        { headers: true, color: false, width: 80 },
      );
      for (const line of shown.split('\n')) expect(cellWidth(line)).toBeLessThanOrEqual(80);
    }),
  );
});
