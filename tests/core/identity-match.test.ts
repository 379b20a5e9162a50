import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesDigest } from '../../core/identity/entries-digest.js';
import type { Entry } from '../../core/identity/entry.js';
import { itemDay } from '../../core/identity/item-day.js';
import { itemKeys, kindOfKey } from '../../core/identity/item-keys.js';
import { type KnownItem, matchItems } from '../../core/identity/match-items.js';
import { entry } from '../support/entries.js';

const NOW = new Date('2026-03-10T12:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

/** A source in memory: takes documents as the store would, and says what it made of each entry. */
function memory() {
  const items: Array<KnownItem & { allKeys: string[] }> = [];
  return {
    items,
    poll(entries: Entry[], now = NOW) {
      const keyed = itemKeys(entries, now);
      const wanted = new Set(keyed.flatMap((one) => [...one.keys, ...one.probes]));
      const known = items
        .map((item) => ({
          ...item,
          keys: item.allKeys.filter((key) => wanted.has(key)),
          keyCount: item.allKeys.length,
        }))
        .filter((item) => item.keys.length > 0);
      const matched = matchItems(keyed, known);
      for (const fresh of matched.fresh)
        items.push({
          itemId: `i${items.length}`,
          keys: [],
          allKeys: fresh.keys.filter((key) => !items.some((item) => item.allKeys.includes(key))),
          keyCount: 0,
          fingerprints: [fresh.fingerprint],
          title: fresh.entry.title,
          publishedAt: fresh.publishedAt,
          day: itemDay(fresh.publishedAt, now),
          removed: false,
        });
      for (const { itemId, keyed: edit } of matched.edited)
        items.find((item) => item.itemId === itemId)!.fingerprints.push(edit.fingerprint);
      for (const { itemId, key } of matched.learned) items.find((item) => item.itemId === itemId)!.allKeys.push(key);
      return {
        fresh: matched.fresh.map(({ entry: { title } }) => title),
        edited: matched.edited.map(({ keyed: { entry: edit } }) => edit.title),
        unchanged: matched.unchanged,
        tombstoned: matched.tombstoned,
        learned: matched.learned.length,
      };
    },
  };
}
const outcome = (more: object) => ({ fresh: [], edited: [], unchanged: 0, tombstoned: 0, learned: 0, ...more });

describe('row 35: identity by guid, then address, then title and content', () => {
  it('an entry is known again by its guid, whatever else changed', () => {
    const source = memory();
    expect(source.poll([entry({ id: 'g1', title: 'A', url: 'https://x.org/a' })])).toEqual(outcome({ fresh: ['A'] }));
    expect(source.poll([entry({ id: 'g1', title: 'B', url: 'https://x.org/b' })])).toEqual(outcome({ edited: ['B'] }));
  });

  it('without a guid by its address', () => {
    const source = memory();
    source.poll([entry({ title: 'A', url: 'https://x.org/a' })]);
    expect(source.poll([entry({ title: 'A!', url: 'http://www.x.org/a/?utm_source=rss' })])).toEqual(
      outcome({ edited: ['A!'] }),
    );
  });

  it('an empty guid is a missing one', () => {
    const source = memory();
    source.poll([
      entry({ id: '', title: 'A', url: 'https://x.org/a' }),
      entry({ id: ' ', title: 'B', url: 'https://x.org/b' }),
    ]);
    expect(source.items.map(({ allKeys }) => allKeys.map(kindOfKey))).toEqual([['url'], ['url']]);
  });

  it('one guid on many entries is guid and address: many items, and none again', () => {
    const source = memory();
    const document = ['a', 'b', 'c'].map((name) =>
      entry({ id: 'https://x.org', title: name, url: `https://x.org/${name}` }),
    );
    expect(source.poll(document)).toEqual(outcome({ fresh: ['a', 'b', 'c'] }));
    expect(source.poll([...document].reverse())).toEqual(outcome({ unchanged: 3 }));
    // Alone in the document the guid looks sound; its address still says which item it is.
    expect(source.poll([document[1]!])).toEqual(outcome({ unchanged: 1, learned: 1 }));
  });

  it('one guid on entries without address is guid and title', () => {
    const source = memory();
    const document = ['a', 'b'].map((title) => entry({ id: '1', title }));
    expect(source.poll(document)).toEqual(outcome({ fresh: ['a', 'b'] }));
    expect(source.poll(document)).toEqual(outcome({ unchanged: 2 }));
  });

  it('when more than 5 % of the guids are blank or repeated, no guid of the feed is trusted alone', () => {
    const many = Array.from({ length: 19 }, (_, i) =>
      entry({ id: `g${i}`, title: `t${i}`, url: `https://x.org/${i}` }),
    );
    const blank = entry({ title: 'blank', url: 'https://x.org/blank' });
    const kinds = (entries: Entry[]) => new Set(itemKeys(entries, NOW).map(({ keys }) => kindOfKey(keys[0]!)));
    expect(kinds([...many, blank])).toEqual(new Set(['guid', 'url']));
    expect(kinds([...many.slice(1), blank])).toEqual(new Set(['guid+url', 'url']));
  });

  it('the same entry twice in a document is one item, also with two addresses', () => {
    const source = memory();
    const twice = [
      entry({ id: 'g', title: 'A', url: 'https://x.org/a' }),
      entry({ id: 'g', title: 'A', url: 'https://x.org/a?segment=1' }),
      entry({ title: 'B', url: 'https://x.org/b' }),
      entry({ title: 'B', url: 'https://x.org/b' }),
    ];
    expect(source.poll(twice)).toEqual(outcome({ fresh: ['A', 'B'] }));
    expect(source.poll(twice)).toEqual(outcome({ unchanged: 2 }));
  });

  it('an address on many different entries names none of them', () => {
    const source = memory();
    const document = ['a', 'b'].map((name) => entry({ id: name, title: name, url: 'https://x.org/live' }));
    expect(source.poll(document)).toEqual(outcome({ fresh: ['a', 'b'] }));
    const bare = ['a', 'b'].map((name) => entry({ title: name, summary: `about ${name}`, url: 'https://x.org/live' }));
    expect(memory().poll(bare)).toEqual(outcome({ fresh: ['a', 'b'] }));
  });

  it('a front page is the address of no entry', () => {
    const source = memory();
    source.poll([entry({ title: 'A', summary: 'a', url: 'https://x.org/' })]);
    expect(source.poll([entry({ title: 'B', summary: 'b', url: 'https://x.org/' })])).toEqual(
      outcome({ fresh: ['B'] }),
    );
  });

  it('a guid longer than an index can hold is hashed', () => {
    const [keyed] = itemKeys([entry({ id: 'x'.repeat(10_000), title: 'A' })], NOW);
    expect(keyed!.keys[0]!.length).toBeLessThan(300);
  });

  it('entries with nothing to show are left out', () => {
    expect(itemKeys([entry({ id: 'g', url: 'https://x.org/a' })], NOW)).toEqual([]);
  });
});

describe('a title names an item only when nothing better does', () => {
  it('for seven days: an edit in that time is an edit', () => {
    const source = memory();
    source.poll([entry({ title: 'Talks begin', summary: 'a' })]);
    expect(source.poll([entry({ title: 'Talks begin', summary: 'b' })], later(6.9))).toEqual(
      outcome({ edited: ['Talks begin'] }),
    );
    expect(source.poll([entry({ title: 'Talks begin', summary: 'c' })], later(8))).toEqual(
      outcome({ fresh: ['Talks begin'] }),
    );
  });

  it('an undated entry that stays for weeks is not new every week', () => {
    const source = memory();
    const stays = entry({ title: 'About this feed', summary: 'Welcome' });
    source.poll([stays]);
    for (const days of [3, 8, 20, 90]) expect(source.poll([stays], later(days))).toEqual(outcome({ unchanged: 1 }));
  });

  it('a recurring title with dates of its own is a new item every day', () => {
    const source = memory();
    const briefing = (days: number) => entry({ title: 'Morning briefing', publishedAt: later(days) });
    expect(source.poll([briefing(0)])).toEqual(outcome({ fresh: ['Morning briefing'] }));
    expect(source.poll([briefing(1)], later(1))).toEqual(outcome({ fresh: ['Morning briefing'] }));
    expect(source.poll([briefing(2), briefing(1), briefing(0)], later(2))).toEqual(
      outcome({ fresh: ['Morning briefing'], unchanged: 2 }),
    );
  });

  it('two entries of one title in one document are two items', () => {
    const source = memory();
    const document = [entry({ title: 'Update', summary: 'one' }), entry({ title: 'Update', summary: 'two' })];
    expect(source.poll(document)).toEqual(outcome({ fresh: ['Update', 'Update'] }));
    expect(source.poll(document, later(1))).toEqual(outcome({ unchanged: 2 }));
  });

  it('never merges entries that have a guid or an address', () => {
    const source = memory();
    source.poll([entry({ id: 'g1', title: 'Morning briefing', url: 'https://x.org/1' })]);
    expect(source.poll([entry({ id: 'g2', title: 'Morning briefing', url: 'https://x.org/2' })])).toEqual(
      outcome({ fresh: ['Morning briefing'] }),
    );
  });
});

describe('row 36: a changed guid is the same item', () => {
  const old = entry({
    id: 'http://x.org/?p=12',
    title: 'Talks begin',
    url: 'https://x.org/2026/talks',
    publishedAt: NOW,
  });

  it.each([
    ['http became https in guid and address', { id: 'https://x.org/?p=12', url: 'https://x.org/2026/talks' }],
    ['another guid, the same address', { id: 'urn:1', url: 'http://x.org/2026/talks?utm_source=rss' }],
    ['the address became the short one', { id: 'urn:2', url: 'https://x.org/?p=12' }],
    [
      'guid and slug changed, title and moment did not',
      { id: 'urn:3', url: 'https://x.org/2026/talks-begin-in-capital' },
    ],
  ])('%s', (_, change) => {
    const source = memory();
    source.poll([old]);
    const first = source.poll([{ ...old, ...change }], later(0.1));
    expect(first).toMatchObject({ fresh: [], unchanged: 1 });
    expect(source.poll([{ ...old, ...change }], later(0.2))).toEqual(outcome({ unchanged: 1 }));
  });

  it('a page that stays while its content is another day’s is another item', () => {
    const source = memory();
    const edition = (days: number) =>
      entry({ id: `e${days}`, title: `Briefing ${days}`, url: 'https://x.org/briefing', publishedAt: later(days) });
    expect(source.poll([edition(0)])).toEqual(outcome({ fresh: ['Briefing 0'] }));
    expect(source.poll([edition(1)], later(1))).toEqual(outcome({ fresh: ['Briefing 1'] }));
    expect(source.poll([edition(1)], later(1.1))).toEqual(outcome({ unchanged: 1 }));
  });

  it('title and moment say nothing when the whole feed has one date', () => {
    const source = memory();
    const dated = (id: string) =>
      entry({ id, title: 'Photo of the day', url: `https://x.org/${id}`, publishedAt: NOW });
    const other = entry({ id: 'o', title: 'Other', url: 'https://x.org/o', publishedAt: NOW });
    source.poll([dated('1'), other]);
    expect(source.poll([dated('2'), other])).toEqual(outcome({ fresh: ['Photo of the day'], unchanged: 1 }));
  });

  it('a feed that makes up a guid on every poll does not make the keys grow for ever', () => {
    const source = memory();
    for (let i = 0; i < 50; i++) source.poll([{ ...old, id: `random ${i}` }]);
    expect(source.items).toHaveLength(1);
    expect(source.items[0]!.allKeys.length).toBeLessThanOrEqual(13);
  });
});

describe('row 38: edits', () => {
  it('a text that comes back is no edit, so a second pass over the same documents finds nothing', () => {
    const source = memory();
    const versions = ['one', 'two', 'one', 'three'].map((title) => [entry({ id: 'g', title })]);
    expect(versions.map((document) => source.poll(document).edited.length)).toEqual([0, 1, 0, 1]);
    expect(versions.map((document) => source.poll(document))).toEqual(versions.map(() => outcome({ unchanged: 1 })));
  });
});

describe('row 43: absence and tombstones', () => {
  it('an item that left the feed and comes back is the same', () => {
    const source = memory();
    const [a, b] = [entry({ id: 'a', title: 'A' }), entry({ id: 'b', title: 'B' })];
    source.poll([a, b]);
    source.poll([b]);
    expect(source.poll([a, b])).toEqual(outcome({ unchanged: 2 }));
  });

  it('a removed item is not news when it comes back, edited or not', () => {
    const source = memory();
    source.poll([entry({ id: 'a', title: 'A' })]);
    source.items[0]!.removed = true;
    expect(source.poll([entry({ id: 'a', title: 'A, again' })])).toEqual(outcome({ tombstoned: 1 }));
  });
});

describe('the digest of a document’s entries', () => {
  const document = [
    entry({ id: 'a', title: 'A (3 comments)', summary: '<p>x</p>', publishedAt: NOW }),
    entry({ id: 'b', title: 'B', publishedAt: NOW }),
  ];
  const digestOf = (entries: Entry[]) => entriesDigest(itemKeys(entries, NOW));

  it('is blind to order, renewed dates, markup and counters', () => {
    const renewed = document.map((one) => ({ ...one, publishedAt: later(-1), publishedRaw: 'x', updatedAt: NOW }));
    renewed[0] = { ...renewed[0]!, title: 'A (4 comments)', summary: 'x' };
    expect(digestOf(renewed.reverse())).toBe(digestOf(document));
  });

  it('moves with every new entry, edit and missing entry', () => {
    const others = [
      document.slice(1),
      [...document, entry({ id: 'c', title: 'C' })],
      [{ ...document[0]!, title: 'A2' }, document[1]!],
    ];
    expect(new Set([document, ...others].map(digestOf)).size).toBe(4);
  });
});

it('any documents in any order end with each entry once: polled again, nothing is new', () => {
  const field = (values: string[]) => fc.option(fc.constantFrom(...values), { nil: null });
  const anyEntry = fc
    .record({
      id: field(['1', '2', '3', '4', 'https://x.org/?p=1', 'https://x.org/a']),
      url: field(['https://x.org/a', 'https://x.org/b', 'https://x.org/']),
      title: fc.constantFrom('A', 'B', 'Morning briefing'),
      summary: fc.constantFrom('', 's'),
      publishedAt: fc.option(fc.constantFrom(NOW, later(-1), later(-9)), { nil: null }),
    })
    .map(entry);
  fc.assert(
    fc.property(fc.array(fc.array(anyEntry, { maxLength: 6 }), { maxLength: 5 }), (documents) => {
      const source = memory();
      for (const document of documents) {
        source.poll(document);
        const again = source.poll(document);
        expect([again.fresh, again.edited]).toEqual([[], []]);
      }
    }),
    { numRuns: 3000 },
  );
});
