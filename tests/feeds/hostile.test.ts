import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../core/errors.js';
import { createFetchFeed } from '../../feeds/fetch.js';
import { MAX_BODY_BYTES, MAX_ENTRIES, readFeedBytes } from '../../feeds/parse.js';
import { type FeedServer, startFeedServer } from '../support/feed-server.js';

// Inputs made to break readers. Each must end in entries or in one clear reason; the time limit of the test is the only clock.

const NOW = new Date('2026-11-24T12:00:00Z');
const rss = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>${items}</channel></rss>`;
const GOOD = '<item><title>Good</title><guid>g</guid></item>';

async function outcome(body: string | Uint8Array) {
  try {
    const feed = await readFeedBytes(typeof body === 'string' ? Buffer.from(body) : body, {
      contentType: null,
      finalUrl: 'https://example.org/feed',
      timezone: null,
      now: NOW,
    });
    return {
      entries: feed.entries.length,
      first: feed.entries[0]?.title,
      repairs: feed.repairs,
      problems: feed.problems,
      feed,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { reason: error.reason, fault: error.more.fault, message: error.message };
  }
}

describe('entities', () => {
  it('row 30: a billion laughs is dropped with its document type', async () => {
    const levels = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const body = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">${levels}]>${rss(`<item><title>&l9;</title></item>${GOOD}`).slice(21)}`;
    expect(await outcome(body)).toMatchObject({
      entries: 2,
      first: '&l9;',
      repairs: ['bare-ampersand', 'doctype-dropped'],
    });
  });

  it('row 30: quadratic blow-up is not expanded', async () => {
    const body = `<!DOCTYPE rss [<!ENTITY a "${'a'.repeat(100_000)}">]>${rss(`<item><title>x${'&a;'.repeat(1000)}</title></item>`).slice(21)}`;
    expect(await outcome(body)).toMatchObject({ entries: 1, repairs: ['bare-ampersand', 'doctype-dropped'] });
  });

  it.each(['file:///etc/passwd', 'http://169.254.169.254/latest/meta-data/'])(
    'row 30: an external entity (%s) is not read',
    async (target) => {
      const body = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "${target}"><!ENTITY % y SYSTEM "${target}"> %y;]>${rss(`<item><title>a &x; b</title></item>`).slice(21)}`;
      expect(await outcome(body)).toMatchObject({ entries: 1, first: 'a &x; b' });
    },
  );

  it('row 30: a document type that hides in quotes and comments is dropped whole', async () => {
    const body = `<!DOCTYPE rss [<!-- ]> --><!ENTITY a "]>"><!ENTITY b ']>'>]><!DOCTYPE again>${rss(GOOD).slice(21)}`;
    expect(await outcome(body)).toMatchObject({ entries: 1, first: 'Good', repairs: ['doctype-dropped'] });
  });
});

describe('sizes', () => {
  it('row 17: a text of 50 MB is too large', async () => {
    expect(await outcome(rss(`<item><title>${'x'.repeat(50_000_000)}</title></item>`))).toMatchObject({
      reason: 'too-large',
      fault: 'size',
    });
  });

  it('a text as large as a body may be is cut to a title', async () => {
    const result = await outcome(rss(`<item><title>${'x '.repeat(MAX_BODY_BYTES / 2 - 1000)}</title></item>${GOOD}`));
    expect(result).toMatchObject({ entries: 2 });
    expect(result.first?.length).toBeLessThanOrEqual(1000);
  });

  it.each([10_000, 100_000])('row 30: %i elements in one another are refused', async (depth) => {
    const body = rss(`<item><title>x</title>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</item>`);
    expect(await outcome(body)).toMatchObject({ reason: 'malformed', fault: 'parse' });
  });

  it('row 41: entries before the deep one are kept', async () => {
    const result = await outcome(rss(`${GOOD}<item>${'<a>'.repeat(100_000)}`));
    expect(result).toMatchObject({ entries: 1, first: 'Good' });
    expect(result.problems?.[0]).toContain('200 levels deep in entry 2');
  });

  it('JSON nested without end is refused or empty', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(
      await outcome(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"x","extra":${deep}}]}`),
    ).toMatchObject({ entries: 1 });
  });

  it('row 30: 200,000 attributes on one element', async () => {
    const attributes = Array.from({ length: 200_000 }, (_, i) => `a${i}="x"`).join(' ');
    expect(await outcome(rss(`<item ${attributes}><title>Many</title></item>${GOOD}`))).toMatchObject({
      entries: 2,
      first: 'Many',
    });
  });

  it('row 42: of 100,000 entries the first are read, and that is told', async () => {
    const items = Array.from({ length: 100_000 }, (_, i) => `<item><title>T${i}</title><guid>${i}</guid></item>`).join(
      '',
    );
    const result = await outcome(rss(items));
    expect(result).toMatchObject({ entries: MAX_ENTRIES, first: 'T0', repairs: ['entry-cap'] });
    expect(result.problems).toHaveLength(1);
  });

  it('row 42: also of 100,000 entries of a JSON Feed', async () => {
    const items = Array.from({ length: 100_000 }, (_, i) => ({ id: String(i), title: `T${i}` }));
    expect(await outcome(JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items }))).toMatchObject({
      entries: MAX_ENTRIES,
      repairs: ['entry-cap'],
    });
  });

  it('fields of any length come out cut', async () => {
    const long = 'é'.repeat(100_000);
    const { feed } = await outcome(
      rss(
        `<item><title>${long}</title><description>${long}</description><guid>${long}</guid><link>https://e.org/${long}</link><pubDate>${long}</pubDate></item>`,
      ),
    );
    const [entry] = feed!.entries;
    expect([
      entry?.title.length,
      entry?.summary.length,
      entry?.id?.length,
      entry?.url,
      entry?.publishedRaw?.length,
    ]).toEqual([1000, 10_000, 2000, null, 200]);
  });
});

describe('shapes that make readers slow', () => {
  const MANY = 300_000;
  it.each<[string, string]>([
    [
      'tags never closed',
      rss(`<item><title>x</title><description><![CDATA[${'x<b'.repeat(MANY)}]]></description></item>${GOOD}`),
    ],
    [
      'line breaks of HTML',
      rss(
        `<item><title>x</title><description><![CDATA[${'text<br>\n'.repeat(MANY / 3)}]]></description></item>${GOOD}`,
      ),
    ],
    [
      'opening angles',
      rss(`<item><title>x</title><description><![CDATA[${'<'.repeat(MANY)}]]></description></item>${GOOD}`),
    ],
    ['bare angles', rss(`<item><title>x</title><description>${'<'.repeat(MANY)}</description></item>${GOOD}`)],
    ['ampersands', rss(`<item><title>x</title><description>${'&'.repeat(MANY)}</description></item>${GOOD}`)],
    [
      'nested markup in a text',
      rss(`<item><title>x</title><description><![CDATA[${'<b>'.repeat(MANY)}]]></description></item>${GOOD}`),
    ],
    ['white space', rss(`<item><title>x</title><description>${' \n'.repeat(MANY)}</description></item>${GOOD}`)],
    ['empty comments', rss(`<item><title>x</title>${'<!---->'.repeat(MANY / 3)}</item>${GOOD}`)],
    ['empty CDATA', rss(`<item><title>x${'<![CDATA[]]>'.repeat(MANY / 3)}</title></item>${GOOD}`)],
    [
      'names of namespaces',
      rss(
        `<item ${Array.from({ length: 20_000 }, (_, i) => `xmlns:n${i}="u${i}"`).join(' ')}><title>x</title></item>${GOOD}`,
      ),
    ],
    [
      'links',
      rss(
        `<item><title>x</title>${'<atom:link href="https://e.org/" rel="related"/>'.repeat(MANY / 10)}</item>${GOOD}`,
      ),
    ],
  ])('%s', async (_, body) => {
    expect(await outcome(body)).toMatchObject({ entries: 2, first: 'x' });
  });

  it.each<[string, string]>([
    ['comments never closed', '<!--'.repeat(MANY)],
    ['CDATA never closed', `<rss>${'<![CDATA['.repeat(MANY)}`],
    ['instructions never closed', '<?x'.repeat(MANY)],
    ['document types', '<!DOCTYPE a ['.repeat(MANY)],
    ['angles', '<'.repeat(MANY)],
    ['closing tags', `<rss>${'</a>'.repeat(MANY)}`],
    ['opening tags', '<a>'.repeat(MANY)],
    ['roots', '<rss>'.repeat(MANY)],
    ['entries never closed', `<rss>${'<item>'.repeat(MANY)}`],
    ['braces', '{'.repeat(MANY)],
  ])('%s end in a reason or in nothing', async (_, body) => {
    const result = await outcome(body);
    expect(result.reason ?? result.entries).toSatisfy(
      (end) => end === 'not-a-feed' || end === 'malformed' || end === 0,
    );
  });
});

describe('names that mean something to JavaScript', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'length'])(
    'an element <%s> is an element',
    async (name) => {
      const body = rss(
        `<item><title>T</title><${name}><polluted>yes</polluted></${name}><guid>1</guid></item><${name} polluted="yes">x</${name}>`,
      );
      expect(await outcome(body)).toMatchObject({ entries: 1, first: 'T' });
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  it('a JSON key __proto__ is a key', async () => {
    const body = `{"version":"https://jsonfeed.org/version/1.1","__proto__":{"polluted":1},"items":[{"id":"1","title":"T","__proto__":{"polluted":1}}]}`;
    expect(await outcome(body)).toMatchObject({ entries: 1, first: 'T' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('from the wire to entries', () => {
  let server: FeedServer;
  beforeAll(async () => {
    server = await startFeedServer();
  });
  afterAll(() => server.close());

  async function fetchAndRead(path: string) {
    const fetchFeed = createFetchFeed({ allowAddresses: ['127.0.0.1'], userAgent: 'axiswatch/test' });
    const { body, contentType, finalUrl, truncated } = await fetchFeed(
      { url: `${server.url}${path}` },
      new AbortController().signal,
    );
    return readFeedBytes(body, { contentType, finalUrl, truncated, timezone: null, now: NOW });
  }

  it('row 19: a truncated gzip gives the whole entries of what inflates, flagged', async () => {
    const items = Array.from(
      { length: 50 },
      (_, i) => `<item><title>Report ${i}</title><guid>${i * 7919}</guid></item>`,
    ).join('');
    const whole = gzipSync(rss(items));
    server.routes['/cut'] = {
      headers: { 'Content-Encoding': 'gzip' },
      body: whole.subarray(0, Math.floor(whole.byteLength * 0.6)),
    };
    const feed = await fetchAndRead('/cut');
    expect(feed.repairs).toEqual(['truncated']);
    expect(feed.entries.length).toBeGreaterThan(10);
    expect(feed.entries.length).toBeLessThan(50);
    expect(feed.entries.at(-1)?.id).toBe(String((feed.entries.length - 1) * 7919));
  });

  it('row 27: windows-1251 that only HTTP declares', async () => {
    const body = Buffer.concat([
      Buffer.from('<rss version="2.0"><channel><item><title>'),
      Buffer.from([0xca, 0xcd, 0xc4, 0xd0]),
      Buffer.from('</title></item></channel></rss>'),
    ]);
    server.routes['/1251'] = { headers: { 'Content-Type': 'application/rss+xml; charset="windows-1251"' }, body };
    expect(await fetchAndRead('/1251')).toMatchObject({ encoding: 'windows-1251', entries: [{ title: 'КНДР' }] });
  });

  it('row 26: UTF-16', async () => {
    server.routes['/16'] = {
      headers: { 'Content-Type': 'text/xml' },
      body: Buffer.from(`\ufeff${rss(GOOD)}`, 'utf16le'),
    };
    expect(await fetchAndRead('/16')).toMatchObject({ encoding: 'utf-16le', entries: [{ title: 'Good' }] });
  });
});
