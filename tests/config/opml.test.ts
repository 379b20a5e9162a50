import { describe, expect, it } from 'vitest';
import { SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { loadConfig } from '../../config/load.js';
import { planOpmlImport, readOpml, writeOpml } from '../../config/opml.js';
import { Failure } from '../../core/errors.js';

const OPML = `<?xml version="1.0"?>
<opml version="1.1"><head><title>Reading</title></head><body>
  <outline text="World" title="World">
    <outline text="Wires">
      <outline type="rss" text="Example Agency" title="Example Agency" xmlUrl="https://example.org/rss?a=1&amp;b=2" language="en-us"/>
      <outline type="rss" xmlUrl="https://untitled.example.org/feed"/>
    </outline>
    <outline type="rss" text="Twice escaped" xmlUrl="https://example.org/rss?a=1&amp;amp;b=2"/>
  </outline>
  <outline TEXT="Capitals" XMLURL="feed://capitals.example.org/rss" />
  <outline text="Новости" xmlUrl="https://news.example.org/ru & more.xml"/>
</body></opml>`;

describe('an OPML file is read', () => {
  const feeds = readOpml(OPML);

  it('with nested folders', () => {
    expect(feeds.map((feed) => feed.folders)).toEqual([['World', 'Wires'], ['World', 'Wires'], ['World'], [], []]);
  });

  it('with missing titles', () => {
    expect(feeds.map((feed) => feed.title)).toEqual(['Example Agency', null, 'Twice escaped', 'Capitals', 'Новости']);
  });

  it('with URLs escaped once, twice and not at all, and the scheme of readers', () => {
    expect(feeds.map((feed) => feed.url)).toEqual([
      'https://example.org/rss?a=1&b=2',
      'https://untitled.example.org/feed',
      'https://example.org/rss?a=1&b=2',
      'http://capitals.example.org/rss',
      'https://news.example.org/ru & more.xml',
    ]);
  });

  it('with languages as two letters', () => {
    expect(feeds.map((feed) => feed.language)).toEqual(['en', null, null, null, null]);
  });

  it('a feed in a feed is both', () => {
    const nested =
      '<opml><body><outline text="a" xmlUrl="https://a.example"><outline xmlUrl="https://b.example"/></outline></body></opml>';
    expect(readOpml(nested).map((feed) => [feed.url, feed.folders])).toEqual([
      ['https://a.example', []],
      ['https://b.example', []],
    ]);
  });

  it('what is no OPML has no feeds', () => {
    expect(readOpml('<html><body>hello</body></html>')).toEqual([]);
    expect(readOpml('')).toEqual([]);
  });

  it('folders without end are refused', () => {
    expect(() => readOpml(`<opml>${'<outline text="x">'.repeat(100)}`)).toThrow(Failure);
    expect(() => readOpml(`<opml>${'<outline text="x">'.repeat(100)}`)).toThrow(/deeper than 50/);
  });
});

describe('an import', () => {
  it('adds every feed once, with free ids and what the file tells', () => {
    const { sources, known } = planOpmlImport(readOpml(OPML), []);
    expect(known).toEqual(['https://example.org/rss?a=1&b=2']);
    expect(sources.map(({ id, name, language, note }) => [id, name, language, note])).toEqual([
      ['example-agency', 'Example Agency', 'en', 'Imported from World / Wires.'],
      ['untitled-example-org', 'untitled.example.org', undefined, 'Imported from World / Wires.'],
      ['capitals', 'Capitals', undefined, undefined],
      ['news-example-org', 'Новости', undefined, undefined],
    ]);
    expect(sources[0]?.feeds).toEqual([{ id: 'example-agency', url: 'https://example.org/rss?a=1&b=2', every: '30m' }]);
  });

  it('leaves out what is polled already, whatever its scheme and last slash', () => {
    const existing = loadConfig(SHIPPED_CONFIG_DIR).sources;
    const opml = '<opml><body><outline text="TASS" xmlUrl="http://tass.com/rss/v2.xml/"/></body></opml>';
    expect(planOpmlImport(readOpml(opml), existing)).toEqual({ sources: [], known: ['http://tass.com/rss/v2.xml/'] });
  });

  it('takes no id that is taken', () => {
    const existing = loadConfig(SHIPPED_CONFIG_DIR).sources;
    const opml = '<opml><body><outline text="TASS" xmlUrl="https://other.example/rss"/></body></opml>';
    expect(planOpmlImport(readOpml(opml), existing).sources[0]?.id).toBe('tass-2');
  });
});

it('the shipped sources survive export and import whole, but for the page read as a list', () => {
  const { sources } = loadConfig(SHIPPED_CONFIG_DIR);
  const back = planOpmlImport(readOpml(writeOpml(sources)), []).sources;
  const plain = sources
    .filter((source) => source.feeds[0]?.kind !== 'html-list')
    .map(({ id, name, country, language, bloc, family, timezone, feeds }) => ({
      ...{ id, name, country, language, bloc, family, timezone },
      feeds: feeds.map((feed) => [feed.id, feed.url, feed.kind]),
    }));
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  expect(
    back
      .map(({ id, name, country, language, bloc, family, timezone, feeds }) => ({
        ...{ id, name, country, language, bloc, family, timezone },
        feeds: feeds.map((feed) => [feed.id, feed.url, feed.kind]),
      }))
      .sort(byId),
  ).toEqual(plain.sort(byId));
});
