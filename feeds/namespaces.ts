/** Short names for the namespaces that tell us something; several addresses stand for the same one. */
const SHORT: Record<string, string> = {
  'http://www.w3.org/2005/atom': 'atom',
  'https://www.w3.org/2005/atom': 'atom',
  'http://purl.org/atom/ns#': 'atom',
  'http://example.com/newformat#': 'atom',
  'http://purl.org/rss/1.0/': 'rss',
  'http://my.netscape.com/rdf/simple/0.9/': 'rss',
  'http://channel.netscape.com/rdf/simple/0.9/': 'rss',
  'http://my.netscape.com/publish/formats/rss-0.91.dtd': 'rss',
  'http://backend.userland.com/rss': 'rss',
  'http://backend.userland.com/rss2': 'rss',
  'http://backend.userland.com/rss091': 'rss',
  'http://blogs.law.harvard.edu/tech/rss': 'rss',
  'http://cyber.law.harvard.edu/rss/rss.html': 'rss',
  'http://www.rssboard.org/rss-specification': 'rss',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#': 'rdf',
  'http://purl.org/dc/elements/1.1/': 'dc',
  'http://purl.org/dc/elements/1.0/': 'dc',
  'http://purl.org/dc/terms/': 'dcterms',
  'http://purl.org/rss/1.0/modules/content/': 'content',
  'http://purl.org/rss/1.0/modules/syndication/': 'sy',
  'http://search.yahoo.com/mrss/': 'media',
  'http://search.yahoo.com/mrss': 'media',
  'http://www.itunes.com/dtds/podcast-1.0.dtd': 'itunes',
  'http://www.w3.org/1999/xhtml': 'xhtml',
  'http://www.w3.org/xml/1998/namespace': 'xml',
};

/** Prefixes that are so well known that a feed may forget to declare them. */
const CUSTOMARY = new Set(['atom', 'dc', 'dcterms', 'content', 'sy', 'media', 'rdf', 'itunes', 'xml', 'xhtml', 'rss']);

/** Prefix to short name, for one element and what is inside it. */
export type Scope = ReadonlyMap<string, string>;

/** The scope inside an element with these attributes; the same object when it declares nothing. */
export function enterScope(scope: Scope, attributes: Record<string, string>): Scope {
  let inner: Map<string, string> | null = null;
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    inner ??= new Map(scope);
    inner.set(name.slice(6), SHORT[value.trim().toLowerCase()] ?? `?${value.slice(0, 200)}`);
  }
  return inner ?? scope;
}

/** Short name of the namespace (empty for none, `?…` for one we do not know) and local name in lower case. */
export function resolveName(scope: Scope, name: string): { space: string; local: string } {
  const colon = name.indexOf(':');
  const prefix = colon === -1 ? '' : name.slice(0, colon);
  const local = name.slice(colon + 1).toLowerCase();
  const declared = scope.get(prefix);
  if (declared !== undefined) return { space: declared, local };
  const folded = prefix.toLowerCase();
  return { space: prefix === '' ? '' : CUSTOMARY.has(folded) ? folded : `?${prefix}`, local };
}
