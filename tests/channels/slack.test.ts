import { describe, expect, it } from 'vitest';
import { renderSlack, type SlackMessage, slackMessage } from '../../channels/slack.js';
import { codePoints } from '../../channels/text.js';
import { HOSTILE_TITLES, ITEM, noticeOf } from '../support/sample-notice.js';

const texts = (message: SlackMessage) =>
  message.blocks.map((block) => ('elements' in block ? block.elements[0]!.text : block.text.text));

it('an alert reads well: what, how much, against what, from whom, why, the items, the versions', () => {
  expect(texts(renderSlack(noticeOf()))).toEqual([
    '▲ AAA–BBB · Dual-use goods · 5 or more in 7 days',
    [
      '*14 stories in 7 days, 16–22 Nov 2026, usual 4 (8-week median)*',
      'high severity · 9 outlets of 3 publisher families, 3 languages · 8 occurred, 9 alleged, 3 denied',
      '▃▃▂▄▃▃▂▄▃·▄█ 12 weeks · 3.1 % of all 451 tracked stories · coverage 41/44 feeds',
    ].join('\n'),
    '*Why:* rule dual-use: at least 5 stories in 7 days; matched “machine tools”, “CNC”',
    [
      '• <https://example.org/a?x=1&amp;y=2|Customs data show machine-tool exports doubled> (Outlet A, 18 Nov) — _occurred_',
      '• <https://example.org/a?x=1&amp;y=2|Drone engines: 12 firms listed> (Outlet B, 19 Nov, +6 similar) — _alleged_',
      '• Ministry denies it (Outlet C, 20 Nov) — _denied_',
      '… and 11 more items',
    ].join('\n'),
    '22 Nov 2026 14:03 UTC · provisional · codebook 1.0+3f9a0c21 · coder rules 1.2 · alert 01930000-0000-7000-8000-00000000000a',
  ]);
});

it('a first says so, and that only one family reports it', () => {
  const message = renderSlack(
    noticeOf({
      symbol: '★',
      headline: 'first in 97 days',
      value: 1,
      usual: null,
      window: { start: '2026-11-22', end: '2026-11-22', days: 1 },
      families: ['a'],
      outlets: 1,
      languages: ['en'],
      statuses: { alleged: 1 },
      items: [ITEM],
      totalItems: 1,
      tracked: 9,
      coverage: { day: '2026-11-21', read: 12, of: 44 },
    }),
  );
  expect(texts(message)[0]).toBe('★ AAA–BBB · Dual-use goods · first in 97 days');
  expect(texts(message)[1]).toContain('*1 story on 22 Nov 2026, too little history to call anything usual*');
  expect(texts(message)[1]).toContain('1 outlet of 1 publisher family, 1 language · 1 alleged');
  expect(texts(message)[1]).toContain('1 of 9 tracked stories');
  expect(texts(message)[2]).toContain(
    '\n:warning: single source: only a reports it; only 12 of 44 feeds were read on 21 Nov 2026',
  );
});

it('a test message says that it is one', () => {
  expect(texts(renderSlack(noticeOf({}, { transition: 'test' })))[0]).toMatch(/^▲ TEST · /);
});

it('links are not unfolded and our text is taken verbatim, so that Slack makes no mentions of it', () => {
  const message = renderSlack(noticeOf());
  expect([message.unfurl_links, message.unfurl_media]).toEqual([false, false]);
  for (const block of message.blocks)
    if (block.type === 'section') expect(block.text).toMatchObject({ type: 'mrkdwn', verbatim: true });
});

describe('hostile feed text', () => {
  it.each(HOSTILE_TITLES)('title %# pings nobody, opens no link of its own and breaks no limit', (title) => {
    const hostile = { ...ITEM, title, outlet: title, url: 'https://example.org/a|b>c<d' };
    const message = renderSlack(
      noticeOf({
        items: [hostile, hostile, hostile, hostile, hostile],
        words: [title, title, title],
        families: [title],
        headline: title,
      }),
    );
    expect(slackMessage.safeParse(message).success).toBe(true);
    const all = JSON.stringify(message);
    expect(codePoints(all)).toBeLessThanOrEqual(10_000);
    for (const text of texts(message)) {
      // Every `<` that is left opens one of our own links, and each of these ends at once.
      const links = text.match(/<[^>]*>?/g) ?? [];
      for (const link of links) expect(link).toMatch(/^<https:\/\/example\.org\/a%7Cb%3Ec%3Cd\|[^<>]*>$/u);
      expect(text.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
      expect(text).not.toMatch(/@(everyone|here|channel)/);
      expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
      expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000-\u0009]/);
    }
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'https://u:p@example.org/'])('%s is no link', (url) => {
    const message = renderSlack(noticeOf({ items: [{ ...ITEM, url }] }));
    expect(texts(message)[3]).toContain('• Customs data show machine-tool exports doubled (Outlet A');
  });
});

it('long links cost whole items, never a part of one, and what is hidden is counted', () => {
  const long = { ...ITEM, url: `https://example.org/${'a'.repeat(1300)}` };
  const notice = noticeOf({ items: [long, long, long, { ...long, similar: 4 }, long], totalItems: 9 });
  const items = texts(renderSlack(notice))[3]!;
  expect(items.split('\n').map((line) => line.slice(0, 2))).toEqual(['• ', '• ', '… ']);
  expect(items).toMatch(/… and 7 more items$/);
  expect(codePoints(items)).toBeLessThanOrEqual(3000);
});

describe('the schema refuses what Slack refuses', () => {
  const message = renderSlack(noticeOf());
  const section = message.blocks[1]!;
  const change = (blocks: SlackMessage['blocks']) => slackMessage.safeParse({ ...message, blocks }).success;
  const withText = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }) as const;

  it('a header over 150, a section over 3,000, more than 50 blocks, more than 10,000 in all', () => {
    const header = (text: string) => ({ type: 'header', text: { type: 'plain_text', text, emoji: false } }) as const;
    expect([change([header('😀'.repeat(150))]), change([header('😀'.repeat(151))])]).toEqual([true, false]);
    expect([change([withText('x'.repeat(3000))]), change([withText('x'.repeat(3001))])]).toEqual([true, false]);
    const short = withText('x');
    expect([change(Array(50).fill(short)), change(Array(51).fill(short))]).toEqual([true, false]);
    expect(change([section, ...Array(3).fill(withText('x'.repeat(2900)))])).toBe(true);
    expect(change(Array(4).fill(withText('x'.repeat(2900))))).toBe(false);
  });
});
