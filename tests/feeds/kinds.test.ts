import { describe, expect, it } from 'vitest';
import type { FeedKind } from '../../feeds/feed.js';
import { readFeedBytes } from '../../feeds/parse.js';
import { withoutOutlet } from '../../feeds/search.js';
import { type Element, matches, parseSelector } from '../../feeds/select.js';
import { rssFeed } from '../support/feed-server.js';

function read(text: string, kind: FeedKind, options: Record<string, unknown> = {}) {
  return readFeedBytes(Buffer.from(text), {
    contentType: 'text/html; charset=utf-8',
    finalUrl: 'https://example.org/press/list',
    timezone: 'America/New_York',
    now: new Date('2026-11-24T12:00:00Z'),
    kind,
    options,
  });
}

const PAGE = `<!doctype html><html lang="en-US"><head><title>Recent actions</title></head><body>
<nav><ul><li class="row"><a href="/about">About</a></li></ul></nav>
<div id="list" class="view wide">
  <article class="row first"><h3><a href="/action/1">Designations &amp; removals</a></h3><time datetime="2026-11-23T10:00">Monday</time><p class="text">Ten ships</p></article>
  <article class="row"><h3><a href="action/2?x=1&y=2">General <em>licence</em> 8</a></h3><span class="date">November 22, 2026</span></article>
  <article class="row"><h3>Without a link</h3></article>
</div></body></html>`;

describe('kind html-list', () => {
  it('reads title, link, date and summary of each element of the list', async () => {
    const list = { entry: '#list > article.row', title: 'h3', date: 'time, .date', summary: '.text' };
    const feed = await read(PAGE, 'html-list', { list });
    expect(feed).toMatchObject({
      title: 'Recent actions',
      language: 'en',
      problems: ['Element 3 of the list has no link.'],
    });
    expect(feed.entries.map(({ title, url, publishedAt, summary }) => ({ title, url, publishedAt, summary }))).toEqual([
      {
        title: 'Designations & removals',
        url: 'https://example.org/action/1',
        publishedAt: new Date('2026-11-23T15:00:00Z'),
        summary: 'Ten ships',
      },
      {
        title: 'General licence 8',
        url: 'https://example.org/press/action/2?x=1&y=2',
        publishedAt: new Date('2026-11-22T05:00:00Z'),
        summary: '',
      },
    ]);
  });

  it('without further selectors the first link of an element is its title and address', async () => {
    const feed = await read(PAGE, 'html-list', { list: { entry: 'article' } });
    expect(feed.entries.map(({ title }) => title)).toEqual(['Designations & removals', 'General licence 8']);
  });

  it.each([
    ['a list that is not there', { entry: '.gone' }],
    ['a selector that cannot be used', { entry: 'article:has(a)' }],
    ['no selector', {}],
  ])('%s fails the feed', async (_, list) => {
    await expect(read(PAGE, 'html-list', { list })).rejects.toMatchObject({
      reason: 'not-a-feed',
      more: { fault: 'parse' },
    });
  });

  it('a page nested without end is cut, not followed', async () => {
    const deep = `${PAGE.replace('</body></html>', '')}${'<div>'.repeat(100_000)}`;
    const feed = await read(deep, 'html-list', { list: { entry: 'article' } });
    expect(feed).toMatchObject({ repairs: ['entry-cap'] });
    expect(feed.entries).toHaveLength(2);
  });
});

describe('selectors', () => {
  const path: Element[] = [
    { name: 'div', attributes: { id: 'main', class: 'a b' } },
    { name: 'ul', attributes: {} },
    { name: 'li', attributes: { 'data-kind': 'press release', class: 'row' } },
  ];
  it.each([
    ['li', true],
    ['*.row', true],
    ['div li', true],
    ['div > li', false],
    ['#main.b > ul > li.row', true],
    ['[data-kind]', true],
    ['li[data-kind="press release"]', true],
    ['li[data-kind="press"]', false],
    ['[data-kind^=press]', true],
    ['[data-kind~=release]', true],
    ['[data-kind$=release]', true],
    ['[data-kind*=ss]', true],
    ['p, li', true],
    ['ul', false],
  ])('%s: %s', (text, expected) => {
    const selector = parseSelector(text);
    expect(selector !== null && matches(selector, path)).toBe(expected);
  });

  it.each(['', '>', 'a >', '> a', 'a:hover', 'a + b', 'a { }', 'a,,b'])('"%s" is no selector we know', (text) => {
    expect(parseSelector(text)).toBeNull();
  });
});

describe('kind search', () => {
  it('takes the outlet off the titles and drops summaries that repeat them', async () => {
    const feed = await read(
      rssFeed([
        {
          guid: '1',
          title: 'Russia, Iran sign pact - Reuters',
          text: '<a href="x">Russia, Iran sign pact</a>&nbsp;<font>Reuters</font>',
        },
        {
          guid: '2',
          title: 'Talks on gas pipeline: what we know - The Wall Street Journal',
          text: 'A text of its own that tells much more.',
        },
      ]),
      'search',
    );
    expect(feed.entries.map(({ title, summary }) => ({ title, summary }))).toEqual([
      { title: 'Russia, Iran sign pact', summary: '' },
      { title: 'Talks on gas pipeline: what we know', summary: 'A text of its own that tells much more.' },
    ]);
  });

  it.each([
    ['Russia-Iran pact signed', null, 'Russia-Iran pact signed'],
    ['A - B - Reuters', null, 'A - B'],
    [
      'Pact signed - after years of talks between the two capitals',
      null,
      'Pact signed - after years of talks between the two capitals',
    ],
    ['Pact signed - AP News', 'Reuters', 'Pact signed - AP News'],
    ['Pact signed - reuters', 'Reuters', 'Pact signed'],
    [' - Reuters', null, ' - Reuters'],
  ])('%s (%s)', (title, suffix, expected) => {
    expect(withoutOutlet(title, suffix)).toBe(expected);
  });
});
