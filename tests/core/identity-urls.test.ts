import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUrl, urlKey } from '../../core/identity/canonical-url.js';

describe('row 37: the canonical URL', () => {
  it.each([
    [
      'tracking parameters go, others stay',
      'https://example.org/a?utm_source=rss&id=5&fbclid=x&yclid=1',
      'https://example.org/a?id=5',
    ],
    [
      'a query of tracking only goes with its mark',
      'https://example.org/a?utm_medium=feed&gclid=7',
      'https://example.org/a',
    ],
    ['an anchor goes', 'https://example.org/a#comments', 'https://example.org/a'],
    [
      'a tracking fragment goes',
      'https://www.ft.com/content/c68b?segmentId=776b#myft:my-news:rss',
      'https://www.ft.com/content/c68b',
    ],
    [
      'a fragment that chooses the document stays',
      'https://example.org/app#/story/5',
      'https://example.org/app#/story/5',
    ],
    ['a hashbang stays', 'https://example.org/#!/story/5', 'https://example.org/#!/story/5'],
    ['host case and default port do not count', 'HTTPS://Example.ORG:443/A', 'https://example.org/A'],
    ['scheme and www stay, so that it still opens', 'http://www.kcna.example/a', 'http://www.kcna.example/a'],
    ['an id that looks like tracking to nobody stays', 'https://example.org/?p=12', 'https://example.org/?p=12'],
    [
      'characters beyond ASCII are encoded once',
      'https://example.org/новости',
      'https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8',
    ],
  ])('%s', (_, given, expected) => {
    expect(canonicalUrl(given)).toBe(expected);
  });

  it.each(['', 'not a url', 'mailto:a@example.org', 'javascript:alert(1)', '/relative', 'tag:example.org,2026:1'])(
    '%j is no address',
    (given) => {
      expect(canonicalUrl(given)).toBeNull();
    },
  );

  it('is its own canonical URL', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const once = canonicalUrl(url)!;
        expect(canonicalUrl(once)).toBe(once);
      }),
    );
  });
});

describe('the key of an address', () => {
  it.each([
    ['scheme', 'http://example.org/a', 'https://example.org/a'],
    ['www', 'https://www.example.org/a', 'https://example.org/a'],
    ['a slash at the end', 'https://example.org/a/', 'https://example.org/a'],
    ['tracking', 'https://example.org/a?at_medium=RSS&at_campaign=KARANGA', 'https://example.org/a'],
  ])('does not depend on %s', (_, a, b) => {
    expect(urlKey(a)).toBe(urlKey(b));
  });

  it('never depends on query order', () => {
    const parameters = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z0-9]{0,5}$/)),
      {
        selector: ([name]) => name,
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(
        parameters.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([one, other]) => {
          const url = (list: typeof one) => `https://example.org/a?${list.map((pair) => pair.join('=')).join('&')}`;
          expect(urlKey(url(one))).toBe(urlKey(url(other)));
        },
      ),
    );
  });

  it.each(['https://example.org', 'https://www.example.org/', 'http://example.org/?utm_source=rss'])(
    'a front page (%s) is the address of no item',
    (url) => {
      expect(urlKey(url)).toBeNull();
    },
  );

  it('tells documents apart by path, parameter and port', () => {
    const urls = [
      'https://example.org/a',
      'https://example.org/A',
      'https://example.org/a?p=1',
      'https://example.org:8080/a',
    ];
    expect(new Set(urls.map(urlKey)).size).toBe(urls.length);
  });
});
