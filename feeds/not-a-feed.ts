import { Failure } from '../core/errors.js';
import { discoverFeeds } from './discover.js';

/** The failure of a web page where a feed was expected; the feeds it names are in `more.suggestions` and in the sentence. */
export function refusePage(html: string, pageUrl: string): Failure {
  const suggestions = discoverFeeds(html, pageUrl);
  const hint =
    suggestions.length > 0
      ? ` It names ${suggestions.length === 1 ? 'a feed' : 'feeds'}: ${suggestions.join(', ')}`
      : '';
  return new Failure('not-a-feed', `The address gives a web page (HTML), not a feed.${hint}`, {
    fault: 'html',
    suggestions,
  });
}

/** The failure of a document without the root of a feed. */
export function refuseDocument(text: string, pageUrl: string): Failure {
  const root = /<([A-Za-z_][\w.:-]{0,60})/.exec(text)?.[1];
  if (root === undefined) return new Failure('not-a-feed', 'The body is neither XML nor JSON.', { fault: 'parse' });
  if (/^html$/i.test(root)) return refusePage(text, pageUrl);
  return new Failure('not-a-feed', `The body is XML with the root <${root}>, which is no feed.`, { fault: 'parse' });
}
