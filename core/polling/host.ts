/**
 * The host a feed is on, as politeness counts it: name and port, lower case. A URL that cannot be read is its own host, so
 * that one bad line of a configuration never throws here. `hostOf('https://News.example.org/rss')` is `news.example.org`.
 */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/**
 * A number in [0, 2^32) that depends on the text alone (FNV-1a with murmur3's finalizer, because FNV's low bits are poor and
 * shards are taken modulo). Equal on every machine and version: group ids and jitter build on it.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A share in [0, 1) fixed by the text: jitter that a replay, a retry and a test all see alike. */
export function fixedShare(text: string): number {
  return hashText(text) / 2 ** 32;
}
