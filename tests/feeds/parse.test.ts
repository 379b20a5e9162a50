import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/errors.js';
import type { ReadContext } from '../../feeds/feed.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { rssFeed } from '../support/feed-server.js';

const NOW = new Date('2026-11-24T12:00:00Z');

function read(body: string | Uint8Array, context: Partial<ReadContext> = {}) {
  return readFeedBytes(typeof body === 'string' ? Buffer.from(body) : body, {
    contentType: null,
    finalUrl: 'https://example.org/news/feed.xml',
    timezone: null,
    now: NOW,
    ...context,
  });
}

const item = (inner: string) => `<item>${inner}</item>`;
const rss = (inner: string, attributes = ' version="2.0"') =>
  `<?xml version="1.0"?><rss${attributes}><channel><title>Feed</title><link>https://example.org/</link><description>d</description>${inner}</channel></rss>`;
const atom = (inner: string, attributes = '') =>
  `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"${attributes}><title>Feed</title><id>urn:f</id><updated>2026-01-01T00:00:00Z</updated>${inner}</feed>`;
const titles = async (body: string) => (await read(body)).entries.map(({ title }) => title);
const titleOf = async (body: string) => (await titles(body))[0];

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => new Error('expected a failure'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  return { reason: error.reason, fault: error.more.fault, suggestions: error.more.suggestions, message: error.message };
}

describe('row 31: formats', () => {
  const entries = item(
    '<title>One</title><link>https://example.org/1</link><pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate>',
  );
  it.each([
    ['RSS 2.0', rss(entries), 'rss'],
    ['RSS without a version', rss(entries, ''), 'rss'],
    ['RSS 0.91', rss(entries, ' version="0.91"'), 'rss'],
    ['RSS of a version nobody knows', rss(entries, ' version="7"'), 'rss'],
    [
      'upper-case RSS',
      rss(entries).replace(
        /<(\/?)(rss|channel|item|title|link|pubDate)/g,
        (_, slash, name) => `<${slash}${name.toUpperCase()}`,
      ),
      'rss',
    ],
    [
      'RDF (RSS 1.0)',
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>F</title></channel><item rdf:about="https://example.org/1"><title>One</title><link>https://example.org/1</link><dc:date>2026-11-24T10:00:00Z</dc:date></item></rdf:RDF>`,
      'rdf',
    ],
    [
      'Atom 1.0',
      atom(
        '<entry><title>One</title><link href="https://example.org/1"/><published>2026-11-24T10:00:00Z</published></entry>',
      ),
      'atom',
    ],
    [
      'Atom 0.3',
      '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>F</title><entry><title>One</title><link rel="alternate" href="https://example.org/1"/><issued>2026-11-24T10:00:00Z</issued></entry></feed>',
      'atom',
    ],
    [
      'Atom with a prefix',
      '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>F</a:title><a:entry><a:title>One</a:title><a:link href="https://example.org/1"/><a:published>2026-11-24T10:00:00Z</a:published></a:entry></a:feed>',
      'atom',
    ],
    [
      'JSON Feed 1.0',
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1',
        items: [{ id: '1', title: 'One', url: 'https://example.org/1', date_published: '2026-11-24T10:00:00Z' }],
      }),
      'json',
    ],
    [
      'JSON Feed 1.1 with a byte order mark',
      `\ufeff${JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items: [{ id: 1, title: 'One', external_url: 'https://example.org/1', date_published: '2026-11-24T10:00:00Z' }] })}`,
      'json',
    ],
  ])('%s', async (_, body, format) => {
    const feed = await read(body);
    expect(feed.format).toBe(format);
    expect(feed.entries).toHaveLength(1);
    expect(feed.entries[0]).toMatchObject({
      title: 'One',
      url: 'https://example.org/1',
      publishedAt: new Date('2026-11-24T10:00:00Z'),
    });
  });

  it('a saved feed may be compressed, and cut', async () => {
    const body = gzipSync(rss(entries + item('<title>Two</title>')));
    expect((await read(body)).entries).toHaveLength(2);
    expect(await read(body.subarray(0, -12))).toMatchObject({ repairs: ['truncated'], format: 'rss' });
  });

  it('a feed of any format without entries is no fault', async () => {
    const json = JSON.stringify({ version: 'https://jsonfeed.org/version/1', title: 'F', items: [] });
    for (const body of [rss(''), '<rss/>', '<rss version="2.0"><channel/></rss>', atom(''), json])
      expect((await read(body)).entries).toEqual([]);
  });

  it('tells title, language and ttl of the feed', async () => {
    const head = '<language>ru-RU</language><ttl>30</ttl>';
    expect(await read(rss(head + item('<title>x</title>')))).toMatchObject({
      title: 'Feed',
      language: 'ru',
      ttlSeconds: 1800,
      encoding: 'utf-8',
    });
    const period = '<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>';
    expect(await read(rss(period))).toMatchObject({ ttlSeconds: 21_600 });
  });
});

describe('row 32: titles', () => {
  it.each([
    ['RSS, entities', rss(item('<title>Peace &amp; war</title>')), 'Peace & war'],
    ['RSS, CDATA', rss(item('<title><![CDATA[Peace & war]]></title>')), 'Peace & war'],
    ['RSS, CDATA with markup', rss(item('<title><![CDATA[<b>Peace</b> &amp; war]]></title>')), 'Peace & war'],
    ['RSS, escaped markup', rss(item('<title>&lt;b&gt;Peace&lt;/b&gt; &amp;amp; war</title>')), 'Peace & war'],
    [
      'RSS, a tag that is only talked of',
      rss(item('<title>How to use &lt;b&gt; in HTML</title>')),
      'How to use <b> in HTML',
    ],
    [
      'RSS, an unclosed tag with attributes',
      rss(item('<title>Peace &lt;a href="x"&gt;and war</title>')),
      'Peace and war',
    ],
    ['RSS, no tag at all', rss(item('<title>#include &lt;stdio.h&gt;</title>')), '#include <stdio.h>'],
    ['RSS, real elements', rss(item('<title>Peace <i>and</i> war</title>')), 'Peace and war'],
    ['RSS, white space', rss(item('<title>\n  Peace\u00a0and \t war\n</title>')), 'Peace and war'],
    ['RSS, one level too many', rss(item('<title>Kim&amp;#8217;s visit</title>')), 'Kim’s visit'],
    ['RSS, media title beside it', rss(item('<title>Right</title><media:title>Wrong</media:title>')), 'Right'],
    ['Atom, text', atom('<entry><title>Use &lt;b&gt; here</title></entry>'), 'Use <b> here'],
    [
      'Atom, text with one level too many',
      atom('<entry><title type="text">Peace &amp;amp; war</title></entry>'),
      'Peace & war',
    ],
    [
      'Atom, html',
      atom('<entry><title type="html">&lt;b&gt;Peace&lt;/b&gt; &amp;amp; war</title></entry>'),
      'Peace & war',
    ],
    [
      'Atom, xhtml',
      atom(
        '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Peace <b>and</b> war &lt; 5</div></title></entry>',
      ),
      'Peace and war < 5',
    ],
  ])('%s', async (_, body, expected) => {
    expect(await titleOf(body)).toBe(expected);
  });

  it('summaries are plain text, too', async () => {
    const text = '&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two&lt;br/&gt;three&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;';
    expect((await read(rss(item(`<title>x</title><description>${text}</description>`)))).entries[0]?.summary).toBe(
      'One. Two three',
    );
  });
});

describe('row 33: mojibake', () => {
  const broken = Buffer.from(Buffer.from('Pékin – Москва').toString('latin1'), 'utf8').toString('utf8');
  it('is undone on a whole field and flagged', async () => {
    const feed = await read(rss(item(`<title>${broken}</title>`)));
    expect(feed.entries[0]?.title).toBe('Pékin – Москва');
    expect(feed.repairs).toEqual(['mojibake']);
  });

  it.each(['Ça va à São Paulo', 'NAÏVE Ã is a letter', 'Größe © 2026', 'Москва'])('leaves %s alone', async (title) => {
    const feed = await read(rss(item(`<title>${title}</title>`)));
    expect(feed).toMatchObject({ repairs: [], entries: [{ title }] });
  });
});

describe('row 34: links', () => {
  const url = async (body: string, context?: Partial<ReadContext>) => (await read(body, context)).entries[0]?.url;
  it.each([
    ['an absolute link as it is written', rss(item('<link>http://EXAMPLE.org</link>')), 'http://EXAMPLE.org'],
    ['a relative one against the feed link', rss(item('<link>/a?b=1</link>')), 'https://example.org/a?b=1'],
    [
      'without a feed link against the address of the document',
      rss(item('<link>a</link>')).replace('<link>https://example.org/</link>', ''),
      'https://example.org/news/a',
    ],
    [
      'xml:base first',
      rss(`<item xml:base="https://base.example/x/"><link>a</link></item>`),
      'https://base.example/x/a',
    ],
    [
      'stacked xml:base',
      atom('<entry xml:base="y/"><link href="a"/></entry>', ' xml:base="https://base.example/x/"'),
      'https://base.example/x/y/a',
    ],
    ['a link without scheme', rss(item('<link>//cdn.example/a</link>')), 'https://cdn.example/a'],
    ['line breaks in it', rss(item('<link>\n https://example.org/\n a </link>')), 'https://example.org/%20a'],
    [
      'Atom: alternate before none',
      atom('<entry><link href="https://e.org/n"/><link rel="alternate" href="https://e.org/a"/></entry>'),
      'https://e.org/a',
    ],
    [
      'Atom: none before others',
      atom('<entry><link rel="related" href="https://e.org/r"/><link href="https://e.org/n"/></entry>'),
      'https://e.org/n',
    ],
    [
      'Atom: no enclosure',
      atom(
        '<entry><link rel="enclosure" href="https://e.org/x.mp3"/><link rel="related" href="https://e.org/r"/></entry>',
      ),
      'https://e.org/r',
    ],
    [
      'Atom: HTML before JSON',
      atom(
        '<entry><link rel="alternate" type="application/json" href="https://e.org/j"/><link rel="alternate" type="text/html" href="https://e.org/h"/></entry>',
      ),
      'https://e.org/h',
    ],
    [
      'RSS link before atom:link',
      rss(item('<atom:link href="https://e.org/self" rel="self"/><link>https://e.org/l</link>')),
      'https://e.org/l',
    ],
    ['the guid when it may be a link', rss(item('<guid>https://example.org/g</guid>')), 'https://example.org/g'],
    [
      'not the guid when it is none',
      rss(item('<title>x</title><guid isPermaLink="false">https://example.org/g</guid>')),
      null,
    ],
    ['not a script', rss(item('<title>x</title><link>javascript:alert(1)</link>')), null],
    ['not a file', rss(item('<title>x</title><link>file:///etc/passwd</link>')), null],
  ])('%s', async (_, body, expected) => {
    expect(await url(body)).toBe(expected);
  });

  it('a saved file keeps relative links as they are written', async () => {
    const body = rss(item('<link>/a/b</link>')).replace('<link>https://example.org/</link>', '');
    expect(await url(body, { finalUrl: 'file:///feed.xml' })).toBe('/a/b');
  });

  it('keeps what the feed says of its guid', async () => {
    const feed = await read(
      rss(
        item('<guid isPermaLink="FALSE"> 17 </guid>') +
          item('<guid>18</guid>') +
          item('<title>x</title><guid> </guid>'),
      ),
    );
    expect(feed.entries.map(({ id, idIsPermalink }) => [id, idIsPermalink])).toEqual([
      ['17', false],
      ['18', true],
      [null, true],
    ]);
  });
});

describe('row 40: dates that cannot be', () => {
  it.each([
    ['in the future', 'Tue, 24 Nov 2026 14:00:00 GMT'],
    ['before 1990', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['unreadable', 'the day before yesterday'],
  ])('%s: no publishedAt, the string kept', async (_, date) => {
    const feed = await read(rssFeed([{ guid: '1', date }]));
    expect(feed.entries[0]).toMatchObject({ publishedAt: null, publishedRaw: date });
  });

  it('up to an hour ahead is a clock that differs', async () => {
    const feed = await read(rssFeed([{ guid: '1', date: 'Tue, 24 Nov 2026 12:59:00 GMT' }]));
    expect(feed.entries[0]?.publishedAt).toEqual(new Date('2026-11-24T12:59:00Z'));
  });

  it('an entry with only a date of change was published then', async () => {
    const feed = await read(atom('<entry><title>x</title><updated>2026-11-01T00:00:00Z</updated></entry>'));
    const date = new Date('2026-11-01T00:00:00Z');
    expect(feed.entries[0]).toMatchObject({ publishedAt: date, updatedAt: date });
  });

  it('zone-less dates are read in the zone of the source', async () => {
    const feed = await read(rssFeed([{ guid: '1', date: '26-10-02  10:45' }]), { timezone: 'Europe/Vienna' });
    expect(feed.entries[0]?.publishedAt).toEqual(new Date('2026-10-02T08:45:00Z'));
  });
});

describe('row 41: one bad entry never loses the feed', () => {
  it('one Atom date that is none', async () => {
    const feed = await read(
      atom(
        '<entry><title>One</title><updated>not a date</updated></entry><entry><title>Two</title><updated>2026-11-01T00:00:00Z</updated></entry>',
      ),
    );
    expect(feed.entries.map(({ title, publishedAt }) => [title, publishedAt])).toEqual([
      ['One', null],
      ['Two', new Date('2026-11-01T00:00:00Z')],
    ]);
  });

  it('an entry with nothing in it is told of, not returned', async () => {
    const feed = await read(
      rss(item('<title>One</title>') + item('<author>x</author>') + item('<title>Three</title>')),
    );
    expect(feed.entries.map(({ title }) => title)).toEqual(['One', 'Three']);
    expect(feed.problems).toEqual(['Entry 2 holds no title, link, id or text.']);
  });

  it.each([
    ['an unclosed element in a title', '<title>One <b>bold</title><guid>1</guid>'],
    ['an unclosed element in the text', '<title>One bold</title><description><p>text</description><guid>1</guid>'],
    ['a bare < before a letter', '<title>One bold</title><description>if a <b then</description><guid>1</guid>'],
  ])('%s', async (_, inner) => {
    const feed = await read(rss(item(inner) + item('<title>Two</title><guid>2</guid>')));
    expect(feed.entries.map(({ title, id }) => [title, id])).toEqual([
      ['One bold', '1'],
      ['Two', '2'],
    ]);
  });

  it('entries that are not closed', async () => {
    expect(
      await titles(rss('<item><title>One</title><item><title>Two</title></item><item><title>Three</title></item>')),
    ).toEqual(['One', 'Two', 'Three']);
  });

  it('an element of the head that is not closed', async () => {
    expect(await titles(rss(`<image><url>x</url>${item('<title>One</title>')}${item('<title>Two</title>')}`))).toEqual([
      'One',
      'Two',
    ]);
  });
});

describe('row 29: repairs are made and flagged', () => {
  const good = rss(item('<title>One</title><guid>1</guid>') + item('<title>Two</title><guid>2</guid>'));
  const withTitle = (title: string) => good.replace('One', title);
  it.each([
    ['bare ampersands', withTitle('R&D & Co'), ['bare-ampersand'], 'R&D & Co'],
    [
      'a bare ampersand in a link',
      good.replace('<guid>1', '<link>https://e.org/?a=1&b=2&copy=3</link><guid>1'),
      ['bare-ampersand'],
      'One',
    ],
    ['entities of HTML', withTitle('caf&eacute;&nbsp;x'), ['html-entity'], 'café x'],
    ['an entity nobody declared', withTitle('AT&foo;T'), ['bare-ampersand'], 'AT&foo;T'],
    ['numbers that XML forbids', withTitle('O&#0;n&#x1F;e&#xD800;&#1114112;'), ['bad-reference'], 'One'],
    ['numbers of windows-1252', withTitle('Kim&#146;s'), ['bad-reference'], 'Kim’s'],
    ['a bare <', withTitle('1 < 2 <3'), ['bare-less-than'], '1 < 2 <3'],
    ['control characters', withTitle('O\u0000n\u0008e\u001b'), ['control-characters'], 'One'],
    ['blank lines in front', `\n\n ${good}`, ['junk-before-root'], 'One'],
    [
      'a PHP notice in front',
      `<br />\n<b>Notice</b>: Undefined index in <b>/x.php</b> on line 3<br />\n${good}`,
      ['junk-before-root'],
      'One',
    ],
    [
      'words in front of a root without declaration',
      `Warning: x ${good.replace('<?xml version="1.0"?>', '')}`,
      ['junk-before-root'],
      'One',
    ],
    ['a script behind', `${good}<script>track()</script>`, ['junk-after-root'], 'One'],
    ['a document type', good.replace('?>', '?><!DOCTYPE rss SYSTEM "http://x/y.dtd">'), ['doctype-dropped'], 'One'],
  ])('%s', async (_, body, repairs, title) => {
    const feed = await read(body);
    expect(feed.repairs).toEqual(repairs);
    expect(feed.entries.map((entry) => entry.title)).toEqual([title, 'Two']);
  });

  it('nothing is flagged on a sound feed', async () => {
    expect((await read(good)).repairs).toEqual([]);
    expect(
      (
        await read(
          `<?xml version="1.0"?><!-- made by hand --><?xml-stylesheet href="x"?>${good.slice(21)}<!-- end -->\n`,
        )
      ).repairs,
    ).toEqual([]);
  });

  it('comments in front may talk of roots and document types', async () => {
    const body = `<!-- made from "<!DOCTYPE" and <rss> by <feed> -->${rss(item('<title>x</title>')).slice(21)}`;
    expect(await read(body)).toMatchObject({ repairs: [], entries: [{ title: 'x' }] });
  });

  it('what looks broken inside CDATA and comments is left alone', async () => {
    const feed = await read(rss(item('<title><![CDATA[R&D < 3 &nbsp; </rss>]]></title><!-- a & b <c -->')));
    expect(feed).toMatchObject({ repairs: [], entries: [{ title: 'R&D < 3 </rss>' }] });
  });

  it.each([
    ['in the third entry', good.replace('</channel></rss>', '<item><title>Thr')],
    ['inside a tag', good.replace('</channel></rss>', '<item><tit')],
    ['inside CDATA', good.replace('</channel></rss>', '<item><title><![CDATA[Thr')],
    ['behind the entries', good.replace('</channel></rss>', '')],
    ['in the closing tag', good.replace('</rss>', '</rs')],
  ])('a document cut %s keeps its whole entries', async (_, body) => {
    const feed = await read(body);
    expect(feed.repairs).toEqual(['truncated']);
    expect(feed.entries.map(({ title }) => title)).toEqual(['One', 'Two']);
  });

  it('a cut Atom feed, too', async () => {
    const body = atom('<entry><title>One</title></entry><entry><title>Two</title></entry>').replace(
      '</entry></feed>',
      '',
    );
    expect(await read(body)).toMatchObject({ repairs: ['truncated'], entries: [{ title: 'One' }] });
  });

  it('a fetch that was cut is flagged although the document looks whole', async () => {
    expect((await read(good, { truncated: true })).repairs).toEqual(['truncated']);
  });
});

describe('row 28: what Postgres refuses never leaves', () => {
  it('NUL, lone surrogates and controls, however they were written', async () => {
    const nasty = [
      '\u0000',
      '&#0;',
      '&amp;#0;',
      '\u0001',
      '&#x1;',
      '&#xD83D;',
      '\ufffe',
      '&#128;\u0081',
      '<![CDATA[\u0000]]>',
      '&amp;#xD800;',
    ].join('x');
    const fields = ['title', 'link', 'guid', 'description', 'pubDate']
      .map((name) => `<${name}>a${nasty}b</${name}>`)
      .join('');
    const json = JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'a\u0000\ud800',
      items: [{ id: 'a\u0000', title: '\ud800b\u0000', url: 'https://e.org/\u0000', content_text: '\udc00\u0007' }],
    });
    for (const body of [rss(item(fields)), json]) {
      const text = JSON.stringify(await read(body));
      // JSON.stringify writes lone surrogates and controls as escapes.
      expect(text).not.toMatch(/\\u00[01]|\\ud[89a-f]|\\uff|\ufffe|[\u0080-\u009f]/i);
    }
  });
});

describe('row 21: what is no feed', () => {
  const page = `<!DOCTYPE html><html><head><base href="https://example.org/base/"><title>Attribute without value</title>
    <link rel="alternate" type="application/rss+xml" href="/rss.xml"><link rel='ALTERNATE home' type='application/atom+xml; charset=utf-8' href='atom.xml'>
    <link rel="alternate" type="application/feed+json" href="https://other.example/feed.json"><link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
    <link rel="alternate" hreflang="de" href="/de"><link rel="stylesheet" type="text/xml" href="x"><link rel=alternate type=application/rss+xml href=javascript:x></head><body disabled><p>x</body></html>`;
  it('a page is told from a feed and its feeds are named', async () => {
    const failure = await failureOf(read(page));
    expect(failure).toMatchObject({
      reason: 'not-a-feed',
      fault: 'html',
      suggestions: [
        'https://example.org/rss.xml',
        'https://example.org/base/atom.xml',
        'https://other.example/feed.json',
      ],
    });
    expect(failure.message).toContain('https://example.org/rss.xml');
  });

  it.each<[string, string, string, string]>([
    ['a page without feeds', '<html><body>app</body></html>', 'not-a-feed', 'html'],
    [
      'a page that says it is XML',
      '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">\n<html xmlns="http://www.w3.org/1999/xhtml"/>',
      'not-a-feed',
      'html',
    ],
    ['a piece of a page', '<div class="error">Sorry</div>', 'not-a-feed', 'html'],
    ['an empty body', '', 'not-a-feed', 'empty-body'],
    ['white space', ' \n\ufeff\n', 'not-a-feed', 'empty-body'],
    ['plain words', 'Service unavailable', 'not-a-feed', 'parse'],
    ['another document', '<?xml version="1.0"?><opml version="2.0"><body/></opml>', 'not-a-feed', 'parse'],
    ['other JSON', '{"error": "no"}', 'not-a-feed', 'parse'],
    ['broken JSON', '{"version": "https://jsonfeed.org/version/1", "items": [', 'malformed', 'parse'],
  ])('%s', async (_, body, reason, fault) => {
    expect(await failureOf(read(body))).toMatchObject({ reason, fault });
  });

  it('a feed with pages inside is a feed', async () => {
    expect(
      await titleOf(
        rss(item('<title>x</title><description><![CDATA[<!DOCTYPE html><html><body>hi</body></html>]]></description>')),
      ),
    ).toBe('x');
  });
});
