import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { main } from '../../cli/index.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { seriesMismatches } from '../../db/series.js';
import { writeWorldClock } from '../../db/settings.js';
import { NOW, reviseFirst, SOURCE_CONFIG, seedWorld } from '../server/ask-world.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { REVIEW_CODEBOOK_DIR } from '../support/review-data.js';

let folder: string;
let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'axiswatch-cli-'));
  writeConfig(folder);
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 2 });
  const stands = NOW.toISOString();
  await writeWorldClock(sql, { startAt: stands, endAt: stands, originAt: null, rate: 1, seenAt: stands });
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await sql`truncate sources, feeds, hosts, items, stories, item_keys, revisions, observations, series_days, dirty_cells, coverage_days,
    polls, reviews restart identity cascade`;
  await seedWorld(sql);
});

function writeConfig(directory: string): void {
  const file = (name: string, content: unknown) => writeFileSync(join(directory, name), stringify(content));
  cpSync(REVIEW_CODEBOOK_DIR, join(directory, 'codebook'), { recursive: true });
  file('rules.yaml', { rules: [] });
  file('channels.yaml', { channels: [], routes: [] });
  file('sources.yaml', {
    sources: SOURCE_CONFIG.map(({ timezone: _, ...source }) => ({
      ...source,
      feeds: source.feeds.map(({ id, url }) => ({ id, url, every: '15m' })),
    })),
  });
}

async function run(argv: string[], more: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; err: string }> {
  const read = () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
  };
  const [out, err] = [read(), read()];
  const env = {
    DATABASE_URL: database.url,
    AXISWATCH_CONFIG_DIR: folder,
    AXISWATCH_LOG_LEVEL: 'silent',
    HOME: folder,
    ...more,
  };
  const code = await main(argv, { out: out.stream, err: err.stream, env });
  return { code, out: out.text(), err: err.text() };
}
const review = (...argv: string[]) => run(['review', ...argv]);
const BECAUSE = ['--author', 'ann', '--reason', 'because'];

describe('axiswatch review', () => {
  it('lists what is uncertain, below the threshold of the codebook', async () => {
    await sql`update observations set confidence = 0.65 where indicator <> 'econ.trade'`;
    const { code, out } = await review('list', '--status', 'uncertain', '--limit', '2');
    expect([code, out.split('\n')[0]]).toEqual([0, '5 labels worth a look, the first 2']);
    expect(JSON.parse((await review('list', '--json')).out)).toMatchObject({
      total: 5,
      query: { thresholds: { series: 0.4, review: 0.7 } },
    });
    expect((await review('list', '--status', 'uncertian')).err).toContain('did you mean "uncertain"?');
  });

  it('shows an item with what tells its labels apart, decides, shows the decision, and takes it back', async () => {
    expect((await review('guid:three')).out).toContain('--indicator mil.quarrel --participants AAA,BBB');
    const which = await review('guid:three', 'reject', ...BECAUSE);
    expect([which.code, which.err]).toEqual([2, expect.stringContaining('which label?')]);
    const rejected = await review('guid:three', 'reject', '--indicator', 'mil.quarrel', ...BECAUSE);
    expect([rejected.code, rejected.err]).toEqual([0, '']);
    expect(rejected.out).toMatch(/1 {2}10 Mar 2026, 12:00 UTC {2}reject {3}mil\.quarrel {2}AAA–BBB {2}ann {2}because/);
    expect((await run(['explain', 'guid:three'])).out).toContain(
      'rejected: AAA–BBB mil.quarrel, by ann (human), 10 Mar 2026, 12:00 UTC: because',
    );
    expect(JSON.parse((await run(['items', '--indicator', 'mil.quarrel', '--json'])).out).items).toEqual([]);
    // The machine does not read "scolds", so that the undo leaves what it says by itself.
    await review('guid:one', 'reject', ...BECAUSE);
    expect((await run(['explain', 'guid:one'])).out).not.toContain('No label');
    const undone = await review('undo', '1', ...BECAUSE);
    expect(undone.code).toBe(0);
    expect(await sql`select verdict from reviews where superseded_at is null order by id`).toEqual([
      { verdict: 'reject' },
      { verdict: 'undo' },
    ]);
    const again = await review('undo', '1', ...BECAUSE);
    expect([again.code, again.err]).toEqual([2, 'A later decision stands in its place, or it was undone before.\n']);
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('undo says so when history was last coded again with another codebook', async () => {
    await sql`insert into recodings (id, state, coder, coder_version, codebook_version, total, items, requested_at, ended_at)
      values ('01900000-0000-7000-8000-000000000001', 'done', 'rules', '1', '9.9+other', 1, 1, ${NOW}, ${NOW})`;
    try {
      await review('guid:three', 'reject', '--indicator', 'mil.quarrel', ...BECAUSE);
      const refused = await review(
        'guid:three',
        'correct',
        '--indicator',
        'mil.quarrel',
        '--to-severity',
        '1',
        ...BECAUSE,
      );
      expect([refused.code, refused.err]).toEqual([
        2,
        expect.stringContaining('was rejected by decision 1: undo that first (axiswatch review undo 1 --reason "...")'),
      ]);
      const undone = await review('undo', '1', ...BECAUSE);
      expect([undone.code, undone.err]).toEqual([
        0,
        expect.stringMatching(/^Note: .* codebook 9\.9\+other; this item is now coded with the configured \S+\.\n$/),
      ]);
    } finally {
      await sql`delete from recodings`;
    }
  });

  it('corrects and adds with the words given, and names what is missing', async () => {
    const corrected = await review(
      'guid:four',
      'correct',
      '--to-status',
      'announced',
      '--to-severity',
      '1',
      ...BECAUSE,
      '--json',
    );
    expect(JSON.parse(corrected.out)).toMatchObject({ outcome: 'written', reviews: [{ verdict: 'correct' }] });
    const added = ['guid:four', 'add', '--indicator', 'mil.quarrel', '--dyad', 'BBB-AAA', ...BECAUSE];
    expect((await review(...added)).err).toBe('--act: is missing: give the words of the item that show the act\n');
    expect((await review(...added, '--act', 'quarrels')).err).toBe('--act: "quarrels" does not stand in the item\n');
    expect((await review(...added, '--act', 'denies', '--words', 'CCC')).err).toContain('write CODE=words');
    expect((await review(...added, '--act', 'denies', '--words', 'AAA=with Alphaland')).code).toBe(0);
    const { labels } = JSON.parse((await run(['explain', 'guid:four', '--json'])).out);
    expect(labels).toMatchObject([
      { indicator: 'econ.trade', status: 'announced', severity: 1, coder: 'human', decision: { author: 'ann' } },
      {
        indicator: 'mil.quarrel',
        evidence: [
          { for: 'act', text: 'denies' },
          { for: 'AAA', text: 'with Alphaland' },
          { for: 'BBB', text: 'Betaland' },
        ],
      },
    ]);
    expect(
      (await review('guid:four', 'add', '--indicator', 'mil.aid', '--dyad', 'BBB-CCC', '--act', 'denies', ...BECAUSE))
        .err,
    ).toContain('of CCC are missing');
    expect(await seriesMismatches(sql)).toEqual([]);
  });

  it('takes the name from the option, the setting, or the machine', async () => {
    const said = ['review', 'guid:four', 'confirm', '--reason'];
    await run([...said, '1', '--author', 'ann'], { AXISWATCH_AUTHOR: 'desk' });
    await run([...said, '2'], { AXISWATCH_AUTHOR: 'desk' });
    await run([...said, '3']);
    expect((await sql`select author from reviews order by id`).map(({ author }) => author)).toEqual([
      'ann',
      'desk',
      userInfo().username,
    ]);
    expect((await run([...said, '4'], { AXISWATCH_AUTHOR: 'x'.repeat(101) })).err).toContain(
      'AXISWATCH_AUTHOR must be a name',
    );
  });

  it.each([
    [['guid:four', 'confrim', ...BECAUSE], 'did you mean "confirm"?'],
    [['guid:four', 'reject', '--author', 'ann'], '--reason: is missing'],
    [['guid:four', 'reject', '--indicator', 'econ.trad', ...BECAUSE], 'did you mean "econ.trade"?'],
    [['guid:nobody', 'reject', ...BECAUSE], 'No item has this id, URL or key.'],
    [[], 'which item?'],
    [['undo', 'x', ...BECAUSE], 'must be the number of a decision'],
    [['undo', '9', ...BECAUSE], 'There is no decision 9.'],
  ])('%j is wrong use, in words', async (argv, message) => {
    const { code, err } = await review(...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('exports what was decided as gold that axiswatch gold reads', async () => {
    const file = join(folder, 'reviewed.jsonl');
    await review('guid:one', 'confirm', ...BECAUSE);
    await review('guid:four', 'reject', ...BECAUSE);
    await review('guid:three', 'confirm', '--indicator', 'mil.aid', ...BECAUSE);
    await review('guid:five', 'reject', '--dyad', 'AAA-CCC', ...BECAUSE);
    const exported = await review('export', '--out', file);
    expect([exported.code, exported.err]).toEqual([
      0,
      '2 items; 2 items with undecided labels left out (--partial takes them)\n',
    ]);
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [one] = await sql`select id, story_id from items where key = 'guid:one'`;
    expect(lines).toEqual([
      {
        id: one!.id,
        title: 'Alphaland arms Betaland',
        summary: '',
        lang: 'en',
        published: '2026-02-17',
        source: 'north',
        bloc: 'western',
        labels: [
          {
            indicator: 'mil.aid',
            participants: ['AAA', 'BBB'],
            status: 'occurred',
            severity: 3,
            evidence: { participants: ['Alphaland', 'Betaland'], act: 'arms' },
          },
        ],
        story: one!.story_id,
        kind: 'positive',
      },
      expect.objectContaining({ title: 'Betaland denies trade with Alphaland', labels: [], kind: 'hard-negative' }),
    ]);
    const gold = await run(['gold', file, '--json']);
    expect([gold.code, JSON.parse(gold.out).items]).toEqual([0, 2]);
    expect((await review('export', '--partial')).out.trim().split('\n')).toHaveLength(3);
  });

  it('does not export a decision on a text that was edited since', async () => {
    await review('guid:one', 'confirm', ...BECAUSE);
    await reviseFirst(sql);
    const { code, err } = await review('export');
    expect([code, err]).toEqual([0, '0 items; 1 item with undecided labels left out (--partial takes them)\n']);
  });
});

describe('axiswatch precision', () => {
  it('says that nothing was decided, then how often labels were right, with the interval', async () => {
    expect((await run(['precision'])).out).toContain('Nothing was decided yet.');
    for (const [item, verdict] of [
      ['one', 'confirm'],
      ['two', 'confirm'],
      ['four', 'reject'],
    ] as const)
      await review(`guid:${item}`, verdict, ...BECAUSE);
    const { out } = await run(['precision']);
    expect(out).toContain('No decision is on a random sample yet');
    expect(out).toMatch(/mil\.aid +1\.00 +0\.34–1\.00 +2 +2 +0 +0 +1\.00/);
    expect(out).toMatch(/rules 1\.0\.0 +0\.67 +0\.21–0\.94 +3/);
    const narrowed = JSON.parse((await run(['precision', '--from', '2026-03-01', '--json'])).out);
    expect(narrowed.overall).toMatchObject({ decided: 1, rejected: 1, precision: 0 });
    expect((await run(['precision', '--csv'])).out.split('\r\n')[0]).toBe(
      'group,key,decided,confirmed,rejected,corrected,corrected_within,precision,low,high,precision_of_cells',
    );
  });
});
