import type { SourceConfig } from '../config/types.js';

export type Format = 'rss' | 'atom' | 'rdf' | 'json';

/** How a demo feed misbehaves; each is something that real feeds do. */
export type Quirk =
  | 'slow'
  | 'moves'
  | 'windows-1251'
  | 'breaks-and-heals'
  | 'gzip'
  | 'no-guid'
  | 'zoneless-dates'
  | 'syndicates';

/** One feed of an invented outlet, and which items of the world it carries. */
export interface Outlet {
  feed: string;
  source: string;
  name: string;
  country: string | null;
  bloc: string;
  language: string;
  timezone: string;
  /** Minutes ahead of UTC: none of these places changes its clocks in the world's two years. */
  offsetMinutes: number;
  family: string;
  format: Format;
  /** Outlet words of the world's files whose items it carries. */
  carries: string[];
  quirk: Quirk | null;
}

const ZONES: Record<string, number> = {
  UTC: 0,
  'Europe/Moscow': 180,
  'Asia/Shanghai': 480,
  'Asia/Tehran': 210,
  'Asia/Pyongyang': 540,
  'Asia/Seoul': 540,
  'Asia/Singapore': 480,
  'Asia/Kabul': 270,
};

type Row = [
  feed: string,
  source: string,
  name: string,
  country: string | null,
  bloc: string,
  language: string,
  timezone: string,
  format: Format,
  carries: string,
  quirk?: Quirk,
  family?: string,
];

// One line per feed; the names are invented, the habits are not.
const ROWS: Row[] = [
  ['wire-a', 'wire-a', 'Meridian Wire', 'GB', 'western', 'en', 'UTC', 'rss', 'wire-a'],
  ['wire-b', 'wire-b', 'Atlas Wire', 'US', 'western', 'en', 'UTC', 'atom', 'wire-b', 'gzip'],
  ['courier', 'courier', 'The Courier', 'GB', 'western', 'en', 'UTC', 'json', 'broadsheet-c', 'syndicates'],
  [
    'markets',
    'markets',
    'Harbour Markets',
    'US',
    'western',
    'en',
    'UTC',
    'rss',
    'markets-desk energy-desk shipping-log',
  ],
  [
    'defence',
    'defence',
    'Defence and Cyber Weekly',
    'US',
    'western',
    'en',
    'UTC',
    'atom',
    'defence-weekly cyber-brief',
  ],
  ['sanctions', 'sanctions', 'Sanctions Monitor', 'US', 'western', 'en', 'UTC', 'rdf', 'sanctions-monitor'],
  [
    'institute',
    'institute',
    'Northgate Institute',
    'US',
    'western',
    'en',
    'UTC',
    'rss',
    'thinktank-b thinktank-d',
    'moves',
  ],
  ['un-bureau', 'un-bureau', 'Bureau at the United Nations', 'UN', 'other', 'en', 'UTC', 'rss', 'un-bureau'],
  [
    'regional',
    'regional',
    'Regional Desks',
    'SG',
    'other',
    'en',
    'Asia/Singapore',
    'rss',
    'tokyo-desk delhi-desk taipei-desk gulf-desk kyiv-desk brussels-desk',
    'no-guid',
  ],
  [
    'weekend',
    'weekend',
    'Weekend Review',
    'GB',
    'western',
    'en',
    'UTC',
    'rss',
    'culture-weekly science-note history-page sport-wire food-page health-note travel-log local-uk local-us local-idaho local-texas',
  ],
  ['moskva-world', 'moskva', 'Moskva Agency', 'RU', 'russian', 'en', 'Europe/Moscow', 'rss', 'state-ru'],
  ['moskva-business', 'moskva', 'Moskva Agency', 'RU', 'russian', 'en', 'Europe/Moscow', 'rss', 'state-ru-biz'],
  [
    'moskva-ru',
    'moskva-ru',
    'Moskva Agency (Russian)',
    'RU',
    'russian',
    'ru',
    'Europe/Moscow',
    'rss',
    'agency-ru',
    'windows-1251',
    'moskva',
  ],
  ['volga-ru', 'volga', 'Volga Portal', 'RU', 'russian', 'ru', 'Europe/Moscow', 'rss', 'portal-ru', 'breaks-and-heals'],
  [
    'kapital-ru',
    'kapital',
    'Kapital Daily',
    'RU',
    'russian',
    'ru',
    'Europe/Moscow',
    'rss',
    'business-ru',
    'zoneless-dates',
  ],
  [
    'service-ru',
    'service-ru',
    'Freewave Russian Service',
    'US',
    'western',
    'ru',
    'UTC',
    'atom',
    'svc-ru',
    undefined,
    'freewave',
  ],
  ['exile-ru-en', 'exile-ru', 'Riga Observer', 'LV', 'other', 'en', 'UTC', 'json', 'exile-ru'],
  ['exile-ru-ru', 'exile-ru', 'Riga Observer', 'LV', 'other', 'ru', 'UTC', 'rss', 'exile-ru'],
  ['steppe-ru', 'steppe', 'Steppe News', 'KZ', 'other', 'ru', 'UTC', 'rss', 'portal-ua agency-kz agency-by'],
  ['huaxia-world', 'huaxia', 'Huaxia Agency', 'CN', 'chinese', 'en', 'Asia/Shanghai', 'rdf', 'state-cn'],
  [
    'huaxia-zh',
    'huaxia-zh',
    'Huaxia Agency (Chinese)',
    'CN',
    'chinese',
    'zh',
    'Asia/Shanghai',
    'rss',
    'agency-cn',
    undefined,
    'huaxia',
  ],
  ['yangtze-zh', 'yangtze', 'Yangtze Portal', 'CN', 'chinese', 'zh', 'Asia/Shanghai', 'atom', 'portal-cn'],
  ['caifu-zh', 'caifu', 'Caifu Business', 'CN', 'chinese', 'zh', 'Asia/Shanghai', 'json', 'business-cn'],
  [
    'service-zh',
    'service-zh',
    'Freewave Chinese Service',
    'US',
    'western',
    'zh',
    'UTC',
    'rss',
    'svc-zh',
    undefined,
    'freewave',
  ],
  [
    'straits-zh',
    'straits',
    'Straits Chinese Press',
    'SG',
    'other',
    'zh',
    'Asia/Singapore',
    'rss',
    'portal-tw portal-sg portal-hk',
  ],
  [
    'alborz-en',
    'alborz',
    'Alborz Agency',
    'IR',
    'iranian',
    'en',
    'Asia/Tehran',
    'rss',
    'state-ir state-ir-agency',
    'slow',
  ],
  [
    'alborz-fa',
    'alborz-fa',
    'Alborz Agency (Persian)',
    'IR',
    'iranian',
    'fa',
    'Asia/Tehran',
    'rss',
    'agency-ir',
    undefined,
    'alborz',
  ],
  [
    'bazaar-fa',
    'bazaar',
    'Bazaar Daily',
    'IR',
    'iranian',
    'fa',
    'Asia/Tehran',
    'atom',
    'business-ir daily-ir portal-ir',
  ],
  [
    'service-fa',
    'service-fa',
    'Freewave Persian Service',
    'US',
    'western',
    'fa',
    'UTC',
    'rss',
    'svc-fa',
    undefined,
    'freewave',
  ],
  ['exile-ir-en', 'exile-ir', 'Simorgh Post', 'GB', 'other', 'en', 'UTC', 'rss', 'exile-ir'],
  ['exile-ir-fa', 'exile-ir', 'Simorgh Post', 'GB', 'other', 'fa', 'UTC', 'json', 'exile-ir'],
  ['hindukush-fa', 'hindukush', 'Hindukush Portal', 'AF', 'other', 'fa', 'Asia/Kabul', 'rss', 'portal-af'],
  ['chollima-en', 'chollima', 'Chollima Agency', 'KP', 'north-korean', 'en', 'Asia/Pyongyang', 'rss', 'state-kp'],
  ['chollima-ko', 'chollima', 'Chollima Agency', 'KP', 'north-korean', 'ko', 'Asia/Pyongyang', 'rss', 'state-kp'],
  ['hangang-en', 'hangang', 'Hangang News', 'KR', 'south-korean', 'en', 'Asia/Seoul', 'json', 'wire-kr daily-kr'],
  ['hangang-ko', 'hangang', 'Hangang News', 'KR', 'south-korean', 'ko', 'Asia/Seoul', 'rss', 'agency-kr'],
  [
    'mapo-ko',
    'mapo',
    'Mapo Press',
    'KR',
    'south-korean',
    'ko',
    'Asia/Seoul',
    'rss',
    'broadcaster-kr daily-kr defector-kr business-kr portal-kr',
  ],
  [
    'service-ko',
    'service-ko',
    'Freewave Korean Service',
    'US',
    'western',
    'ko',
    'UTC',
    'atom',
    'svc-ko',
    undefined,
    'freewave',
  ],
];

/** Every feed of the demo world. */
export const OUTLETS: readonly Outlet[] = ROWS.map((row) => {
  const [feed, source, name, country, bloc, language, timezone, format, carries, quirk = null, family = source] = row;
  const offsetMinutes = ZONES[timezone] ?? 0;
  return {
    feed,
    source,
    name,
    country,
    bloc,
    language,
    timezone,
    offsetMinutes,
    family,
    format,
    carries: carries.split(' '),
    quirk,
  };
});

/**
 * The sources of the demo world for `sources.yaml`, each feed at its address.
 * @param everySeconds cadence of all feeds
 */
export function demoSources(urls: ReadonlyMap<string, string>, everySeconds: number): SourceConfig[] {
  const sources = new Map<string, SourceConfig>();
  for (const outlet of OUTLETS) {
    const { source: id, name, country, bloc, family, timezone } = outlet;
    // A source with feeds in two languages declares none: each feed says its own.
    const known = sources.get(id) ?? {
      id,
      name,
      country,
      language: outlet.language,
      bloc,
      family,
      timezone,
      feeds: [],
    };
    if (known.language !== outlet.language) known.language = null;
    const url = urls.get(outlet.feed);
    if (url === undefined) throw new Error(`no address of ${outlet.feed}`);
    known.feeds.push({ id: outlet.feed, url, kind: 'feed', everySeconds, options: {} });
    sources.set(id, known);
  }
  return [...sources.values()];
}
