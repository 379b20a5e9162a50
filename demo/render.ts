import type { Outlet } from './outlets.js';
import type { ShownItem } from './timeline.js';
import { encodeWindows1251 } from './windows-1251.js';

export interface RenderedFeed {
  body: Uint8Array;
  contentType: string;
}

/** A feed document as its outlet would write it. */
export function renderFeed(outlet: Outlet, shown: readonly ShownItem[], changedAt: Date): RenderedFeed {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  switch (outlet.format) {
    case 'rss': {
      const text = renderRss(outlet, shown, changedAt);
      if (outlet.quirk === 'windows-1251')
        return { body: encodeWindows1251(text), contentType: 'text/xml; charset=windows-1251' };
      return { body: utf8(text), contentType: 'application/rss+xml; charset=utf-8' };
    }
    case 'atom':
      return { body: utf8(renderAtom(outlet, shown, changedAt)), contentType: 'application/atom+xml' };
    case 'rdf':
      return { body: utf8(renderRdf(outlet, shown)), contentType: 'application/rdf+xml' };
    case 'json':
      return { body: utf8(renderJson(outlet, shown)), contentType: 'application/feed+json' };
    default:
      return outlet.format satisfies never;
  }
}

/** Where an item stands on its outlet's invented site. */
export function itemUrl(outlet: Outlet, item: ShownItem): string {
  const [year, month] = item.publishedAt.toISOString().split('-');
  return `https://${outlet.source}.example/${year}/${month}/${item.id}`;
}

const guidOf = (outlet: Outlet, item: ShownItem) => `tag:${outlet.source}.example,2022:${item.id}`;

function renderRss(outlet: Outlet, shown: readonly ShownItem[], changedAt: Date): string {
  const encoding = outlet.quirk === 'windows-1251' ? 'windows-1251' : 'utf-8';
  const items = shown.map((item) => {
    const guid =
      outlet.quirk === 'no-guid' ? '' : `<guid isPermaLink="false">${escapeXml(guidOf(outlet, item))}</guid>`;
    return `<item><title>${escapeXml(item.title)}</title><link>${itemUrl(outlet, item)}</link>${guid}<pubDate>${rfc822(outlet, item.publishedAt)}</pubDate><description><![CDATA[<p>${escapeXml(item.summary)}</p>]]></description></item>`;
  });
  return `<?xml version="1.0" encoding="${encoding}"?>
<rss version="2.0"><channel><title>${escapeXml(outlet.name)}</title><link>https://${outlet.source}.example/</link><description>${escapeXml(outlet.name)}</description><language>${outlet.language}</language><lastBuildDate>${rfc822(outlet, changedAt)}</lastBuildDate>
${items.join('\n')}
</channel></rss>
`;
}

function renderAtom(outlet: Outlet, shown: readonly ShownItem[], changedAt: Date): string {
  const entries = shown.map(
    (item) =>
      `<entry><id>${escapeXml(guidOf(outlet, item))}</id><title type="html">${escapeXml(escapeXml(item.title))}</title><link rel="alternate" href="${itemUrl(outlet, item)}"/><published>${iso(outlet, item.publishedAt)}</published><updated>${iso(outlet, item.updatedAt)}</updated><summary type="html">${escapeXml(`<p>${escapeXml(item.summary)}</p>`)}</summary></entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${outlet.language}"><id>https://${outlet.source}.example/</id><title>${escapeXml(outlet.name)}</title><link href="https://${outlet.source}.example/"/><updated>${iso(outlet, changedAt)}</updated>
${entries.join('\n')}
</feed>
`;
}

function renderRdf(outlet: Outlet, shown: readonly ShownItem[]): string {
  const urls = shown.map((item) => itemUrl(outlet, item));
  const items = shown.map(
    (item, i) =>
      `<item rdf:about="${urls[i]}"><title>${escapeXml(item.title)}</title><link>${urls[i]}</link><description>${escapeXml(item.summary)}</description><dc:date>${iso(outlet, item.publishedAt)}</dc:date></item>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://${outlet.source}.example/"><title>${escapeXml(outlet.name)}</title><link>https://${outlet.source}.example/</link><description>${escapeXml(outlet.name)}</description><dc:language>${outlet.language}</dc:language><items><rdf:Seq>${urls.map((url) => `<rdf:li rdf:resource="${url}"/>`).join('')}</rdf:Seq></items></channel>
${items.join('\n')}
</rdf:RDF>
`;
}

function renderJson(outlet: Outlet, shown: readonly ShownItem[]): string {
  return `${JSON.stringify(
    {
      version: 'https://jsonfeed.org/version/1.1',
      title: outlet.name,
      home_page_url: `https://${outlet.source}.example/`,
      language: outlet.language,
      items: shown.map((item) => ({
        id: guidOf(outlet, item),
        url: itemUrl(outlet, item),
        title: item.title,
        content_text: item.summary,
        date_published: iso(outlet, item.publishedAt),
        date_modified: iso(outlet, item.updatedAt),
      })),
    },
    null,
    1,
  )}\n`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

const atPlace = ({ offsetMinutes }: Outlet, at: Date) => new Date(at.getTime() + offsetMinutes * 60_000).toISOString();

function zoneOf({ offsetMinutes }: Outlet, colon: string): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `+${two(Math.floor(offsetMinutes / 60))}${colon}${two(offsetMinutes % 60)}`;
}

/** RFC 3339 with the outlet's own offset. */
function iso(outlet: Outlet, at: Date): string {
  return outlet.offsetMinutes === 0 ? at.toISOString() : `${atPlace(outlet, at).slice(0, 19)}${zoneOf(outlet, ':')}`;
}

/** RFC 822 with the outlet's own offset, or with none at all where that is the outlet's habit. */
function rfc822(outlet: Outlet, at: Date): string {
  const local = new Date(atPlace(outlet, at)).toUTCString().replace(/ GMT$/, '');
  if (outlet.quirk === 'zoneless-dates') return local;
  return outlet.offsetMinutes === 0 ? `${local} GMT` : `${local} ${zoneOf(outlet, '')}`;
}
