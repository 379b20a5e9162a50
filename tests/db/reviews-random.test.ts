import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { type DyadLabel, storePoll } from '../../db/items.js';
import { putReview, undoReview } from '../../db/reviews.js';
import { seriesMismatches } from '../../db/series.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  AT,
  addSources,
  newId,
  sampleItem,
  sampleLabel,
  samplePoll,
  sampleRevision,
  sampleSource,
} from '../support/store-samples.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 4 });
  await addSources(sql, sampleSource('one'));
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const CELLS = ['mil.a AAA-BBB', 'mil.a AAA-CCC', 'eco.c AAA-BBB'];
const labelOf = (cell: string, status: DyadLabel['status']) => {
  const [indicator, dyad] = cell.split(' ') as [string, string];
  return sampleLabel(indicator, dyad, { status });
};
const status = fc.constantFrom('occurred' as const, 'denied' as const);
const said = fc.uniqueArray(fc.record({ cell: fc.constantFrom(...CELLS), status }), {
  selector: ({ cell }) => cell,
  maxLength: 3,
});
/** The coder codes again with a new version, the feed edits the text, a person or the second coder decides, a person takes back. */
const event = fc.record({
  kind: fc.constantFrom('recode' as const, 'edit' as const, 'decide' as const, 'decide' as const, 'undo' as const),
  said,
  coder: fc.constantFrom('human' as const, 'human' as const, 'llm' as const),
  verdict: fc.constantFrom('confirm' as const, 'reject' as const),
  pick: fc.nat({ max: 20 }),
});
type Word = { coder: 'human' | 'llm'; verdict: 'confirm' | 'reject'; status: string };

/** What must be live: the last word on each cell, else what the machine says now. Kept by hand, the slow and obvious way. */
class Model {
  machine = new Map<string, string>();
  /** For each cell every word on it, latest last; an undo takes the last one off, and remembers whose it was. */
  words = new Map<string, Word[]>();
  barred = new Set<string>();

  expected(): string[] {
    const out: string[] = [];
    for (const cell of CELLS) {
      const word = this.words.get(cell)?.at(-1);
      if (word === undefined) {
        if (this.machine.has(cell)) out.push(`rules ${cell} ${this.machine.get(cell)}`);
      } else if (word.verdict === 'confirm') out.push(`${word.coder} ${cell} ${word.status}`);
    }
    return out.sort();
  }
}

describe('whatever happens in whatever order', () => {
  it('the last word stands, the rest is as the machine says it now, and the counts agree with a recount', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 16 }), async (events) => {
        await sql`truncate items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days, polls, reviews
          restart identity cascade`;
        await sql`update feeds set last_polled_at = null`;
        const model = new Model();
        const item = sampleItem('a', [labelOf(CELLS[0]!, 'occurred')]);
        model.machine.set(CELLS[0]!, 'occurred');
        await storePoll(sql, samplePoll('one', { items: [item] }));
        let version = 1;
        let revision = 0;
        const stack: Array<{ id: number; cells: string[] }> = [];
        const machineNow = () => [...model.machine].map(([cell, was]) => labelOf(cell, was as DyadLabel['status']));
        for (const [i, happens] of events.entries()) {
          const at = new Date(AT.getTime() + (i + 1) * 60_000);
          const labels = happens.said.map((one) => labelOf(one.cell, one.status));
          const coder = { name: 'rules', version: String(version), codebookVersion: '1' };
          if (happens.kind === 'recode') {
            version++;
            const coding = {
              item_id: item.id,
              revision,
              coder: 'rules',
              coder_version: String(version),
              codebook_version: '1',
              labels,
            };
            await sql`select put_observations(${sql.json([coding] as never)}, ${at})`;
            model.machine = new Map(happens.said.map((one) => [one.cell, one.status]));
          } else if (happens.kind === 'edit') {
            revision++;
            await storePoll(
              sql,
              samplePoll('one', { at, coder, revisions: [sampleRevision(item.id, `edit ${i}`, labels)] }),
            );
            model.machine = new Map(happens.said.map((one) => [one.cell, one.status]));
          } else if (happens.kind === 'decide' && happens.said.length > 0) {
            const open = happens.said.filter(({ cell }) => {
              const word = model.words.get(cell)?.at(-1);
              return happens.coder === 'human' || (word?.coder !== 'human' && !model.barred.has(cell));
            });
            const { outcome } = await putReview(
              sql,
              {
                decisionId: newId(at),
                itemId: item.id,
                revision,
                coder: happens.coder,
                coderVersion: 'v',
                codebookVersion: '1',
                author: 'a',
                reason: 'r',
                sample: null,
                seen: null,
                cells: happens.said.map(({ cell, status: meant }) => {
                  const { indicator, dyad, ...label } = labelOf(cell, meant);
                  return {
                    indicator,
                    dyad,
                    verdict: happens.verdict,
                    label: happens.verdict === 'reject' ? null : label,
                  };
                }),
              },
              at,
            );
            expect(outcome).toBe(open.length > 0 ? 'written' : 'outranked');
            for (const { cell, status: meant } of open) {
              const words = model.words.get(cell) ?? [];
              model.words.set(cell, [...words, { coder: happens.coder, verdict: happens.verdict, status: meant }]);
              model.barred.delete(cell);
            }
            if (open.length > 0) {
              const [row] = await sql`select max(id)::int as id from reviews where verdict <> 'undo'`;
              stack.push({ id: row!.id, cells: open.map(({ cell }) => cell) });
            }
          } else if (happens.kind === 'undo') {
            // The latest decision: all of its cells still have its word.
            const last = stack.pop();
            if (last === undefined) continue;
            const result = await undoReview(
              sql,
              {
                decisionId: newId(at),
                reviewId: last.id,
                author: 'a',
                reason: 'r',
                codebookVersion: '1',
                coding: { itemId: item.id, revision, coder, labels: machineNow() },
              },
              at,
            );
            expect(result).toMatchObject({ outcome: 'written', decided: last.cells.length });
            for (const cell of last.cells) {
              const words = model.words.get(cell)!;
              const taken = words.pop()!;
              if (words.length === 0 && taken.coder === 'llm') model.barred.add(cell);
            }
            // What is restored is a new decision of its own, so that undoing goes no further back here.
            stack.length = 0;
          }
          const live =
            await sql`select coder || ' ' || indicator || ' ' || dyad || ' ' || status as line from observations
            where superseded_at is null order by 1`;
          expect(live.map(({ line }) => line)).toEqual(model.expected());
        }
        expect(await seriesMismatches(sql)).toEqual([]);
        expect(
          await sql`select item_id from reviews where superseded_at is null group by item_id, indicator, dyad having count(*) > 1`,
        ).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
