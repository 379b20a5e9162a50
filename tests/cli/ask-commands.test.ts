import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { main } from '../../cli/index.js';
import { CODER, VERSION } from '../../cli/open-context.js';
import { loadCodebook } from '../../config/codebook.js';
import { loadConfig } from '../../config/load.js';
import { connectDatabase, type Sql } from '../../db/client.js';
import { writeWorldClock } from '../../db/settings.js';
import { type RunningServer, startServer } from '../../server/app.js';
import { CODEBOOK, contextOf, NOW, SILENT_LOG, SOURCE_CONFIG, seedWorld } from '../server/ask-world.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let folder: string;
let database: TestDatabase;
let sql: Sql;
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'axiswatch-cli-'));
  writeConfig(folder);
  database = await createTestDatabase();
  sql = connectDatabase(database.url);
  await seedWorld(sql);
  // A clock that stands: commands and server live at the same moment.
  const stands = NOW.toISOString();
  await writeWorldClock(sql, { startAt: stands, endAt: stands, originAt: null, rate: 1, seenAt: stands });
  const { codebook } = loadCodebook(join(folder, 'codebook'));
  server = await startServer({
    ...contextOf(sql),
    config: loadConfig(folder, { codebook }),
    codebook,
    coderVersion: CODER,
    version: VERSION,
    env: { host: '127.0.0.1', port: 0, apiToken: null },
    log: SILENT_LOG,
    readiness: async () => ({
      ready: false,
      problems: ['none'],
      temporal: { address: null, server_version: null, worker: null },
    }),
  });
});
afterAll(async () => {
  await server?.close();
  await sql?.end();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** The configuration of the sample world as an operator would write it. */
function writeConfig(directory: string): void {
  const file = (name: string, content: unknown) => writeFileSync(join(directory, name), stringify(content));
  mkdirSync(join(directory, 'codebook'));
  file('codebook/codebook.yaml', {
    codebook: { version: '1.0', title: 'Three invented members' },
    members: CODEBOOK.members,
    domains: CODEBOOK.domains,
    indicators: CODEBOOK.indicators.map((one) => ({ ...one, domain: one.id.split('.')[0] })),
  });
  file('rules.yaml', { rules: [] });
  file('channels.yaml', { channels: [], routes: [] });
  file('sources.yaml', {
    sources: SOURCE_CONFIG.map(({ timezone: _, ...source }) => ({
      ...source,
      feeds: source.feeds.map(({ id, url }) => ({ id, url, every: '15m' })),
    })),
  });
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const read = () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
  };
  const [out, err] = [read(), read()];
  const env = { DATABASE_URL: database.url, AXISWATCH_CONFIG_DIR: folder, AXISWATCH_LOG_LEVEL: 'silent', HOME: folder };
  const code = await main(argv, { out: out.stream, err: err.stream, env });
  return { code, out: out.text(), err: err.text() };
}

const api = async (path: string) => (await fetch(`${server.url}${path}`)).text();
const RANGE = ['--from', '2026-02-16', '--to', '2026-03-16'];

describe('--json and --csv are the bytes of the API', () => {
  const cases: Array<[string[], string]> = [
    [
      ['trends', '--dyad', 'BBB-AAA', '--domain', 'mil', '--last', '4w', '--json'],
      '/api/v1/trends?dyad=AAA-BBB&domain=military&last=4w',
    ],
    [['trends', '--dyad', 'AAA-BBB', '--dyad', 'AAA-CCC', '--json'], '/api/v1/trends?dyad=AAA-BBB&dyad=AAA-CCC'],
    [
      ['trends', '--polarity', '-1', '--group-by', 'dyad', '--as-of', '2026-03-01', '--json'],
      '/api/v1/trends?polarity=-1&group_by=dyad&as_of=2026-03-01',
    ],
    [['trends', ...RANGE, '--csv'], '/api/v1/trends.csv?from=2026-02-16&to=2026-03-16'],
    [['matrix', ...RANGE, '--json'], '/api/v1/matrix?from=2026-02-16&to=2026-03-16'],
    [['matrix', ...RANGE, '--csv'], '/api/v1/matrix?from=2026-02-16&to=2026-03-16&format=csv'],
    [['items', '--labelled', '--limit', '2', '--json'], '/api/v1/items?labelled=true&limit=2'],
    [['items', '--status', 'denied', '--csv'], '/api/v1/items.csv?status=denied'],
    [['status', '--json'], '/api/v1/status'],
  ];
  it.each(cases)('%j', async (argv, path) => {
    const { code, out } = await run(...argv);
    const answer = await api(path);
    expect([code, out]).toEqual([0, answer]);
    expect(answer.length).toBeGreaterThan(100);
  });

  it('explain is one item', async () => {
    const [{ id }] = await sql<[{ id: string }]>`select id from items where key = 'guid:three'`;
    const answer = await api(`/api/v1/items/${id}`);
    for (const name of [id, 'guid:three', 'https://example.org/three'])
      expect((await run('explain', name, '--json')).out).toBe(answer);
    expect(JSON.parse(answer).labels).toHaveLength(2);
  });
});

describe('on a terminal', () => {
  it('trends is a table with a line per indicator, gaps marked', async () => {
    const { out } = await run('trends', '--dyad', 'AAA-BBB', '--domain', 'military', '--last', '4w');
    expect(out.split('\n').slice(0, 6)).toEqual([
      'AAA–BBB · military · stories per week (UTC weeks, latest provisional)      coverage 1/2 sources',
      'indicator    4 weeks  total  now  usual  z    share',
      'mil.aid      █·▅▅         4    1      –  –  100.0 %',
      'mil.quarrel  ▁·█▁         1    0      –  –    0.0 %',
      '',
      '· not covered: 1 of 4 weeks (nothing was read then; that is no zero)',
    ]);
  });

  it('matrix is pairs by domains', async () => {
    const { out } = await run('matrix', '--last', '4w');
    expect(out.split('\n').slice(1, 5)).toEqual([
      'pair     military      economic',
      'AAA–BBB  ▲4   █·▅▅ ▼1  ▲0   ▁·▁▁',
      'AAA–CCC  ▲1   ▁·▁█     ▲0   ▁·▁▁',
      'BBB–CCC  ▲1   ▁·▁█     ▲0   ▁·▁▁',
    ]);
  });

  it('items lists the latest first, with their labels', async () => {
    const { out } = await run('items', '--labelled', '--to', '2026-03-05');
    expect(out.split('\n').filter((line) => !line.includes(' · '))).toEqual([
      '4 Mar 2026  Betaland denies trade with Alphaland',
      '    ▲ AAA–BBB  econ.trade  denied',
      '3 Mar 2026  Alphaland helps and scolds Betaland',
      '    ▲ AAA–BBB  mil.aid  occurred',
      '    ▼ AAA–BBB  mil.quarrel  occurred',
      '18 Feb 2026  آلفا به Betaland سلاح داد',
      '    ▲ AAA–BBB  mil.aid  alleged',
      '17 Feb 2026  Alphaland arms Betaland',
      '    ▲ AAA–BBB  mil.aid  occurred',
      '',
    ]);
  });

  it('explain shows the words behind each label', async () => {
    const { out } = await run('explain', 'guid:three');
    expect(out).toContain('  [Alphaland|AAA] *helps* and scolds [Betaland|BBB]\n');
    expect(out).toContain('  [Alphaland|AAA] helps and *scolds* [Betaland|BBB]\n');
    expect(out).toContain('rules verb-object; rules 1.0.0, codebook 1.0+test, 3 Mar 2026, 07:00 UTC');
    expect(out).toContain('confidence 0.86');
  });

  it('status says in plain words what fails', async () => {
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out).toContain('not ready');
    expect(out).toContain('temporal  not running here: start it with axiswatch up, or set TEMPORAL_ADDRESS');
    expect(out).toMatch(/failing +south-feed +1 +failed 4 times in a row: The server sent <nothing> for 20 seconds\./);
    expect(out).toMatch(/ok +north-feed +5 +read 6 h ago/);
  });

  it('a title cannot move the cursor or turn the order of the text', async () => {
    await sql`update items set title = ${'\u001b[2JAlpha\u202earms\u0007'} where key = 'guid:six'`;
    const { out } = await run('items', '--from', '2026-03-09');
    expect(out).toContain(' [2JAlpha arms ');
    expect(out).not.toMatch(/[\u001b\u202e\u0007]/);
    await sql`update items set title = 'Weather stays fine' where key = 'guid:six'`;
  });

  it('colours only where they are wanted', async () => {
    const coloured = async (vars: NodeJS.ProcessEnv, isTTY: boolean) => {
      const out = Object.assign(new PassThrough(), { isTTY });
      const chunks: Buffer[] = [];
      out.on('data', (chunk: Buffer) => chunks.push(chunk));
      const env = {
        DATABASE_URL: database.url,
        AXISWATCH_CONFIG_DIR: folder,
        AXISWATCH_LOG_LEVEL: 'silent',
        HOME: folder,
        ...vars,
      };
      await main(['matrix'], { out, err: new PassThrough(), env });
      return Buffer.concat(chunks).includes('\u001b[');
    };
    expect(await coloured({}, true)).toBe(true);
    expect(await coloured({}, false)).toBe(false);
    expect(await coloured({ NO_COLOR: '1' }, true)).toBe(false);
  });
});

it('a reader that closes the pipe early, like head, is no failure', async () => {
  const closed = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  });
  const env = { DATABASE_URL: database.url, AXISWATCH_CONFIG_DIR: folder, AXISWATCH_LOG_LEVEL: 'silent', HOME: folder };
  expect(await main(['items', '--json'], { out: closed, err: new PassThrough(), env })).toBe(0);
});

describe('wrong use', () => {
  it.each([
    [['trends', '--dyad', 'AAA-BBBB'], '--dyad: "AAA-BBBB" is not a dyad; did you mean "AAA-BBB"?\n'],
    [
      ['trends', '--status', 'rumoured'],
      '--status: "rumoured" is not a status\n  allowed: occurred, announced, alleged, denied\n',
    ],
    [['items', '--cursor', 'x'], '--cursor: is not a cursor of this API: take it from next of the page before\n'],
    [['explain', 'nothing-like-it'], 'No item has this id, URL or key. List some with: axiswatch items\n'],
  ])('%j exits 2 with one clear sentence', async (argv, message) => {
    expect(await run(...argv)).toEqual({ code: 2, out: '', err: message });
  });

  it('an unknown option is named, with the one that was meant', async () => {
    const { code, err } = await run('trends', '--dyat', 'AAA-BBB');
    expect([code, err]).toEqual([2, expect.stringContaining('Did you mean --dyad?')]);
  });

  it('a database that does not answer is one sentence without its password, exit 1', async () => {
    const err = new PassThrough();
    const chunks: Buffer[] = [];
    err.on('data', (chunk: Buffer) => chunks.push(chunk));
    const env = {
      DATABASE_URL: 'postgres://me:hush@127.0.0.1:1/none',
      AXISWATCH_CONFIG_DIR: folder,
      AXISWATCH_LOG_LEVEL: 'silent',
      HOME: folder,
    };
    const code = await main(['trends'], { out: new PassThrough(), err, env });
    const said = Buffer.concat(chunks).toString();
    expect([code, said]).toEqual([
      1,
      'The database at 127.0.0.1:1/none as me refuses connections: is the server running, and is the port right?\n',
    ]);
  });
});
