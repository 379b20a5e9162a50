/** Query parameters that name a campaign, a click or a newsletter, never a document. */
const TRACKING =
  /^(utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|twclid|ttclid|igshid|igsh|li_fat_id|mc_[ce]id|_hs(enc|mi)|mkt_tok|vero_\w+|oly_(anon|enc)_id|s_cid|ns_\w+|at_(medium|campaign|custom\d*|link_\w+|ptr_name|bbc_team|format)|cmpid|ito|xtor|ref_src|ref_url|guccounter|guce_\w+|segmentid|spm|traffic_source|maca)$/i;

/** Fragments that choose the document in pages drawn by script: `#!/story/5`, `#/story/5`. */
const MEANINGFUL_FRAGMENT = /^#!?\/./;

/**
 * The address of an entry without what changes from click to click: tracking parameters and anchors removed, host in lower
 * case, default port dropped. Scheme, `www.` and path stay as they are, so that the address still opens.
 * Null when `url` is no http(s) address. `https://Example.org:443/a?utm_source=rss&id=5#top` gives `https://example.org/a?id=5`.
 */
export function canonicalUrl(url: string): string | null {
  const parsed = parseHttp(url);
  if (parsed === null) return null;
  for (const name of [...parsed.searchParams.keys()]) if (TRACKING.test(name)) parsed.searchParams.delete(name);
  if (!MEANINGFUL_FRAGMENT.test(parsed.hash)) parsed.hash = '';
  // An empty query still has its mark until it is set.
  if (parsed.search === '') parsed.search = '';
  return parsed.href;
}

/**
 * What two spellings of one document's address have in common, for comparing only: no scheme, no `www.`, no trailing slash,
 * parameters sorted. Null for a site's front page, which is the address of no item.
 * `http://www.example.org/a/?b=2&a=1` and `https://example.org/a?a=1&b=2` give the same key.
 */
export function urlKey(url: string): string | null {
  const canonical = canonicalUrl(url);
  if (canonical === null) return null;
  const parsed = new URL(canonical);
  parsed.searchParams.sort();
  const path = parsed.pathname.replace(/\/+$/, '');
  if (path === '' && parsed.search === '' && parsed.hash === '') return null;
  const port = parsed.port === '' ? '' : `:${parsed.port}`;
  return `${parsed.hostname.replace(/^www\./, '')}${port}${path}${parsed.search}${parsed.hash}`;
}

function parseHttp(url: string): URL | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed : null;
}
