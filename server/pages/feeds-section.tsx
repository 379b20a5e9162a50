/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { FeedStatus } from '../api/status.js';
import { describeFeed, plural, showPercent } from '../words.js';
import type { Overview } from './view.js';

/** Feed health in plain words: what is in trouble first, all of them on demand. */
export function FeedsSection({ feeds, sources, now }: Overview) {
  const trouble = feeds.filter((feed) => feed.state !== 'ok' && feed.state !== 'waiting');
  const waiting = feeds.filter((feed) => feed.state === 'waiting');
  const well = feeds.filter((feed) => feed.state === 'ok');
  return (
    <section id="feeds" aria-labelledby="feeds-title">
      <h2 id="feeds-title">How well we looked</h2>
      {feeds.length === 0 ? (
        <p class="empty">
          No feed is configured yet, so nothing can be counted. Write a configuration with <code>axiswatch init</code>,
          or see the demo world with <code>npm run demo</code>.
        </p>
      ) : (
        <>
          <p>
            {plural(well.length, 'feed')} of {feeds.length} in order, {trouble.length} in trouble, {waiting.length} not
            polled yet; {sources.covered} of {plural(sources.sources, 'source')} up to date (
            {showPercent(sources.sources === 0 ? null : sources.covered / sources.sources, 0)}).
          </p>
          {trouble.length > 0 && <FeedList feeds={trouble.slice(0, 10)} now={now} />}
          <details>
            <summary>All {feeds.length} feeds</summary>
            <FeedList feeds={feeds} now={now} />
          </details>
        </>
      )}
    </section>
  );
}

function FeedList({ feeds, now }: { feeds: FeedStatus[]; now: Date }) {
  return (
    <ul class="feeds">
      {feeds.map((feed) => (
        <li class={`feed ${feed.state}`}>
          <span class="state">{feed.state}</span> <strong>{feed.id}</strong>
          <span class="why">
            {describeFeed(feed, now)} · {plural(feed.items, 'item')}
          </span>
        </li>
      ))}
    </ul>
  );
}
