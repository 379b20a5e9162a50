import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../cli/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const RSS = `<?xml version="1.0"?><rss version="2.0"><channel><title>Example Agency</title><language>ru-RU</language>
<item><title>One</title><link>https://example.org/1</link><guid>1</guid></item></channel></rss>`;
const PAGE =
  '<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head><body>hi</body></html>';

const PAGES: Record<string, string> = {
  '/several': PAGE.replace('</head>', '<link rel="alternate" type="application/rss+xml" href="/b.xml"></head>'),
  '/circle': PAGE.replace('/rss.xml', '/circle'),
};

let database: TestDatabase;
let server: Server;
let origin: string;
let dir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  server = createServer((request, response) => {
    const body = request.url === '/rss.xml' ? RSS : (PAGES[request.url ?? ''] ?? PAGE);
    response.writeHead(request.url === '/gone' ? 404 : 200, {
      'content-type': body === RSS ? 'text/xml' : 'text/html',
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'axiswatch-sources-'));
  writeFileSync(join(dir, 'sources.yaml'), SOURCES);
});

const SOURCES = `# Ours.
sources:
  - id: tass
    name: TASS # agency
    bloc: russian
    feeds:
      - { id: tass-en, url: "https://tass.example/rss", every: 15m }
      - { id: tass-ru, url: "https://tass.example/ru", every: 15m }
`;

/** Runs one command line against the folder, the database and the loopback server. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const env = {
    AXISWATCH_CONFIG_DIR: dir,
    AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1',
    AXISWATCH_LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
  };
  const code = await main(argv, { out: sink('out'), err: sink('err'), env });
  return { code, ...said };
}

const written = () => readFileSync(join(dir, 'sources.yaml'), 'utf8');

describe('sources add', () => {
  it('fetches once, fills in title and language, and keeps the file as it was', async () => {
    const { code, out } = await run('sources', 'add', `${origin}/rss.xml`, '--bloc', 'russian', '--every', '15m');
    expect([code, out]).toEqual([0, 'example-agency\n']);
    expect(written()).toBe(`${SOURCES}
  - id: example-agency
    name: Example Agency
    language: ru
    bloc: russian
    feeds:
      - id: example-agency
        url: ${origin}/rss.xml
        every: 15m
`);
  });

  it('adds to a source that is there', async () => {
    expect((await run('sources', 'add', `${origin}/rss.xml`, '--source', 'tass', '--id', 'tass-three')).code).toBe(0);
    const { out } = await run('sources', 'list', '--json');
    expect(JSON.parse(out).sources[0].feeds.map((feed: { id: string }) => feed.id)).toEqual([
      'tass-en',
      'tass-ru',
      'tass-three',
    ]);
  });

  it('a page that names one feed adds that feed', async () => {
    const { code, err } = await run('sources', 'add', `${origin}/`);
    expect(code).toBe(0);
    expect(err).toContain(`${origin}/ is a page that names one feed: ${origin}/rss.xml`);
    expect(written()).toContain(`url: ${origin}/rss.xml`);
    expect((await run('sources', 'add', `${origin}/`)).err).toContain('is already polled as "example-agency"');
  });

  it('a page that names several feeds is refused with all of them', async () => {
    const { code, err } = await run('sources', 'add', `${origin}/several`);
    expect(code).toBe(1);
    expect(err).toContain(`try: axiswatch sources add ${origin}/rss.xml\n  try: axiswatch sources add ${origin}/b.xml`);
    expect(written()).toBe(SOURCES);
  });

  it('a page whose only feed is none is refused', async () => {
    const { code, err } = await run('sources', 'add', `${origin}/circle`);
    expect(code).toBe(1);
    expect(err).toContain(`${origin}/circle is not added: The address gives a web page`);
    expect(written()).toBe(SOURCES);
  });

  it.each([
    [['https://tass.example/rss'], 2, 'already polled as "tass-en"'],
    [['tass.example'], 2, 'is no address'],
    [['https://a.example/rss', '--source', 'tas'], 2, 'did you mean "tass"?'],
    [['https://a.example/rss', '--no-check', '--bloc', 'westren'], 2, 'did you mean "western"?'],
    [['https://a.example/rss', '--no-check', '--every', '15 minutes'], 2, 'use 15m, 2h or 1d'],
  ])('%j is refused', async (args, code, message) => {
    const result = await run('sources', 'add', ...args);
    expect([result.code, result.err]).toEqual([code, expect.stringContaining(message)]);
    expect(written()).toBe(SOURCES);
  });
});

describe('sources import and export', () => {
  it('an OPML file is added, doubles are told, a bad address costs only itself', async () => {
    const file = join(dir, 'list.opml');
    writeFileSync(
      file,
      `<opml><body><outline text="World">
        <outline text="TASS" xmlUrl="https://tass.example/rss"/>
        <outline text="New" xmlUrl="https://new.example/rss?a=1&amp;amp;b=2"/>
        <outline text="Bad" xmlUrl="gopher://bad.example/"/>
      </outline></body></opml>`,
    );
    const { code, out, err } = await run('sources', 'import', file);
    expect([code, out]).toEqual([1, 'added new  https://new.example/rss?a=1&b=2\n']);
    expect(err).toContain('known already: https://tass.example/rss');
    expect(err).toContain('refused bad: Invalid URL');
    expect(written().startsWith(SOURCES)).toBe(true);
    expect((await run('sources', 'import', file)).out).toBe('');
  });

  it('what is exported can be imported into an empty folder', async () => {
    const { out } = await run('sources', 'export');
    const before = (await run('sources', 'list', '--json')).out;
    writeFileSync(join(dir, 'all.opml'), out);
    writeFileSync(join(dir, 'sources.yaml'), 'sources: []\n');
    expect((await run('sources', 'import', join(dir, 'all.opml'))).code).toBe(0);
    expect((await run('sources', 'list', '--json')).out).toBe(before);
  });

  it('a list in another encoding is read', async () => {
    const opml =
      '<?xml version="1.0" encoding="utf-16"?><opml><body><outline text="Новости" xmlUrl="https://news.example/rss"/></body></opml>';
    writeFileSync(join(dir, 'utf16.opml'), Buffer.from(`\ufeff${opml}`, 'utf16le'));
    expect((await run('sources', 'import', join(dir, 'utf16.opml'))).code).toBe(0);
    expect(written()).toContain('name: Новости');
  });

  it('folders without end are told in one sentence', async () => {
    const file = join(dir, 'deep.opml');
    writeFileSync(file, `<opml><body>${'<outline text="x">'.repeat(100)}`);
    expect(await run('sources', 'import', file)).toEqual({
      code: 2,
      out: '',
      err: `${file}: folders nest deeper than 50\n`,
    });
  });

  it('what is no OPML is told', async () => {
    writeFileSync(join(dir, 'x.opml'), 'hello');
    expect(await run('sources', 'import', join(dir, 'x.opml'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('names no feed'),
    });
    expect(await run('sources', 'import', join(dir, 'none'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('ENOENT'),
    });
  });
});

describe('sources test', () => {
  const entry = {
    id: '1',
    title: 'One',
    url: 'https://example.org/1',
    published_at: null,
    updated_at: null,
    summary: null,
  };

  it('a URL and a file come out as the contract says', async () => {
    const target = `${origin}/rss.xml`;
    const { code, out } = await run('sources', 'test', target, '--json');
    const expected = {
      outcome: 'polled',
      reason: null,
      format: 'rss',
      encoding: 'utf-8',
      repairs: [],
      entries: [entry],
      suggestions: [],
    };
    expect([code, JSON.parse(out)]).toEqual([0, { target, ...expected }]);
    const file = join(dir, 'saved.xml');
    writeFileSync(file, RSS);
    expect(JSON.parse((await run('sources', 'test', file, '--json')).out)).toEqual({ target: file, ...expected });
  });

  it('a configured feed by its id', async () => {
    writeFileSync(join(dir, 'sources.yaml'), SOURCES.replace('https://tass.example/rss', `${origin}/rss.xml`));
    const { code, out } = await run('sources', 'test', 'tass-en');
    expect([code, out]).toEqual([0, expect.stringContaining('tass-en: polled\nrss, utf-8, 1 entries\n')]);
  });

  it('a page fails with the feed it names', async () => {
    const { code, out } = await run('sources', 'test', `${origin}/`, '--json');
    expect([code, JSON.parse(out)]).toEqual([
      1,
      expect.objectContaining({ outcome: 'failed', reason: 'not-a-feed', suggestions: [`${origin}/rss.xml`] }),
    ]);
  });

  it('a wrong configuration does not stand in the way of a URL', async () => {
    writeFileSync(join(dir, 'sources.yaml'), 'sorces: []');
    expect((await run('sources', 'test', `${origin}/rss.xml`)).code).toBe(0);
  });

  it('what is neither id nor URL nor file is wrong use', async () => {
    const { code, err } = await run('sources', 'test', 'tass-enn');
    expect([code, err]).toEqual([
      2,
      'no feed or source "tass-enn": did you mean "tass-en"?; a URL or a file will do too\n',
    ]);
  });
});

describe('sources pause and resume', () => {
  it('one feed, or all of a source', async () => {
    expect(await run('sources', 'pause', 'tass-en')).toMatchObject({ code: 0, out: 'tass-en paused\n' });
    expect(await run('sources', 'resume', 'tass')).toMatchObject({
      code: 0,
      out: 'tass-en resumed\ntass-ru resumed\n',
    });
  });

  it('an unknown id is told with the one that was meant', async () => {
    expect(await run('sources', 'pause', 'tass-enn')).toMatchObject({
      code: 2,
      err: 'no feed or source "tass-enn": did you mean "tass-en"?\n',
    });
  });
});
