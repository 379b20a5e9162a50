import type { Notice } from '../../channels/channel.js';
import type { AlertFacts, AlertItem } from '../../core/alerts/facts.js';

export const ITEM: AlertItem = {
  id: 'i1',
  title: 'Customs data show machine-tool exports doubled',
  url: 'https://example.org/a?x=1&y=2',
  outlet: 'Outlet A',
  bloc: 'western',
  language: 'en',
  day: '2026-11-18',
  status: 'occurred',
  similar: 0,
};

export const FACTS: AlertFacts = {
  symbol: '▲',
  headline: '5 or more in 7 days',
  series: {
    level: 'indicator',
    dyad: 'AAA-BBB',
    domain: 'economic',
    indicator: 'x.trade',
    polarity: 1,
    title: 'AAA–BBB · Dual-use goods',
  },
  rule: {
    id: 'dual-use',
    kind: 'level',
    severity: 'high',
    condition: 'at least 5 stories in 7 days',
    reason: '14 stories in 7 days: at least 5 stories in 7 days',
  },
  measure: 'stories',
  value: 14,
  usual: 4,
  usualWindows: 8,
  window: { start: '2026-11-16', end: '2026-11-22', days: 7 },
  provisional: true,
  history: [3, 3, 2, 5, 3, 3, 2, 5, 3, null, 5, 14],
  coverage: { day: '2026-11-21', read: 41, of: 44 },
  tracked: 451,
  families: ['a', 'b', 'c'],
  outlets: 9,
  languages: ['en', 'ru', 'zh'],
  blocs: ['russian', 'western'],
  statuses: { occurred: 8, alleged: 9, denied: 3 },
  words: ['machine tools', 'CNC'],
  items: [
    ITEM,
    {
      ...ITEM,
      id: 'i2',
      title: 'Drone engines: 12 firms listed',
      outlet: 'Outlet B',
      day: '2026-11-19',
      status: 'alleged',
      similar: 6,
    },
    {
      ...ITEM,
      id: 'i3',
      title: 'Ministry denies it',
      outlet: 'Outlet C',
      url: null,
      day: '2026-11-20',
      status: 'denied',
    },
  ],
  totalItems: 20,
  versions: { codebook: ['1.0+3f9a0c21'], coder: ['rules 1.2'] },
};

export function noticeOf(facts: Partial<AlertFacts> = {}, more: Partial<Notice> = {}): Notice {
  return {
    deliveryId: '01930000-0000-7000-8000-00000000000d',
    alertId: '01930000-0000-7000-8000-00000000000a',
    transition: 'raised',
    raisedAt: new Date('2026-11-22T14:03:00Z'),
    facts: { ...FACTS, ...facts },
    ...more,
  };
}

/** Titles that want to ping people, fake links, hide, run backwards or fill the screen. */
export const HOSTILE_TITLES = [
  '<!channel> <!here> <@U012345> <#C012345> wake up',
  '@everyone @here @channel read this',
  '[click](javascript:alert(1)) <javascript:alert(1)|click> <https://evil.example|bank>',
  'safe \u202Egnp.exe\u202C \u2066hidden\u2069 \u200Bzero\u200Bwidth \u{E0041}tag',
  'control \u0000\u0007\u001b[31m\r\n\tchars\u2028line',
  '```code *bold* _italic_ ~gone~ `tick` & &amp; &lt;',
  'x'.repeat(10_000),
  '👩‍👩‍👧‍👦'.repeat(2_000),
  `Z${'\u0301'.repeat(3_000)}algo`,
  '\ud800 lone \udc00 surrogates',
  '<&>'.repeat(3_000),
  '',
];
